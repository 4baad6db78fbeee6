"""The stored handovers, and which incidents a dispatcher is responsible for."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select

from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST
from sigap_dispatch.domain.handover import MOST_INCIDENTS, OPEN, Handover
from sigap_dispatch.models import handovers, incidents, tables
from sigap_dispatch.visibility import POLICY

_IS_OPEN = handovers.c.state.in_([literal_column(f"'{state.value}'") for state in sorted(OPEN)])


def _columns(handover: Handover) -> dict[str, Any]:
    return {
        "state": handover.state,
        "giver": handover.giver,
        "receiver": handover.to,
        "offered_at": handover.offered_at,
        "due_at": handover.due_at,
        "erase_at": handover.offered_at + SHORTEST,
    }


HANDOVERS = AggregateTable(handovers, tables.timeline, Handover, _columns, POLICY)
_OPEN_OF = CompiledStatement(
    select(handovers.c.id).where(
        _IS_OPEN, handovers.c.regency == bindparam("this_regency"), handovers.c.giver == bindparam("this_giver")
    )
)
_RESPONSIBLE_FOR = CompiledStatement(
    select(incidents.c.id)
    .where(
        incidents.c.attention.is_not(None),
        incidents.c.regency == bindparam("this_regency"),
        incidents.c.responsible == bindparam("this_subject"),
        incidents.c.state != literal_column("'closed'"),
    )
    .order_by(incidents.c.attention, incidents.c.id)
    .limit(literal_column(str(MOST_INCIDENTS)))
)


class Handovers(Aggregates[Handover]):
    async def open_of(self, regency: str, giver: str) -> Handover | None:
        """The giver's handover that nobody has accepted yet; there is at most one."""
        row = await _OPEN_OF.first(self.tx.connection, {"this_regency": regency, "this_giver": giver})
        return await self.find(row.id) if row else None

    async def responsible_for(self, regency: str, subject: str) -> list[UUID]:
        """The open incidents of this dispatcher, as the board sorts them, at most MOST_INCIDENTS."""
        about = {"this_regency": regency, "this_subject": subject}
        return [row.id for row in await _RESPONSIBLE_FOR.rows(self.tx.connection, about)]

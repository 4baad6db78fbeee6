"""All SQL about agencies that have not acknowledged an open incident: a copy that follows dispatch's events.

It answers one question: what an operator leaves behind by signing off. Stand-downs are in dispatch's list alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, exists, false, or_, select, update

from sigap_common.contracts.incidents import ForwardingRevised, IncidentForwarded
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.models.calls import calls
from sigap_intake.models.incidents import incident_calls, open_incidents, unacknowledged

SHOWN = 200

t = unacknowledged
_this = t.c.forwarding_id == bindparam("this_id")
_ADD = CompiledStatement(insert_if_new(t), [column.name for column in t.columns])
_FORGET = CompiledStatement(delete(t).where(_this), by="this_id")
_ANSWERED = CompiledStatement(delete(t).where(_this, t.c.revision <= bindparam("up_to")), by="this_id")
_FORGET_ALL = CompiledStatement(delete(t).where(t.c.incident_id == bindparam("this_id")), by="this_id")
_TAKEN = CompiledStatement(
    update(open_incidents)
    .where(open_incidents.c.id == bindparam("this_id"))
    .values(responsible=bindparam("new_responsible")),
    by="this_id",
)
_i = open_incidents.c
_answered_by = exists().where(
    incident_calls.c.incident_id == _i.id,
    calls.c.id == incident_calls.c.call_id,
    calls.c.answered_by == bindparam("this_operator"),
)
_LEFT_BY = CompiledStatement(
    select(t.c.incident_id, _i.number, t.c.forwarding_id, t.c.agency, t.c.acknowledge_by)
    .join(open_incidents, _i.id == t.c.incident_id)
    .where(
        _i.regency == bindparam("this_regency"),
        _i.drill == false(),
        or_(_i.responsible == bindparam("this_operator"), and_(_i.responsible.is_(None), _answered_by)),
    )
    .order_by(t.c.acknowledge_by, t.c.forwarding_id)
    .limit(SHOWN)
)


@dataclass(frozen=True, slots=True)
class Unacknowledged:
    """An agency that must still acknowledge an incident. `number`: the incident's, which people use."""

    incident_id: UUID
    number: str
    forwarding_id: UUID
    agency: str
    acknowledge_by: datetime | None


class UnacknowledgedForwardings:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    def wait_for(self, incident_id: UUID, event: IncidentForwarded | ForwardingRevised) -> None:
        """The agency must acknowledge this revision."""
        self._tx.later(_FORGET, [{"this_id": event.forwarding_id}])
        names = ("forwarding_id", "agency", "revision", "acknowledge_by")
        self._tx.later(_ADD, [{"incident_id": incident_id} | {name: getattr(event, name) for name in names}])

    def acknowledged(self, forwarding_id: UUID, revision: int) -> None:
        self._tx.later(_ANSWERED, [{"this_id": forwarding_id, "up_to": revision}])

    def over(self, forwarding_id: UUID) -> None:
        """The agency declined, or was withdrawn."""
        self._tx.later(_FORGET, [{"this_id": forwarding_id}])

    def taken(self, incident_id: UUID, by: str) -> None:
        """A dispatcher is responsible for the incident from now on."""
        self._tx.later(_TAKEN, [{"this_id": incident_id, "new_responsible": by}])

    def forget(self, incident_id: UUID) -> None:
        """The incident is closed."""
        self._tx.later(_FORGET_ALL, [{"this_id": incident_id}])

    async def left_by(self, regency: str, operator: str) -> list[Unacknowledged]:
        """The agencies of open incidents that this person is responsible for, or that a call reported which the person
        answered, if nobody is responsible yet; the earliest deadline first, at most SHOWN. No drills.
        """
        who = {"this_regency": regency, "this_operator": operator}
        return [Unacknowledged(*row) for row in await _LEFT_BY.rows(self._tx.connection, who)]


def forget_forwardings(_: PacksInForce) -> DeletionSweep:
    """Deletes what is left of incidents that are not open any more."""
    of_none = t.c.incident_id.not_in(select(_i.id))
    return DeletionSweep("unacknowledged", t, lambda _: of_none)

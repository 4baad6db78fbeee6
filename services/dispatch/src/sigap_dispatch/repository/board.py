"""What the board counts. It reads an index alone, and no row of an incident."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select

from sigap_common.auth import Access
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import incidents as t
from sigap_dispatch.repository.protection import concerns
from sigap_dispatch.visibility import POLICY

PROTECTED = "protected"
"""What stands for the type of an incident that is hidden."""


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How many incidents of one type are on the board, and how many of them an agency must acknowledge, have an alarm,
    or are of one dispatcher.
    """

    incident_type: str | None
    incidents: int
    unacknowledged: int
    with_alarm: int
    mine: int


def _count_if(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


async def counted(tx: Transaction[Any], access: Access, regency: str | None, *, drill: bool) -> list[TypeCount]:
    """The counts of each incident type that is on the board; of incidents that are hidden from the token as the type
    `protected`. `mine` are those of the token's owner.
    """
    counts = (
        func.count(),
        _count_if(t.c.unacknowledged > 0),
        _count_if(t.c.standing_alarms > 0),
        _count_if(t.c.responsible == access.subject),
    )
    wanted = [POLICY.rows(access, t), t.c.attention.is_not(None), t.c.drill == drill]
    if regency is not None:
        wanted.append(t.c.regency == regency)
    kind = case((and_(t.c.protected, ~concerns(access, tx.now())), PROTECTED), else_=t.c.incident_type).label("kind")
    rows = await tx.connection.execute(select(kind, *counts).where(*wanted).group_by(kind).order_by(kind))
    return [TypeCount(row[0], *map(int, row[1:])) for row in rows]

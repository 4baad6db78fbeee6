"""What the routes of swaps and of pickups have in common: rows are shown with the names of people."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sigap_roster.repository import RosterTransaction
from sigap_roster.schemas.requests import RequestOut

Out = TypeVar("Out", bound=RequestOut)


async def shown(tx: RosterTransaction, kind: type[Out], row: Any) -> Out:
    (one,) = await all_shown(tx, kind, [row])
    return one


async def all_shown(tx: RosterTransaction, kind: type[Out], rows: Sequence[Any]) -> list[Out]:
    people = await tx.staff.some(kind.named(rows))
    return [kind.of(row, people) for row in rows]

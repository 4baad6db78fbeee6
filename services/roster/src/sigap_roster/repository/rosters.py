"""The stored rosters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select as select_columns

from sigap_common.messaging.aggregates import AggregateTable
from sigap_roster.domain import Roster, RosterState
from sigap_roster.models import rosters, tables
from sigap_roster.repository.kept import Kept
from sigap_roster.repository.named_locks import lock_by_name
from sigap_roster.visibility import POLICY

_ROSTER_COLUMNS = ("state", "first_day", "last_day", "changed", "published_version", "published_at")
ROSTERS = AggregateTable(
    rosters,
    tables.timeline,
    Roster,
    lambda roster: {name: getattr(roster, name) for name in _ROSTER_COLUMNS},
    POLICY,
)


@dataclass(frozen=True, slots=True)
class Overview:
    """A roster in the form that lists show, without its assignments."""

    id: UUID
    regency: str
    version: int
    state: RosterState
    first_day: date
    last_day: date
    changed: bool
    published_version: int
    published_at: datetime | None


class Rosters(Kept[Roster]):
    async def locked(self, ids: Collection[UUID]) -> dict[UUID, Roster]:
        """Always in the same order, so that two transactions that lock some of them never wait for each other. Raises
        NotFound.
        """
        return {roster_id: await self.get(roster_id) for roster_id in sorted(ids)}

    async def of_days(self, regency: str, first_day: date, last_day: date) -> list[Roster]:
        """The rosters of the regency that have one of these days, the earliest first; drafts too."""
        statement = rosters.select().where(
            rosters.c.regency == regency, rosters.c.first_day <= last_day, rosters.c.last_day >= first_day
        )
        ordered = statement.order_by(rosters.c.first_day, rosters.c.id)
        return [self.opened(row.id, row.document) for row in await self.tx.connection.execute(ordered)]

    async def lock_publishing(self, regency: str) -> None:
        """Until the transaction ends nobody else publishes a draft of the regency: of two with the same days the later
        one sees the other.
        """
        await lock_by_name(self.tx, f"publishing {regency}")

    async def same_days(self, roster: Roster) -> list[tuple[date, date]]:
        """The first and the last day of each other published roster of the regency that has days of this one."""
        chosen = select_columns(rosters.c.first_day, rosters.c.last_day).where(
            rosters.c.regency == roster.regency,
            rosters.c.id != roster.id,
            rosters.c.state == RosterState.PUBLISHED,
            rosters.c.first_day <= roster.last_day,
            rosters.c.last_day >= roster.first_day,
        )
        found = await self.tx.connection.execute(chosen.order_by(rosters.c.first_day, rosters.c.id))
        return [(row.first_day, row.last_day) for row in found]

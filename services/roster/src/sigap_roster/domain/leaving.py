"""The shifts that people still have when they are made inactive: no plan and no draft loses them by itself."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sigap_common.regency import ShiftPattern
from sigap_roster.domain.roster import Planned, Roster, planned_as
from sigap_roster.domain.shifts import span_of


@dataclass(frozen=True, slots=True)
class StillPlanned:
    """A shift of a person who is not active. `is_published`: by the published plan; `in_draft`: by the draft."""

    roster_id: UUID
    staff_id: UUID
    day: date
    shift: str
    is_published: bool
    in_draft: bool


def still_planned(
    roster: Roster, people: Set[UUID], pattern: ShiftPattern, zone: ZoneInfo, now: datetime
) -> Iterator[StillPlanned]:
    """The shifts of these people that have not begun, in the order of time."""
    starts = {planned_as(told): told.starts_at for told in roster.published if told.staff_id in people}
    drafted = {one for one in roster.planned if one.staff_id in people}
    shifts = {one.code: one for one in pattern.shifts}

    def begins(one: Planned) -> tuple[datetime, str]:
        shift = shifts.get(one.shift)
        ends = datetime.combine(one.day, time.max, zone)  # of its day, if the pack has no such shift
        return starts.get(one) or (span_of(shift, one.day, zone).starts_at if shift else ends), str(one.staff_id)

    for one in sorted(starts.keys() | drafted, key=begins):
        if begins(one)[0] > now:
            yield StillPlanned(roster.id, one.staff_id, one.day, one.shift, one in starts, one in drafted)

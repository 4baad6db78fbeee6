"""People, plans and publications, as the histories of this service are told with them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sigap_common.contracts.rosters import RosterPublished
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Shift, ShiftPattern
from sigap_roster.domain import Circumstances, Planned, Publish, Roster, StaffMember, draft, plan
from sigap_roster.domain import publishing as rosters
from sigap_roster.domain.roster import evolve
from sigap_testing.histories import Histories, then

JAKARTA = ZoneInfo("Asia/Jakarta")
ROSTER_ID = UUID("018dc000-0000-7000-8000-000000000001")
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)
BEFORE = datetime(2027, 2, 20, tzinfo=UTC)
PATTERN = ShiftPattern(
    shifts=(
        Shift(code="pagi", name="Pagi", start="07:00", end="14:00"),
        Shift(code="siang", name="Siang", start="14:00", end="21:00"),
        Shift(code="malam", name="Malam", start="21:00", end="07:00"),
    )
)


def person(name: str, **told: Any) -> StaffMember:
    member = {"subject": name, **told}
    return StaffMember(id=who(name), regency="17.71", version=1, name=Sealed(name.title()), **member)


def who(name: str) -> UUID:
    return uuid5(ROSTER_ID, name)


def around(*people: StaffMember, **told: Any) -> Circumstances:
    known = people or (person("budi"), person("siti"))
    given = {"pattern": PATTERN, "zone": JAKARTA, **told}
    return Circumstances(people={one.id: one for one in known}, **given)


def on(name: str, day: int, shift: str = "pagi") -> Planned:
    return Planned(staff_id=who(name), day=date(2027, 3, day), shift=shift)


def a_draft(*planned: Planned) -> Roster:
    return plan(draft(Aggregate(id=ROSTER_ID, regency="17.71"), FIRST, LAST), planned)


planning = Histories(rosters.decide, evolve, BEFORE)


def publish(
    roster: Roster, circumstances: Circumstances | None = None, now: datetime = BEFORE
) -> list[RosterPublished]:
    events = planning.when(roster, Publish(by="rina", around=circumstances or around()), now)
    publications = [event for event in events if isinstance(event, RosterPublished)]
    then(events, *publications)
    return publications


def published(*planned: Planned) -> tuple[Roster, RosterPublished]:
    roster = a_draft(*planned)
    (event,) = publish(roster)
    return planning.after(roster, [event]), event

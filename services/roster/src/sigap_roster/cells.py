"""The use cases of single cells of a plan: why a person is on a shift, and who else could be."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotFound
from sigap_common.core.workers import PLANS
from sigap_roster.domain import Circumstances, Planned, Roster, StaffMember, StandIn, as_published, stand_ins
from sigap_roster.domain.why import Why, why
from sigap_roster.repository import RosterTransaction
from sigap_roster.service import circumstances
from sigap_roster.teams import team_of
from sigap_roster.visibility import sees_drafts


async def find_stand_ins(
    view: RosterTransaction, access: Access, roster_id: UUID, day: date, shift: str
) -> tuple[list[StandIn], Mapping[UUID, StaffMember]]:
    """Who else could take a shift of the draft, with the staff by id. Raises NotFound, Invalid."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    people = await view.staff.of_regency(roster.regency)
    around = await circumstances(view, roster, people, everybody=True)
    if faults := [*wrong_place(roster, around, day, shift, "query")]:
        raise Invalid(errors=faults)
    return await PLANS.run(stand_ins, roster, around, view.now(), day, shift), people


def wrong_place(
    roster: Roster, around: Circumstances, day: date, shift: str | None, part: Literal["query", "body"]
) -> Iterator[Fault]:
    """What keeps a day and a shift from being the roster's. `shift`: None, if only the day is named."""
    if not roster.first_day <= day <= roster.last_day:
        yield Fault((part, "day"), "not_in_plan", {"first_day": roster.first_day, "last_day": roster.last_day})
    if shift is not None and around.shift(shift) is None:
        known = ", ".join(one.code for one in around.pattern.shifts) or "-"
        yield Fault((part, "shift"), "shift_unknown", {"known": known})


async def explain_assignment(
    view: RosterTransaction, access: Access, roster_id: UUID, cell: Planned, *, published: bool
) -> tuple[Why, Mapping[UUID, StaffMember]]:
    """Why the person is on the shift, with the staff by id. Staff ask about their own published assignments.

    Raises NotFound, Forbidden, Invalid.
    """
    roster = await view.rosters.visible(roster_id, access, lock=False)
    people = await view.staff.of_regency(roster.regency)
    person = people.get(cell.staff_id)
    if person is None:
        raise NotFound
    leader = sees_drafts(access)
    if not leader and person.subject != access.subject:
        raise Forbidden("assignment-of-another")
    asked = roster if leader and not published else as_published(roster)
    around = await circumstances(view, asked, people, everybody=True)
    faults = [*wrong_place(asked, around, cell.day, cell.shift, "query")]
    if not faults and cell not in asked.planned:
        faults = [Fault(("query", "shift"), "not_on_shift", {"who": person.name.clear, "day": cell.day})]
    if faults:
        raise Invalid(errors=faults)
    teams = [team_of(row) for row in await view.teams.of_regency(roster.regency)]
    return await PLANS.run(why, asked, around, view.now(), cell, teams), people

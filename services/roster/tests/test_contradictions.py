"""What cannot be planned in a centre of 12 and of 40 people who mostly work: told within ten seconds by sets without a
member to spare. Each of the sets is solved anew, whole and without each member.
"""

from collections.abc import Callable, Sequence
from datetime import date
from time import monotonic
from typing import Any

import pytest
from services.roster.tests.roster_histories import BEFORE, around, on, person
from services.roster.tests.test_explanations import all_seats, assert_none_to_spare, can_hold, explained, of_shifts
from services.roster.tests.test_program import REST, a_roster, rule, wanting

from sigap_common.personal_data import Sealed
from sigap_common.regency import Demand, RosterPolicy, ShiftPattern
from sigap_roster.domain import Circumstances, Planned, Sex, Skill, StaffMember
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.program import Existing, Requirements, requirements
from sigap_roster.solver.wire import Effort
from sigap_testing.patience import patience

TEN_SECONDS = Effort(steps=10, seconds=patience(10))
"""Of the solver's own count, as a search has it, and of the clock."""
LAW = (REST, rule("weekly-hours", hours=40), rule("weekly-rest-days", days=1))
CERTIFICATE = (Skill(code="certificate"),)
BARRED = Sealed("2027-12-31")
TUESDAY = date(2027, 3, 2)
WEEK = range(1, 8)
Planted = tuple[Circumstances, Sequence[int], Sequence[Planned]]
"""The centre, the days of March that are planned, and what stands in the draft."""


def crew(number: int, first: int, usual: dict[str, Any] | None = None, **told: Any) -> tuple[StaffMember, ...]:
    """So many people, of whom the first ones are as told, and the others as usual."""
    return tuple(person(f"p{n:02}", **(told if n < first else usual or {})) for n in range(number))


def shifts(number: int, malam: int = 2) -> ShiftPattern:
    """Three shifts that keep so many people busy: each has four or five a week."""
    by_day = 3 * number // 5 - malam
    return wanting(pagi=(by_day - by_day // 2, 1), siang=(by_day // 2, 1), malam=(malam, 1))


def centre(people: tuple[StaffMember, ...], *policies: RosterPolicy, malam: int = 2, **told: Any) -> Circumstances:
    return around(*people, **{"pattern": shifts(len(people), malam), "policies": (*LAW, *policies), **told})


CERTIFIED_NIGHTS = rule("skill-required", skill="certificate", shifts=["malam"])


def those_with_the_certificate_are_on_leave(number: int) -> Planted:
    people = crew(number, 3, skills=CERTIFICATE)
    leave = {one.id: {TUESDAY} for one in people[:2]}
    return centre(people, CERTIFIED_NIGHTS, leave=leave), WEEK, ()


def those_with_the_certificate_have_too_few_hours(number: int) -> Planted:
    """Fourteen nights of nine hours are 126, and three people have 120."""
    return centre(crew(number, 3, skills=CERTIFICATE), CERTIFIED_NIGHTS), WEEK, ()


def those_with_the_certificate_need_rest_after_nights(number: int) -> Planted:
    """Three people for two seats, each at most two nights in a row and two days free then."""
    nights = rule("max-nights-in-a-row", nights=2, rest_days_after=2)
    return centre(crew(number, 3, skills=CERTIFICATE), CERTIFIED_NIGHTS, nights), range(1, 5), ()


def both_leaders_are_on_leave(number: int) -> Planted:
    people = crew(number, 2, skills=(Skill(code="leader"),))
    leave = {one.id: {TUESDAY} for one in people[:2]}
    return centre(people, rule("skill-on-shift", skill="leader", at_least=1), leave=leave), (1, 2, 3), ()


def nobody_of_an_agency_may_work_at_night(number: int) -> Planted:
    usual = {"agency": "17.71/bpbd"}
    people = crew(number, 3, usual, agency="17.71/dishub", no_nights_until=BARRED)
    return centre(people, rule("agency-on-shift", agency="dishub", at_least=1)), (1, 2), ()


def there_are_two_men_for_three_seats_by_night(number: int) -> Planted:
    people = crew(number, 2, {"sex": Sex.FEMALE}, sex=Sex.MALE)
    policy = rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])
    return centre(people, policy, malam=3), (1, 2), ()


def most_may_not_work_at_night(number: int) -> Planted:
    return centre(crew(number, 2, {"no_nights_until": BARRED}), malam=3), (1, 2), ()


def most_have_not_agreed_to_overtime(number: int) -> Planted:
    """Of contract staff, two have agreed; a night of nine hours is overtime."""
    people = crew(number, 2, {"employment": "contract"}, employment="contract", overtime_agreed_on=date(2027, 1, 4))
    limit = rule("overtime-limit", hours_a_day=4, hours_a_week=18, employment="contract")
    return centre(people, limit, malam=3), (1, 2), ()


def everybody_is_wanted_and_one_is_locked_as_free(number: int) -> Planted:
    people = crew(number, 0)
    more = Demand(name="Lebaran", shifts=("siang",), dates=(TUESDAY,), seats=number - number // 2 - 2)
    told = wanting(pagi=(number // 2, 1), siang=(1, 1), malam=(2, 1)).model_copy(update={"demand": (more,)})
    locks = frozenset({Lock(people[0].id, TUESDAY)})
    return centre(people, pattern=told, locks=locks), (2,), ()


def too_many_had_the_night_before(number: int) -> Planted:
    """Somebody of those whom the draft keeps on the night would be needed in the morning, and may not come."""
    nights = number // 4
    stands = [on(f"p{n:02}", 1, "malam") for n in range(nights)]
    told = wanting(pagi=(number - nights + 2, 1), malam=(nights, 1))
    return centre(crew(number, 0), pattern=told), (1, 2), stands


def everybody_is_wanted_on_each_day_of_the_week(number: int) -> Planted:
    return centre(crew(number, 0), pattern=wanting(pagi=(number, 1))), WEEK, ()


PLANTED: tuple[Callable[[int], Planted], ...] = (
    those_with_the_certificate_are_on_leave,
    those_with_the_certificate_have_too_few_hours,
    those_with_the_certificate_need_rest_after_nights,
    both_leaders_are_on_leave,
    nobody_of_an_agency_may_work_at_night,
    there_are_two_men_for_three_seats_by_night,
    most_may_not_work_at_night,
    most_have_not_agreed_to_overtime,
    everybody_is_wanted_and_one_is_locked_as_free,
    too_many_had_the_night_before,
    everybody_is_wanted_on_each_day_of_the_week,
)


def wanted_of(planted: Planted) -> Requirements:
    circumstances, days, stands = planted
    return requirements(a_roster(*stands, days=days), circumstances, BEFORE, Existing.KEEP)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("number", [12, 40])
def test_a_planted_contradiction_is_told_within_ten_seconds_without_a_member_to_spare(
    plant: Callable[[int], Planted], number: int
) -> None:
    wanted = wanted_of(plant(number))
    began = monotonic()
    conflicts = explained(wanted, [*all_seats(wanted), *of_shifts(wanted)], TEN_SECONDS)
    assert monotonic() - began < patience(10)
    assert_none_to_spare(wanted, conflicts)


def test_what_is_not_proven_in_time_is_shown_as_such() -> None:
    """A search with hardly any time finds that all requirements together cannot hold, and not which of them matter."""
    wanted = wanted_of(those_with_the_certificate_are_on_leave(40))
    ((members, irreducible),) = explained(wanted, all_seats(wanted), Effort(steps=0.02, seconds=patience(10)))
    assert not irreducible
    assert not can_hold(wanted, members)
    assert any(not can_hold(wanted, members - {member}) for member in members)

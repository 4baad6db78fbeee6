"""Fair shares over the year: who had more nights, weekends or holidays in the months before gets fewer now."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.roster.tests.roster_histories import BEFORE, JAKARTA, PATTERN, a_draft, around, on, person, who
from services.roster.tests.test_program import (
    LITTLE,
    NAMES,
    REST,
    a_roster,
    filled,
    hard,
    of_the_centre,
    one_seat,
    rule,
)

from sigap_common.personal_data import Sealed
from sigap_roster.domain import Taken, plan, span_of
from sigap_roster.domain.carried import MOST_CARRIED, carried
from sigap_roster.domain.program import Existing, written
from sigap_roster.domain.why import ReasonKind, why
from sigap_roster.solver.queue import solve_next
from sigap_testing.kit import Kit

from .conftest import Desk, Enter

SHIFTS = {shift.code: shift for shift in PATTERN.shifts}
TWO = (person("budi"), person("siti"))


def had(name: str, day: date, shift: str = "malam") -> Taken:
    return Taken(who(name), day, "", span_of(SHIFTS[shift], day, JAKARTA))


def february(name: str, *days: int, shift: str = "malam") -> list[Taken]:
    return [had(name, date(2027, 2, day), shift) for day in days]


def brought(*before: Taken, what: str = "nights", **told: Any) -> dict[str, float]:
    people = told.pop("people", TWO)
    found = carried(around(*people, year_before=before, **told), BEFORE)[what]
    return {name: found[who(name)] for name in NAMES if who(name) in found}


# --- what is brought along


def test_who_had_more_than_the_share_brings_along_half_of_the_difference_between_two() -> None:
    before = (*february("budi", 1, 3, 5, 8), *february("siti", 2))
    assert brought(*before) == {"budi": 1.5, "siti": -1.5}


def test_no_more_than_two_are_brought_along() -> None:
    before = (*february("budi", *range(1, 20, 2)), *february("siti", 2))
    assert brought(*before) == {"budi": MOST_CARRIED, "siti": -MOST_CARRIED}


def test_weekends_and_holidays_are_brought_along_too() -> None:
    before = (*february("budi", 6, 7, shift="pagi"), *february("siti", 1, 2, shift="pagi"))
    holidays = {date(2027, 2, 7): "Hari libur"}
    assert brought(*before, what="weekends") == {"budi": 1.0, "siti": -1.0}
    assert brought(*before, what="holidays", holidays=holidays) == {"budi": 0.5, "siti": -0.5}
    assert brought(*before) == {"budi": 0.0, "siti": 0.0}


def test_who_was_away_for_a_month_owes_nothing_for_it() -> None:
    january = [had("budi", date(2027, 1, day)) for day in (4, 8, 12)]
    both = (*february("budi", 1), *february("siti", 2))
    assert brought(*january, *both) == {"budi": 0.0, "siti": 0.0}


def test_who_may_not_work_at_night_owes_no_nights() -> None:
    people = (person("budi"), person("siti", no_nights_until=Sealed("2027-02-28")), person("joko"))
    before = (*february("budi", 1, 3), *february("siti", 1, 2, shift="pagi"), *february("joko", 2, 4))
    assert brought(*before, people=people) == {"budi": 0.0, "joko": 0.0}


def test_who_works_part_time_owes_nothing_and_leaves_the_others_as_they_are() -> None:
    """Joko works half a week, and has half of the nights of Budi and Siti each month."""
    before = (*february("budi", 1, 4, 7, 10), *february("siti", 2, 5, 8, 11), *february("joko", 3, 6))
    for hours, found in (
        (20, {"budi": 0.0, "siti": 0.0}),
        (40, {"budi": 2 / 3, "siti": 2 / 3, "joko": -4 / 3}),
    ):
        people = (*TWO, person("joko", weekly_hours=hours))
        assert brought(*before, people=people) == pytest.approx(found)


# --- what the solver makes of it


def nights(*before: Taken, days: range = range(1, 9), **told: Any) -> Counter[Any]:
    people = told.pop("people", TWO)
    policies = told.pop("policies", ())
    known = of_the_centre(*policies, pattern=one_seat("pagi", "malam"), people=people, year_before=before, **told)
    return Counter(one.staff_id for one in filled(a_roster(days=days), known) if one.shift == "malam")


def test_of_two_equal_people_the_one_with_three_nights_more_last_month_gets_fewer_now() -> None:
    assert nights() == {who("budi"): 4, who("siti"): 4}
    before = (*february("budi", 1, 3, 5, 8), *february("siti", 2))
    after = nights(*before)
    assert after[who("budi")] < after[who("siti")]
    assert sum(after.values()) == 8


def test_however_many_somebody_had_the_share_is_lower_by_two_at_most() -> None:
    after = nights(*february("budi", *range(1, 28)), *february("siti", 2))
    assert after == {who("budi"): 2, who("siti"): 6}


def test_who_works_part_time_gets_no_more_than_the_share_however_few_there_were() -> None:
    before = (*february("budi", 1, 4, 7, 10), *february("siti", 2, 5, 8, 11), *february("joko", 3, 6))
    people = (*TWO, person("joko", weekly_hours=20))
    assert nights(*before, days=range(1, 10), people=people)[who("joko")] <= 3


def test_the_law_goes_before_what_was_brought_along() -> None:
    """Siti has had too few nights, and may have no more than three of a row."""
    before = (*february("budi", *range(1, 20)), *february("siti", 2))
    law = rule("max-shifts-in-plan", shifts=["malam"], most=4)
    assert nights(*before, policies=(law,)) == {who("budi"): 4, who("siti"): 4}


@pytest.mark.parametrize("strength", ["hard", "soft"])
def test_the_rule_of_fair_shares_goes_before_what_was_brought_along(strength: str) -> None:
    before = (*february("budi", *range(1, 20)), *february("siti", 2))
    after = nights(*before, policies=(rule("fair-shares", strength),))
    assert after == {who("budi"): 3, who("siti"): 5}


DUTIES = st.lists(
    st.builds(
        had,
        st.sampled_from(NAMES),
        st.dates(date(2026, 3, 1), date(2027, 2, 28)),
        st.sampled_from([*SHIFTS]),
    ),
    max_size=60,
)


@settings(max_examples=25)
@given(DUTIES)
def test_whatever_is_brought_along_no_seat_stays_open_and_no_law_is_broken_for_it(before: list[Taken]) -> None:
    people = tuple(map(person, NAMES))
    known = of_the_centre(REST, pattern=one_seat("pagi", "malam"), people=people, year_before=before)
    roster = a_roster(days=range(1, 6))
    answer = plan(roster, filled(roster, known, effort=LITTLE))
    assert len(answer.planned) == 10
    assert not hard(answer, known)
    found = [more for of in carried(known, BEFORE).values() for more in of.values()]
    assert all(abs(more) <= MOST_CARRIED for more in found)


def test_a_year_in_which_all_had_the_same_changes_nothing() -> None:
    known = of_the_centre(REST, people=TWO)
    even = of_the_centre(REST, people=TWO, year_before=(*february("budi", 1), *february("siti", 2)))
    roster = a_roster()
    assert written(roster, known, BEFORE, Existing.REPLACE) == written(roster, even, BEFORE, Existing.REPLACE)


def test_why_says_that_the_share_is_smaller_after_a_year_with_more() -> None:
    night = on("budi", 2, "malam")
    drafted = a_draft(night, *(on("siti", day, "malam") for day in (4, 6, 8)))
    before = (*february("budi", 1, 3, 5), *february("siti", 2))
    found = why(drafted, around(*TWO, year_before=before), BEFORE, night, ())
    (share,) = [one for one in found.reasons if one.kind is ReasonKind.SHARE and one.params["what"] == "nights"]
    assert (share.params["count"], share.params["share"], share.params["brought"]) == (1, 1.0, 1.0)


# --- over HTTP


async def test_a_published_month_counts_for_the_next_one(kit: Kit, pack: Any, desk: Desk, enter: Enter) -> None:
    day, night = {"code": "pagi", "name": "Pagi", "start": "07:00"}, {"code": "malam", "name": "Malam", "end": "07:00"}
    shifts = {"shifts": [day | {"end": "14:00"}, night | {"start": "21:00"}]}
    await kit.configure(pack("99.01", shifts=shifts), version=2)
    budi, siti = await enter("Budi"), await enter("Siti")

    async def drafted(first: str, last: str, *planned: tuple[str, str]) -> dict[str, Any]:
        body = {"regency": "99.01", "first_day": first, "last_day": last}
        made = (await desk("POST", "/v1/rosters", body)).json()
        plan = [{"staff_id": one, "day": day, "shift": "malam"} for one, day in planned]
        answer = await desk("PUT", f"/v1/rosters/{made['id']}/assignments", plan, version=1)
        found: dict[str, Any] = answer.json()
        return found

    nights = ((budi, "2024-02-20"), (budi, "2024-02-22"), (budi, "2024-02-24"), (siti, "2024-02-21"))
    february = await drafted("2024-02-20", "2024-02-29", *nights, (budi, "2024-02-26"))
    published = await desk("POST", f"/v1/rosters/{february['id']}/publish", version=february["version"])
    assert published.status_code == 200, published.text
    march = await drafted("2024-03-11", "2024-03-16")
    path = f"/v1/rosters/{march['id']}"
    asked = await desk("POST", f"{path}/solves", {"existing": "replace", "seconds": 5})
    assert await solve_next(kit.runtime)
    found = (await desk("GET", f"{path}/solves/{asked.json()['id']}")).json()["assignments"]
    count = Counter(one["staff_id"] for one in found if one["shift"] == "malam")
    assert count == {budi: 2, siti: 4}
    took = await desk("POST", f"{path}/solves/{asked.json()['id']}/take", version=march["version"])
    of_siti = next(
        one["day"] for one in took.json()["assignments"] if (one["staff_id"], one["shift"]) == (siti, "malam")
    )
    why_siti = (await desk("GET", f"{path}/staff/{siti}/why?day={of_siti}&shift=malam")).json()
    assert any("fewer than the share" in one["in_words"]["en"] for one in why_siti["reasons"])

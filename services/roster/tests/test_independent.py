"""Counts the hard rules that a plan breaks without the code of the rules. Each has a recorded reason when the plan is
published, and no swap, seat that is taken or repair breaks more.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.roster.tests import independent
from services.roster.tests.roster_histories import BEFORE, on, who
from services.roster.tests.test_program import (
    CHOICES,
    DAYS,
    ELSEWHERE,
    LEAVE,
    LITTLE,
    LOCKS,
    NAMES,
    SHIFTS,
    a_roster,
    filled,
    of_the_centre,
    rule,
)

from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import RosterPolicy
from sigap_roster.domain import (
    Amendment,
    Circumstances,
    Planned,
    Publish,
    Roster,
    Taken,
    breaches,
    check,
    decide_amendments,
    decide_roster,
    findings,
    plan,
)
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.program import Existing
from sigap_roster.domain.program.written import locked_cells
from sigap_roster.domain.rules.of_shifts import OF_DEMAND

POLICIES = st.lists(
    st.one_of(
        st.builds(lambda hours: rule("rest-between-shifts", hours=hours), st.sampled_from([7.5, 11, 24])),
        st.builds(lambda hours: rule("weekly-hours", hours=hours), st.sampled_from([14, 24, 40])),
        st.builds(
            lambda hours: rule("weekly-hours", hours=hours, employment="contract"), st.sampled_from([14, 24, 40])
        ),
        st.builds(lambda hours: rule("weekly-hours", hours=hours, season="ramadan"), st.sampled_from([8, 20])),
        st.builds(lambda days: rule("weekly-rest-days", days=days), st.sampled_from([1, 2, 4])),
        st.builds(
            lambda day, week: rule("overtime-limit", hours_a_day=day, hours_a_week=week),
            st.sampled_from([0, 4]),
            st.sampled_from([4, 18]),
        ),
        st.builds(
            lambda nights, rest: rule("max-nights-in-a-row", nights=nights, rest_days_after=rest),
            st.integers(1, 3),
            st.integers(0, 2),
        ),
        st.just(rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])),
        st.just(rule("agencies-together", agencies=["bpbd", "dishub"], at_least=2)),
        st.builds(
            lambda only: rule("skill-on-shift", skill="leader", at_least=1, **only),
            st.sampled_from([{}, {"shifts": ["pagi"]}]),
        ),
        st.builds(
            lambda only: rule("skill-required", skill="leader", **only),
            st.sampled_from([{"shifts": ["malam"]}, {"employment": "police"}]),
        ),
        st.builds(
            lambda only: rule("agency-on-shift", agency="bpbd", at_least=1, **only),
            st.sampled_from([{}, {"shifts": ["malam"]}]),
        ),
        st.just(rule("forward-rotation")),
        st.builds(lambda days: rule("max-days-in-a-row", days=days), st.integers(1, 4)),
        st.builds(
            lambda only: rule("min-days-in-a-row", days=2, **only),
            st.sampled_from([{}, {"employment": "contract"}, {"with_skill": "leader"}]),
        ),
        st.builds(lambda days: rule("min-days-off-in-a-row", days=days), st.integers(2, 3)),
    ),
    max_size=4,
    unique_by=lambda policy: (policy.code, "season" in policy.params, policy.params.get("employment")),
)
ANY = settings(max_examples=150)
CHANGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(DAYS), st.sampled_from([*SHIFTS])), min_size=1, max_size=6
)

BARRED = (
    rule("women-by-day-men-by-night", "soft", day_shifts=["pagi", "siang"], night_shifts=["malam", "dini"]),
    rule("overtime-limit", "soft", hours_a_day=4, hours_a_week=18, employment="contract"),
    rule("skill-required", "soft", skill="leader", shifts=["siang"]),
)
"""What keeps some people from some shifts for good."""

MONTH = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(1, 31), st.sampled_from([*SHIFTS])),
    min_size=1,
    max_size=24,
    unique_by=lambda one: one[:2],
)
"""Shifts on any days of March: each person has one a day at most."""


def broken(planned: Iterable[Planned], known: Circumstances) -> set[str]:
    return independent.broken(planned, known, date(2027, 3, DAYS[0]), date(2027, 3, DAYS[-1]))


def published(planned: list[Planned], known: Circumstances) -> Roster | None:
    """The published roster, with a reason for each hard rule that it breaks; None: it cannot be at all."""
    roster = a_roster(*planned)
    if not planned or findings(roster, known, BEFORE):
        return None
    found = breaches(roster, known, BEFORE)
    reasons = {one.rule: Sealed("Lebaran") for one in found if one.strength == "hard"}
    command = Publish(by="rina", around=known, breaches=found, reasons=reasons)
    if reasons:
        with pytest.raises(Invalid):
            decide_roster(roster, Publish(by="rina", around=known, breaches=found), BEFORE)
    after = decide_roster(roster, command, BEFORE).after
    assert isinstance(after, Roster)
    return after


@ANY
@given(POLICIES, CHOICES, LEAVE, ELSEWHERE, LOCKS)
def test_the_rules_and_a_count_apart_from_them_find_the_same_broken(
    policies: list[RosterPolicy],
    planned: list[Planned],
    leave: dict[Any, Any],
    elsewhere: list[Taken],
    locks: frozenset[Lock],
) -> None:
    known = of_the_centre(*policies, leave=leave, elsewhere=elsewhere, locks=locks)
    said = independent.said_by_the_product(check(a_roster(*planned), known, BEFORE))
    assert said == broken(planned, known)


@ANY
@given(
    MONTH, st.sampled_from([rule("fair-shares"), rule("weekends-off", a_month=3)]), st.sets(st.sampled_from(range(3)))
)
def test_shares_and_free_weekends_of_a_month_are_counted_the_same(
    shifts: list[tuple[str, int, str]], policy: RosterPolicy, barring: set[int]
) -> None:
    known = of_the_centre(policy, *(BARRED[one] for one in barring), holidays={date(2027, 3, 10): "Idulfitri"})
    planned, days = [on(*one) for one in shifts], range(1, 32)
    said = {one.rule for one in check(a_roster(*planned, days=days), known, BEFORE) if one.rule == policy.code}
    counted = independent.broken(planned, known, date(2027, 3, 1), date(2027, 3, 31))
    assert said == counted & {policy.code}


@ANY
@given(POLICIES, CHOICES, LEAVE, CHANGES, LOCKS)
def test_what_is_published_carries_its_reasons_and_no_change_of_staff_breaks_more(
    policies: list[RosterPolicy],
    planned: list[Planned],
    leave: dict[Any, Any],
    changes: list[tuple[str, int, str]],
    locks: frozenset[Lock],
) -> None:
    known = of_the_centre(*policies, leave=leave, locks=locks)
    roster = published(planned, known)
    if roster is None:
        return
    explained = {one.rule for one in roster.accepted}
    assert broken(planned, known) <= explained
    for name, day, shift in changes:
        theirs = [one for one in roster.planned if (one.day, one.shift) == (date(2027, 3, day), shift)]
        change = (
            Amendment(roster=roster, around=known, takers={theirs[0]: who(name)})
            if theirs
            else Amendment(roster=roster, around=known, added=(on(name, day, shift),))
        )
        try:
            (decision,) = decide_amendments([change], name, BEFORE)
        except (Invalid, NotAllowed):
            continue
        assert isinstance(decision.after, Roster)
        roster = decision.after
        assert broken(roster.planned, known) <= explained


DEMAND = set(OF_DEMAND)
"""Rules about a shift's people: a plan keeps them as far as there are people for them."""


@settings(max_examples=25)
@given(POLICIES, LEAVE, LEAVE, LOCKS)
def test_a_found_plan_and_its_repair_break_nothing_but_what_locked_cells_break_alone(
    policies: list[RosterPolicy], leave: dict[Any, Any], ill: dict[Any, Any], locks: frozenset[Lock]
) -> None:
    known = of_the_centre(*policies, leave=leave, locks=locks)
    found = filled(a_roster(), known, effort=LITTLE)
    assert broken(found, known) - DEMAND <= broken(locked_cells(a_roster(), known, BEFORE), known)
    away = {one: leave.get(one, set()) | ill.get(one, set()) for one in (*leave, *ill)}
    later = of_the_centre(*policies, leave=away, locks=locks)
    repaired = filled(plan(a_roster(), found), later, Existing.FEW_CHANGES, LITTLE)
    assert broken(repaired, later) - DEMAND <= broken(locked_cells(a_roster(), later, BEFORE), later)

"""A roster as an integer program, solved: what the solver may answer is just what the rules allow."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.roster.tests.roster_histories import BEFORE, JAKARTA, ROSTER_ID, around, on, person, who

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Demand, RosterPolicy, Season, Shift, ShiftPattern
from sigap_roster.domain import (
    Breach,
    Circumstances,
    Planned,
    Roster,
    Skill,
    Taken,
    check,
    draft,
    findings,
    plan,
    span_of,
)
from sigap_roster.domain.hours import spread
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.program import (
    CONSTRAINTS,
    Existing,
    Limit,
    Program,
    Tier,
    Written,
    completed,
    cost_of,
    units_above,
    written,
)
from sigap_roster.domain.program.limits import MUST, POLICY_COST
from sigap_roster.domain.program.written import locked_cells
from sigap_roster.domain.rules import RULES, departures
from sigap_roster.domain.rules.asked import ALWAYS
from sigap_roster.domain.rules.of_persons import planned_overtime
from sigap_roster.domain.rules.of_shifts import OF_DEMAND
from sigap_roster.domain.rules.work import facts_of
from sigap_roster.solver.cp_sat import Solving
from sigap_roster.solver.exchanges import Exchanges
from sigap_roster.solver.first_plan import FirstPlan
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.wire import Effort, lines_of, read_lines

NAMES = ("budi", "siti", "joko", "rina")
DAYS = range(1, 11)
SEATS = 2
PATTERN = ShiftPattern(
    shifts=(
        Shift(code="pagi", name="Pagi", start="07:00", end="14:15", seats=SEATS),
        Shift(code="siang", name="Siang", start="14:00", end="21:00", seats=SEATS),
        Shift(code="malam", name="Malam", start="21:00", end="07:00", seats=SEATS, break_minutes=60),
        Shift(code="dini", name="Dini hari", start="01:00", end="07:00", seats=SEATS),
    ),
    handover_minutes=15,
)
SHIFTS = {shift.code: shift for shift in PATTERN.shifts}
PEOPLE = (
    person(
        "budi",
        employment="contract",
        sex="male",
        agency="17.71/bpbd",
        skills=(Skill(code="leader"),),
        overtime_agreed_on=date(2027, 1, 4),
    ),
    person("siti", employment="contract", sex="female", no_nights_until=Sealed("2027-03-06"), agency="17.71/dishub"),
    person(
        "joko",
        employment="police",
        sex="male",
        skills=(Skill(code="leader", until=date(2027, 3, 5)),),
        weekly_hours=20,
        overtime_agreed_on=date(2027, 3, 5),
    ),
    person("rina", employment="civil_servant", agency="17.71/bpbd", weekly_hours=39),
)
RAMADAN = Season(code="ramadan", name="Ramadan", first_day=date(2027, 2, 8), last_day=date(2027, 3, 3))
"""It ends in the first week of the plans."""
ENOUGH = Effort(steps=5, seconds=100)
LITTLE = Effort(steps=0.2, seconds=100)
"""For what must hold of every answer, not of the best alone."""


def rule(code: str, strength: str = "hard", **params: Any) -> RosterPolicy:
    return RosterPolicy.model_validate({"code": code, "strength": strength, "source": "test", "params": params})


REST = rule("rest-between-shifts", hours=11)


def a_roster(*planned: Planned, days: Sequence[int] = DAYS) -> Roster:
    begun = draft(Aggregate(id=ROSTER_ID, regency="17.71"), date(2027, 3, days[0]), date(2027, 3, days[-1]))
    return plan(begun, planned)


def of_the_centre(*policies: RosterPolicy, **told: Any) -> Circumstances:
    people = told.pop("people", PEOPLE)
    return around(*people, **{"pattern": PATTERN, "policies": policies, "seasons": (RAMADAN,), **told})


def filled(
    roster: Roster, circumstances: Circumstances, existing: Existing = Existing.REPLACE, effort: Effort = ENOUGH
) -> tuple[Planned, ...]:
    program = written(roster, circumstances, BEFORE, existing)
    *_, best = Solving(program.program, effort, lambda _: None).solve()
    return program.plan(best["chosen"])


def hard(roster: Roster, circumstances: Circumstances) -> list[Breach]:
    """Without the rules about the people of a shift: a plan that breaks one is priced, and never barred."""
    found = check(roster, circumstances, BEFORE)
    return [one for one in found if one.strength == "hard" and one.rule not in OF_DEMAND]


# --- the rules, both ways

POLICIES = st.lists(
    st.one_of(
        st.builds(lambda hours: rule("rest-between-shifts", hours=hours), st.sampled_from([7.5, 11, 24])),
        st.builds(
            lambda hours, only: rule("weekly-hours", hours=hours, **only),
            st.sampled_from([14, 24, 40]),
            st.sampled_from([{}, {"employment": "contract"}, {"season": "ramadan"}]),
        ),
        st.builds(lambda days: rule("weekly-rest-days", days=days), st.sampled_from([1, 2, 4.5])),
        st.builds(
            lambda day, week: rule("overtime-limit", hours_a_day=day, hours_a_week=week),
            st.sampled_from([0, 4]),
            st.sampled_from([4, 18]),
        ),
        st.builds(
            lambda nights, rest: rule("max-nights-in-a-row", nights=nights, rest_days_after=rest),
            st.integers(1, 3),
            st.integers(0, 3),
        ),
        st.just(rule("forward-rotation")),
        st.builds(lambda count: rule("weekends-off", a_month=count), st.integers(1, 4)),
        st.just(rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])),
        st.builds(
            lambda count: rule("agencies-together", agencies=["bpbd", "dishub"], at_least=count), st.integers(1, 2)
        ),
        st.builds(
            lambda count, only: rule("skill-on-shift", skill="leader", at_least=count, **only),
            st.integers(1, 2),
            st.sampled_from([{}, {"shifts": ["pagi"]}]),
        ),
        st.builds(lambda count: rule("agency-on-shift", agency="bpbd", at_least=count), st.integers(1, 2)),
        st.builds(
            lambda only: rule("skill-required", skill="leader", **only),
            st.sampled_from([{}, {"shifts": ["malam", "dini"]}, {"employment": "police"}]),
        ),
        st.builds(lambda days: rule("max-days-in-a-row", days=days), st.integers(1, 4)),
        st.builds(
            lambda days, only: rule("min-days-in-a-row", days=days, **only),
            st.integers(2, 4),
            st.sampled_from([{}, {"with_skill": "leader"}]),
        ),
        st.builds(lambda days: rule("min-days-off-in-a-row", days=days), st.integers(2, 4)),
        st.builds(
            lambda after, shifts: rule("forbidden-succession", after=[after], shifts=shifts),
            st.sampled_from([*SHIFTS]),
            st.sampled_from([["pagi"], ["siang", "malam"]]),
        ),
        st.builds(lambda count: rule("max-weekends-in-plan", weekends=count), st.integers(0, 1)),
        st.builds(lambda most: rule("max-shifts-in-plan", shifts=["malam", "dini"], most=most), st.integers(0, 3)),
        st.builds(
            lambda hours, only: rule("max-hours-in-plan", hours=hours, **only),
            st.sampled_from([14, 40]),
            st.sampled_from([{}, {"employment": "police"}, {"with_skill": "leader"}]),
        ),
        st.just(rule("seats-exceeded")),
        st.just(rule("transport-at-night", **{"from": "20:00", "until": "05:00"})),
    ),
    max_size=4,
    unique_by=lambda policy: (policy.code, "season" in policy.params, policy.params.get("employment")),
)
CHOICES = st.lists(
    st.builds(on, st.sampled_from(NAMES), st.sampled_from(DAYS), st.sampled_from([*SHIFTS])), unique=True
)
LEAVE = st.dictionaries(
    st.sampled_from([who(name) for name in NAMES]),
    st.frozensets(st.dates(date(2027, 3, 1), date(2027, 3, 10)), max_size=3),
)

LOCKS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(DAYS)), st.sampled_from([*SHIFTS, None]), max_size=4
).map(lambda told: frozenset(Lock(who(name), date(2027, 3, day), shift) for (name, day), shift in told.items()))
"""At most one of a person on a day; those of two days may overlap."""


def _taken(name: str, day: date, shift: str) -> Taken:
    return Taken(who(name), day, shift, span_of(SHIFTS[shift], day, JAKARTA), SHIFTS[shift].break_minutes)


ELSEWHERE = st.lists(
    st.builds(
        _taken,
        st.sampled_from(NAMES),
        st.sampled_from([date(2027, 2, 26) + timedelta(days=number) for number in (*range(3), *range(13, 16))]),
        st.sampled_from([*SHIFTS]),
    ),
    max_size=4,
    unique_by=lambda taken: (taken.staff_id, taken.day),
)


def within_seats(planned: Sequence[Planned]) -> list[Planned]:
    """Those before each shift is full: the solver plans nobody beyond."""
    count: Counter[tuple[date, str]] = Counter()
    found = []
    for one in planned:
        count[one.day, one.shift] += 1
        if count[one.day, one.shift] <= SEATS:
            found.append(one)
    return found


def just_this(program: Written, planned: Sequence[Planned]) -> Program:
    """The program with one answer left: this plan."""
    wanted = set(planned)
    fixed = [
        Limit(((variable, -1),), -1, MUST) if choice in wanted else Limit(((variable, 1),), 0, MUST)
        for variable, choice in enumerate(program.choices)
    ]
    return replace(program.program, limits=[*program.program.limits, *fixed], hint=())


@settings(max_examples=100)
@given(POLICIES, CHOICES, LEAVE, ELSEWHERE)
def test_the_program_allows_a_plan_if_and_only_if_the_rules_do(
    policies: list[RosterPolicy], planned: list[Planned], leave: dict[Any, Any], elsewhere: list[Taken]
) -> None:
    circumstances = of_the_centre(*policies, leave=leave, elsewhere=elsewhere, pattern=PATTERN)
    asked = within_seats(planned)
    roster = a_roster(*asked)
    program = written(roster, circumstances, BEFORE, Existing.REPLACE)
    on_leave = [one for one in asked if circumstances.on_leave(one.staff_id, one.day)]
    answers = [] if on_leave else list(Solving(just_this(program, asked), ENOUGH, lambda _: None).solve())
    legal = not hard(roster, circumstances)
    assert bool(answers) is legal, [(one.rule, one.kind, one.day) for one in hard(roster, circumstances)]


SHORT = ShiftPattern(
    shifts=tuple(
        Shift(code=code, name=code, start=start, end=end)
        for code, start, end in (("a", "06:00", "11:00"), ("b", "11:00", "16:30"), ("c", "16:30", "20:30"))
    )
)
A_WEEK = st.sets(st.tuples(st.integers(1, 7), st.sampled_from("abc")), min_size=6)


@settings(max_examples=100)
@given(A_WEEK, st.sampled_from([1, 2]), st.sampled_from([8, 18]))
def test_overtime_of_short_shifts_is_allowed_if_and_only_if_the_rule_does(
    chosen: set[tuple[int, str]], days_of_rest: int, hours_a_week: int
) -> None:
    """Two or three shifts of a day, of which no one is overtime by itself."""
    people = (person("budi", overtime_agreed_on=AGREED),)
    law = rule("overtime-limit", hours_a_day=4, hours_a_week=hours_a_week)
    rest = rule("weekly-rest-days", "soft", days=days_of_rest)
    circumstances = of_the_centre(law, rest, pattern=SHORT, people=people)
    roster = a_roster(*(on("budi", day, shift) for day, shift in sorted(chosen)), days=range(1, 8))
    program = written(roster, circumstances, BEFORE, Existing.REPLACE)
    answers = list(Solving(just_this(program, roster.planned), ENOUGH, lambda _: None).solve())
    found = hard(roster, circumstances)
    assert bool(answers) is (found == []), [(one.kind, one.params) for one in found]


SOFT = [rule("fair-shares"), rule("fair-shares", "soft"), rule("rest-between-shifts", "soft", hours=24)]


@settings(max_examples=40)
@given(POLICIES, st.sampled_from(SOFT), LEAVE, ELSEWHERE)
def test_no_answer_breaks_a_hard_rule(
    policies: list[RosterPolicy], more: RosterPolicy, leave: dict[Any, Any], elsewhere: list[Taken]
) -> None:
    circumstances = of_the_centre(*policies, more, leave=leave, elsewhere=elsewhere)
    roster = a_roster()
    answer = plan(roster, filled(roster, circumstances, effort=LITTLE))
    assert hard(answer, circumstances) == []
    assert max(Counter((one.day, one.shift) for one in answer.planned).values(), default=0) <= SEATS


@settings(max_examples=40)
@given(POLICIES, CHOICES, LEAVE, LOCKS, st.sampled_from(Existing))
def test_what_is_locked_is_kept_whatever_becomes_of_the_draft_and_makes_nothing_else_worse(
    policies: list[RosterPolicy],
    planned: list[Planned],
    leave: dict[Any, Any],
    locks: frozenset[Lock],
    existing: Existing,
) -> None:
    circumstances = of_the_centre(*policies, leave=leave, locks=locks)
    drafted = within_seats(planned) if existing is not Existing.KEEP else []
    roster = a_roster(*drafted)
    answer = plan(roster, filled(roster, circumstances, existing, LITTLE))
    assert not departures(answer, circumstances, BEFORE)
    alone = plan(roster, tuple(locked_cells(roster, circumstances, BEFORE)))
    before = {(one.rule, one.kind) for one in hard(alone, circumstances)}
    assert {(one.rule, one.kind) for one in hard(answer, circumstances)} <= before


@settings(max_examples=40)
@given(POLICIES, CHOICES, LEAVE)
def test_what_stands_is_kept_and_made_no_worse(
    policies: list[RosterPolicy], planned: list[Planned], leave: dict[Any, Any]
) -> None:
    """The planner may break rules; then the rest is planned all the same."""
    circumstances = of_the_centre(*policies, leave=leave)
    roster = a_roster(*within_seats(planned))
    stands = plan(roster, tuple(one for one in roster.planned if not circumstances.on_leave(one.staff_id, one.day)))
    answer = plan(roster, filled(roster, circumstances, Existing.KEEP, LITTLE))
    assert set(stands.planned) <= set(answer.planned)
    before = Counter((one.rule, one.staff_id, one.day) for one in hard(stands, circumstances))
    after = Counter((one.rule, one.staff_id, one.day) for one in hard(answer, circumstances))
    assert not after - before


def test_every_rule_is_a_constraint_or_says_that_it_is_none() -> None:
    assert CONSTRAINTS.keys() == RULES.keys() | {policy.code for policy, _ in ALWAYS}
    assert {code for code, constraint in CONSTRAINTS.items() if constraint is None} == {
        "locked",
        "days-once",
        "transport-at-night",
        "settled-before-holiday",
    }


# --- rules about the days of a plan


def test_a_wish_for_a_shift_is_met_by_its_weight() -> None:
    wishes = {who("budi"): {(date(2027, 3, 1), "pagi"): 2}, who("siti"): {(date(2027, 3, 1), "pagi"): 3}}
    people = (person("budi"), person("siti"))
    circumstances = of_the_centre(pattern=one_seat("pagi"), shift_wishes=wishes, people=people)
    answer = filled(a_roster(days=(1,)), circumstances)
    assert answer == (on("siti", 1),)
    (missed,) = [one for one in check(plan(a_roster(days=(1,)), answer), circumstances, BEFORE) if one.rule == "wishes"]
    assert (missed.kind, missed.staff_id, missed.weight) == ("wished_shift_missing", who("budi"), 2)


def test_who_would_rather_have_the_one_holiday_than_the_other_gets_it() -> None:
    """Both wish to be free on Lebaran and at Christmas (here the 1st and the 2nd), and each day needs one of them."""
    lebaran, christmas = date(2027, 3, 1), date(2027, 3, 2)
    for budi, siti in ((5, 1), (1, 5)):
        wished = {who("budi"): {lebaran: budi, christmas: siti}, who("siti"): {lebaran: siti, christmas: budi}}
        people = (person("budi"), person("siti"))
        circumstances = of_the_centre(pattern=one_seat("pagi"), wished=wished, people=people)
        answer = filled(a_roster(days=(1, 2)), circumstances)
        assert answer == ((on("siti", 1), on("budi", 2)) if budi > siti else (on("budi", 1), on("siti", 2)))
        found = check(plan(a_roster(days=(1, 2)), answer), circumstances, BEFORE)
        assert [(one.kind, one.weight) for one in found if one.rule == "wishes"] == [("wish_not_met", 1)] * 2


WISHED = st.dictionaries(
    st.sampled_from([who(name) for name in NAMES]),
    st.dictionaries(st.sampled_from([date(2027, 3, day) for day in DAYS]), st.integers(1, 10), min_size=1),
)


@settings(max_examples=25)
@given(CHOICES, WISHED)
def test_wished_days_cost_the_program_what_their_breaches_weigh(planned: list[Planned], wished: dict[Any, Any]) -> None:
    asked = within_seats(planned)
    roster = a_roster(*asked)
    costs = []
    for told in (wished, {}):
        circumstances = of_the_centre(rule("fair-shares", "off"), wished=told)
        program = written(roster, circumstances, BEFORE, Existing.REPLACE)
        chosen = {variable: 1 for variable, choice in enumerate(program.choices) if choice in asked}
        costs.append(sum(units_above(one, chosen) * one.price.cost for one in program.program.limits))
    breaches = check(roster, of_the_centre(wished=wished), BEFORE)
    weight = sum(one.weight for one in breaches if one.kind == "wish_not_met")
    assert costs[0] - costs[1] == POLICY_COST * weight


def test_a_shift_that_is_not_wished_goes_to_somebody_else() -> None:
    wishes = {who("budi"): {(date(2027, 3, 1), "pagi"): -2}}
    people = (person("budi"), person("siti"))
    circumstances = of_the_centre(pattern=one_seat("pagi"), shift_wishes=wishes, people=people)
    assert filled(a_roster(days=(1,)), circumstances) == (on("siti", 1),)


def test_people_are_planned_beyond_the_seats_if_that_costs_less_than_hours_that_lack() -> None:
    even = rule("fair-shares", "off")
    both = (rule("min-hours-in-plan", hours=7), even)
    people = (person("budi"), person("siti"))
    for exceeded, count in ((None, 1), (rule("seats-exceeded", "soft"), 2)):
        policies = (*both, exceeded) if exceeded else both
        circumstances = of_the_centre(*policies, pattern=one_seat("pagi"), people=people)
        answer = filled(a_roster(days=(1,)), circumstances)
        assert len(answer) == count
        told = [one.kind for one in check(plan(a_roster(days=(1,)), answer), circumstances, BEFORE)]
        assert told.count("seats_exceeded") == count - 1


def test_an_open_seat_with_a_cost_is_weighed_against_a_wish() -> None:
    for cost, count in ((1, 0), (3, 1)):
        policy = rule("seats-exceeded", open_seat=cost)
        wishes = {who("budi"): {(date(2027, 3, 1), "pagi"): -2}}
        circumstances = of_the_centre(
            policy, rule("fair-shares", "off"), pattern=one_seat("pagi"), shift_wishes=wishes, people=(person("budi"),)
        )
        assert len(filled(a_roster(days=(1,)), circumstances)) == count


def test_hours_that_lack_are_named_and_do_not_keep_a_plan_from_being_found() -> None:
    leave = {who("budi"): {date(2027, 3, day) for day in range(2, 9)}}
    circumstances = of_the_centre(
        rule("min-hours-in-plan", hours=14), pattern=one_seat("pagi"), leave=leave, people=(person("budi"),)
    )
    roster = a_roster(days=range(1, 9))
    answer = plan(roster, filled(roster, circumstances))
    assert answer.planned == (on("budi", 1),)
    assert [(one.kind, one.params["hours"]) for one in hard(answer, circumstances)] == [("too_few_hours_in_plan", 7.2)]


# --- hours of a contract, and overtime


def hours_of(*planned: Planned) -> dict[Any, float]:
    found: dict[Any, float] = {}
    for one in planned:
        found[one.staff_id] = found.get(one.staff_id, 0) + SHIFTS[one.shift].length_minutes / 60
    return found


WEEK = (rule("weekly-hours", hours=40), rule("overtime-limit", hours_a_day=4, hours_a_week=18))
AGREED = date(2027, 2, 1)


def test_who_agreed_to_overtime_fills_a_seat_that_nobody_else_can_and_who_did_not_leaves_it_open() -> None:
    """Seven nights of nine working hours are 63: three more than 40 and 18 allow, and one night costs too many."""
    circumstances = of_the_centre(*WEEK, pattern=one_seat("malam"), people=(person("budi"),))
    assert len(filled(a_roster(days=range(1, 8)), circumstances)) == 0, "a night of nine hours is overtime of a day"
    for agreed, mornings in ((None, 5), (AGREED, 7)):
        people = (person("budi", overtime_agreed_on=agreed),)
        circumstances = of_the_centre(*WEEK, pattern=one_seat("pagi"), people=people)
        assert len(filled(a_roster(days=range(1, 8)), circumstances)) == mornings
    people = (person("budi", overtime_agreed_on=AGREED),)
    circumstances = of_the_centre(*WEEK, pattern=one_seat("malam"), people=people)
    roster = a_roster(days=range(1, 8))
    answer = plan(roster, filled(roster, circumstances))
    assert len(answer.planned) == 6
    assert planned_overtime(facts_of(answer, circumstances, BEFORE)) == 14


def test_the_overtime_of_the_days_of_a_week_is_no_more_than_its_limit() -> None:
    """A day of eleven hours has four of overtime, whoever has them: Budi takes four of the six, for five are 20 hours.
    In the other plan a day has two shifts of six hours; one of them is no overtime.
    """
    people = (person("budi", overtime_agreed_on=AGREED),)
    long = ShiftPattern(shifts=(Shift(code="panjang", name="Panjang", start="06:00", end="17:00"),))
    law = (rule("weekly-rest-days", days=1), rule("overtime-limit", hours_a_day=4, hours_a_week=18))
    circumstances = of_the_centre(*law, pattern=long, people=people)
    assert len(filled(a_roster(days=range(1, 7)), circumstances)) == 4
    half = [("pagi", "06:00", "12:00"), ("sore", "12:00", "18:00")]
    halves = ShiftPattern(shifts=tuple(Shift(code=code, name=code, start=a, end=b) for code, a, b in half))
    law = (rule("weekly-rest-days", days=2), rule("overtime-limit", hours_a_day=4, hours_a_week=18))
    circumstances = of_the_centre(*law, pattern=halves, people=people)
    answer = filled(a_roster(days=range(1, 6)), circumstances)
    assert Counter(Counter(one.day for one in answer).values()) == {2: 4, 1: 1}


def test_overtime_is_planned_for_no_seat_that_somebody_can_take_without() -> None:
    people = (person("budi", overtime_agreed_on=AGREED), person("siti"))
    wished = {who("siti"): {date(2027, 3, day): 1 for day in (6, 7)}}
    circumstances = of_the_centre(*WEEK, pattern=one_seat("pagi"), people=people, wished=wished)
    answer = filled(a_roster(days=range(1, 8)), circumstances)
    assert len(answer) == 7
    assert max(hours_of(*answer).values()) <= 40


def test_a_part_time_contract_gets_its_part_of_the_hours() -> None:
    """Eight shifts for three people: Siti, with thirty hours of forty, has the fewest."""
    people = (person("budi"), person("siti", weekly_hours=30), person("joko"))
    law = rule("weekly-hours", hours=40)
    circumstances = of_the_centre(law, REST, pattern=one_seat("pagi", "siang"), people=people)
    answer = filled(a_roster(days=range(1, 5)), circumstances)
    assert Counter(one.staff_id for one in answer) == {who("budi"): 3, who("siti"): 2, who("joko"): 3}


# --- the demand, in its order

LEADER = rule("skill-on-shift", skill="leader", at_least=1)
BPBD = rule("agency-on-shift", agency="bpbd", at_least=1)
TWO_AGENCIES = rule("agencies-together", agencies=["bpbd", "dishub"], at_least=2)


@pytest.mark.parametrize("policy", [LEADER, BPBD, TWO_AGENCIES, rule("skill-on-shift", skill="leader", at_least=3)])
def test_a_shift_that_breaks_a_hard_rule_about_its_people_is_filled_and_the_breach_told(policy: RosterPolicy) -> None:
    people = (person("siti", agency="17.71/dishub"), person("joko", agency="17.71/dishub"))
    circumstances = of_the_centre(policy, people=people)
    roster = a_roster(days=(1,))
    answer = plan(roster, filled(roster, circumstances))
    assert Counter(one.shift for one in answer.planned)["malam"] == 2
    told = [one for one in check(answer, circumstances, BEFORE) if one.rule == policy.code]
    assert {one.strength for one in told} == {"hard"}
    assert "malam" in {one.shift for one in told}


def wanting(**wanted: tuple[int, int]) -> ShiftPattern:
    """Shifts with these seats, of which so many are the minimum."""
    told = {code: {"seats": seats, "minimum": minimum} for code, (seats, minimum) in wanted.items()}
    return ShiftPattern(shifts=tuple(SHIFTS[code].model_copy(update=one) for code, one in told.items()))


def test_no_shift_has_its_last_seats_while_another_is_below_its_minimum() -> None:
    """Four people wish to have the morning, which wants four, and nobody can have the night as well."""
    wishes = {who(name): {(date(2027, 3, 1), "pagi"): 10} for name in NAMES}
    for minimum, mornings in ((1, 3), (0, 4)):
        pattern = wanting(pagi=(4, 1), malam=(1, minimum))
        circumstances = of_the_centre(REST, pattern=pattern, people=tuple(map(person, NAMES)), shift_wishes=wishes)
        answer = filled(a_roster(days=(1,)), circumstances)
        assert Counter(one.shift for one in answer)["pagi"] == mornings


def test_a_seat_of_the_minimum_goes_before_a_leader() -> None:
    """Budi alone leads. He can have one shift by the hours of the week, and nobody else can take the night."""
    people = (person("budi", skills=(Skill(code="leader"),)), person("siti", no_nights_until=Sealed("2027-12-31")))
    rules = (rule("weekly-hours", hours=10), rule("skill-on-shift", skill="leader", at_least=1, shifts=["pagi"]))
    circumstances = of_the_centre(*rules, pattern=one_seat("pagi", "malam"), people=people)
    assert set(filled(a_roster(days=(1,)), circumstances)) == {on("budi", 1, "malam"), on("siti", 1)}


@pytest.mark.parametrize("policies", [(LEADER, BPBD), (BPBD, LEADER), (LEADER, TWO_AGENCIES)])
def test_a_leader_goes_before_an_agency(policies: Sequence[RosterPolicy]) -> None:
    """Budi leads, and Siti is of the agency: there is one seat."""
    people = (person("budi", skills=(Skill(code="leader"),)), person("siti", agency="17.71/bpbd"))
    circumstances = of_the_centre(*policies, pattern=one_seat("pagi"), people=people)
    assert filled(a_roster(days=(1,)), circumstances) == (on("budi", 1),)


def test_an_agency_goes_before_other_seats() -> None:
    """Siti alone is of the agency. Her hours suffice for the night, or for two short shifts."""
    rules = (rule("weekly-hours", hours=14), rule("agency-on-shift", agency="bpbd", at_least=1, shifts=["malam"]))
    people = (person("siti", agency="17.71/bpbd"),)
    pattern = wanting(malam=(1, 0), siang=(1, 0), dini=(1, 0))
    for policies, shifts in ((rules, {"malam"}), (rules[:1], {"dini", "siang"})):
        circumstances = of_the_centre(*policies, pattern=pattern, people=people)
        assert {one.shift for one in filled(a_roster(days=(1,)), circumstances)} == shifts


@settings(max_examples=40)
@given(st.lists(st.sampled_from([LEADER, BPBD, TWO_AGENCIES]), max_size=3, unique_by=id), CHOICES, st.data())
def test_somebody_more_on_a_shift_never_costs_cover(
    policies: list[RosterPolicy], planned: list[Planned], data: st.DataObject
) -> None:
    circumstances = of_the_centre(*policies)
    program = written(a_roster(), circumstances, BEFORE, Existing.REPLACE)
    numbers = {one: number for number, one in enumerate(program.choices)}
    more = data.draw(st.sampled_from(program.choices))
    alone = [one for one in within_seats([more, *planned]) if one != more and one.staff_id != more.staff_id]
    costs = []
    for some in (alone, [*alone, more]):
        known = completed(program.program, (numbers[one] for one in some if one in numbers))
        found = sum(
            units_above(limit, known) * limit.price.cost
            for limit in program.program.limits
            if limit.price.tier is Tier.COVER
        )
        costs.append(found)
    assert costs[1] <= costs[0]


# --- what is wanted


def one_seat(*codes: str) -> ShiftPattern:
    return ShiftPattern(shifts=tuple(SHIFTS[code].model_copy(update={"seats": 1}) for code in codes))


def test_seats_are_filled_before_soft_rules_are_kept() -> None:
    pattern, wished = one_seat("pagi"), {who("budi"): {date(2027, 3, 1): 1}}
    circumstances = of_the_centre(pattern=pattern, wished=wished, people=(person("budi"),))
    assert filled(a_roster(days=(1,)), circumstances) == (on("budi", 1),)


def test_a_wish_is_met_if_somebody_else_can() -> None:
    pattern, wished = one_seat("pagi"), {who("budi"): {date(2027, 3, 1): 1}}
    circumstances = of_the_centre(pattern=pattern, wished=wished, people=(person("budi"), person("siti")))
    assert filled(a_roster(days=(1,)), circumstances) == (on("siti", 1),)


def test_nights_are_shared_equally_among_those_who_can_take_them() -> None:
    people = (*(person(name) for name in NAMES), person("wati", no_nights_until=Sealed("2027-12-31")))
    circumstances = of_the_centre(REST, pattern=one_seat("pagi", "malam"), people=people)
    nights = Counter(one.staff_id for one in filled(a_roster(days=range(1, 9)), circumstances) if one.shift == "malam")
    assert nights == {who(name): 2 for name in NAMES}


WOMEN_BY_DAY = rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])
WOMEN, MEN = ("siti", "rina", "wati"), ("budi", "joko", "anto", "dedi", "eko", "hadi")


def of_bengkulu(*policies: RosterPolicy) -> Circumstances:
    people = [person(name, sex="female") for name in WOMEN] + [person(name, sex="male") for name in MEN]
    return of_the_centre(WOMEN_BY_DAY, *policies, pattern=one_seat("pagi", "siang", "malam"), people=tuple(people))


def in_turn(names: Sequence[str], shift: str, first: int) -> list[Planned]:
    return [on(names[(day + first) % len(names)], day, shift) for day in DAYS]


def test_women_by_day_share_their_hours_and_weekends_among_themselves_and_men_by_night_too() -> None:
    """Three women have twenty shifts in ten days, and six men have ten. Wati has four of the twenty: as many hours as
    the mean of all nine people, and far fewer than the other women.
    """
    program = written(a_roster(), of_bengkulu(), BEFORE, Existing.REPLACE)
    numbers = {one: number for number, one in enumerate(program.choices)}

    def cost(*planned: list[Planned]) -> int:
        costs = cost_of(program.program, completed(program.program, [numbers[one] for some in planned for one in some]))
        assert costs is not None
        assert costs[Tier.COVER] == 0
        return costs[Tier.RULES]

    nights = in_turn(MEN, "malam", 0)
    even = in_turn(WOMEN, "pagi", 0), in_turn(WOMEN, "siang", 1)
    mornings = [on("wati", one.day.day) if one.day.day in range(3, 7) else one for one in in_turn(WOMEN[:2], "pagi", 0)]
    assert cost(*even, nights) < 10
    assert cost(mornings, in_turn(WOMEN[:2], "siang", 1), nights) > 20
    assert cost(*even, in_turn(MEN[:2], "malam", 0)) > 30


def test_a_plan_of_women_by_day_and_men_by_night_is_fair_by_the_rule_and_the_spread() -> None:
    circumstances = of_bengkulu(REST, rule("fair-shares", "soft"))
    roster = a_roster(days=range(1, 15))
    answer = plan(roster, filled(roster, circumstances))
    found = [one for one in check(answer, circumstances, BEFORE) if one.strength != "note"]
    assert found == []
    apart = spread(facts_of(answer, circumstances, BEFORE))
    assert apart["nights"] <= 1
    assert apart["weekends"] <= 2
    assert apart["hours"] <= 16


def test_nobody_is_planned_who_is_not_active() -> None:
    circumstances = of_the_centre(pattern=one_seat("pagi"), people=(person("budi", active=False), person("siti")))
    assert filled(a_roster(days=(1,)), circumstances) == (on("siti", 1),)


def test_a_leader_goes_where_no_other_is_and_an_expired_certificate_counts_no_more() -> None:
    leader = Skill(code="leader", until=date(2027, 3, 1))
    people = (person("budi", skills=(leader,)), person("siti", skills=(Skill(code="leader"),)), person("joko"))
    pattern, policy = one_seat("pagi"), rule("skill-on-shift", skill="leader", at_least=1)
    wished = {who("siti"): {date(2027, 3, 1): 1, date(2027, 3, 2): 1}}
    circumstances = of_the_centre(policy, pattern=pattern, people=people, wished=wished)
    assert filled(a_roster(days=(1, 2)), circumstances) == (on("budi", 1), on("siti", 2))


def test_a_day_with_other_seats_gets_so_many_people() -> None:
    demand = (Demand(name="Pasar malam", shifts=("pagi",), dates=(date(2027, 3, 2),), seats=3),)
    pattern = one_seat("pagi", "malam").model_copy(update={"demand": demand})
    circumstances = of_the_centre(pattern=pattern, people=tuple(map(person, NAMES)))
    count = Counter((one.day.day, one.shift) for one in filled(a_roster(days=(1, 2)), circumstances))
    assert count == {(1, "pagi"): 1, (1, "malam"): 1, (2, "pagi"): 3, (2, "malam"): 1}


def test_what_has_begun_is_not_planned_any_more() -> None:
    circumstances = of_the_centre(pattern=one_seat("pagi", "malam"), people=(person("budi"),))
    now = span_of(SHIFTS["pagi"], date(2027, 3, 1), JAKARTA).starts_at
    choices = written(a_roster(days=(1,)), circumstances, now, Existing.REPLACE).choices
    assert choices == (on("budi", 1, "malam"),)


def test_somebody_falls_ill_and_few_are_disturbed() -> None:
    """Budi's night can be taken by Joko alone: Wati has the morning before, Siti that after, and Rina is on leave."""
    stays = (on("wati", 1), on("siti", 2), on("rina", 2, "malam"))
    roster = a_roster(on("budi", 1, "malam"), *stays, days=(1, 2))
    leave = {who("budi"): {date(2027, 3, 1), date(2027, 3, 2)}, who("rina"): {date(2027, 3, 1)}}
    people = tuple(person(name) for name in (*NAMES, "wati"))
    circumstances = of_the_centre(REST, pattern=one_seat("pagi", "malam"), leave=leave, people=people)
    answer = filled(roster, circumstances, Existing.FEW_CHANGES)
    assert set(answer) == {*stays, on("joko", 1, "malam")}


def test_a_repair_may_move_what_stands_if_a_seat_would_be_open_otherwise() -> None:
    """Only Siti can take Budi's night, and then not the morning after; Joko can take that."""
    roster = a_roster(on("budi", 1, "malam"), on("siti", 2), days=(1, 2))
    leave = {who("budi"): {date(2027, 3, 1), date(2027, 3, 2)}}
    people = (person("budi"), person("siti"), person("joko", no_nights_until=Sealed("2027-12-31")))
    shifts = one_seat("malam", "pagi")
    circumstances = of_the_centre(REST, pattern=shifts, leave=leave, people=people)
    answer = filled(roster, circumstances, Existing.FEW_CHANGES)
    assert on("siti", 1, "malam") in answer
    assert on("joko", 2) in answer


def test_a_repair_changes_nothing_within_the_notice() -> None:
    """Ten hours before the night of 1 March it is too late for it, and in time for that of 2 March."""
    roster = a_roster(on("budi", 1, "malam"), on("siti", 1, "malam"), on("budi", 2, "malam"), days=(1, 2))
    shifts = one_seat("malam").model_copy(update={"notice_hours": 24})
    leave = {who("budi"): {date(2027, 3, 1), date(2027, 3, 2)}}
    circumstances = of_the_centre(pattern=shifts, leave=leave, people=tuple(map(person, NAMES)))
    now = span_of(SHIFTS["malam"], date(2027, 3, 1), JAKARTA).starts_at - timedelta(hours=10)
    program = written(roster, circumstances, now, Existing.FEW_CHANGES)
    assert program.standing == (on("siti", 1, "malam"),)
    assert {one.day.day for one in program.choices} == {2}
    assert {one.day.day for one in written(roster, circumstances, now, Existing.REPLACE).choices} == {1, 2}


def repaired(roster: Roster, circumstances: Circumstances) -> tuple[set[Planned], Mapping[str, Any]]:
    """What differs from the draft, but for what was lost, and what the solver told last."""
    program = written(roster, circumstances, BEFORE, Existing.FEW_CHANGES)
    *_, told = Solving(program.program, ENOUGH, lambda _: None).solve()
    kept = {one for one in roster.planned if not circumstances.on_leave(one.staff_id, one.day)}
    return kept ^ {*program.plan(told["chosen"])}, told


# --- the first plan

SOFT_RULES = (rule("forward-rotation", "soft"), rule("weekends-off", "soft", a_month=1), rule("fair-shares", "soft"))


@settings(max_examples=15)
@given(POLICIES, LEAVE, st.integers(0, 5))
def test_exchanges_cost_no_more_and_break_no_limit(
    policies: list[RosterPolicy], leave: dict[Any, Any], seed: int
) -> None:
    circumstances = of_the_centre(*policies, *SOFT_RULES, leave=leave)
    roster = a_roster()
    program = written(roster, circumstances, BEFORE, Existing.REPLACE)
    linked, remaining = Linked(program.program), Remaining(replace(LITTLE, seed=seed))
    for before in FirstPlan(linked, {}, remaining).made():
        *_, after = Exchanges(linked, before, Remaining(replace(ENOUGH, seed=seed))).made(0.2, 1.0)
        costs, then = cost_of(program.program, completed(program.program, before)), cost_of(program.program, after)
        assert costs is not None
        assert then is not None
        assert then[Tier.COVER] <= costs[Tier.COVER]
        assert [*then.values()] <= [*costs.values()]
        assert hard(plan(roster, program.plan([*after])), circumstances) == []


def test_exchanges_share_what_one_person_had() -> None:
    """Budi has all nights and Siti all mornings of eight days."""
    people = tuple(map(person, NAMES))
    circumstances = of_the_centre(REST, pattern=one_seat("pagi", "malam"), people=people)
    roster = a_roster(days=range(1, 9))
    program = written(roster, circumstances, BEFORE, Existing.REPLACE)
    wanted = {(who("budi"), "malam"), (who("siti"), "pagi")}
    chosen = [n for n, one in enumerate(program.choices) if (one.staff_id, one.shift) in wanted]
    *_, after = Exchanges(Linked(program.program), dict.fromkeys(chosen, 1), Remaining(ENOUGH)).made(1.0, 1.0)
    found = program.plan([*after])
    assert Counter(one.staff_id for one in found if one.shift == "malam") == {who(name): 2 for name in NAMES}
    assert len(found) == 16
    assert hard(plan(roster, found), circumstances) == []


def test_the_first_answer_fills_all_seats_if_the_draft_is_replaced() -> None:
    """The draft fills one of them."""
    people = tuple(map(person, NAMES))
    circumstances = of_the_centre(REST, pattern=one_seat("pagi", "malam"), people=people)
    program = written(a_roster(on("budi", 1)), circumstances, BEFORE, Existing.REPLACE)
    first, *_ = Solving(program.program, ENOUGH, lambda _: None).solve()
    assert not first["is_last"]
    assert len(program.plan(first["chosen"])) == 2 * len(DAYS)


def days_but(*others: int) -> set[date]:
    return {date(2027, 3, day) for day in range(1, 7) if day not in others}


def test_a_repair_disturbs_few_people_before_it_changes_few_assignments() -> None:
    """Three nights are open. Wati, Rina and Dewi could take one each. Siti takes all, and Joko her three mornings."""
    nights = [on("budi", day, "malam") for day in (1, 3, 5)]
    mornings = [on("siti", day) for day in (2, 4, 6)]
    others = [*(on("eka", day) for day in (1, 3, 5)), *(on("fajar", day, "malam") for day in (2, 4, 6))]
    away = {"budi": days_but(), "wati": days_but(1), "rina": days_but(3), "dewi": days_but(5)}
    away |= {"joko": days_but(2, 4, 6), "eka": days_but(1, 3, 5), "fajar": days_but(2, 4, 6)}
    by_day = {"joko", "eka"}
    people = [
        person(name, no_nights_until=Sealed("2027-12-31") if name in by_day else None) for name in (*away, "siti")
    ]
    circumstances = of_the_centre(
        REST, pattern=one_seat("malam", "pagi"), people=people, leave={who(name): days for name, days in away.items()}
    )
    changed, told = repaired(a_roster(*nights, *mornings, *others, days=range(1, 7)), circumstances)
    assert changed == {
        *(on("siti", day, "malam") for day in (1, 3, 5)),
        *mornings,
        *(on("joko", day) for day in (2, 4, 6)),
    }
    assert told["proven"]


def test_of_repairs_with_as_few_changes_the_fairest_is_chosen() -> None:
    nights = (on("budi", 1, "malam"), on("siti", 2, "malam"), on("siti", 3, "malam"), on("siti", 4, "malam"))
    circumstances = of_the_centre(
        pattern=one_seat("malam"),
        people=[person(name) for name in ("budi", "siti", "joko")],
        leave={who("budi"): days_but()},
    )
    changed, told = repaired(a_roster(*nights, days=range(1, 5)), circumstances)
    assert changed == {on("joko", 1, "malam")}
    assert told["proven"]


def test_a_repair_sees_the_day_on_which_a_shift_lacks_an_agency() -> None:
    """Two of one agency have the second night, whose seats are filled. Somebody of the other agency is free."""
    staff = [person(name, agency="17.71/bpbd") for name in ("budi", "siti")]
    staff += [person(name, agency="17.71/dishub") for name in ("joko", "rina")]
    nights = [on("budi", 1, "malam"), on("joko", 1, "malam"), on("budi", 2, "malam"), on("siti", 2, "malam")]
    circumstances = of_the_centre(TWO_AGENCIES, pattern=wanting(malam=(2, 1)), people=staff)
    roster = a_roster(*nights, days=(1, 2))
    program = written(roster, circumstances, BEFORE, Existing.FEW_CHANGES).program
    assert Linked(program).gaps(completed(program, program.hint)) == {1}
    changed, told = repaired(roster, circumstances)
    assert [one.day.day for one in changed] == [2, 2]
    assert told["proven"]


def test_a_repair_is_proven_over_all_days_that_a_group_may_change() -> None:
    """Budi is ill on two mornings. Two people can take them with six changes round these days. Dedi, who takes one
    morning in the plan, can take the first one if he hands on that of the sixth, to Eka, who takes the second.
    """
    skilled = {"budi": "pm", "bela": "pm", "cici": "m", "dedi": "po", "eka": "p", "fajar": "p", "gabi": "m"}
    people = [person(name, skills=tuple(Skill(code=one) for one in skills)) for name, skills in skilled.items()]
    away = {"budi": (), "eka": (2, 6), "dedi": (1, 6), "bela": (1, 2), "cici": (1, 2), "fajar": (3, 4, 5)}
    leave = {who(name): days_but(*days) for name, days in (away | {"gabi": (3, 4, 5, 6)}).items()}
    rules = (
        rule("skill-required", shifts=["pagi"], skill="p"),
        rule("skill-required", shifts=["malam"], skill="m"),
        rule("max-shifts-in-plan", most=1, shifts=["pagi", "malam"], with_skill="o"),
        rule("rest-between-shifts", hours=8),
    )
    mornings = [on("budi", 1), on("budi", 2), *(on("fajar", day) for day in (3, 4, 5)), on("dedi", 6)]
    nights = [*(on("bela", day, "malam") for day in (1, 2)), *(on("gabi", day, "malam") for day in (3, 4, 5, 6))]
    circumstances = of_the_centre(*rules, pattern=one_seat("pagi", "malam"), people=people, leave=leave)
    changed, told = repaired(a_roster(*mornings, *nights, days=range(1, 7)), circumstances)
    assert changed == {on("dedi", 1), on("eka", 2), on("dedi", 6), on("eka", 6)}
    assert told["proven"]


OF_MANY_DAYS = (
    rule("weekly-rest-days", days=3),
    rule("max-shifts-in-plan", shifts=["pagi", "malam"], most=2, with_skill="leader"),
    rule("max-days-in-a-row", days=2),
    rule("min-days-off-in-a-row", days=2),
    rule("max-nights-in-a-row", nights=1, rest_days_after=1),
)
SOME_OF_THEM = st.lists(st.sampled_from(OF_MANY_DAYS), max_size=2, unique_by=id)


@settings(max_examples=25)
@given(data=st.data())
def test_a_repair_proves_nothing_that_a_search_without_its_shortcuts_disproves(data: st.DataObject) -> None:
    """Without a hint the solver neither mends the draft nor concludes from it. A few days are proven by both."""
    days = range(1, data.draw(st.sampled_from([5, 9, 12])))
    people = [person(name, skills=(Skill(code="leader"),) * data.draw(st.integers(0, 1))) for name in (*NAMES, "wati")]
    rules = [REST, rule("forward-rotation", "soft"), *data.draw(SOME_OF_THEM)]
    before = of_the_centre(*rules, pattern=one_seat("pagi", "malam"), people=people)
    roster = a_roster(days=days)
    drafted = filled(roster, before, effort=LITTLE)
    ill = data.draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(days), min_size=1, max_size=2))
    away = {who(name): {date(2027, 3, first + n) for n in range(3)} for name, first in ill.items()}
    circumstances = replace(before, leave=away)
    program = written(plan(roster, drafted), circumstances, BEFORE, Existing.FEW_CHANGES).program
    *_, repair = Solving(program, ENOUGH, lambda _: None).solve()
    *_, plain = Solving(replace(program, hint=()), ENOUGH, lambda _: None).solve()
    costs, found = ([one["cost"] for one in told["costs"].values()] for told in (repair, plain))
    bounds = [one["bound"] for one in repair["costs"].values()]
    assert repair["proven"] or len(days) > 4
    assert bounds <= found
    if repair["proven"]:
        assert costs <= found
    if plain["proven"]:
        assert found <= costs


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_finds_the_same_plan(seed: int) -> None:
    circumstances = of_the_centre(REST, rule("weekly-rest-days", days=2), people=tuple(map(person, NAMES)))
    one, other = (filled(a_roster(), circumstances, effort=Effort(1, 100, seed)) for _ in range(2))
    assert one == other


def test_a_program_is_read_as_it_was_written() -> None:
    circumstances = of_the_centre(REST, rule("fair-shares", "soft"), wished={who("budi"): {date(2027, 3, 1): 1}})
    program = written(a_roster(on("budi", 1)), circumstances, BEFORE, Existing.FEW_CHANGES).program
    effort = Effort(3.5, 7, 11)
    lines = lines_of(program, effort).splitlines(keepends=True)
    assert read_lines(lines) == (program, effort)


def test_what_cannot_be_planned_is_not_among_the_findings() -> None:
    circumstances = of_the_centre(REST, elsewhere=[_taken("budi", date(2027, 3, 3), "pagi")])
    roster = a_roster()
    assert findings(plan(roster, filled(roster, circumstances, effort=LITTLE)), circumstances, BEFORE) == []

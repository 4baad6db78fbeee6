"""The rules of a pack, asked of a plan: given people and rules, when they are planned so, then these are broken."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from services.roster.tests.roster_histories import (
    BEFORE,
    FIRST,
    JAKARTA,
    LAST,
    PATTERN,
    ROSTER_ID,
    around,
    person,
    published,
    who,
)
from services.roster.tests.roster_histories import on as on_day

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Demand, RosterPolicy, Season, Shift, ShiftPattern, Weekday, roster_policies
from sigap_roster.domain import (
    Breach,
    Planned,
    Roster,
    Skill,
    StaffMember,
    Taken,
    breaches,
    draft,
    plan,
    span_of,
)
from sigap_roster.domain.rules import RULES

MEN = ("budi", "joko")
SHIFTS = {shift.code: shift for shift in PATTERN.shifts}


def rule(code: str, strength: str = "hard", **params: Any) -> RosterPolicy:
    return RosterPolicy.model_validate({"code": code, "strength": strength, "source": "test", "params": params})


def on(name: str, *days: int, shift: str = "pagi") -> list[Planned]:
    return [on_day(name, day, shift) for day in days]


def before(name: str, day: date, shift: str) -> Taken:
    """A duty of another published roster."""
    return Taken(who(name), day, shift, span_of(SHIFTS[shift], day, JAKARTA))


def a_plan(*planned: list[Planned], first: date = FIRST, last: date = LAST) -> Roster:
    begun = draft(Aggregate(id=ROSTER_ID, regency="17.71"), first, last)
    return plan(begun, tuple(one for some in planned for one in some))


def broken(
    roster: Roster, *rules: RosterPolicy, people: tuple[StaffMember, ...] = (), now: datetime = BEFORE, **told: Any
) -> list[Breach]:
    """What breaks the rules, open seats left out."""
    known = people or tuple(person(name) for name in ("budi", "siti", "joko", "rina"))
    found = breaches(roster, around(*known, policies=rules, **told), now)
    return [breach for breach in found if breach.rule != "seats-filled"]


def days(found: list[Breach]) -> list[tuple[str, int]]:
    return [(breach.kind, breach.day.day) for breach in found]


def test_every_policy_that_a_pack_may_name_is_asked() -> None:
    assert RULES.keys() == roster_policies().keys()


def test_a_rule_that_is_off_breaks_nothing() -> None:
    roster = a_plan(on("budi", 1, shift="malam"), on("budi", 2))
    assert broken(roster, rule("rest-between-shifts", "off", hours=11)) == []


# --- rest, hours and days of rest


def test_three_shifts_in_a_row_break_the_rest_twice() -> None:
    roster = a_plan(on("budi", 1), on("budi", 1, shift="siang"), on("budi", 1, shift="malam"))
    found = broken(roster, rule("rest-between-shifts", hours=11))
    assert days(found) == [("rest_too_short", 1), ("rest_too_short", 1)]
    assert [(b.index, b.staff_id, b.strength) for b in found] == [(1, who("budi"), "hard"), (2, who("budi"), "hard")]


def test_a_rest_of_exactly_the_hours_is_enough() -> None:
    roster = a_plan(on("budi", 1, shift="siang"), on("budi", 2))
    assert days(broken(roster, rule("rest-between-shifts", hours=10))) == []
    assert days(broken(roster, rule("rest-between-shifts", hours=10.5))) == [("rest_too_short", 2)]


def test_the_duty_of_the_month_before_binds_the_rest() -> None:
    (found,) = broken(
        a_plan(on("budi", 1)),
        rule("rest-between-shifts", hours=11),
        elsewhere=[before("budi", date(2027, 2, 28), "malam")],
    )
    assert (found.kind, found.params["other_day"], found.params["hours"]) == ("rest_too_short", date(2027, 2, 28), 0.0)


def test_the_hours_of_a_week_are_counted_for_those_of_the_employment() -> None:
    roster = a_plan(on("budi", 1, 2, 3, 4, 5, 6), on("siti", 1, 2, 3, 4, 5, 6))
    people = (person("budi", employment="contract"), person("siti", employment="police"))
    found = broken(roster, rule("weekly-hours", hours=40, employment="contract"), people=people)
    assert [(b.kind, b.staff_id, b.params["hours"], b.day) for b in found] == [
        ("week_too_long", who("budi"), 42, date(2027, 3, 1))
    ]


def test_a_rule_for_an_employment_stands_in_place_of_that_for_everybody() -> None:
    """Five mornings and two nights are 55 hours. Police may have 60, civil servants 37.5, and all others 40. A soft
    rule of the police takes no law from anybody.
    """
    names = ("budi", "siti", "joko")
    people = tuple(person(one, employment=of) for one, of in zip(names, ("police", "civil_servant", None), strict=True))
    roster = a_plan(*(on(name, 1, 2, 3, 4, 5) + on(name, 6, 7, shift="malam") for name in names))
    everybody, of_civil_servants = (
        rule("weekly-hours", hours=40),
        rule("weekly-hours", hours=37.5, employment="civil_servant"),
    )
    for strength, told in (("hard", [37.5, 40]), ("soft", [40, 37.5, 40])):
        of_police = rule("weekly-hours", strength, hours=60, employment="police")
        found = broken(roster, everybody, of_civil_servants, of_police, people=people)
        assert sorted(b.params["most"] for b in found) == sorted(told)


def test_a_soft_rule_of_an_employment_gives_nobody_the_hours_of_overtime() -> None:
    """A policeman who agreed to none works 42 hours of 40. Only a hard rule of the police may allow more."""
    plan_ = a_plan(on("budi", 1, 2, 3, 4, 5, 6))
    people = (person("budi", employment="police"),)
    everybody = (rule("weekly-hours", hours=40), rule("overtime-limit", hours_a_day=4, hours_a_week=18))
    for strength, told in (("soft", ["overtime-limit"]), ("hard", [])):
        of_police = rule("weekly-hours", strength, hours=60, employment="police")
        assert [b.rule for b in broken(plan_, *everybody, of_police, people=people)] == told


RAMADAN = Season(code="ramadan", name="Ramadan 1448 H", first_day=date(2027, 2, 8), last_day=date(2027, 3, 9))
OF_CIVIL_SERVANTS = (
    rule("weekly-hours", hours=37.5, employment="civil_servant"),
    rule("weekly-hours", hours=32.5, employment="civil_servant", season="ramadan"),
)


def test_civil_servants_have_fewer_hours_in_ramadan() -> None:
    """The week of 1 March 2027 is in Ramadan, of that of 8 March two days are: 36.07 hours of 37.5 and 32.5."""
    people = (person("budi", employment="civil_servant"), person("siti", employment="contract"))
    five = a_plan(*(on(name, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12) for name in ("budi", "siti")))
    found = broken(five, *OF_CIVIL_SERVANTS, people=people, seasons=(RAMADAN,))
    assert [(b.staff_id, b.day.day, b.params["hours"], b.params["most"]) for b in found] == [(who("budi"), 1, 35, 32.5)]
    assert broken(five, *OF_CIVIL_SERVANTS, people=people) == [], "the pack's table has no Ramadan"
    more = a_plan(on("budi", 8, 9, 10, 11, 12), on("budi", 13, shift="dini"))
    dini = Shift(code="dini", name="Dini", start="01:00", end="02:05")
    pattern = PATTERN.model_copy(update={"shifts": (*PATTERN.shifts, dini)})
    for season, most in (((RAMADAN,), [36.1]), ((), [])):
        found = broken(more, *OF_CIVIL_SERVANTS, people=people[:1], pattern=pattern, seasons=season)
        assert [b.params["most"] for b in found] == most


AGREED = (person("budi", overtime_agreed_on=date(2027, 2, 1)),)


def test_what_is_above_the_hours_of_ramadan_is_overtime() -> None:
    people = (person("budi", employment="civil_servant", overtime_agreed_on=date(2027, 2, 1)),)
    overtime = rule("overtime-limit", hours_a_day=4, hours_a_week=5)
    six = a_plan(on("budi", 1, 2, 3, 4, 5, 6))
    found = broken(six, *OF_CIVIL_SERVANTS, overtime, people=people, seasons=(RAMADAN,))
    assert [(b.kind, b.params["hours"]) for b in found] == [("overtime_of_week", 9.5)]
    (noted,) = broken(six, *OF_CIVIL_SERVANTS, overtime, people=people)
    assert (noted.kind, noted.strength, noted.params["hours"]) == ("overtime_planned", "note", 4.5)


def test_the_week_over_the_end_of_the_month_counts_what_another_roster_has() -> None:
    """1 April 2027 is a Thursday: three days of its week are in March."""
    april = [before("budi", date(2027, 4, day), "pagi") for day in (1, 2, 3)]
    found = broken(a_plan(on("budi", 29, 30, 31)), rule("weekly-hours", hours=40), elsewhere=april)
    assert days(found) == [("week_too_long", 29)]


def test_what_is_above_the_weekly_hours_is_overtime_if_a_rule_limits_that() -> None:
    weekly, overtime = rule("weekly-hours", hours=40), rule("overtime-limit", hours_a_day=4, hours_a_week=18)
    six = a_plan(on("budi", 1, 2, 3, 4, 5, 6))
    assert [(b.kind, b.strength) for b in broken(six, weekly, overtime, people=AGREED)] == [
        ("overtime_planned", "note")
    ]
    nights = a_plan(on("budi", 1, 2, 3, 4, 5, 6, shift="malam"))
    assert days(broken(nights, weekly, overtime, people=AGREED)) == [("overtime_of_week", 1)]
    soft = rule("overtime-limit", "soft", hours_a_day=4, hours_a_week=18)
    found = broken(six, weekly, soft, people=AGREED)
    assert [b.kind for b in found if b.strength == "hard"] == ["week_too_long"], "a soft rule replaces no hard one"


def test_agreed_overtime_of_days_is_listed_with_that_of_the_week() -> None:
    rules = rule("weekly-hours", hours=40), rule("overtime-limit", hours_a_day=4, hours_a_week=18)
    nights = a_plan(on("budi", 1, 2, 3, shift="malam"))
    (note,) = broken(nights, *rules, people=(person("budi", overtime_agreed_on=date(2027, 1, 4)),))
    assert (note.strength, note.kind, note.params["hours"]) == ("note", "overtime_planned", 6)


def test_nobody_works_overtime_who_has_not_agreed_to_it_by_then() -> None:
    weekly, overtime = rule("weekly-hours", hours=40), rule("overtime-limit", hours_a_day=4, hours_a_week=18)
    six, night = a_plan(on("budi", 1, 2, 3, 4, 5, 6)), a_plan(on("budi", 3, shift="malam"))
    for agreed, in_week, in_day in ((None, 1, 1), (date(2027, 3, 8), 1, 1), (date(2027, 3, 4), 0, 1)):
        people = (person("budi", overtime_agreed_on=agreed),)
        found = broken(six, weekly, overtime, people=people)
        assert [b.kind for b in found if b.strength == "hard"] == ["overtime_of_week_not_agreed"] * in_week
        found = broken(night, weekly, overtime, people=people)
        assert [(b.kind, b.params["hours"], b.params["most"]) for b in found] == [
            ("overtime_of_day_not_agreed", 2, 0)
        ] * in_day


def test_the_hours_of_the_own_contract_go_before_those_of_the_employment_if_they_are_fewer() -> None:
    roster = a_plan(*(on(name, 1, 2, 3, 4, 5) for name in ("budi", "siti", "joko")))
    people = (person("budi", weekly_hours=20), person("siti", weekly_hours=60), person("joko"))
    found = broken(roster, rule("weekly-hours", hours=30), people=people)
    assert [(b.staff_id, b.params["most"]) for b in found] == [(who("budi"), 20), (who("siti"), 30), (who("joko"), 30)]


def test_unpaid_breaks_are_no_working_hours_and_no_rest() -> None:
    """Five shifts of seven hours are 35, and 32.5 without half an hour of break in each."""
    roster = a_plan(on("budi", 1, 2, 3, 4, 5))
    told = [one.model_copy(update={"break_minutes": 30}) for one in PATTERN.shifts]
    breaks = PATTERN.model_copy(update={"shifts": tuple(told)})
    weekly = rule("weekly-hours", hours=33)
    assert [b.params["hours"] for b in broken(roster, weekly)] == [35]
    assert broken(roster, weekly, pattern=breaks) == []
    close = a_plan(on("budi", 1), on("budi", 1, shift="siang"))
    (found,) = broken(close, rule("rest-between-shifts", hours=1), pattern=breaks)
    assert found.params["hours"] == 0


def test_a_double_shift_is_overtime_of_the_day() -> None:
    roster = a_plan(on("budi", 1), on("budi", 1, shift="siang"))
    found = broken(roster, rule("overtime-limit", hours_a_day=4, hours_a_week=18), people=AGREED)
    assert [(b.kind, b.params["hours"]) for b in found] == [("overtime_of_day", 6), ("overtime_planned", 6)]


@pytest.mark.parametrize(("hours_a_day", "days_of_rest"), [(7, 1), (8, 2)])
def test_the_overtime_of_the_days_counts_for_the_limit_of_the_week(hours_a_day: int, days_of_rest: int) -> None:
    """Five days of four hours of overtime are 20, though the week has 15 (of 7 hours a day) or 20 above 40. Four days
    are 16. Who has not agreed is told of each day, and of the week no more than of what is above 40 hours.
    """
    long = Shift(code="panjang", name="Panjang", start="06:00", end=f"{10 + hours_a_day}:00")
    pattern = PATTERN.model_copy(update={"shifts": (long,)})
    rules = (
        rule("weekly-hours", hours=40),
        rule("weekly-rest-days", days=days_of_rest),
        rule("overtime-limit", hours_a_day=4, hours_a_week=18),
    )
    four, five = (a_plan(on("budi", *range(1, last), shift="panjang")) for last in (5, 6))
    assert [b.kind for b in broken(four, *rules, people=AGREED, pattern=pattern)] == ["overtime_planned"]
    (found,) = broken(five, *rules, people=AGREED, pattern=pattern)
    assert (found.kind, found.strength, found.params["hours"]) == ("overtime_of_week", "hard", 20)
    not_agreed = broken(five, *rules, people=(person("budi"),), pattern=pattern)
    assert Counter(b.kind for b in not_agreed) == {"overtime_of_day_not_agreed": 5, "overtime_of_week_not_agreed": 1}
    (of_week,) = [b for b in not_agreed if b.kind == "overtime_of_week_not_agreed"]
    assert of_week.params["hours"] == 5 * (hours_a_day + 4) - 40


def test_a_week_without_a_day_of_rest() -> None:
    roster = a_plan(on("budi", 1, 2, 3, 4, 5, 6, 7), on("siti", 1, 2, 3, 4, 5, 6))
    assert [(b.kind, b.staff_id) for b in broken(roster, rule("weekly-rest-days", days=1))] == [
        ("week_without_rest", who("budi"))
    ]


# --- nights


def test_too_many_nights_in_a_row_are_named_once() -> None:
    roster = a_plan(on("budi", 1, 2, 3, 4, 5, shift="malam"), on("budi", 3, shift="siang"))
    (found,) = broken(roster, rule("max-nights-in-a-row", nights=3))
    assert (found.kind, found.day.day, found.params["nights"]) == ("too_many_nights", 5, 5)


@pytest.mark.parametrize(("ours", "theirs"), [((30, 31), (1, 2)), ((29, 30, 31), (1,))])
def test_nights_of_the_roster_after_count_in_the_row(ours: tuple[int, ...], theirs: tuple[int, ...]) -> None:
    after = [before("budi", date(2027, 4, day), "malam") for day in theirs]
    found = broken(a_plan(on("budi", *ours, shift="malam")), rule("max-nights-in-a-row", nights=3), elsewhere=after)
    assert days(found) == [("too_many_nights", 31)]


def test_a_free_day_between_nights_begins_anew() -> None:
    roster = a_plan(on("budi", 1, 2, 3, 5, 6, 7, shift="malam"))
    assert broken(roster, rule("max-nights-in-a-row", nights=3)) == []


@pytest.mark.parametrize(("next_day", "expected"), [(4, [("too_soon_after_nights", 4)]), (5, [])])
def test_after_nights_come_days_of_rest(next_day: int, expected: list[tuple[str, int]]) -> None:
    roster = a_plan(on("budi", 1, 2, shift="malam"), on("budi", next_day))
    assert days(broken(roster, rule("max-nights-in-a-row", nights=3, rest_days_after=2))) == expected


def test_somebody_who_may_not_work_at_night_is_not_available_and_nobody_is_told_why() -> None:
    rina = person("rina", no_nights_until=Sealed("2027-03-10"))
    roster = a_plan(on("rina", 10, 11, shift="malam"), on("rina", 9))
    (found,) = broken(roster, people=(rina,))
    assert (found.rule, found.strength, found.kind, found.source) == ("available", "hard", "not_available", "staff")
    assert (found.day.day, dict(found.params)) == (10, {"who": "Rina", "day": date(2027, 3, 10), "shift": "malam"})


@pytest.mark.parametrize(
    ("start", "end", "barred"), [("07:00", "23:00", False), ("16:00", "00:00", True), ("06:00", "14:00", True)]
)
def test_the_barred_hours_are_from_23_to_7(start: str, end: str, barred: bool) -> None:
    rina = person("rina", no_nights_until=Sealed("2027-03-10"))
    pattern = ShiftPattern(shifts=(Shift(code="lain", name="Lain", start=start, end=end),))
    found = breaches(a_plan(on("rina", 3, shift="lain")), around(rina, pattern=pattern), BEFORE)
    assert any(breach.rule == "available" for breach in found) is barred


def test_what_has_begun_is_not_told_of() -> None:
    told, _ = published(on_day("budi", 1, "malam"), on_day("budi", 2))
    policy = rule("rest-between-shifts", hours=11)
    assert days(broken(told, policy)) == [("rest_too_short", 2)]
    assert broken(told, policy, now=datetime(2027, 3, 2, 0, 0, tzinfo=UTC)) == []


def test_a_shift_that_is_over_needs_nobody_any_more() -> None:
    """1 March: Budi alone in the morning, who does not lead, and nobody in the evening. A planner who publishes a later
    change owes no new reason for a shift that is past.
    """
    leader = rule("skill-on-shift", skill="leader", at_least=1)

    def told(roster: Roster, hour: int) -> set[tuple[str, int, str | None]]:
        now = datetime(2027, 3, 1, hour, 0, tzinfo=UTC)
        found = breaches(roster, around(person("budi"), policies=(leader,)), now)
        return {(one.kind, one.day.day, one.shift) for one in found if one.day.day == 1}

    roster, _ = published(on_day("budi", 1))
    morning = {("too_few_with_skill", 1, "pagi")}
    evening = {("seats_below_minimum", 1, "siang"), ("seats_below_minimum", 1, "malam")}
    assert told(roster, 1) >= morning | evening, "it is 08:00: somebody who leads may still come"
    assert told(roster, 8) & morning == set(), "it is 15:00"
    assert told(roster, 8) >= evening
    assert told(roster, 23) == {("seats_below_minimum", 1, "malam")}
    assert told(a_plan(on("budi", 1)), 8) >= morning, "it was never published"
    changed = plan(roster, (*on("budi", 1), *on("siti", 1)))
    assert told(changed, 8) >= morning, "the planner names somebody else for it afterwards, who does not lead either"


def test_a_shift_rotates_forward_or_after_a_free_day() -> None:
    roster = a_plan(on("budi", 1, shift="siang"), on("budi", 2), on("siti", 1, shift="siang"), on("siti", 3))
    found = broken(roster, rule("forward-rotation", "soft"))
    assert [(b.kind, b.staff_id, b.strength) for b in found] == [("rotates_backward", who("budi"), "soft")]


# --- weekends, shares, agencies, holidays


def test_weekends_off_are_counted_in_whole_months_only() -> None:
    every = [on("budi", day, day + 1) for day in (6, 13, 20, 27)]
    assert days(broken(a_plan(*every), rule("weekends-off", "soft", a_month=1))) == [("too_few_weekends_off", 1)]
    assert broken(a_plan(*every, last=date(2027, 3, 30)), rule("weekends-off", "soft", a_month=1)) == []
    assert broken(a_plan(*every[:3]), rule("weekends-off", "soft", a_month=1)) == []


def test_who_has_far_more_nights_than_the_others_is_named() -> None:
    roster = a_plan(on("budi", 1, 3, 5, 9, 11, shift="malam"), on("siti", 2, shift="malam"), on("joko", 4))
    found = broken(roster, rule("fair-shares", "soft"))
    assert [(b.kind, b.staff_id, b.params["count"]) for b in found] == [("share_of_nights", who("budi"), 5)]


def test_who_may_not_take_nights_by_a_local_policy_has_no_share_of_them() -> None:
    people = (*(person(name, sex="female") for name in ("siti", "rina")), *(person(name, sex="male") for name in MEN))
    city = rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])
    roster = a_plan(on("siti", 4), on("rina", 4), *(on(name, 1, 3, 5, shift="malam") for name in MEN))
    assert broken(roster, rule("fair-shares", "soft"), city, people=people) == []


CITY = rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])
SHARES = rule("fair-shares", "soft")
WEEKENDS = (6, 7, 13, 14, 20, 21, 27, 28)


def shared(*planned: list[Planned], rules: tuple[RosterPolicy, ...], people: tuple[StaffMember, ...]) -> list[Any]:
    """Who has too many of what, and how many would be the share."""
    found = [one for one in broken(a_plan(*planned), SHARES, *rules, people=people) if one.rule == "fair-shares"]
    return [(one.kind, one.staff_id, one.params["count"], one.params["share"]) for one in found]


def test_weekends_of_women_by_day_are_shared_among_women_and_those_of_men_by_night_among_men() -> None:
    """Two women have twice as many as two men, and none has more than a share; then Siti and Budi have."""
    people = (*(person(name, sex="female") for name in ("siti", "rina")), *(person(name, sex="male") for name in MEN))
    by_day = [*on("siti", *WEEKENDS), *on("rina", *WEEKENDS, shift="siang")]
    by_night = [*on("budi", *WEEKENDS[::2], shift="malam"), *on("joko", *WEEKENDS[1::2], shift="malam")]
    assert shared(by_day, by_night, rules=(CITY,), people=people) == []
    by_day = [*by_day[:-3], *on("siti", *WEEKENDS[-3:], shift="siang")]
    by_night = [*on("budi", *WEEKENDS[:6], shift="malam"), *on("joko", *WEEKENDS[6:], shift="malam")]
    assert [one for one in shared(by_day, by_night, rules=(CITY,), people=people) if one[0] == "share_of_weekends"] == [
        ("share_of_weekends", who("siti"), 11, 8),
        ("share_of_weekends", who("budi"), 6, 4),
    ]


def test_weekend_nights_that_few_may_take_are_shared_among_them() -> None:
    """Rina and Wati have not agreed to overtime: Budi and Joko have all nights, and so more of the weekends."""
    agreed = [person(name, overtime_agreed_on=date(2027, 2, 1)) for name in MEN]
    others = [person(name) for name in ("siti", "rina", "wati", "ani", "tuti", "sari")]
    limit = rule("overtime-limit", hours_a_day=4, hours_a_week=18)
    nights = [*on("budi", *WEEKENDS[::2], shift="malam"), *on("joko", *WEEKENDS[1::2], shift="malam")]
    names = ["siti", "rina", "wati", "ani", "tuti", "sari"]
    mornings = [one for n, day in enumerate(WEEKENDS) for one in on(names[n % 6], day)]
    assert shared(nights, mornings, rules=(limit,), people=(*agreed, *others)) == []
    assert [one[0] for one in shared(nights, mornings, rules=(), people=(*agreed, *others))] == [
        *["share_of_nights"] * 2,
        *["share_of_weekends"] * 2,
    ], "without the limit everybody could take a night"


def test_women_by_day_men_by_night_is_the_policy_of_one_city() -> None:
    people = (person("siti", sex="female"), person("budi", sex="male"), person("joko"))
    roster = a_plan(on("siti", 1), on("siti", 3, shift="malam"), on("budi", 1, shift="siang"), on("joko", 2))
    policy = rule("women-by-day-men-by-night", day_shifts=["pagi", "siang"], night_shifts=["malam"])
    assert days(broken(roster, policy, people=people)) == [("barred_male", 1), ("sex_missing", 2), ("barred_female", 3)]
    assert broken(roster, people=people) == []


def test_transport_is_a_note_for_women_who_start_or_leave_at_night() -> None:
    people = (person("siti", sex="female"), person("budi", sex="male"))
    roster = a_plan(on("siti", 1, shift="siang"), on("siti", 3, shift="malam"), on("budi", 3, shift="malam"))
    found = broken(roster, rule("transport-at-night", **{"from": "20:00", "until": "05:00"}), people=people)
    assert [(b.day.day, b.params["at"], b.strength) for b in found] == [(1, "21:00", "note"), (3, "21:00", "note")]


@pytest.mark.parametrize(("today", "told"), [(6, 1), (7, 1), (8, 0)])
def test_days_of_another_roster_bind_until_they_are_over(today: int, told: int) -> None:
    """It ends on 7 March. This one, until 31 March, is changed that day at noon in Jakarta."""
    now = datetime(2027, 3, today, 5, tzinfo=UTC)
    found = broken(a_plan(on("budi", 20)), now=now, same_days=[(date(2027, 2, 20), date(2027, 3, 7))])
    assert days(found) == [("days_of_another_roster", 1)] * told


def test_who_might_need_transport_is_named_if_the_sex_is_not_entered() -> None:
    roster = a_plan(on("budi", 1, shift="malam"), on("siti", 1))
    found = broken(roster, rule("transport-at-night", **{"from": "20:00", "until": "05:00"}))
    assert [(b.kind, b.staff_id, b.strength) for b in found] == [("sex_missing", who("budi"), "note")]


def test_a_shift_needs_people_of_several_agencies() -> None:
    people = (person("budi", agency="17.71/bpbd"), person("siti", agency="17.71/dishub"), person("joko"))
    roster = a_plan(on("budi", 1, 2), on("siti", 1), on("joko", 2))
    policy = rule("agencies-together", "soft", agencies=["bpbd", "dishub"], at_least=2)
    assert days(broken(roster, policy, people=people)) == [("agencies_missing", 2)]


LEADER = Skill(code="leader")
LEADERS = (
    person("budi", skills=(LEADER,), agency="17.71/bpbd"),
    person("siti", skills=(Skill(code="leader", until=date(2027, 3, 2)),), agency="17.71/dishub"),
    person("joko"),
)


def test_each_shift_needs_a_leader_whose_certificate_is_valid_on_that_day() -> None:
    roster = a_plan(on("budi", 1), on("siti", 2, 3), on("joko", 2), on("joko", 4, shift="malam"))
    policy = rule("skill-on-shift", skill="leader", at_least=1)
    found = broken(roster, policy, people=LEADERS)
    assert days(found) == [("too_few_with_skill", 3), ("too_few_with_skill", 4)]
    assert [(b.shift, b.params["count"], b.params["wanted"]) for b in found] == [("pagi", 0, 1), ("malam", 0, 1)]
    by_day = rule("skill-on-shift", skill="leader", at_least=1, shifts=["pagi", "siang"])
    assert days(broken(roster, by_day, people=LEADERS)) == [("too_few_with_skill", 3)]


def test_a_shift_needs_so_many_people_of_one_agency() -> None:
    roster = a_plan(on("budi", 1, 2), on("siti", 1), on("joko", 3))
    policy = rule("agency-on-shift", agency="dishub", at_least=1)
    assert days(broken(roster, policy, people=LEADERS)) == [("too_few_of_agency", 2), ("too_few_of_agency", 3)]


def test_a_certificate_that_everybody_needs_is_missing_or_has_expired() -> None:
    roster = a_plan(on("budi", 1), on("siti", 2, 3), on("joko", 4))
    found = broken(roster, rule("skill-required", skill="leader"), people=LEADERS)
    assert days(found) == [("skill_expired", 3), ("skill_missing", 4)]
    assert found[0].params["until"] == date(2027, 3, 2)
    for_police = rule("skill-required", skill="leader", employment="police")
    assert broken(roster, for_police, people=LEADERS) == []


@pytest.mark.parametrize(("days_before", "kinds"), [(14, []), (13, ["settled_too_late"])])
def test_a_roster_is_settled_before_a_holiday(days_before: int, kinds: list[str]) -> None:
    holiday = date(2027, 3, 10)
    now = datetime(2027, 3, 10, 5, tzinfo=UTC) - timedelta(days=days_before)
    policy = rule("settled-before-holiday", days=14)
    found = broken(a_plan(on("budi", 20)), policy, now=now, holidays={holiday: "Idulfitri"})
    assert [breach.kind for breach in found] == kinds


def test_open_seats_are_told_for_each_shift_of_each_day() -> None:
    roster = a_plan(on("budi", 1), last=date(2027, 3, 2))
    found = breaches(roster, around(person("budi")), BEFORE)
    assert len(found) == 5
    assert {(b.rule, b.strength, b.params["open"]) for b in found} == {("seats-filled", "soft", 1)}


def test_a_shift_with_fewer_people_than_its_minimum_is_told_apart() -> None:
    shift = Shift(code="pagi", name="Pagi", start="07:00", end="14:00", seats=3, minimum=2)
    circumstances = around(pattern=ShiftPattern(shifts=(shift,)))
    roster = a_plan([on_day("budi", 1), on_day("siti", 1), on_day("budi", 2)], last=date(2027, 3, 3))
    found = breaches(roster, circumstances, BEFORE)
    assert [(b.day.day, b.kind, b.params["open"], b.params["below"]) for b in found] == [
        (1, "seats_open", 1, 0),
        (2, "seats_below_minimum", 2, 1),
        (3, "seats_below_minimum", 3, 2),
    ]


def test_open_seats_are_counted_by_the_demand_of_the_day() -> None:
    demand = (
        Demand(name="Akhir pekan", shifts=("pagi",), weekdays=(Weekday.MONDAY,), seats=2),
        Demand(name="Libur", shifts=("siang", "malam"), holidays="only", seats=0),
    )
    pattern = PATTERN.model_copy(update={"demand": demand})
    known = around(person("budi"), pattern=pattern, holidays={FIRST: "Libur"})
    found = breaches(a_plan(on("budi", 1), last=FIRST), known, BEFORE)
    assert [(b.shift, b.params["open"]) for b in found] == [("pagi", 1)]


def test_hard_rules_come_first() -> None:
    roster = a_plan(on("budi", 20, shift="siang"), on("budi", 21), on("budi", 3, shift="siang"), on("budi", 4))
    rules = (rule("forward-rotation", "soft"), rule("rest-between-shifts", hours=11))
    assert [b.strength for b in broken(roster, *rules)] == ["hard", "hard", "soft", "soft"]

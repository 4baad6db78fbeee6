"""Why seats stay open: hours that a week lacks, and sets of requirements that cannot hold together."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ortools.sat.python import cp_model
from services.roster.tests.roster_histories import BEFORE, around, on, person, who
from services.roster.tests.test_program import NAMES, a_roster, one_seat, rule, wanting

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.personal_data import Sealed
from sigap_common.regency import RosterPolicy
from sigap_roster.domain import Circumstances, Planned, Roster, Sex, Skill, check, span_of
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.program import (
    CONSTRAINTS,
    NOT_ONE,
    Existing,
    GapState,
    Requirement,
    RequirementKind,
    Requirements,
    requirements,
    shortages,
)
from sigap_roster.domain.program.requirements import KEEPS_NONE_OPEN
from sigap_roster.domain.rules.of_shifts import OF_DEMAND
from sigap_roster.schemas.explanations import ConflictOut, GapOut, RequirementOut
from sigap_roster.solver.conflicts import Explaining
from sigap_roster.solver.explanation import Explanation
from sigap_roster.solver.queue import solve_next
from sigap_roster.solver.wire import Effort, Question, question_lines, question_of, read_question
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter
from .test_solves import asked, away

ENOUGH = Effort(steps=20, seconds=200)
REST, HOURS = rule("rest-between-shifts", hours=11), rule("weekly-hours", hours=40)
OVERTIME = rule("overtime-limit", hours_a_day=4, hours_a_week=18)
DAYS_OF_REST = rule("weekly-rest-days", days=1)
SEX = rule("women-by-day-men-by-night", day_shifts=["pagi"], night_shifts=["malam"])
TOGETHER = rule("agencies-together", agencies=["bpbd", "dishub"], at_least=2)
NIGHTS = rule("max-nights-in-a-row", nights=2, rest_days_after=2)
ROTATION = rule("forward-rotation")
FREE_DAY = date(2027, 3, 2)
PAGE = Path(__file__).parents[3] / "docs/planners.md"


def people(number: int, **told: Any) -> tuple[Any, ...]:
    return tuple(person(f"{NAMES[n % 4]}-{n}", **told) for n in range(number))


def centre(*policies: RosterPolicy, shifts: Sequence[str] = ("pagi", "malam"), **told: Any) -> Circumstances:
    staff = told.pop("people", people(2))
    return around(*staff, **{"pattern": one_seat(*shifts), "policies": policies, **told})


def leave(*staff: Any) -> dict[Any, Any]:
    return {one.id: {FREE_DAY} for one in staff}


TWO, FOUR = people(2), people(4)
(ONE,) = people(1)
MEN = tuple(person(f"{name}-m", sex=Sex.MALE) for name in NAMES)
OF_BPBD = people(3, agency="17.71/bpbd")
LATE_LEADER = person("wati", skills=(Skill(code="leader", until=date(2027, 2, 28)),))
PLANTED: dict[str, tuple[Circumstances, Sequence[int], Sequence[Planned]]] = {
    "all on leave": (centre(people=TWO, leave=leave(*TWO)), range(1, 4), ()),
    "one free, two seats": (centre(REST, people=TWO, leave=leave(TWO[0])), range(1, 4), ()),
    "men only": (centre(SEX, people=MEN), (1,), ()),
    "one agency": (centre(TOGETHER, people=OF_BPBD), (1,), ()),
    "nights barred": (
        centre(people=tuple(person(name, no_nights_until=Sealed("2027-03-31")) for name in NAMES)),
        (1,),
        (),
    ),
    "no leader": (
        centre(rule("skill-on-shift", skill="leader", at_least=1), people=(*people(2), LATE_LEADER)),
        (1,),
        (),
    ),
    "few of an agency": (centre(rule("agency-on-shift", agency="dishub", at_least=1), people=OF_BPBD), (1,), ()),
    "certificates expired": (centre(rule("skill-required", skill="leader"), people=(LATE_LEADER,)), (1,), ()),
    "too few hours": (centre(HOURS, people=TWO, shifts=("pagi", "siang", "malam")), range(1, 8), ()),
    "too few days": (centre(DAYS_OF_REST, people=people(1), shifts=("pagi",)), range(1, 8), ()),
    "nights in a row": (centre(NIGHTS, people=people(1), shifts=("malam",)), range(1, 6), ()),
    "backward": (centre(ROTATION, people=people(1)), (1, 2), ()),
    "locked as free": (
        centre(people=people(1), shifts=("pagi",), locks=frozenset({Lock(ONE.id, date(2027, 3, 1))})),
        (1,),
        (),
    ),
    "locked on another shift": (
        centre(REST, people=people(1), locks=frozenset({Lock(ONE.id, date(2027, 3, 1), "malam")})),
        (1,),
        (),
    ),
    "what stands": (centre(REST, people=TWO), (1, 2), (on("budi-0", 1, "malam"), on("budi-0", 2, "pagi"))),
}


def explained(wanted: Requirements, open_seats: Sequence[int], effort: Effort = ENOUGH) -> list[tuple[set[int], bool]]:
    found = Explaining(question_of(wanted, open_seats), effort).answers()
    return [(set(one["requirements"]), one["irreducible"]) for one in found if "requirements" in one]


def states(circumstances: Circumstances, roster: Roster, now: datetime = BEFORE, effort: Effort = ENOUGH) -> Any:
    """Of all seats that are open by a repair, by day and shift."""
    found = gaps(circumstances, roster, ("seats-filled",), now, effort)
    return {(one["day"][8:], one["shift"]): one["state"] for one in found}


def gaps(
    circumstances: Circumstances,
    roster: Roster,
    rules: Collection[str],
    now: datetime = BEFORE,
    effort: Effort = ENOUGH,
) -> Sequence[Mapping[str, Any]]:
    """What is told of the seats that are open by a repair, or of the hard rules that are broken."""
    found = check(roster, circumstances, now)
    lacking = [one for one in found if one.rule in rules and (one.strength == "hard" or one.rule == "seats-filled")]
    explanation = Explanation(roster, circumstances, now, Existing.FEW_CHANGES, lacking)
    for told in Explaining(explanation.question(), effort).answers():
        explanation.take(told)
    told_at_last: Sequence[Mapping[str, Any]] = explanation.told()["gaps"]
    return told_at_last


def can_hold(wanted: Requirements, members: set[int]) -> bool:
    """Whether the whole month can be planned with just these: asked anew, of all days together."""
    limits = [limit for limit, of in wanted.limits if of in {*members, NOT_ONE}]
    model = cp_model.CpModel()
    variables = [model.new_int_var(0, highest, "") for highest in wanted.highest]
    for limit in limits:
        own = [variables[variable] for variable, _ in limit.terms]
        model.add(cp_model.LinearExpr.weighted_sum(own, [factor for _, factor in limit.terms]) <= limit.most)
    return cp_model.CpSolver().solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)


def assert_none_to_spare(wanted: Requirements, conflicts: Sequence[tuple[set[int], bool]]) -> None:
    """There are conflicts. The members of each cannot hold together, and the rest can without any one of them."""
    assert conflicts
    for members, irreducible in conflicts:
        assert irreducible
        assert not can_hold(wanted, members)
        for member in members:
            assert can_hold(wanted, members - {member}), wanted.all[member]


def all_seats(wanted: Requirements) -> list[int]:
    return [number for number, one in enumerate(wanted.all) if one.kind is RequirementKind.SEATS]


def of_shifts(wanted: Requirements) -> list[int]:
    """The rules about the people of a shift."""
    told = enumerate(wanted.all)
    return [number for number, one in told if one.kind is RequirementKind.RULE and one.staff_id is None]


@pytest.mark.parametrize("name", [*PLANTED])
def test_a_planted_contradiction_is_told_without_a_member_to_spare(name: str) -> None:
    circumstances, days, stands = PLANTED[name]
    wanted = requirements(a_roster(*stands, days=days), circumstances, BEFORE, Existing.KEEP)
    assert_none_to_spare(wanted, explained(wanted, [*all_seats(wanted), *of_shifts(wanted)]))


def test_a_roster_that_can_be_filled_has_no_conflict() -> None:
    wanted = requirements(a_roster(days=(1, 2)), centre(REST, HOURS, people=FOUR), BEFORE, Existing.REPLACE)
    assert explained(wanted, all_seats(wanted)) == []


def test_a_rule_about_the_people_of_a_shift_is_never_why_its_seats_are_open() -> None:
    """Budi alone is a leader, and on leave with Siti: a seat is open, and nobody leads."""
    staff = (person("budi", skills=(Skill(code="leader"),)), person("siti"), person("joko"))
    leader = rule("skill-on-shift", skill="leader", at_least=1)
    circumstances = centre(leader, people=staff, leave=leave(*staff[:2]), pattern=wanting(malam=(2, 1)))
    wanted = requirements(a_roster(days=(2,)), circumstances, BEFORE, Existing.REPLACE)
    seats = Requirement(RequirementKind.SEATS, day=FREE_DAY, shift="malam")
    leads = Requirement(RequirementKind.RULE, day=FREE_DAY, shift="malam", policy=0)
    away = [Requirement(RequirementKind.LEAVE, one.id, FREE_DAY, last_day=FREE_DAY) for one in staff[:2]]
    ((for_seats, _),) = explained(wanted, all_seats(wanted))
    assert {wanted.all[number] for number in for_seats} == {seats, *away}
    ((for_leader, _),) = explained(wanted, of_shifts(wanted))
    assert {wanted.all[number] for number in for_leader} == {leads, away[0]}


def test_a_conflict_names_people_by_what_bars_each_of_them() -> None:
    """Budi is on leave, Siti is a woman, and Joko may not work at night."""
    staff = (
        person("budi", sex=Sex.MALE),
        person("siti", sex=Sex.FEMALE),
        person("joko", sex=Sex.MALE, no_nights_until=Sealed("2027-03-31")),
    )
    circumstances = centre(SEX, people=staff, shifts=("malam",), leave=leave(staff[0]))
    wanted = requirements(a_roster(days=(1, 2, 3)), circumstances, BEFORE, Existing.REPLACE)
    open_seats = wanted.number_of(FREE_DAY, "malam")
    assert open_seats is not None
    ((members, _),) = explained(wanted, [open_seats])
    assert {wanted.all[number] for number in members} == {
        Requirement(RequirementKind.SEATS, day=FREE_DAY, shift="malam"),
        Requirement(RequirementKind.LEAVE, who("budi"), FREE_DAY, last_day=FREE_DAY),
        Requirement(RequirementKind.RULE, who("siti"), policy=0),
        Requirement(RequirementKind.UNAVAILABLE, who("joko")),
    }


def test_what_is_not_proven_in_time_is_told_as_such() -> None:
    circumstances, days, _ = PLANTED["too few hours"]
    told = states(circumstances, a_roster(days=days), effort=Effort(steps=0, seconds=0))
    assert len(told) == 3 * len(days)
    assert {*told.values()} == {"not_known"}


def test_seats_that_could_be_filled_are_told_apart_from_those_that_cannot() -> None:
    """Both are on leave on 2 March; the other days have somebody, and their seats are open as nobody searched."""
    circumstances = centre(REST, people=TWO, leave=leave(*TWO), shifts=("pagi",))
    assert states(circumstances, a_roster(days=(1, 2, 3))) == {
        ("01", "pagi"): "could_be_filled",
        ("02", "pagi"): "cannot_be_filled",
        ("03", "pagi"): "could_be_filled",
    }


def test_a_repair_says_which_seats_are_left_as_they_begin_too_soon() -> None:
    """Budi falls ill ten hours before the night of 1 March: Siti could take it, and is to be telephoned."""
    circumstances = centre(people=TWO, leave={TWO[0].id: {date(2027, 3, 1), FREE_DAY}}, shifts=("malam",))
    now = span_of(circumstances.pattern.shifts[0], date(2027, 3, 1), circumstances.zone).starts_at - timedelta(hours=10)
    assert states(circumstances, a_roster(days=(1, 2)), now) == {
        ("01", "malam"): "within_notice",
        ("02", "malam"): "could_be_filled",
    }


def test_of_several_rules_of_one_code_the_broken_one_is_asked_about() -> None:
    """Nobody is of dishub, and somebody of damkar is free. A leader is wanted by night alone, and there is none."""
    staff = (*OF_BPBD, person("rina", agency="17.71/damkar"))
    together = [rule("agencies-together", agencies=["bpbd", other], at_least=2) for other in ("dishub", "damkar")]
    leader: dict[str, Any] = {"skill": "leader", "at_least": 1}
    leads = [
        rule("skill-on-shift", "soft", **leader),
        rule("skill-on-shift", "off", **leader),
        *(rule("skill-on-shift", shifts=[shift], **leader) for shift in ("pagi", "malam")),
    ]
    circumstances = centre(*together, *leads, people=staff, pattern=wanting(malam=(2, 1)))
    found = gaps(circumstances, a_roster(on("budi-0", 1, "malam"), days=(1,)), OF_DEMAND)
    assert [(one["lacking"].get("agencies"), one["state"]) for one in found] == [
        (None, "cannot_be_filled"),
        (["bpbd", "dishub"], "cannot_be_filled"),
        (["bpbd", "damkar"], "could_be_filled"),
    ]


def test_a_rule_that_is_broken_is_told_by_what_the_shift_lacks() -> None:
    """Beside it the seats of the shift are open, which is another sentence."""
    leader = rule("skill-on-shift", skill="leader", at_least=1)
    circumstances = centre(leader, people=TWO, pattern=wanting(malam=(2, 1)))
    found = gaps(circumstances, a_roster(on("budi-0", 1, "malam"), days=(1,)), ("seats-filled", "skill-on-shift"))
    assert [GapOut.of(one, who("roster")).in_words["en"] for one in found] == [
        "Shift malam of 1 March 2027 lacks people with the skill leader (0 of 1): it cannot have them while the other "
        "shifts have what this rule wants; the conflicts say why.",
        "Shift malam of 1 March 2027: no rule, leave or lock keeps its seats open; allow more seconds. If people are "
        "too few for other seats, it competes with them.",
    ]


OF_PEOPLE = (
    TOGETHER,
    rule("skill-on-shift", skill="leader", at_least=1),
    rule("agency-on-shift", agency="bpbd", at_least=1),
)


@pytest.mark.parametrize("state", [*GapState])
@pytest.mark.parametrize("policy", OF_PEOPLE)
def test_each_state_of_a_rule_has_a_text(policy: RosterPolicy, state: GapState) -> None:
    lacking = {**policy.params, "count": 0}
    told = {"day": "2027-03-01", "shift": "malam", "rule": policy.code, "lacking": lacking, "state": state, "hours": 24}
    words = GapOut.of(told, who("roster")).in_words
    assert len({*words.values()}) == len(LANGUAGES)


def test_a_question_is_read_as_it_was_written() -> None:
    wanted = requirements(a_roster(on("budi", 1)), centre(REST), BEFORE, Existing.KEEP)
    question, effort = question_of(wanted, [0]), Effort(3.5, 7, 11)
    read, with_effort = read_question(question_lines(question, effort).splitlines(keepends=True))
    assert with_effort == effort
    for name in Question.__dataclass_fields__:
        assert list_of(getattr(read, name)) == list_of(getattr(question, name)), name


def list_of(told: Any) -> Any:
    return [*told] if isinstance(told, list | tuple) else told


# --- the hours of a week


def lacking(*policies: RosterPolicy, roster: Roster | None = None, **told: Any) -> list[tuple[str, float, int]]:
    circumstances = centre(*policies, shifts=("pagi", "siang", "malam"), **told)
    weeks = shortages(roster or a_roster(days=range(1, 8)), circumstances, BEFORE)
    return [(str(one.week), one.hours, one.people) for one in weeks]


def test_a_week_that_lacks_hours_says_how_many_people_are_missing() -> None:
    """7 days of 23.25 hours, as the morning has 7.25, siang 7 and the night 9 of 10 hours: 162.75 in all."""
    assert lacking(HOURS, people=people(3)) == [("2027-03-01", 42.8, 2)]
    assert lacking(HOURS, people=people(5)) == []


def test_a_part_of_a_week_is_filled_by_fewer() -> None:
    assert lacking(HOURS, people=people(3), roster=a_roster(days=range(1, 4))) == []


@pytest.mark.parametrize(
    ("policies", "told", "missing"),
    [
        ((HOURS, OVERTIME), {}, 2),
        ((HOURS, OVERTIME), {"people": people(3, overtime_agreed_on=date(2027, 2, 1))}, 0),
        ((HOURS,), {"people": people(4, weekly_hours=20)}, 5),
        ((DAYS_OF_REST,), {}, 0),
        ((HOURS,), {"leave": {people(3)[0].id: {date(2027, 3, day) for day in range(1, 8)}}}, 3),
        ((rule("weekly-hours", hours=40, employment="police"),), {}, 0),
        ((rule("weekly-hours", "soft", hours=40),), {}, 0),
    ],
)
def test_hours_are_counted_as_the_rules_count_them(
    policies: Sequence[RosterPolicy], told: dict[str, Any], missing: int
) -> None:
    assert sum(people for *_, people in lacking(*policies, **{"people": people(3), **told})) == missing


# --- in words

OF_RULES = [code for code, constraint in CONSTRAINTS.items() if constraint is not None]


def test_each_rule_that_can_be_hard_has_a_text() -> None:
    texts = Texts.load("sigap_roster")
    never = {"available", "wishes", "seats-filled", *KEEPS_NONE_OPEN}
    lacking = {code for code in OF_RULES if code not in never and f"requirements.{code}" not in texts}
    assert lacking == set()


def test_a_conflict_tells_first_what_may_change_and_equal_rules_together() -> None:
    """The rule of a law is stored first, as the solver numbers it."""
    law = {"kind": "rule", "rule": "weekly-hours", "source": "PP 35/2021", "params": {"hours": 40}}
    hours = [{**law, "staff_id": str(who(f"p{n}"))} for n in range(40)]
    away = {"kind": "leave", "staff_id": str(who("p0")), "day": "2027-03-02", "last_day": "2027-03-04"}
    seats = {"kind": "seats", "day": "2027-03-02", "shift": "malam", "params": {"seats": 2}}
    stands = {"kind": "stands", "staff_id": str(who("p1")), "day": "2027-03-02", "shift": "pagi"}
    stored = {"day": "2027-03-02", "shift": "malam", "irreducible": True, "requirements": [*hours, away, seats, stands]}
    conflict = ConflictOut.of(stored, {str(who(f"p{n}")): f"P{n}" for n in range(40)})
    assert [one.kind.value for one in conflict.requirements[:4]] == ["stands", "seats", "leave", "rule"]
    said = (
        "P1: stays on shift pagi of 2 March 2027, as in the draft. Shift malam of 2 March 2027: 2 seats are filled. "
        "P0: leave from 2 March 2027 to 4 March 2027. 40 people: at most 40 hours a week (PP 35/2021)."
    )
    assert conflict.in_words["en"] == said
    not_proven = ConflictOut.of({**stored, "irreducible": False}, {str(who(f"p{n}")): f"P{n}" for n in range(40)})
    assert not not_proven.irreducible
    assert not_proven.in_words["en"] == (
        f"{said} (There was no time to prove that each of these matters: some of them may not.)"
    )


def test_the_sentences_that_the_planners_page_quotes_are_said() -> None:
    women = {"night_shifts": ["malam"], "day_shifts": ["pagi", "siang"]}
    required: list[dict[str, Any]] = [
        {"kind": "seats", "day": "2027-03-18", "shift": "malam", "params": {"seats": 2}},
        {"kind": "leave", "staff_id": str(who("budi")), "day": "2027-03-18", "last_day": "2027-03-20"},
        {
            "kind": "rule",
            "rule": "women-by-day-men-by-night",
            "staff_id": str(who("siti")),
            "source": "city policy",
            "params": women,
        },
    ]
    names = {str(who("budi")): "Budi (OP-07)", str(who("siti")): "Siti (OP-08)"}
    said = [RequirementOut.of(one, names).in_words["en"] for one in required]
    page = " ".join(PAGE.read_text().split())
    told = page.partition("`conflicts`: at most five sets of things that cannot all hold, such as ")[2]
    assert told.startswith(", ".join(f'"{one}"' for one in said))


async def test_a_search_that_leaves_seats_open_says_why(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    await away(desk, budi, "2024-02-21")
    path = await asked(desk, await draft(), seconds=1)
    assert (await desk("GET", f"{path}/explanation")).json() == {
        "state": "queued",
        "shortages": [],
        "gaps": [],
        "conflicts": [],
    }
    assert await solve_next(kit.runtime)
    found = (await desk("GET", f"{path}/explanation")).json()
    assert found["state"] == "done"
    (about,) = found["conflicts"]
    assert {(one["day"], one["state"]) for one in found["gaps"]} == {("2024-02-21", "cannot_be_filled")}
    assert all(set(one["in_words"]) == set(LANGUAGES) for one in found["gaps"])
    assert (about["day"], about["shift"], about["irreducible"]) == ("2024-02-21", "pagi", True)
    told = {(one["kind"], one["staff_id"]): one for one in about["requirements"]}
    assert told["leave", budi]["in_words"] == {
        "id": "Budi (OP-Budi): cuti dari 21 Februari 2024 sampai 21 Februari 2024.",
        "en": "Budi (OP-Budi): leave from 21 February 2024 to 21 February 2024.",
    }
    assert told["leave", budi]["may_change"]
    assert siti not in {staff_id for _, staff_id in told}
    seats = [one["in_words"]["en"] for one in about["requirements"] if one["kind"] == "seats"]
    assert seats == ["Shift pagi of 21 February 2024: 2 seats are filled."]


async def test_rules_are_told_with_their_source_and_law_is_not_to_be_changed(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Any
) -> None:
    policies = [one.model_dump(mode="json") for one in (HOURS, NIGHTS)]
    await kit.configure(pack("99.01", policies=policies), version=2)
    for name in ("Budi", "Siti", "Joko"):
        await enter(name)
    path = await asked(desk, await draft(), seconds=1)
    assert await solve_next(kit.runtime)
    found = (await desk("GET", f"{path}/explanation")).json()
    assert [one["week"] for one in found["shortages"]] == ["2024-02-19"]
    assert found["shortages"][0]["in_words"]["en"].startswith("The week of 19 February 2024 lacks ")
    rules = [one for conflict in found["conflicts"] for one in conflict["requirements"] if one["kind"] == "rule"]
    assert {(one["rule"], one["may_change"]) for one in rules} <= {
        ("weekly-hours", False),
        ("max-nights-in-a-row", True),
    }
    assert {one["source"] for one in rules} == {"test"}
    assert all(set(one["in_words"]) == set(LANGUAGES) for one in rules)


@pytest.mark.parametrize(
    ("rule_", "entry", "said", "may_change"),
    [
        (HOURS, {"weekly_hours": 10}, "at most 10 hours a week, by contract", False),
        (OVERTIME, {}, "no overtime without having agreed to it", True),
        (OVERTIME, {"overtime_agreed_on": "2024-02-01"}, "at most 3 hours of overtime a day", False),
    ],
)
async def test_what_a_person_has_agreed_to_is_told(
    kit: Kit,
    desk: Desk,
    enter: Enter,
    draft: Draft,
    pack: Any,
    rule_: RosterPolicy,
    entry: dict[str, Any],
    said: str,
    may_change: bool,
) -> None:
    """One person for shifts of twelve hours."""
    shifts = {
        "shifts": [
            {"code": "pagi", "name": "Pagi", "start": "07:00", "end": "19:00"},
            {"code": "malam", "name": "Malam", "start": "19:00", "end": "07:00"},
        ]
    }
    policy = rule_.model_copy(
        update={"params": rule_.params | ({"hours_a_day": 3} if "hours_a_day" in rule_.params else {})}
    )
    await kit.configure(pack("99.01", shifts=shifts, policies=[policy.model_dump(mode="json")]), version=2)
    await enter("Budi", **entry)
    path = await asked(desk, await draft(), seconds=1)
    assert await solve_next(kit.runtime)
    found = (await desk("GET", f"{path}/explanation")).json()
    (rule_told, *_) = [one for one in found["conflicts"][0]["requirements"] if one["kind"] == "rule"]
    assert said in rule_told["in_words"]["en"]
    assert rule_told["may_change"] is may_change


async def test_an_explanation_is_read_by_leaders_of_the_regency(desk: Desk, draft: Draft) -> None:
    path = await asked(desk, await draft())
    assert (await desk("GET", f"{path}/explanation", None, "staff")).status_code == 403
    assert (await desk("GET", f"{path}/explanation", regencies=("99.02",))).status_code == 404

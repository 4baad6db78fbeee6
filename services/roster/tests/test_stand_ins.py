"""Who else could take a shift, and in which order they are telephoned."""

from datetime import date
from typing import Any

from services.roster.tests.roster_histories import BEFORE, a_draft, around, on, person, who
from services.roster.tests.test_program import rule

from sigap_common.personal_data import Sealed
from sigap_roster.domain import Planned, Skill, StandIn, stand_ins
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter
from .test_solves import away

REST = rule("rest-between-shifts", hours=11)
DAY = date(2027, 3, 2)
PEOPLE = ("budi", "siti", "joko", "rina")


def found(*planned: Planned, shift: str = "malam", **told: Any) -> list[StandIn]:
    people = told.pop("people", tuple(map(person, PEOPLE)))
    return stand_ins(a_draft(*planned), around(*people, **told), BEFORE, DAY, shift)


def order(some: list[StandIn]) -> list[tuple[str, list[str]]]:
    names = {who(name): name for name in (*PEOPLE, "wati")}
    return [(names[one.staff_id], [breach.rule for breach in one.barred_by]) for one in some]


def test_first_come_those_whom_no_rule_bars_by_their_wish_and_hours() -> None:
    leave, wished = {who("budi"): {DAY}}, {who("siti"): {DAY: 1}}
    plan = (on("budi", 2, "malam"), on("joko", 4), on("rina", 4), on("rina", 9), on("wati", 3))
    people = tuple(map(person, (*PEOPLE, "wati")))
    some = found(*plan, leave=leave, wished=wished, policies=(REST,), people=people)
    assert order(some) == [
        ("joko", []),
        ("rina", []),
        ("siti", []),
        ("budi", ["available"]),
        ("wati", ["rest-between-shifts"]),
    ]
    assert [(one.week_hours, one.hours) for one in some[:2]] == [(7.0, 7.0), (7.0, 14.0)]


def test_who_may_not_work_at_night_is_not_available_and_no_more_is_said() -> None:
    people = (person("siti", no_nights_until=Sealed("2027-03-31")),)
    ((breach,),) = [one.barred_by for one in found(people=people)]
    assert (breach.rule, breach.kind, breach.source) == ("available", "not_available", "staff")


def test_a_week_that_is_too_long_already_bars_from_more_hours() -> None:
    policy = rule("weekly-hours", hours=10)
    some = found(on("budi", 1), on("budi", 3), policies=(policy,), people=(person("budi"),), shift="siang")
    assert order(some) == [("budi", ["weekly-hours"])]


def test_the_last_seat_needs_the_leader_whom_the_shift_lacks() -> None:
    people = (person("siti"), person("joko", skills=(Skill(code="leader"),)))
    policy = rule("skill-on-shift", skill="leader", at_least=1)
    assert order(found(people=people, policies=(policy,))) == [("joko", []), ("siti", ["skill-on-shift"])]


async def test_a_leader_reads_whom_to_telephone(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti", contact="0813-1111-2222")
    roster = await draft((budi, 20, "malam"), (siti, 22, "pagi"))
    await away(desk, budi, "2024-02-20")
    path = f"/v1/rosters/{roster['id']}/stand-ins"
    answer = await desk("GET", f"{path}?day=2024-02-20&shift=malam", None, "supervisor")
    told = [(one["staff_id"], one["contact"], one["could"]) for one in answer.json()["items"]]
    assert told == [(siti, "0813-1111-2222", True), (budi, None, False)]
    (barred,) = answer.json()["items"][1]["barred_by"]
    assert (barred["rule"], barred["index"], "Budi" in barred["in_words"]["id"]) == ("available", None, True)
    assert (await desk("GET", f"{path}?day=2024-02-20&shift=malam", None, "staff")).status_code == 403
    nobody_told = await desk("GET", f"{path}?day=2024-02-20&shift=malam&published=true", None, "supervisor")
    hours = [{one["name"]: one["hours"] for one in found.json()["items"]} for found in (answer, nobody_told)]
    assert hours == [{"Siti": 7, "Budi": 0}, {"Siti": 0, "Budi": 0}], "it was never published"
    wrong = await desk("GET", f"{path}?day=2024-03-20&shift=sore")
    assert [(one["parameter"], one["code"]) for one in wrong.json()["errors"]] == [
        ("day", "not_in_plan"),
        ("shift", "shift_unknown"),
    ]

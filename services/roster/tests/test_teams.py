"""Teams with a cycle: planned as they are, then mended round leave."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from services.roster.tests.roster_histories import BEFORE, JAKARTA, PATTERN, ROSTER_ID, around, on, person, who
from services.roster.tests.test_program import filled, one_seat

from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Invalid
from sigap_roster.domain import Planned, Roster, draft, plan, span_of
from sigap_roster.domain.program import Existing
from sigap_roster.domain.teams import Team, rotated
from sigap_testing.refusals import faults_of

from .conftest import Desk, Draft, Enter

THREE_AND_TWO = ("pagi", "siang", "malam", None, None)


def team(*names: str, cycle: Sequence[str | None] = THREE_AND_TWO, starts: int = 1) -> Team:
    return Team("Regu A", cycle, date(2027, 3, starts), [who(name) for name in names])


def roster(*planned: Planned, last: int = 7) -> Roster:
    begun = Aggregate(id=ROSTER_ID, regency="17.71")
    return plan(draft(begun, date(2027, 3, 1), date(2027, 3, last)), planned)


def test_a_cycle_is_planned_over_and_over_and_goes_on_before_its_first_day() -> None:
    found = rotated(roster(), [team("budi", starts=3)], around(), BEFORE).planned
    assert found == (
        on("budi", 3),
        on("budi", 4, "siang"),
        on("budi", 5, "malam"),
    ), "1 and 2 March are the free days of the cycle before"
    assert rotated(roster(last=1), [team("budi", starts=4)], around(), BEFORE).planned == (on("budi", 1, "malam"),)


def test_two_by_two_by_two_by_two() -> None:
    cycle = ("pagi", "pagi", "siang", "siang", "malam", "malam", None, None)
    found = rotated(roster(last=9), [team("budi", cycle=cycle)], around(), BEFORE).planned
    assert [(one.day.day, one.shift) for one in found] == [
        *((1, "pagi"), (2, "pagi"), (3, "siang"), (4, "siang"), (5, "malam"), (6, "malam"), (9, "pagi"))
    ]


def test_what_others_have_and_what_has_begun_stays() -> None:
    noon = span_of(PATTERN.shifts[1], date(2027, 3, 1), JAKARTA).starts_at
    before = roster(on("budi", 1, "siang"), on("budi", 2, "malam"), on("siti", 2), last=2)
    found = rotated(before, [team("budi")], around(), noon).planned
    assert found == (on("budi", 1, "siang"), on("siti", 2), on("budi", 2, "siang"))


def test_nobody_who_is_not_active_is_planned() -> None:
    people = (person("budi", active=False), person("siti"))
    assert rotated(roster(last=1), [team("budi", "siti")], around(*people), BEFORE).planned == (on("siti", 1),)


def test_a_shift_that_the_pack_has_no_more_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        rotated(roster(), [team("budi", cycle=("sore", None))], around(), BEFORE)
    assert [fault.params["shift"] for fault in faults_of(refused)] == ["sore"]


def test_the_solver_mends_a_cycle_round_leave_with_few_changes() -> None:
    """Budi is away on his second morning: somebody takes it, and the rest of the cycle stays."""
    people = tuple(map(person, ("budi", "siti", "wati")))
    day_off = {who("budi"): {date(2027, 3, 3)}}
    circumstances = around(*people, pattern=one_seat("pagi"), leave=day_off)
    teams = [team("budi", cycle=("pagi", None)), team("siti", cycle=(None, "pagi"))]
    as_they_are = rotated(roster(last=6), teams, circumstances, BEFORE)
    assert on("budi", 3) in as_they_are.planned
    mended = set(filled(as_they_are, circumstances, Existing.FEW_CHANGES))
    (taken,) = mended - set(as_they_are.planned)
    assert set(as_they_are.planned) - mended == {on("budi", 3)}
    assert (taken.day, taken.shift) == (date(2027, 3, 3), "pagi")


# --- over HTTP


async def made(desk: Desk, *members: str, **told: Any) -> dict[str, Any]:
    body = {"regency": "99.01", "name": "Regu A", "cycle": [*THREE_AND_TWO], "starts_on": "2024-02-20"}
    answer = await desk("POST", "/v1/teams", {**body, "members": [*members], **told})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_team_is_entered_changed_planned_and_removed(desk: Desk, enter: Enter, draft: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    entered = await made(desk, budi)
    path = f"/v1/teams/{entered.pop('id')}"
    changed = {**entered, "members": [budi, siti]}
    for name in ("regency", "version"):
        changed.pop(name)
    answer = await desk("PUT", path, changed, version=1)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    assert (await desk("PUT", path, changed, version=1)).status_code == 412
    plan = await draft((siti, 24, "pagi"))
    rotate = f"/v1/rosters/{plan['id']}/rotate"
    planned = await desk("POST", rotate, version=plan["version"])
    told = [(one["staff_id"], one["day"][-2:], one["shift"]) for one in planned.json()["assignments"]]
    cycle = (("20", "pagi"), ("21", "siang"), ("22", "malam"), ("25", "pagi"))
    assert told == [(who, day, shift) for day, shift in cycle for who in (budi, siti)]
    assert (await desk("POST", rotate, version=plan["version"])).status_code == 412
    unknown = await desk("POST", rotate, {"teams": [budi]}, version=plan["version"] + 1)
    assert [(one["pointer"], one["code"]) for one in unknown.json()["errors"]] == [("#/teams/0", "team_unknown")]
    assert (await desk("GET", "/v1/teams", None, "staff")).status_code == 403
    assert (await desk("GET", path, regencies=("99.02",))).status_code == 404
    assert (await desk("DELETE", path)).json()["name"] == "Regu A"
    assert (await desk("GET", "/v1/teams?regency=99.01")).json()["items"] == []


async def test_all_that_is_wrong_with_a_team_is_said_at_once(desk: Desk, enter: Enter) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    other = await made(desk, budi)
    body = {"regency": "99.01", "name": "Regu B", "cycle": ["sore", None], "starts_on": "2024-02-20"}
    members = [siti, siti, budi, other["id"]]
    answer = await desk("POST", "/v1/teams", {**body, "members": members})
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("#/cycle/0", "shift_unknown"),
        ("#/members/1", "member_twice"),
        ("#/members/2", "member_of_another_team"),
        ("#/members/3", "member_unknown"),
    ]
    empty = await desk("POST", "/v1/teams", {**body, "cycle": [None]})
    assert [one["code"] for one in empty.json()["errors"]] == ["cycle_without_shift"]


async def test_two_teams_do_not_get_one_person_at_the_same_moment(desk: Desk, enter: Enter) -> None:
    body = {"regency": "99.01", "cycle": ["pagi"], "starts_on": "2024-02-20", "members": [await enter("Budi")]}
    answers = await asyncio.gather(*(desk("POST", "/v1/teams", {**body, "name": name}) for name in "ABC"))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]

"""Staff ask for leave; the planner sees what it would do to the rosters, and grants or refuses it."""

import asyncio
from datetime import date
from typing import Any

import httpx
from services.roster.tests.roster_histories import BEFORE, a_draft, around, on, person, who
from services.roster.tests.test_program import rule

from sigap_roster.domain import Absence, AbsenceKind
from sigap_roster.domain.stand_ins import uncovered

from .conftest import As, Desk, Draft, Enter

REST = rule("rest-between-shifts", hours=11)


def test_leave_uncovers_the_shifts_of_its_days_that_have_not_begun() -> None:
    people = tuple(map(person, ("budi", "siti", "joko")))
    roster = a_draft(on("budi", 1), on("budi", 2, "malam"), on("budi", 9), on("siti", 3), on("joko", 9))
    away = Absence(who("budi"), AbsenceKind.ASKED, date(2027, 3, 2), date(2027, 3, 9))
    found = uncovered(roster, around(*people, policies=(REST,)), BEFORE, away)
    assert [(one.day.day, one.shift, one.open_seats, one.could, one.first) for one in found] == [
        (2, "malam", 1, 1, (who("joko"),)),
        (9, "pagi", 0, 1, (who("siti"),)),
    ], "Siti works the morning after; on the 9th Joko is there beyond the seat"


async def asked(desk: Desk, staff: As, name: str, staff_id: str, kind: str = "asked") -> httpx.Response:
    body = {"staff_id": staff_id, "kind": kind, "first_day": "2024-02-21", "last_day": "2024-02-22"}
    return await staff(name, "POST", "/v1/absences", body)


async def test_staff_wish_for_shifts_and_days_and_the_check_names_those_that_are_not_met(
    desk: Desk, staff: As, enter: Enter, draft: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")

    async def wish(name: str, staff_id: str, **told: Any) -> httpx.Response:
        body = {"staff_id": staff_id, "first_day": "2024-02-21", "last_day": "2024-02-21", **told}
        return await staff(name, "POST", "/v1/absences", body)

    assert (await wish("budi", budi, kind="wish", shift="pagi", weight=2)).status_code == 201
    assert (await wish("siti", siti, kind="wish_to_work", shift="siang")).json()["weight"] == 1
    for weight in (3, 7, 1):
        assert (await wish("siti", siti, kind="wish", weight=weight)).status_code == 201
    roster = await draft((budi, 21, "pagi"), (siti, 21, "malam"))
    found = (await desk("GET", f"/v1/rosters/{roster['id']}/breaches")).json()["items"]
    of_wishes = {(one["staff_id"], one["shift"], one["weight"]) for one in found if one["rule"] == "wishes"}
    assert of_wishes == {(budi, "pagi", 2), (siti, "siang", 1), (siti, "malam", 7)}, "of one day the heaviest counts"


async def test_what_is_wrong_with_a_wish_is_said_at_once(staff: As, enter: Enter) -> None:
    budi = await enter("Budi")
    body = {"staff_id": budi, "first_day": "2024-02-21", "last_day": "2024-02-20"}
    told = (
        {"kind": "wish_to_work", "weight": 3},
        {"kind": "asked", "shift": "pagi"},
        {"kind": "asked", "weight": 3},
        {"kind": "wish", "shift": "noon"},
    )
    answers = [await staff("budi", "POST", "/v1/absences", {**body, **one}) for one in told]
    assert [{error["pointer"] for error in one.json()["errors"]} for one in answers] == [
        {"#/last_day", "#/shift"},
        {"#/last_day", "#/shift"},
        {"#/last_day", "#/weight"},
        {"#/last_day", "#/shift"},
    ]


async def breaches(desk: Desk, roster: dict[str, Any]) -> list[str]:
    found = (await desk("GET", f"/v1/rosters/{roster['id']}/breaches")).json()["items"]
    return [one["rule"] for one in found if one["rule"] != "seats-filled"]


async def test_leave_is_asked_for_looked_at_and_granted(desk: Desk, staff: As, enter: Enter, publish: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "siang"), (siti, 21, "pagi"))
    answer = await asked(desk, staff, "budi", budi)
    assert (answer.status_code, answer.json()["kind"]) == (201, "asked"), answer.text
    path = f"/v1/absences/{answer.json()['id']}"
    assert await breaches(desk, roster) == [], "it binds nobody yet"
    effect = (await desk("GET", f"{path}/effect")).json()["items"]
    told = [(one["day"], one["shift"], one["open_seats"], one["could"], one["first"]) for one in effect]
    assert told == [("2024-02-21", "siang", 1, 1, [siti])]
    own = (await staff("budi", "GET", f"{path}/effect")).json()["items"]
    assert [(one["could"], one["first"]) for one in own] == [(1, [])], "who it is, only leaders are told"
    assert (await staff("budi", "POST", f"{path}/grant")).status_code == 403
    assert (await desk("POST", f"{path}/grant")).json()["kind"] == "leave"
    assert (await desk("POST", f"{path}/grant")).json()["kind"] == "leave", "the same again is no change"
    assert await breaches(desk, roster) == ["available"]
    late = await desk("POST", f"{path}/refuse")
    assert (late.status_code, late.json()["state"]) == (409, "leave")
    assert (await staff("budi", "DELETE", path)).status_code == 403, "granted leave is the planner's to remove"


async def test_the_effect_of_leave_tells_staff_nothing_of_locks(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "siang"))
    path = f"/v1/absences/{(await asked(desk, staff, 'budi', budi)).json()['id']}/effect"
    lock = {"staff_id": siti, "day": "2024-02-21", "shift": None}
    assert (await desk("POST", f"/v1/rosters/{roster['id']}/locks", lock)).status_code == 201
    assert [one["could"] for one in (await desk("GET", path)).json()["items"]] == [0]
    assert [one["could"] for one in (await staff("budi", "GET", path)).json()["items"]] == [1]


async def test_a_refusal_may_be_taken_back_and_what_is_asked_for_withdrawn(desk: Desk, staff: As, enter: Enter) -> None:
    budi = await enter("Budi")
    path = f"/v1/absences/{(await asked(desk, staff, 'budi', budi)).json()['id']}"
    assert (await desk("POST", f"{path}/refuse")).json()["kind"] == "refused"
    listed = (await staff("budi", "GET", "/v1/absences")).json()["items"]
    assert [one["kind"] for one in listed] == ["refused"]
    assert (await desk("POST", f"{path}/grant")).json()["kind"] == "leave"
    other = f"/v1/absences/{(await asked(desk, staff, 'budi', budi, 'wish')).json()['id']}"
    assert (await desk("POST", f"{other}/grant")).json()["state"] == "wish"
    assert (await staff("budi", "DELETE", other)).json()["kind"] == "wish"


async def test_one_grants_and_one_refuses_at_once(desk: Desk, staff: As, enter: Enter) -> None:
    path = f"/v1/absences/{(await asked(desk, staff, 'budi', await enter('Budi'))).json()['id']}"
    grants, refuses = await asyncio.gather(desk("POST", f"{path}/grant"), desk("POST", f"{path}/refuse"))
    assert grants.status_code == 200
    assert refuses.status_code in (200, 409)
    (left,) = (await desk("GET", "/v1/absences")).json()["items"]
    assert left["kind"] == "leave", "granted: before or after the refusal"


async def test_staff_enter_for_themselves_alone_and_no_leave(desk: Desk, staff: As, enter: Enter, draft: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    assert (await asked(desk, staff, "budi", budi, "leave")).json()["type"] == "/problems/role-missing"
    assert (await asked(desk, staff, "budi", siti)).status_code == 404
    assert (await asked(desk, staff, "budi", budi, "refused")).status_code == 422
    path = f"/v1/absences/{(await asked(desk, staff, 'siti', siti)).json()['id']}"
    assert (await staff("budi", "GET", "/v1/absences")).json()["items"] == []
    assert (await staff("budi", "GET", f"{path}/effect")).status_code == 404
    assert (await staff("budi", "DELETE", path)).status_code == 404
    await draft((siti, 21, "siang"))
    assert (await staff("siti", "GET", f"{path}/effect")).json()["items"] == [], "a draft is the planner's alone"

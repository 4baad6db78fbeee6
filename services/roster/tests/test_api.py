"""Roster over HTTP: what each may do and see, and how what cannot be is refused."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select

from sigap_common.contracts.rosters import RosterPublished
from sigap_common.core.texts import Texts
from sigap_common.http.guards import guarded_routes
from sigap_common.regency import Pack
from sigap_roster.models import metadata, rosters, tables
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter

WEEK = {"regency": "99.01", "first_day": "2024-02-19", "last_day": "2024-02-25"}
BUDI = {"regency": "99.01", "name": "Budi Santoso", "contact": "0812-3456-7890", "agency": "99.01/damkar"}


def named(problem: httpx.Response) -> list[tuple[Any, ...]]:
    """Where a problem's errors are, and what they are."""
    errors = problem.json()["errors"]
    places = [
        tuple(one[name] for name in ("pointer", "parameter", "row", "column", "code") if name in one) for one in errors
    ]
    assert all(one["detail"] for one in errors)
    return places


def refused(answer: httpx.Response, status: int, slug: str) -> None:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), answer.text


# --- staff


async def test_a_person_is_entered_read_listed_and_replaced(desk: Desk) -> None:
    answer = await desk("POST", "/v1/staff", {**BUDI, "subject": "budi"})
    entered = answer.json()
    assert (answer.status_code, answer.headers["etag"], entered["contact"]) == (201, '"1"', "0812-3456-7890")
    path = f"/v1/staff/{entered['id']}"
    changed = {**BUDI, "active": False}
    changed.pop("regency")
    answer = await desk("PUT", path, changed, version=1)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    read = (await desk("GET", path)).json()
    assert (read["active"], read["subject"], read["version"]) == (False, None, 2)
    assert (await desk("GET", "/v1/staff?active=true")).json() == {"items": [], "next": None}
    assert (await desk("GET", "/v1/staff?regency=99.01&active=false")).json()["items"] == [read]
    assert (await desk("PUT", path, changed, version=2)).headers["etag"] == '"2"'  # the same again is no change


async def test_skills_and_certificates_are_entered_with_their_last_day(desk: Desk) -> None:
    skills = [{"code": "leader", "until": None}, {"code": "first-aid", "until": "2024-06-30"}]
    answer = await desk("POST", "/v1/staff", {**BUDI, "skills": skills})
    assert (answer.status_code, answer.json()["skills"]) == (201, skills)
    assert (await desk("GET", f"/v1/staff/{answer.json()['id']}")).json()["skills"] == skills
    twice = {**BUDI, "skills": [{"code": "leader"}, {"code": "leader"}, {"code": "Ketua Regu"}]}
    assert named(await desk("POST", "/v1/staff", twice)) == [("#/skills/2/code", "string_pattern_mismatch")]
    twice = {**BUDI, "skills": [{"code": "leader"}, {"code": "leader", "until": "2024-06-30"}]}
    assert named(await desk("POST", "/v1/staff", twice)) == [("#", "skill_twice")]


async def test_two_people_without_number_and_token_are_two_people(desk: Desk) -> None:
    for person in (BUDI, {**BUDI, "number": "OP-07"}, {**BUDI, "number": "OP-08"}, {**BUDI, "subject": "budi"}, BUDI):
        answer = await desk("POST", "/v1/staff", person)
        assert answer.status_code == 201, answer.text


async def test_staff_are_listed_page_by_page(desk: Desk, enter: Enter) -> None:
    entered = [await enter(f"P{n}") for n in range(5)]
    found: list[str] = []
    cursor = ""
    while len(found) < 5:
        page = (await desk("GET", f"/v1/staff?limit=2{cursor}")).json()
        found += [one["id"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert found == entered
    assert page["next"] is None
    refused(await desk("GET", "/v1/staff?cursor=bm9uc2Vuc2U="), 422, "invalid-request")


async def test_a_token_or_a_number_belongs_to_one_person_of_a_regency(desk: Desk, enter: Enter) -> None:
    await enter("Budi", number="OP-7")
    siti = await enter("Siti")
    for body in ({"name": "X", "subject": "budi"}, {"name": "X", "number": "op-7"}):
        taken = await desk("POST", "/v1/staff", {"regency": "99.01", **body})
        refused(taken, 409, "conflict")
        assert taken.json()["detail"].endswith(": Budi (OP-7).")
        refused(await desk("PUT", f"/v1/staff/{siti}", body, version=1), 409, "conflict")
    elsewhere = {"regency": "99.02", "name": "Budi", "subject": "budi", "number": "OP-7"}
    assert (await desk("POST", "/v1/staff", elsewhere, regencies=("99.02",))).status_code == 201


async def test_an_agency_is_one_of_the_regencys_pack(desk: Desk) -> None:
    for agency in ("99.01/nobody", "99.02/damkar"):
        wrong = await desk("POST", "/v1/staff", {**BUDI, "agency": agency})
        assert named(wrong) == [("#/agency", "agency_unknown")]


async def test_hours_of_the_own_contract_and_the_agreement_to_overtime_are_entered(desk: Desk) -> None:
    told = {"weekly_hours": 37.5, "overtime_agreed_on": "2024-01-04"}
    answer = await desk("POST", "/v1/staff", {**BUDI, **told})
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in told} == told
    without = await desk("PUT", f"/v1/staff/{answer.json()['id']}", {"name": "Budi"}, version=1)
    assert (without.json()["weekly_hours"], without.json()["overtime_agreed_on"]) == (None, None)
    for hours, kind in ((0, "greater_than"), (60.5, "less_than_equal"), ("empat", "float_parsing")):
        wrong = await desk("POST", "/v1/staff", {**BUDI, "weekly_hours": hours, "overtime_agreed_on": "2024-02-31"})
        assert named(wrong) == [
            ("#/weekly_hours", kind),
            ("#/overtime_agreed_on", "date_from_datetime_parsing"),
        ]


async def test_staff_see_their_own_entry_and_no_other(desk: Desk, enter: Enter) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    mine = (await desk("GET", "/v1/staff", None, "staff", subject="budi")).json()["items"]
    assert [one["id"] for one in mine] == [budi]
    assert (await desk("GET", f"/v1/staff/{siti}", None, "staff", subject="budi")).status_code == 404


# --- shift patterns


async def test_the_shifts_of_a_regency_are_those_of_its_pack(desk: Desk) -> None:
    (pattern,) = (await desk("GET", "/v1/shift-patterns?regency=99.01", None, "staff")).json()["items"]
    assert (pattern["regency"], pattern["time_zone"], pattern["handover_minutes"]) == ("99.01", "Asia/Jakarta", 0)
    assert [(one["code"], one["length_minutes"], one["seats"]) for one in pattern["shifts"]] == [
        ("pagi", 420, 2),
        ("siang", 420, 1),
        ("malam", 600, 1),
    ]


# --- rosters


async def test_a_plan_is_drafted_entered_and_published(desk: Desk, enter: Enter) -> None:
    answer = await desk("POST", "/v1/rosters", WEEK)
    roster = answer.json()
    assert (answer.status_code, roster["state"], roster["assignments"]) == (201, "draft", [])
    plan = [{"staff_id": await enter("Budi"), "day": "2024-02-20", "shift": "malam"}]
    path = f"/v1/rosters/{roster['id']}"
    answer = await desk("PUT", f"{path}/assignments", plan, version=1)
    assert (answer.headers["etag"], answer.json()["assignments"]) == ('"2"', plan)
    answer = await desk("POST", f"{path}/publish", version=2)
    published = answer.json()
    assert (answer.headers["etag"], published["state"], published["published_by"]) == ('"3"', "published", "tester")
    assert (published["changed"], published["published_at"]) == (False, "2024-02-19T03:00:00Z")
    assert (await desk("GET", path)).json() == published
    (summary,) = (await desk("GET", "/v1/rosters?regency=99.01&state=published")).json()["items"]
    assert summary.items() <= published.items()


async def test_staff_read_what_is_published_not_what_is_planned_next(
    desk: Desk, enter: Enter, publish: Draft, draft: Draft
) -> None:
    budi = await enter("Budi")
    roster = await publish((budi, 20, "pagi"))
    await draft((budi, 21, "pagi"))
    path = f"/v1/rosters/{roster['id']}"
    await desk("PUT", f"{path}/assignments", [], version=roster["version"])
    seen = (await desk("GET", path, None, "staff")).json()
    assert seen["assignments"] == [{"staff_id": budi, "day": "2024-02-20", "shift": "pagi"}]
    assert (await desk("GET", path)).json()["assignments"] == []
    assert [one["id"] for one in (await desk("GET", "/v1/rosters", None, "staff")).json()["items"]] == [roster["id"]]


async def test_what_a_draft_changes_is_told_by_name(desk: Desk, enter: Enter, publish: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "pagi"), (budi, 22, "pagi"))
    path = f"/v1/rosters/{roster['id']}"
    nothing = (await desk("GET", f"{path}/changes")).json()
    assert nothing == {"published_version": 1, "added": [], "removed": []}
    plan = [
        {"staff_id": who, "day": f"2024-02-{day}", "shift": "pagi"} for who, day in ((siti, 23), (siti, 21), (budi, 22))
    ]
    assert (await desk("PUT", f"{path}/assignments", plan, version=roster["version"])).status_code == 200
    told = (await desk("GET", f"{path}/changes")).json()
    assert [(one["name"], one["day"]) for one in told["added"]] == [("Siti", "2024-02-21"), ("Siti", "2024-02-23")]
    assert [(one["name"], one["day"], one["shift"]) for one in told["removed"]] == [("Budi", "2024-02-21", "pagi")]
    assert (await desk("GET", f"{path}/changes", None, "staff", subject="siti")).status_code == 403


async def test_whoever_edits_says_what_they_read_last(desk: Desk, draft: Draft, enter: Enter, upload: Desk) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    path = f"/v1/rosters/{roster['id']}"
    refused(await desk("PUT", f"{path}/assignments", []), 428, "precondition-required")
    refused(await desk("PUT", f"{path}/assignments", [], version=1), 412, "precondition-failed")
    refused(await desk("POST", f"{path}/publish"), 428, "precondition-required")
    refused(await desk("POST", f"{path}/publish", version=1), 412, "precondition-failed")
    refused(await upload(roster, FILE, **{"If-Match": None}), 428, "precondition-required")
    assert (await desk("GET", path)).json() == roster


async def test_a_plan_that_cannot_be_is_refused_naming_each_assignment(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    budi, joko, stranger = await enter("Budi"), await enter("Joko", active=False), str(uuid4())
    roster = await draft(
        (budi, 20, "pagi"),
        (budi, 20, "pagi"),
        (budi, 26, "pagi"),
        (budi, 21, "subuh"),
        (joko, 21, "pagi"),
        (stranger, 21, "pagi"),
    )
    answer = await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=roster["version"])
    refused(answer, 422, "invalid-request")
    assert named(answer) == [
        ("#/assignments/1/shift", "assigned_twice"),
        ("#/assignments/2/day", "day_outside_plan"),
        ("#/assignments/3/shift", "unknown_shift"),
        ("#/assignments/4/staff_id", "staff_inactive"),
        ("#/assignments/5/staff_id", "unknown_staff"),
    ]
    assert [error["detail"].partition(" ")[0] for error in answer.json()["errors"][3:]] == ["Joko", stranger]
    assert joko not in answer.text
    assert await kit.said(RosterPublished) == []


async def test_in_a_retired_regency_no_plan_begins_and_those_there_are_stay(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Callable[..., Pack]
) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    await kit.configure(pack("99.01", retired=True), version=2)
    for path, body in (("/v1/rosters", WEEK), ("/v1/staff", {"regency": "99.01", "name": "Siti"})):
        answer = await desk("POST", path, body)
        refused(answer, 404, "not-found")
        assert "99.01" in answer.json()["detail"]
    assert (await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=roster["version"])).status_code == 200


async def test_a_person_of_another_regency_is_nobody_here(desk: Desk, draft: Draft) -> None:
    body = {"regency": "99.02", "name": "Wati"}
    theirs = (await desk("POST", "/v1/staff", body, regencies=("99.02",))).json()["id"]
    roster = await draft((theirs, 20, "pagi"))
    answer = await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=roster["version"])
    assert named(answer) == [("#/assignments/0/staff_id", "unknown_staff")]


# --- import

FILE = "staff_number,day,shift\nOP-Budi,2024-02-20,pagi\nOP-Siti,2024-02-20,Malam hari\n"


@pytest.fixture
def upload(kit: Kit) -> Callable[..., Awaitable[httpx.Response]]:
    async def send(
        roster: dict[str, Any], file: str | bytes, kind: str = "text/csv", **beside: str | None
    ) -> httpx.Response:
        sent = {"If-Match": f'"{roster["version"]}"', **kit.bearer("planner", regencies=("99.01",)), **beside}
        headers = {name: value for name, value in sent.items() if value is not None}
        path = f"/v1/rosters/{roster['id']}/import"
        if kind == "form":
            return await kit.client.post(path, files={"file": ("plan.csv", file, "text/csv")}, headers=headers)
        return await kit.client.post(path, content=file, headers={**headers, "Content-Type": kind})

    return send


@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=UTF-8", "form"])
async def test_a_plan_comes_from_a_file(desk: Desk, enter: Enter, upload: Desk, kind: str) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = (await desk("POST", "/v1/rosters", WEEK)).json()
    answer = await upload(roster, FILE, kind)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    assert answer.json()["assignments"] == [
        {"staff_id": budi, "day": "2024-02-20", "shift": "pagi"},
        {"staff_id": siti, "day": "2024-02-20", "shift": "malam"},
    ]


async def test_nothing_of_a_file_is_taken_unless_all_of_it_is_right(
    desk: Desk, enter: Enter, draft: Draft, upload: Desk
) -> None:
    await enter("Joko", active=False)
    await enter("Siti")
    roster = await draft((await enter("Budi"), 19, "pagi"))
    wrong = FILE + "OP-Siti,2024-02-30,pagi\n\nOP-Joko,2024-03-20,subuh\nOP-Budi,2024-02-20,pagi\nX,2024-02-20,pagi\n"
    answer = await upload(roster, wrong)
    refused(answer, 422, "invalid-request")
    assert named(answer) == [
        (4, "day", "csv_day"),
        (6, "staff_number", "staff_inactive"),
        (6, "day", "day_outside_plan"),
        (6, "shift", "unknown_shift"),
        (7, "shift", "assigned_twice"),
        (8, "staff_number", "csv_staff_unknown"),
    ]
    assert answer.json()["count"] == 6
    assert "Joko" in answer.json()["errors"][1]["detail"]
    assert (await desk("GET", f"/v1/rosters/{roster['id']}")).json() == roster


async def test_of_very_many_wrong_rows_fifty_are_named_and_all_are_counted(
    desk: Desk, enter: Enter, upload: Desk
) -> None:
    await enter("Budi")
    roster = (await desk("POST", "/v1/rosters", WEEK)).json()
    answer = await upload(roster, FILE + "X,2024-02-20,pagi\n" * 200)
    assert (len(named(answer)), answer.json()["count"]) == (50, 201)
    assert "201" in answer.json()["detail"]


FORM = "multipart/form-data"
NO_FILE = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ny\r\n--x--'
NONE: list[tuple[bytes, str, int, str]] = [
    ("name,day,shift\nJosé,2024-02-20,pagi\n".encode("latin-1"), "text/csv", 422, "invalid-request"),
    (FILE.encode("utf-16"), "form", 422, "invalid-request"),
    (FILE.encode("utf-16"), "text/csv; charset=utf-16", 415, "unsupported-media-type"),
    (FILE.encode(), "application/json", 415, "unsupported-media-type"),
    (FILE.encode(), FORM, 400, "bad-request"),
    (FILE.encode(), f"{FORM}; boundary=x", 400, "bad-request"),
    (NO_FILE, f"{FORM}; boundary=x", 400, "bad-request"),
    (b"", "text/csv", 422, "invalid-request"),
    (FILE.encode() * 20_000, "text/csv", 413, "too-large"),
    (FILE.encode() * 20_000, "form", 413, "too-large"),
]


async def test_a_file_that_is_none_is_refused_clearly(desk: Desk, upload: Desk) -> None:
    roster = (await desk("POST", "/v1/rosters", WEEK)).json()
    for file, kind, status, slug in NONE:
        refused(await upload(roster, file, kind), status, slug)
    assert (await desk("GET", f"/v1/rosters/{roster['id']}")).json() == roster


async def test_an_import_that_says_what_was_read_last_is_held_to_it(
    desk: Desk, enter: Enter, draft: Draft, upload: Desk
) -> None:
    await enter("Siti")
    roster = await draft((await enter("Budi"), 19, "pagi"))
    refused(await upload(roster, FILE, **{"If-Match": '"1"'}), 412, "precondition-failed")
    assert (await upload(roster, FILE, **{"If-Match": 'W/"2"'})).status_code == 200


# --- duties


async def test_who_is_on_duty_at_a_moment(desk: Desk, enter: Enter, publish: Draft) -> None:
    """A night shift belongs to the day it starts."""
    people = {name: await enter(name) for name in ("Pagi", "Siang", "Malam")}
    await publish(*((who, day, name.lower()) for name, who in people.items() for day in (19, 20)))
    for at, day, shift in (
        ("2024-02-20T06:59:59%2B07:00", "2024-02-19", "malam"),
        ("2024-02-20T00:00:00Z", "2024-02-20", "pagi"),
        ("2024-02-20T20:59:59%2B07:00", "2024-02-20", "siang"),
        ("2024-02-20T21:00:00%2B07:00", "2024-02-20", "malam"),
        ("2024-02-21T03:00:00%2B07:00", "2024-02-20", "malam"),
    ):
        (duty,) = (await desk("GET", f"/v1/duties?regency=99.01&at={at}", None, "staff")).json()["items"]
        assert (duty["shift"], duty["name"], duty["day"]) == (shift, shift.title(), day)


async def test_who_is_on_duty_now_when_nothing_else_is_asked(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    await publish((await enter("Budi"), 19, "pagi"))
    assert [one["name"] for one in (await desk("GET", "/v1/duties?regency=99.01")).json()["items"]] == ["Budi"]
    kit.clock.advance(4 * 3600)
    assert (await desk("GET", "/v1/duties?regency=99.01")).json()["items"] == []


async def test_who_began_early_or_is_still_there_is_on_duty(kit: Kit, desk: Desk, enter: Enter, publish: Draft) -> None:
    """It is 10:00. The afternoon begins at 14:00 and ends at 21:00; the morning ends at 14:00."""
    await publish((await enter("Budi"), 19, "pagi"), (await enter("Siti"), 19, "siang"))

    async def now(at: str = "") -> dict[str, str]:
        found = (await desk("GET", f"/v1/duties?regency=99.01{at}", None, "operator")).json()["items"]
        return {one["name"]: one["state"] for one in found}

    listed = (await desk("GET", "/v1/duties?from=2024-02-19&to=2024-02-19")).json()["items"]
    duties = {one["name"]: f"/v1/duties/{one['id']}" for one in listed}
    await desk("POST", f"{duties['Budi']}/start")
    assert await now() == {"Budi": "started"}, "nobody of the afternoon has come"
    kit.clock.advance(3.5 * 3600)
    await desk("POST", f"{duties['Siti']}/start")
    assert await now() == {"Budi": "started", "Siti": "started"}, "Siti came at 13:30"
    kit.clock.advance(3600)
    assert await now() == {"Budi": "started", "Siti": "started"}, "Budi waits until 14:30"
    await desk("POST", f"{duties['Budi']}/end")
    assert await now() == {"Siti": "started"}
    kit.clock.advance(10 * 3600)
    assert await now() == {"Siti": "started"}, "the afternoon was over at 21:00; it is 00:30"
    kit.clock.advance(3600)
    assert await now() == {}, "after four hours she has forgotten to end it"
    assert await now("&at=2024-02-19T14:15:00%2B07:00") == {"Budi": "ended", "Siti": "started"}
    assert await now("&at=2024-02-19T13:15:00%2B07:00") == {"Budi": "ended"}


@pytest.mark.parametrize("role", ["operator", "dispatcher"])
async def test_the_room_sees_who_is_on_duty_and_who_should_be(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, role: str
) -> None:
    budi, siti = await enter("Budi", contact="+62811"), await enter("Siti")
    await publish((budi, 19, "pagi"), (siti, 19, "pagi"))
    (first, _) = (await desk("GET", "/v1/duties")).json()["items"]
    assert (await desk("POST", f"/v1/duties/{first['id']}/start", {})).status_code == 200
    answer = await desk("GET", "/v1/duties", None, role)
    assert {(one["name"], one["state"]) for one in answer.json()["items"]} == {
        (first["name"], "started"),
        ({"Budi": "Siti", "Siti": "Budi"}[first["name"]], "planned"),
    }
    assert "+62811" not in answer.text
    assert (await desk("POST", f"/v1/duties/{first['id']}/end", {}, role)).status_code == 403
    assert (await desk("GET", "/v1/staff", None, role)).status_code == 403


async def test_a_persons_duties_of_some_days_by_the_day_they_start(desk: Desk, enter: Enter, publish: Draft) -> None:
    budi = await enter("Budi")
    await publish(*((budi, day, "malam") for day in range(19, 24)), (await enter("Siti"), 20, "pagi"))
    answer = await desk("GET", f"/v1/duties?staff={budi}&from=2024-02-20&to=2024-02-22", None, "staff", subject="budi")
    assert [one["day"] for one in answer.json()["items"]] == ["2024-02-20", "2024-02-21", "2024-02-22"]


async def test_clocks_of_another_zone_decide_its_duties(desk: Desk) -> None:
    there: dict[str, Any] = {"regencies": ("99.02",)}
    who = (await desk("POST", "/v1/staff", {"regency": "99.02", "name": "Wati"}, **there)).json()["id"]
    roster = (await desk("POST", "/v1/rosters", {**WEEK, "regency": "99.02"}, **there)).json()
    plan = [{"staff_id": who, "day": "2024-02-20", "shift": "pagi"}]
    await desk("PUT", f"/v1/rosters/{roster['id']}/assignments", plan, version=1, **there)
    await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=2, **there)
    (duty,) = (await desk("GET", f"/v1/duties?staff={who}", **there)).json()["items"]
    assert (duty["starts_at"], duty["ends_at"]) == ("2024-02-19T22:00:00Z", "2024-02-20T05:00:00Z")
    early = (await desk("POST", f"/v1/duties/{duty['id']}/start", None, "supervisor", **there)).json()
    (asked,) = early["errors"]
    assert (asked["pointer"], asked["code"]) == ("#/confirm", "start_very_early")
    assert "20 Februari 2024 pukul 07:00:00 WIT." in asked["detail"]
    assert asked["starts_at"] == "2024-02-19T22:00:00Z"
    path = f"/v1/duties/{duty['id']}/start"
    begun = await desk("POST", path, {"confirm": True}, "supervisor", **there)
    assert (begun.status_code, begun.json()["state"]) == (200, "started"), begun.text


async def test_staff_start_and_end_their_own_duty(kit: Kit, desk: Desk, enter: Enter, publish: Draft) -> None:
    await publish((await enter("Budi"), 19, "pagi"))
    (duty,) = (await desk("GET", "/v1/duties?regency=99.01")).json()["items"]
    path = f"/v1/duties/{duty['id']}"
    early = await desk("POST", f"{path}/end", None, "staff", subject="budi")
    refused(early, 409, "not-allowed-in-state")
    assert early.json()["state"] == "planned"
    assert early.json()["detail"] == "Tugas ini belum dimulai; statusnya direncanakan."
    refused(await desk("POST", f"{path}/start", None, "staff", subject="siti"), 403, "forbidden")
    told = {"at": "2024-02-19T07:00:00+07:00"}
    refused(await desk("POST", f"{path}/start", told, "staff", subject="budi"), 403, "role-missing")
    started = (await desk("POST", f"{path}/start", None, "staff", subject="budi")).json()
    assert (started["state"], started["started_at"], started["name"]) == ("started", "2024-02-19T03:00:00Z", "Budi")
    kit.clock.advance(60)
    before = await desk("POST", f"{path}/end", told, "supervisor")
    assert named(before) == [("#/at", "before_start")]
    assert before.json()["errors"][0]["detail"].endswith("19 Februari 2024 pukul 10:00:00 WIB.")
    ended = (await desk("POST", f"{path}/end", {}, "supervisor")).json()
    assert (ended["state"], ended["ended_at"]) == ("ended", "2024-02-19T03:01:00Z")


async def test_another_time_for_what_is_recorded_is_refused_and_not_passed_over(
    desk: Desk, enter: Enter, publish: Draft
) -> None:
    await publish((await enter("Budi"), 19, "pagi"))
    (duty,) = (await desk("GET", "/v1/duties?regency=99.01")).json()["items"]
    path = f"/v1/duties/{duty['id']}"
    seven, eight = {"at": "2024-02-19T07:00:00+07:00"}, {"at": "2024-02-19T08:00:00+07:00"}
    later = {"at": "2024-02-19T08:04:00+07:00"}
    for step, said, told in (("start", seven, eight), ("end", eight, later)):
        for body in (said, said, {}):
            assert (await desk("POST", f"{path}/{step}", body, "supervisor")).status_code == 200
        other = await desk("POST", f"{path}/{step}", told, "supervisor")
        refused(other, 409, "not-allowed-in-state")
        assert other.json()[f"{step}ed_at"] == {"start": "2024-02-19T00:00:00Z", "end": "2024-02-19T01:00:00Z"}[step]


async def test_whose_token_was_entered_after_the_publication_starts_too(
    desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi = await enter("Budi", subject=None)
    await publish((budi, 19, "pagi"))
    (duty,) = (await desk("GET", "/v1/duties?regency=99.01")).json()["items"]
    path = f"/v1/duties/{duty['id']}/start"
    refused(await desk("POST", path, None, "staff", subject="budi"), 403, "forbidden")
    await desk("PUT", f"/v1/staff/{budi}", {"name": "Budi", "subject": "budi"}, version=1)
    assert (await desk("POST", path, None, "staff", subject="budi")).status_code == 200


async def test_what_a_later_version_drops_is_nobodys_duty(desk: Desk, enter: Enter, publish: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 19, "pagi"), (siti, 19, "pagi"))
    found = {one["staff_id"]: one for one in (await desk("GET", "/v1/duties")).json()["items"]}
    plan = [{"staff_id": siti, "day": "2024-02-19", "shift": "pagi"}]
    path = f"/v1/rosters/{roster['id']}"
    changed = (await desk("PUT", f"{path}/assignments", plan, version=roster["version"])).json()
    await desk("POST", f"{path}/publish", version=changed["version"])
    assert [one["staff_id"] for one in (await desk("GET", "/v1/duties")).json()["items"]] == [siti]
    gone = await desk("POST", f"/v1/duties/{found[budi]['id']}/start", None, "supervisor")
    refused(gone, 409, "not-allowed-in-state")
    assert gone.json()["state"] == "withdrawn"


# --- access and bad input

OPERATIONS: list[tuple[str, str, Any]] = [
    ("POST", "/v1/staff", BUDI),
    ("GET", "/v1/staff", None),
    ("GET", f"/v1/staff/{uuid4()}", None),
    ("PUT", f"/v1/staff/{uuid4()}", {"name": "Budi"}),
    ("POST", "/v1/staff/import?regency=99.01", FILE),
    ("POST", "/v1/absences/import?regency=99.01", FILE),
    ("GET", "/v1/hours?regency=99.01&from=2024-02-01&to=2024-02-29", None),
    ("GET", "/v1/hours/csv?regency=99.01&from=2024-02-01&to=2024-02-29", None),
    ("GET", "/v1/hours/xlsx?regency=99.01&from=2024-02-01&to=2024-02-29", None),
    ("POST", f"/v1/staff/{uuid4()}/calendar", None),
    ("GET", f"/v1/staff/{uuid4()}/calendar", None),
    ("DELETE", f"/v1/staff/{uuid4()}/calendar", None),
    ("GET", "/v1/shift-patterns?regency=99.01", None),
    ("POST", "/v1/rosters", WEEK),
    ("GET", "/v1/rosters", None),
    ("GET", f"/v1/rosters/{uuid4()}", None),
    ("PUT", f"/v1/rosters/{uuid4()}/assignments", []),
    ("POST", f"/v1/rosters/{uuid4()}/import", FILE),
    ("GET", f"/v1/rosters/{uuid4()}/page", None),
    ("GET", f"/v1/rosters/{uuid4()}/changes", None),
    ("POST", f"/v1/rosters/{uuid4()}/publish", None),
    ("GET", "/v1/duties", None),
    ("POST", f"/v1/duties/{uuid4()}/start", None),
    ("POST", f"/v1/duties/{uuid4()}/end", None),
]


async def test_every_operation_is_guarded_and_bound_to_its_regency(kit: Kit) -> None:
    for method, path, body in OPERATIONS:
        await check_guards(kit, method, path, body)


async def check_guards(kit: Kit, method: str, path: str, body: Any) -> None:
    sent = {"content": body, "headers": {"Content-Type": "text/csv"}} if body == FILE else {"json": body, "headers": {}}
    headers = {**sent.pop("headers"), "If-Match": '"1"'}

    async def ask(extra: dict[str, str]) -> httpx.Response:
        return await kit.client.request(method, path, headers={**headers, **extra}, **sent)

    refused(await ask({}), 401, "not-authenticated")
    refused(await ask({"Authorization": "Bearer forged"}), 401, "not-authenticated")
    refused(await ask(kit.bearer("analyst")), 403, "role-missing")
    if not path.startswith("/v1/duties"):
        refused(await ask(kit.bearer("operator")), 403, "role-missing")
    answer = await ask(kit.bearer("planner", regencies=("99.02",)))
    regency_named = "regency=" in path or (isinstance(body, dict) and "regency" in body)
    if regency_named:
        refused(answer, 403, "regency-forbidden")
    elif method == "GET" and len(path.split("/")) == 3:
        assert answer.json() == {"items": [], "next": None}
    else:
        refused(answer, 404, "not-found")


async def test_nothing_of_another_regency_is_there(kit: Kit, desk: Desk, enter: Enter, publish: Draft) -> None:
    budi = await enter("Budi")
    roster = await publish((budi, 19, "pagi"))
    (duty,) = (await desk("GET", "/v1/duties")).json()["items"]
    there: dict[str, Any] = {"regencies": ("99.02",)}
    assert (await desk("GET", f"/v1/duties?staff={budi}", **there)).json()["items"] == []
    for method, path, version in (
        ("GET", f"/v1/staff/{budi}", None),
        ("GET", f"/v1/rosters/{roster['id']}", None),
        ("GET", f"/v1/rosters/{roster['id']}/breaches", None),
        ("POST", f"/v1/rosters/{roster['id']}/publish", 3),
        ("PUT", f"/v1/rosters/{roster['id']}/assignments", 3),
        ("POST", f"/v1/duties/{duty['id']}/start", None),
    ):
        refused(await desk(method, path, [] if method == "PUT" else None, version=version, **there), 404, "not-found")


WRONG: list[tuple[str, str, Any, str]] = [
    ("POST", "/v1/staff", {"regency": "99.01"}, "#/name"),
    ("POST", "/v1/staff", {**BUDI, "name": " "}, "#/name"),
    ("POST", "/v1/staff", {**BUDI, "name": "a\u0000b"}, "#/name"),
    ("POST", "/v1/staff", {**BUDI, "number": "9" * 41}, "#/number"),
    ("POST", "/v1/staff", {**BUDI, "agency": "damkar"}, "#/agency"),
    ("POST", "/v1/staff", {**BUDI, "religion": "x"}, "#/religion"),
    ("POST", "/v1/rosters", {**WEEK, "first_day": "2024-02-31"}, "#/first_day"),
    ("POST", "/v1/rosters", {**WEEK, "first_day": 1708300800}, "#/first_day"),
    ("POST", "/v1/rosters", {**WEEK, "first_day": "2024-02-19T00:00:00Z"}, "#/first_day"),
    ("POST", "/v1/rosters", {**WEEK, "last_day": "2024-02-18"}, "#/last_day"),
    ("POST", "/v1/rosters", {**WEEK, "last_day": "2025-02-20"}, "#/last_day"),
    ("POST", "/v1/rosters", {**WEEK, "last_day": "9999-12-31"}, "#/last_day"),
    ("PUT", f"/v1/rosters/{uuid4()}/assignments", {}, "#"),
    (
        "PUT",
        f"/v1/rosters/{uuid4()}/assignments",
        [{"staff_id": "budi", "day": "2024-02-19", "shift": "x"}],
        "#/0/staff_id",
    ),
    ("PUT", f"/v1/rosters/{uuid4()}/assignments", [{"staff_id": str(uuid4()), "day": "x", "shift": "x"}], "#/0/day"),
    ("POST", f"/v1/duties/{uuid4()}/start", {"at": 0}, "#/at"),
]


async def test_a_wrong_body_names_what_is_wrong_and_changes_nothing(kit: Kit, desk: Desk) -> None:
    for method, path, body, pointer in WRONG:
        answer = await desk(method, path, body, version=1)
        refused(answer, 422, "invalid-request")
        assert [place for place, *_ in named(answer)] == [pointer]
    async with kit.runtime.database.read() as connection:
        filled = {tables.regencies, tables.regency_sections, tables.outbox, tables.inbox, tables.positions}
        for table in set(metadata.sorted_tables) - filled:
            assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 0, table


async def test_a_wrong_query_names_its_parameter(desk: Desk) -> None:
    days, moments = ("from=2024-02-31", "from=0"), ("at=now", "at=2024-02-19T10:00:00")
    for query in (*days, *moments, "staff=budi", "regency=x", "limit=0"):
        answer = await desk("GET", f"/v1/duties?{query}")
        refused(answer, 422, "invalid-request")
        assert [place for place, *_ in named(answer)] == [query.partition("=")[0]]


async def test_an_unknown_regency_is_404(desk: Desk) -> None:
    for path in ("/v1/staff", "/v1/rosters", "/v1/duties", "/v1/shift-patterns"):
        refused(await desk("GET", f"{path}?regency=98.98", regencies=("*",)), 404, "not-found")
    refused(await desk("POST", "/v1/staff", {**BUDI, "regency": "98.98"}, regencies=("*",)), 404, "not-found")


async def test_what_creates_is_repeated_without_a_second_one(kit: Kit, desk: Desk) -> None:
    headers = kit.bearer("planner")
    answers = [await kit.client.post("/v1/rosters", json=WEEK, headers=headers) for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(rosters))).scalar_one() == 1


def test_both_languages_say_the_same() -> None:
    assert Texts.load("sigap_roster").differences() == []


async def test_every_operation_declares_its_guard_and_has_an_example(kit: Kit) -> None:
    for path, methods, guards in guarded_routes(kit.app):
        assert guards, (path, methods)
    document = kit.app.openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items() if path.startswith("/v1/") and "/ops/" not in path else ():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert "example" in str(content) or "$ref" in str(content), (method, path)


# --- the rules of the regency


REST = {"code": "rest-between-shifts", "strength": "hard", "source": "Kesepakatan", "params": {"hours": 11}}


async def test_a_plan_that_breaks_a_hard_rule_is_published_with_a_reason_only(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", policies=[REST]), version=2)
    budi = await enter("Budi")
    roster = await draft((budi, 20, "malam"), (budi, 21, "pagi"), (budi, 21, "siang"))
    path = f"/v1/rosters/{roster['id']}/publish"
    refused = await desk("POST", path, version=roster["version"])
    assert (refused.status_code, refused.json()["detail"][:40]) == (422, "Jadwal melanggar aturan yang wajib (2 ka")
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("#/assignments/1/shift", "rest_too_short"),
        ("#/assignments/2/shift", "rest_too_short"),
    ]
    assert "Budi (OP-Budi): hanya 0 jam istirahat" in refused.json()["errors"][0]["detail"]
    assert refused.json()["rules"] == ["rest-between-shifts"], "what needs a reason"
    assert refused.json()["detail"].endswith("untuk setiap aturan ini: rest-between-shifts.")
    other = {"accepted": [{"rule": "weekly-hours", "reason": "Lebaran"}]}
    assert (await desk("POST", path, other, version=roster["version"])).status_code == 422
    reason = {"accepted": [{"rule": "rest-between-shifts", "reason": "Dua petugas sakit, Budi setuju"}]}
    published = await desk("POST", path, reason, version=roster["version"])
    accepted = {"rule": "rest-between-shifts", "count": 2, "reason": "Dua petugas sakit, Budi setuju"}
    assert (published.status_code, published.json()["accepted"]) == (200, [accepted])
    shown = await desk("GET", f"/v1/rosters/{roster['id']}", None, "staff", subject="budi")
    assert shown.json()["accepted"] == []
    assert "Budi setuju" not in await kit.kept()


async def test_a_reason_is_asked_for_again_only_if_the_rule_is_broken_more(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", policies=[REST]), version=2)
    budi, siti = await enter("Budi"), await enter("Siti")
    broken = [(budi, 20, "malam"), (budi, 21, "pagi")]
    roster = await draft(*broken)
    path, version = f"/v1/rosters/{roster['id']}", roster["version"]
    reason = {"accepted": [{"rule": "rest-between-shifts", "reason": "Siti sakit"}]}
    version = (await desk("POST", f"{path}/publish", reason, version=version)).json()["version"]

    async def publish(*planned: tuple[str, int, str]) -> httpx.Response:
        nonlocal version
        plan = [{"staff_id": who, "day": f"2024-02-{day}", "shift": shift} for who, day, shift in planned]
        version = (await desk("PUT", f"{path}/assignments", plan, version=version)).json()["version"]
        answer = await desk("POST", f"{path}/publish", version=version)
        version = answer.json().get("version", version)
        return answer

    # Another person's shift changes nothing about Budi's rest: the planner's reason holds.
    again = await publish(*broken, (siti, 23, "pagi"))
    assert (again.status_code, again.json()["accepted"]) == (200, [{**reason["accepted"][0], "count": 1}])
    # A second short rest of the same rule is nobody's decision yet.
    worse = await publish(*broken, (siti, 22, "malam"), (siti, 23, "pagi"))
    assert (worse.status_code, worse.json()["rules"]) == (422, ["rest-between-shifts"])
    # If nothing is broken any more, no reason is kept for later.
    assert (await publish((siti, 23, "pagi"))).json()["accepted"] == []
    assert (await publish(*broken)).status_code == 422


async def test_a_reason_holds_for_no_more_than_was_accepted(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Callable[..., Pack]
) -> None:
    """Four hours of rest were enough for Siti when the planner accepted Budi's. Now the pack wants eleven: the
    published plan breaks that twice, of which nobody has decided.
    """
    await kit.configure(pack("99.01", policies=[{**REST, "params": {"hours": 4}}]), version=2)
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await draft((budi, 20, "malam"), (budi, 21, "pagi"), (siti, 20, "malam"), (siti, 21, "siang"))
    path = f"/v1/rosters/{roster['id']}"
    reason = {"accepted": [{"rule": "rest-between-shifts", "reason": "Budi setuju"}]}
    told = (await desk("POST", f"{path}/publish", reason, version=roster["version"])).json()
    assert told["accepted"][0]["count"] == 1
    await kit.configure(pack("99.01", policies=[REST]), version=3)
    planned = [{name: one[name] for name in ("staff_id", "day", "shift")} for one in told["assignments"]]
    planned.append({"staff_id": siti, "day": "2024-02-23", "shift": "siang"})
    changed = (await desk("PUT", f"{path}/assignments", planned, version=told["version"])).json()
    again = await desk("POST", f"{path}/publish", version=changed["version"])
    assert (again.status_code, again.json().get("rules")) == (422, ["rest-between-shifts"]), again.text


async def test_the_breaches_of_a_plan_are_listed_in_both_languages(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", policies=[REST]), version=2)
    budi = await enter("Budi")
    roster = await draft((budi, 20, "malam"), (budi, 21, "pagi"))
    path = f"/v1/rosters/{roster['id']}/breaches"
    answer = await desk("GET", path, None, "supervisor")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    # Seven days of three shifts with four seats, of which two are taken.
    assert (found["hard"], found["notes"]) == (1, 0)
    assert [one["rule"] for one in found["items"]] == ["rest-between-shifts"] + ["seats-filled"] * found["soft"]
    first = found["items"][0]
    assert (first["source"], first["day"], first["index"], first["staff_id"]) == ("Kesepakatan", "2024-02-21", 1, budi)
    assert first["in_words"].keys() == {"id", "en"}
    assert (await desk("GET", path, None, "staff")).status_code == 403


async def test_each_publication_can_be_read_and_says_what_it_changed(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", policies=[REST]), version=2)
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 20, "malam"), (siti, 22, "pagi"))
    path = f"/v1/rosters/{roster['id']}"
    plan = [{"staff_id": budi, "day": f"2024-02-{day}", "shift": shift} for day, shift in ((20, "malam"), (21, "pagi"))]
    changed = (await desk("PUT", f"{path}/assignments", plan, version=roster["version"])).json()
    reason = {"accepted": [{"rule": "rest-between-shifts", "reason": "Siti sakit"}]}
    await desk("POST", f"{path}/publish", reason, version=changed["version"])
    await desk("PUT", f"{path}/assignments", [], version=changed["version"] + 1)
    found = (await desk("GET", f"{path}/publications", None, "supervisor")).json()
    assert found["next"] is None

    def said(some: list[dict[str, str]]) -> list[tuple[str, str, str]]:
        return [(one["name"], one["day"][-2:], one["shift"]) for one in some]

    told = [
        (one["publication"], one["assignments"], said(one["added"]), said(one["removed"])) for one in found["items"]
    ]
    assert told == [
        (2, 2, [("Budi", "21", "pagi")], [("Siti", "22", "pagi")]),
        (1, 2, [("Budi", "20", "malam"), ("Siti", "22", "pagi")], []),
    ]
    assert found["items"][0]["accepted"] == [{"rule": "rest-between-shifts", "count": 1, "reason": "Siti sakit"}]
    newest = (await desk("GET", f"{path}/publications?limit=1")).json()
    older = (await desk("GET", f"{path}/publications?limit=1&cursor={newest['next']}")).json()
    assert [*newest["items"], *older["items"]] == found["items"]
    assert (await desk("GET", f"{path}/publications", None, "staff")).status_code == 403
    for role in ("planner", "staff"):
        first = (await desk("GET", f"{path}?publication=1", None, role)).json()
        assert (first["published_version"], first["accepted"]) == (1, [])
        assert {one["staff_id"] for one in first["assignments"]} == {budi, siti}
    assert (await desk("GET", f"{path}?publication=2", None, "planner")).json()["assignments"] == plan
    refused(await desk("GET", f"{path}?publication=3"), 404, "not-found")


async def test_a_second_roster_of_the_same_days_is_published_with_a_reason_only(
    desk: Desk, enter: Enter, draft: Draft, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    second = await draft((siti, 21, "siang"))
    path = f"/v1/rosters/{second['id']}"

    async def broken() -> list[str]:
        found = (await desk("GET", f"{path}/breaches")).json()["items"]
        return [one["in_words"]["id"] for one in found if one["rule"] == "days-once"]

    await draft((budi, 20, "pagi"))
    assert await broken() == [], "a draft asks for no seats"
    await publish((budi, 20, "siang"))
    assert await broken() == [
        "Jadwal terbit dari 19 Februari 2024 sampai 25 Februari 2024 memuat hari yang sama: tempatnya akan terhitung "
        "dua kali."
    ]
    answer = await desk("POST", f"{path}/publish", version=second["version"])
    assert (answer.status_code, named(answer)) == (422, [("#/assignments", "days_of_another_roster")])
    reason = {"accepted": [{"rule": "days-once", "reason": "Jadwal regu pemadam"}]}
    assert (await desk("POST", f"{path}/publish", reason, version=second["version"])).status_code == 200


async def test_two_people_of_one_name_are_told_apart_by_their_numbers(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Callable[..., Pack]
) -> None:
    """Every rule that names a person: the planner can tell which Siti is meant."""
    week = {"code": "weekly-hours", "strength": "hard", "source": "uji", "params": {"hours": 6}}
    rest = {"code": "weekly-rest-days", "strength": "hard", "source": "uji", "params": {"days": 7}}
    most = {"code": "max-hours-in-plan", "strength": "hard", "source": "uji", "params": {"hours": 6}}
    await kit.configure(pack("99.01", policies=[week, rest, most]), version=2)
    first, second = await enter("Siti", number="OP-1", subject="a"), await enter("Siti", number="OP-2", subject="b")
    roster = await draft((first, 20, "pagi"), (second, 21, "pagi"), (second, 21, "pagi"))
    items = (await desk("GET", f"/v1/rosters/{roster['id']}/breaches")).json()["items"]
    named = [one for one in items if one["staff_id"]]
    assert {one["rule"] for one in named} == {"weekly-hours", "weekly-rest-days", "max-hours-in-plan", "possible"}
    for one in named:
        number = {first: "OP-1", second: "OP-2"}[one["staff_id"]]
        assert all(words.startswith(f"Siti ({number})") for words in one["in_words"].values())


async def test_overtime_of_a_plan_is_counted_once_however_many_rules_limit_it(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, pack: Callable[..., Pack]
) -> None:
    """Budi works 60 hours, 2 more than the law allows who agreed; Siti 42, without having agreed; Joko 40."""
    week = {"code": "weekly-hours", "strength": "hard", "source": "uji", "params": {"hours": 40}}
    limit = {"code": "overtime-limit", "strength": "hard", "source": "uji"}
    limits = [limit | {"params": {"hours_a_day": 4, "hours_a_week": most}} for most in (18, 30)]
    budi, siti = await enter("Budi", overtime_agreed_on="2024-02-01"), await enter("Siti")
    joko = await enter("Joko")
    nights = [(budi, day, "malam") for day in range(19, 25)]
    mornings = [(siti, day, "pagi") for day in range(19, 25)] + [(joko, day, "malam") for day in range(19, 23)]
    roster = await draft(*nights, *mornings)
    for version, policies, expected in ((2, [week, *limits], 30), (3, [week], 22), (4, [], 0)):
        await kit.configure(pack("99.01", policies=policies), version=version)
        found = (await desk("GET", f"/v1/rosters/{roster['id']}/breaches")).json()
        assert found["overtime_hours"] == expected


async def test_a_restriction_is_shown_to_planners_and_to_oneself_alone(kit: Kit, desk: Desk, enter: Enter) -> None:
    rina = await enter("Rina", no_nights_until="2024-05-01", sex="female", employment="contract")
    path = f"/v1/staff/{rina}"
    seen = {
        role: (await desk("GET", path, None, role, subject=subject)).json()["no_nights_until"]
        for role, subject in (("planner", "p"), ("staff", "rina"), ("supervisor", "s"))
    }
    assert seen == {"planner": "2024-05-01", "staff": "2024-05-01", "supervisor": None}
    assert "2024-05-01" not in await kit.kept()


async def test_a_rule_is_accepted_once_and_with_a_reason(desk: Desk, enter: Enter, draft: Draft) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    twice = {"accepted": [{"rule": "weekly-hours", "reason": "a"}] * 2}
    for body in (twice, {"accepted": [{"rule": "weekly-hours", "reason": " "}]}, {"accepted": [{"rule": "x y"}]}):
        answer = await desk("POST", f"/v1/rosters/{roster['id']}/publish", body, version=roster["version"])
        assert answer.status_code == 422, answer.text


async def test_somebody_who_leaves_after_the_publication_is_named_in_the_check(
    desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi = await enter("Budi")
    roster = await publish((budi, 20, "malam"))
    gone = {"name": "Budi", "number": "OP-Budi", "subject": "budi", "active": False}
    assert (await desk("PUT", f"/v1/staff/{budi}", gone, version=1)).status_code == 200
    found = (await desk("GET", f"/v1/rosters/{roster['id']}/breaches")).json()
    first = found["items"][0]
    assert (found["hard"], first["rule"], first["index"]) == (1, "possible", 0)
    assert first["in_words"]["id"] == "Budi (OP-Budi) sudah tidak aktif (sif malam tanggal 20 Februari 2024)."


async def test_who_is_made_inactive_leaves_shifts_that_the_answer_names(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, draft: Draft
) -> None:
    """Budi has a shift that has begun, one of the published plan that the draft has no more, one of both, and one of
    another draft. Siti has the same, and stays.
    """
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish(*((who, day, "malam") for who in (budi, siti) for day in (19, 21, 23)))
    path = f"/v1/rosters/{roster['id']}/assignments"
    kept = [{"staff_id": who, "day": f"2024-02-{day}", "shift": "malam"} for who in (budi, siti) for day in (19, 23)]
    assert (await desk("PUT", path, kept, version=roster["version"])).status_code == 200
    other = await draft((budi, 24, "pagi"), (siti, 24, "pagi"))
    kit.clock.advance(12 * 3600)
    gone = {"name": "Budi", "number": "OP-Budi", "subject": "budi", "active": False}
    answer = await desk("PUT", f"/v1/staff/{budi}", gone, version=1)
    told = [(one["roster_id"], one["day"][-2:], one["is_published"], one["in_draft"]) for one in still_planned(answer)]
    assert told == [
        (roster["id"], "21", True, False),
        (roster["id"], "23", True, True),
        (other["id"], "24", False, True),
    ]
    assert {one["staff_id"] for one in still_planned(answer)} == {budi}
    again = await desk("PUT", f"/v1/staff/{budi}", gone, version=2)
    assert still_planned(again) == still_planned(answer), "they are told until the plans are changed"
    stays = {"name": "Siti", "number": "OP-Siti", "subject": "siti", "contact": "0812"}
    assert still_planned(await desk("PUT", f"/v1/staff/{siti}", stays, version=1)) == []


async def test_a_list_that_makes_people_inactive_names_the_shifts_that_they_leave(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    await publish((budi, 21, "malam"), (siti, 22, "malam"))
    for active, left in (("no", [budi]), ("yes", [])):
        headers = {**kit.bearer("planner", regencies=("99.01",)), "Content-Type": "text/csv"}
        listed = f"staff_number,name,active\nOP-Budi,Budi,{active}\nOP-Siti,Siti,yes\n"
        answer = await kit.client.post("/v1/staff/import?regency=99.01", content=listed, headers=headers)
        assert [one["staff_id"] for one in still_planned(answer)] == left


def still_planned(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["still_planned"]
    return found

"""Intake over HTTP: what each may do and see, and how what cannot be is refused."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sigap_common.contracts.calls import CallReceived, Channel
from sigap_common.core.texts import Texts
from sigap_common.regency import Pack
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk

CALL = {"regency": "99.01", "channel": "telephone"}
HERE, THERE = {"lat": 0.1, "lon": 100.1}, {"lat": 0.1, "lon": 101.5}
STEPS = {
    "answer": {},
    "location": HERE,
    "notes": {"text": "api besar"},
    "classification": {"call_class": "emergency"},
    "end": {"ended_by": "caller"},
}


@pytest.fixture
def step(desk: Desk) -> Callable[..., Awaitable[httpx.Response]]:
    async def take(call: dict[str, Any], name: str, *roles: str, **body: Any) -> httpx.Response:
        return await desk("POST", f"/v1/calls/{call['id']}/{name}", body or STEPS[name], *roles)

    return take


# --- the life of a call


async def test_the_life_of_a_call(desk: Desk, arrive: Arrive, step: Desk, kit: Kit) -> None:
    call = await arrive(number="081234567890", caller_location=HERE)
    assert (call["state"], call["number"], call["caller_zone"]["owner"]) == ("waiting", "+6281234567890", "99.01")
    for name in STEPS:
        kit.clock.advance(5)
        answer = await step(call, name)
        assert answer.status_code == 200, answer.text
    read = (await desk("GET", f"/v1/calls/{call['id']}")).json()
    assert (read["state"], read["call_class"], read["zone"]["owner"]) == ("ended", "emergency", "99.01")
    assert (read["location"]["lat"], read["notes"][0]["text"]) == (0.1, "api besar")
    assert (read["answered_at"], read["ended_at"]) == ("2024-02-19T03:00:05Z", "2024-02-19T03:00:25Z")

    timeline = (await desk("GET", f"/v1/calls/{call['id']}/timeline")).json()["items"]
    assert [entry["type"].split(".")[1] for entry in timeline] == [
        "CallReceived",
        "CallAnswered",
        "CallLocated",
        "CallNoted",
        "CallClassified",
        "CallEnded",
    ]
    assert timeline[3]["event"]["text"] == "api besar"


@pytest.mark.parametrize("channel", list(Channel))
async def test_a_call_waits_and_is_taken_whatever_brought_it(
    desk: Desk, arrive: Arrive, step: Desk, channel: Channel
) -> None:
    call = await arrive(channel=channel, number="081234567890")
    waiting = (await desk("GET", "/v1/queue")).json()["items"]
    assert [(one["id"], one["channel"]) for one in waiting] == [(call["id"], channel)]
    for name in STEPS:
        assert (await step(call, name)).status_code == 200
    read = (await desk("GET", f"/v1/calls/{call['id']}")).json()
    assert (read["channel"], read["state"], read["call_class"]) == (channel, "ended", "emergency")


async def test_every_answer_of_a_step_is_the_call_as_it_is_read(
    kit: Kit, desk: Desk, arrive: Arrive, step: Desk
) -> None:
    await arrive(number="081234567890")
    kit.clock.advance(60)
    call = await arrive(number="081234567890", caller_location=HERE)
    for name in STEPS:
        told = (await step(call, name)).json()
        assert told == (await desk("GET", f"/v1/calls/{call['id']}")).json(), name
        assert (told["history"]["count"], told["caller_zone"]["owner"]) == (1, "99.01"), name
    waiting = (await desk("GET", "/v1/queue")).json()["items"]
    assert [(one["history"], one["caller_zone"]) for one in waiting] == [(None, None)]  # it named no place


async def test_an_emergency_in_anothers_zone_still_opens_where_it_was_answered(arrive: Arrive, step: Desk) -> None:
    call = await arrive(caller_location=HERE)
    await step(call, "answer")
    located = (await step(call, "location", **THERE)).json()
    assert (located["regency"], located["zone"]["owner"], located["zone"]["candidates"]) == (
        "99.01",
        "99.02",
        ["99.02"],
    )
    assert (await step(call, "classification")).status_code == 200


async def test_same_as_caller_says_that_the_callers_place_is_the_emergencys(arrive: Arrive, step: Desk) -> None:
    call, unknown = await arrive(caller_location=HERE), await arrive()
    for waiting in (call, unknown):
        await step(waiting, "answer")
    located = (await step(call, "location", same_as_caller=True)).json()
    assert located["location"] == located["caller_location"]
    refused = await step(unknown, "location", same_as_caller=True)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/same_as_caller")


async def test_a_place_may_be_words_alone(arrive: Arrive, step: Desk) -> None:
    call = await arrive()
    await step(call, "answer")
    located = (await step(call, "location", address="depan masjid")).json()
    assert (located["location"]["address"], located["location"]["lat"]) == ("depan masjid", None)
    nothing_known = dict.fromkeys(("owner", "elsewhere", "in_words"))
    assert located["zone"] == nothing_known | {"candidates": [], "shares": [], "neighbours": []}


async def test_an_unknown_kind_of_incident_is_told_with_those_that_there_are(arrive: Arrive, step: Desk) -> None:
    call = await arrive()
    await step(call, "answer")
    refused = await step(call, "classification", call_class="emergency", incident_type="fir")
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (422, "incident_type_unknown")
    assert "fire, traffic_accident" in error["detail"]


async def test_a_late_entry_keeps_its_own_times(desk: Desk, arrive: Arrive, step: Desk) -> None:
    told = {"backfilled": True, "received_at": "2023-12-31T23:30:00+07:00"}
    call = await arrive("supervisor", **told)
    assert (call["received_at"], call["notify"]) == ("2023-12-31T16:30:00Z", False)
    answered = await step(call, "answer", "supervisor", at="2023-12-31T16:30:20Z")
    assert answered.json()["answered_at"] == "2023-12-31T16:30:20Z"
    early = await step(call, "end", "supervisor", ended_by="caller", at="2023-12-31T16:30:10Z")
    assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "before_last_step")
    (error,) = early.json()["errors"]
    assert error["detail"].endswith("31 Desember 2023 pukul 23:30:20 WIB.")
    assert error["last_at"] == "2023-12-31T16:30:20Z"


# --- lists


async def test_the_queue_has_waiting_calls_the_oldest_first_and_drills_last(
    kit: Kit, desk: Desk, arrive: Arrive, step: Desk
) -> None:
    drill = await arrive(drill=True)
    kit.clock.advance(1)
    first = await arrive()
    kit.clock.advance(1)
    second, gone = await arrive(), await arrive()
    await step(gone, "end")
    await arrive("supervisor", backfilled=True, received_at="2024-02-18T03:00:00Z")
    page = (await desk("GET", "/v1/queue?regency=99.01&limit=2")).json()
    rest = (await desk("GET", f"/v1/queue?regency=99.01&limit=2&cursor={page['next']}")).json()
    assert [call["id"] for call in page["items"] + rest["items"]] == [first["id"], second["id"], drill["id"]]
    assert (rest["items"][0]["drill"], rest["next"]) == (True, None)


async def test_calls_are_listed_newest_first_page_by_page(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    made = []
    for _ in range(5):
        made.append((await arrive())["id"])
        kit.clock.advance(1)
    seen, cursor = [], ""
    while cursor is not None:
        page = (await desk("GET", f"/v1/calls?limit=2{cursor and '&cursor=' + cursor}")).json()
        seen += [call["id"] for call in page["items"]]
        cursor = page["next"]
    assert seen == made[::-1]


async def test_calls_are_found_by_state_class_and_drill(desk: Desk, arrive: Arrive, step: Desk) -> None:
    waiting, drill, prank = await arrive(), await arrive(drill=True), await arrive()
    await step(prank, "answer")
    await step(prank, "classification", call_class="prank")
    for wanted, found in (
        ("state=waiting&drill=false", waiting),
        ("drill=true", drill),
        ("call_class=prank", prank),
        ("state=answered", prank),
    ):
        page = (await desk("GET", f"/v1/calls?regency=99.01&{wanted}")).json()
        assert [call["id"] for call in page["items"]] == [found["id"]], wanted


async def test_code_lists_speak_both_languages(desk: Desk) -> None:
    classes = (await desk("GET", "/v1/call-classes", None, "analyst")).json()["items"]
    assert len(classes) == 8
    assert classes[0] == {"code": "emergency", "label": {"id": "Darurat", "en": "Emergency"}}
    assert Texts.load("sigap_intake").differences() == []


async def test_a_circle_that_straddles_two_zones_names_one_owner_and_both(desk: Desk) -> None:
    zones = (await desk("GET", "/v1/zones?lat=0&lon=100.99&uncertainty_m=5000")).json()
    assert zones["owner"] == "99.01"
    assert zones["candidates"] == [share["regency"] for share in zones["shares"]] == ["99.01", "99.02"]
    assert sum(share["share"] for share in zones["shares"]) == pytest.approx(1)
    at_sea = (await desk("GET", "/v1/zones?lat=9&lon=100.5")).json()
    assert (at_sea["owner"], at_sea["shares"]) == (None, [{"regency": None, "share": 1.0}])


# --- who may do and see what


async def test_zones_that_overlap_are_named_with_the_ground_that_both_claim(
    kit: Kit, desk: Desk, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.03", 101.5), pack("99.04", 101.99, zone=None))
    asked = "/v1/zones/overlaps?regency=99.02"
    found = (await desk("GET", asked, None, "admin", regencies=("*",))).json()["items"]
    assert [(one["regency"], one["name"]) for one in found] == [("99.03", "99.03")]
    assert found[0]["area_m2"] == pytest.approx(0.5 * 111_195**2, rel=0.01)
    await kit.configure(pack("99.03", 101.5, retired=True), version=2)
    assert (await desk("GET", asked, None, "admin", regencies=("*",))).json()["items"] == []
    assert (await desk("GET", asked)).status_code == 403


async def test_a_retired_regency_takes_no_call_but_late_entries_and_owns_no_place(
    kit: Kit, desk: Desk, arrive: Arrive, step: Desk, pack: Callable[..., Pack]
) -> None:
    begun = await arrive()
    await kit.configure(pack("99.01", 100, retired=True), version=2)
    refused = await desk("POST", "/v1/calls", {"regency": "99.01", "channel": "telephone"})
    assert (refused.status_code, "99.01" in refused.json()["detail"]) == (404, True)
    await arrive("supervisor", backfilled=True, received_at="2024-02-01T00:00:00Z")
    assert (await step(begun, "answer")).status_code == 200
    assert (await desk("GET", "/v1/zones?lat=0&lon=100.5")).json()["owner"] is None


async def test_an_exchange_brings_calls_and_ends_them_and_reads_nothing(desk: Desk, arrive: Arrive, step: Desk) -> None:
    call = await arrive("cti", number="081234567890", exchange_id="4711")
    assert (call["opened"], call["number"], call["history"], call["exchange_id"]) == (False, None, None, "4711")
    shown = [(await desk("GET", f"/v1/calls/{call['id']}", None, role)).json() for role in ("operator", "admin")]
    assert [one["exchange_id"] for one in shown] == ["4711", None]
    assert (await step(call, "end", "cti")).json()["state"] == "abandoned"
    for path in (f"/v1/calls/{call['id']}", f"/v1/calls/{call['id']}/timeline", "/v1/calls", "/v1/queue"):
        assert (await desk("GET", path, None, "cti")).status_code == 403
    for name in ("answer", "notes", "location", "classification"):
        assert (await step(call, name, "cti")).status_code == 403


@pytest.mark.parametrize("told", [{"backfilled": True, "received_at": "2023-01-01T00:00:00Z"}, {"with_agencies": True}])
async def test_late_entries_and_real_agencies_need_a_leader(desk: Desk, told: dict[str, Any]) -> None:
    body = {**CALL, "drill": True, **told}
    refused = await desk("POST", "/v1/calls", body)
    assert (refused.status_code, refused.json()["roles"]) == (403, ["supervisor", "admin"])
    assert (await desk("POST", "/v1/calls", body, "operator", "supervisor")).status_code == 201


async def test_who_keeps_the_house_sees_no_personal_data(desk: Desk, arrive: Arrive, step: Desk) -> None:
    call = await arrive(number="081234567890", caller_location=HERE)
    await step(call, "answer")
    await step(call, "notes")
    read = (await desk("GET", f"/v1/calls/{call['id']}", None, "admin")).json()
    assert (read["number"], read["caller_location"], read["notes"], read["history"]) == (None, None, [], None)
    timeline = await desk("GET", f"/v1/calls/{call['id']}/timeline", None, "admin")
    assert "api besar" not in timeline.text
    assert "81234567890" not in timeline.text


async def test_a_call_of_another_regency_is_not_there(desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    for method, path, body in [
        ("GET", "", None),
        ("GET", "/timeline", None),
        *(("POST", f"/{name}", body) for name, body in STEPS.items()),
    ]:
        answer = await desk(method, f"/v1/calls/{call['id']}{path}", body, regencies=("99.02",))
        unknown = await desk(method, f"/v1/calls/{uuid4()}{path}", body, regencies=("99.02",))
        assert answer.status_code == unknown.status_code == 404
    assert (await desk("GET", "/v1/calls", regencies=("99.02",))).json()["items"] == []
    assert (await desk("GET", "/v1/queue", regencies=("99.02",))).json()["items"] == []


async def test_a_regency_outside_the_token_is_forbidden(desk: Desk) -> None:
    for regency in ("99.02", "99.99"):
        assert (await desk("POST", "/v1/calls", {**CALL, "regency": regency})).status_code == 403
        for path in (f"/v1/calls?regency={regency}", f"/v1/queue?regency={regency}"):
            assert (await desk("GET", path)).status_code == 403


async def test_a_regency_that_is_not_configured_is_not_found(desk: Desk) -> None:
    nation = {"regencies": ("*",)}
    assert (await desk("POST", "/v1/calls", {**CALL, "regency": "99.99"}, **nation)).status_code == 404
    assert (await desk("GET", "/v1/queue?regency=99.99", **nation)).status_code == 404


async def test_without_a_token_nothing_is_done(kit: Kit) -> None:
    for headers in ({}, {"Authorization": "Bearer forged"}):
        answer = await kit.client.post("/v1/calls", json=CALL, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert await kit.said(CallReceived) == []


async def test_a_call_that_is_made_needs_an_idempotency_key(kit: Kit) -> None:
    headers = kit.bearer("operator")
    del headers["Idempotency-Key"]
    answer = await kit.client.post("/v1/calls", json=CALL, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")


# --- what cannot be; each list in one test, since every test has a database of its own

CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "#/regency"),
    ({**CALL, "channel": "pigeon"}, "#/channel"),
    ({**CALL, "backfiled": True}, "#/backfiled"),
    ({**CALL, "received_at": "2024-02-18T02:59:59Z"}, "#/received_at"),
    ({**CALL, "received_at": "2024-02-19T03:05:01Z"}, "#/received_at"),
    ({**CALL, "notify": False}, "#/notify"),
    ({**CALL, "backfilled": True}, "#/received_at"),
]
WRONG_STEPS: list[tuple[str, dict[str, Any], str]] = [
    ("location", {"lat": 0.1, "lon": 100.1, "same_as_caller": True}, "#"),
    ("location", {"uncertainty_m": 5}, "#"),
    ("notes", {"text": " "}, "#/text"),
    ("classification", {"call_class": "emergency", "incident_type": "no_such_kind"}, "#/incident_type"),
    ("classification", {"call_class": "emergency", "priority": 6}, "#/priority"),
    ("classification", {"call_class": "prank", "same_incident": str(uuid4())}, "#/same_incident"),
    ("classification", {"call_class": "abandoned"}, "#/call_class"),
    ("notes", {"text": "halo", "at": "2024-02-19T03:00:00Z"}, "#/at"),
    ("end", {"ended_by": "nobody"}, "#/ended_by"),
]


def pointers(refused: httpx.Response) -> set[str]:
    return {error["pointer"] for error in refused.json()["errors"]}


async def test_a_call_that_contradicts_itself_is_refused_with_the_place(kit: Kit, desk: Desk) -> None:
    for body, pointer in CONTRADICTIONS:
        refused = await desk("POST", "/v1/calls", body, "supervisor")
        assert refused.status_code == 422, (body, refused.text)
        assert pointer in pointers(refused), body
    assert await kit.said(CallReceived) == []


async def test_a_wrong_step_is_refused_with_the_place(desk: Desk, arrive: Arrive, step: Desk) -> None:
    call = await arrive()
    version = (await step(call, "answer")).json()["version"]
    for name, body, pointer in WRONG_STEPS:
        refused = await step(call, name, **body)
        assert refused.status_code == 422, (name, body, refused.text)
        assert pointer in pointers(refused), (name, body)
    assert (await desk("GET", f"/v1/calls/{call['id']}")).json()["version"] == version


async def test_what_is_impossible_is_refused_with_the_state(arrive: Arrive, step: Desk) -> None:
    waiting, abandoned = await arrive(), await arrive()
    await step(abandoned, "end")
    for call, state, names in (
        (waiting, "waiting", ("notes", "location", "classification")),
        (abandoned, "abandoned", ("answer", "location", "classification")),
    ):
        for name in names:
            refused = await step(call, name)
            assert (refused.status_code, refused.json()["state"]) == (409, state), name


async def test_a_problem_speaks_the_readers_language(kit: Kit, arrive: Arrive, desk: Desk, step: Desk) -> None:
    call = await arrive()
    await step(call, "answer")
    path = f"/v1/calls/{call['id']}/answer"
    headers = kit.bearer("operator", subject="budi")
    indonesian = await kit.client.post(path, headers=headers)
    english = await kit.client.post(path, headers={**headers, "Accept-Language": "en"})
    assert "sudah dijawab oleh tester" in indonesian.json()["detail"]
    assert "has been answered by tester" in english.json()["detail"]


async def test_a_wrong_question_is_refused(desk: Desk) -> None:
    for query in ("cursor=abc", "cursor=W10=", "cursor=WzEsMl0=", "limit=0", "state=gone", "regency=1"):
        assert (await desk("GET", f"/v1/calls?{query}")).status_code == 422, query


@pytest.mark.parametrize("path", ["/v1/calls", "/v1/queue"])
async def test_a_text_in_a_token_that_is_no_regency_reaches_no_database(desk: Desk, arrive: Arrive, path: str) -> None:
    """PostgreSQL refuses NUL in a text. A token may hold anything that its issuer wrote."""
    call = await arrive()
    answer = await desk("GET", path, regencies=("99.01", "99\x00.01"))
    assert [one["id"] for one in answer.json()["items"]] == [call["id"]]

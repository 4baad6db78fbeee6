"""What exchanges and apps send with a call, however odd: the call is taken, and what was odd is kept beside it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from sigap_common.contracts.calls import CallAbandoned, CallReceived
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk

CALL = {"regency": "99.01", "channel": "telephone"}
HERE = {"lat": 0.1, "lon": 100.1}

NAMES: list[tuple[Any, str | None, str | None]] = [
    (None, None, None),
    ("Budi", "Budi", None),
    ("", None, "string_too_short"),
    ("   ", None, "text_blank"),
    ("BUDI\tSANTOSO", "BUDI SANTOSO", "text_with_control_characters"),
    ("BUDI\x00", "BUDI", "text_with_nul"),
    ("BUDI\r\nSANTOSO", "BUDI SANTOSO", "text_with_control_characters"),
    ("Budi\u2028Santoso", "Budi Santoso", "text_with_control_characters"),
    ("N" * 300, "N" * 200, "string_too_long"),
    ("\ud83d Budi", "Budi", "string_unicode"),
    ("\ud83d", None, "string_unicode"),
    (7, None, "string_type"),
    ({"display": "Budi"}, None, "string_type"),
    ([[[]]], None, "string_type"),
]
HINTS: list[tuple[Any, dict[str, Any] | None, set[str]]] = [
    ("somewhere", None, {"#/caller_location"}),
    ({}, None, {"#/caller_location"}),
    ([0.1, 100.1], None, {"#/caller_location"}),
    ({"lat": 0, "lon": 0, "uncertainty_m": 0}, None, {"#/caller_location"}),
    ({"lat": -0.0, "lon": 0.0004, "address": "Jl. Nol"}, {"lat": None, "address": "Jl. Nol"}, {"#/caller_location"}),
    ({"lat": 0, "lon": 100.1}, {"lat": 0, "lon": 100.1}, set()),
    ({"lat": 102.2, "lon": -3.8}, None, {"#/caller_location/lat", "#/caller_location"}),
    ({"lat": 0.1}, None, {"#/caller_location"}),
    ({**HERE, "uncertainty_m": -1}, {**HERE, "uncertainty_m": None}, {"#/caller_location/uncertainty_m"}),
    ({**HERE, "uncertainty_m": "big"}, {**HERE, "uncertainty_m": None}, {"#/caller_location/uncertainty_m"}),
    ({**HERE, "uncertainty_m": 1e9}, {**HERE, "uncertainty_m": None}, {"#/caller_location/uncertainty_m"}),
    ({**HERE, "address": " "}, {**HERE, "address": None}, {"#/caller_location/address"}),
    ({**HERE, "address": "Jl.\x00 Kenari"}, {**HERE, "address": "Jl. Kenari"}, {"#/caller_location/address"}),
    ({**HERE, "accuracy": 30}, HERE, {"#/caller_location/accuracy"}),
]
BESIDE: list[tuple[dict[str, Any], str]] = [
    ({"exchange_id": "a\x00b"}, "#/exchange_id"),
    ({"exchange_id": ""}, "#/exchange_id"),
    ({"exchange_id": "x" * 201}, "#/exchange_id"),
    ({"exchange_id": 4711}, "#/exchange_id"),
    ({"number": {"digits": "0811"}}, "#/number"),
    ({"number": True}, "#/number"),
    ({"received_at": "yesterday"}, "#/received_at"),
    ({"received_at": "2024-02-19T03:00:00"}, "#/received_at"),
    ({"received_at": 1708311600}, "#/received_at"),
    ({"drill": "perhaps"}, "#/drill"),
    ({"backfilled": None}, "#/backfilled"),
    ({"notify": "x"}, "#/notify"),
    ({"with_agencies": []}, "#/with_agencies"),
]
OF_EXCHANGES: list[tuple[dict[str, Any], str]] = [
    ({"received_at": "1970-01-01T00:00:00Z"}, "#/received_at"),
    ({"received_at": "2024-02-19T03:05:01Z"}, "#/received_at"),
    ({"notify": False}, "#/notify"),
    ({"with_agencies": True}, "#/with_agencies"),
    ({"queue": 4}, "#/queue"),
    ({"a/b~\ud800": 4}, "#/a~1b~0%3F"),
]


@pytest.fixture
def taken(desk: Desk) -> Arrive:
    """What the call that an operator posts is read as."""

    async def post(*roles: str, **told: Any) -> dict[str, Any]:
        answer = await desk("POST", "/v1/calls", {**CALL, **told}, *roles)
        assert answer.status_code == 201, (told, answer.text)
        read = await desk("GET", f"/v1/calls/{answer.json()['id']}")
        assert read.status_code == 200, (told, read.text)
        found: dict[str, Any] = read.json()
        assert found["complaints"] == [] or found["complaints"][0]["value"] is not None
        return found

    return post


async def raw(kit: Kit, text: str, *roles: str) -> httpx.Response:
    headers = {**kit.bearer(*roles, regencies=("99.01",)), "Content-Type": "application/json"}
    return await kit.client.post("/v1/calls", content=text.encode("utf-8", "surrogatepass"), headers=headers)


def complaints(call: dict[str, Any]) -> set[str]:
    return {complaint["pointer"] for complaint in call["complaints"]}


async def test_a_name_is_kept_as_far_as_it_can_be(taken: Arrive) -> None:
    for told, kept, code in NAMES:
        call = await taken("operator", caller_name=told)
        assert call["caller_name"] == kept, told
        assert [one["code"] for one in call["complaints"]] == ([code] if code else []), told


async def test_a_hint_is_kept_as_far_as_it_can_be(taken: Arrive) -> None:
    for told, kept, pointers in HINTS:
        call = await taken("operator", caller_location=told)
        assert complaints(call) == pointers, told
        if kept is None:
            assert call["caller_location"] is None, told
        else:
            assert kept.items() <= call["caller_location"].items(), told


async def test_no_other_optional_field_costs_the_call(taken: Arrive) -> None:
    for told, pointer in BESIDE:
        call = await taken("operator", **told)
        assert complaints(call) == {pointer}, told
        assert (call["drill"], call["backfilled"], call["exchange_id"]) == (False, False, None)


async def test_an_exchange_s_call_is_taken_although_times_and_marks_contradict(kit: Kit, desk: Desk) -> None:
    for told, pointer in OF_EXCHANGES:
        answer = await desk("POST", "/v1/calls", {**CALL, **told}, "cti")
        assert answer.status_code == 201, (told, answer.text)
        assert [(one["pointer"], one["value"]) for one in answer.json()["complaints"]] == [(pointer, None)]
        assert answer.json()["received_at"] == "2024-02-19T03:00:00Z"


async def test_a_person_is_told_of_a_field_that_there_is_not_with_all_else_that_is_odd(desk: Desk, kit: Kit) -> None:
    refused = await desk("POST", "/v1/calls", {**CALL, "caler_name": "Budi", "drill": "perhaps"})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/caler_name", "#/drill"]
    assert await kit.said(CallReceived) == []


async def test_a_token_of_several_roles_belongs_to_a_person_and_may_what_each_role_may(desk: Desk) -> None:
    roles = ("cti", "operator", "supervisor")
    late = {**CALL, "number": "0812-3456-7890", "backfilled": True, "received_at": "2024-02-01T00:00:00Z"}
    taken = await desk("POST", "/v1/calls", late, *roles)
    assert (taken.status_code, taken.json()["number"], taken.json()["backfilled"]) == (201, "+6281234567890", True)
    refused = await desk("POST", "/v1/calls", {**CALL, "caler_name": "Budi"}, *roles)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/caler_name"]
    call = (await desk("POST", "/v1/calls", CALL, *roles)).json()
    assert (await desk("POST", f"/v1/calls/{call['id']}/answer", {}, *roles)).status_code == 200
    again = await desk("POST", "/v1/calls", {**CALL, "number": "0812-3456-7890"}, "cti", "analyst")
    assert (again.status_code, again.json()["number"]) == (201, None)


async def test_what_is_required_is_refused_alone(desk: Desk) -> None:
    refused = await desk("POST", "/v1/calls", {"regency": "99.01", "channel": "pigeon", "caller_name": ""}, "cti")
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/channel"]


async def test_a_complaint_is_seen_in_the_timeline_and_its_value_by_those_who_may(desk: Desk, taken: Arrive) -> None:
    call = await taken("operator", caller_name="BUDI\tSANTOSO")
    expected = {"pointer": "#/caller_name", "code": "text_with_control_characters", "value": "BUDI\tSANTOSO"}
    assert call["complaints"] == [expected]
    for role, value in (("operator", "BUDI\tSANTOSO"), ("admin", None)):
        timeline = (await desk("GET", f"/v1/calls/{call['id']}/timeline", None, role)).json()["items"]
        assert timeline[0]["event"]["complaints"] == [{**expected, "value": value}]
        listed = (await desk("GET", "/v1/calls", None, role)).json()["items"]
        assert listed[0]["complaints"] == [{**expected, "value": value}]


async def test_a_thousand_odd_fields_are_twenty_complaints(kit: Kit) -> None:
    surprises = ",".join(f'"surprise{n}": "\\ud800"' for n in range(1000))
    answer = await raw(kit, f'{{"regency": "99.01", "channel": "app", {surprises}}}', "cti")
    assert answer.status_code == 201
    assert len(answer.json()["complaints"]) == 20


async def test_a_hint_of_a_thousand_members_is_left_out_as_one(taken: Arrive) -> None:
    call = await taken("operator", caller_location={**HERE, **{f"surprise{n}": n for n in range(1000)}})
    assert call["caller_location"] is None
    assert [(one["pointer"], one["code"]) for one in call["complaints"]] == [("#/caller_location", "too_long")]


async def test_a_number_may_be_a_json_number(taken: Arrive) -> None:
    for number in (62811900123, 811900123, 62811900123.0):
        assert (await taken("operator", number=number))["number"] == "+62811900123"


async def test_of_two_numbers_the_first_counts_and_both_are_kept(taken: Arrive) -> None:
    call = await taken("operator", number="0811900123 / 0811900124")
    assert call["number"] == "+62811900123"
    told = {"pointer": "#/number", "code": "number_several", "value": "0811900123 / 0811900124"}
    assert call["complaints"] == [told]


async def test_placeholders_share_no_history(kit: Kit, taken: Arrive) -> None:
    for number in ("0000000000", "+6200000000", "1111111111", "anonymous"):
        for _ in range(2):
            kit.clock.advance(1)
            call = await taken("operator", number=number)
            assert (call["number"], call["history"], complaints(call)) == (None, None, {"#/number"})
    assert {heard.event.caller_hash for heard in await kit.said(CallReceived)} == {None}


async def test_an_exchange_s_end_is_taken_without_what_is_odd(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    for told, pointer in (
        ({"at": "2024-02-19T03:00:00Z"}, "#/at"),
        ({"at": "soon"}, "#/at"),
        ({"cause": 16}, "#/cause"),
    ):
        call = await arrive("cti")
        ended = await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller", **told}, "cti")
        assert ended.status_code == 200, ended.text
        assert complaints(ended.json()) == {pointer}
        assert complaints((await desk("GET", f"/v1/calls/{call['id']}")).json()) == {pointer}
    assert [len(heard.event.complaints) for heard in await kit.said(CallAbandoned)] == [1, 1, 1]


# --- what can be written can be read


async def test_every_place_that_can_be_written_can_be_read(desk: Desk, arrive: Arrive) -> None:
    circles = (None, 0, -0.0, 5e-324, 1e-300, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1, 125, 35_000, 1_000_000)
    points = [(0.1, 100.1), (0.5, 100.5), (0.49999999, 101), (90, 0), (-90, 180), (89.999999, -180), (1e-300, 100.5)]
    for lat, lon in points:
        for circle in circles:
            where = {"lat": lat, "lon": lon, "uncertainty_m": circle}
            call = await arrive(caller_location=where)
            path = f"/v1/calls/{call['id']}"
            assert (await desk("POST", f"{path}/answer")).status_code == 200
            assert (await desk("POST", f"{path}/location", where)).status_code == 200, where
            read = await desk("GET", path)
            assert (read.status_code, read.json()["caller_location"]["lat"]) == (200, pytest.approx(lat)), where
            zones = f"/v1/zones?lat={lat}&lon={lon}" + (f"&uncertainty_m={circle}" if circle is not None else "")
            assert (await desk("GET", zones)).status_code == 200, where


async def test_every_time_that_can_be_written_can_be_read(desk: Desk) -> None:
    for at in ("1900-01-01T00:00:00+14:00", "1900-01-01T00:00:00-12:00", "1970-01-01T00:00:00.0000001Z"):
        told = {**CALL, "backfilled": True, "received_at": at}
        call = (await desk("POST", "/v1/calls", told, "supervisor")).json()
        for step, body in (
            ("answer", {}),
            ("classification", {"call_class": "prank"}),
            ("end", {"ended_by": "caller"}),
        ):
            taken = await desk("POST", f"/v1/calls/{call['id']}/{step}", {**body, "at": at}, "supervisor")
            assert taken.status_code == 200, taken.text
        for path in ("", "/timeline"):
            assert (await desk("GET", f"/v1/calls/{call['id']}{path}")).status_code == 200
    cursor = ""
    for _ in range(3):
        page = await desk("GET", f"/v1/calls?limit=1{cursor}")
        assert page.status_code == 200, page.text
        cursor = f"&cursor={page.json()['next']}"


async def test_a_position_of_zero_and_zero_is_refused_as_the_place_of_an_emergency(desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer")
    refused = await desk("POST", f"{path}/location", {"lat": 0, "lon": 0.0})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "position_null")
    located = await desk("POST", f"{path}/location", {"lat": 0, "lon": 0, "address": "Jl. Nol"})
    assert (located.json()["location"]["lat"], located.json()["location"]["address"]) == (None, "Jl. Nol")


# --- an exchange's id that is used again


async def test_another_caller_under_a_used_id_is_another_call(desk: Desk, arrive: Arrive) -> None:
    first = await arrive(number="0811900123", exchange_id="17")
    second = await arrive(number="0811900124", exchange_id="17")
    assert (second["exchange_id"], complaints(second)) == ("17", {"#/exchange_id"})
    again = await desk("POST", "/v1/calls", {**CALL, "number": "62811900124", "exchange_id": "17"}, "cti")
    assert (again.status_code, again.json()["id"]) == (200, second["id"])
    third = await arrive(number="0811900125", exchange_id="17")
    assert len({first["id"], second["id"], third["id"]}) == 3
    ended = await desk("POST", f"/v1/calls/{first['id']}/end", {"ended_by": "caller"})
    assert (ended.status_code, ended.json()["state"]) == (200, "abandoned")


async def test_an_id_names_an_ended_call_for_an_hour(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    told = {"number": "0811900123", "exchange_id": "17"}
    call = await arrive(**told)
    kit.clock.advance(5 * 3600)
    assert (await desk("POST", "/v1/calls", {**CALL, **told}, "cti")).status_code == 200
    await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})
    kit.clock.advance(3600)
    again = await desk("POST", "/v1/calls", {**CALL, **told}, "cti")
    assert (again.status_code, again.json()["id"]) == (200, call["id"])
    kit.clock.advance(timedelta(milliseconds=1).total_seconds())
    later = await desk("POST", "/v1/calls", {**CALL, **told}, "cti")
    assert later.status_code == 201
    assert later.json()["id"] != call["id"]


async def test_a_call_whose_end_was_never_told_does_not_go_on_for_ever(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await arrive(exchange_id="17")
    kit.clock.advance(24 * 3600 + 1)
    assert (await desk("POST", "/v1/calls", {**CALL, "exchange_id": "17"}, "cti")).status_code == 201


async def test_another_moment_under_a_used_id_is_another_call(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await arrive("cti", exchange_id="17", received_at="2024-02-19T02:50:00Z")
    same = {**CALL, "exchange_id": "17", "received_at": "2024-02-19T02:54:00Z"}
    assert (await desk("POST", "/v1/calls", same, "cti")).json()["id"] == call["id"]
    other = await desk("POST", "/v1/calls", {**same, "received_at": "2024-02-19T02:55:01Z"}, "cti")
    assert other.status_code == 201


async def test_a_real_call_is_never_answered_with_a_drill(desk: Desk, arrive: Arrive) -> None:
    await arrive(exchange_id="17", drill=True)
    assert (await desk("POST", "/v1/calls", {**CALL, "exchange_id": "17"}, "cti")).status_code == 201


async def test_a_log_replayed_makes_nothing_double(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    told = {"exchange_id": "row-1", "backfilled": True, "received_at": "2019-05-01T10:00:00Z", "number": "0811900123"}
    call = await arrive("supervisor", **told)
    await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, "supervisor")
    kit.clock.advance(1_000_000)
    again = await desk("POST", "/v1/calls", {**CALL, **told}, "supervisor")
    assert (again.status_code, again.json()["id"]) == (200, call["id"])

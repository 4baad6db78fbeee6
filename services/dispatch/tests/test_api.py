"""Dispatch over HTTP: what each may do and see, and how what cannot be is refused."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from services.dispatch.tests.dispatch_histories import Desk, Shown, a_pack

from sigap_common.contracts.incidents import (
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentCreated,
    IncidentForwarded,
    IncidentUpdated,
)
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_dispatch.visibility import POLICY

BARE = {"code": "99.02", "name": "Kabupaten Contoh", "time_zone": "Asia/Jakarta"}


def zoned(code: str, west: float) -> Pack:
    """A regency of one degree by one degree on the equator."""
    corners = [(west, -0.5), (west + 1, -0.5), (west + 1, 0.5), (west, 0.5), (west, -0.5)]
    return Pack.model_validate(BARE | {"code": code, "zone": {"type": "Polygon", "coordinates": [corners]}})


@pytest.fixture
async def incident(desk: Desk) -> Shown:
    """Forwarded to fire, police and ambulance."""
    await desk.classified(1)
    return await desk.incident()


def path_of(incident: Shown, *steps: str) -> str:
    return "/".join(["/v1/incidents", incident["id"], *steps])


def of(incident: Shown, code: str) -> Shown:
    found: list[Shown] = [f for f in incident["forwardings"] if f["agency"] == f"99.01/{code}"]
    return found[-1]


# --- what dispatchers do


async def test_a_dispatcher_adds_an_agency_withdraws_one_and_closes(desk: Desk, incident: Shown) -> None:
    added = await desk.ask("POST", path_of(incident, "forwardings"), {"agency": "99.01/transport"})
    assert added.status_code == 201, added.text
    forwarding = of(added.json(), "transport")
    assert (forwarding["automatic"], forwarding["state"]) == (False, "forwarded")
    path = path_of(incident, "forwardings", forwarding["id"], "withdraw")
    withdrawn = await desk.ask("POST", path, {"reason": "tidak perlu"})
    assert of(withdrawn.json(), "transport")["state"] == "withdrawn"
    assert of(withdrawn.json(), "transport")["withdrawal_reason"] == "tidak perlu"
    [told] = await desk.kit.said(ForwardingWithdrawn)
    assert (told.event.reason, told.event.text) == ("by_dispatcher", Sealed("tidak perlu"))
    timeline = (await desk.ask("GET", path_of(incident, "timeline"))).json()["items"]
    assert [e["event"]["text"] for e in timeline if e["type"] == "sigap.ForwardingWithdrawn.v1"] == ["tidak perlu"]
    closed = await desk.ask("POST", path_of(incident, "close"), {"disposition": "doused", "note": "aman"})
    assert (closed.status_code, closed.json()["state"], closed.json()["disposition"]) == (200, "closed", "doused")
    assert {f["state"] for f in closed.json()["forwardings"]} == {"withdrawn"}


async def test_what_is_closed_is_refused_with_409_naming_the_state(desk: Desk, incident: Shown) -> None:
    await desk.ask("POST", path_of(incident, "close"), {"disposition": "resolved"})
    again = await desk.ask("POST", path_of(incident, "close"), {"disposition": "resolved"})
    assert (again.status_code, again.json()["state"]) == (409, "closed")
    assert again.json()["detail"] == "Kejadian ini sudah ditutup."


async def test_an_operator_records_an_agencys_answer_given_by_telephone(desk: Desk, incident: Shown) -> None:
    path = path_of(incident, "forwardings", of(incident, "fire")["id"], "answers")
    body = {"response": "acknowledged", "spoke_to": "Pak Harun", "channel": "telephone"}
    answer = await desk.ask("POST", path, body, "operator")
    assert of(answer.json(), "fire")["state"] == "acknowledged"
    entries = (await desk.ask("GET", path_of(incident, "timeline"))).json()["items"]
    event = entries[-1]["event"]
    assert (event["on_behalf"], event["spoke_to"], event["by"]) == (True, "Pak Harun", "tester")
    for wrong in (
        body | {"spoke_to": None},
        body | {"response": "declined"},
        body | {"response": "declined", "reason": "unheard_of"},
        body | {"channel": "desk"},
    ):
        assert (await desk.ask("POST", path, wrong)).status_code == 422


async def test_two_dispatchers_close_at_the_same_moment_one_wins_the_other_gets_the_state(
    desk: Desk, incident: Shown
) -> None:
    close = [desk.ask("POST", path_of(incident, "close"), {"disposition": "resolved"}) for _ in range(2)]
    answers = await asyncio.gather(*close)
    assert sorted(a.status_code for a in answers) == [200, 409]


async def test_20_who_take_down_the_same_acknowledgement_at_once_make_one_fact(desk: Desk, incident: Shown) -> None:
    path = path_of(incident, "forwardings", of(incident, "fire")["id"], "answers")
    body = {"response": "acknowledged", "spoke_to": "Pak Harun", "channel": "radio"}
    answers = await asyncio.gather(*(desk.ask("POST", path, body) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await desk.timeline(incident)).count("IncidentAcknowledged") == 1


async def test_patching_needs_the_etag_that_was_read(desk: Desk, incident: Shown) -> None:
    read = await desk.ask("GET", path_of(incident))
    body = {"incident_type": "traffic_accident", "place": {"lat": -3.8, "lon": 102.3, "address": "Jembatan"}}
    assert (await desk.ask("PATCH", path_of(incident), body)).status_code == 428
    assert (await desk.ask("PATCH", path_of(incident), body, **{"If-Match": '"1"'})).status_code == 412
    patched = await desk.ask("PATCH", path_of(incident), body, **{"If-Match": read.headers["ETag"]})
    assert patched.status_code == 200, patched.text
    after = patched.json()
    assert (after["incident_type"], after["place"]["address"]) == ("traffic_accident", "Jembatan")
    assert after["proposed_withdrawals"] == ["99.01/fire", "99.01/ambulance"]
    assert patched.headers["ETag"] != read.headers["ETag"]
    unknown = await desk.ask("PATCH", path_of(incident), {"incident_type": "x"}, **{"If-Match": "*"})
    [error] = unknown.json()["errors"]
    assert (unknown.status_code, error["pointer"], error["code"]) == (422, "#/incident_type", "incident_type_unknown")


async def test_incidents_open_without_a_call(desk: Desk) -> None:
    body = {
        "regency": "99.01",
        "source": "observer",
        "incident_type": "fire",
        "note": "asap",
        "place": {"lat": 0, "lon": 1},
    }
    answer = await desk.ask("POST", "/v1/incidents", body, "operator")
    assert answer.status_code == 201, answer.text
    opened = answer.json()
    assert (opened["source"], opened["call_id"], opened["number"]) == ("observer", None, "CTH-20240219-0001")
    assert opened["notes"][0]["text"] == "asap"
    assert opened["forwardings"]


async def test_a_place_named_at_dispatch_has_its_zone_as_one_named_at_intake(desk: Desk, incident: Shown) -> None:
    await desk.kit.configure(zoned("99.02", west=101))
    assert incident["zone_owner"] == "99.01"
    body = {"place": {"lat": 0, "lon": 101.5, "uncertainty_m": 50}}
    patched = await desk.ask("PATCH", path_of(incident), body, **{"If-Match": "*"})
    assert (patched.status_code, patched.json()["zone_owner"]) == (200, "99.02")
    [updated] = await desk.kit.said(IncidentUpdated)
    assert (updated.event.zone_owner, updated.event.zone.owner) == ("99.02", "99.02")
    zone = patched.json()["zone"]
    assert (zone["shares"], zone["elsewhere"]["by"]) == ([{"regency": "99.02", "share": 1}], "queue")
    assert zone["in_words"]["en"].startswith("NOT OUR ZONE: this place belongs to")
    told = [heard.event.content.zone_owner for heard in await desk.kit.said(ForwardingRevised)]
    assert told == ["99.02"] * len(incident["forwardings"])
    in_words = {"place": {"address": "entah di mana"}}
    patched = await desk.ask("PATCH", path_of(incident), in_words, **{"If-Match": "*"})
    assert patched.json()["zone_owner"] is None


async def test_an_incident_opened_without_a_call_has_the_zone_of_its_place(desk: Desk) -> None:
    await desk.kit.configure(zoned("99.02", west=101))
    body = {"regency": "99.01", "source": "observer", "incident_type": "fire", "place": {"lat": 0, "lon": 101.5}}
    opened = (await desk.ask("POST", "/v1/incidents", body)).json()
    assert (opened["regency"], opened["zone_owner"]) == ("99.01", "99.02")
    told = [heard.event.content.zone_owner for heard in await desk.kit.said(IncidentForwarded)]
    assert told == ["99.02"] * len(opened["forwardings"])
    unplaced = (await desk.ask("POST", "/v1/incidents", {"regency": "99.01", "source": "observer"})).json()
    assert unplaced["zone_owner"] is None


async def test_one_call_may_open_several_linked(desk: Desk, incident: Shown) -> None:
    body = {"regency": "99.01", "source": "call", "incident_type": "medical", "call_id": incident["call_id"]}
    further = (await desk.ask("POST", "/v1/incidents", body)).json()
    assert (further["linked_to"], further["answered_at"]) == (incident["id"], incident["answered_at"])
    await desk.noted(1, "dua tempat")
    assert [i["notes"][-1]["text"] for i in await desk.incidents()] == ["dua tempat", "dua tempat"]
    unknown = await desk.ask("POST", "/v1/incidents", body | {"call_id": str(uuid4())})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/call_id")


async def test_real_agencies_join_a_drill_by_a_supervisor_only(desk: Desk) -> None:
    await desk.classified(1, drill=True)
    drill = await desk.incident()
    path = path_of(drill, "forwardings")
    assert (await desk.ask("POST", path, {"agency": "99.01/fire"})).status_code == 403
    assert (await desk.ask("POST", path, {"agency": "99.01/fire"}, "supervisor")).status_code == 201


# --- who sees what


async def test_what_lies_outside_the_token_is_404_and_a_named_regency_outside_is_403(
    desk: Desk, incident: Shown
) -> None:
    foreign = desk.kit.bearer("dispatcher", regencies=["99.02"])
    for method, path in (("GET", path_of(incident)), ("GET", path_of(incident, "timeline"))):
        assert (await desk.kit.client.request(method, path, headers=foreign)).status_code == 404
    closed = await desk.kit.client.post(path_of(incident, "close"), json={"disposition": "resolved"}, headers=foreign)
    assert closed.status_code == 404
    assert (await desk.kit.client.get("/v1/incidents", headers=foreign)).json()["items"] == []
    assert (await desk.kit.client.get("/v1/incidents?regency=99.01", headers=foreign)).status_code == 403
    body = {"regency": "99.01", "source": "observer"}
    assert (await desk.kit.client.post("/v1/incidents", json=body, headers=foreign)).status_code == 403


async def test_agencies_see_nothing_here_and_operators_do_not_close(desk: Desk, incident: Shown) -> None:
    agency = desk.kit.bearer("agency", regencies=["99.01"], agency="99.01/fire")
    assert (await desk.kit.client.get("/v1/incidents", headers=agency)).status_code == 403
    assert (
        await desk.ask("POST", path_of(incident, "close"), {"disposition": "resolved"}, "operator")
    ).status_code == 403


async def test_an_admin_is_shown_no_personal_data(desk: Desk, incident: Shown) -> None:
    seen = (await desk.ask("GET", path_of(incident), None, "admin")).json()
    assert (seen["opened"], seen["caller_number"], seen["place"], seen["notes"]) == (False, None, None, [])
    assert incident["caller_number"] == "+628111222333"
    timeline = (await desk.ask("GET", path_of(incident, "timeline"), None, "admin")).text
    assert "Budi" not in timeline
    assert "Pasar Lama" not in timeline


async def test_the_stream_shows_each_what_the_list_would(desk: Desk, incident: Shown) -> None:
    verifier = desk.kit.runtime.verifier
    [created] = await desk.kit.said(IncidentCreated)
    for roles, regency, sees in (
        (["operator"], "99.01", "Budi"),
        (["admin"], "99.01", None),
        (["operator"], "99.02", False),
        (["agency"], "99.01", False),
        (["analyst"], "99.01", False),
    ):
        agency = "99.01/fire" if roles == ["agency"] else None
        access = await verifier.verify(desk.kit.token(*roles, regencies=[regency], agency=agency))
        shown = POLICY.event(created, access)
        assert (shown is None) if sees is False else (shown or {}).get("caller_name") == sees


async def test_lists_are_paged_and_filtered(desk: Desk) -> None:
    for n in range(1, 6):
        desk.kit.clock.advance(1)
        await desk.classified(n, kind="fire" if n % 2 else "traffic_accident")
    numbers, cursor = [], ""
    while cursor is not None:
        page = (await desk.ask("GET", f"/v1/incidents?limit=2{cursor and '&cursor=' + cursor}")).json()
        numbers += [item["number"][-1] for item in page["items"]]
        cursor = page["next"]
    assert numbers == ["5", "4", "3", "2", "1"]
    assert len(await desk.incidents(incident_type="traffic_accident")) == 2
    assert len(await desk.incidents(state="forwarded", open=True)) == 5
    assert (await desk.ask("GET", "/v1/incidents?cursor=nonsense")).status_code == 422


async def test_an_operators_screen_finds_the_incidents_of_its_call(desk: Desk) -> None:
    call = await desk.classified(1)
    [own] = await desk.incidents(call_id=call)
    report = await desk.classified(2, same=UUID(own["id"]))
    further = {"regency": "99.01", "source": "call", "call_id": str(call), "incident_type": "traffic_accident"}
    other = (await desk.ask("POST", "/v1/incidents", further)).json()
    assert [i["id"] for i in await desk.incidents(call_id=call)] == [other["id"], own["id"]]
    assert [i["id"] for i in await desk.incidents(call_id=report)] == [own["id"]]
    assert await desk.incidents(call_id=uuid4()) == []
    elsewhere = desk.kit.bearer("dispatcher", regencies=["99.02"])
    foreign = await desk.kit.client.get(f"/v1/incidents?call_id={call}", headers=elsewhere)
    assert foreign.json()["items"] == []
    assert (await desk.ask("GET", "/v1/incidents?call_id=nomor-satu")).status_code == 422


@pytest.mark.parametrize("within", ["", "&regency=99.01"])
async def test_a_slip_in_a_filter_is_told_and_does_not_look_like_quiet(
    desk: Desk, incident: Shown, within: str
) -> None:
    foreign = {"incident_types": [{"code": "volcano", "label": {"id": "Gunung", "en": "Volcano"}, "priority": 1}]}
    await desk.kit.configure(Pack.model_validate(BARE | foreign))
    for slip in ("fir", "volcano"):  # the second is a kind of a regency that the token does not cover
        answer = await desk.ask("GET", f"/v1/incidents?incident_type={slip}{within}")
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["parameter"], error["in"]) == (422, "incident_type", "query")
        assert error["code"] == "incident_type_unknown"
        assert "fire_small, fire," in error["detail"]
    nation = desk.kit.bearer("dispatcher")
    assert (await desk.kit.client.get("/v1/incidents?incident_type=volcano", headers=nation)).status_code == 200
    narrowed = await desk.kit.client.get("/v1/incidents?incident_type=volcano&regency=99.01", headers=nation)
    assert narrowed.status_code == 422
    assert (await desk.ask("GET", f"/v1/incidents?incident_type=flood{within}")).json()["items"] == []


async def test_a_kind_that_the_pack_has_retired_still_finds_its_incidents(desk: Desk) -> None:
    await desk.classified(1, kind="fire_small")
    await desk.kit.configure(a_pack(incident_types=[]), version=2)
    assert len(await desk.incidents(incident_type="fire_small")) == 1
    assert len(await desk.incidents(incident_type="fire_small", open=False)) == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/timeline", None),
        ("POST", "/close", {"disposition": "resolved"}),
        ("POST", "/forwardings", {"agency": "99.01/fire"}),
        ("POST", f"/forwardings/{UUID(int=9)}/withdraw", {"reason": "x"}),
        ("POST", f"/forwardings/{UUID(int=9)}/answers", {"response": "done", "spoke_to": "x", "channel": "radio"}),
    ],
)
async def test_unknown_ids_are_404(
    desk: Desk, incident: Shown, method: str, path: str, body: Mapping[str, object] | None
) -> None:
    assert (await desk.ask(method, f"/v1/incidents/{uuid4()}{path}", body)).status_code == 404
    if "forwardings/" in path:
        assert (await desk.ask(method, path_of(incident) + path, body)).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("close", {"disposition": "unheard_of"}, "#/disposition"),
        ("close", {}, "#/disposition"),
        ("close", {"disposition": "resolved", "notes": "x"}, "#/notes"),
        ("close", {"disposition": "resolved", "note": "a\x00b"}, "#/note"),
        ("forwardings", {"agency": "99.01/unheard_of"}, "#/agency"),
        ("forwardings", {"agency": "99.02/fire"}, "#/agency"),
        ("forwardings", {"agency": "fire"}, "#/agency"),
    ],
)
async def test_bad_input_is_a_problem_with_its_place_and_changes_nothing(
    desk: Desk, incident: Shown, path: str, body: Mapping[str, object] | None, pointer: str
) -> None:
    answer = await desk.ask("POST", path_of(incident, path), body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert await desk.incident() == incident


async def test_a_method_that_an_address_has_not_is_told_all_that_it_has(desk: Desk, incident: Shown) -> None:
    refused = await desk.ask("DELETE", f"/v1/incidents/{incident['id']}")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, PATCH")
    assert "GET, PATCH" in refused.json()["detail"]

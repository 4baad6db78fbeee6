"""Regencies over HTTP: a pack comes, is refused, changes, and is answered by the services."""

import asyncio

import httpx
import pytest
from services.dispatch.tests.dispatch_histories import Desk, Shown, a_pack
from sqlalchemy import select, update

from sigap_common.contracts.regencies import (
    Complaint,
    PackPublished,
    PackSectionPublished,
    RegencyApplied,
    RegencyRefused,
)
from sigap_common.regency.model import SECTIONS
from sigap_dispatch import models

NEW = {"code": "99.07", "name": "Kota Baru", "time_zone": "Asia/Makassar", "prefix": "BRU"}


async def put(desk: Desk, document: object, *roles: str, code: str = "99.07", **headers: str) -> httpx.Response:
    bearer = desk.kit.bearer(*(roles or ("admin",)), regencies=["*"])
    return await desk.kit.client.put(f"/v1/regencies/{code}", json=document, headers=bearer | headers)


async def read(desk: Desk, code: str = "99.07", query: str = "") -> httpx.Response:
    bearer = desk.kit.bearer("admin", regencies=["*"])
    return await desk.kit.client.get(f"/v1/regencies/{code}{query}", headers=bearer)


async def answered(desk: Desk, service: str, version: int, *complaints: Complaint) -> None:
    stamp = {"at": desk.now, "recorded_at": desk.now, "service": service, "version": version}
    event = RegencyRefused(**stamp, complaints=complaints) if complaints else RegencyApplied(**stamp)
    await desk.kit.hear(event, subject=f"99.07/{service}", regency="99.07", sequence=version)


async def test_a_new_regency_is_announced_whole_in_the_same_transaction(desk: Desk) -> None:
    answer = await put(desk, NEW)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"'), answer.text
    *sections, said = await desk.kit.said(PackSectionPublished, PackPublished)
    assert [one.event.section for one in sections] == ["identity", "incident_types"]
    assert sections[0].event.content == NEW
    assert sections[0].envelope.subject == "99.07/identity"
    assert said.event.sections == {one.event.section: one.event.digest for one in sections}
    assert (said.envelope.subject, said.envelope.sequence, said.envelope.regency) == ("99.07", 1, "99.07")


async def test_another_telephone_number_sends_and_stores_its_section_alone(desk: Desk) -> None:
    agencies = [{"code": code, "name": code, "kind": "fire", "telephones": ["0274112"]} for code in ("a", "b")]
    places = [{"name": f"Pasar {n}", "kind": "landmark", "lat": -7.8, "lon": 110.4} for n in range(2000)]
    pack = NEW | {"agencies": agencies, "gazetteer": places}
    assert (await put(desk, pack)).status_code == 201
    before, first = await stored(desk), await desk.kit.said()
    changed = [agencies[0], agencies[1] | {"telephones": ["0274113"]}]
    assert (await put(desk, pack | {"agencies": changed}, **{"If-Match": '"1"'})).json()["version"] == 2
    sent = (await desk.kit.said())[len(first) :]
    assert [type(one.event) for one in sent] == [PackSectionPublished, PackPublished]
    assert (sent[0].event.section, sent[0].event.content) == ("agencies", {"agencies": changed})
    assert sum(len(one.event.model_dump_json()) for one in sent) < 2_000
    assert sum(len(one.event.model_dump_json()) for one in first) > 100_000
    new = (await stored(desk)) - before
    assert [section for section, _ in new] == ["agencies"]
    assert sum(len(content) for _, content in new) < 300
    for version, told in ((1, agencies), (2, changed)):
        [old] = (await read(desk, "99.07/versions", f"?version={version}")).json()["items"]
        assert (old["pack"]["agencies"], len(old["pack"]["gazetteer"])) == (told, 2000)


async def stored(desk: Desk) -> set[tuple[str, str]]:
    """Name and content of each stored section of 99.07."""
    t = models.StoredSection.table()
    async with desk.kit.runtime.database.read() as connection:
        rows = await connection.execute(select(t.c.section, t.c.content).where(t.c.code == "99.07"))
        return {(row.section, row.content) for row in rows}


async def test_a_section_that_comes_back_is_sent_again_and_not_stored_again(desk: Desk) -> None:
    """The topic keeps only the newest of each section, so a reader finds there what is in force."""
    closing = {"reopen_window_minutes": 5}
    for version, pack in enumerate((NEW | closing, NEW, NEW | closing)):
        precondition = {"If-Match": f'"{version}"'} if version else {}
        assert (await put(desk, pack, **precondition)).json()["version"] == version + 1
    sent = [one.event for one in await desk.kit.said(PackSectionPublished) if one.event.section == "closing"]
    assert [(one.version, one.content) for one in sent] == [(1, closing), (2, {}), (3, closing)]
    assert sorted(section for section, _ in await stored(desk)) == ["closing", "identity", "incident_types"]


async def test_what_was_in_force_before_packs_went_by_section_is_sent_whole_once(desk: Desk) -> None:
    await put(desk, NEW)
    t = models.configurations
    async with desk.kit.runtime.database.write() as connection:
        await connection.execute(update(t).where(t.c.code == "99.07").values(by_section=False))
    for version in (1, 2):
        await put(desk, NEW | {"name": f"Kota {version}"}, **{"If-Match": f'"{version}"'})
    sent = [one.event for one in await desk.kit.said(PackSectionPublished)]
    assert {one.section for one in sent if one.version == 2} == SECTIONS.keys()
    assert {one.section for one in sent if one.version == 3} == {"identity"}


async def test_an_existing_regency_changes_only_by_the_etag_that_was_read(desk: Desk) -> None:
    await put(desk, NEW)
    renamed = NEW | {"name": "Kota Lain"}
    assert (await put(desk, renamed)).status_code == 428
    assert (await put(desk, renamed, **{"If-Match": '"7"'})).status_code == 412
    assert (await put(desk, renamed, **{"If-None-Match": "*"})).status_code == 412
    changed = await put(desk, renamed, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    found = (await read(desk)).json()
    assert (found["version"], found["pack"]["name"]) == (2, "Kota Lain")
    assert (
        await put(desk, NEW | {"code": "99.08", "prefix": "B8"}, code="99.08", **{"If-Match": '"1"'})
    ).status_code == 412


async def test_the_same_pack_again_makes_no_new_version(desk: Desk) -> None:
    await put(desk, NEW)
    again = await put(desk, NEW, **{"If-Match": '"1"'})
    assert (again.status_code, again.json()["version"]) == (200, 1)
    whole = (await read(desk)).json()["pack"]
    assert (await put(desk, whole, **{"If-Match": '"1"'})).json()["version"] == 1  # what was read can be sent back
    assert len(await desk.kit.said(PackPublished)) == 1


async def test_a_wrong_pack_is_refused_whole_with_every_error_and_its_place(desk: Desk) -> None:
    wrong = NEW | {"time_zone": "Asia/Nowhere", "response_plans": [{"incident_type": "fire", "agencies": ["nobody"]}]}
    answer = await put(desk, wrong | {"colour": "red"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/pack-invalid")
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"#/time_zone", "#/response_plans/0/agencies/0", "#/colour"}
    assert (await read(desk)).status_code == 404
    assert await desk.kit.said(PackPublished) == []


AGENCY = {"code": "a", "name": "A", "kind": "fire"}
POLICY = {"code": "fair-shares", "source": "x", "params": {"a": 1}}


@pytest.mark.parametrize(
    ("change", "pointer", "indonesian", "english"),
    [
        ({"time_zone": "Asia/Nowhere"}, "#/time_zone", "zona waktu", "time zone"),
        ({"code": 9907}, "#/code", "tanda kutip", "quotes"),
        ({"colour red": 1}, "#/colour%20red", "tidak dikenal", "unknown"),
        ({"agencies": [AGENCY] * 2}, "#/agencies/1/code", "'a' sudah", "'a' is used"),
        ({"policies": [POLICY]}, "#/policies/0/params/a", "Aturan", "policy"),
        ({"closing": {"when_all_ended": "x"}}, "#/closing/when_all_ended", ": dispatcher, automatic.", "one of"),
    ],
)
async def test_a_wrong_pack_is_told_in_the_reader_s_language(
    desk: Desk, change: dict[str, object], pointer: str, indonesian: str, english: str
) -> None:
    for language, said in (("id", indonesian), ("en", english)):
        answer = await put(desk, NEW | change, **{"Accept-Language": language})
        (error,) = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert said in error["detail"]


async def test_code_and_path_agree_and_a_prefix_is_one_regencys(desk: Desk) -> None:
    assert (await put(desk, NEW, code="99.08")).json()["errors"][0]["pointer"] == "#/code"
    await put(desk, NEW)
    taken = await put(desk, NEW | {"code": "99.08"}, code="99.08")
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (422, "#/prefix")
    assert "BRU" in taken.json()["errors"][0]["detail"]


async def test_two_who_bring_the_same_regency_at_once_make_one_version(desk: Desk) -> None:
    answers = await asyncio.gather(put(desk, NEW), put(desk, NEW | {"name": "Lain"}))
    assert sorted(a.status_code for a in answers)[0] == 201
    assert {a.status_code for a in answers} <= {201, 409, 428}
    assert len(await desk.kit.said(PackPublished)) == 1


async def test_it_is_complete_when_every_service_has_answered_for_this_version(desk: Desk) -> None:
    desk.kit.runtime.resources.settings = desk.kit.runtime.settings.model_copy(
        update={"services": ("intake", "roster")}
    )
    await put(desk, NEW)
    assert (await read(desk)).json()["waiting_for"] == ["intake", "roster"]
    await answered(desk, "intake", 1)
    await answered(desk, "roster", 1, Complaint(pointer="/shifts", message="gap"))
    found = (await read(desk, query="?pack=false")).json()
    assert (found["complete"], found["pack"]) == (True, None)
    assert [(a["service"], a["applied"]) for a in found["answers"]] == [("intake", True), ("roster", False)]
    assert found["answers"][1]["complaints"] == [{"pointer": "/shifts", "message": "gap"}]
    await put(desk, NEW | {"name": "Lain"}, **{"If-Match": '"1"'})
    assert not (await read(desk)).json()["complete"]
    await answered(desk, "intake", 2)
    await answered(desk, "intake", 1)  # an old answer heard late changes nothing
    listed = (await desk.kit.client.get("/v1/regencies", headers=desk.kit.bearer("admin"))).json()["items"]
    assert [(one["code"], one["waiting_for"]) for one in listed] == [("99.07", ["roster"])]


async def test_only_an_admin_of_the_regency_configures_it(desk: Desk) -> None:
    assert (await put(desk, NEW, "supervisor")).status_code == 403
    bearer = desk.kit.bearer("admin", regencies=["99.01"])
    assert (await desk.kit.client.put("/v1/regencies/99.07", json=NEW, headers=bearer)).status_code == 403


async def test_a_pack_may_be_8_mib_and_everything_else_1(desk: Desk) -> None:
    big = NEW | {"assumptions": [{"at": "/name", "note": "x" * 1900} for _ in range(900)]}
    assert (await put(desk, big)).status_code == 201
    assert (await put(desk, NEW | {"name": "x" * (8 * 1024 * 1024)})).status_code == 413
    answer = await desk.ask(
        "POST", "/v1/incidents", {"regency": "99.01", "source": "observer", "note": "x" * 1_100_000}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("document", [[], "x", 3, None, {}, {"code": 7}])
async def test_what_is_no_pack_is_a_problem(desk: Desk, document: object) -> None:
    assert (await put(desk, document)).status_code == 422


async def test_code_lists_have_labels_in_both_languages_and_the_packs_own(desk: Desk) -> None:
    async def items(name: str) -> list[Shown]:
        answer = await desk.ask("GET", f"/v1/{name}?regency=99.01", None, "operator")
        assert answer.status_code == 200, answer.text
        listed: list[Shown] = answer.json()["items"]
        return listed

    assert {"code": "doused", "label": {"id": "Padam", "en": "Doused"}} in await items("dispositions")
    assert "no_unit" in [entry["code"] for entry in await items("decline-reasons")]
    types = {entry["code"]: entry for entry in await items("incident-types")}
    assert types["domestic_violence"]["protected"]
    assert (types["fire_small"]["parent"], types["fire_small"]["label"]["en"]) == ("fire", "Small")
    assert (await items("agencies"))[0]["agency"] == "99.01/fire"
    plans = await items("response-plans")
    assert (plans[0]["agencies"], plans[0]["acknowledge_within_s"]) == (["99.01/fire", "99.01/police"], 60)
    assert (await desk.ask("GET", "/v1/agencies?regency=99.02")).status_code == 403
    everywhere = desk.kit.bearer("operator")
    assert (await desk.kit.client.get("/v1/agencies?regency=99.66", headers=everywhere)).status_code == 404


async def test_everybody_reads_what_regencies_are_called(desk: Desk) -> None:
    await desk.kit.configure(a_pack(code="99.02", name="Kota Contoh", retired=True))
    await desk.kit.configure(a_pack(code="99.03", name="Kota Tetangga"))
    bearer = desk.kit.bearer("agency", regencies=["99.03"], agency="99.03/fire")
    answer = await desk.kit.client.get("/v1/regency-names", headers=bearer)
    assert answer.json()["items"] == [
        {"code": "99.01", "name": "Kota Contoh (99.01)", "retired": False},
        {"code": "99.02", "name": "Kota Contoh (99.02)", "retired": True},
        {"code": "99.03", "name": "Kota Tetangga", "retired": False},
    ]
    assert (await desk.kit.client.get("/v1/regency-names")).status_code == 401


async def test_capabilities_and_roles_have_the_packs_words_else_the_standard_ones(desk: Desk) -> None:
    unit = {"callsign": "Karet 1", "kind": "raft", "capabilities": ["ladder"]}
    fire = {"code": "fire", "name": "Damkar", "kind": "fire", "capabilities": ["raft", "siren_truck"], "units": [unit]}
    plan = {"incident_type": "fire", "agencies": ["fire"], "role": "ladder"}
    raft, ladder = {"id": "perahu karet", "en": "rubber boat"}, {"id": "tangga putar", "en": "turntable ladder"}
    own = [{"code": "raft", "label": raft}, {"code": "ladder", "label": ladder}]
    await desk.kit.configure(a_pack(agencies=[fire], response_plans=[plan], capabilities=own), version=2)
    brigade, as_written = {"id": "pemadam kebakaran", "en": "fire brigade"}, {"id": "siren truck", "en": "siren truck"}
    answer = await desk.ask("GET", "/v1/capabilities?regency=99.01", None, "operator")
    assert answer.json()["items"] == [
        {"code": "fire", "label": brigade},
        {"code": "ladder", "label": ladder},
        {"code": "raft", "label": raft},
        {"code": "siren_truck", "label": as_written},
    ]
    [agency] = (await desk.ask("GET", "/v1/agencies?regency=99.01", None, "operator")).json()["items"]
    assert (agency["kind_label"], agency["capability_labels"]) == (brigade, [raft, as_written])
    [shown] = (await desk.ask("GET", "/v1/units?regency=99.01")).json()["items"]
    assert (shown["kind_label"], shown["capability_labels"]) == (raft, [ladder])


async def test_a_regency_that_is_not_configured_is_named_as_such(desk: Desk) -> None:
    answer = await read(desk, "99.99")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert (answer.json()["regency"], "99.99" in answer.json()["detail"]) == ("99.99", True)


async def test_every_version_of_a_pack_can_be_read_by_an_admin(desk: Desk) -> None:
    await put(desk, NEW)
    await put(desk, NEW | {"name": "Kota Lain"}, **{"If-Match": '"1"'})
    listed = (await read(desk, "99.07/versions")).json()
    assert [(one["version"], one["in_force"]) for one in listed["items"]] == [(2, True), (1, False)]
    assert listed["items"][0]["configured_by"]
    first = (await read(desk, "99.07/versions", "?limit=1")).json()
    assert [
        one["version"] for one in (await read(desk, "99.07/versions", f"?cursor={first['next']}")).json()["items"]
    ] == [1]
    (old,) = (await read(desk, "99.07/versions", "?version=1")).json()["items"]
    assert (old["pack"]["name"], old["in_force"]) == ("Kota Baru", False)
    assert (await put(desk, old["pack"], **{"If-Match": '"2"'})).json()["version"] == 3
    unknown = await read(desk, "99.07/versions", "?version=9")
    assert (unknown.status_code, "9" in unknown.json()["detail"]) == (404, True)
    assert (await read(desk, "99.66/versions")).status_code == 404
    assert listed["items"][0]["pack"] is None
    for path in ("versions", "versions?version=1"):
        others = desk.kit.bearer("supervisor", regencies=["*"])
        assert (await desk.kit.client.get(f"/v1/regencies/99.07/{path}", headers=others)).status_code == 403
        elsewhere = desk.kit.bearer("admin", regencies=["99.01"])
        assert (await desk.kit.client.get(f"/v1/regencies/99.07/{path}", headers=elsewhere)).status_code == 403


async def test_in_a_retired_regency_nothing_new_begins_and_its_pack_can_come_back(desk: Desk) -> None:
    answer = await put(desk, NEW | {"retired": True})
    assert (answer.status_code, answer.json()["retired"]) == (201, True)
    await desk.kit.configure(a_pack(retired=True), version=2)
    assert (await read(desk, "99.01")).status_code == 404  # only the copy that this service works by was told
    refused = await desk.ask("POST", "/v1/incidents", {"regency": "99.01", "source": "observer", "note": "api"})
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")
    assert refused.json()["detail"].startswith("Wilayah Kota Contoh sudah dihentikan;")
    assert refused.json()["regency"] == "99.01"
    unknown = await desk.ask("GET", "/v1/agencies?regency=99.66", None, "admin")
    assert "99.66" in unknown.json()["detail"], "what is not configured has no name"
    await desk.kit.configure(a_pack(name="Kota Lagi"), version=3)
    opened = await desk.ask("POST", "/v1/incidents", {"regency": "99.01", "source": "observer", "note": "api"})
    assert opened.status_code == 201, opened.text


async def test_an_agency_reads_name_and_clock_without_the_pack(desk: Desk) -> None:
    await put(desk, NEW)
    bearer = desk.kit.bearer("agency", regencies=["99.07"], agency="99.07/fire")
    told = (await desk.kit.client.get("/v1/regencies/99.07", headers=bearer)).json()
    assert (told["name"], told["time_zone"], told["pack"]) == ("Kota Baru", "Asia/Makassar", None)
    assert (await desk.kit.client.get("/v1/regencies", headers=bearer)).status_code == 403


@pytest.mark.parametrize("role", ["operator", "dispatcher", "planner", "analyst", "supervisor", "admin"])
async def test_a_pack_hides_from_a_reader_how_agencies_are_reached(desk: Desk, role: str) -> None:
    """The same roles that /v1/endpoints lets in see it."""
    hook = {"channel": "webhook", "name": "utama", "url": "https://damkar.example/112", "secret_ref": "file:99.07-x"}
    agencies = [{"code": "fire", "name": "Damkar", "kind": "fire", "endpoints": [hook]}]
    assert (await put(desk, NEW | {"agencies": agencies})).status_code == 201
    bearer = desk.kit.bearer(role, regencies=["99.07"])
    answer = await desk.kit.client.get("/v1/regencies/99.07", headers=bearer)
    [agency] = answer.json()["pack"]["agencies"]
    assert (agency["code"], "endpoints" in agency) == ("fire", role in ("supervisor", "admin"))
    assert ("99.07-x" in answer.text, "damkar.example" in answer.text) == (role in ("supervisor", "admin"),) * 2


BAD_PLANS: dict[str, Shown] = {
    "/incident_types/0/parent": {},
    "/response_plans/0/agencies/2": {"agencies": ["a", "b", "a"], "at_once": 1, "next": "automatic"},
    "/response_plans/1/agencies/0": {"agencies": ["nobody"]},
    "/response_plans/2/alarm_level": {"agencies": ["a"], "alarm_level": 3},
    "/response_plans/3/informs/0": {"informs": ["camat"]},
}


async def test_plans_in_a_ring_for_nobody_and_with_gaps_are_named_at_once_and_change_nothing(desk: Desk) -> None:
    agencies = [{"code": code, "name": code, "kind": "fire"} for code in ("a", "b")]
    good = NEW | {"agencies": agencies, "response_plans": [{"incident_type": "fire", "agencies": ["a"]}]}
    assert (await put(desk, good)).status_code == 201
    said = len(await desk.kit.said())
    ring = [{"code": "fire", "parent": "fire", "label": {"id": "Api", "en": "Fire"}}]
    plans = [{"incident_type": "fire"} | plan for plan in BAD_PLANS.values() if plan]
    refused = await put(desk, good | {"incident_types": ring, "response_plans": plans}, **{"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/pack-invalid")
    pointers = {one["pointer"].removeprefix("#") for one in refused.json()["errors"]}
    assert pointers == set(BAD_PLANS)
    assert (await read(desk)).json()["version"] == 1
    assert len(await desk.kit.said()) == said


@pytest.mark.parametrize("seconds", [-60, 0])
async def test_a_deadline_in_the_past_in_a_plan_is_refused(desk: Desk, seconds: int) -> None:
    plan = {"incident_type": "fire", "agencies": ["a"], "acknowledge_within_s": seconds}
    agencies = [{"code": "a", "name": "a", "kind": "fire"}]
    refused = await put(desk, NEW | {"agencies": agencies, "response_plans": [plan]})
    [error] = refused.json()["errors"]
    assert error["pointer"].endswith("/response_plans/0/acknowledge_within_s")
    assert (await read(desk)).status_code == 404

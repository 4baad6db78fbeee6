"""The gateway over HTTP: what agencies see and answer, endpoints and their secrets, deliveries."""

import asyncio
from pathlib import Path

import pytest
from gateway_histories import (
    CANARY,
    DAMKAR,
    FIRST,
    POLRES,
    REGENCY,
    SECOND,
    SECRET,
    VARIABLE,
    Ask,
    Carry,
    Json,
    a_pack,
    closed,
    forwarded,
    hear,
    revised,
    withdrawn,
)

from sigap_agency_gateway.secrets import Secrets
from sigap_agency_gateway.visibility import POLICY
from sigap_common.contracts.agencies import AgencyResponded, ForwardingReceived, NotificationDelivered
from sigap_common.core.referred_secrets import SecretMissing
from sigap_common.core.signatures import secret_of
from sigap_common.personal_data import KeyRing
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver

PATH = f"/v1/forwardings/{FIRST}"


async def test_an_agency_sees_its_own_forwardings_whole_and_no_other(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), forwarded(SECOND, POLRES))
    listed = (await ask("GET", "/v1/forwardings")).json()
    assert [f["id"] for f in listed["items"]] == [str(FIRST)]
    assert listed["items"][0]["incident"]["caller"]["number"] == CANARY
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/acknowledge", {}),
        ("POST", "/decline", {"reason": "no_unit"}),
        ("POST", "/progress", {"progress": "done"}),
    ):
        answer = await ask(method, f"/v1/forwardings/{SECOND}{path}", body)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert await kit.said(AgencyResponded) == []


@pytest.mark.parametrize("regencies", [("99.02",), ()])
async def test_an_agency_whose_token_leaves_out_its_regency_sees_nothing(
    kit: Kit, ask: Ask, regencies: tuple[str, ...]
) -> None:
    await hear(kit, forwarded())
    assert (await ask("GET", "/v1/forwardings", regencies=regencies)).json()["items"] == []
    assert (await ask("POST", f"{PATH}/acknowledge", {}, regencies=regencies)).status_code == 404


async def test_who_works_the_regency_reads_and_another_regency_does_not(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    for role in ("operator", "dispatcher", "supervisor"):
        assert (await ask("GET", PATH, None, role)).status_code == 200
        assert (await ask("GET", PATH, None, role, regencies=("99.02",))).status_code == 404
        assert (await ask("GET", "/v1/forwardings", None, role, regencies=("99.02",))).json()["items"] == []
        assert (await ask("POST", f"{PATH}/acknowledge", {}, role)).status_code == 403
    assert (await ask("GET", PATH, None, "analyst")).status_code == 403


async def test_a_regency_named_outside_of_the_token_is_refused(kit: Kit, ask: Ask) -> None:
    for path in ("forwardings", "endpoints", "deliveries"):
        for query in ("regency=99.02", "agency=99.02/damkar"):
            answer = await ask("GET", f"/v1/{path}?{query}", None, "supervisor")
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/regency-forbidden")


async def test_the_stream_shows_an_agency_its_own_and_nothing_of_others(kit: Kit) -> None:
    await hear(kit, forwarded(), forwarded(SECOND, POLRES))
    own, other = await kit.said(ForwardingReceived)
    verify = kit.runtime.verifier.verify
    agency = await verify(kit.token("agency", regencies=(REGENCY,), agency=DAMKAR))
    operator = await verify(kit.token("operator", regencies=(REGENCY,)))
    foreign = await verify(kit.token("operator", regencies=("99.02",)))
    assert (POLICY.event(own, agency) or {})["agency"] == DAMKAR
    assert POLICY.event(other, agency) is None
    assert (POLICY.event(other, operator) or {})["agency"] == POLRES
    assert POLICY.event(own, foreign) is None


async def test_the_agencys_own_list_delivers_at_the_desk_once_and_anothers_does_not(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(SECOND, POLRES))
    await ask("GET", "/v1/forwardings", None, "dispatcher")
    assert await kit.said(NotificationDelivered) == []
    for _ in range(2):
        listed = await ask("GET", "/v1/forwardings", None, "agency", agency=POLRES)
        assert len(listed.json()["items"]) == 1
    (said,) = await kit.said(NotificationDelivered)
    assert (said.event.channel, said.event.endpoint, said.event.late) == ("desk", "desk", False)


async def test_reading_one_alone_delivers_at_the_desk_too(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(SECOND, POLRES))
    shown = await ask("GET", f"/v1/forwardings/{SECOND}", None, "agency", agency=POLRES)
    assert shown.status_code == 200
    assert len(await kit.said(NotificationDelivered)) == 1


@pytest.mark.parametrize(
    ("answer", "body"),
    [("acknowledge", {}), ("decline", {"reason": "no_unit"}), ("progress", {"progress": "en_route"})],
)
async def test_who_answers_what_no_list_had_carried_plainly_has_it(kit: Kit, ask: Ask, answer: str, body: Json) -> None:
    await hear(kit, forwarded(SECOND, POLRES))
    said = await ask("POST", f"/v1/forwardings/{SECOND}/{answer}", body, "agency", agency=POLRES)
    assert (said.status_code, said.json()["delivered_at"]) == (200, "2024-02-19T03:00:00Z")
    (delivered,), (first, *_) = await kit.said(NotificationDelivered), await kit.said(AgencyResponded)
    assert (delivered.envelope.sequence, first.envelope.sequence) == (2, 3)
    await ask("GET", "/v1/forwardings", None, "agency", agency=POLRES)
    assert len(await kit.said(NotificationDelivered)) == 1
    listed = (await ask("GET", f"/v1/deliveries?forwarding_id={SECOND}", None, "supervisor")).json()["items"]
    assert [delivery["state"] for delivery in listed] == ["delivered"]


async def test_a_reason_to_decline_is_one_of_the_list_or_refused_with_those_that_would_do(
    kit: Kit, ask: Ask, receiver: Receiver
) -> None:
    own = {"code": "flood_here", "label": {"id": "Banjir", "en": "Flooded"}}
    await kit.configure(a_pack(receiver.url, decline_reasons=[own]), version=2)
    await hear(kit, forwarded())
    refused = await ask("POST", f"{PATH}/decline", {"reason": "tired"})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "#/reason", "code_unknown")
    assert "no_unit" in error["detail"]
    assert "flood_here" in error["detail"]
    assert await kit.said(AgencyResponded) == []
    assert (await ask("POST", f"{PATH}/decline", {"reason": "flood_here"})).json()["state"] == "declined"


async def test_two_lists_at_the_same_moment_deliver_once(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(SECOND, POLRES))
    await asyncio.gather(*[ask("GET", "/v1/forwardings", None, "agency", agency=POLRES) for _ in range(5)])
    assert len(await kit.said(NotificationDelivered)) == 1


async def test_an_acknowledgement_said_by_many_at_the_same_moment_is_one_fact(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    answers = await asyncio.gather(*[ask("POST", f"{PATH}/acknowledge", {"text": "siap"}) for _ in range(20)])
    assert {a.status_code for a in answers} == {200}
    (said,) = await kit.said(AgencyResponded)
    assert (said.event.response, said.event.revision, said.event.text.clear) == ("acknowledged", 1, "siap")
    assert (said.event.by, said.event.channel, said.envelope.subject) == ("tester", "api", str(FIRST))


async def test_a_whole_answer_by_steps(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    assert (await ask("POST", f"{PATH}/acknowledge")).json()["state"] == "acknowledged"
    for progress in ("en_route", "on_scene", "done"):
        assert (await ask("POST", f"{PATH}/progress", {"progress": progress})).json()["state"] == progress
    assert [h.event.response for h in await kit.said(AgencyResponded)] == [
        "acknowledged",
        "en_route",
        "on_scene",
        "done",
    ]
    assert [h.envelope.sequence for h in await kit.said(AgencyResponded)] == [2, 3, 4, 5]


async def test_the_impossible_is_a_409_with_the_state(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    await ask("POST", f"{PATH}/progress", {"progress": "on_scene"})
    refused = await ask("POST", f"{PATH}/decline", {"reason": "no_unit", "text": "penuh"})
    assert (refused.status_code, refused.json()["state"]) == (409, "on_scene")


async def test_what_is_withdrawn_is_answered_no_more(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), withdrawn(2))
    refused = await ask("POST", f"{PATH}/acknowledge", {})
    assert (refused.status_code, refused.json()["state"]) == (409, "withdrawn")
    assert refused.json()["detail"] == "Penerusan ini sudah ditarik oleh pusat 112."


async def test_who_was_on_scene_reports_done_after_the_centre_has_closed(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    await ask("POST", f"{PATH}/progress", {"progress": "on_scene"})
    await hear(kit, withdrawn(2, stand_down=True), closed(), sequence=2)
    done = await ask("POST", f"{PATH}/progress", {"progress": "done"})
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["needs_acknowledgement"]) == ("withdrawn", False)
    assert (done.json()["answers"][-1]["response"], done.json()["answers"][-1]["overtaken"]) == ("done", True)
    assert [h.event.response for h in await kit.said(AgencyResponded)] == ["acknowledged", "on_scene", "done"]


async def test_a_stand_down_is_acknowledged(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    await ask("POST", f"{PATH}/acknowledge", {})
    await hear(kit, withdrawn(2, stand_down=True), sequence=2)
    answer = await ask("POST", f"{PATH}/acknowledge", {})
    assert (answer.status_code, answer.json()["needs_acknowledgement"]) == (200, False)
    assert [h.event.revision for h in await kit.said(AgencyResponded)] == [1, 2]


async def test_the_desk_asks_for_what_still_concerns_it(kit: Kit, ask: Ask) -> None:
    async def listed(concern: str) -> list[str]:
        found = (await ask("GET", f"/v1/forwardings?concern={concern}")).json()["items"]
        return [one["id"] for one in found]

    await hear(kit, forwarded())
    shown = await listed("open")
    assert (len(shown), await listed("over")) == (1, [])
    await ask("POST", f"{PATH}/acknowledge", {})
    assert await listed("open") == shown
    await hear(kit, withdrawn(2, stand_down=True), sequence=2)
    assert await listed("open") == shown  # it owes a word that its unit turns back
    await ask("POST", f"{PATH}/acknowledge", {})
    assert (await listed("open"), await listed("over")) == ([], shown)
    assert (await ask("GET", "/v1/forwardings?concern=perhaps")).status_code == 422


async def test_of_a_drill_every_text_begins_with_latihan(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(drill=True), drill=True)
    shown = (await ask("GET", PATH)).json()
    incident = shown["incident"]
    texts = [*incident["type"]["label"].values(), incident["place"]["address"], incident["notes"][0]["text"]]
    assert shown["drill"]
    assert all(text.startswith("LATIHAN ") for text in texts)


async def test_a_page_leads_to_the_next(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(FIRST), forwarded(SECOND))
    first = (await ask("GET", "/v1/forwardings?limit=1")).json()
    second = (await ask("GET", f"/v1/forwardings?limit=1&cursor={first['next']}")).json()
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next"]] == [str(SECOND), str(FIRST), None]
    assert (await ask("GET", "/v1/forwardings?state=done&state=closed")).json()["items"] == []


HOOK = {"agency": POLRES, "name": "pos", "channel": "webhook", "url": "https://polres.example.id/112"}


async def test_an_endpoint_made_here_shows_its_secret_once_and_no_pack_touches_it(
    kit: Kit, ask: Ask, receiver: Receiver
) -> None:
    made = await ask("POST", "/v1/endpoints", HOOK, "admin")
    assert made.status_code == 201, made.text
    assert made.json()["secret"].startswith("whsec_")
    path = f"/v1/endpoints/{made.json()['id']}"
    shown = await ask("GET", path, None, "supervisor")
    assert "secret" not in shown.json()
    assert shown.headers["etag"] == '"1"'
    await kit.configure(a_pack(receiver.url), version=2)
    assert (await ask("GET", path, None, "supervisor")).json()["state"] == "enabled"
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(kit.runtime.service.metadata.tables["endpoints"].select())).all()
    assert made.json()["secret"] not in repr(rows)


async def test_an_endpoint_is_changed_by_who_read_it_last_and_retired_for_good(kit: Kit, ask: Ask) -> None:
    made = (await ask("POST", "/v1/endpoints", HOOK, "admin")).json()
    path, changed = f"/v1/endpoints/{made['id']}", HOOK | {"url": "https://polres.example.id/baru"}
    assert (await ask("PUT", path, changed, "admin")).status_code == 428
    assert (await ask("PUT", path, changed, "admin", headers={"If-Match": '"7"'})).status_code == 412
    after = await ask("PUT", path, changed, "admin", headers={"If-Match": '"1"'})
    assert (after.status_code, after.json()["url"], after.json()["secret"]) == (200, changed["url"], None)
    assert (await ask("DELETE", path, None, "admin")).json()["state"] == "retired"
    assert (await ask("GET", path, None, "admin")).json()["state"] == "retired"


async def test_what_waits_for_a_retired_endpoint_goes_to_the_desk(kit: Kit, ask: Ask, carry: Carry) -> None:
    made = (await ask("POST", "/v1/endpoints", HOOK, "admin")).json()
    await hear(kit, forwarded(SECOND, POLRES))
    await ask("DELETE", f"/v1/endpoints/{made['id']}", None, "admin")
    await carry()
    states = (await ask("GET", f"/v1/deliveries?forwarding_id={SECOND}", None, "admin")).json()["items"]
    assert {(d["channel"], d["state"]) for d in states} == {("webhook", "failed"), ("desk", "pending")}


async def test_an_endpoint_of_a_pack_changes_by_the_pack_only(kit: Kit, ask: Ask) -> None:
    (door, hook) = sorted((await ask("GET", "/v1/endpoints", None, "admin")).json()["items"], key=lambda e: e["name"])
    for one in (door, hook):
        refused = await ask("DELETE", f"/v1/endpoints/{one['id']}", None, "admin")
        assert (refused.status_code, refused.json()["state"]) == (409, "enabled")


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        ({"url": None}, ["#/url"]),
        ({"url": "ftp://x.example"}, ["#/url"]),
        ({"url": "https://user:pass@x.example"}, ["#/url"]),
        ({"url": "https://x.example/ a"}, ["#/url"]),
        ({"url": "https://[::1"}, ["#/url"]),
        ({"url": "https://x.example:99999"}, ["#/url"]),
        ({"channel": "pigeon"}, ["#/channel"]),
        ({"channel": "desk"}, ["#/url"]),
        ({"options": {"a": 1}}, ["#/options"]),
        ({"url": "https://x.example/?key=whsec_c2VjcmV0"}, ["#/url"]),
        ({"url": "https://x.example/in/whsec_c2VjcmV0"}, ["#/url"]),
        ({"url": "https://x.example/?access_token=c2VjcmV0"}, ["#/url"]),
        ({"secret_ref": "HOME"}, ["#/secret_ref"]),
        ({"secret_ref": "file:../keys"}, ["#/secret_ref"]),
        ({"secret_ref": "file:/etc/passwd"}, ["#/secret_ref"]),
        ({"secret_ref": "SIGAP_SECRET_99_01_ABSENT"}, ["#/secret_ref"]),
        ({"url": None, "options": {"a": 1}, "secret_ref": "HOME"}, ["#/url", "#/options", "#/secret_ref"]),
        ({"more": 1}, ["#/more"]),
    ],
)
async def test_a_wrong_endpoint_is_told_all_that_is_wrong_and_where(
    kit: Kit, ask: Ask, changed: Json, pointers: list[str]
) -> None:
    told = {}
    for language in ("id", "en"):
        headers = {"Accept-Language": language}
        answer = await ask("POST", "/v1/endpoints", HOOK | changed, "admin", headers=headers)
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == pointers
        told[language] = [error["detail"] for error in answer.json()["errors"]]
    assert all(ours != theirs for ours, theirs in zip(told["id"], told["en"], strict=True))


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"agency": "99.02/damkar"}, 403),
        ({"agency": f"{REGENCY}/nobody"}, 422),
        ({"agency": DAMKAR, "name": "utama"}, 409),
    ],
)
async def test_an_endpoint_is_made_for_an_agency_of_ours_under_a_name_of_its_own(
    kit: Kit, ask: Ask, changed: Json, status: int
) -> None:
    answer = await ask("POST", "/v1/endpoints", HOOK | changed, "admin")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_endpoint_for_an_agency_that_the_pack_has_not_is_told_which(kit: Kit, ask: Ask) -> None:
    wrong = {"agency": f"{REGENCY}/nobody"}
    (error,) = (await ask("POST", "/v1/endpoints", HOOK | wrong, "admin")).json()["errors"]
    assert (error["pointer"], error["code"]) == ("#/agency", "agency_not_in_pack")
    assert "wilayah Uji tidak memuat instansi nobody" in error["detail"]


async def test_an_endpoint_stays_its_agency_s_under_its_name(kit: Kit, ask: Ask) -> None:
    path = f"/v1/endpoints/{(await ask('POST', '/v1/endpoints', HOOK, 'admin')).json()['id']}"
    for changed, pointers in (
        ({"name": "lain"}, ["#/name"]),
        ({"agency": DAMKAR}, ["#/agency"]),
        ({"agency": DAMKAR, "name": "lain"}, ["#/agency", "#/name"]),
    ):
        answer = await ask("PUT", path, HOOK | changed, "admin", headers={"If-Match": '"1"'})
        assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, pointers)
        assert answer.json()["errors"][0]["detail"].startswith("Harus tetap ")


async def test_a_secret_may_lie_in_a_file_of_the_folder_and_nowhere_else(kit: Kit, ask: Ask, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    (folder / "..data").mkdir(parents=True)
    (folder / "..data" / "polres").write_text("whsec_" + "B" * 40 + "\n")
    (folder / "99.01-polres").symlink_to(folder / "..data" / "polres")
    (folder / "99.01-out").symlink_to(tmp_path / "keys")
    made = await ask("POST", "/v1/endpoints", HOOK | {"secret_ref": "file:99.01-polres"}, "admin")
    assert (made.status_code, made.json()["secret"]) == (201, None)
    refused = await ask("POST", "/v1/endpoints", HOOK | {"name": "b", "secret_ref": "file:99.01-out"}, "admin")
    assert refused.status_code == 422


PACKED = {"channel": "webhook", "url": "https://damkar.example.id/112"}
FOREIGN = (
    "SIGAP_SECRET_99_02_DAMKAR",
    "file:99.02-damkar",
    "SIGAP_SECRET_DAMKAR",
    "file:damkar",
    "SIGAP_SECRET_99_011_A",
)


@pytest.mark.parametrize("reference", FOREIGN)
async def test_a_secret_of_another_regency_is_neither_used_nor_found_out(
    kit: Kit, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    """As a supervisor, and by a pack; the answer is the same whether the secret exists or not."""
    answers = []
    for there in (False, True):
        if there:
            (tmp_path / "secrets").mkdir()
            (tmp_path / "secrets" / reference.removeprefix("file:")).write_text(SECRET)
            monkeypatch.setenv(reference, SECRET)
        answer = await ask("POST", "/v1/endpoints", HOOK | {"secret_ref": reference}, "supervisor")
        answers.append((answer.status_code, answer.json()["errors"]))
        await kit.configure(
            a_pack("http://127.0.0.1:1/", {**PACKED, "name": f"b{len(answers)}", "secret_ref": reference}),
            version=1 + len(answers),
        )
        listed = (await ask("GET", "/v1/endpoints", None, "supervisor")).json()["items"]
        (packed,) = (one for one in listed if one["name"] == f"b{len(answers)}")
        assert (packed["state"], packed["disabled_reason"]) == ("disabled", "secret-missing")
    assert answers[0] == answers[1]
    (status, [error]) = answers[0]
    assert (status, error["pointer"], error["code"]) == (422, "#/secret_ref", "secret_ref_not_of_regency")
    assert "SIGAP_SECRET_99_01_" in error["detail"]


def test_a_setting_says_whose_a_secret_with_an_older_name_is(tmp_path: Path) -> None:
    (tmp_path / "damkar").write_text(SECRET)
    names = {"SIGAP_SECRET_OLD": SECRET, "SIGAP_SECRET_NOBODYS": SECRET, VARIABLE: SECRET}
    declared = {"SIGAP_SECRET_OLD": ["99.01", "99.03"], "file:damkar": ["99.01"]}
    secrets = Secrets(KeyRing({"k1": bytes(32)}), tmp_path, names, secrets_of=declared)
    for reference in declared:
        assert secrets.referred(reference, "99.01") == SECRET
        with pytest.raises(SecretMissing):
            secrets.referred(reference, "99.02")
    assert secrets.referred("SIGAP_SECRET_OLD", "99.03") == SECRET
    assert secrets.nobodys() == ["SIGAP_SECRET_NOBODYS"]


def test_production_signs_with_no_secret_that_the_documents_show(tmp_path: Path) -> None:
    ring, names = KeyRing({"k1": bytes(32)}), {VARIABLE: SECRET, "SIGAP_SECRET_99_01_OWN": secret_of(bytes(range(32)))}
    (tmp_path / "99.01-damkar").write_text(SECRET + "\n")
    assert Secrets(ring, tmp_path, names).referred(VARIABLE, REGENCY) == SECRET
    production = Secrets(ring, tmp_path, names, production=True)
    assert production.referred("SIGAP_SECRET_99_01_OWN", REGENCY)
    for reference in (VARIABLE, "file:99.01-damkar"):
        with pytest.raises(SecretMissing):
            production.referred(reference, REGENCY)


async def test_deliveries_are_seen_by_their_agency_and_regency(kit: Kit, ask: Ask, carry: Carry) -> None:
    await hear(kit, forwarded(), revised(2))
    await carry()
    listed = (await ask("GET", f"/v1/deliveries?forwarding_id={FIRST}")).json()["items"]
    assert [(d["revision"], d["state"]) for d in listed] == [(2, "pending"), (1, "delivered")]
    one = await ask("GET", f"/v1/deliveries/{listed[1]['id']}")
    assert [(a["number"], a["status"], a["excerpt"]) for a in one.json()["log"]] == [(1, 200, None)]
    assert (await ask("GET", f"/v1/deliveries/{listed[1]['id']}", None, "agency", agency=POLRES)).status_code == 404
    assert (await ask("GET", "/v1/deliveries", None, "admin", regencies=("99.02",))).json()["items"] == []
    assert (await ask("GET", "/v1/deliveries?state=delivered", None, "admin")).json()["items"][0]["revision"] == 1


async def test_a_forged_knock_at_the_drill_door_is_not_heard(kit: Kit) -> None:
    answer = await kit.client.post("/v1/endpoints/drill-door", json={"forwarding_id": str(FIRST)})
    assert answer.status_code == 401


async def test_the_drill_doors_keys_are_public(kit: Kit) -> None:
    (key,) = (await kit.client.get("/v1/endpoints/jwks")).json()["keys"]
    assert key["kty"] == "OKP"
    assert "d" not in key

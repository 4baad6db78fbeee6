"""A forwarding to an agency of a neighbouring regency: its own endpoints, secrets, token and reasons."""

import json
from typing import Any

import pytest
from gateway_histories import FIRST, REGENCY, SECRET, Ask, Carry, a_pack, at, forwarded, hear
from standardwebhooks import Webhook as Reference

from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver

NEIGHBOUR = "99.02"
ABROAD = f"{NEIGHBOUR}/fire"
OWN_VARIABLE, OWN_SECRET = "SIGAP_SECRET_99_02_FIRE", "whsec_c2VjcmV0LW9mLXRoZS1uZWlnaGJvdXItOTkuMDI="
REASON = {"code": "bridge_down", "label": {"id": "Jembatan putus", "en": "The bridge is down"}}


@pytest.fixture
async def abroad(kit: Kit, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The neighbour's fire brigade has a webhook of its own, and its regency a reason of its own to decline."""
    monkeypatch.setenv(OWN_VARIABLE, OWN_SECRET)
    hook = {"channel": "webhook", "name": "sendiri", "url": receiver.url, "secret_ref": OWN_VARIABLE}
    agencies = [{"code": "fire", "name": "Damkar Tetangga", "kind": "fire", "endpoints": [hook]}]
    told: dict[str, Any] = {"code": NEIGHBOUR, "name": "Tetangga", "agencies": agencies}
    await kit.configure(a_pack(receiver.url, **told, decline_reasons=[REASON]))


@pytest.mark.usefixtures("abroad")
async def test_it_is_signed_with_the_secret_of_the_agencys_regency(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    await hear(kit, forwarded(agency=ABROAD))
    await carry()
    (got,) = receiver.received
    signed = Reference(OWN_SECRET).sign(got.headers["webhook-id"], at(0), got.body.decode())
    assert (got.headers["webhook-signature"], OWN_SECRET != SECRET) == (signed, True)
    assert json.loads(got.body)["agency"] == ABROAD
    (said,) = await kit.said(NotificationDelivered)
    assert (said.envelope.regency, said.event.endpoint) == (REGENCY, "sendiri")


@pytest.mark.usefixtures("abroad")
async def test_its_own_token_reads_and_declines_it_with_a_reason_of_its_regency(
    kit: Kit, carry: Carry, ask: Ask
) -> None:
    await hear(kit, forwarded(agency=ABROAD))
    await carry()
    of: dict[str, Any] = {"regencies": [NEIGHBOUR], "agency": ABROAD}
    (listed,) = (await ask("GET", "/v1/forwardings", None, "agency", **of)).json()["items"]
    assert (listed["id"], listed["regency"]) == (str(FIRST), REGENCY)
    path = f"/v1/forwardings/{FIRST}/decline"
    answer = await ask("POST", path, {"reason": "bridge_down"}, "agency", **of)
    assert answer.status_code == 200, answer.text
    (said,) = await kit.said(AgencyResponded)
    assert (said.envelope.regency, said.event.agency, said.event.reason) == (REGENCY, ABROAD, "bridge_down")


@pytest.mark.usefixtures("abroad")
async def test_its_centre_and_its_other_agencies_see_nothing_of_it(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(agency=ABROAD))
    for role, agency in (("supervisor", None), ("dispatcher", None), ("agency", f"{NEIGHBOUR}/police")):
        answer = await ask("GET", "/v1/forwardings", None, role, regencies=[NEIGHBOUR], agency=agency)
        assert answer.json()["items"] == []

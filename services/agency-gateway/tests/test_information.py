"""What an agency is only informed of: delivered like a forwarding, but nothing is asked, and nobody counts it."""

import json
from typing import Any

import pytest
from gateway_histories import DAMKAR, FIRST, POLRES, TEN, Ask, Carry, at, closed, content, forwarded, hear
from gateway_histories import SECOND as OTHER

from sigap_agency_gateway.domain.fair_shares import Room
from sigap_agency_gateway.use_cases.deliver import claim
from sigap_common.contracts.agencies import AboutForwarding
from sigap_common.contracts.incidents import ForwardingContent
from sigap_common.contracts.informing import (
    IncidentInformed,
    InformationDelivered,
    InformationEnded,
    InformationReceived,
)
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver

PATH = f"/v1/forwardings/{FIRST}"
SHOWN = {"caller_number": None, "caller_name": None, "notes": ()}


def informed(revision: int = 1, agency: str = DAMKAR, **told: Any) -> IncidentInformed:
    stamp: dict[str, Any] = {"at": TEN, "recorded_at": TEN, "information_id": FIRST, "agency": agency}
    return IncidentInformed(**stamp | {"revision": revision, "content": content(**SHOWN)} | told)


def ended(revision: int = 2, reason: str = "closed", agency: str = DAMKAR, **told: Any) -> InformationEnded:
    stamp: dict[str, Any] = {"at": at(20), "recorded_at": at(20), "information_id": FIRST, "agency": agency}
    return InformationEnded(**stamp | {"revision": revision, "reason": reason, "content": content(**SHOWN)} | told)


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in receiver.received]


async def test_the_webhook_says_that_nothing_is_asked(kit: Kit, receiver: Receiver, carry: Carry) -> None:
    await hear(kit, informed())
    await carry()
    [body] = bodies(receiver)
    assert (body["event"], body["information"], body["needs_acknowledgement"]) == ("forwarded", True, False)
    assert body["acknowledge_by"] is None
    assert body["incident"]["caller"] == {"number": None, "name": None, "callback_number": None, "language": None}


async def test_what_it_publishes_is_taken_for_no_agency_that_was_told(
    kit: Kit, receiver: Receiver, carry: Carry, ask: Ask
) -> None:
    """The promise counts NotificationDelivered: neither the webhook nor the desk says it."""
    await hear(kit, informed())
    await carry()
    await hear(kit, informed(2, reason="located"), informed(1, POLRES, information_id=OTHER), sequence=2)
    assert (await ask("GET", "/v1/forwardings", None, agency=POLRES)).json()["items"][0]["delivered_at"] is None
    names = {type(one.event) for one in await kit.said() if isinstance(one.event, AboutForwarding)}
    assert names == {InformationReceived, InformationDelivered}
    assert len(receiver.received) == 1


async def test_it_cannot_be_answered(kit: Kit, ask: Ask) -> None:
    await hear(kit, informed())
    answers = {"acknowledge": {}, "decline": {"reason": "no_unit"}, "progress": {"progress": "on_scene"}}
    for verb, body in answers.items():
        refused = await ask("POST", f"{PATH}/{verb}", body)
        assert refused.status_code == 409, refused.text
        assert "tembusan" in refused.json()["detail"]


async def test_it_is_listed_apart(kit: Kit, ask: Ask) -> None:
    await hear(kit, informed(), forwarded(OTHER))
    for query, expected in {"": 2, "?information=true": 1, "?information=false": 1, "?state=informed": 1}.items():
        found = (await ask("GET", f"/v1/forwardings{query}")).json()["items"]
        assert len(found) == expected, query
    [shown] = (await ask("GET", "/v1/forwardings?information=true&concern=open")).json()["items"]
    assert (shown["state"], shown["information"], shown["needs_acknowledgement"]) == ("informed", True, False)


async def test_the_end_is_told_once_and_a_reopening_too(kit: Kit, receiver: Receiver, carry: Carry, ask: Ask) -> None:
    await hear(kit, informed())
    await carry()
    await hear(kit, closed(), ended(), sequence=2)
    await carry()
    assert [(one["event"], one["revision"], one["reason"]) for one in bodies(receiver)] == [
        ("forwarded", 1, None),
        ("withdrawn", 2, "closed"),
    ]
    assert (await ask("GET", "/v1/forwardings?concern=open")).json()["items"] == []
    await hear(kit, informed(3, reason="reopened"), sequence=3)
    await carry()
    assert [one["event"] for one in bodies(receiver)] == ["forwarded", "withdrawn", "revised"]
    assert (await ask("GET", PATH)).json()["state"] == "informed"


async def test_what_was_overtaken_changes_nothing(kit: Kit, receiver: Receiver, carry: Carry, ask: Ask) -> None:
    await hear(kit, informed(3), ended(2), informed(1))
    await carry()
    assert (await ask("GET", PATH)).json()["state"] == "informed"
    assert [one["revision"] for one in bodies(receiver)] == [3]


async def test_an_agency_that_gets_the_incident_itself_hears_of_no_end(
    kit: Kit, receiver: Receiver, carry: Carry
) -> None:
    await hear(kit, informed())
    await carry()
    await hear(kit, ended(reason="forwarded"), sequence=2)
    await carry()
    assert len(receiver.received) == 1


async def test_of_a_protected_incident_only_the_number_stays(
    kit: Kit, receiver: Receiver, carry: Carry, ask: Ask
) -> None:
    hidden = ForwardingContent(
        incident_number="9901-20240219-0001",
        incident_type=None,
        type_label="Kejadian yang dilindungi",
        priority=3,
        protected=True,
        started_at=TEN,
    )
    await hear(kit, informed())
    await carry()
    await hear(kit, ended(reason="protected", content=hidden), sequence=2)
    await carry()
    told = bodies(receiver)[-1]["incident"]
    shown = (await ask("GET", PATH)).json()["incident"]
    listed = (await ask("GET", "/v1/forwardings")).json()["items"][0]["incident"]
    for one in (told, shown, listed):
        assert one["number"] == hidden.incident_number
        assert "Suprapto" not in json.dumps(one)
        assert (one["place"], one["type"]["code"]) == (None, None)
    assert (await ask("GET", PATH, None, "operator")).status_code == 404


@pytest.mark.parametrize("priority", [1, 5])
async def test_it_never_goes_before_an_agency_that_helps(kit: Kit, priority: int) -> None:
    await hear(kit, informed(content=content(**SHOWN, priority=1)), forwarded(OTHER, priority=priority))
    async with kit.runtime.transaction() as tx:
        claimed, _ = await claim(tx, Room(20, 20))
    assert [one.forwarding_id for one in claimed] == [OTHER, FIRST]

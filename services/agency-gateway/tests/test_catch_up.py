"""What becomes deliverable is delivered; what is deliverable no more goes another way, with the true reason."""

import json

import pytest
from gateway_histories import (
    DAMKAR,
    FIRST,
    POLRES,
    SECOND,
    SECRET,
    VARIABLE,
    Ask,
    Carry,
    a_pack,
    acknowledged_elsewhere,
    forwarded,
    hear,
    revised,
)

from sigap_agency_gateway.use_cases.watch_endpoints import look_again
from sigap_common.contracts.agencies import (
    ForwardingReceived,
    NotificationDelayed,
    NotificationDelivered,
    NotificationFailed,
    NotificationRerouted,
)
from sigap_common.contracts.alarms import AlarmCleared
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver, Reply

HOOK = {"agency": POLRES, "name": "pos", "channel": "webhook"}


async def test_a_new_endpoint_gets_the_newest_revision_of_what_is_not_answered(
    kit: Kit, carry: Carry, ask: Ask, receiver: Receiver
) -> None:
    await hear(kit, forwarded(FIRST, POLRES), forwarded(SECOND, POLRES))
    await hear(kit, revised(2, forwarding_id=FIRST).model_copy(update={"agency": POLRES}), sequence=3)
    acknowledged = await ask("POST", f"/v1/forwardings/{SECOND}/acknowledge", {}, agency=POLRES)
    assert acknowledged.status_code == 200, acknowledged.text
    made = await ask("POST", "/v1/endpoints", HOOK | {"url": receiver.url}, "admin")
    assert made.status_code == 201, made.text
    await carry()
    (got,) = [json.loads(one.body) for one in receiver.received]
    assert (got["forwarding_id"], got["revision"]) == (str(FIRST), 2)
    await carry()
    assert len(receiver.received) == 1


async def test_an_endpoint_that_is_enabled_again_gets_what_was_given_up(
    kit: Kit, carry: Carry, ask: Ask, receiver: Receiver
) -> None:
    made = (await ask("POST", "/v1/endpoints", HOOK | {"url": receiver.url}, "admin")).json()
    receiver.will(Reply(410))
    await hear(kit, forwarded(FIRST, POLRES))
    await carry()
    kit.clock.advance(3600)
    path = f"/v1/endpoints/{made['id']}"
    version = (await ask("GET", path, None, "admin")).headers["etag"]
    again = await ask("PUT", path, HOOK | {"url": receiver.url}, "admin", headers={"If-Match": version})
    assert again.status_code == 200, again.text
    await carry()
    first, second = receiver.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    (said,) = await kit.said(NotificationDelivered)
    assert (said.event.agency, said.event.endpoint) == (POLRES, "pos")


async def test_a_pack_that_brings_an_endpoint_brings_what_is_open_to_it(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    await hear(kit, forwarded(FIRST))
    await carry()
    async with Receiver() as other:
        second = {"channel": "webhook", "name": "dua", "url": other.url, "secret_ref": VARIABLE}
        await kit.configure(a_pack(receiver.url, second), version=2)
        await carry()
        assert [json.loads(one.body)["forwarding_id"] for one in other.received] == [str(FIRST)]
    assert len(receiver.received) == 1, "what has it already does not get it again"


async def test_what_waits_for_a_retired_endpoint_is_at_the_desk_at_once_and_says_why(
    kit: Kit, carry: Carry, ask: Ask, receiver: Receiver
) -> None:
    made = (await ask("POST", "/v1/endpoints", HOOK | {"url": receiver.url}, "admin")).json()
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded(FIRST, POLRES))
    for _ in range(6):
        await carry()
        kit.clock.advance(30)
    await carry()  # the next attempt is a minute away
    assert (await ask("DELETE", f"/v1/endpoints/{made['id']}", None, "admin")).status_code == 200
    await carry()
    failed = (await kit.said(NotificationFailed))[-1].event
    assert (failed.agency, failed.endpoint, failed.final) == (POLRES, "pos", False), "its share was past before"
    (rerouted,) = await kit.said(NotificationRerouted)
    assert (rerouted.event.reason, rerouted.event.goes_on_by) == ("endpoint-retired", ("desk",))
    listed = (await ask("GET", "/v1/deliveries", None, "supervisor")).json()["items"]
    assert {(one["endpoint"], one["state"], one["error"]) for one in listed} == {
        ("pos", "failed", "endpoint-retired"),
        ("desk", "pending", None),
    }


async def change(ask: Ask, endpoint_id: str, **new: str) -> None:
    path = f"/v1/endpoints/{endpoint_id}"
    version = (await ask("GET", path, None, "admin")).headers["etag"]
    changed = await ask("PUT", path, HOOK | new, "admin", headers={"If-Match": version})
    assert changed.status_code == 200, changed.text


async def test_what_waits_is_tried_at_a_replaced_address_at_once(
    kit: Kit, carry: Carry, ask: Ask, receiver: Receiver
) -> None:
    made = (await ask("POST", "/v1/endpoints", HOOK | {"url": receiver.url}, "admin")).json()
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded(FIRST, POLRES))
    await carry()
    async with Receiver() as other:
        await change(ask, made["id"], url=other.url)
        await carry()
        (first,), (second,) = receiver.received, other.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


async def test_what_waits_goes_by_the_channel_that_an_endpoint_has_now(
    kit: Kit, carry: Carry, ask: Ask, receiver: Receiver
) -> None:
    made = (await ask("POST", "/v1/endpoints", HOOK | {"url": receiver.url}, "admin")).json()
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded(FIRST, POLRES))
    await carry()
    await change(ask, made["id"], channel="desk")
    await carry()
    assert len(receiver.received) == 1
    assert (await kit.said(ForwardingReceived))[-1].event.endpoints == ("desk",)
    await ask("GET", "/v1/forwardings", agency=POLRES)
    (said,) = await kit.said(NotificationDelivered)
    assert (said.event.endpoint, said.event.channel) == ("pos", "desk")
    receiver.otherwise = Reply(200)
    await hear(kit, forwarded(SECOND, POLRES), sequence=2)
    await change(ask, made["id"], channel="webhook", url=receiver.url)
    await carry()
    assert json.loads(receiver.received[-1].body)["forwarding_id"] == str(SECOND)
    assert len(receiver.received) == 2, "what was delivered at the desk does not come again"


async def test_a_secret_that_arrives_later_brings_what_is_open(
    kit: Kit, carry: Carry, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    await hear(kit, forwarded(FIRST), forwarded(SECOND))
    await carry()
    await look_again(kit.runtime)
    (failed, _) = [heard.event for heard in await kit.said(NotificationFailed)]
    assert (failed.reason, failed.goes_on_by) == ("secret-missing", ("desk",))
    await hear(kit, acknowledged_elsewhere(forwarding_id=SECOND), sequence=3)
    monkeypatch.setenv(VARIABLE, SECRET)
    await look_again(kit.runtime)
    assert len(await kit.said(AlarmCleared)) == 1
    await carry()
    assert [json.loads(one.body)["forwarding_id"] for one in receiver.received] == [str(FIRST)]


# --- what dispatch hears, as it happens


@pytest.mark.parametrize(
    ("reply", "reason", "status"),
    [(Reply(500), "status", 500), (Reply(302), "redirect", 302), (None, "not-connected", None)],
)
async def test_the_first_failure_is_said_at_once_and_once(
    kit: Kit, carry: Carry, receiver: Receiver, reply: Reply | None, reason: str, status: int | None
) -> None:
    if reply is None:
        await receiver.stop()
    else:
        receiver.otherwise = reply
    await hear(kit, forwarded())
    await carry()
    (said,) = await kit.said(NotificationDelayed)
    told = said.event
    assert (told.agency, told.endpoint, told.channel, told.revision) == (DAMKAR, "utama", "webhook", 1)
    assert (told.reason, told.status) == (reason, status)
    for _ in range(2):
        kit.clock.advance(5)
        await carry()
    assert len(await kit.said(NotificationDelayed)) == 1
    assert await kit.said(NotificationFailed) == []


async def test_what_arrives_at_once_is_no_failure(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    await hear(kit, forwarded())
    await carry()
    assert len(await kit.said(NotificationDelivered)) == 1
    assert await kit.said(NotificationDelayed) == []


async def test_a_retired_endpoint_says_by_which_other_one_it_goes_on(
    kit: Kit, carry: Carry, ask: Ask, receiver: Receiver
) -> None:
    made = (await ask("POST", "/v1/endpoints", HOOK | {"url": receiver.url}, "admin")).json()
    async with Receiver() as other:
        await ask("POST", "/v1/endpoints", HOOK | {"name": "dua", "url": other.url, "position": 1}, "admin")
        receiver.otherwise = Reply(500)
        await hear(kit, forwarded(FIRST, POLRES))
        await carry()
        assert (await ask("DELETE", f"/v1/endpoints/{made['id']}", None, "admin")).status_code == 200
        await carry()
        assert len(other.received) == 1
    (failed,) = await kit.said(NotificationFailed)
    assert (failed.event.reason, failed.event.final, failed.event.goes_on_by) == (
        "endpoint-retired",
        True,
        ("webhook",),
    )

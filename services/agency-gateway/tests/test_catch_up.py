"""What becomes deliverable is delivered; what is deliverable no more goes another way, with the true reason."""

import json

from gateway_histories import FIRST, POLRES, SECOND, VARIABLE, a_pack, forwarded, hear, revised

from sigap_common.contracts.agencies import NotificationDelivered, NotificationFailed
from sigap_testing.receiver import Receiver, Reply

HOOK = {"agency": POLRES, "name": "pos", "channel": "webhook"}


async def test_a_new_endpoint_gets_the_newest_revision_of_what_is_not_answered(kit, carry, ask, receiver):
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


async def test_an_endpoint_that_is_enabled_again_gets_what_was_given_up(kit, carry, ask, receiver):
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


async def test_a_pack_that_brings_an_endpoint_brings_what_is_open_to_it(kit, carry, receiver):
    await hear(kit, forwarded(FIRST))
    await carry()
    async with Receiver() as other:
        second = {"channel": "webhook", "name": "dua", "url": other.url, "secret_ref": VARIABLE}
        await kit.configure(a_pack(receiver.url, second), version=2)
        await carry()
        assert [json.loads(one.body)["forwarding_id"] for one in other.received] == [str(FIRST)]
    assert len(receiver.received) == 1, "what has it already does not get it again"


async def test_what_waits_for_a_retired_endpoint_is_at_the_desk_at_once_and_says_why(kit, carry, ask, receiver):
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
    assert (failed.agency, failed.endpoint) == (POLRES, "pos")
    listed = (await ask("GET", "/v1/deliveries", None, "supervisor")).json()["items"]
    assert {(one["endpoint"], one["state"], one["error"]) for one in listed} == {
        ("pos", "failed", "endpoint-retired"),
        ("desk", "pending", None),
    }

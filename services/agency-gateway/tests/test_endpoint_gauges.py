"""The gauges of endpoints, as Prometheus reads them."""

from gateway_histories import DAMKAR, Carry, forwarded, hear

from sigap_common.app.gauges import LOOK_SECONDS
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver, Reply


async def figures(kit: Kit) -> dict[str, float]:
    kit.clock.advance(LOOK_SECONDS)
    text = (await kit.client.get("/metrics")).text
    ours = f'{{agency="{DAMKAR}",endpoint="utama",service="agency-gateway"}}'
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("sigap_endpoint_"))
    return {name.removesuffix(ours): float(value) for name, value in pairs if name.endswith(ours)}


async def test_a_dead_endpoint_has_what_waits_for_it_and_a_living_one_nothing(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded())
    assert await figures(kit) == {}
    await carry()
    found = await figures(kit)
    assert found["sigap_endpoint_retries"] == 1
    assert found["sigap_endpoint_oldest_retry_seconds"] >= LOOK_SECONDS
    receiver.otherwise = Reply(204)
    kit.clock.advance(60)
    await carry()
    assert await figures(kit) == {}


async def test_an_endpoint_that_is_gone_is_told_as_disabled(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    receiver.otherwise = Reply(410)
    await hear(kit, forwarded())
    await carry()
    assert (await figures(kit))["sigap_endpoint_disabled"] == 1

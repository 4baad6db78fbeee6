"""Each event of a forwarding is applied once on the way of a command: what was decided is what is recorded."""

from gateway_histories import FIRST, Ask, Carry, forwarded, hear

from sigap_agency_gateway.domain.forwarding import evolve
from sigap_common.contracts.agencies import AgencyResponded, ForwardingReceived, NotificationDelivered
from sigap_testing.counted import count_calls
from sigap_testing.kit import Kit


async def test_each_event_of_a_forwarding_is_applied_once(kit: Kit, ask: Ask, carry: Carry) -> None:
    with count_calls(evolve) as calls:
        await hear(kit, forwarded())
        await carry()
        answer = await ask("POST", f"/v1/forwardings/{FIRST}/progress", {"progress": "en_route"})
        assert answer.status_code == 200, answer.text
    said = await kit.said(ForwardingReceived, NotificationDelivered, AgencyResponded)
    assert calls() == len(said) == 4

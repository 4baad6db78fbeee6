"""What a live stream has carried to an agency's own token is delivered by it: so far, and once."""

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest
from gateway_histories import DAMKAR, FIRST, POLRES, REGENCY, SECOND, Ask, Carry, forwarded, hear, revised

from sigap_agency_gateway.stream_receipts import StreamReceipts
from sigap_agency_gateway.use_cases.answers import deliver_carried
from sigap_agency_gateway.use_cases.write_receipts import write_receipts
from sigap_agency_gateway.visibility import POLICY
from sigap_common.auth import Access
from sigap_common.contracts.agencies import NotificationDelivered
from sigap_common.contracts.incidents import ForwardingRevised
from sigap_common.database import Database
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit
from sigap_testing.parts import free_port
from sigap_testing.receiver import Receiver


def second_of(revision: int) -> ForwardingRevised:
    """A revision for the police, who have nothing but the desk."""
    return revised(revision, forwarding_id=SECOND).model_copy(update={"agency": POLRES})


async def access(kit: Kit, *roles: str, agency: str | None = None, regencies: tuple[str, ...] = (REGENCY,)) -> Access:
    return await kit.runtime.verifier.verify(kit.token(*roles, regencies=regencies, agency=agency))


async def sent(kit: Kit, who: Access, stream_receipts: StreamReceipts) -> None:
    """Sends everything that was said to a stream of theirs; what was noted of it."""
    for heard in await kit.said():
        if POLICY.variant(heard, who) is not None:
            stream_receipts.note(who, heard)


async def carried(kit: Kit, agency: str) -> None:
    """A stream of the agency sends everything that was said, and what it carried is written down."""
    receipts: StreamReceipts = kit.runtime.resources.stream_receipts
    await sent(kit, await access(kit, "agency", agency=agency), receipts)
    for forwarding_id, revision in (await receipts.taken()).items():
        await deliver_carried(kit.runtime, forwarding_id, revision)


async def delivered(kit: Kit) -> list[int]:
    return [heard.event.revision for heard in await kit.said(NotificationDelivered)]


async def noted(
    kit: Kit, *roles: str, agency: str | None = None, regencies: tuple[str, ...] = (REGENCY,)
) -> dict[UUID, int]:
    stream_receipts = StreamReceipts()
    await sent(kit, await access(kit, *roles, agency=agency, regencies=regencies), stream_receipts)
    return stream_receipts._revisions


async def test_only_a_token_of_the_agency_itself_counts(kit: Kit) -> None:
    await hear(kit, forwarded(SECOND, POLRES), second_of(2))
    assert await noted(kit, "operator", "dispatcher", "supervisor") == {}
    assert await noted(kit, "operator", agency=POLRES) == {}
    assert await noted(kit, "agency", agency=DAMKAR) == {}
    assert await noted(kit, "agency", agency=POLRES, regencies=("99.02",)) == {}
    assert await noted(kit, "agency", agency=POLRES) == {SECOND: 2}
    assert await noted(kit, "agency", "operator", agency=POLRES) == {SECOND: 2}


async def test_it_is_delivered_as_far_as_it_was_told_and_once(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(SECOND, POLRES), second_of(2))
    for told, expected in ((1, [1]), (1, [1]), (2, [1, 2]), (2, [1, 2])):
        await deliver_carried(kit.runtime, SECOND, told)
        assert await delivered(kit) == expected
    await ask("GET", "/v1/forwardings", None, "agency", agency=POLRES)
    assert await delivered(kit) == [1, 2]


async def test_a_list_read_between_delivers_all_and_the_stream_nothing_more(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(SECOND, POLRES), second_of(2))
    await ask("GET", "/v1/forwardings", None, "agency", agency=POLRES)
    await deliver_carried(kit.runtime, SECOND, 1)
    assert await delivered(kit) == [1, 2]


async def test_two_screens_at_once_are_one_delivery(kit: Kit) -> None:
    await hear(kit, forwarded(SECOND, POLRES))
    await asyncio.gather(*(deliver_carried(kit.runtime, SECOND, 1) for _ in range(3)))
    assert await delivered(kit) == [1]


async def test_a_webhook_s_forwarding_is_not_delivered_by_a_stream(kit: Kit) -> None:
    await hear(kit, forwarded())
    for forwarding_id in (FIRST, SECOND):  # and what is not there is no error
        await deliver_carried(kit.runtime, forwarding_id, 1)
    await carried(kit, agency=DAMKAR)
    assert await delivered(kit) == []


async def test_where_the_desk_stands_in_for_a_lost_endpoint_the_failure_s_message_brings_it(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    receiver.will(410)
    await hear(kit, forwarded())
    await carry()
    await carried(kit, agency=DAMKAR)
    (said,) = await kit.said(NotificationDelivered)
    assert (said.event.channel, said.event.agency) == ("desk", DAMKAR)


async def test_a_drill_is_delivered_the_same_way(kit: Kit) -> None:
    await hear(kit, forwarded(SECOND, POLRES), drill=True)
    await carried(kit, agency=POLRES)
    (said,) = await kit.said(NotificationDelivered)
    assert said.envelope.drill


async def test_while_the_database_is_away_it_is_remembered(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    await hear(kit, forwarded(SECOND, POLRES))
    here, kit.runtime.workers = kit.runtime.workers, Database(f"postgresql+asyncpg://no@127.0.0.1:{free_port()}/no")
    worker = asyncio.create_task(write_receipts(kit.runtime))
    kit.runtime.resources.stream_receipts.put(SECOND, 1)
    await eventually(lambda: "what streams carried waits" in caplog.text)
    await kit.runtime.workers.close()
    kit.runtime.workers = here
    assert await eventually(lambda: delivered(kit)) == [1]
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker

"""A notice is made when its revision comes, lies sealed with its delivery, and is rendered at the first attempt."""

import json
from collections.abc import Sequence
from typing import Any

from gateway_histories import DAMKAR, Carry, a_pack, forwarded, hear, revised
from sqlalchemy import Row, select, update

from sigap_agency_gateway.models import deliveries
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver


async def kept(kit: Kit) -> Sequence[Row[Any]]:
    async with kit.runtime.database.read() as connection:
        return (await connection.execute(select(deliveries).order_by(deliveries.c.revision))).all()


async def test_each_revision_says_what_it_said_when_it_was_made(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    await hear(kit, forwarded(priority=3), revised(2, priority=1))
    await carry()
    await carry()
    bodies = [json.loads(got.body) for got in receiver.received]
    said = [(body["event"], body["revision"], body["incident"]["priority"]) for body in bodies]
    assert said == [("forwarded", 1, 3), ("revised", 2, 1)]


async def test_a_notice_lies_sealed_until_it_is_rendered(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    await hear(kit, forwarded())
    (row,) = await kept(kit)
    assert (row.notice[:3], row.body) == ("s1.", None)
    await carry()
    (row,) = await kept(kit)
    assert row.notice is None
    assert receiver.received[0].body not in row.body
    number = json.loads(receiver.received[0].body)["incident"]["number"]
    assert number.encode() not in row.body


async def test_what_the_agency_fetches_needs_no_notice(kit: Kit, receiver: Receiver) -> None:
    pack = a_pack(receiver.url)
    agencies = [agency.model_dump() | {"endpoints": []} for agency in pack.agencies]
    await kit.configure(pack.model_validate(pack.model_dump() | {"agencies": agencies}), version=2)
    await hear(kit, forwarded())
    (row,) = await kept(kit)
    assert (row.agency, row.channel, row.notice, row.due_at) == (DAMKAR, "desk", None, None)


async def test_a_delivery_from_before_notices_were_kept_says_what_is_true_now(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    await hear(kit, forwarded())
    (before,) = await kept(kit)
    async with kit.runtime.database.write() as connection:
        await connection.execute(update(deliveries).values(notice=None))
    await carry()
    body = json.loads(receiver.received[0].body)
    assert (body["event"], body["revision"], body["forwarding_id"]) == ("forwarded", 1, str(before.forwarding_id))

"""How events come in: in batches, before their regency, in any order, with personal data that stays sealed."""

import asyncio
from uuid import UUID

from sqlalchemy import select

from sigap_analytics.models import FACTS
from sigap_common.bus import Delivered
from sigap_common.contracts.calls import CallReceived, Channel
from sigap_common.contracts.regencies import RegencyApplied
from sigap_common.regency import Pack
from sigap_testing.kit import Kit

from .conftest import Ask, History, Tell

CANARIES = ("6281299998888", "canaryhash", "Canary", "operator-canary", "-3.800000")


async def everything(kit: Kit) -> str:
    async with kit.runtime.database.read() as connection:
        found = [(await connection.execute(select(table))).all() for table in FACTS.values()]
    return repr([tuple(row) for rows in found for row in rows])  # a row's own repr is shortened


async def test_no_fact_holds_anything_of_a_person(kit: Kit, history: History, tell: Tell) -> None:
    history.call("10:00:00", answered=3, call_class="emergency", ended=True)
    incident = history.incident("10:00:10", answered="10:00:03")
    forwarding = history.forward(incident, "10:00:11")
    history.acknowledge(incident, forwarding, "10:00:30", channel="telephone", on_behalf=True)
    history.close(incident, "11:00:00")
    await tell(history)
    stored = await everything(kit)
    assert "8765b56b1ffffff" in stored, "the coarse cell is kept"
    assert not [canary for canary in CANARIES if canary in stored]
    assert "s1." not in stored, "sealed data is not kept either"


async def test_sealed_data_is_never_opened(kit: Kit, history: History) -> None:
    history.call("10:00:00")
    message = history.messages(kit.runtime.ring)[0]
    event = kit.runtime.reader.read(message).event
    assert isinstance(event, CallReceived)
    assert event.number is not None
    assert event.number.opaque


async def test_an_event_said_twice_changes_nothing(kit: Kit, history: History, tell: Tell, ask: Ask) -> None:
    history.call("10:00:00", answered=3, call_class="prank")
    await tell(history)
    before = await everything(kit)
    await tell(history)
    assert await everything(kit) == before
    assert (await ask("calls"))[0]["numerator"] == 1


async def test_batches_that_begin_the_same_facts_at_once_lose_nothing(kit: Kit, history: History, ask: Ask) -> None:
    for n in range(6):
        history.call(f"10:0{n}:00", answered=n, call_class="prank", ended=True)
    messages = history.messages(kit.runtime.ring)
    batches = [[Delivered(m, m.topic, 0, 1) for m in messages[at::4]] for at in range(4)]
    await asyncio.gather(*(kit.runtime.consumer.hear(batch) for batch in batches))
    assert (await ask("calls"))[0]["parts"] == {"received": 6, "answered": 6, "prank": 6}
    assert (await ask("answer_time"))[0]["n"] == 6
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(kit.runtime.tables.waiting))).all() == []


async def test_an_event_waits_for_its_regencys_pack(kit: Kit, tell: Tell, ask: Ask, history: History) -> None:
    received = history.moment("23:30:00")
    event = CallReceived(at=received, recorded_at=received, channel=Channel.APP)
    await kit.hear(event, subject="0192f0c1-7b7a-7c3e-9d7e-1f2a3b4c5d6e", regency="99.03")
    await kit.configure(Pack.model_validate({"code": "99.03", "name": "Baru", "time_zone": "Asia/Makassar"}))
    kit.clock.advance(1)
    assert await kit.runtime.consumer.retry_one()
    (row,) = await ask("calls", regency="99.03", grain="hour", to="2024-02-20")
    assert row["period"] == "2024-02-20T00"


async def test_a_changed_time_zone_moves_no_fact_that_was_made(
    kit: Kit, history: History, tell: Tell, ask: Ask
) -> None:
    history.call("10:00:00", answered=3)
    await tell(history)
    moved = Pack.model_validate({"code": "99.01", "name": "99.01", "time_zone": "Asia/Jayapura"})
    await kit.configure(moved, version=2)
    call = UUID(history.heard[0].envelope.subject)
    history.heard.clear()
    history.classify(call, history.moment("10:00:00"), "prank", channel=Channel.TELEPHONE, backfilled=False)
    history.call("10:00:00", answered=3)
    await tell(history)
    found = await ask("calls", grain="hour", group="class")
    assert [(r["period"], r["group"]) for r in found] == [
        ("2024-02-19T10", "prank"),
        ("2024-02-19T12", "not_classified"),
    ]


async def test_it_answers_for_each_pack_and_says_nothing_else(kit: Kit, history: History, tell: Tell) -> None:
    history.call("10:00:00", answered=3)
    await tell(history)
    assert {type(heard.event) for heard in await kit.said()} == {RegencyApplied}

"""Deliveries to a real receiver: signed, the same bytes on every attempt, retried until they arrive or are given up."""

import asyncio
import json
from uuid import UUID

import pytest
from gateway_histories import (
    DAMKAR,
    FIRST,
    SECOND,
    SECRET,
    VARIABLE,
    Ask,
    Carry,
    Shown,
    a_pack,
    at,
    carry_by,
    closed,
    forwarded,
    hear,
    revised,
    trace_id,
    withdrawn,
)
from standardwebhooks import Webhook as Reference

from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.domain.delivery import Outcome
from sigap_agency_gateway.domain.fair_shares import Room
from sigap_agency_gateway.repository.deliveries import NextLook
from sigap_agency_gateway.use_cases.deliver import claim, finish
from sigap_common.contracts.agencies import EndpointDisabled, NotificationDelivered, NotificationFailed
from sigap_common.contracts.alarms import AlarmRaised
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit
from sigap_testing.receiver import HANGS, RESETS, Received, Receiver, Reply

THIRD = UUID(int=SECOND.int + 1)


async def only(ask: Ask) -> Shown:
    (listed,) = (await ask("GET", "/v1/deliveries", None, "supervisor")).json()["items"]
    shown: Shown = (await ask("GET", f"/v1/deliveries/{listed['id']}", None, "supervisor")).json()
    return shown


async def test_the_agency_gets_a_signed_request_that_says_it_all(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    await hear(kit, forwarded())
    await carry()
    (got,) = receiver.received
    signed = Reference(SECRET).sign(got.headers["webhook-id"], at(0), got.body.decode())
    assert got.headers["webhook-signature"] == signed
    assert (got.headers["webhook-id"], got.headers["webhook-timestamp"]) == (f"msg_{FIRST.hex}_1", "1708311600")
    assert "sigap-late" not in got.headers
    notice = json.loads(got.body)
    assert (notice["event"], notice["agency"], notice["forwarding_id"]) == ("forwarded", DAMKAR, str(FIRST))
    assert notice["incident"]["place"] == {"lat": -3.79, "lon": 102.26, "uncertainty_m": 20, "address": "Jl. Suprapto"}
    caller = notice["incident"]["caller"]
    assert caller == {"number": "+628129999000", "name": "Ani", "callback_number": None, "language": None}
    assert notice["incident"]["type"]["label"] == {"id": "Kebakaran", "en": "Fire"}
    assert notice["links"]["acknowledge"].endswith(f"/v1/forwardings/{FIRST}/acknowledge")
    (said,) = await kit.said(NotificationDelivered)
    assert (said.event.endpoint, said.event.channel, said.event.attempts, said.event.late) == (
        "utama",
        "webhook",
        1,
        False,
    )


async def test_what_a_revision_brings_and_what_is_owed_are_the_same_in_the_notice_and_in_the_list(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    again = revised(2, needs=False, reports=2).model_copy(update={"reason": "reported_again"})
    await hear(kit, forwarded(), again)
    await carry()
    await carry()
    first, second = (json.loads(got.body) for got in receiver.received)
    assert (first["change"], first["needs_acknowledgement"]) == (None, True)
    assert (second["change"], second["needs_acknowledgement"]) == ("reported_again", True)
    assert (second["incident"]["reports"], second["reason"]) == (2, None)
    (listed,) = (await ask("GET", "/v1/forwardings")).json()["items"]
    assert (listed["change"], listed["needs_acknowledgement"]) == ("reported_again", True)


async def test_the_trace_runs_from_the_event_to_the_webhook(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    await hear(kit, forwarded())
    await carry()
    (said,) = await kit.said(NotificationDelivered)
    assert receiver.received[0].headers["traceparent"].split("-")[1] == trace_id(said)


async def test_it_is_tried_again_by_the_schedule_with_one_id_and_the_same_bytes(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    receiver.will(500, 301, 404, 200)
    await hear(kit, forwarded())
    await carry()
    for pause in (1, 2, 5):
        kit.clock.advance(pause - 0.1)
        assert await carry() == 0
        kit.clock.advance(0.1)
        assert await carry() == 1
    assert len(receiver.received) == 4
    assert len({(r.headers["webhook-id"], r.body) for r in receiver.received}) == 1
    assert len({r.headers["webhook-timestamp"] for r in receiver.received}) == 4
    shown = await only(ask)
    assert (shown["state"], shown["attempts"]) == ("delivered", 4)
    assert [(a["status"], a["error"]) for a in shown["log"]] == [
        (500, "status"),
        (301, "redirect"),
        (404, "status"),
        (200, None),
    ]
    assert shown["log"][0]["in_words"] == "Penerima menjawab 500."
    assert shown["log"][0]["excerpt"] == "ok"
    (said,) = await kit.said(NotificationDelivered)
    assert said.event.attempts == 4


@pytest.mark.parametrize(("reply", "error"), [(HANGS, "timeout"), (RESETS, "broken")])
async def test_a_receiver_that_hangs_or_breaks_off_is_a_failed_attempt(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask, reply: Reply, error: str
) -> None:
    receiver.will(reply)
    await hear(kit, forwarded())
    await carry()
    shown = await only(ask)
    assert (shown["state"], shown["log"][0]["status"], shown["log"][0]["error"]) == ("pending", None, error)


async def test_a_long_or_unfinished_answer_changes_nothing_about_its_status(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    receiver.will(Reply(200, body=b"x" * 100_000))
    await hear(kit, forwarded())
    await carry()
    shown = await only(ask)
    assert (shown["state"], shown["log"][0]["excerpt"]) == ("delivered", "x" * 1024)


async def test_nobody_there_is_a_failed_attempt_and_it_arrives_when_they_are_back(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    await receiver.stop()
    await hear(kit, forwarded())
    await carry()
    assert (await only(ask))["error"] == "not-connected"
    await receiver.start()
    kit.clock.advance(1)
    await carry()
    assert (await only(ask))["state"] == "delivered"


async def test_retry_after_is_honoured(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    receiver.will(Reply(429, {"retry-after": "7"}))
    await hear(kit, forwarded())
    await carry()
    kit.clock.advance(6.9)
    assert await carry() == 0
    kit.clock.advance(0.1)
    assert await carry() == 1


async def test_every_revision_arrives_in_order_each_with_what_it_said_and_its_own_id(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    receiver.will(500)
    await hear(kit, forwarded(), revised(2, priority=3), revised(3, needs=False))
    assert await carry() == 1
    assert await carry() == 0  # the later ones stand behind
    kit.clock.advance(1)
    for _ in range(3):
        await carry()
    got = [(r.headers["webhook-id"], json.loads(r.body)["incident"]["priority"]) for r in receiver.received]
    ids = [f"msg_{FIRST.hex}_{revision}" for revision in (1, 1, 2, 3)]
    assert got == list(zip(ids, (1, 1, 3, 1), strict=True))


async def test_gone_disables_the_endpoint_alarms_and_the_desk_stands_in(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    receiver.will(410)
    await hear(kit, forwarded())
    await carry()
    (disabled,), (alarm,) = await kit.said(EndpointDisabled), await kit.said(AlarmRaised)
    assert (disabled.event.reason, alarm.event.kind, alarm.event.label) == (
        "gone",
        "endpoint_disabled",
        f"{DAMKAR} utama",
    )
    (failed,) = await kit.said(NotificationFailed)
    assert (failed.event.final, failed.event.reason, failed.event.attempts) == (True, "gone", 1)
    assert [f["id"] for f in (await ask("GET", "/v1/forwardings")).json()["items"]] == [str(FIRST)]
    (delivered,) = await kit.said(NotificationDelivered)
    assert delivered.event.channel == "desk"
    await hear(kit, forwarded(SECOND), sequence=2)
    await carry()
    assert len(receiver.received) == 1


async def test_an_overdue_one_still_goes_out_marked_late(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    kit.clock.advance(3600)
    await hear(kit, forwarded())
    await carry()
    assert receiver.received[0].headers["sigap-late"] == "true"
    (said,) = await kit.said(NotificationDelivered)
    assert said.event.late
    assert await kit.said(NotificationFailed) == []


async def test_each_revision_has_the_deadline_that_came_with_it(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    """The first is late after 60 s, the second after 90 s."""
    await hear(kit, forwarded(), revised(2))
    kit.clock.advance(90)
    await carry()
    await carry()
    deadlines = [json.loads(got.body)["acknowledge_by"] for got in receiver.received]
    assert deadlines == ["2024-02-19T03:01:00Z", "2024-02-19T03:01:30Z"]
    assert [got.headers.get("sigap-late") for got in receiver.received] == ["true", None]
    assert [said.event.late for said in await kit.said(NotificationDelivered)] == [True, False]
    assert (await ask("GET", f"/v1/forwardings/{FIRST}")).json()["acknowledge_by"] == deadlines[1]


async def test_its_share_past_is_said_once_and_it_goes_on(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded())
    for _ in range(4):
        await carry()
        kit.clock.advance(30)
    (failed,) = await kit.said(NotificationFailed)
    assert (failed.event.final, failed.event.reason) == (False, "share-past")
    receiver.otherwise = Reply(200)
    kit.clock.advance(60)
    await carry()
    (said,) = await kit.said(NotificationDelivered)
    assert said.event.late


async def test_it_is_given_up_after_its_time(kit: Kit, carry: Carry, receiver: Receiver, ask: Ask) -> None:
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded(within=None))
    await carry()
    kit.clock.advance(24 * 3600)
    await carry()
    assert (await only(ask))["state"] == "failed"
    (failed,) = await kit.said(NotificationFailed)
    assert (failed.event.final, failed.event.reason, failed.event.attempts) == (True, "expired", 2)


async def test_who_may_have_it_is_told_that_it_is_withdrawn_and_nobody_else(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    await hear(kit, forwarded())
    await carry()
    await hear(kit, withdrawn(2, stand_down=True), sequence=2)
    await carry()
    _, second = (json.loads(r.body) for r in receiver.received)
    assert (second["event"], second["stand_down"], second["needs_acknowledgement"]) == ("withdrawn", True, True)
    assert receiver.received[1].headers["webhook-id"] != receiver.received[0].headers["webhook-id"]
    assert len(await kit.said(NotificationDelivered)) == 1


async def test_the_most_urgent_go_first_by_priority_then_deadline(kit: Kit) -> None:
    await hear(kit, forwarded(FIRST, priority=4), forwarded(SECOND, priority=1), forwarded(THIRD, "99.01/damkar", 30))
    async with kit.runtime.transaction() as tx:
        claimed, _ = await claim(tx, Room(20, 20))
    assert [c.forwarding_id for c in claimed] == [THIRD, SECOND, FIRST]


async def test_a_hanging_endpoint_holds_up_no_other(kit: Kit, courier: Courier, receiver: Receiver) -> None:
    async with Receiver(otherwise=HANGS) as dead:
        other = {"channel": "webhook", "name": "mati", "url": dead.url, "secret_ref": VARIABLE}
        await kit.configure(a_pack(receiver.url, other), version=2)
        await hear(kit, *[forwarded(UUID(int=FIRST.int + n)) for n in range(40)])

        async def all_others_arrived() -> bool:
            await courier.round()
            return len(receiver.received) == 40

        await eventually(all_others_arrived)
        assert len(dead.received) < 40  # a few at a time, while the others were served
        await courier.landed()


async def test_what_a_killed_process_had_in_flight_is_taken_over_and_nothing_else_repeated(
    kit: Kit, receiver: Receiver
) -> None:
    receiver.will(HANGS)
    await hear(kit, forwarded())
    killed = Courier(kit.runtime)
    await killed.round()
    await eventually(lambda: receiver.received)
    for task in killed._in_flight:
        task.cancel()
    other = Courier(kit.runtime)
    assert await other.round() == 0  # its claim stands
    kit.clock.advance(6)
    assert await carry_by(other) == 1
    assert len({(r.headers["webhook-id"], r.body) for r in receiver.received}) == 1
    (said,) = await kit.said(NotificationDelivered)
    assert said.event.attempts == 2
    kit.clock.advance(60)
    assert await other.round() == 0


async def test_a_claim_is_renewed_while_its_attempt_runs(kit: Kit, receiver: Receiver) -> None:
    receiver.will(HANGS)
    await hear(kit, forwarded())
    slow = Courier(kit.runtime)
    await slow.round()
    kit.clock.advance(4)
    await slow.renew_claims()
    kit.clock.advance(4)
    assert await Courier(kit.runtime).round() == 0
    await slow.landed()


async def test_only_claims_that_are_still_held_are_renewed(kit: Kit) -> None:
    await hear(kit, forwarded(FIRST), forwarded(SECOND), forwarded(THIRD))
    async with kit.runtime.transaction() as tx:
        claimed, _ = await claim(tx, Room(20, 20))
        arrived, lapsed, held = claimed
    kit.clock.advance(1)
    async with kit.runtime.transaction() as tx:
        await finish(tx, arrived, arrived.attempt(kit.clock(), None), Outcome(status=200), kit.clock())
    until = {one.id: one.held_until for one in claimed} | {lapsed.id: at(1)}
    async with kit.runtime.transaction() as tx:
        assert await tx.deliveries.renew(until, at(8)) == [held.id]
    async with kit.runtime.view() as view:
        assert [(await view.deliveries.find(one.id)).due_at for one in claimed] == [None, lapsed.held_until, at(8)]


async def test_one_cancelled_under_way_that_arrived_all_the_same_counts(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    async def withdraw(_: Received) -> None:
        await hear(kit, closed(), sequence=2)

    receiver.on_received = withdraw
    await hear(kit, forwarded())
    await carry()
    assert len(await kit.said(NotificationDelivered)) == 1


async def test_it_was_delivered_when_the_2xx_came_however_late_that_is_written_down(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    async with kit.runtime.transaction() as tx:
        (claimed,), _ = await claim(tx, Room(1, 1))
    kit.clock.advance(90)
    async with kit.runtime.transaction() as tx:
        await finish(tx, claimed, claimed.attempt(at(1), None), Outcome(status=200), at(2))
    (said,) = await kit.said(NotificationDelivered)
    assert (said.event.at, said.event.recorded_at, said.event.late) == (at(2), at(90), False)
    shown = await only(ask)
    assert (shown["ended_at"], shown["log"][0]["ended_at"]) == ("2024-02-19T03:00:02Z",) * 2


async def test_connections_are_kept(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    await hear(kit, forwarded(FIRST))
    await carry()
    await hear(kit, forwarded(SECOND), sequence=2)
    await carry()
    assert [r.connection for r in receiver.received] == [1, 1]


async def retry_is_due(kit: Kit, seconds: float) -> bool:
    async with kit.runtime.view() as view:
        look: NextLook = await view.deliveries.next_look()
    return look.due_at == at(seconds)


async def test_the_worker_delivers_by_itself_and_retries_in_time(kit: Kit, receiver: Receiver) -> None:
    receiver.will(503)
    running = asyncio.create_task(Courier(kit.runtime).run())
    try:
        await hear(kit, forwarded())
        await eventually(lambda: retry_is_due(kit, 1))
        kit.clock.advance(1)
        await eventually(lambda: len(receiver.received) == 2)
        await eventually(lambda: kit.said(NotificationDelivered))
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

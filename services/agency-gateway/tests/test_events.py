"""What the gateway hears, and what follows from it in its tables and on its topic."""

import asyncio
import json
from uuid import UUID

import pytest
from gateway_histories import (
    CANARY,
    DAMKAR,
    FIRST,
    INCIDENT,
    POLRES,
    REGENCY,
    SECOND,
    VARIABLE,
    Ask,
    Carry,
    a_pack,
    acknowledged_elsewhere,
    closed,
    forwarded,
    hear,
    reopened,
    revised,
    trace_id,
    withdrawn,
)

from sigap_common.bus import Delivered
from sigap_common.bus.envelope import Message
from sigap_common.contracts.agencies import EndpointDisabled, ForwardingReceived
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.regencies import RegencyApplied
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver


async def deliveries(ask: Ask) -> list[tuple[str, int, str]]:
    answer = await ask("GET", "/v1/deliveries", None, "supervisor")
    assert answer.status_code == 200, answer.text
    return [(d["endpoint"], d["revision"], d["state"]) for d in reversed(answer.json()["items"])]


async def test_a_forwarding_becomes_one_delivery_for_each_endpoint(kit: Kit, ask: Ask, receiver: Receiver) -> None:
    mail = {"channel": "webhook", "name": "cadangan", "url": receiver.url, "secret_ref": VARIABLE}
    await kit.configure(a_pack(receiver.url, mail), version=2)
    await hear(kit, forwarded())
    (said,) = await kit.said(ForwardingReceived)
    assert (said.event.agency, said.event.endpoints, said.envelope.sequence) == (DAMKAR, ("webhook", "webhook"), 1)
    assert said.envelope.subject == str(FIRST)
    assert await deliveries(ask) == [("utama", 1, "pending"), ("cadangan", 1, "pending")]


async def test_an_agency_without_an_endpoint_gets_the_desk(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(agency=POLRES))
    assert await deliveries(ask) == [("desk", 1, "pending")]


async def test_a_revision_heard_again_or_too_late_changes_nothing(kit: Kit, ask: Ask) -> None:
    await hear(kit, revised(2), forwarded(), revised(2))
    assert len(await kit.said(ForwardingReceived)) == 1
    assert await deliveries(ask) == [("utama", 2, "pending")]


async def test_a_withdrawal_cancels_what_has_not_arrived(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), withdrawn(2))
    assert await deliveries(ask) == [("utama", 1, "cancelled")]
    shown = (await ask("GET", f"/v1/forwardings/{FIRST}")).json()
    assert (shown["state"], shown["withdrawal"]["reason"]) == ("withdrawn", "false_alarm")


async def test_the_dispatchers_words_are_shown_to_the_agency_and_kept_sealed(
    kit: Kit, ask: Ask, receiver: Receiver, carry: Carry
) -> None:
    await hear(kit, forwarded())
    await carry()
    await hear(kit, withdrawn(2, reason="by_dispatcher", text="Bu Ani sudah aman"))
    tables = (kit.runtime.service.metadata.tables[name] for name in ("forwardings", "deliveries"))
    async with kit.runtime.database.read() as connection:
        kept = [str((await connection.execute(table.select())).all()) for table in tables]
    assert ["Ani" in one for one in kept] == [False, False]
    await carry()
    assert json.loads(receiver.received[-1].body)["reason"] == "Bu Ani sudah aman"
    shown = (await ask("GET", f"/v1/forwardings/{FIRST}")).json()
    assert shown["withdrawal"]["reason"] == "Bu Ani sudah aman"


async def test_a_withdrawal_of_an_unknown_forwarding_waits_for_it(kit: Kit) -> None:
    await hear(kit, withdrawn(2))
    waiting = kit.runtime.tables.waiting
    async with kit.runtime.database.read() as connection:
        (row,) = (await connection.execute(waiting.select())).all()
    assert (row.not_yet, row.parked_at) == (True, None)
    assert await kit.said(ForwardingReceived) == []


async def test_closing_ends_every_forwarding_of_the_incident(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), forwarded(SECOND, POLRES), closed())
    states = (await ask("GET", "/v1/forwardings", None, "dispatcher")).json()["items"]
    assert [f["state"] for f in states] == ["closed", "closed"]
    assert {state for *_, state in await deliveries(ask)} == {"cancelled"}


async def test_an_agency_gets_its_part_back_when_the_incident_is_reopened(kit: Kit, ask: Ask) -> None:
    again = revised(3).model_copy(update={"reason": "reopened"})
    await hear(kit, forwarded(), acknowledged_elsewhere(), withdrawn(2, stand_down=True), closed(), reopened(), again)
    shown = (await ask("GET", f"/v1/forwardings/{FIRST}")).json()
    assert (shown["state"], shown["withdrawal"], shown["change"]) == ("acknowledged", None, "reopened")
    assert shown["needs_acknowledgement"] is True
    assert (await deliveries(ask))[-1] == ("utama", 3, "pending")
    answer = await ask("POST", f"/v1/forwardings/{FIRST}/acknowledge", {})
    assert (answer.status_code, answer.json()["needs_acknowledgement"]) == (200, False)


async def test_a_part_that_only_the_closing_had_closed_is_open_again(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), closed(), reopened())
    shown = (await ask("GET", f"/v1/forwardings/{FIRST}")).json()
    assert shown["state"] == "received"


async def test_an_answer_recorded_elsewhere_is_shown(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), acknowledged_elsewhere())
    shown = (await ask("GET", f"/v1/forwardings/{FIRST}")).json()
    assert (shown["state"], shown["answers"][0]["on_behalf"]) == ("acknowledged", True)
    assert shown["needs_acknowledgement"] is False


async def test_a_forwarding_of_an_unknown_regency_waits_for_its_pack(kit: Kit, ask: Ask, receiver: Receiver) -> None:
    elsewhere = forwarded(agency="99.02/damkar")
    await hear(kit, elsewhere)
    assert await kit.said(ForwardingReceived) == []
    await kit.configure(a_pack(receiver.url, code="99.02"))
    kit.clock.advance(1)
    assert await kit.runtime.consumer.retry_one()
    assert len(await kit.said(ForwardingReceived)) == 1


async def test_what_a_pack_leaves_out_is_retired_and_comes_back(kit: Kit, ask: Ask, receiver: Receiver) -> None:
    without = a_pack(receiver.url)
    without = without.model_copy(update={"agencies": without.agencies[1:]})
    await kit.configure(without, version=2)
    listed = (await ask("GET", "/v1/endpoints", None, "admin")).json()["items"]
    assert {e["name"]: e["state"] for e in listed} == {"utama": "retired", "drill-door": "enabled"}
    await kit.configure(a_pack(receiver.url), version=3)
    listed = (await ask("GET", "/v1/endpoints", None, "admin")).json()["items"]
    assert {e["name"]: e["state"] for e in listed} == {"utama": "enabled", "drill-door": "enabled"}


async def test_a_missing_secret_disables_that_endpoint_alarms_and_the_pack_stands(
    kit: Kit, ask: Ask, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {"channel": "webhook", "name": "lama", "url": receiver.url, "secret_ref": "SIGAP_SECRET_99_01_NOT_THERE"}
    await kit.configure(a_pack(receiver.url, gone), version=2)
    assert [h.event.version for h in await kit.said(RegencyApplied)] == [1, 2]
    (disabled,), (alarm,) = await kit.said(EndpointDisabled), await kit.said(AlarmRaised)
    assert (disabled.event.endpoint, disabled.event.reason) == ("lama", "secret-missing")
    assert alarm.event.about == f"endpoints/{disabled.envelope.subject}"
    await hear(kit, forwarded())
    assert await deliveries(ask) == [("utama", 1, "pending")]
    monkeypatch.setenv("SIGAP_SECRET_99_01_NOT_THERE", "whsec_" + "A" * 32)
    await kit.configure(a_pack(receiver.url, gone), version=3)
    (cleared,) = await kit.said(AlarmCleared)
    assert cleared.event.alarm_id == alarm.event.alarm_id


ANSWERED_TWICE = (forwarded(), acknowledged_elsewhere(), revised(2), acknowledged_elsewhere(revision=2))


@pytest.mark.parametrize(
    ("history", "states", "ended"),
    [
        ((forwarded(), revised(2)), ["received"], ["pending", "pending"]),
        ((forwarded(), acknowledged_elsewhere(), revised(2)), ["acknowledged"], ["cancelled", "pending"]),
        (ANSWERED_TWICE, ["acknowledged"], ["cancelled", "cancelled"]),
        ((*ANSWERED_TWICE, revised(3)), ["acknowledged"], ["cancelled", "cancelled", "pending"]),
        ((forwarded(), revised(2), withdrawn(3)), ["withdrawn"], ["cancelled", "cancelled"]),
        ((forwarded(), forwarded(SECOND, POLRES), closed()), ["closed", "closed"], ["cancelled", "cancelled"]),
    ],
)
@pytest.mark.parametrize("at_once", [False, True])
async def test_what_comes_by_one_fetch_has_the_outcome_of_what_comes_one_by_one(
    kit: Kit, ask: Ask, history: tuple[Event, ...], states: list[str], ended: list[str], at_once: bool
) -> None:
    await hear(kit, *history, at_once=at_once)
    shown = (await ask("GET", "/v1/forwardings", None, "dispatcher")).json()["items"]
    assert [f["state"] for f in shown] == states
    assert [state for *_, state in await deliveries(ask)] == ended


async def test_a_batch_of_many_incidents_is_taken_in_at_once(kit: Kit, ask: Ask) -> None:
    """In one transaction, each event in its own trace and as the cause of what follows from it."""
    messages = [said_by_dispatch(kit, n) for n in range(20)]
    await kit.runtime.consumer.hear([Delivered(m, m.topic, 0, n + 1) for n, m in enumerate(messages)])
    said = await kit.said(ForwardingReceived)
    assert [h.envelope.causationid for h in said] == [m.envelope.id for m in messages]
    assert [h.envelope.correlationid for h in said] == [m.envelope.correlationid for m in messages]
    assert [trace_id(h) for h in said] == [f"{n + 1:032x}" for n in range(20)]


async def test_two_who_have_the_same_events_both_end_and_each_is_handled_once(kit: Kit) -> None:
    """Before and after a change of who reads: none waits for the other while that one waits for it."""
    for n in range(12):
        each = [UUID(int=FIRST.int + 2 * n + one) for one in (0, 1)]
        await hear(kit, *(forwarded(one) for one in each))
        changes = [said_by_dispatch(kit, n, revised(2, forwarding_id=one)) for one in each]
        delivered = [Delivered(m, m.topic, 0, 1000 + m_n) for m_n, m in enumerate(changes)]
        consumer = kit.runtime.consumer
        await asyncio.gather(consumer.hear(delivered), consumer.hear(delivered[1:]), consumer.hear(delivered[:1]))
        told = [h.event.revision for h in await kit.said(ForwardingReceived) if h.envelope.subject in map(str, each)]
        assert sorted(told) == [1, 1, 2, 2]


def said_by_dispatch(kit: Kit, n: int, event: Event | None = None) -> Message:
    """An event of incident `n`, in trace `n + 1`; none: it is forwarded."""
    told = event or forwarded(UUID(int=FIRST.int + n))
    trace = f"00-{n + 1:032x}-00000000000000ff-01"
    return kit.message(told, str(UUID(int=INCIDENT.int - n)), regency=REGENCY, source="dispatch", traceparent=trace)


async def test_personal_data_lies_sealed_in_every_table(kit: Kit, carry: Carry, receiver: Receiver) -> None:
    receiver.will(500)
    await hear(kit, forwarded())
    await carry()
    async with kit.runtime.database.read() as connection:
        for table in kit.runtime.service.metadata.tables.values():
            rows = (await connection.execute(table.select())).all()
            assert CANARY not in repr([tuple(row) for row in rows])
    assert CANARY.encode() in receiver.received[0].body


async def test_an_agency_that_is_not_told_gets_nothing_and_nothing_is_asked_of_it(
    kit: Kit, ask: Ask, receiver: Receiver, carry: Carry
) -> None:
    """Dispatch recorded afterwards that it had come: all that follows is kept, too, and nothing is sent."""
    await kit.configure(a_pack(receiver.url), version=2)
    silent = forwarded(within=None).model_copy(update={"notify": False})
    await hear(kit, silent, revised(2), acknowledged_elsewhere(), withdrawn(3))
    await carry()
    assert await deliveries(ask) == []
    assert receiver.received == []
    assert await kit.said(ForwardingReceived) == []
    assert (await ask("GET", "/v1/forwardings?concern=open")).json()["items"] == []
    [shown] = (await ask("GET", "/v1/forwardings")).json()["items"]
    assert not shown["needs_acknowledgement"]

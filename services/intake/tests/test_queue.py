"""The queue: its order with its reasons, 50 operators at once, and whom a call rings that waits too long."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import CallAnswered, CallMovedUp, CallRangFurther, Channel, RingStep
from sigap_common.core.aggregate import Aggregate
from sigap_common.regency import Pack
from sigap_common.regency.parts.calls import QueuePolicy
from sigap_intake.domain import Answer, Call, MoveUp, Reach, Receive, RingFurther, decide, evolve, receive
from sigap_intake.domain.queue import PositionReason, position_reasons, steps_due
from sigap_intake.models.incidents import open_incident_calls, open_incidents
from sigap_intake.repository.room import LONGEST, OF_REPORTERS
from sigap_intake.use_cases.room import look
from sigap_testing.eventually import eventually
from sigap_testing.histories import Histories, then
from sigap_testing.kit import Kit
from sigap_testing.statements import plan_of, statements

from .conftest import Arrive, Desk

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
ALL, DUTY, PARTNER = RingStep.ALL_SIGNED_ON, RingStep.DUTY_TELEPHONE, RingStep.PARTNER
REACH = Reach(operators=("ani",), telephones=("0736111",), partner="99.02")
history = Histories(decide, evolve, NOON)


def waiting(**told: Any) -> Call:
    begun = Aggregate(id=UUID("018dc000-0000-7000-8000-000000000001"), regency="99.01", drill=told.get("drill", False))
    command = Receive(**{"by": "pbx", "channel": Channel.TELEPHONE, **told})
    return history.begun(begun, receive(begun, command, NOON).events)


# --- order


def test_a_call_stands_where_its_arrival_puts_it() -> None:
    call = waiting()
    assert (call.queue_at, position_reasons(call)) == (call.received_at, ())


def test_an_open_incident_of_its_number_moves_a_call_up_and_the_reason_says_so() -> None:
    call = history.given(waiting(), (1, MoveUp(120)))
    assert call.queue_at == NOON - timedelta(seconds=120)
    assert position_reasons(call) == (PositionReason("open_incident", -120),)
    then(history.when(call, MoveUp(120), 2))
    then(history.when(history.given(waiting(), (1, Answer(by="ani"))), MoveUp(120), 2))


def test_a_lowered_call_is_lowered_against_its_arrival_and_not_for_ever() -> None:
    call = waiting().model_copy(update={"lowered_by_seconds": 60})
    assert call.queue_at == NOON + timedelta(seconds=60)
    assert position_reasons(call) == (PositionReason("lowered", 60),)


# --- ringing further


@pytest.mark.parametrize(
    ("seconds", "rung", "due"),
    [
        (19.9, 0, ()),
        (20, 0, (ALL,)),
        (20, 1, ()),
        (40, 1, (DUTY,)),
        (60, 2, (PARTNER,)),
        (300, 0, (ALL, DUTY, PARTNER)),
        (300, 3, ()),
        (-3600, 0, (ALL, DUTY, PARTNER)),  # our clock was ahead when the call came
    ],
)
def test_a_call_rings_further_step_by_step(seconds: float, rung: int, due: tuple[RingStep, ...]) -> None:
    assert steps_due(QueuePolicy(), REACH, rung=rung, queued_at=NOON, now=history.at(seconds)) == due


def test_if_nobody_is_signed_on_the_duty_telephone_rings_in_their_place() -> None:
    alone = Reach(telephones=("0736111",))
    assert steps_due(QueuePolicy(), alone, rung=0, queued_at=NOON, now=history.at(20)) == (DUTY,)


def test_a_step_that_rings_nobody_is_left_out() -> None:
    assert steps_due(QueuePolicy(), Reach(), rung=0, queued_at=NOON, now=history.at(300)) == ()
    only_partner = Reach(partner="99.02")
    assert steps_due(QueuePolicy(), only_partner, rung=0, queued_at=NOON, now=history.at(300)) == (PARTNER,)


def test_a_call_rings_each_step_once_and_is_one_alarm_until_it_waits_no_longer() -> None:
    call = waiting()
    then(history.when(call, RingFurther((ALL,), REACH), 20), CallRangFurther, AlarmRaised)
    call = history.given(call, (20, RingFurther((ALL,), REACH)))
    then(history.when(call, RingFurther((ALL,), REACH), 21))
    then(history.when(call, RingFurther((DUTY, PARTNER), REACH), 60), CallRangFurther, CallRangFurther)
    then(history.when(call, Answer(by="ani"), 70), CallAnswered, AlarmCleared)
    then(history.when(history.given(call, (70, Answer(by="ani"))), RingFurther((DUTY,), REACH), 71))


@pytest.mark.parametrize("told", [{"drill": True}, {"backfilled": True, "at": NOON - timedelta(days=2)}])
def test_drills_and_backfilled_entries_ring_nowhere(told: dict[str, Any]) -> None:
    then(history.when(waiting(**told), RingFurther((ALL,), REACH), 60))


# --- on a database


async def test_a_call_from_a_number_with_an_open_incident_goes_before_others(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    first = await arrive(number="081200000001")
    kit.clock.advance(60)
    again, drill = await arrive(number="081200000002"), await arrive(number="081200000002", drill=True)
    other = await arrive(number="081200000003")
    async with kit.runtime.transaction() as tx:
        hashed, elsewhere = (tx.ring.lookup(f"+628120000000{n}") for n in (2, 3))
        for number, regency, caller in (("A", "99.01", hashed), ("B", "99.02", elsewhere)):
            incident = {"id": uuid4(), "number": number, "regency": regency, "priority": 1, "protected": False}
            await tx.connection.execute(
                open_incidents.insert().values(incident | {"drill": False, "opened_at": kit.clock()})
            )
            reported = {"incident_id": incident["id"], "call_id": uuid4(), "regency": regency, "caller_hash": caller}
            await tx.connection.execute(open_incident_calls.insert().values(reported))
    for _ in range(2):
        await look(kit.runtime)
    queue = (await desk("GET", "/v1/queue?regency=99.01")).json()["items"]
    assert [call["id"] for call in queue] == [one["id"] for one in (again, first, other, drill)]
    assert [len(call["position_reasons"]) for call in queue] == [1, 0, 0, 0]
    reason = queue[0]["position_reasons"][0]
    assert (reason["code"], reason["seconds"]) == ("open_incident", -120)
    assert reason["label"]["en"] == "120 seconds earlier: this number has an open incident."
    assert len(await kit.said(CallMovedUp)) == 1


async def test_a_long_waiting_call_rings_who_is_signed_on_the_duty_telephone_and_the_partner(
    kit: Kit, desk: Desk, arrive: Arrive, pack: Callable[..., Pack]
) -> None:
    both = {"duty_telephones": ["0736111"], "queue": {"partners": ["99.02"]}}
    await kit.configure(pack("99.01", 100, **both), pack("99.02", 101, queue={"partners": ["99.01"]}), version=2)
    for subject, state in (("ani", "available"), ("sari", "break")):
        await desk("POST", "/v1/presence", {"regency": "99.01", "state": state}, subject=subject)
    call = await arrive()
    await arrive(drill=True)
    for seconds in (19, 1, 20, 20):
        kit.clock.advance(seconds)
        await look(kit.runtime)
    rang = [one.event for one in await kit.said(CallRangFurther)]
    assert [(one.step, one.operators, one.telephones, one.partner) for one in rang] == [
        (ALL, ("ani", "sari"), (), None),
        (DUTY, (), ("0736111",), None),
        (PARTNER, (), (), "99.02"),
    ]
    raised = await kit.said(AlarmRaised)
    about = f"calls/{call['id']}"
    assert [(one.event.kind, one.event.about, one.envelope.regency, one.event.label) for one in raised] == [
        ("waiting_long", about, "99.01", None),
        ("partner_waiting", about, "99.02", "99.01"),
    ]
    assert (await desk("GET", f"/v1/calls/{call['id']}")).json()["waits_long"]

    await desk("POST", f"/v1/calls/{call['id']}/answer")
    cleared = await kit.said(AlarmCleared)
    assert {(one.event.alarm_id, one.envelope.regency) for one in cleared} == {
        (one.event.alarm_id, one.envelope.regency) for one in raised
    }


async def test_a_partner_that_does_not_name_us_is_not_rung(kit: Kit, arrive: Arrive, pack: Callable[..., Pack]) -> None:
    await kit.configure(pack("99.01", 100, queue={"partners": ["99.02", "99.03"]}), version=2)
    await arrive()
    kit.clock.advance(3600)
    await look(kit.runtime)
    assert await kit.said(CallRangFurther, AlarmRaised) == []
    await kit.configure(pack("99.02", 101, queue={"partners": ["99.01"]}, retired=True), version=2)
    await look(kit.runtime)
    assert await kit.said(CallRangFurther, AlarmRaised) == []


async def test_a_call_that_the_caller_ends_is_no_alarm_any_more(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await desk("POST", "/v1/presence", {"regency": "99.01", "state": "available"})
    call = await arrive()
    kit.clock.advance(30)
    await look(kit.runtime)
    assert [one.event.kind for one in await kit.said(AlarmRaised)] == ["waiting_long"]
    await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})
    assert [one.event.kind for one in await kit.said(AlarmCleared)] == ["waiting_long"]


@pytest.mark.timeout(300)
async def test_50_operators_clear_a_queue_of_500_and_each_call_is_answered_by_exactly_one(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    calls = {(await arrive(number=f"0812345{n:05}"))["id"] for n in range(500)}
    had: Counter[str] = Counter()
    lost: list[str] = []

    async def queue(operator: str) -> dict[str, Any] | None:
        answer = await desk("GET", "/v1/queue?regency=99.01&limit=30", subject=operator)
        return None if answer.status_code == 503 else answer.json()

    async def work(number: int) -> None:
        """Reads the queue and answers; if another was faster, goes on to the next. Two at a time reach for one call. If
        the disk stands still for seconds, the answer is 503: a screen tries again, and reads the queue anew.
        """
        operator = f"operator-{number}"
        while items := (await eventually(partial(queue, operator)))["items"]:
            for call in items[min(number // 2, len(items) - 1) :]:
                answer = await desk("POST", f"/v1/calls/{call['id']}/answer", subject=operator)
                if answer.status_code == 503:
                    break
                assert answer.status_code in (200, 409), answer.text
                if answer.status_code == 200:
                    had[call["id"]] += 1
                    break
                lost.append(call["id"])

    await asyncio.gather(*(work(number) for number in range(50)))
    assert set(had) == calls
    assert set(had.values()) == {1}
    assert lost, "nobody reached for the same call"
    answered = await kit.said(CallAnswered)
    assert Counter(one.envelope.subject for one in answered) == Counter(calls)


async def test_the_queue_is_read_by_its_index(kit: Kit) -> None:
    """In the planner's own words, with more calls than it would care to read."""
    sql = """SELECT id FROM calls WHERE state = 'waiting' AND regency = '99.01'
        ORDER BY drill, queue_at, id LIMIT 101"""
    plan = await plan_of(kit.runtime.database, sql)
    assert "calls_queue" in plan
    assert "TEMP B-TREE" not in plan


async def test_the_watch_of_the_room_reads_waiting_calls_from_an_index_alone(kit: Kit) -> None:
    """A row has the whole call. A watch that read the rows of 10,000 waiting calls held all others up each second."""
    for statement in (LONGEST, OF_REPORTERS):
        with statements(kit.runtime.database) as said:
            async with kit.runtime.view() as view:
                await statement.rows(view.connection, {})
        sql = re.sub(r"\?|\$\d+(::\w+)?", "0", said[-1])
        index = "COVERING INDEX calls_watched" if kit.runtime.database.is_sqlite else "calls_watched"
        assert index in await plan_of(kit.runtime.database, sql)

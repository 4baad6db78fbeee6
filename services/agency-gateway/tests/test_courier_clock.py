"""Deliveries after a clock was set: none waits longer than it was to wait, and none is sent twice at a time."""

import asyncio
from datetime import timedelta

import pytest
from gateway_histories import Ask, Carry, at, carry_by, forwarded, hear

from sigap_agency_gateway.courier import Courier
from sigap_common.contracts.agencies import NotificationDelivered, NotificationFailed
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit
from sigap_testing.receiver import HANGS, Receiver, Reply

HOUR = 3_600
TIME_TO_ACKNOWLEDGE = 60


@pytest.fixture(params=["running", "restarted"])
def carry_on(request: pytest.FixtureRequest, kit: Kit, courier: Courier) -> Carry:
    """Delivers once what is due, by the courier that ran before the clock was put back, or by a new one."""

    return lambda: carry_by(courier if request.param == "running" else Courier(kit.runtime))


async def test_a_retry_comes_soon_after_the_clock_was_put_back(
    kit: Kit, carry: Carry, carry_on: Carry, receiver: Receiver
) -> None:
    receiver.will(500, 200)
    await hear(kit, forwarded())
    await carry()
    kit.clock.put_back(HOUR)
    assert await carry_on() == 1
    assert len(receiver.received) == 2


async def test_a_retry_in_a_minute_stays_where_it_is_after_a_small_step_back(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    receiver.will(500, 200)
    await hear(kit, forwarded())
    await carry()
    kit.clock.put_back(4)
    assert await carry() == 0
    kit.clock.advance(5)
    assert await carry() == 1


async def test_the_running_courier_sees_that_the_clock_was_put_back(kit: Kit, receiver: Receiver) -> None:
    receiver.will(500, 200)
    courier = asyncio.create_task(Courier(kit.runtime).run())
    await hear(kit, forwarded())
    kit.runtime.resources.woken.set()
    await eventually(lambda: len(receiver.received) == 1)
    kit.clock.put_back(HOUR)

    async def delivered() -> bool:
        return len(await kit.said(NotificationDelivered)) == 1

    await eventually(delivered)
    courier.cancel()
    await asyncio.gather(courier, return_exceptions=True)


async def test_a_claim_of_a_process_that_died_lapses_though_the_clock_was_put_back(
    kit: Kit, receiver: Receiver
) -> None:
    receiver.will(HANGS)
    await hear(kit, forwarded())
    killed = Courier(kit.runtime)
    await killed.round()
    await eventually(lambda: receiver.received)
    for task in killed._in_flight:
        task.cancel()
    kit.clock.put_back(HOUR)
    assert await carry_by(Courier(kit.runtime)) == 1


@pytest.mark.parametrize("seconds", [-HOUR, HOUR])
async def test_what_is_in_flight_is_not_sent_again_when_the_clock_is_set(
    kit: Kit, courier: Courier, receiver: Receiver, seconds: float
) -> None:
    receiver.will(HANGS)
    await hear(kit, forwarded())
    assert await courier.round() == 1
    kit.clock.put_back(-seconds)
    assert await courier.round() == 0
    await courier.renew_claims()
    assert await Courier(kit.runtime).round() == 0, "the claim is as long as any from now on"
    await courier.landed()
    assert len(receiver.received) == 1


async def test_a_share_of_the_time_is_over_after_its_length_though_the_clock_was_put_back(
    kit: Kit, carry: Carry, carry_on: Carry, receiver: Receiver
) -> None:
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded())
    await carry()
    kit.clock.put_back(HOUR)
    await carry_on()
    kit.clock.advance(TIME_TO_ACKNOWLEDGE - 1)
    await carry_on()
    assert await kit.said(NotificationFailed) == []
    kit.clock.advance(1)
    await carry_on()
    (failed,) = await kit.said(NotificationFailed)
    assert not failed.event.final


async def test_a_delivery_is_given_up_after_its_day_though_the_clock_was_put_back(
    kit: Kit, carry: Carry, carry_on: Carry, receiver: Receiver, ask: Ask
) -> None:
    receiver.otherwise = Reply(500)
    await hear(kit, forwarded())
    await carry()
    kit.clock.put_back(10 * HOUR)
    await carry_on()
    kit.clock.advance(24 * HOUR)
    await carry_on()
    (listed,) = (await ask("GET", "/v1/deliveries", None, "supervisor")).json()["items"]
    assert listed["state"] == "failed"


async def test_the_time_to_acknowledge_is_no_longer_though_dispatch_is_ahead(
    kit: Kit, carry: Carry, receiver: Receiver
) -> None:
    receiver.otherwise = Reply(500)
    ahead = timedelta(seconds=HOUR)
    told = forwarded()
    late = told.model_copy(
        update={"at": told.at + ahead, "recorded_at": told.recorded_at + ahead, "acknowledge_by": at(HOUR + 60)}
    )
    await hear(kit, late)
    await carry()
    kit.clock.advance(TIME_TO_ACKNOWLEDGE)
    await carry()
    assert len(await kit.said(NotificationFailed)) == 1

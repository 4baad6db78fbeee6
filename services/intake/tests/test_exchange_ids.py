"""How long an exchange's id names the same call, to the millisecond."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from sigap_common.contracts.calls import Channel
from sigap_common.core.aggregate import Aggregate
from sigap_intake.domain import Answer, Call, End, Receive, decide, evolve, is_told_again, receive
from sigap_testing.histories import Histories

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
HOUR, DAY, MILLISECOND = 3600, 24 * 3600, 0.001
calls = Histories(decide, evolve, NOON)


def told(**what: Any) -> Receive:
    return Receive(**{"by": "exchange", "channel": Channel.TELEPHONE, "exchange_hash": "x", **what})


def a_call() -> Call:
    """Received at noon, answered 8 s later."""
    bare = Aggregate(id=UUID(int=1), regency="17.71")
    begun = calls.begun(bare, receive(bare, told(), NOON).events)
    return calls.given(begun, (8, Answer(by="ani")))


def ended() -> Call:
    """A minute after noon."""
    return calls.given(a_call(), (60, End(by="exchange", ended_by="caller")))


@pytest.mark.parametrize(("late", "same"), [(0, True), (HOUR, True), (HOUR + MILLISECOND, False)])
def test_an_ended_call_is_told_again_for_one_hour(late: float, same: bool) -> None:
    assert is_told_again(ended(), told(), drill=False, now=calls.at(60 + late)) is same


@pytest.mark.parametrize(("late", "same"), [(DAY, True), (DAY + MILLISECOND, False)])
def test_a_call_that_nobody_ended_goes_on_for_a_day_after_its_last_step(late: float, same: bool) -> None:
    assert is_told_again(a_call(), told(), drill=False, now=calls.at(8 + late)) is same


@pytest.mark.parametrize(("apart", "same"), [(-300.001, False), (-300, True), (300, True), (300.001, False)])
def test_two_moments_of_one_call_are_five_minutes_apart_at_most(apart: float, same: bool) -> None:
    again = told(at=NOON + timedelta(seconds=apart))
    assert is_told_again(ended(), again, drill=False, now=calls.at(400)) is same

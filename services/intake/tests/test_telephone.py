"""What exchanges tell of a call: late, twice, in any order. One call results, whatever the order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from sigap_common.contracts import Event
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallCorrected,
    CallEnded,
    CallHeld,
    CallReceived,
    CallResumed,
    CallTransferred,
    Channel,
)
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_intake.domain import (
    Answer,
    Call,
    CallState,
    Classification,
    Classify,
    End,
    Receive,
    TelephoneEvent,
    Tell,
    Told,
    believed,
    decide,
    evolve,
    hear_first,
    is_told_of,
    receive,
)
from sigap_intake.domain.call import LINE_STEPS_KEPT
from sigap_testing.histories import Histories, then

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
BARE = Aggregate(id=UUID("018dc000-0000-7000-8000-000000000001"), regency="17.71")
NUMBER = Sealed("+628111222333")

calls = Histories(decide, evolve, NOON)
at, given, when = calls.at, calls.given, calls.when


def tell(told: Told, seconds: float, heard: float | None = None, **beside: Any) -> Tell:
    """It happened `seconds` after noon, and was heard of at `heard`."""
    moments = {"at": at(seconds), "heard_at": at(seconds if heard is None else heard)}
    known = {"by": "pbx", "exchange_id": Sealed("1708.1"), "exchange_hash": "hash"}
    return Tell(**{**known, **moments, "told": told, **beside})


def ringing(seconds: float = 0, **beside: Any) -> Tell:
    return tell(Told.RINGING, seconds, **{"number": NUMBER, "caller_hash": "caller", **beside})


def first(told: Tell) -> list[Event]:
    return hear_first(BARE, told, told.heard_at).events


def heard(*tells: Tell) -> Call:
    """The call after all that was told, each of which is taken in as it comes."""
    call: Call | None = None
    for told in tells:
        if call is None:
            begun = hear_first(BARE, told, told.heard_at).after
            assert isinstance(begun, Call)
            call = begun
        else:
            assert is_told_of(call, told), told
            went_on = decide(call, told, told.heard_at).after
            assert isinstance(went_on, Call)
            call = went_on
    assert call is not None
    return call


def test_a_ringing_line_is_a_call_that_waits() -> None:
    (event,) = first(ringing(heard=3))
    assert isinstance(event, CallReceived)
    assert (event.at, event.recorded_at, event.clock, event.arrival_known) == (at(0), at(3), "exchange", True)
    call = heard(ringing())
    assert (call.state, call.number, call.channel) == (CallState.WAITING, NUMBER, Channel.TELEPHONE)


def test_an_answer_by_telephone_is_measured_by_the_clock_of_the_exchange() -> None:
    call = heard(ringing(0, heard=100))
    (event,) = when(call, tell(Told.ANSWERED, 7, heard=100, extension=Sealed("201")), 130)
    assert isinstance(event, CallAnswered)
    assert (event.at, event.waited_ms, event.by_telephone, event.extension) == (at(7), 7000, True, Sealed("201"))


def test_without_the_times_of_the_exchange_our_own_clock_measures() -> None:
    call = heard(ringing(0, at=None))
    (event,) = when(call, tell(Told.ANSWERED, 7, heard=9), 40)
    assert isinstance(event, CallAnswered)
    assert event.waited_ms == 9000


def test_an_operator_takes_a_call_whose_line_is_answered() -> None:
    call = heard(ringing(), tell(Told.ANSWERED, 7))
    assert (call.state, call.answered_by) == (CallState.ANSWERED, None)
    taken = given(call, (9, Answer(by="ani", operator=Sealed("Ani"))))
    assert (taken.answered_by, taken.answered_at, taken.operator) == ("ani", at(7), Sealed("Ani"))
    then(when(taken, Answer(by="ani"), 10))


def test_what_an_operator_did_is_not_undone_by_what_is_told_late() -> None:
    call = given(heard(ringing()), (5, Answer(by="ani")))
    then(when(call, tell(Told.ANSWERED, 3, heard=20), 20))
    ended = given(call, (30, End(by="ani", ended_by="operator")))
    then(when(ended, tell(Told.ENDED, 2, heard=40), 40))
    late = given(call, (6, tell(Told.ENDED, 4, heard=6)))
    assert (late.state, late.answered_by, late.answered_at) == (CallState.ENDED, "ani", at(5))
    classified = Classify(by="ani", classification=Classification(call_class=CallClass.PRANK))
    assert given(late, (60, classified)).classification == classified.classification


def test_a_caller_who_hangs_up_first_has_abandoned_the_call() -> None:
    (event,) = when(heard(ringing()), tell(Told.ENDED, 12, ended_by="caller"), 12)
    assert isinstance(event, CallAbandoned)
    assert (event.at, event.waited_ms, event.ended_by) == (at(12), 12000, "caller")


def test_the_end_may_be_told_first() -> None:
    received, abandoned = first(tell(Told.ENDED, 60))
    assert isinstance(received, CallReceived)
    assert (received.arrival_known, received.at) == (False, at(60))
    assert isinstance(abandoned, CallAbandoned)
    assert abandoned.waited_ms is None
    ended = heard(tell(Told.ENDED, 60, ended_by="caller"))
    then(when(ended, tell(Told.ANSWERED, 5, heard=61), 61), CallCorrected, CallAnswered, CallEnded)
    (corrected,) = when(ended, ringing(0, heard=61), 61)
    assert isinstance(corrected, CallCorrected)
    assert (corrected.received_at, corrected.number, corrected.waited_ms) == (at(0), NUMBER, 60_000)


def test_holds_and_transfers_are_told_once_each() -> None:
    call = heard(ringing(), tell(Told.ANSWERED, 5))
    then(when(call, tell(Told.HELD, 10), 10), CallHeld)
    held = given(call, (10, tell(Told.HELD, 10)))
    assert held.on_hold
    then(when(held, tell(Told.HELD, 10, heard=20), 20))
    then(when(held, tell(Told.RESUMED, 15), 15), CallResumed)
    then(when(held, tell(Told.TRANSFERRED, 15, extension=Sealed("300")), 15), CallTransferred)
    assert not given(held, (15, tell(Told.RESUMED, 15))).on_hold
    assert not given(held, (15, tell(Told.ENDED, 15))).on_hold


def test_a_line_that_is_held_without_end_does_not_grow_the_call_without_end() -> None:
    call = heard(ringing(), *(tell(Told.HELD, n) for n in range(LINE_STEPS_KEPT + 5)))
    assert len(call.line) == LINE_STEPS_KEPT


@pytest.mark.parametrize(
    ("told", "belongs"),
    [
        (ringing(299), True),
        (ringing(301), False),
        (ringing(-299), True),
        (ringing(-301), False),
        (ringing(1, number=Sealed("+628999"), caller_hash="other"), False),
        (ringing(1, number=None, caller_hash=None), True),
        (tell(Told.ENDED, 86_000), True),
        (tell(Told.ENDED, 87_000), False),
        (tell(Told.ANSWERED, -301), False),
    ],
)
def test_an_id_that_is_used_again_is_another_call(told: Tell, belongs: bool) -> None:
    assert is_told_of(heard(ringing()), told) is belongs


def test_an_ended_call_is_told_of_for_an_hour() -> None:
    call = heard(ringing(), tell(Told.ENDED, 10))
    assert is_told_of(call, tell(Told.HELD, 3610))
    assert not is_told_of(call, tell(Told.HELD, 3611))


def test_a_drill_and_a_backfilled_entry_are_never_the_call_of_an_exchange() -> None:
    for mark in ({"drill": True}, {"backfilled": True}):
        assert not is_told_of(heard(ringing()).model_copy(update=mark), ringing(1))


def test_a_call_that_came_by_its_own_request_is_followed_by_the_exchange() -> None:
    posted = receive(BARE, Receive(by="pbx", channel=Channel.TELEPHONE, exchange_id="1708.1"), at(1)).after
    assert isinstance(posted, Call)
    then(when(posted, ringing(1), 2), CallCorrected)  # the number
    assert given(posted, (9, tell(Told.ANSWERED, 8))).state is CallState.ANSWERED


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (at(301), "in_future"),
        (at(-86_401), "older_than_a_day"),
        (datetime(2024, 2, 19, 5, 0), "timezone_aware"),  # noqa: DTZ001  the fault
        (at(299), None),
        (at(-86_399), None),
        (None, None),
    ],
)
def test_a_time_that_cannot_be_is_kept_as_a_complaint(told: datetime | None, code: str | None) -> None:
    event = TelephoneEvent(told=Told.RINGING, call_id=Sealed("1"), at=told)
    taken = believed(event, at(0))
    assert [complaint.code for complaint in taken.complaints] == ([code] if code else [])
    assert taken.at == (None if code else told)


def test_what_was_odd_is_complained_of_once() -> None:
    complaints = believed(TelephoneEvent(told=Told.RINGING, call_id=Sealed("1"), at=at(999)), at(0)).complaints
    call = heard(ringing(complaints=complaints))
    then(when(call, ringing(complaints=complaints), 1))
    then(when(heard(ringing()), ringing(complaints=complaints), 1), CallCorrected)


seconds = st.integers(0, 3000)
DEVICE: dict[str, Any] = {"imei": Sealed("352099001761481"), "caller_hash": "device"}
callers = st.sampled_from([{}, DEVICE, {**DEVICE, "number": NUMBER, "caller_hash": "caller"}])
"""What one event tells of the caller."""
later_steps = st.lists(
    st.builds(
        lambda told, seconds, ended_by, caller: tell(told, seconds, ended_by=ended_by, **caller),
        st.sampled_from([Told.ANSWERED, Told.HELD, Told.RESUMED, Told.TRANSFERRED, Told.ENDED]),
        seconds,
        st.sampled_from(["caller", "operator", "exchange"]),
        callers,
    ),
    max_size=6,
)
arrivals = st.lists(callers.map(lambda caller: tell(Told.RINGING, 0, **caller)), max_size=1)
histories = st.tuples(later_steps, arrivals).filter(lambda drawn: drawn[0] or drawn[1])
OF_THE_CALL = {
    "state",
    "number",
    "caller_hash",
    "imei",
    "received_at",
    "arrival_known",
    "answered_at",
    "ended_at",
    "ended_by",
    "cut_off",
    "line",
}


@for_all(histories, st.data())
def test_the_same_call_results_in_whatever_order_and_however_often_and_late_it_is_told(
    drawn: tuple[list[Tell], list[Tell]], data: st.DataObject
) -> None:
    steps, arrival = drawn
    told = [*arrival, *steps]
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=4))
    shuffled = data.draw(st.permutations([*told, *repeats]))
    delays = data.draw(st.lists(st.integers(0, 600), min_size=len(shuffled), max_size=len(shuffled)))
    assert seen(late(shuffled, delays)) == seen(sorted(told, key=lambda one: one.moment))


def test_an_imei_is_the_caller_until_the_number_is_told() -> None:
    call = heard(tell(Told.RINGING, 0, **DEVICE), tell(Told.ANSWERED, 5))
    assert (call.imei, call.caller_hash) == (DEVICE["imei"], "device")
    known = given(call, (9, tell(Told.HELD, 8, number=NUMBER, caller_hash="caller")))
    assert (known.imei, known.number, known.caller_hash) == (DEVICE["imei"], NUMBER, "caller")


def test_another_telephone_under_a_used_id_is_another_call() -> None:
    call = heard(tell(Told.RINGING, 0, **DEVICE))
    another: dict[str, Any] = {"imei": Sealed("490154203237518"), "caller_hash": "another device"}
    assert not is_told_of(call, tell(Told.RINGING, 1, **another))
    assert is_told_of(call, tell(Told.RINGING, 1, **another, number=NUMBER))
    assert is_told_of(call, tell(Told.RINGING, 1))


def late(tells: Sequence[Tell], delays: Sequence[int]) -> list[Tell]:
    """Heard of only after all has happened, some later than others."""
    return [replace(one, heard_at=at(3000 + delay)) for one, delay in zip(tells, delays, strict=True)]


def seen(tells: Sequence[Tell]) -> dict[str, Any]:
    return heard(*tells).model_dump(include=OF_THE_CALL)

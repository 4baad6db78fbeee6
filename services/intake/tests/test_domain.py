"""The life of a call, as histories: given these, when that, then those."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallEnded,
    CallLocated,
    CallNoted,
    CallReceived,
    CallReclassified,
    Channel,
)
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_intake.domain import (
    Answer,
    Call,
    CallState,
    Classification,
    Classify,
    Command,
    End,
    Locate,
    MissClass,
    Receive,
    WriteNote,
    decide,
    evolve,
    place_meant,
    receive,
)
from sigap_intake.domain.call import NOTES_KEPT
from sigap_testing.histories import Histories, then

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
CALL_ID = UUID("018dc000-0000-7000-8000-000000000001")
MARKET = Place.of(-3.79, 102.26, 20.0, "Pasar Minggu")
HARBOUR = Place.of(-3.90, 102.30, 50.0)
OURS, THEIRS = Zone(owner="17.71", candidates=("17.71",)), Zone(owner="17.09", candidates=("17.09", "17.71"))


calls = Histories(decide, evolve, NOON)
at, given, when = calls.at, calls.given, calls.when


def a_call(seconds: float = 0, **told: Any) -> Call:
    """Received `seconds` after noon."""
    command = Receive(**{"by": "exchange", "channel": Channel.TELEPHONE, **told})
    begun = Aggregate(id=CALL_ID, regency="17.71", drill=command.drill)
    return calls.begun(begun, receive(begun, command, at(seconds)).events)


def an_answer(by: str = "ani", **told: Any) -> Answer:
    return Answer(by=by, **told)


def a_class(call_class: str = "emergency", by: str = "ani", reason: str | None = None, **said: Any) -> Classify:
    classification = Classification(call_class=CallClass(call_class), **said)
    return Classify(by=by, classification=classification, reason=Sealed(reason) if reason else None)


def a_place(place: Place = MARKET, zone: Zone = OURS) -> Locate:
    return Locate(by="ani", place=place, zone=zone)


def a_note(text: str, by: str = "ani") -> WriteNote:
    return WriteNote(by=by, text=Sealed(text))


def an_end(ended_by: Any = "caller") -> End:
    return End(by="exchange", ended_by=ended_by)


def answered() -> Call:
    return given(a_call(), (8, an_answer()))


def late_entry(**told: Any) -> Call:
    """Yesterday's paper form, typed in at noon."""
    return a_call(**{"by": "siti", "at": at(-30 * 3600), "backfilled": True, **told})


def faults(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[object, str]]:
    return {(fault.place[-1], fault.kind) for fault in refused.value.errors}  # type: ignore[union-attr]


# --- arrival


def test_a_call_without_a_number_has_no_hash() -> None:
    call = a_call(channel=Channel.TELEPHONE)
    assert (call.number, call.caller_hash, call.state) == (None, None, CallState.WAITING)


def test_a_call_names_the_regency_whose_queue_it_entered() -> None:
    assert a_call(caller_place=HARBOUR).regency == "17.71"


def test_the_callers_place_never_stands_in_for_the_emergencys() -> None:
    call = given(a_call(caller_place=MARKET), (8, an_answer()), (9, a_class()))
    assert call.place is None
    assert call.snapshot().caller_place == MARKET
    assert call.snapshot().place is None


def test_neither_place_stands_in_for_the_other_until_the_operator_says_so() -> None:
    call = given(a_call(caller_place=MARKET), (8, an_answer()))
    assert place_meant(call, None) == MARKET
    assert place_meant(call, HARBOUR) == HARBOUR


def test_the_same_place_as_a_caller_of_unknown_place_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        place_meant(answered(), None)
    assert faults(refused) == {("same_as_caller", "caller_place_unknown")}


@pytest.mark.parametrize("seconds", [-24 * 3600, 0, 300])
def test_a_time_of_the_exchange_within_bounds_is_kept(seconds: float) -> None:
    call = a_call(at=at(seconds))
    assert (call.received_at, call.queued_at) == (at(seconds), NOON)


@pytest.mark.parametrize(("late", "kind"), [(-24 * 3600 - 0.001, "older_than_a_day"), (300.001, "in_future")])
def test_without_the_mark_a_time_more_than_24_h_old_or_5_min_ahead_is_refused(late: float, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_call(at=at(late))
    assert faults(refused) == {("received_at", kind)}


def test_a_call_that_is_not_backfilled_cannot_be_kept_from_the_agencies() -> None:
    with pytest.raises(Invalid) as refused:
        a_call(notify=False)
    assert faults(refused) == {("notify", "only_backfilled")}


def test_only_a_drill_is_told_whether_it_rings_real_agencies() -> None:
    with pytest.raises(Invalid) as refused:
        a_call(with_agencies=True)
    assert faults(refused) == {("with_agencies", "only_drill")}
    assert a_call(with_agencies=True, drill=True).with_agencies


def test_a_drill_is_a_mark_and_has_any_class() -> None:
    call = given(a_call(drill=True), (8, an_answer()), (20, a_class("prank")))
    assert call.drill
    assert call.classification == Classification(call_class=CallClass.PRANK)


# --- answer


def test_answer_time_counts_from_reaching_our_queue_by_one_clock() -> None:
    call = a_call(0.5, at=at(-20))
    assert when(call, an_answer(), 8.75) == [
        CallAnswered(at=at(8.75), recorded_at=at(8.75), by="ani", received_at=at(-20), waited_ms=8250)
    ]


def test_of_two_who_answer_one_gets_it_and_the_other_learns_who_has_it_and_since_when() -> None:
    with pytest.raises(NotAllowed) as refused:
        when(answered(), an_answer("budi"), 9)
    assert refused.value.params == {"state": "answered", "answered_by": "ani", "operator": "ani", "answered_at": at(8)}


def test_an_answer_said_twice_is_one_fact() -> None:
    assert when(answered(), an_answer(), 9) == []


def test_an_abandoned_call_cannot_be_answered() -> None:
    with pytest.raises(NotAllowed) as refused:
        when(given(a_call(), (4, an_end())), an_answer(), 5)
    assert (refused.value.reason, refused.value.params) == ("too-late-to-answer", {"state": "abandoned"})


# --- what the operator says


@pytest.mark.parametrize(
    ("command", "ended"),
    [(a_note("api besar"), False), (a_place(), False), (a_place(), True), (a_class(), False), (a_class(), True)],
)
def test_nothing_can_be_said_of_a_call_that_nobody_answered(command: Command, ended: bool) -> None:
    call = given(a_call(), (4, an_end())) if ended else a_call()
    with pytest.raises(NotAllowed) as refused:
        when(call, command, 5)
    assert refused.value.params == {"state": "abandoned" if ended else "waiting"}


def test_the_emergencys_place_decides_the_zone() -> None:
    assert when(answered(), a_place(HARBOUR, THEIRS), 20) == [
        CallLocated(at=at(20), recorded_at=at(20), by="ani", place=HARBOUR, zone=THEIRS)
    ]


def test_an_emergency_in_anothers_zone_still_opens_where_it_was_answered() -> None:
    call = given(answered(), (20, a_place(HARBOUR, THEIRS)))
    (classified,) = when(call, a_class(), 30)
    assert isinstance(classified, CallClassified)
    assert (call.regency, classified.call.zone) == ("17.71", THEIRS)


def test_a_place_or_a_note_said_twice_is_one_fact() -> None:
    call = given(answered(), (20, a_place()), (21, a_note("api besar")))
    assert when(call, a_place(), 22) == []
    assert when(call, a_note("api besar"), 22) == []
    assert len(when(call, a_note("api besar", by="budi"), 22)) == 1


@pytest.mark.parametrize("ended", [False, True])
def test_what_is_noted_or_located_after_classification_is_taken_even_after_the_end(ended: bool) -> None:
    call = given(answered(), (20, a_class()), *([(25, an_end())] if ended else []))
    noted, located = when(call, a_note("dua orang terjebak"), 30), when(call, a_place(), 31)
    assert noted == [CallNoted(at=at(30), recorded_at=at(30), by="ani", text=Sealed("dua orang terjebak"))]
    assert isinstance(located[0], CallLocated)


def test_only_the_newest_notes_travel_with_the_call() -> None:
    call = given(answered(), *((10 + n, a_note(f"catatan {n}")) for n in range(NOTES_KEPT + 5)))
    assert len(call.snapshot().notes) == NOTES_KEPT
    assert call.notes[-1].text == Sealed(f"catatan {NOTES_KEPT + 4}")


# --- class


def test_a_classified_call_carries_all_that_dispatch_needs() -> None:
    number, name = Sealed("+628123456789"), Sealed("Ibu Sri")
    call = given(
        a_call(number=number, caller_hash="h", caller_name=name, caller_place=HARBOUR),
        (8, an_answer()),
        (10, a_note("api besar")),
        (20, a_place()),
    )
    (classified,) = when(call, a_class(incident_type="fire", priority=1), 30)
    assert isinstance(classified, CallClassified)
    assert (classified.call_class, classified.incident_type, classified.priority) == ("emergency", "fire", 1)
    told = classified.call
    assert (told.number, told.caller_hash, told.caller_name, told.caller_place) == (
        number,
        "h",
        name,
        HARBOUR,
    )
    assert (told.place, told.zone, told.received_at, told.answered_at) == (MARKET, OURS, NOON, at(8))
    assert [note.text.clear for note in told.notes] == ["api besar"]
    assert told.notify


def test_an_emergency_needs_neither_place_nor_type() -> None:
    (classified,) = when(answered(), a_class(), 20)
    assert isinstance(classified, CallClassified)
    assert (classified.incident_type, classified.priority, classified.call.place) == (None, None, None)


def test_a_class_said_twice_is_one_fact() -> None:
    call = given(answered(), (20, a_class(incident_type="fire", priority=2)))
    assert when(call, a_class(incident_type="fire", priority=2), 21) == []


def test_a_prank_corrected_to_an_emergency_keeps_the_class_before_and_the_reason() -> None:
    call = given(answered(), (20, a_class("prank")))
    (corrected,) = when(call, a_class(reason="ditelepon kembali"), 60)
    assert isinstance(corrected, CallReclassified)
    assert (corrected.before, corrected.call_class) == ("prank", "emergency")
    assert corrected.reason == Sealed("ditelepon kembali")
    assert (corrected.at, corrected.call.answered_at) == (at(60), at(8))


@pytest.mark.parametrize("change", [{"incident_type": "flood"}, {"incident_type": "fire", "priority": 1}])
def test_a_corrected_type_is_a_reclassification_within_its_class(change: dict[str, Any]) -> None:
    call = given(answered(), (20, a_class(incident_type="fire")))
    (corrected,) = when(call, a_class(**change), 60)
    assert isinstance(corrected, CallReclassified)
    assert corrected.before == corrected.call_class == "emergency"
    assert corrected.type_before == "fire"


def test_only_an_emergency_reports_an_open_incident_again() -> None:
    incident = UUID("018dc000-0000-7000-8000-0000000000aa")
    (classified,) = when(answered(), a_class(same_incident=incident), 20)
    assert isinstance(classified, CallClassified)
    assert classified.same_incident == incident
    with pytest.raises(Invalid) as refused:
        when(answered(), a_class("information", same_incident=incident), 20)
    assert faults(refused) == {("same_incident", "only_emergency")}


def test_a_call_is_classified_after_its_end_too() -> None:
    call = given(answered(), (20, an_end()))
    assert len(when(call, a_class("silent"), 40)) == 1


# --- end


@pytest.mark.parametrize("ended_by", ["caller", "exchange"])
def test_a_call_that_ends_before_an_answer_is_abandoned(ended_by: str) -> None:
    assert when(a_call(), an_end(ended_by), 4) == [
        CallAbandoned(at=at(4), recorded_at=at(4), by="exchange", received_at=NOON, waited_ms=4000)
    ]


def test_an_operator_cannot_end_a_call_that_nobody_answered() -> None:
    with pytest.raises(NotAllowed) as refused:
        when(a_call(), an_end("operator"), 4)
    assert refused.value.params == {"state": "waiting"}


PLACED, CLASSIFIED, NOTED = a_place(), a_class("silent"), a_note("halo")


@pytest.mark.parametrize("ended_by", ["caller", "exchange", "operator"])
@pytest.mark.parametrize(
    ("said", "cut_off"),
    [
        ((), True),
        ((NOTED,), True),
        ((PLACED,), False),
        ((CLASSIFIED,), False),
        ((PLACED, CLASSIFIED), False),
        ((NOTED, PLACED), False),
        ((NOTED, CLASSIFIED), False),
        ((NOTED, PLACED, CLASSIFIED), False),
    ],
)
def test_a_call_that_ends_after_the_answer_before_place_or_class_is_cut_off(
    said: tuple[Command, ...], cut_off: bool, ended_by: str
) -> None:
    call = given(answered(), *((10, command) for command in said))
    ended = when(call, an_end(ended_by), 20)
    then(ended, CallEnded(at=at(20), recorded_at=at(20), by="exchange", ended_by=ended_by, cut_off=cut_off))
    assert calls.after(call, ended).cut_off is cut_off


@pytest.mark.parametrize("said", [(), (NOTED,), (PLACED,), (CLASSIFIED,), (PLACED, CLASSIFIED)])
@pytest.mark.parametrize("is_answered", [False, True])
def test_a_call_that_goes_on_is_not_cut_off(said: tuple[Command, ...], is_answered: bool) -> None:
    call = given(answered(), *((10, command) for command in said)) if is_answered else a_call()
    assert (call.ended_at, call.cut_off) == (None, False)


def test_a_call_that_ends_before_an_answer_is_not_cut_off() -> None:
    assert not given(a_call(), (4, an_end())).cut_off


@pytest.mark.parametrize("late", [a_place(), a_class("silent")])
def test_place_and_class_after_the_end_leave_a_call_cut_off(late: Command) -> None:
    assert given(answered(), (20, an_end()), (30, late)).cut_off


def test_abandoned_and_cut_off_are_endings_never_classes() -> None:
    assert given(a_call(), (4, an_end())).classification is None
    cut_off = given(answered(), (20, an_end()))
    assert (cut_off.state, cut_off.classification, cut_off.cut_off) == (CallState.ENDED, None, True)


def test_an_end_said_twice_is_one_fact() -> None:
    for call in (given(answered(), (20, an_end())), given(a_call(), (4, an_end()))):
        assert when(call, an_end("operator"), 30) == []


# --- not classified

DAY = 24 * 3600
ALARM = {"alarm_id": uuid5(CALL_ID, "not_classified"), "kind": "not_classified", "about": f"calls/{CALL_ID}"}


def test_a_call_answered_and_never_classified_is_an_alarm_after_24_h() -> None:
    call = given(answered(), (20, an_end()))
    assert call.due_at == at(8 + DAY)
    assert when(call, MissClass(), 8 + DAY - 0.001) == []
    assert when(call, MissClass(), 8 + DAY) == [AlarmRaised(at=at(8 + DAY), recorded_at=at(8 + DAY), **ALARM)]


def test_the_alarm_is_raised_once_and_cleared_by_the_class() -> None:
    call = given(answered(), (8 + DAY, MissClass()))
    assert (call.due_at, when(call, MissClass(), 9 + DAY)) == (None, [])
    _, cleared = when(call, a_class("prank"), 10 + DAY)
    assert cleared == AlarmCleared(at=at(10 + DAY), recorded_at=at(10 + DAY), **ALARM)
    assert not given(call, (10 + DAY, a_class("prank"))).alarmed


@pytest.mark.parametrize(
    "call",
    [
        a_call(),
        given(a_call(), (4, an_end())),
        given(answered(), (20, a_class("information"))),
        given(a_call(drill=True), (8, an_answer())),
        given(late_entry(), (8, an_answer())),
    ],
    ids=["waiting", "abandoned", "classified", "drill", "backfilled"],
)
def test_no_other_call_becomes_that_alarm(call: Call) -> None:
    assert call.due_at is None
    assert when(call, MissClass(), 30 * DAY) == []


# --- backfilled entries


def test_a_late_entry_keeps_its_own_times_and_has_no_waiting_time() -> None:
    call = late_entry()
    assert call.received_at == at(-30 * 3600)
    (answer,) = when(call, an_answer("siti", at=at(-30 * 3600 + 9)), 0)
    assert answer == CallAnswered(
        at=at(-30 * 3600 + 9),
        recorded_at=NOON,
        clock="paper",
        by="siti",
        received_at=call.received_at,
        waited_ms=None,
    )


def test_a_late_entry_notifies_nothing_unless_asked_to() -> None:
    assert not late_entry().notify
    assert late_entry(notify=True).notify
    assert a_call().notify


def test_a_late_entry_says_when_it_was_received() -> None:
    with pytest.raises(Invalid) as refused:
        late_entry(at=None)
    assert faults(refused) == {("received_at", "missing")}


def test_a_late_entrys_steps_come_in_order() -> None:
    call = given(late_entry(), (0, an_answer("siti", at=at(-29 * 3600))))
    for moment, kind in ((at(-29.5 * 3600), "before_last_step"), (at(301), "in_future")):
        with pytest.raises(Invalid) as refused:
            when(call, End(by="siti", ended_by="caller", at=moment), 0)
        assert faults(refused) == {("at", kind)}


def test_a_late_entrys_step_that_nobody_timed_is_put_at_the_one_before() -> None:
    call = given(late_entry(), (0, an_answer("siti", at=at(-29 * 3600))), (1, a_class()))
    assert call.last_at == at(-29 * 3600)


def test_only_a_late_entry_is_told_when_its_steps_happened() -> None:
    with pytest.raises(Invalid) as refused:
        when(a_call(), an_answer(at=at(5)), 8)
    assert faults(refused) == {("at", "only_backfilled")}


def test_a_call_begins_with_its_arrival() -> None:
    bare = Aggregate(id=CALL_ID, regency="17.71")
    with pytest.raises(TypeError):
        evolve(bare, CallNoted(at=NOON, recorded_at=NOON, text=Sealed("halo")))
    begun = Aggregate(id=UUID(int=1), regency="17.71")
    then(receive(begun, Receive(by="x", channel=Channel.RADIO), NOON).events, CallReceived)

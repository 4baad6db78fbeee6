"""The life of a callback, as histories: given these dropped calls, when that is wanted, then those events."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from sigap_common.contracts.callbacks import (
    CallbackAttempted,
    CallbackCallAdded,
    CallbackClaimed,
    CallbackContactChanged,
    CallbackExpired,
    CallbackNoted,
    CallbackOutcome,
    CallbackRanked,
    CallbackReleased,
    CallbackResolved,
    Drop,
    DroppedCall,
    RankReason,
)
from sigap_common.contracts.calls import CallAnswered, CallClass, CallClassified, CallNoted, CallReceived, Channel
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import CallbackPolicy, CallbackWeights
from sigap_intake.domain import Call, CallState, Classification, DeclineOffer, Offer
from sigap_intake.domain.callback import Callback, CallbackState, evolve
from sigap_intake.domain.callback_call import as_call
from sigap_intake.domain.callback_claims import GiveBack, TakeOn
from sigap_intake.domain.callback_decisions import (
    DropCall,
    MeetDue,
    RankAgain,
    RecordAttempt,
    Resolve,
    TellContact,
    WriteCallbackNote,
    decide,
    open_callback,
)
from sigap_intake.domain.callback_rank import MOST_AGAIN, MOST_SHARED, Signs, position, ranked
from sigap_intake.domain.caller_contact import CallerContact, SayContact, say, say_first
from sigap_testing.histories import Histories, then, then_one

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
ID, CONTACT_ID = UUID("018dc000-0000-7000-8000-0000000000c1"), UUID("018dc000-0000-7000-8000-0000000000c2")
POLICY = CallbackPolicy()
MARKET = Place.of(-3.79, 102.26, 20.0)
NUMBER, HASH = Sealed("+6281234567890"), "hash"
HOUR = 3600

callbacks = Histories(decide, evolve, NOON)
at, given, when = callbacks.at, callbacks.given, callbacks.when


def a_drop(call: int = 1, seconds: float = 0, drop: Drop = Drop.ABANDONED, **told: Any) -> DropCall:
    """Call number `call` ended `seconds` after noon."""
    dropped = DroppedCall(
        call_id=UUID(int=call), drop=drop, channel=Channel.TELEPHONE, received_at=at(seconds - 10), ended_at=at(seconds)
    )
    known: dict[str, Any] = {"number": NUMBER, "caller_hash": HASH, "signs": Signs(), "policy": POLICY}
    return DropCall(call=dropped, **known | told)


def a_callback(drill: bool = False, **told: Any) -> Callback:
    begun = Aggregate(id=ID, regency="17.71", drill=drill)
    drop = a_drop(**told)
    return callbacks.begun(begun, open_callback(begun, drop, drop.call.ended_at).events)


def taking(by: str = "ani", **beside: Any) -> TakeOn:
    return TakeOn(by=by, policy=POLICY, **beside)


def an_attempt(outcome: str, by: str = "ani", **beside: Any) -> RecordAttempt:
    return RecordAttempt(by=by, outcome=CallbackOutcome(outcome), policy=POLICY, **beside)


def due(drawn: bool = False) -> MeetDue:
    return MeetDue(policy=POLICY, drawn=drawn)


def a_contact(**said: Any) -> CallerContact:
    return CallerContact(id=CONTACT_ID, regency="17.71", caller_hash=HASH, changed_at=NOON, **said)


def refused(callback: Callback, command: Any, seconds: float = 100) -> NotAllowed:
    with pytest.raises(NotAllowed) as caught:
        when(callback, command, seconds)
    return caught.value


# --- dropped calls of one number


def test_a_further_call_of_the_number_raises_it_and_gives_it_more_time() -> None:
    callback = a_callback()
    added = then_one(when(callback, a_drop(2, 60), 60), CallbackCallAdded)
    assert [(part.reason, part.points) for part in added.ranked.parts] == [(RankReason.AGAIN, POLICY.weights.again)]
    assert added.expires_at == callback.expires_at + timedelta(seconds=60)
    after = given(callback, (60, a_drop(2, 60)))
    assert (after.call_count, after.ranked.points) == (2, POLICY.weights.again)


def test_a_call_that_is_told_twice_counts_once() -> None:
    callback = a_callback()
    then(when(callback, a_drop(), 5))
    cut = given(callback, (5, a_drop(drop=Drop.CUT_OFF)))  # its answer was told after its end
    assert (cut.call_count, len(cut.calls), cut.cut_off) == (1, 1, True)


def test_points_are_the_sum_of_their_reasons_and_none_counts_without_end() -> None:
    weights = CallbackWeights()
    signs = Signs(others=9, night=True, incident_near=True)
    found = ranked(weights, signs, calls=100, tried=2, place_known=True)
    points = {part.reason: part.points for part in found.parts}
    assert points == {
        RankReason.AGAIN: MOST_AGAIN * weights.again,
        RankReason.PLACE_SHARED: MOST_SHARED * weights.place_shared,
        RankReason.PLACE_KNOWN: weights.place_known,
        RankReason.NIGHT: weights.night,
        RankReason.INCIDENT_NEAR: weights.incident_near,
        RankReason.TRIED: -2 * weights.tried,
    }
    assert found.points == sum(points.values())
    assert {part.reason: part.count for part in found.parts}[RankReason.AGAIN] == 99


def test_a_neighbour_raises_it_and_what_else_is_known_stands() -> None:
    callback = a_callback(signs=Signs(night=True, incident_near=True), place=MARKET)
    event = then_one(when(callback, RankAgain(others=1, policy=POLICY), 10), CallbackRanked)
    assert event.ranked.points == callback.ranked.points + POLICY.weights.place_shared
    then(when(given(callback, (10, RankAgain(others=1, policy=POLICY))), RankAgain(others=1, policy=POLICY), 11))


@pytest.mark.parametrize(
    ("clock", "night"), [("21:59", False), ("22:00", True), ("00:00", True), ("04:59", True), ("05:00", False)]
)
def test_a_night_goes_over_midnight(clock: str, night: bool) -> None:
    assert POLICY.is_night(time.fromisoformat(clock)) is night


def test_the_order_is_cut_off_then_points_then_the_sample_then_drills() -> None:
    likely = a_callback(signs=Signs(night=True, incident_near=True), place=MARKET)
    cut_off, drawn = a_callback(drop=Drop.CUT_OFF), given(likely, (4 * HOUR, due(drawn=True)))
    drill = a_callback(drill=True, drop=Drop.CUT_OFF)
    places = [position(one) for one in (cut_off, likely, a_callback(), drawn, drill)]
    assert None not in places
    assert places == sorted(places, key=lambda place: -(place or 0))
    assert position(given(likely, (1, Resolve(how="contact", call_id=UUID(int=9))))) is None


# --- claims


def test_one_has_it_and_the_others_are_told_who() -> None:
    claimed = given(a_callback(), (10, taking(operator=Sealed("Ani"))))
    then(when(claimed, taking(), 11))
    told = refused(claimed, taking("budi"))
    assert (told.reason, told.params["claimed_by"], told.params["operator"]) == ("callback-claimed", "ani", "Ani")


def test_a_cut_off_call_is_first_offered_to_its_own_operator() -> None:
    callback = a_callback(drop=Drop.CUT_OFF, operator="sari")
    limit = POLICY.same_operator_s
    assert refused(callback, taking("ani"), limit - 0.001).reason == "callback-offered-first"
    then(when(callback, taking("sari"), 0), CallbackClaimed)
    then(when(callback, taking("ketua", leads=True), 0), CallbackClaimed)
    then(when(callback, taking("ani"), limit), CallbackClaimed)


def test_a_claim_is_given_back_by_its_own_or_by_a_leader() -> None:
    claimed = given(a_callback(), (10, taking()))
    assert refused(claimed, GiveBack(by="budi")).reason == "callback-claimed"
    then(when(claimed, GiveBack(by="ani"), 20), CallbackReleased)
    then(when(claimed, GiveBack(by="ketua", leads=True), 20), CallbackReleased)
    then(when(a_callback(), GiveBack(by="budi"), 20))


def test_a_claimed_one_passes_to_the_colleague_who_is_asked_and_accepts() -> None:
    offered = given(a_callback(), (10, taking()), (60, Offer(by="ani", to="sari")))
    assert (offered.claim.by if offered.claim else None, offered.offered_to) == ("ani", "sari")
    then(when(offered, Offer(by="ani", to="sari"), 61))
    assert refused(offered, taking("budi")).params["claimed_by"] == "ani"
    accepted = then_one(when(offered, taking("sari"), 70), CallbackClaimed)
    assert (accepted.before, accepted.until) == ("ani", at(70) + timedelta(minutes=POLICY.claim_minutes))
    after = given(offered, (70, taking("sari")))
    assert (after.claim.by if after.claim else None, after.offered_to) == ("sari", None)
    assert refused(after, an_attempt("recovered")).reason == "callback-claimed"


def test_an_offered_one_that_is_declined_stays_with_its_own() -> None:
    offered = given(a_callback(), (10, taking()), (60, Offer(by="ani", to="sari")))
    assert refused(offered, DeclineOffer(by="budi")).reason == "not-offered"
    declined = given(offered, (70, DeclineOffer(by="sari")))
    assert (declined.claim.by if declined.claim else None, declined.offered_to) == ("ani", None)
    assert refused(declined, DeclineOffer(by="sari")).reason == "not-offered"
    assert refused(declined, taking("sari")).reason == "callback-claimed"
    then(when(given(offered, (71, Offer(by="ani", to="budi"))), taking("budi"), 72), CallbackClaimed)


def test_only_a_claimed_one_is_offered_by_its_own_and_to_another() -> None:
    assert refused(a_callback(), Offer(by="ani", to="sari")).reason == "callback-not-claimed"
    claimed = given(a_callback(), (10, taking()))
    assert refused(claimed, Offer(by="budi", to="sari")).reason == "callback-claimed"
    with pytest.raises(Invalid):
        when(claimed, Offer(by="ani", to="ani"), 20)
    over = given(claimed, (30, an_attempt("recovered")))
    assert refused(over, Offer(by="ani", to="sari")).reason == "callback-over"


@pytest.mark.parametrize(
    "ends",
    [
        GiveBack(by="ani"),
        an_attempt("no_answer"),
        TellContact(contact=a_contact(guarded=True)),
        due(),
    ],
)
def test_an_offer_ends_with_its_claim(ends: Any) -> None:
    offered = given(a_callback(), (10, taking()), (60, Offer(by="ani", to="sari")))
    after = given(offered, (10 + POLICY.claim_minutes * 60, ends))
    assert (after.claim, after.offered_to) == (None, None)
    assert refused(after, DeclineOffer(by="sari")).reason == "not-offered"


def test_a_number_that_may_not_be_called_passes_to_a_leader_alone() -> None:
    guarded = a_callback(contact=a_contact(guarded=True))
    offered = given(guarded, (10, taking("ketua", leads=True)), (60, Offer(by="ketua", to="ani")))
    assert refused(offered, taking()).reason == "callback-needs-safe-contact"
    then(when(offered, taking(leads=True), 61), CallbackClaimed)


def test_a_cut_off_one_passes_before_its_operators_time_is_over() -> None:
    """Its own operator, whom it is offered first, may pass it on at once."""
    cut = a_callback(drop=Drop.CUT_OFF, operator="ani")
    offered = given(cut, (1, taking()), (2, Offer(by="ani", to="sari")))
    then(when(offered, taking("sari"), 3), CallbackClaimed)


def test_a_claim_lapses_and_not_a_moment_sooner() -> None:
    claimed = given(a_callback(), (10, taking()))
    lapse = 10 + 60 * POLICY.claim_minutes
    then(when(claimed, due(), lapse - 0.001))
    assert then_one(when(claimed, due(), lapse), CallbackReleased).reason == "lapsed"


# --- attempts


def test_no_answer_lowers_it_and_after_the_packs_number_of_them_it_is_over() -> None:
    callback = a_callback()
    for n in range(1, POLICY.attempts + 1):
        callback = given(callback, (n * 60, taking()), (n * 60 + 20, an_attempt("no_answer")))
        assert (callback.tried, callback.claim) == (n, None)
        assert callback.ranked.points == -n * POLICY.weights.tried
    assert (callback.state, callback.outcome) == (CallbackState.CALLED_BACK, CallbackOutcome.NO_ANSWER)
    assert refused(callback, taking()).reason == "callback-over"


@pytest.mark.parametrize("outcome", ["recovered", "no_answer"])
def test_a_call_is_recorded_only_by_whoever_claimed_it(outcome: str) -> None:
    """The claim is where the number's protection is looked at."""
    assert refused(a_callback(), an_attempt(outcome)).reason == "callback-not-claimed"
    claimed = given(a_callback(), (10, taking("budi")))
    assert refused(claimed, an_attempt(outcome)).reason == "callback-claimed"
    assert refused(claimed, an_attempt(outcome, "ketua", leads=True)).reason == "callback-claimed"
    then(when(claimed, an_attempt(outcome, "budi"), 20), CallbackAttempted)


def test_whoever_was_calling_while_it_ended_by_itself_still_records_it() -> None:
    ended = given(a_callback(), (10, taking()), (20, Resolve(how="contact", call_id=UUID(int=9))))
    assert refused(ended, an_attempt("recovered", "budi")).reason == "callback-over"
    after = given(ended, (30, an_attempt("recovered")))
    assert (after.state, after.outcome) == (CallbackState.CALLED_BACK, CallbackOutcome.RECOVERED)


def test_a_real_emergency_is_never_refused_and_opens_one_call() -> None:
    elsewhere = given(a_callback(), (10, taking("budi")))
    over = given(a_callback(), (10, an_attempt("not_needed", "budi")))
    for callback in (a_callback(), elsewhere, over, given(a_callback(), (4 * HOUR, due()))):
        real = an_attempt("real", opened_call=UUID(int=7))
        after = given(callback, (5 * HOUR, real))
        assert (after.outcome, after.opened_call) == (CallbackOutcome.REAL, UUID(int=7))
        then(when(after, an_attempt("real", "budi", opened_call=UUID(int=8)), 5 * HOUR))
        assert refused(after, an_attempt("not_needed", "budi"), 5 * HOUR).reason == "callback-over"


def test_a_note_written_twice_stands_once() -> None:
    note = WriteCallbackNote(by="ani", text=Sealed("asap"))
    noted = given(a_callback(), (10, note))
    then(when(noted, note, 11))
    then(when(noted, WriteCallbackNote(by="budi", text=Sealed("asap")), 11), CallbackNoted)


def test_the_call_that_it_becomes_is_in_hand_and_has_no_answer_time() -> None:
    callback = a_callback(place=MARKET)
    emergency = Classification(call_class=CallClass.EMERGENCY, incident_type="fire")
    begun = Aggregate(id=UUID(int=7), regency="17.71")
    decision = as_call(begun, callback, "ani", emergency, Sealed("api"), None, at(60))
    then(decision.events, CallReceived, CallNoted, CallClassified)
    call = decision.after
    assert isinstance(call, Call)
    assert (call.state, call.answered_at, call.answered_by) == (CallState.ANSWERED, None, "ani")
    assert (call.callback_id, call.number, call.caller_place) == (ID, NUMBER, MARKET)
    assert call.place is None
    assert not any(isinstance(event, CallAnswered) for event in decision.events)


# --- its end by itself


def test_it_expires_after_the_last_dropped_call_unless_somebody_has_it() -> None:
    callback = given(a_callback(), (HOUR, a_drop(2, HOUR)))
    end = HOUR + 60 * POLICY.expire_minutes
    then(when(callback, due(), end - 0.001))
    then(when(callback, due(), end), CallbackExpired)
    claimed = given(callback, (end - 5, taking()))
    then(when(claimed, due(), end))


def test_a_drawn_one_is_called_all_the_same_and_then_it_is_over() -> None:
    end = 60 * POLICY.expire_minutes
    drawn = given(a_callback(), (end, due(drawn=True)))
    assert (drawn.state, drawn.sampled) == (CallbackState.SAMPLED, True)
    last = end + 60 * POLICY.sample_minutes
    then(when(drawn, due(drawn=True), last - 0.001))
    over = given(drawn, (last, due(drawn=True)))
    assert (over.state, over.sampled) == (CallbackState.EXPIRED, True)
    called = given(drawn, (end + 5, taking()), (end + 9, an_attempt("real", opened_call=UUID(int=7))))
    assert (called.outcome, called.sampled) == (CallbackOutcome.REAL, True)


@pytest.mark.parametrize(
    "told",
    [
        {"number": None, "caller_hash": None},
        {"contact": a_contact(guarded=True)},
        {"contact": a_contact(declined=True)},
    ],
)
def test_what_cannot_or_may_not_be_called_is_not_drawn(told: dict[str, Any]) -> None:
    callback = a_callback(**told)
    assert given(callback, (60 * POLICY.expire_minutes, due(drawn=True))).state is CallbackState.EXPIRED


def test_what_is_over_is_not_resolved_again() -> None:
    over = given(a_callback(), (10, an_attempt("not_needed")))
    then(when(over, Resolve(how="contact", call_id=UUID(int=9)), 20))
    then(when(a_callback(), Resolve(how="contact", call_id=UUID(int=9)), 20), CallbackResolved)


# --- safe contact


def test_a_guarded_number_is_called_only_with_a_note_or_by_a_leader() -> None:
    guarded = a_callback(contact=a_contact(guarded=True))
    assert guarded.withheld
    assert refused(guarded, taking()).reason == "callback-needs-safe-contact"
    then(when(guarded, taking("ketua", leads=True), 100), CallbackClaimed)
    noted = given(guarded, (10, TellContact(contact=a_contact(guarded=True, contact_note=Sealed("SMS")))))
    then(when(noted, taking(), 100), CallbackClaimed)


def test_do_not_call_back_holds_for_everybody() -> None:
    declined = a_callback(contact=a_contact(declined=True, contact_note=Sealed("SMS")))
    assert refused(declined, taking(leads=True)).reason == "callback-declined"
    then(when(declined, an_attempt("not_needed"), 100), CallbackAttempted)


def test_a_number_that_becomes_unsafe_is_taken_from_whoever_was_about_to_call() -> None:
    claimed = given(a_callback(), (10, taking()))
    unsafe = TellContact(contact=a_contact(guarded=True))
    then(when(claimed, unsafe, 20), CallbackContactChanged, CallbackReleased)
    then(when(given(claimed, (20, unsafe)), unsafe, 21))


def test_what_is_said_of_a_number_stands_until_it_is_said_otherwise() -> None:
    begun = Aggregate(id=CONTACT_ID, regency="17.71")
    first = say_first(begun, HASH, SayContact(call_id=ID, guarded=True), NOON).after
    assert isinstance(first, CallerContact)
    noted = said(first, by="ani", contact_note=Sealed("SMS"))
    assert (noted.guarded, noted.contact_note, noted.withheld) == (True, Sealed("SMS"), False)
    assert say(noted, SayContact(call_id=ID, guarded=True), NOON).events == []
    lifted = said(noted, by="ketua", guarded=False)
    assert (lifted.guarded, lifted.lifted) == (False, True)
    assert said(lifted, guarded=True).lifted is False


def said(contact: CallerContact, **what: Any) -> CallerContact:
    after = say(contact, SayContact(call_id=ID, **what), NOON).after
    assert isinstance(after, CallerContact)
    return after

"""A forwarding as its agency lives through it, the pauses between attempts, and signatures byte for byte."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from gateway_histories import (
    FIRST,
    INCIDENT,
    REGENCY,
    SECRET,
    TEN,
    acknowledged_elsewhere,
    at,
    closed,
    declined_elsewhere,
    forwarded,
    progress_elsewhere,
    revised,
    withdrawn,
)
from standardwebhooks import Webhook as Reference

from sigap_agency_gateway.domain.answers import Acknowledge, Command, Decline, Report, decide, seen
from sigap_agency_gateway.domain.delivery import is_late, message_id, retry_delay
from sigap_agency_gateway.domain.forwarding import Concern, Forwarding, State, apply_revision, evolve, hear
from sigap_agency_gateway.notice import notice_of
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered
from sigap_common.contracts.base import Event
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.incidents import ASKED_AGAIN, IncidentForwarded, Progress
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.core.signatures import InvalidSecret, NotGenuine, key_of, new_secret, sign, verify
from sigap_common.personal_data import Sealed

ORIGIN = "https://112.example.go.id"
ACK = Acknowledge(by="pos", channel="api")
DECLINE = Decline(by="pos", channel="api", reason="no_unit")


def acknowledge(revision: int | None = None, text: str | None = None) -> Acknowledge:
    return Acknowledge(by="pos", channel="api", revision=revision, text=Sealed(text) if text else None)


def report(progress: str) -> Report:
    return Report(by="pos", channel="api", progress=Progress(progress))


def evolved(decision: Decision[Forwarding]) -> Forwarding:
    assert isinstance(decision.after, Forwarding)
    return decision.after


def after(state: Forwarding, command: Command, moment: datetime) -> Forwarding:
    """The copy after an answer of the agency."""
    return evolved(decide(state, command, moment))


def given(*facts: Any) -> Forwarding:
    """The copy after these facts of dispatch and commands of the agency."""
    state: Forwarding | None = None
    for fact in facts:
        if isinstance(fact, Command):
            assert state is not None
            state = after(state, fact, TEN)
        elif hasattr(fact, "content"):
            state = apply_revision(state, fact, INCIDENT, REGENCY, False) or state
        else:
            assert state is not None
            state = hear(fact, state)
    assert state is not None
    return state


def when(state: Forwarding, *commands: Command) -> list[tuple[str, int]]:
    """What the commands come to: responses with their revisions."""
    said: list[Event] = []
    for command in commands:
        decision = decide(state, command, at(10))
        state, said = evolved(decision), said + decision.events
    return [(e.response.value, e.revision) for e in said if isinstance(e, AgencyResponded)]


def test_an_acknowledgement_said_twice_is_one_fact():
    assert when(given(forwarded()), ACK, ACK) == [("acknowledged", 1)]


def test_a_decline_carries_its_reason_and_said_twice_is_one_fact():
    state = given(forwarded(), DECLINE)
    assert (state.state, state.answers[0].reason) == (State.DECLINED, "no_unit")
    assert when(state, DECLINE) == []


def test_who_is_there_after_all_says_so_without_a_word_in_between():
    state = given(forwarded(), DECLINE)
    assert when(state, report("on_scene")) == [("acknowledged", 1), ("on_scene", 1)]
    assert given(forwarded(), declined_elsewhere(), report("on_scene")).state is State.ON_SCENE


def test_what_is_said_of_a_revision_from_before_the_stand_down_is_kept_and_confirms_nothing():
    state = given(forwarded(), ACK, withdrawn(2, stand_down=True))
    assert when(state, acknowledge(1, "Unit sudah terlanjur berangkat")) == [("acknowledged", 1)]
    kept = given(forwarded(), ACK, withdrawn(2, stand_down=True), acknowledge(1, "Unit sudah terlanjur berangkat"))
    assert (kept.answers[-1].text.clear, kept.needs_acknowledgement) == ("Unit sudah terlanjur berangkat", True)


def test_who_was_asked_again_is_led_to_the_new_forwarding():
    with pytest.raises(NotAllowed) as refused:
        when(given(forwarded(), DECLINE, withdrawn(2, reason=ASKED_AGAIN)), ACK)
    assert refused.value.reason == "forwarding-replaced"


def test_who_declined_what_it_was_to_stand_down_from_owes_no_word():
    state = given(forwarded(), ACK, withdrawn(2, stand_down=True), declined_elsewhere(at=at(30), overtaken=True))
    assert (state.stand_down, state.stood_down_at, state.needs_acknowledgement) == (False, None, False)


def test_who_declined_may_find_the_means_after_all():
    state = given(forwarded(), DECLINE, ACK)
    assert (state.state, [a.response.value for a in state.answers]) == ("acknowledged", ["declined", "acknowledged"])


def test_who_is_under_way_has_it_and_goes_forward_only():
    assert when(given(forwarded()), report("en_route"), report("on_scene"), report("on_scene"), report("done")) == [
        ("acknowledged", 1),
        ("en_route", 1),
        ("on_scene", 1),
        ("done", 1),
    ]
    with pytest.raises(NotAllowed) as refused:
        when(given(forwarded(), report("done")), report("en_route"))
    assert refused.value.params["state"] == "done"


@pytest.mark.parametrize(
    ("history", "command", "state"),
    [
        ((forwarded(), withdrawn()), ACK, "withdrawn"),
        ((forwarded(), withdrawn()), DECLINE, "withdrawn"),
        ((forwarded(), withdrawn()), report("en_route"), "withdrawn"),
        ((forwarded(), closed()), ACK, "closed"),
        ((forwarded(), report("on_scene")), DECLINE, "on_scene"),
    ],
)
def test_the_impossible_is_refused_with_the_state_it_is_in(history, command, state):
    with pytest.raises(NotAllowed) as refused:
        when(given(*history), command)
    assert refused.value.params["state"] == state


def test_a_changed_place_needs_a_new_acknowledgement_and_a_note_does_not():
    state = given(forwarded(), ACK, revised(2, needs=False))
    assert not state.needs_acknowledgement
    moved = given(forwarded(), report("en_route"), revised(2))
    assert (moved.state, moved.needs_acknowledgement) == (State.EN_ROUTE, True)
    assert when(moved, ACK, ACK) == [("acknowledged", 2)]


@pytest.mark.parametrize(("reached", "needs"), [(1, True), (2, False)])
def test_who_sets_out_has_acknowledged_what_reached_him(reached, needs):
    known = evolve(given(forwarded(), ACK, revised(2)), delivered(5, reached))
    state = after(known, report("en_route"), at(10))
    assert (state.state, state.needs_acknowledgement) == (State.EN_ROUTE, needs)


def test_declining_leaves_what_was_acknowledged():
    declined = given(forwarded(), ACK, revised(2), DECLINE, revised(3))
    assert declined.acknowledged == 1


def test_acknowledging_what_was_seen_leaves_the_newer_revision_open():
    state = given(forwarded(), revised(2), Acknowledge(by="pos", channel="api", revision=1))
    assert (state.state, state.needs_acknowledgement) == (State.ACKNOWLEDGED, True)
    assert when(state, Acknowledge(by="pos", channel="api", revision=1), ACK) == [("acknowledged", 2)]


@pytest.mark.parametrize(
    ("history", "newest"),
    [((forwarded(),), 1), ((forwarded(), ACK, revised(2)), 2), ((forwarded(), ACK, withdrawn(2, stand_down=True)), 2)],
)
def test_a_revision_above_the_newest_is_refused_with_the_newest(history, newest):
    state = given(*history)
    with pytest.raises(Invalid) as refused:
        when(state, acknowledge(newest + 1))
    (fault,) = refused.value.errors
    assert (fault.place, fault.kind, fault.params) == (("body", "revision"), "revision_unknown", {"newest": newest})
    assert when(state, acknowledge(newest)) == [("acknowledged", newest)]


def test_what_an_acknowledgement_says_besides_is_kept_and_the_same_words_are_one_fact():
    state = given(forwarded(), acknowledge(text="siap"))
    assert when(state, acknowledge(text="siap"), ACK) == []
    assert when(state, acknowledge(text="dua unit"), acknowledge(text="dua unit")) == [("acknowledged", 1)]
    after = given(forwarded(), acknowledge(text="siap"), report("en_route"), closed(), acknowledge(text="dua unit"))
    assert [answer.text.clear for answer in after.answers if answer.text] == ["siap", "dua unit"]
    assert after.state is State.CLOSED


def delivered(seconds: float, revision: int = 1) -> NotificationDelivered:
    facts = {
        "incident_id": INCIDENT,
        "agency": "99.01/damkar",
        "revision": revision,
        "endpoint": "utama",
        "attempts": 1,
    }
    return NotificationDelivered(at=at(seconds), recorded_at=at(seconds), channel="webhook", **facts)


@pytest.mark.parametrize("command", [ACK, DECLINE, report("en_route")])
def test_an_answer_proves_that_the_agency_has_it_from_then_on_at_the_latest(command):
    state = given(forwarded())
    answered = after(state, command, at(10))
    assert answered.delivered_at == at(10)
    assert evolve(answered, delivered(12)).delivered_at == at(10)
    before = evolve(state, delivered(4))
    assert after(before, command, at(10)).delivered_at == at(4)
    assert evolve(answered, delivered(4)).delivered_at == at(4)


def test_an_answer_by_telephone_proves_it_too():
    assert given(forwarded(), acknowledged_elsewhere()).delivered_at == at(15)


@pytest.mark.parametrize(
    ("history", "command", "expected"),
    [
        ((forwarded(), revised(2)), ACK, 1),
        ((forwarded(), revised(2)), acknowledge(1), 1),
        ((forwarded(), ACK, revised(2, needs=False)), acknowledge(2), 2),
        ((forwarded(), revised(2)), DECLINE, 1),
        ((forwarded(), revised(2)), report("en_route"), 1),
        ((forwarded(), acknowledge(1), revised(2), acknowledge(2), revised(3)), report("en_route"), 2),
        ((forwarded(), report("en_route"), revised(2)), report("en_route"), 1),
        ((forwarded(), ACK, withdrawn(2, stand_down=True)), ACK, 2),
        ((forwarded(), ACK, withdrawn(2, stand_down=True)), acknowledge(1), 1),
        ((forwarded(), ACK, withdrawn(2, stand_down=True)), report("on_scene"), 1),
        ((forwarded(), ACK, withdrawn(2, stand_down=True)), report("done"), 2),
    ],
)
def test_what_an_answer_shows_the_agency_to_have_seen(history, command, expected):
    state = given(*history)
    assert seen(state, after(state, command, at(10)), command) == expected


def test_a_revision_not_above_its_own_is_skipped_and_a_later_one_begins_the_copy_too():
    state = given(revised(3, priority=2))
    assert state.revision == 3
    for late in (forwarded(), revised(3), revised(2)):
        assert apply_revision(state, late, INCIDENT, REGENCY, False) is None


@pytest.mark.parametrize(("answered", "owed"), [((), True), ((ACK,), False), ((DECLINE,), False)])
def test_a_note_asks_for_the_acknowledgement_that_is_still_owed_and_says_what_it_brings(answered, owed):
    state = given(forwarded(), *answered, revised(2, needs=False))
    told = notice_of(state, None, ORIGIN)
    assert (told.revision, told.needs_acknowledgement, told.change) == (2, owed, "noted")
    assert told.needs_acknowledgement == state.needs_acknowledgement
    assert notice_of(given(forwarded()), None, ORIGIN).change is None


@pytest.mark.parametrize("end", [closed(), withdrawn(2, stand_down=True)])
def test_after_the_end_an_agency_still_says_how_its_own_part_went(end):
    state = given(forwarded(), report("on_scene"), end)
    assert when(state, report("done"), report("done")) == [("done", 1)]
    after = given(forwarded(), report("on_scene"), end, report("done"))
    assert (after.state, after.answers[-1].overtaken, after.needs_acknowledgement) == (state.state, True, False)
    with pytest.raises(NotAllowed):
        when(after, report("en_route"))


def test_what_was_withdrawn_unacknowledged_has_no_progress_to_report():
    for progress in ("en_route", "on_scene", "done"):
        with pytest.raises(NotAllowed):
            when(given(forwarded(), withdrawn()), report(progress))


def test_who_stood_down_before_it_was_done_confirmed_it_then():
    state = given(forwarded(), ACK, withdrawn(2, stand_down=True), ACK)
    assert state.withdrawal is not None
    done = after(state, report("done"), at(90))
    assert done.withdrawal == state.withdrawal


def test_a_stand_down_is_itself_acknowledged_once():
    state = given(forwarded(), ACK, withdrawn(2, stand_down=True))
    assert (state.state, state.needs_acknowledgement) == (State.WITHDRAWN, True)
    assert when(state, ACK, ACK) == [("acknowledged", 2)]
    assert not after(state, ACK, at(30)).needs_acknowledgement


def test_who_names_a_revision_from_before_has_not_seen_the_stand_down():
    state = given(forwarded(), ACK, withdrawn(2, stand_down=True))
    assert when(state, acknowledge(1)) == []
    assert when(state, acknowledge(1), acknowledge(2)) == [("acknowledged", 2)]


def test_an_answer_by_telephone_shows_and_our_own_echo_does_not():
    state = given(forwarded(), acknowledged_elsewhere())
    assert (state.state, state.answers[0].on_behalf, when(state, ACK)) == (State.ACKNOWLEDGED, True, [])
    echoed = given(forwarded(), ACK, acknowledged_elsewhere(on_behalf=False))
    assert len(echoed.answers) == 1


def test_of_answers_that_contradict_each_other_the_last_word_holds_as_on_the_board():
    after_all = given(forwarded(), DECLINE, acknowledged_elsewhere(overtaken=True))
    assert (after_all.state, len(after_all.answers)) == (State.ACKNOWLEDGED, 2)
    assert when(after_all, report("en_route")) == [("en_route", 1)]
    assert given(forwarded(), ACK, declined_elsewhere(overtaken=True)).state is State.DECLINED


def test_an_answer_that_came_after_the_end_is_kept_and_moves_nothing():
    over = given(
        forwarded(), ACK, closed(), declined_elsewhere(overtaken=True), progress_elsewhere("en_route", overtaken=True)
    )
    assert (over.state, len(over.answers)) == (State.CLOSED, 3)
    out = given(forwarded(), ACK, withdrawn(2, stand_down=True), acknowledged_elsewhere(overtaken=True))
    assert (out.needs_acknowledgement, len(out.answers)) == (True, 2)


def test_progress_told_out_of_order_goes_only_on():
    assert (
        given(forwarded(), report("on_scene"), progress_elsewhere("en_route", overtaken=True)).state is State.ON_SCENE
    )
    assert given(forwarded(), ACK, progress_elsewhere("on_scene")).state is State.ON_SCENE


@pytest.mark.parametrize(
    ("history", "concern"),
    [
        ((), Concern.OPEN),
        ((ACK,), Concern.OPEN),
        ((DECLINE,), Concern.OVER),
        ((DECLINE, ACK), Concern.OPEN),
        ((report("on_scene"),), Concern.OPEN),
        ((report("done"),), Concern.OVER),
        ((closed(),), Concern.OVER),
        ((withdrawn(2),), Concern.OVER),
        ((ACK, withdrawn(2, stand_down=True)), Concern.OPEN),
        ((ACK, withdrawn(2, stand_down=True), ACK), Concern.OVER),
        ((ACK, withdrawn(2, stand_down=True), report("done")), Concern.OVER),
    ],
)
def test_what_still_concerns_the_agency(history, concern):
    assert given(forwarded(), *history).concern is concern


def test_closing_leaves_how_each_part_ended():
    assert given(forwarded(), report("done"), closed()).state is State.DONE
    assert given(forwarded(), ACK, closed()).state is State.CLOSED


def test_the_pauses_are_one_two_five_ten_thirty_seconds_then_a_minute():
    assert [retry_delay(n).total_seconds() for n in range(1, 9)] == [1, 2, 5, 10, 30, 60, 60, 60]


def test_an_answer_is_late_from_the_millisecond_after_its_deadline():
    assert not is_late(at(60), at(60))
    assert is_late(at(60), at(60.001))
    assert not is_late(None, at(60.001))


def test_retry_after_lengthens_a_pause_by_milliseconds_too():
    assert retry_delay(4, timedelta(milliseconds=9_999)) == timedelta(seconds=10)
    assert retry_delay(4, timedelta(milliseconds=10_001)) == timedelta(milliseconds=10_001)
    assert retry_delay(4, timedelta(milliseconds=59_999)) == timedelta(milliseconds=59_999)
    assert retry_delay(4, timedelta(milliseconds=60_001)) == timedelta(seconds=60)


def test_retry_after_lengthens_a_pause_within_the_schedule():
    assert retry_delay(1, timedelta(seconds=7)) == timedelta(seconds=7)
    assert retry_delay(4, timedelta(seconds=7)) == timedelta(seconds=10)
    assert retry_delay(1, timedelta(hours=1)) == timedelta(seconds=60)


def test_the_vector_of_standard_webhooks_byte_for_byte():
    signature = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_reference_verifies_what_we_sign_whatever_the_payload():
    random, now = Random(112), TEN.timestamp()
    for n in range(1000):
        secret, body = new_secret(random.randbytes), random.randbytes(random.randrange(400)).hex().encode()
        signature = sign(secret, f"msg_{n}", int(now), body)
        headers = {"webhook-id": f"msg_{n}", "webhook-timestamp": str(int(now)), "webhook-signature": signature}
        assert verify(secret, headers, body, TEN) == f"msg_{n}"
        assert Reference(secret).sign(f"msg_{n}", TEN, body.decode()) == signature


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1708311301"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "²"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "é"},
    ],
)
def test_a_forged_request_is_not_genuine(changed):
    stamp = str(int(TEN.timestamp()))
    signature = f"v1,other {sign(SECRET, 'msg_1', int(stamp), b'{}')}"
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}
    assert verify(SECRET, headers, b"{}", TEN) == "msg_1"
    with pytest.raises(NotGenuine):
        verify(SECRET, headers | changed, b"{}", TEN)
    with pytest.raises(NotGenuine):
        verify(SECRET, headers, b"{}", at(301))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!", "whsk_" + SECRET[6:], "whsec_é"])
def test_what_is_no_secret_is_refused_without_being_shown(secret):
    with pytest.raises(InvalidSecret) as refused:
        key_of(secret)
    assert not secret[6:] or secret[6:] not in str(refused.value)


def test_the_message_id_is_one_for_a_forwarding_and_revision():
    assert message_id(FIRST, 2, "forwarding") == f"msg_{FIRST.hex}_2"
    assert isinstance(forwarded(), IncidentForwarded)


def test_our_own_echo_of_a_progress_is_no_second_answer():
    told = given(forwarded(), report("en_route"))
    assert given(forwarded(), report("en_route"), progress_elsewhere("en_route", on_behalf=False)) == told

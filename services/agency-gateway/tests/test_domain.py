"""A forwarding as its agency lives through it, the pauses between attempts, and signatures byte for byte."""

from datetime import timedelta
from random import Random

import pytest
from gateway_histories import (
    DAMKAR,
    FIRST,
    INCIDENT,
    REGENCY,
    SECRET,
    TEN,
    a_forwarding,
    acknowledged_elsewhere,
    at,
    closed,
    declined_elsewhere,
    forwarded,
    forwardings,
    merged,
    progress_elsewhere,
    revised,
    withdrawn,
)
from standardwebhooks import Webhook as Reference

from sigap_agency_gateway.domain.answers import Acknowledge, Command, Decline, Report, seen
from sigap_agency_gateway.domain.delivery import is_late, message_id, retry_delay
from sigap_agency_gateway.domain.forwarding import Concern, Forwarding, State, apply_revision
from sigap_agency_gateway.notice import notice_of
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import ASKED_AGAIN, Progress
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.core.signatures import InvalidSecret, NotGenuine, key_of, new_secret, sign, verify
from sigap_common.personal_data import Sealed

ORIGIN = "https://112.example.go.id"
given, when = forwardings.given, forwardings.when
Steps = tuple[tuple[float, Command] | Event, ...]
"""What a history consists of after the forwarding has come."""
ACK = Acknowledge(by="pos", channel="api")
DECLINE = Decline(by="pos", channel="api", reason="no_unit")


def acknowledge(revision: int | None = None, text: str | None = None) -> Acknowledge:
    beside = SaidBeside(text=Sealed(text) if text else None)
    return Acknowledge(by="pos", channel="api", revision=revision, beside=beside)


def report(progress: str) -> Report:
    return Report(by="pos", channel="api", progress=Progress(progress))


def responses(state: Forwarding, *commands: Command) -> list[tuple[str, int]]:
    """The answers that follow from the commands, one after the other: each with its revision."""
    said: list[Event] = []
    for command in commands:
        events = when(state, command, 10)
        state, said = forwardings.after(state, events), said + events
    return [(e.response.value, e.revision) for e in said if isinstance(e, AgencyResponded)]


def test_an_acknowledgement_said_twice_is_one_fact() -> None:
    assert responses(a_forwarding(), ACK, ACK) == [("acknowledged", 1)]


def test_a_decline_carries_its_reason_and_said_twice_is_one_fact() -> None:
    state = given(a_forwarding(), (0, DECLINE))
    assert (state.state, state.answers[0].reason) == (State.DECLINED, "no_unit")
    assert responses(state, DECLINE) == []


def test_who_is_there_after_all_says_so_without_a_word_in_between() -> None:
    state = given(a_forwarding(), (0, DECLINE))
    assert responses(state, report("on_scene")) == [("acknowledged", 1), ("on_scene", 1)]
    assert given(a_forwarding(), declined_elsewhere(), (0, report("on_scene"))).state is State.ON_SCENE


def test_what_is_said_of_a_revision_from_before_the_stand_down_is_kept_and_confirms_nothing() -> None:
    state = given(a_forwarding(), (0, ACK), withdrawn(2, stand_down=True))
    assert responses(state, acknowledge(1, "Unit sudah terlanjur berangkat")) == [("acknowledged", 1)]
    kept = given(
        a_forwarding(), (0, ACK), withdrawn(2, stand_down=True), (0, acknowledge(1, "Unit sudah terlanjur berangkat"))
    )
    assert (kept.answers[-1].text, kept.needs_acknowledgement) == (Sealed("Unit sudah terlanjur berangkat"), True)


def test_who_was_asked_again_is_led_to_the_new_forwarding() -> None:
    with pytest.raises(NotAllowed) as refused:
        when(given(a_forwarding(), (0, DECLINE), withdrawn(2, reason=ASKED_AGAIN)), ACK, 10)
    assert refused.value.reason == "forwarding-replaced"


def test_who_declined_what_it_was_to_stand_down_from_owes_no_word() -> None:
    state = given(
        a_forwarding(), (0, ACK), withdrawn(2, stand_down=True), declined_elsewhere(at=at(30), overtaken=True)
    )
    assert (state.stand_down, state.stood_down_at, state.needs_acknowledgement) == (False, None, False)


def test_who_declined_may_find_the_means_after_all() -> None:
    state = given(a_forwarding(), (0, DECLINE), (0, ACK))
    assert (state.state, [a.response.value for a in state.answers]) == ("acknowledged", ["declined", "acknowledged"])


def test_who_is_under_way_has_it_and_goes_forward_only() -> None:
    assert responses(a_forwarding(), report("en_route"), report("on_scene"), report("on_scene"), report("done")) == [
        ("acknowledged", 1),
        ("en_route", 1),
        ("on_scene", 1),
        ("done", 1),
    ]
    with pytest.raises(NotAllowed) as refused:
        when(given(a_forwarding(), (0, report("done"))), report("en_route"), 10)
    assert refused.value.params["state"] == "done"


@pytest.mark.parametrize(
    ("history", "command", "state"),
    [
        ((withdrawn(),), ACK, "withdrawn"),
        ((withdrawn(),), DECLINE, "withdrawn"),
        ((withdrawn(),), report("en_route"), "withdrawn"),
        ((closed(),), ACK, "closed"),
        (((0, report("on_scene")),), DECLINE, "on_scene"),
    ],
)
def test_the_impossible_is_refused_with_the_state_it_is_in(history: Steps, command: Command, state: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        when(given(a_forwarding(), *history), command, 10)
    assert refused.value.params["state"] == state


def test_a_changed_place_needs_a_new_acknowledgement_and_a_note_does_not() -> None:
    state = given(a_forwarding(), (0, ACK), revised(2, needs=False))
    assert not state.needs_acknowledgement
    moved = given(a_forwarding(), (0, report("en_route")), revised(2))
    assert (moved.state, moved.needs_acknowledgement) == (State.EN_ROUTE, True)
    assert responses(moved, ACK, ACK) == [("acknowledged", 2)]


@pytest.mark.parametrize(("reached", "needs"), [(1, True), (2, False)])
def test_who_sets_out_has_acknowledged_what_reached_him(reached: int, needs: bool) -> None:
    known = forwardings.after(given(a_forwarding(), (0, ACK), revised(2)), [delivered(5, reached)])
    state = given(known, (10, report("en_route")))
    assert (state.state, state.needs_acknowledgement) == (State.EN_ROUTE, needs)


def test_declining_leaves_what_was_acknowledged() -> None:
    declined = given(a_forwarding(), (0, ACK), revised(2), (0, DECLINE), revised(3))
    assert declined.acknowledged == 1


def test_acknowledging_what_was_seen_leaves_the_newer_revision_open() -> None:
    state = given(a_forwarding(), revised(2), (0, acknowledge(1)))
    assert (state.state, state.needs_acknowledgement) == (State.ACKNOWLEDGED, True)
    assert responses(state, acknowledge(1), ACK) == [("acknowledged", 2)]


@pytest.mark.parametrize(
    ("history", "newest"),
    [((), 1), (((0, ACK), revised(2)), 2), (((0, ACK), withdrawn(2, stand_down=True)), 2)],
)
def test_a_revision_above_the_newest_is_refused_with_the_newest(history: Steps, newest: int) -> None:
    state = given(a_forwarding(), *history)
    with pytest.raises(Invalid) as refused:
        when(state, acknowledge(newest + 1), 10)
    assert refused.value.errors == (Fault(("body", "revision"), "revision_unknown", {"newest": newest}),)
    assert responses(state, acknowledge(newest)) == [("acknowledged", newest)]


def test_what_an_acknowledgement_says_besides_is_kept_and_the_same_words_are_one_fact() -> None:
    state = given(a_forwarding(), (0, acknowledge(text="siap")))
    assert responses(state, acknowledge(text="siap"), ACK) == []
    assert responses(state, acknowledge(text="dua unit"), acknowledge(text="dua unit")) == [("acknowledged", 1)]
    after = given(
        a_forwarding(),
        (0, acknowledge(text="siap")),
        (0, report("en_route")),
        closed(),
        (0, acknowledge(text="dua unit")),
    )
    assert [answer.text.clear for answer in after.answers if answer.text] == ["siap", "dua unit"]
    assert after.state is State.CLOSED


def delivered(seconds: float, revision: int = 1) -> NotificationDelivered:
    return NotificationDelivered(
        at=at(seconds),
        recorded_at=at(seconds),
        incident_id=INCIDENT,
        agency=DAMKAR,
        revision=revision,
        endpoint="utama",
        channel="webhook",
        attempts=1,
    )


@pytest.mark.parametrize("command", [ACK, DECLINE, report("en_route")])
def test_an_answer_proves_that_the_agency_has_it_from_then_on_at_the_latest(command: Command) -> None:
    state = a_forwarding()
    answered = given(state, (10, command))
    assert answered.delivered_at == at(10)
    assert forwardings.after(answered, [delivered(12)]).delivered_at == at(10)
    before = forwardings.after(state, [delivered(4)])
    assert given(before, (10, command)).delivered_at == at(4)
    assert forwardings.after(answered, [delivered(4)]).delivered_at == at(4)


def test_an_answer_by_telephone_proves_it_too() -> None:
    assert given(a_forwarding(), acknowledged_elsewhere()).delivered_at == at(15)


@pytest.mark.parametrize(
    ("history", "command", "expected"),
    [
        ((revised(2),), ACK, 1),
        ((revised(2),), acknowledge(1), 1),
        (((0, ACK), revised(2, needs=False)), acknowledge(2), 2),
        ((revised(2),), DECLINE, 1),
        ((revised(2),), report("en_route"), 1),
        (((0, acknowledge(1)), revised(2), (0, acknowledge(2)), revised(3)), report("en_route"), 2),
        (((0, report("en_route")), revised(2)), report("en_route"), 1),
        (((0, ACK), withdrawn(2, stand_down=True)), ACK, 2),
        (((0, ACK), withdrawn(2, stand_down=True)), acknowledge(1), 1),
        (((0, ACK), withdrawn(2, stand_down=True)), report("on_scene"), 1),
        (((0, ACK), withdrawn(2, stand_down=True)), report("done"), 2),
    ],
)
def test_what_an_answer_shows_the_agency_to_have_seen(history: Steps, command: Command, expected: int) -> None:
    state = given(a_forwarding(), *history)
    assert seen(state, given(state, (10, command)), command) == expected


def test_a_revision_not_above_its_own_is_skipped_and_a_later_one_begins_the_copy_too() -> None:
    state = a_forwarding(revised(3, priority=2))
    assert state.revision == 3
    for late in (forwarded(), revised(3), revised(2)):
        assert apply_revision(state, late, INCIDENT, REGENCY, False) is None


@pytest.mark.parametrize(("answered", "owed"), [((), True), (((0, ACK),), False), (((0, DECLINE),), False)])
def test_a_note_asks_for_the_acknowledgement_that_is_still_owed_and_says_what_it_brings(
    answered: Steps, owed: bool
) -> None:
    state = given(a_forwarding(), *answered, revised(2, needs=False))
    told = notice_of(state, None, ORIGIN)
    assert (told.revision, told.needs_acknowledgement, told.change) == (2, owed, "noted")
    assert told.needs_acknowledgement == state.needs_acknowledgement
    assert notice_of(a_forwarding(), None, ORIGIN).change is None


@pytest.mark.parametrize("end", [closed(), withdrawn(2, stand_down=True)])
def test_after_the_end_an_agency_still_says_how_its_own_part_went(end: Event) -> None:
    state = given(a_forwarding(), (0, report("on_scene")), end)
    assert responses(state, report("done"), report("done")) == [("done", 1)]
    after = given(a_forwarding(), (0, report("on_scene")), end, (0, report("done")))
    assert (after.state, after.answers[-1].overtaken, after.needs_acknowledgement) == (state.state, True, False)
    with pytest.raises(NotAllowed):
        when(after, report("en_route"), 10)


def test_what_was_withdrawn_unacknowledged_has_no_progress_to_report() -> None:
    for progress in ("en_route", "on_scene", "done"):
        with pytest.raises(NotAllowed):
            when(given(a_forwarding(), withdrawn()), report(progress), 10)


def test_who_stood_down_before_it_was_done_confirmed_it_then() -> None:
    state = given(a_forwarding(), (0, ACK), withdrawn(2, stand_down=True), (0, ACK))
    assert state.withdrawal is not None
    done = given(state, (90, report("done")))
    assert done.withdrawal == state.withdrawal


def test_a_stand_down_is_itself_acknowledged_once() -> None:
    state = given(a_forwarding(), (0, ACK), withdrawn(2, stand_down=True))
    assert (state.state, state.needs_acknowledgement) == (State.WITHDRAWN, True)
    assert responses(state, ACK, ACK) == [("acknowledged", 2)]
    assert not given(state, (30, ACK)).needs_acknowledgement


def test_who_names_a_revision_from_before_has_not_seen_the_stand_down() -> None:
    state = given(a_forwarding(), (0, ACK), withdrawn(2, stand_down=True))
    assert responses(state, acknowledge(1)) == []
    assert responses(state, acknowledge(1), acknowledge(2)) == [("acknowledged", 2)]


def test_an_answer_by_telephone_shows_and_our_own_echo_does_not() -> None:
    state = given(a_forwarding(), acknowledged_elsewhere())
    assert (state.state, state.answers[0].on_behalf, responses(state, ACK)) == (State.ACKNOWLEDGED, True, [])
    echoed = given(a_forwarding(), (0, ACK), acknowledged_elsewhere(on_behalf=False))
    assert len(echoed.answers) == 1


def test_of_answers_that_contradict_each_other_the_last_word_holds_as_on_the_board() -> None:
    after_all = given(a_forwarding(), (0, DECLINE), acknowledged_elsewhere(overtaken=True))
    assert (after_all.state, len(after_all.answers)) == (State.ACKNOWLEDGED, 2)
    assert responses(after_all, report("en_route")) == [("en_route", 1)]
    assert given(a_forwarding(), (0, ACK), declined_elsewhere(overtaken=True)).state is State.DECLINED


def test_an_answer_that_came_after_the_end_is_kept_and_moves_nothing() -> None:
    over = given(
        a_forwarding(),
        (0, ACK),
        closed(),
        declined_elsewhere(overtaken=True),
        progress_elsewhere("en_route", overtaken=True),
    )
    assert (over.state, len(over.answers)) == (State.CLOSED, 3)
    out = given(a_forwarding(), (0, ACK), withdrawn(2, stand_down=True), acknowledged_elsewhere(overtaken=True))
    assert (out.needs_acknowledgement, len(out.answers)) == (True, 2)


def test_progress_told_out_of_order_goes_only_on() -> None:
    assert (
        given(a_forwarding(), (0, report("on_scene")), progress_elsewhere("en_route", overtaken=True)).state
        is State.ON_SCENE
    )
    assert given(a_forwarding(), (0, ACK), progress_elsewhere("on_scene")).state is State.ON_SCENE


@pytest.mark.parametrize(
    ("history", "concern"),
    [
        ((), Concern.OPEN),
        (((0, ACK),), Concern.OPEN),
        (((0, DECLINE),), Concern.OVER),
        (((0, DECLINE), (0, ACK)), Concern.OPEN),
        (((0, report("on_scene")),), Concern.OPEN),
        (((0, report("done")),), Concern.OVER),
        ((closed(),), Concern.OVER),
        ((withdrawn(2),), Concern.OVER),
        (((0, ACK), withdrawn(2, stand_down=True)), Concern.OPEN),
        (((0, ACK), withdrawn(2, stand_down=True), (0, ACK)), Concern.OVER),
        (((0, ACK), withdrawn(2, stand_down=True), (0, report("done"))), Concern.OVER),
    ],
)
def test_what_still_concerns_the_agency(history: Steps, concern: Concern) -> None:
    assert given(a_forwarding(), *history).concern is concern


def test_closing_leaves_how_each_part_ended() -> None:
    assert given(a_forwarding(), (0, report("done")), closed()).state is State.DONE
    assert given(a_forwarding(), (0, ACK), closed()).state is State.CLOSED
    assert given(a_forwarding(), (0, ACK), merged()).state is State.CLOSED


def test_an_agency_that_declined_a_merged_incident_and_comes_after_all_has_it_no_more() -> None:
    declined = given(a_forwarding(), (0, DECLINE), merged())
    assert declined.state is State.DECLINED
    comes = given(declined, (10, report("en_route")))
    assert (comes.state, comes.concern) == (State.CLOSED, Concern.OVER), "dispatch forwards the other one to it"
    assert [answer.response.value for answer in comes.answers] == ["declined", "acknowledged", "en_route"]
    assert given(a_forwarding(), (0, DECLINE), (10, ACK), merged()).state is State.CLOSED


def test_if_it_must_turn_back_it_confirms_that_and_has_its_part_again_if_the_incident_is_reopened() -> None:
    comes = given(a_forwarding(), (0, DECLINE), merged(), (10, ACK), withdrawn(2, stand_down=True, reason="closed"))
    assert (comes.state, comes.needs_acknowledgement, comes.concern) == (State.WITHDRAWN, True, Concern.OPEN)
    assert given(comes, (20, acknowledge(2))).concern is Concern.OVER
    again = given(comes, revised(3).model_copy(update={"reason": "reopened"}), (30, acknowledge(3)))
    assert (again.state, again.concern) == (State.ACKNOWLEDGED, Concern.OPEN)


def test_the_pauses_are_one_two_five_ten_thirty_seconds_then_a_minute() -> None:
    assert [retry_delay(n).total_seconds() for n in range(1, 9)] == [1, 2, 5, 10, 30, 60, 60, 60]


def test_an_answer_is_late_from_the_millisecond_after_its_deadline() -> None:
    assert not is_late(at(60), at(60))
    assert is_late(at(60), at(60.001))
    assert not is_late(None, at(60.001))


def test_retry_after_lengthens_a_pause_by_milliseconds_too() -> None:
    assert retry_delay(4, timedelta(milliseconds=9_999)) == timedelta(seconds=10)
    assert retry_delay(4, timedelta(milliseconds=10_001)) == timedelta(milliseconds=10_001)
    assert retry_delay(4, timedelta(milliseconds=59_999)) == timedelta(milliseconds=59_999)
    assert retry_delay(4, timedelta(milliseconds=60_001)) == timedelta(seconds=60)


def test_retry_after_lengthens_a_pause_within_the_schedule() -> None:
    assert retry_delay(1, timedelta(seconds=7)) == timedelta(seconds=7)
    assert retry_delay(4, timedelta(seconds=7)) == timedelta(seconds=10)
    assert retry_delay(1, timedelta(hours=1)) == timedelta(seconds=60)


def test_the_vector_of_standard_webhooks_byte_for_byte() -> None:
    signature = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_reference_verifies_what_we_sign_whatever_the_payload() -> None:
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
def test_a_forged_request_is_not_genuine(changed: dict[str, str]) -> None:
    stamp = str(int(TEN.timestamp()))
    signature = f"v1,other {sign(SECRET, 'msg_1', int(stamp), b'{}')}"
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}
    assert verify(SECRET, headers, b"{}", TEN) == "msg_1"
    with pytest.raises(NotGenuine):
        verify(SECRET, headers | changed, b"{}", TEN)
    with pytest.raises(NotGenuine):
        verify(SECRET, headers, b"{}", at(301))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!", "whsk_" + SECRET[6:], "whsec_é"])
def test_what_is_no_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(InvalidSecret) as refused:
        key_of(secret)
    assert not secret[6:] or secret[6:] not in str(refused.value)


def test_the_message_id_is_one_for_a_forwarding_and_revision() -> None:
    assert message_id(FIRST, 2, "forwarding") == f"msg_{FIRST.hex}_2"


def test_our_own_echo_of_a_progress_is_no_second_answer() -> None:
    told = given(a_forwarding(), (0, report("en_route")))
    assert given(a_forwarding(), (0, report("en_route")), progress_elsewhere("en_route", on_behalf=False)) == told

"""The order of the board: a pure function of the incident."""

from datetime import timedelta
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import NOON, History, a_pack

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import DeliveryFailed, DeliveryRecovered
from sigap_dispatch.attention_texts import reason_in_words
from sigap_dispatch.domain import Incident, evolve
from sigap_dispatch.domain.attention import Attention, Reason, attention
from sigap_dispatch.domain.commands import Amend, Close, DoubtCall, Tick, Withdraw

ACKNOWLEDGED, DONE = Response.ACKNOWLEDGED, Response.DONE


def place(history: History) -> Attention:
    found = attention(history.incident)
    assert found is not None
    return found


def failed(incident: Incident, code: str, revision: int = 1) -> Incident:
    return evolve(incident, _delivery(DeliveryFailed, incident, code, revision))


def _delivery(kind: type[Any], incident: Incident, code: str, revision: int) -> Any:
    [forwarding] = [f for f in incident.forwardings if f.agency.endswith(f"/{code}")]
    way = {"endpoint": "main", "channel": "webhook", "reason": "timeout", "final": False}
    about = {"forwarding_id": forwarding.id, "agency": forwarding.agency, "revision": revision}
    return kind(at=NOON, recorded_at=NOON, **about, **way)


def test_an_incident_waits_for_its_agencies_then_is_under_way_then_is_to_be_closed(history: History) -> None:
    history.opens()
    assert place(history).reason is Reason.WAITING
    history.responds("fire", ACKNOWLEDGED)
    assert place(history).reason is Reason.WAITING
    history.responds("police", ACKNOWLEDGED)
    assert place(history).reason is Reason.UNDER_WAY
    history.responds("fire", DONE)
    history.responds("police", DONE)
    assert place(history).reason is Reason.ENDED


def test_nobody_told_is_seen_before_the_alarm_and_the_alarm_goes_first(history: History) -> None:
    history.opens("medical")
    assert place(history).reason is Reason.NO_AGENCY
    history.at(31).when(Tick())
    assert place(history).reason is Reason.ALARM


def test_a_missed_acknowledgement_goes_first_until_it_is_given(history: History) -> None:
    history.opens()
    history.responds("police", ACKNOWLEDGED)
    history.at(61).when(Tick())
    assert place(history).reason is Reason.ALARM
    history.responds("fire", ACKNOWLEDGED)
    assert place(history).reason is Reason.UNDER_WAY


def test_a_failed_attempt_is_seen_as_it_happens_and_ends_with_the_delivery_or_the_answer(history: History) -> None:
    history.opens()
    incident = failed(history.incident, "fire")
    told = attention(incident)
    assert told
    assert told.reason is Reason.DELIVERY_FAILED
    told = attention(evolve(incident, _delivery(DeliveryRecovered, incident, "fire", 1)))
    assert told
    assert told.reason is Reason.WAITING
    history.responds("fire", ACKNOWLEDGED)
    answered = attention(failed(history.incident, "fire"))
    assert answered
    assert answered.reason is Reason.WAITING


def test_proposals_and_doubt_wait_for_a_decision(history: History) -> None:
    history.opens(priority=2)
    history.responds("fire", ACKNOWLEDGED)
    history.responds("police", ACKNOWLEDGED)
    history.when(DoubtCall(history.incident.call_id or history.incident.id, NOON))
    assert place(history).reason is Reason.DOUBTED
    history.when(Amend(incident_type="traffic_accident"), by="dodi")
    assert history.incident.proposed_withdrawals
    assert place(history).reason is Reason.PROPOSAL


def test_the_nearest_deadline_goes_first_and_then_the_more_urgent_and_then_the_older() -> None:
    def waiting(kind: str, priority: int, seconds: float) -> str:
        one = History(a_pack())
        one.at(seconds).opens(kind, priority)
        return place(one).order

    fire, accident = waiting("fire", 3, 0), waiting("traffic_accident", 1, 0)
    assert fire < accident  # 60 and 90 seconds to acknowledge
    assert waiting("fire", 1, 0) < waiting("fire", 2, 0)
    assert waiting("fire", 2, 0) < waiting("fire", 2, 1)
    assert waiting("fire", 2, 40) > accident


def test_without_a_deadline_the_more_urgent_goes_first_and_then_the_older() -> None:
    def under_way(priority: int, seconds: float) -> str:
        one = History(a_pack())
        one.at(seconds).opens("domestic_violence", priority)
        one.responds("police", ACKNOWLEDGED)
        return place(one).order

    assert under_way(2, 5) < under_way(3, 0)
    assert under_way(2, 0) < under_way(2, 5)


def test_drills_come_after_everything_real() -> None:
    real, drill = History(a_pack()), History(a_pack(), drill=True)
    real.opens()
    real.responds("fire", ACKNOWLEDGED)
    drill.opens("medical")
    assert place(real).order < place(drill).order


def test_a_late_entry_asks_nothing_of_anybody(history: History) -> None:
    history.opens(backfilled=True, notify=False, received_at=NOON - timedelta(days=2))
    assert place(history).reason is Reason.BACKFILLED


def test_a_closed_incident_stays_until_its_agencies_have_confirmed_that_they_stand_down(history: History) -> None:
    history.opens()
    history.responds("fire", ACKNOWLEDGED)
    history.when(Close("doused"), by="dodi")
    assert place(history).reason is Reason.WAITING
    history.responds("fire", ACKNOWLEDGED, revision=2)
    assert attention(history.incident) is None


def test_the_order_is_a_text_of_digits_of_one_length() -> None:
    """Only such texts are sorted alike by both databases and by every client."""
    orders = set()
    for kind in ("fire", "medical", "traffic_accident", None):
        history = History(a_pack())
        history.opens(kind)
        orders.add(place(history).order)
        for forwarding in history.incident.forwardings[:1]:
            history.when(Withdraw(forwarding.id, "tidak perlu"), by="dodi")
            orders.add(place(history).order)
    assert {len(order) for order in orders} == {29}
    assert all(order.isdecimal() for order in orders)


@pytest.mark.parametrize("reason", Reason)
def test_there_are_words_for_each_reason(reason: Reason) -> None:
    assert set(reason_in_words(reason)) == {"id", "en"}
    assert all(reason_in_words(reason).values())

"""What is recorded afterwards keeps its own time, and tells nobody unless it is asked to."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from services.dispatch.tests.dispatch_histories import NOON, REGENCY, Desk, History, Shown, a_pack, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import (
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentForwarded,
    IncidentStatusChanged,
)
from sigap_common.core.errors import Invalid
from sigap_dispatch.domain.commands import AddAgency, Close, RecordAnswer
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_testing.refusals import faults_of

FIRE = f"{REGENCY}/fire"
PAST = NOON - timedelta(days=400)


def after(minutes: float, since: datetime = PAST) -> datetime:
    return since + timedelta(minutes=minutes)


@pytest.fixture
def paper(history: History) -> History:
    """A backfilled incident of long ago."""
    history.now = PAST
    history.opens(received_at=PAST, answered_at=None, backfilled=True, notify=False)
    history.now = NOON
    return history


def said(history: History, response: Response, at: datetime | None) -> list[Event]:
    forwarding = history.forwarding("fire").id
    reason = "no_unit" if response is Response.DECLINED else None
    return history.when(RecordAnswer(forwarding, response, "telephone", "Pak Harun", reason=reason, at=at), by="siti")


def test_a_late_life_keeps_its_times_from_the_agency_to_the_end(paper: History) -> None:
    paper.when(AddAgency(FIRE, at=after(2)), by="siti")
    said(paper, Response.ACKNOWLEDGED, after(3))
    said(paper, Response.ON_SCENE, after(15))
    said(paper, Response.DONE, after(60))
    paper.when(Close("resolved", at=after(70)), by="siti")
    forwarding = paper.forwarding("fire")
    times = (forwarding.forwarded_at, forwarding.acknowledged_at, forwarding.on_scene_at, forwarding.done_at)
    assert times == (after(2), after(3), after(15), after(60))
    assert paper.incident.closed_at == after(70)
    late = only(IncidentForwarded, paper.events) + only(IncidentAcknowledged, paper.events)
    assert {(event.recorded_at, event.clock, event.by) for event in late} == {(NOON, "paper", "siti")}
    assert paper.replayed() == paper.incident


def test_naming_the_agency_that_came_tells_it_nothing_unless_asked_to(paper: History) -> None:
    [told] = only(IncidentForwarded, paper.when(AddAgency(FIRE, at=after(2))))
    assert (told.notify, told.acknowledge_by) == (False, None)
    [told] = only(IncidentForwarded, paper.when(AddAgency(f"{REGENCY}/police", notify=True)))
    assert told.notify


def test_an_agency_of_an_incident_that_goes_on_is_always_told(history: History) -> None:
    history.opens("medical")
    [told] = only(IncidentForwarded, history.when(AddAgency(FIRE)))
    assert told.notify
    with pytest.raises(Invalid) as refused:
        history.when(AddAgency(f"{REGENCY}/police", notify=False))
    assert [fault.kind for fault in faults_of(refused)] == ["only_backfilled"]


def test_closing_a_late_incident_asks_nobody_to_stand_down(paper: History) -> None:
    paper.when(AddAgency(FIRE, at=after(2)))
    said(paper, Response.ACKNOWLEDGED, after(3))
    [withdrawn] = only(ForwardingWithdrawn, paper.when(Close("resolved", at=after(70))))
    assert (withdrawn.at, withdrawn.stand_down) == (after(70), False)
    assert paper.forwarding("fire").state is ForwardingState.WITHDRAWN


def kinds(history: History, command: RecordAnswer | Close | AddAgency) -> list[str]:
    before = history.incident
    with pytest.raises(Invalid) as refused:
        history.when(command)
    assert history.incident == before
    return [fault.kind for fault in faults_of(refused)]


@pytest.mark.parametrize("response", list(Response))
def test_no_answer_is_before_the_forwarding_that_it_answers(history: History, response: Response) -> None:
    history.opens("fire")
    reason = "no_unit" if response is Response.DECLINED else None
    answer = RecordAnswer(history.forwarding("fire").id, response, "radio", "Pak Harun", reason=reason)
    early = replace(answer, at=NOON - timedelta(seconds=1))
    assert kinds(history.at(30), early) == ["before_what_it_answers"]
    history.when(replace(answer, at=NOON))


def test_a_confirmed_stand_down_is_not_before_the_withdrawal(history: History) -> None:
    history.opens("fire")
    history.at(10).responds("fire", Response.ACKNOWLEDGED)
    history.at(60).when(Close("resolved"))
    confirmed = RecordAnswer(history.forwarding("fire").id, Response.ACKNOWLEDGED, "telephone", "Pak Harun")
    early = replace(confirmed, at=NOON + timedelta(seconds=59))
    assert kinds(history.at(90), early) == ["before_what_it_answers"]
    history.when(replace(confirmed, at=NOON + timedelta(seconds=70)))
    assert history.forwarding("fire").stood_down_at == NOON + timedelta(seconds=70)


def test_no_end_is_before_what_it_ends(paper: History) -> None:
    assert kinds(paper, Close("resolved", at=after(-1))) == ["before_what_it_answers"]
    paper.when(AddAgency(FIRE, at=after(2)))
    said(paper, Response.ON_SCENE, after(15))
    assert kinds(paper, Close("resolved", at=after(14))) == ["before_what_it_answers"]
    assert kinds(paper, AddAgency(f"{REGENCY}/police", at=after(-1))) == ["before_what_it_answers"]


def test_without_the_mark_a_time_is_at_most_a_day_old_and_five_minutes_ahead(history: History) -> None:
    history.opens("fire")
    history.at(25 * 3600)
    old = history.now - timedelta(hours=24, seconds=1)
    assert kinds(history, Close("resolved", at=old)) == ["older_than_a_day"]
    ahead = history.now + timedelta(minutes=5, seconds=1)
    assert kinds(history, Close("resolved", at=ahead)) == ["in_future"]
    [closed] = only(IncidentClosed, history.when(Close("resolved", at=history.now - timedelta(hours=2))))
    assert (closed.at, closed.recorded_at, closed.clock) == (history.now - timedelta(hours=2), history.now, "sigap")


def test_a_time_that_is_ahead_counts_as_now(history: History) -> None:
    history.opens("fire")
    said(history.at(60), Response.ACKNOWLEDGED, history.now + timedelta(minutes=4))
    assert history.forwarding("fire").acknowledged_at == history.now
    [there] = only(IncidentStatusChanged, said(history.at(120), Response.ON_SCENE, None))
    assert there.at == history.now


def test_also_a_late_entry_is_not_in_the_future(paper: History) -> None:
    assert kinds(paper, Close("resolved", at=NOON + timedelta(minutes=6))) == ["in_future"]


def test_an_incident_that_the_rule_closes_ended_when_its_last_agency_was_done(paper: History) -> None:
    paper.pack = a_pack(closing={"when_all_ended": "automatic", "disposition": "resolved"})
    paper.when(AddAgency(FIRE, at=after(2)))
    [closed] = only(IncidentClosed, said(paper, Response.DONE, after(40)))
    assert (closed.at, closed.automatic) == (after(40), True)


async def a_late_incident(desk: Desk) -> Shown:
    long_ago = desk.now - timedelta(days=400)
    await desk.classified(received_at=long_ago, answered_at=None, backfilled=True, notify=False)
    return await desk.incident()


async def test_over_http_late_entries_are_a_supervisors(desk: Desk) -> None:
    incident = await a_late_incident(desk)
    path = f"/v1/incidents/{incident['id']}"
    desk.kit.clock.advance(3600)
    at = datetime.fromisoformat(incident["created_at"]) + timedelta(minutes=5)
    for body in ({"agency": FIRE, "at": at.isoformat()}, {"agency": FIRE, "notify": True}):
        refused = await desk.ask("POST", f"{path}/forwardings", body, "dispatcher")
        assert refused.status_code == 403, refused.text
        assert refused.json()["type"].endswith("role-missing")
    added = await desk.ask("POST", f"{path}/forwardings", {"agency": FIRE, "at": at.isoformat()}, "supervisor")
    assert added.status_code == 201, added.text
    [forwarding] = added.json()["forwardings"]
    assert datetime.fromisoformat(forwarding["forwarded_at"]) == at
    [event] = await desk.kit.said(IncidentForwarded)
    assert isinstance(event.event, IncidentForwarded)
    assert not event.event.notify

    answer = {"response": "on_scene", "spoke_to": "Pak Harun", "channel": "radio"}
    answers = f"{path}/forwardings/{forwarding['id']}/answers"
    late = answer | {"at": (at + timedelta(minutes=9)).isoformat()}
    assert (await desk.ask("POST", answers, late, "operator")).status_code == 403
    early = await desk.ask("POST", answers, answer | {"at": "2020-01-01T00:00:00Z"}, "supervisor")
    assert early.status_code == 422
    assert "before_what_it_answers" in early.text
    assert (await desk.ask("POST", answers, late, "supervisor")).status_code == 200
    closing = {"disposition": "resolved", "at": (at + timedelta(minutes=30)).isoformat()}
    assert (await desk.ask("POST", f"{path}/close", closing)).status_code == 403
    closed = await desk.ask("POST", f"{path}/close", closing, "admin")
    assert datetime.fromisoformat(closed.json()["closed_at"]) == at + timedelta(minutes=30)
    [progress] = await desk.kit.said(IncidentStatusChanged)
    assert progress.event.at == at + timedelta(minutes=9)


async def test_an_admin_does_nothing_to_an_incident_that_goes_on(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    refused = await desk.ask("POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved"}, "admin")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("role-missing")


async def test_over_http_a_dispatcher_says_when_an_agency_of_today_answered(desk: Desk) -> None:
    await desk.classified()
    part = await desk.part("fire")
    desk.kit.clock.advance(600)
    at = desk.now - timedelta(minutes=4)
    body = {"response": "acknowledged", "spoke_to": "Pak Harun", "channel": "telephone", "at": at.isoformat()}
    answer = await desk.ask("POST", f"/v1/incidents/{part.incident_id}/forwardings/{part.id}/answers", body)
    assert answer.status_code == 200, answer.text
    shown = await part.shown()
    assert datetime.fromisoformat(shown["acknowledged_at"]) == at
    timeline = await desk.ask("GET", f"/v1/incidents/{part.incident_id}/timeline")
    [entry] = [one for one in timeline.json()["items"] if one["type"] == "sigap.IncidentAcknowledged.v1"]
    assert "dicatat oleh tester" in entry["in_words"]["id"]

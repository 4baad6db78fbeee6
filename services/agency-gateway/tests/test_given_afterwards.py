"""An agency says afterwards when it acknowledged, declined, or reached a step."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from gateway_histories import (
    FIRST,
    TEN,
    Ask,
    a_forwarding,
    at,
    forwarded,
    forwardings,
    hear,
    progress_elsewhere,
    revised,
    withdrawn,
)

from sigap_agency_gateway.domain.answers import Acknowledge, Command, Decline, Report
from sigap_agency_gateway.domain.forwarding import Forwarding, State
from sigap_common.contracts.agencies import AgencyResponded
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.incidents import Progress
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_testing.kit import Kit
from sigap_testing.refusals import faults_of

ACK = Acknowledge(by="pos", channel="api")
DECLINE = Decline(by="pos", channel="api", reason="no_unit")
HOUR = 3600
given, when = forwardings.given, forwardings.when


def report(step: str, seconds: float | None = None, text: str | None = None) -> Report:
    beside = SaidBeside(text=Sealed(text) if text else None)
    moment = None if seconds is None else at(seconds)
    return Report(by="pos", channel="api", progress=Progress(step), beside=beside, at=moment)


def said(state: Forwarding, command: Command, seconds: float = HOUR) -> list[tuple[str, datetime]]:
    """The answers that follow from the command an hour after the forwarding: each with its time."""
    events = [event for event in when(state, command, seconds) if isinstance(event, AgencyResponded)]
    assert all(event.recorded_at == at(seconds) for event in events)
    return [(event.response.value, event.at) for event in events]


@pytest.mark.parametrize("command", [ACK, DECLINE, report("on_scene")])
def test_each_answer_keeps_the_time_that_its_agency_gives(command: Command) -> None:
    events = when(a_forwarding(), replace(command, at=at(40)), HOUR)
    answers = [event for event in events if isinstance(event, AgencyResponded)]
    assert {(event.at, event.recorded_at, event.clock) for event in answers} == {(at(40), at(HOUR), "agency")}


def test_a_step_that_was_passed_is_reported_afterwards() -> None:
    there = given(a_forwarding(), (0, ACK), (600, report("on_scene")))
    with pytest.raises(NotAllowed):
        when(there, report("en_route"), HOUR)
    assert said(there, report("en_route", 90)) == [("en_route", at(90))]
    after = given(there, (HOUR, report("en_route", 90)))
    assert after.state is State.ON_SCENE


def test_an_earlier_time_of_a_step_is_kept_and_the_same_one_is_a_repeat() -> None:
    there = given(a_forwarding(), (0, ACK), (600, report("on_scene")))
    assert said(there, report("on_scene", 500)) == [("on_scene", at(500))]
    after = given(there, (HOUR, report("on_scene", 500)))
    assert said(after, report("on_scene", 500)) == []
    assert said(after, report("on_scene", 550)) == []


def test_two_answers_of_a_kind_never_have_the_same_time() -> None:
    there = given(a_forwarding(), (0, ACK), (600, report("on_scene", 500)))
    assert said(there, report("on_scene", 500, "atap runtuh")) == [("on_scene", at(500.000001))]


def test_a_clock_that_is_ahead_moves_no_time() -> None:
    ahead = given(a_forwarding(), (60, replace(ACK, at=at(300))))
    assert [answer.at for answer in ahead.answers] == [at(60)]
    assert said(ahead, report("on_scene"), 120) == [("on_scene", at(120))]


def test_what_was_said_later_holds_whenever_it_was_recorded() -> None:
    coming = given(a_forwarding(), (100, ACK), (HOUR, replace(DECLINE, at=at(50))))
    assert coming.state is State.ACKNOWLEDGED
    not_coming = given(a_forwarding(), (100, ACK), (HOUR, replace(DECLINE, at=at(150))))
    assert not_coming.state is State.DECLINED


def test_a_time_that_the_agency_gives_proves_no_delivery() -> None:
    state = given(a_forwarding(), (HOUR, replace(ACK, at=at(1))))
    assert state.delivered_at == at(HOUR)


def wrong(state: Forwarding, command: Command, seconds: float = HOUR) -> list[str]:
    with pytest.raises(Invalid) as refused:
        when(state, command, seconds)
    assert [fault.place[-1] for fault in faults_of(refused)] == ["at"]
    return [fault.kind for fault in faults_of(refused)]


@pytest.mark.parametrize("command", [ACK, DECLINE, report("on_scene")])
def test_a_time_that_cannot_be_is_refused(command: Command) -> None:
    late, state = 25 * HOUR, a_forwarding()
    assert wrong(state, replace(command, at=at(HOUR + 301))) == ["in_future"]
    assert wrong(state, replace(command, at=at(-1))) == ["before_what_it_answers"]
    assert wrong(state, replace(command, at=at(HOUR - 1)), late) == ["older_than_a_day"]
    assert said(state, replace(command, at=at(HOUR + 300)))
    assert said(state, replace(command, at=at(0)))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        when(a_forwarding(), replace(ACK, revision=9, at=at(-1)), HOUR)
    assert [fault.kind for fault in faults_of(refused)] == ["revision_unknown", "before_what_it_answers"]


def test_a_backfilled_forwarding_takes_times_of_any_age() -> None:
    paper = a_forwarding(forwarded(backfilled=True))
    assert said(paper, replace(ACK, at=at(60)), 30 * 24 * HOUR) == [("acknowledged", at(60))]


def test_a_stand_down_is_confirmed_after_the_withdrawal_and_not_before() -> None:
    called_off = given(a_forwarding(), (10, ACK), withdrawn(stand_down=True))
    assert wrong(called_off, replace(ACK, at=at(19))) == ["before_what_it_answers"]
    assert given(called_off, (HOUR, replace(ACK, at=at(25)))).stood_down_at == at(25)
    earlier = given(called_off, (HOUR, report("done", 15)))
    assert earlier.stood_down_at == at(20), "it was done before anybody called it off"


def test_a_copy_that_began_with_a_later_revision_takes_times_since_the_call() -> None:
    later = a_forwarding(revised())
    assert said(later, replace(ACK, at=TEN)) == [("acknowledged", TEN)]
    assert wrong(later, replace(ACK, at=TEN - timedelta(seconds=1))) == ["before_what_it_answers"]


PATH = f"/v1/forwardings/{FIRST}"
OTHER = UUID("018dbf52-8f10-7b3a-a3c4-0c1d2e3f4a99")


async def posted(kit: Kit, ask: Ask, way: str, body: dict[str, Any], minutes: float) -> httpx.Response:
    """The answer to a request that gives a time so many minutes ago."""
    moment = kit.clock() - timedelta(minutes=minutes)
    return await ask("POST", f"{PATH}/{way}", body | {"at": moment.isoformat()})


async def test_over_http_list_and_event_have_both_times(kit: Kit, ask: Ask) -> None:
    now = kit.clock()
    await hear(kit, forwarded().model_copy(update={"at": now, "recorded_at": now}))
    kit.clock.advance(HOUR)
    for way, body in (("acknowledge", {}), ("progress", {"progress": "on_scene"})):
        answer = await posted(kit, ask, way, body, 30)
        assert answer.status_code == 200, answer.text
        last = answer.json()["answers"][-1]
        assert datetime.fromisoformat(last["recorded_at"]) - datetime.fromisoformat(last["at"]) == timedelta(minutes=30)
    heard = [one.event for one in await kit.said(AgencyResponded)]
    assert {(event.at, event.clock) for event in heard} == {(kit.clock() - timedelta(minutes=30), "agency")}


@pytest.mark.parametrize(
    ("way", "body"),
    [("acknowledge", {}), ("decline", {"reason": "no_unit"}), ("progress", {"progress": "en_route"})],
)
async def test_over_http_a_time_that_cannot_be_is_a_clear_problem(
    kit: Kit, ask: Ask, way: str, body: dict[str, Any]
) -> None:
    now = kit.clock()
    await hear(kit, forwarded().model_copy(update={"at": now, "recorded_at": now}))
    for minutes, words in ((1, "Mendahului yang dijawabnya"), (-6, "Lebih dari 5 menit di depan")):
        answer = await posted(kit, ask, way, body, minutes)
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert error["pointer"] == "#/at"
        assert words in error["detail"]
    assert (await ask("GET", PATH)).json()["answers"] == []


async def test_a_unit_that_went_on_stays_where_it_went(kit: Kit, ask: Ask) -> None:
    now = kit.clock()
    stamp = {"at": now, "recorded_at": now}
    other = forwarded(OTHER, incident_number="9901-20240219-0002").model_copy(update=stamp)
    await hear(kit, forwarded().model_copy(update=stamp), other)
    kit.clock.advance(HOUR)
    body = {"progress": "en_route", "units": ["Damkar 1"]}
    assert (await ask("POST", f"/v1/forwardings/{OTHER}/progress", body)).status_code == 200
    answer = await posted(kit, ask, "progress", body, 30)
    assert answer.status_code == 200, answer.text
    refused = await ask("POST", f"{PATH}/progress", {"progress": "on_scene", "units": ["Damkar 1"]})
    assert refused.status_code == 409, "it works for the other incident"
    assert "0002" in refused.text


async def test_what_the_centre_recorded_moves_no_unit_that_went_on(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), forwarded(OTHER, incident_number="9901-20240219-0002"))
    kit.clock.advance(60)
    body = {"progress": "en_route", "units": ["Damkar 1"]}
    assert (await ask("POST", f"/v1/forwardings/{OTHER}/progress", body)).status_code == 200
    await hear(kit, progress_elsewhere("en_route", units=("DAMKAR 1",), at=TEN), sequence=3)
    again = await ask("POST", f"/v1/forwardings/{OTHER}/progress", body | {"progress": "on_scene"})
    assert again.status_code == 200, again.text

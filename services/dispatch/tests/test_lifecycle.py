"""Incidents that are cancelled, and closed ones that are reopened."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from services.dispatch.tests.dispatch_histories import REGENCY, Desk, History, Shown, a_pack, forwarded_to, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentClosed,
    IncidentForwarded,
    IncidentState,
)
from sigap_common.contracts.proposals import ForwardingProposed
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.core.errors import Forbidden, Invalid, NotAllowed
from sigap_dispatch.domain.commands import Amend, Close, Command, RecordAnswer, Tick, Withdraw
from sigap_dispatch.domain.lifecycle import Cancel, Reopen
from sigap_dispatch.domain.state.alarms import NO_AGENCY_AFTER
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_testing.histories import then

HOUR = 3600
"""Seconds: the pack's time to reopen an incident in one step."""


def proposed_to(history: History) -> dict[str, str]:
    """The codes of the proposed agencies, and why."""
    return {one.agency.partition("/")[2]: one.reason.value for one in history.incident.proposals}


def test_a_cancelled_incident_calls_off_who_had_not_acknowledged_and_stands_down_who_had(history: History) -> None:
    history.opens("fire")
    history.responds("fire", Response.ACKNOWLEDGED)
    events = history.when(Cancel("anak bermain"))
    then(events, ForwardingWithdrawn, ForwardingWithdrawn, IncidentClosed)
    assert {e.reason for e in only(ForwardingWithdrawn, events)} == {"cancelled"}
    assert (history.incident.state, history.incident.disposition) == (IncidentState.CLOSED, "cancelled")
    assert history.forwarding("fire").state is ForwardingState.STANDING_DOWN
    assert history.forwarding("police").state is ForwardingState.WITHDRAWN
    with pytest.raises(NotAllowed, match="incident-closed") as refused:
        history.when(Cancel("lagi"))
    assert refused.value.params["state"] is IncidentState.CLOSED


def test_after_a_mis_click_every_agency_gets_its_part_back_and_acknowledges_again(history: History) -> None:
    history.opens("fire")
    history.responds("fire", Response.ACKNOWLEDGED, Response.EN_ROUTE)
    history.at(60).when(Close("resolved"))
    events = history.at(65).when(Reopen())
    then(events, IncidentReopened, ForwardingRevised, ForwardingRevised)
    for revised in only(ForwardingRevised, events):
        assert (revised.reason, revised.revision, revised.needs_acknowledgement) == ("reopened", 3, True)
        assert revised.acknowledge_by == history.now + timedelta(seconds=60)
    assert history.incident.state is IncidentState.EN_ROUTE
    assert history.forwarding("police").state is ForwardingState.FORWARDED
    history.responds("fire", Response.ACKNOWLEDGED, revision=3)
    assert not history.forwarding("fire").needs_acknowledgement


def test_an_agency_whose_unit_has_turned_back_gets_a_new_forwarding(history: History) -> None:
    history.opens("fire")
    history.responds("fire", Response.ACKNOWLEDGED)
    history.when(Close("resolved"))
    history.responds("fire", Response.ACKNOWLEDGED, revision=2)
    events = history.when(Reopen())
    assert forwarded_to(events) == ["fire"]
    assert [e.agency for e in only(ForwardingRevised, events)] == [f"{REGENCY}/police"]
    [again] = only(IncidentForwarded, events)
    assert (again.role, again.automatic) == ("fire", True)


def test_reopening_undoes_neither_withdrawals_nor_declines_nor_what_is_done(history: History) -> None:
    history.opens("fire", priority=1)
    history.when(Withdraw(history.forwarding("police").id, "tidak perlu"))
    history.responds("ambulance", Response.DECLINED)
    history.responds("fire", Response.DONE)
    history.when(Close("resolved"))
    events = history.when(Reopen())
    assert forwarded_to(events) == []
    assert only(ForwardingRevised, events) == []
    assert proposed_to(history) == {"ambulance": "declined_before"}
    assert history.incident.state is IncidentState.DONE


def test_proposals_that_lapsed_with_the_closing_come_back(history: History) -> None:
    history.opens("medical")
    history.when(Close("resolved"))
    history.when(Reopen())
    assert proposed_to(history) == {"ambulance": "by_plan"}


def test_after_the_packs_time_a_supervisor_reopens_with_a_reason_and_agencies_are_only_proposed(
    history: History,
) -> None:
    history.opens("fire")
    history.responds("fire", Response.ACKNOWLEDGED)
    history.when(Close("resolved"))
    history.at(HOUR)
    with pytest.raises(Forbidden):
        history.when(Reopen("api menyala lagi"))
    with pytest.raises(Invalid):
        history.when(Reopen(by_supervisor=True))
    events = history.when(Reopen("api menyala lagi", by_supervisor=True))
    assert (forwarded_to(events), only(ForwardingRevised, events)) == ([], [])
    assert proposed_to(history) == {"fire": "reopened", "police": "reopened"}
    assert history.forwarding("fire").state is ForwardingState.STANDING_DOWN, "its unit still has to turn back"
    late = history.at(HOUR + NO_AGENCY_AFTER.total_seconds()).when(Tick())
    assert "no_agency" in [raised.kind for raised in only(AlarmRaised, late)]


def test_only_a_closed_incident_is_reopened(history: History) -> None:
    history.opens("fire")
    with pytest.raises(NotAllowed, match="incident-open") as refused:
        history.when(Reopen())
    assert refused.value.params["state"] is IncidentState.FORWARDED


def test_a_plan_that_is_read_again_after_a_reopening_tells_nobody_whose_part_ended_with_the_closing(
    history: History,
) -> None:
    history.opens("fire")
    history.when(Close("resolved"))
    history.at(HOUR).when(Reopen("lagi", by_supervisor=True))
    assert forwarded_to(history.when(Amend(priority=1))) == ["ambulance"]


def test_the_packs_rule_does_not_close_again_what_a_person_reopened() -> None:
    history = History(a_pack(closing={"when_all_ended": "automatic", "disposition": "doused"}))
    history.opens("domestic_violence")
    history.responds("police", Response.DONE)
    assert history.incident.closed_at
    events = history.when(Reopen())
    assert not only(IncidentClosed, events)
    assert not only(ForwardingProposed, events)
    assert history.incident.state is IncidentState.DONE
    history.when(RecordAnswer(history.forwarding("police").id, Response.DONE, "radio", "Pak Harun"))
    assert history.incident.state is IncidentState.DONE, "it had been done before"


def test_an_answer_from_before_the_reopening_is_kept_and_the_change_still_waits(history: History) -> None:
    history.opens("fire")
    history.responds("fire", Response.ACKNOWLEDGED)
    commands: list[Command] = [Close("resolved"), Reopen()]
    history.when(*commands)
    history.responds("fire", Response.ACKNOWLEDGED, revision=2)
    part = history.forwarding("fire")
    assert (part.state, part.needs_acknowledgement) == (ForwardingState.ACKNOWLEDGED, True)
    assert part.due_at


@pytest.fixture
async def incident(desk: Desk) -> Shown:
    await desk.classified()
    return await desk.incident()


async def step(desk: Desk, incident: Shown, name: str, body: dict[str, str], *roles: str) -> tuple[int, Shown]:
    answer = await desk.ask("POST", f"/v1/incidents/{incident['id']}/{name}", body, *roles)
    return answer.status_code, answer.json()


async def test_an_operator_reopens_in_one_step_what_was_closed_by_mistake(desk: Desk, incident: Shown) -> None:
    status, closed = await step(desk, incident, "close", {"disposition": "resolved"})
    assert (status, closed["state"]) == (200, "closed")
    assert closed["reopen_until"]
    status, reopened = await step(desk, incident, "reopen", {}, "operator")
    assert (status, reopened["state"], reopened["closed_at"]) == (200, "forwarded", None)
    assert [one["id"] for one in await desk.incidents(open="true")] == [incident["id"]]
    assert (await desk.timeline(incident)).count("IncidentReopened") == 1


async def test_only_a_dispatcher_cancels_and_only_a_supervisor_reopens_late(desk: Desk, incident: Shown) -> None:
    reason = {"reason": "anak bermain"}
    assert (await step(desk, incident, "cancel", reason, "operator"))[0] == 403
    status, cancelled = await step(desk, incident, "cancel", reason)
    assert (status, cancelled["state"], cancelled["disposition"]) == (200, "closed", "cancelled")
    status, again = await step(desk, incident, "cancel", reason)
    assert (status, again["state"]) == (409, "closed")
    desk.kit.clock.advance(HOUR)
    status, late = await step(desk, incident, "reopen", reason)
    assert (status, late["type"].rpartition("/")[2]) == (403, "forbidden")
    status, empty = await step(desk, incident, "reopen", {}, "supervisor")
    assert (status, empty["errors"][0]["code"]) == (422, "reopening_needs_reason")
    assert (await step(desk, incident, "reopen", reason, "supervisor"))[0] == 200


async def test_closing_and_reopening_at_the_same_moment_leave_one_state_that_both_read(
    desk: Desk, incident: Shown
) -> None:
    await step(desk, incident, "close", {"disposition": "resolved"})
    both = step(desk, incident, "close", {"disposition": "doused"}), step(desk, incident, "reopen", {})
    (closing, refused), (reopening, _) = await asyncio.gather(*both)
    assert reopening == 200
    after = await desk.incident()
    timeline = await desk.timeline(incident)
    if closing == 200:
        assert (after["state"], after["disposition"]) == ("closed", "doused")
        assert timeline.count("IncidentClosed") == 2
    else:
        assert (closing, refused["state"], after["state"]) == (409, "closed", "forwarded")


async def closed_and_named_again(desk: Desk) -> tuple[Shown, Shown]:
    """An incident that was closed, and the one that a further call opened by naming it."""
    await desk.classified(1)
    first = await desk.incident()
    assert (await step(desk, first, "close", {"disposition": "resolved"}))[0] == 200
    await desk.classified(2, same=UUID(first["id"]))
    [named] = [one for one in await desk.incidents() if one["id"] != first["id"]]
    [closed] = [one for one in await desk.incidents() if one["id"] == first["id"]]
    return closed, named


async def test_a_call_that_names_a_closed_incident_opens_its_own_and_reopening_is_proposed(desk: Desk) -> None:
    closed, named = await closed_and_named_again(desk)
    assert (named["linked_to"], named["linked_reopen_until"]) == (closed["id"], closed["reopen_until"])
    assert {part["state"] for part in named["forwardings"]} == {"forwarded"}, "help does not wait for the answer"
    status, reopened = await step(desk, closed, "reopen", {"other": named["id"]}, "operator")
    assert (status, reopened["state"], reopened["reports"], reopened["unread_reports"]) == (200, "forwarded", 2, 1)
    [after] = [one for one in await desk.incidents() if one["id"] == named["id"]]
    assert (after["state"], after["merged_into"]) == ("merged", closed["id"])


async def test_of_two_who_reopen_with_the_further_call_the_second_reads_the_state(desk: Desk) -> None:
    closed, named = await closed_and_named_again(desk)
    both = [step(desk, closed, "reopen", {"other": named["id"]}) for _ in range(2)]
    answers = sorted(await asyncio.gather(*both), key=lambda answer: answer[0])
    assert [status for status, _ in answers] == [200, 409]
    assert (answers[1][1]["state"], answers[0][1]["reports"]) == ("forwarded", 2)


async def test_after_the_packs_time_a_named_incident_is_linked_but_reopening_is_not_proposed(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    await step(desk, first, "close", {"disposition": "resolved"})
    desk.kit.clock.advance(HOUR)
    await desk.classified(2, same=UUID(first["id"]))
    [named] = [one for one in await desk.incidents() if one["id"] != first["id"]]
    assert (named["linked_to"], named["linked_reopen_until"]) == (first["id"], None)


@pytest.mark.parametrize(
    ("other", "code"), [("itself", "merge_with_itself"), ("018dbf54-0c40-7d11-8f2a-6b7c8d9e0f11", "incident_unknown")]
)
async def test_reopening_with_what_cannot_be_merged_changes_nothing(desk: Desk, other: str, code: str) -> None:
    closed, _ = await closed_and_named_again(desk)
    body = {"other": closed["id"] if other == "itself" else other}
    status, refused = await step(desk, closed, "reopen", body)
    assert (status, [(one["pointer"], one["code"]) for one in refused["errors"]]) == (422, [("#/other", code)])
    [after] = [one for one in await desk.incidents() if one["id"] == closed["id"]]
    assert (after["state"], after["version"]) == ("closed", closed["version"])

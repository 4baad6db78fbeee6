"""Likely duplicates: suggested, waited for, rejected, linked, merged and unmerged."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from services.dispatch.tests.dispatch_histories import (
    INCIDENT_ID,
    MARKET,
    NOON,
    REGENCY,
    Desk,
    History,
    Shown,
    a_call,
    a_note,
    a_pack,
    away,
    call_id,
    forwarded_to,
    only,
)

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmCleared
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import CallClass
from sigap_common.contracts.duplicates import (
    DuplicateRejected,
    DuplicateSuggested,
    DuplicateWaitEnded,
    IncidentAbsorbed,
    IncidentLinked,
    IncidentMerged,
    IncidentReleased,
    IncidentUnmerged,
)
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    IncidentAcknowledged,
    IncidentForwarded,
    IncidentUpdated,
)
from sigap_common.contracts.proposals import ForwardingProposed, ProposalReason
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_dispatch.domain.attention import Reason, attention
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, Numbered, OpenFromCall, Tick, Withdraw
from sigap_dispatch.domain.duplicates import (
    WAIT,
    Absorb,
    CompareAgain,
    HideDuplicate,
    Link,
    Merge,
    ReadReports,
    RejectDuplicate,
    Release,
    Unmerge,
    scene_of,
)
from sigap_dispatch.domain.matching import Scene
from sigap_dispatch.domain.proposals import DismissProposal, TakeProposal
from sigap_dispatch.domain.reports import SeparateReport
from sigap_dispatch.main import service
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_testing.kit import another_process

AMBULANCE = f"{REGENCY}/ambulance"
OTHER_ID = uuid5(INCIDENT_ID, "the other")


class Other(History):
    """A second incident beside the first."""

    def __init__(self, *, drill: bool = False, regency: str = REGENCY) -> None:
        super().__init__(a_pack(code=regency), drill=drill, subject=OTHER_ID)


@pytest.fixture
def other() -> Other:
    """A fire at the market, forwarded to fire and police."""
    opened = Other()
    opens(opened, number="CTH-20240219-0009")
    return opened


def opens(
    history: History, *around: Scene, kind: str | None = "fire", number: str = "CTH-20240219-0001", **told: Any
) -> list[Event]:
    numbered = Numbered(number, NOON.date())
    return history.when(OpenFromCall(numbered, call_id(7), a_call(**told), kind, 2, history.now, around=around))


def near(other: History) -> Scene:
    return scene_of(other.incident)


# --- the suggestion, and the wait


def test_a_likely_duplicate_is_suggested_and_agencies_on_it_wait(history: History, other: Other) -> None:
    events = opens(history, near(other))
    [suggested] = only(DuplicateSuggested, events)
    assert (suggested.other, suggested.other_number) == (OTHER_ID, "CTH-20240219-0009")
    assert suggested.waiting == (f"{REGENCY}/fire", f"{REGENCY}/police")
    assert forwarded_to(events) == []
    assert history.incident.due_at == NOON + WAIT
    assert history.replayed() == history.incident


def test_an_agency_that_is_not_on_the_duplicate_is_told_at_once(history: History, other: Other) -> None:
    alone = replace(near(other), agencies=frozenset({f"{REGENCY}/fire"}))
    events = opens(history, alone)
    assert forwarded_to(events) == ["police"]


@pytest.mark.parametrize(("seconds", "told"), [(8.999, []), (9, ["fire", "police"])])
def test_after_the_wait_agencies_are_told_with_the_number(
    history: History, other: Other, seconds: float, told: list[str]
) -> None:
    opens(history, near(other))
    events = history.at(seconds).when(Tick())
    assert forwarded_to(events) == told
    assert all(e.content.possibly_same_as == "CTH-20240219-0009" for e in only(IncidentForwarded, events))
    assert len(only(DuplicateWaitEnded, events)) == bool(told)
    assert forwarded_to(history.at(seconds + 5).when(Tick())) == ([] if told else ["fire", "police"])


def test_an_incident_that_a_report_has_now_is_suggested_no_longer(history: History, other: Other) -> None:
    opens(history, near(other))
    history.reported_by(2)
    events = history.at(2).when(SeparateReport(call_id(2), 2, other.incident), by="dodi")
    assert (history.incident.suggestions, history.incident.links) == ((), (OTHER_ID,))
    assert forwarded_to(events) == ["fire", "police"]


@pytest.mark.parametrize(
    "settles", [lambda other: Link(other.incident), lambda other: HideDuplicate(other.incident.id)]
)
def test_on_a_closed_incident_nobody_is_told_any_more(history: History, other: Other, settles: Any) -> None:
    opens(history, near(other))
    history.at(2).when(Close("resolved"), by="dodi")
    events = history.at(3).when(settles(other), by="dodi")
    assert (forwarded_to(events), history.incident.suggestions) == ([], ())
    assert not any(part.is_open for part in history.incident.forwardings)


def test_a_no_tells_the_waiting_agencies_at_once_and_is_not_asked_again(history: History, other: Other) -> None:
    opens(history, near(other))
    events = history.at(2).when(RejectDuplicate(other.incident), by="ani")
    assert forwarded_to(events) == ["fire", "police"]
    assert [e.content.possibly_same_as for e in only(IncidentForwarded, events)] == [None, None]
    assert history.incident.suggestions == ()
    assert history.when(RejectDuplicate(other.incident)) == []
    assert history.when(CompareAgain((near(other),))) == []
    assert other.when(CompareAgain((near(history),))) == [], "nor by the other one"


def test_a_no_after_the_wait_tells_agencies_that_it_is_settled(history: History, other: Other) -> None:
    opens(history, near(other))
    history.at(9).when(Tick())
    revised = only(ForwardingRevised, history.at(60).when(RejectDuplicate(other.incident)))
    assert [e.content.possibly_same_as for e in revised] == [None, None]


def test_a_retyping_during_the_wait_does_not_tell_who_waits(history: History, other: Other) -> None:
    opens(history, near(other))
    events = history.at(1).when(Amend(incident_type="traffic_accident"))
    assert forwarded_to(events) == ["transport"]
    assert forwarded_to(history.at(9).when(Tick())) == ["police"]


def test_late_entries_and_protected_ones_are_not_compared(other: Other) -> None:
    late, kdrt = History(a_pack()), History(a_pack())
    opens(late, near(other), backfilled=True)
    opens(kdrt, near(other), kind="domestic_violence")
    assert (late.incident.suggestions, kdrt.incident.suggestions) == ((), ())


def test_an_agency_that_is_only_proposed_does_not_wait(history: History, other: Other) -> None:
    """A person decides about it anyhow."""
    on_it = replace(near(other), incident_type="medical", agencies=frozenset({AMBULANCE}))
    events = opens(history, on_it, kind="medical")
    assert [e.waiting for e in only(DuplicateSuggested, events)] == [()]
    assert [e.agency for e in only(ForwardingProposed, events)] == [AMBULANCE]


def test_the_end_of_the_wait_does_not_tell_whom_a_person_withdrew(history: History, other: Other) -> None:
    opens(history, near(other))
    police = f"{REGENCY}/police"
    history.at(1).when(AddAgency(police), by="ani")
    history.at(2).when(Withdraw(history.forwarding("police").id, "tidak perlu"), by="ani")
    events = history.at(9).when(Tick())
    assert forwarded_to(events) == ["fire"]
    assert [(e.agency, e.reason) for e in only(ForwardingProposed, events)] == [
        (police, ProposalReason.WITHDRAWN_BEFORE)
    ]


# --- link, merge, unmerge


def test_a_merger_ends_proposals_and_its_end_makes_those_that_nobody_dismissed_again(
    history: History, other: Other
) -> None:
    opens(history, kind="medical")
    merged(history, other)
    assert history.incident.proposals == ()
    events = history.when(Unmerge(other.incident), by="ani")
    assert [e.agency for e in only(ForwardingProposed, events)] == [AMBULANCE]
    history.when(DismissProposal(AMBULANCE), by="ani")
    merged(history, other)
    assert only(ForwardingProposed, history.when(Unmerge(other.incident), by="ani")) == []


def test_an_agency_that_goes_with_a_merger_keeps_its_role(history: History, other: Other) -> None:
    opens(history, kind="medical")
    history.when(TakeProposal(AMBULANCE), by="ani")
    events = merged(history, other)
    assert [(e.agency, e.role) for e in only(IncidentForwarded, events)] == [(AMBULANCE, "ambulance")]


def test_unread_reports_want_attention_and_a_merged_incident_leaves_the_board(history: History, other: Other) -> None:
    opens(history)
    merged(history, other)
    assert attention(history.incident) is None
    for code in ("fire", "police"):
        other.responds(code, Response.ACKNOWLEDGED)
    found = attention(other.incident)
    assert found
    assert found.reason is Reason.UNREAD_REPORTS
    other.when(ReadReports(2))
    found = attention(other.incident)
    assert found
    assert found.reason is not Reason.UNREAD_REPORTS


def test_linked_incidents_are_both_worked_on(history: History, other: Other) -> None:
    opens(history, near(other))
    events = history.when(Link(other.incident))
    assert len(only(IncidentLinked, events)) == 1
    assert forwarded_to(events) == ["fire", "police"]
    assert history.when(Link(other.incident)) == []


def merged(history: History, other: History) -> list[Event]:
    """What the other one's events are."""
    before, into = history.incident, other.incident
    history.when(Merge(into), by="ani")
    return other.when(Absorb(before, before.started_at, before.answered_at), by="ani")


def test_a_merged_incident_ends_and_the_other_gets_its_agencies_notes_and_reports(
    history: History, other: Other
) -> None:
    opens(history, kind="traffic_accident", notes=(a_note("dua motor"),))
    history.reported_by(2)
    events = merged(history, other)
    [absorbed] = only(IncidentAbsorbed, events)
    assert (absorbed.reports, other.incident.reports) == (2, 3)
    assert (other.incident.unread_reports, other.incident.next_report) == (2, 4)
    assert forwarded_to(events) == ["transport"], "police is on it already"
    assert "dua motor" in [note.text.clear for note in other.incident.notes]
    assert history.incident.state == "merged"
    assert {f.state for f in history.incident.forwardings} == {"withdrawn"}
    assert (history.incident.due_at, history.incident.alarms) == (None, ())
    assert history.replayed() == history.incident
    assert other.replayed() == other.incident


def test_the_alarms_of_a_merged_incident_end(history: History, other: Other) -> None:
    opens(history)
    history.at(100).when(Tick())
    assert history.incident.alarms
    assert only(AlarmCleared, history.when(Merge(other.incident)))
    assert history.incident.alarms == ()


def test_an_agency_that_answers_a_merged_incident_is_not_turned_back(history: History, other: Other) -> None:
    opens(history)
    merged(history, other)
    events = history.responds("fire", Response.ACKNOWLEDGED)
    assert [type(event).__name__ for event in events] == ["IncidentAcknowledged"]


def test_an_answer_that_crosses_a_merger_asks_nobody_to_turn_back(history: History, other: Other) -> None:
    opens(history)
    history.at(5).when(Amend(place=away(3)), by="sari")
    merged(history, other)
    events = history.at(9).responds("fire", Response.ACKNOWLEDGED)
    assert [event.overtaken for event in only(IncidentAcknowledged, events)] == [True]
    assert history.forwarding("fire").state == "withdrawn"
    assert not history.incident.needs_somebody, "it works for the other one, and nobody waits for it here"


def test_unmerging_restores_both(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    merged(history, other)
    before, reports = history.incident, other.incident.reports
    events = history.at(60).when(Unmerge(other.incident), by="ani")
    assert len(only(IncidentUnmerged, events)) == 1
    assert forwarded_to(events) == ["police", "transport"]
    assert history.incident.state == "forwarded"
    [released] = only(IncidentReleased, other.at(60).when(Release(before, NOON, None)))
    assert released.proposed_withdrawals == (f"{REGENCY}/transport",)
    assert other.incident.reports == reports - 1 == 1
    assert other.incident.unread_reports == 0
    assert [f.state for f in other.incident.forwardings if f.withdrawn_at] == [], "no rule turns anybody back"
    assert history.when(CompareAgain((near(other),))) == [], "a person said that they are two"


def test_what_cannot_be_merged_is_refused_and_changes_nothing(history: History, other: Other) -> None:
    opens(history)
    with pytest.raises(Invalid) as refused:
        history.when(Merge(history.incident))
    assert kinds(refused.value) == ["merge_with_itself"]
    drill, abroad = Other(drill=True), Other(regency="99.02")
    for one, kind in ((drill, "merge_drill_with_real"), (abroad, "merge_other_regency")):
        opens(one)
        with pytest.raises(Invalid) as refused:
            history.when(Merge(one.incident))
        assert kinds(refused.value) == [kind]
    merged(history, other)
    assert history.when(Merge(other.incident)) == [], "said twice is one fact"
    with pytest.raises(NotAllowed) as ring:
        other.when(Merge(history.incident))
    assert ring.value.reason == "other-merged"
    other.when(Close("doused"))
    third = Other()
    opens(third)
    with pytest.raises(NotAllowed) as closed:
        third.when(Merge(other.incident.model_copy(update={"id": call_id(1)})))
    assert closed.value.reason == "other-closed"
    with pytest.raises(NotAllowed):
        other.when(Unmerge(None))


def test_merging_a_protected_incident_protects_the_other(history: History, other: Other) -> None:
    opens(history, kind="domestic_violence")
    assert [e for e in only(IncidentUpdated, merged(history, other)) if e.changes]
    assert other.incident.protected


def kinds(refused: Invalid) -> list[str]:
    return [fault.kind for fault in refused.errors if isinstance(fault, Fault)]


# --- on both databases


async def two_at_the_market(desk: Desk) -> tuple[Shown, Shown]:
    """The first, and the one that may be the same."""
    await desk.classified(1)
    desk.kit.clock.advance(60)
    await desk.classified(2, place=MARKET, caller_hash="h2")
    second, first = await desk.incidents()
    return first, second


async def third_beside(desk: Desk, *others: Shown) -> Shown:
    """A third incident, far from the other ones."""
    await desk.classified(3)
    known = {one["id"] for one in others}
    [third] = [one for one in await desk.incidents() if one["id"] not in known]
    return third


async def merge(desk: Desk, one: Shown, into: Shown, *roles: str) -> None:
    answer = await desk.ask("POST", path(one, "merge"), {"other": into["id"]}, *roles)
    assert answer.status_code == 200, answer.text


def path(incident: Shown, step: str) -> str:
    return f"/v1/incidents/{incident['id']}/{step}"


async def read(desk: Desk, incident: Shown) -> Shown:
    shown: Shown = (await desk.ask("GET", f"/v1/incidents/{incident['id']}")).json()
    return shown


async def test_a_call_near_an_open_incident_gets_a_suggestion_in_its_own_transaction(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    [suggestion] = second["suggestions"]
    assert (suggestion["other"], suggestion["number"]) == (first["id"], first["number"])
    assert suggestion["score"] > 0.9
    words = {reason["code"]: reason["in_words"] for reason in suggestion["reasons"]}
    assert words["near"] == {"id": "berjarak 0 m", "en": "0 m away"}
    assert words["soon"]["en"] == "reported 1 minutes apart"
    assert second["forwardings"] == []
    assert len(await desk.kit.said(DuplicateSuggested)) == 1
    desk.kit.clock.advance(9)
    async with desk.kit.runtime.transaction() as tx:
        await meet_deadlines(tx, [UUID(second["id"])])
    shown = await read(desk, second)
    assert [f["agency"] for f in shown["forwardings"]] == [f["agency"] for f in first["forwardings"]]
    assert shown["possibly_same_as"] == first["number"]


@pytest.mark.parametrize(
    "told",
    [
        {"place": away(2)},
        {"place": MARKET, "drill": True},
        {"place": MARKET, "kind": "domestic_violence"},
        {"place": MARKET, "backfilled": True, "notify": True},
    ],
)
async def test_what_is_far_a_drill_protected_or_late_is_not_suggested(desk: Desk, told: dict[str, Any]) -> None:
    await desk.classified(1)
    await desk.classified(2, **told)
    seen = await desk.ask("GET", "/v1/incidents", None, "supervisor")
    assert [one["suggestions"] for one in seen.json()["items"]] == [[], []]


async def test_a_protected_open_incident_is_never_suggested(desk: Desk) -> None:
    await desk.classified(1, kind="domestic_violence")
    await desk.classified(2, kind="domestic_violence", place=MARKET)
    await desk.classified(3, kind="fire", place=MARKET)
    seen = await desk.ask("GET", "/v1/incidents", None, "supervisor")
    assert [one["suggestions"] for one in seen.json()["items"]] == [[], [], []]


async def test_a_call_located_later_is_compared_then(desk: Desk) -> None:
    await desk.classified(1)
    await desk.classified(2, caller_hash="h2")
    await desk.located(2, MARKET)
    second, first = await desk.incidents()
    assert [one["other"] for one in second["suggestions"]] == [first["id"]]
    assert len(second["forwardings"]) == 3, "who was told stays told"


async def test_a_merge_and_its_end_over_http(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    answer = await desk.ask("POST", path(second, "merge"), {"other": first["id"]}, "operator")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["merged_into_number"]) == ("merged", first["number"])
    into = await read(desk, first)
    assert (into["reports"], into["unread_reports"]) == (2, 1)
    assert [one["id"] for one in await desk.incidents(open=True)] == [first["id"]]
    assert "IncidentMerged" in await desk.timeline(second)
    assert "IncidentAbsorbed" in await desk.timeline(first)
    again = await desk.ask("POST", path(second, "merge"), {"other": first["id"]})
    assert (again.status_code, again.json()["version"]) == (200, answer.json()["version"])
    refused = await desk.ask("POST", path(second, "close"), {"disposition": "doused"})
    assert (refused.status_code, refused.json()["state"]) == (409, "merged")
    assert refused.json()["detail"] == f"Kejadian ini sudah digabung ke {first['number']}. Tangani kejadian itu."
    back = await desk.ask("POST", path(second, "unmerge"))
    assert (back.status_code, back.json()["state"]) == (200, "forwarded")
    assert (await read(desk, first))["reports"] == 1
    assert (await desk.ask("POST", path(second, "unmerge"))).status_code == 409


async def test_calls_of_a_merged_incident_reach_the_one_that_is_worked_on(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    await desk.ask("POST", path(second, "merge"), {"other": first["id"]})
    await desk.noted(2, "ada korban")
    await desk.classified(3, same=UUID(second["id"]))
    shown = await read(desk, first)
    assert shown["reports"] == 3
    assert "ada korban" in [note["text"] for note in shown["notes"]]
    assert [i["id"] for i in await desk.incidents(call_id=call_id(3))] == [first["id"]]
    await desk.corrected(2, CallClass.PRANK, None)
    assert not (await read(desk, first))["doubted"], "others reported it too"


async def test_of_two_merges_into_each_other_one_wins(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    async with another_process(desk.kit, service) as kit:
        answers = await asyncio.gather(
            desk.ask("POST", path(first, "merge"), {"other": second["id"]}),
            Desk(kit).ask("POST", path(second, "merge"), {"other": first["id"]}),
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await desk.incidents(open=True)) == 1


async def test_a_merge_with_what_is_not_there_or_itself_is_refused(desk: Desk) -> None:
    first, _ = await two_at_the_market(desk)
    for other, code in ((str(OTHER_ID), "incident_unknown"), (first["id"], "merge_with_itself")):
        refused = await desk.ask("POST", path(first, "merge"), {"other": other})
        assert refused.status_code == 422
        assert [error["code"] for error in refused.json()["errors"]] == [code]
    assert (await desk.ask("POST", f"/v1/incidents/{OTHER_ID}/merge", {"other": first["id"]})).status_code == 404
    assert (await desk.ask("POST", path(first, "merge"), {"other": first["id"]}, "admin")).status_code == 403
    assert await desk.kit.said(IncidentMerged) == []


async def test_a_no_and_a_link_over_http(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    answer = await desk.ask("POST", path(second, "rejected-duplicates"), {"other": first["id"]}, "operator")
    assert len(answer.json()["forwardings"]) == 3
    assert len(await desk.kit.said(DuplicateRejected)) == 1
    linked = await desk.ask("POST", path(second, "links"), {"other": first["id"]})
    assert linked.json()["links"] == [first["id"]]
    assert (await read(desk, first))["links"] == [second["id"]]


async def test_unread_reports_are_counted_until_they_are_read(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    for n in (2, 3):
        await desk.classified(n, same=UUID(first["id"]))
    assert (await read(desk, first))["unread_reports"] == 2
    seen = await desk.ask("POST", path(first, "reports/read"), {"up_to": 2}, "operator")
    assert (seen.status_code, seen.json()["unread_reports"]) == (200, 1)
    assert (await desk.ask("POST", path(first, "reports/read"), {"up_to": 3})).json()["unread_reports"] == 0
    refused = await desk.ask("POST", path(first, "reports/read"), {"up_to": 4})
    assert [error["code"] for error in refused.json()["errors"]] == ["report_unknown"]


async def test_who_merges_becomes_responsible_and_who_reads_does_not(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    await desk.ask("POST", path(second, "merge"), {"other": first["id"]}, "operator")
    await desk.ask("POST", path(first, "reports/read"), {"up_to": 2})
    assert (await read(desk, first))["responsible"] is None
    await desk.ask("POST", path(second, "unmerge"), None, "operator")
    await desk.ask("POST", path(second, "merge"), {"other": first["id"]})
    assert (await read(desk, first))["responsible"] is not None
    board = (await desk.ask("GET", f"/v1/incidents/board?regency={REGENCY}")).json()
    assert [(one["id"], one["merged_into"]) for one in board["items"]] == [(first["id"], None)]


async def test_a_closed_incident_keeps_no_position_in_the_clear(desk: Desk) -> None:
    await desk.classified(1)
    incident = await desk.incident()
    await desk.ask("POST", path(incident, "close"), {"disposition": "doused"})
    await desk.classified(2, place=MARKET)
    assert [one["suggestions"] for one in await desk.incidents()] == [[], []]


async def test_old_reports_are_not_compared(desk: Desk) -> None:
    await desk.classified(1)
    desk.kit.clock.advance(timedelta(hours=2, seconds=1).total_seconds())
    await desk.classified(2, place=MARKET)
    assert [one["suggestions"] for one in await desk.incidents()] == [[], []]

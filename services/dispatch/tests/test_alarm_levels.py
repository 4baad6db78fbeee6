"""A raised alarm level tells only the agencies that are newly wanted; a lower one calls nobody off."""

import asyncio
from pathlib import Path

import pytest
from services.dispatch.tests.dispatch_histories import Desk, History, forwarded_to, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarm_levels import IncidentEscalated
from sigap_common.contracts.incidents import ForwardingWithdrawn
from sigap_common.contracts.proposals import ForwardingProposed, ProposalReason
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.regency import load_pack
from sigap_dispatch.domain.alarm_levels import SetAlarmLevel
from sigap_dispatch.domain.commands import Amend, Close, Withdraw

PACKS = sorted((Path(__file__).parents[3] / "regencies").glob("*.yaml"))
RAISED = SetAlarmLevel(2, 1, "merambat")
LOWERED = SetAlarmLevel(1, 2, "sudah terkendali")


def test_raising_adds_only_what_is_new(history: History) -> None:
    history.opens("fire")
    events = history.when(RAISED, by="dodi")
    [escalated] = only(IncidentEscalated, events)
    assert (escalated.before, escalated.alarm_level, escalated.by) == (1, 2, "dodi")
    assert forwarded_to(events) == ["transport"]
    assert (history.incident.alarm_level, history.forwarding("transport").alarm_level) == (2, 2)
    assert history.replayed() == history.incident


def test_whom_a_person_withdrew_and_who_declined_is_only_proposed_again(history: History) -> None:
    history.opens("fire")
    history.when(Withdraw(history.forwarding("police").id, "cukup"))
    history.responds("fire", Response.DECLINED)
    events = history.when(RAISED)
    assert forwarded_to(events) == ["transport"]
    assert {e.reason for e in only(ForwardingProposed, events)} == {
        ProposalReason.WITHDRAWN_BEFORE,
        ProposalReason.DECLINED_BEFORE,
    }


def test_lowering_only_proposes_withdrawals(history: History) -> None:
    history.opens("fire")
    history.when(RAISED)
    events = history.when(LOWERED)
    assert only(ForwardingWithdrawn, events) == []
    assert history.incident.proposed_withdrawals == ("99.01/transport",)
    assert forwarded_to(history.when(RAISED)) == []
    assert not history.incident.proposed_withdrawals


def test_a_raised_level_survives_a_change_of_the_priority(history: History) -> None:
    history.opens("fire")
    history.when(RAISED, Amend(priority=1))
    assert history.incident.alarm_level == 2
    assert history.incident.proposed_withdrawals == ()


def test_a_repetition_changes_nothing(history: History) -> None:
    history.opens("fire")
    history.when(RAISED)
    assert history.when(RAISED) == []


def test_who_saw_another_level_decides_again(history: History) -> None:
    history.opens("fire")
    history.when(RAISED)
    with pytest.raises(NotAllowed) as refused:
        history.when(SetAlarmLevel(1, 3, "salah"))
    assert refused.value.params["level"] == 2


def test_a_level_without_a_plan_and_a_closed_incident_are_refused(history: History) -> None:
    history.opens("fire")
    with pytest.raises(Invalid):
        history.when(SetAlarmLevel(3, 1, "lebih banyak"))
    history.when(Close("doused"))
    with pytest.raises(NotAllowed):
        history.when(RAISED)


async def test_a_dispatcher_raises_the_alarm_and_it_is_on_board_and_timeline(desk: Desk) -> None:
    await desk.classified(1)
    incident = await desk.incident()
    path = f"/v1/incidents/{incident['id']}/alarm-level"
    body = {"alarm_level": 2, "seen": 1, "reason": "merambat"}
    assert (await desk.ask("POST", path, body, "operator")).status_code == 403
    answer = await desk.ask("POST", path, body)
    assert answer.status_code == 200, answer.text
    shown = await desk.incident()
    assert shown == answer.json()
    assert shown["alarm_level"] == 2
    assert [f["agency"] for f in shown["forwardings"] if f["alarm_level"] == 2] == ["99.01/transport"]
    assert "IncidentEscalated" in await desk.timeline(shown)
    unknown = await desk.ask("POST", path, {"alarm_level": 7, "seen": 2, "reason": "lagi"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "#/alarm_level")


async def test_of_two_who_raise_and_lower_at_once_both_get_an_answer_and_no_agency_is_told_twice(desk: Desk) -> None:
    await desk.classified(1)
    incident = await desk.incident()
    path = f"/v1/incidents/{incident['id']}/alarm-level"
    await desk.ask("POST", path, {"alarm_level": 2, "seen": 1, "reason": "merambat"})
    lowered, raised = await asyncio.gather(
        desk.ask("POST", path, {"alarm_level": 1, "seen": 2, "reason": "terkendali"}),
        desk.ask("POST", path, {"alarm_level": 2, "seen": 1, "reason": "merambat"}),
    )
    level = (await desk.incident())["alarm_level"]
    assert lowered.status_code == 200
    assert (raised.status_code, level) in ((200, 1), (200, 2))
    assert (await desk.timeline(incident)).count("IncidentForwarded") == 4


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_the_shipped_packs_tell_more_of_a_fire_and_propose_more_of_a_flood(path: Path) -> None:
    pack = load_pack(path)
    for kind, told, proposed in (("fire", True, False), ("flood", False, True)):
        history = History(pack)
        history.opens(kind)
        events = history.when(RAISED)
        assert (forwarded_to(events) != [], only(ForwardingProposed, events) != []) == (told, proposed)

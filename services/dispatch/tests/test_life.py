"""Whatever is ordered and whatever happens, in any order: no impossible state, nothing lost, no fact refused."""

from datetime import datetime
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from services.dispatch.tests.dispatch_histories import (
    HARBOUR,
    MARKET,
    REGENCY,
    History,
    a_call,
    a_note,
    a_pack,
    call_id,
)

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import (
    AcknowledgementMissed,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentClosed,
    IncidentForwarded,
    IncidentState,
)
from sigap_common.contracts.zones import Zone
from sigap_common.core.errors import NotAllowed
from sigap_dispatch.domain import Forwarding, Incident
from sigap_dispatch.domain.commands import (
    AddAgency,
    AddReport,
    Amend,
    Close,
    Command,
    CorrectCall,
    DoubtCall,
    LocateFromCall,
    NoteFromCall,
    RecordAnswer,
    Respond,
    Tick,
    Withdraw,
)
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.state.forwarding import ForwardingState

ORDERS = (AddAgency, Amend, Close, RecordAnswer, Withdraw)
WHAT = ["respond", "record", "withdraw", "add", "retype", "move", "note", "report", "doubt", "correct", "tick", "close"]
Step = tuple[str, int, Response, int]
STEP = st.tuples(st.sampled_from(WHAT), st.integers(0, 3), st.sampled_from(list(Response)), st.integers(0, 90))
STEPS = st.lists(STEP, max_size=25)


def command_of(history: History, step: Step) -> Command:
    what, n, _, _ = step
    forwardings = history.incident.forwardings
    kind = ["fire", "traffic_accident", "medical", "domestic_violence"][n]
    place = [MARKET, HARBOUR][n % 2]
    if what in {"respond", "record", "withdraw"}:
        return about(forwardings[n % len(forwardings)], history.now, step) if forwardings else Tick()
    commands: dict[str, Command] = {
        "add": AddAgency(f"{REGENCY}/{['fire', 'police', 'ambulance', 'transport'][n]}"),
        "retype": Amend(incident_type=kind),
        "move": LocateFromCall(place, Zone(owner=REGENCY), n < 2, n + 1, history.now, "ani"),
        "note": NoteFromCall(a_note("lagi")),
        "report": AddReport(call_id(n + 2), a_call(place=place), kind, None, history.now),
        "doubt": DoubtCall(call_id(n + 1), history.now),
        "correct": CorrectCall(call_id(n + 1), kind, None, n == 0, history.now),
        "tick": Tick(),
        "close": Close("resolved"),
    }
    return commands[what]


def about(forwarding: Forwarding, now: datetime, step: Step) -> Command:
    what, n, response, _ = step
    commands: dict[str, Command] = {
        "respond": Respond(forwarding.id, max(1, forwarding.revision - n), response, "desk", now),
        "record": RecordAnswer(forwarding.id, response, "radio", "Pak Harun", "no_unit"),
        "withdraw": Withdraw(forwarding.id, "tidak perlu"),
    }
    return commands[what]


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, automatic=st.booleans(), drill=st.booleans())
def test_no_sequence_of_commands_and_facts_reaches_an_impossible_state(
    steps: list[Step], automatic: bool, drill: bool
) -> None:
    closing = {"when_all_ended": "automatic", "disposition": "resolved"} if automatic else {}
    history = History(a_pack(closing=closing), drill=drill)
    history.opens("fire", priority=2, with_agencies=True)
    seconds = 0.0
    for step in steps:
        seconds += step[3]
        command = command_of(history, step)
        try:
            history.at(seconds).when(command)
        except NotAllowed:
            assert isinstance(command, ORDERS), "a fact was refused"
        holds(history)
    told_once(history.events)


def holds(history: History) -> None:
    incident = history.incident
    assert history.replayed() == incident, "the events are the state"
    assert Incident.model_validate(incident.model_dump()) == incident
    if incident.closed_at:
        assert incident.state == IncidentState.CLOSED
        assert incident.due_at is None or incident.needs_somebody
        assert all(alarm.kind == AlarmKind.STAND_DOWN_UNCONFIRMED for alarm in incident.alarms)
        assert not any(f.is_open for f in incident.forwardings)
    open_agencies = [f.agency for f in incident.open_forwardings()]
    assert len(open_agencies) == len(set(open_agencies)), "an agency has one open part at most"
    assert not incident.doubted or len(incident.doubted_calls) >= incident.reports
    for forwarding in incident.forwardings:
        assert forwarding.needed_revision <= forwarding.revision
        if forwarding.state == ForwardingState.STANDING_DOWN:
            assert forwarding.acknowledged_at


def told_once(events: list[Event]) -> None:
    """Each forwarding's revisions count up by one; each revision is missed at most once; it closes at most once."""
    revisions: dict[UUID, int] = {}
    for event in events:
        if isinstance(event, IncidentForwarded | ForwardingRevised | ForwardingWithdrawn):
            assert event.revision == revisions.get(event.forwarding_id, 0) + 1
            revisions[event.forwarding_id] = event.revision
    missed = [(e.forwarding_id, e.revision) for e in events if isinstance(e, AcknowledgementMissed)]
    assert len(missed) == len(set(missed))
    assert sum(isinstance(e, IncidentClosed) for e in events) <= 1

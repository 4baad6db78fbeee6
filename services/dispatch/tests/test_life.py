"""Whatever is ordered and whatever happens, in any order: no impossible state, nothing lost, no fact refused."""

from functools import reduce
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import (
    AcknowledgementMissed,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentClosed,
    IncidentForwarded,
    IncidentState,
)
from sigap_common.core.errors import NotAllowed
from sigap_dispatch.domain import Incident, evolve
from sigap_dispatch.domain.commands import (
    AddAgency,
    AddReport,
    Amend,
    Close,
    CorrectCall,
    DoubtCall,
    LocateFromCall,
    NoteFromCall,
    RecordAnswer,
    Respond,
    Tick,
    Withdraw,
)
from sigap_dispatch.domain.state import ForwardingState

ORDERS = (AddAgency, Amend, Close, RecordAnswer, Withdraw)
WHAT = ["respond", "record", "withdraw", "add", "retype", "move", "note", "report", "doubt", "correct", "tick", "close"]
STEP = st.tuples(st.sampled_from(WHAT), st.integers(0, 3), st.sampled_from(list(Response)), st.integers(0, 90))
STEPS = st.lists(STEP, max_size=25)


def command_of(tell: Any, history: Any, step: tuple[str, int, Response, int]) -> Any:
    what, n, response, _ = step
    forwardings = history.incident.forwardings
    chosen = forwardings[n % len(forwardings)] if forwardings else None
    kind = ["fire", "traffic_accident", "medical", "domestic_violence"][n]
    place = [tell.market, tell.harbour][n % 2]
    if what in {"respond", "record", "withdraw"} and chosen is None:
        return Tick()
    return {
        "respond": lambda: Respond(chosen.id, max(1, chosen.revision - n), response, "desk", history.now),
        "record": lambda: RecordAnswer(chosen.id, response, "radio", "Pak Harun", "no_unit"),
        "withdraw": lambda: Withdraw(chosen.id, "tidak perlu"),
        "add": lambda: AddAgency(f"{tell.regency}/{['fire', 'police', 'ambulance', 'transport'][n]}"),
        "retype": lambda: Amend(incident_type=kind),
        "move": lambda: LocateFromCall(place, tell.regency, n < 2, n + 1, history.now, "ani"),
        "note": lambda: NoteFromCall(tell.note("lagi")),
        "report": lambda: AddReport(tell.call_id(n + 2), tell.call(place=place), kind, None, history.now),
        "doubt": lambda: DoubtCall(tell.call_id(n + 1), history.now),
        "correct": lambda: CorrectCall(tell.call_id(n + 1), kind, None, n == 0, history.now),
        "tick": Tick,
        "close": lambda: Close("resolved"),
    }[what]()


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, automatic=st.booleans(), drill=st.booleans())
def test_no_sequence_of_commands_and_facts_reaches_an_impossible_state(
    tell: Any, steps: list[tuple[str, int, Response, int]], automatic: bool, drill: bool
) -> None:
    closing = {"when_all_ended": "automatic", "disposition": "resolved"} if automatic else {}
    history = tell.history(tell.pack(closing=closing), drill=drill)
    history.opens("fire", priority=2, with_agencies=True)
    seconds = 0.0
    for step in steps:
        seconds += step[3]
        command = command_of(tell, history, step)
        try:
            history.at(seconds).when(command)
        except NotAllowed:
            assert isinstance(command, ORDERS), "a fact was refused"
        holds(history)
    told_once(history.events)


def holds(history: Any) -> None:
    incident = history.incident
    again = reduce(evolve, history.events[1:], evolve(bare(incident), history.events[0]))
    assert again == incident, "the events are the state"
    assert Incident.model_validate(incident.model_dump()) == incident
    if incident.closed_at:
        assert incident.state == IncidentState.CLOSED
        assert incident.due_at is None
        assert not incident.alarms
        assert not any(f.is_open for f in incident.forwardings)
    open_agencies = [f.agency for f in incident.open_forwardings()]
    assert len(open_agencies) == len(set(open_agencies)), "an agency has one open part at most"
    assert not incident.doubted or len(incident.doubted_calls) >= incident.reports
    for forwarding in incident.forwardings:
        assert forwarding.needed_revision <= forwarding.revision
        if forwarding.state == ForwardingState.STANDING_DOWN:
            assert forwarding.acknowledged_at


def bare(incident: Incident) -> Any:
    from sigap_common.core.aggregate import Aggregate

    return Aggregate(id=incident.id, regency=incident.regency, drill=incident.drill)


def told_once(events: list[Any]) -> None:
    """Each forwarding's revisions count up by one; each revision is missed at most once; it closes at most once."""
    revisions: dict[Any, int] = {}
    for event in events:
        if isinstance(event, IncidentForwarded | ForwardingRevised | ForwardingWithdrawn):
            assert event.revision == revisions.get(event.forwarding_id, 0) + 1
            revisions[event.forwarding_id] = event.revision
    missed = [(e.forwarding_id, e.revision) for e in events if isinstance(e, AcknowledgementMissed)]
    assert len(missed) == len(set(missed))
    assert sum(isinstance(e, IncidentClosed) for e in events) <= 1

"""Changes of an open incident: type, priority, place, notes, further calls, doubt."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sigap_common.contracts.calls import Note
from sigap_common.contracts.incidents import ByHand, Change, IncidentReportAdded, IncidentUpdated, RevisionReason
from sigap_common.contracts.need import with_person
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone, owner_of
from sigap_dispatch.domain.commands import (
    AddReport,
    Amend,
    CorrectCall,
    DescribeCaller,
    DoubtCall,
    LocateFromCall,
)
from sigap_dispatch.domain.content import caller_of_report, may_know_caller, place_of_report
from sigap_dispatch.domain.decided import may_set, proposed_priority
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.evolve import DOUBTED_CALL, PROTECTED
from sigap_dispatch.domain.forwarding import no_longer_wanted, revise
from sigap_dispatch.domain.notes import note_down
from sigap_dispatch.domain.plans import own_priority, wanted
from sigap_dispatch.domain.proposals import follow_plan
from sigap_dispatch.domain.state.incident import Incident

PROTECTION = Change(field=PROTECTED, before="false", after="true")


def add_report(decision: IncidentDecision, command: AddReport) -> None:
    """Adds a further call about the same incident. It fills in a missing place or type, and ends all doubt unless a
    dispatcher decided it.
    """
    call, before = command.call, decision.incident
    report = before.next_report
    own_place = call.place if before.place and call.place and not same_place(before.place, call.place) else None
    notes = call.notes
    if own_place:
        notes = (*notes, Note(at=command.at, by=None, text=place_of_report(report, own_place)))
    decision.emit(
        IncidentReportAdded(
            **decision.stamp(command.at if call.backfilled else None),
            call_id=command.call_id,
            report=report,
            caller_hash=call.caller_hash,
            place=call.place,
            notes=notes,
            received_at=call.received_at,
            answered_at=call.answered_at,
            operators=with_person((), (call.answered_by, command.by)),
            incident_type=command.incident_type,
            priority=command.priority,
            caller_number=call.number,
            caller_name=call.caller_name,
        )
    )
    if _protects(decision, command.incident_type, protected=call.protected):
        decision.emit(IncidentUpdated(**decision.stamp(), changes=(PROTECTION,)))
    if before.doubted and may_set(before, "doubted", at=None):
        decision.emit(IncidentUpdated(**decision.stamp(), doubted=False))
    kind = command.incident_type if before.incident_type is None else None
    said = Amend(kind, command.priority if kind else None, call.place if before.place is None else None, call.zone)
    amend(decision, "reported_again", said, command.at, tell_anyway=True)


def _protects(decision: IncidentDecision, kind: str | None, *, protected: bool = False) -> bool:
    """Whether the incident is protected from now on because one of its calls is, by its caller or by the type that the
    call was given: the incident has the words of that call, whatever its own type.
    """
    return not decision.incident.protected and (protected or decision.moment.pack.is_protected(kind))


def locate_from_call(decision: IncidentDecision, command: LocateFromCall) -> None:
    """Sets the incident's place if this call opened it or if it has none. Otherwise, and if a person decided the place
    later than this, it becomes a note, which agencies can read.
    """
    said_at = command.at if command.by else None
    leads = command.leads and may_set(decision.incident, "place", said_at)
    if leads or decision.incident.place is None:
        amend(decision, "located", Amend(place=command.place, zone=command.zone), said_at)
    elif not same_place(decision.incident.place, command.place):
        text = place_of_report(command.report, command.place)
        note_down(decision, Note(at=command.at, by=command.by, text=text), "located", command.report)


def describe_caller(decision: IncidentDecision, command: DescribeCaller) -> None:
    """Changes the caller of the incident, if this call opened it. Otherwise the caller becomes a note, which agencies
    can read.
    """
    if command.leads:
        decision.emit(IncidentUpdated(**decision.stamp(), caller=command.caller))
        told = decision.incident.open_forwardings()
        revise(decision, "caller_described", [f for f in told if may_know_caller(decision.incident, f.agency)])
    elif text := caller_of_report(command.report, command.caller):
        note_down(decision, Note(at=command.at, by=command.by, text=text), "noted", command.report, of_caller=True)


def doubt_call(decision: IncidentDecision, command: DoubtCall) -> None:
    """Marks the incident as doubted if no report is left undoubted, unless a dispatcher decided whether it is. It never
    closes the incident: only a dispatcher does.
    """
    before = decision.incident
    if command.call_id in before.doubted_calls:
        return
    doubted = len(before.doubted_calls) + 1 >= before.reports and may_set(before, "doubted", at=None)
    change = Change(field=DOUBTED_CALL, before=None, after=str(command.call_id))
    decision.emit(IncidentUpdated(**decision.stamp(), doubted=doubted or None, changes=(change,)))
    if doubted and not before.doubted:
        revise(decision, "doubted", list(decision.incident.open_forwardings()))


def correct_call(decision: IncidentDecision, command: CorrectCall) -> None:
    before = decision.incident
    if command.call_id in before.doubted_calls:
        change = Change(field=DOUBTED_CALL, before=str(command.call_id), after=None)
        believed = before.doubted and may_set(before, "doubted", at=None)
        decision.emit(IncidentUpdated(**decision.stamp(), doubted=False if believed else None, changes=(change,)))
        if believed:
            revise(decision, "doubted", list(decision.incident.open_forwardings()))
    if command.leads or before.incident_type is None:
        amend(decision, "retyped", Amend(command.incident_type, command.priority), command.at)
    if _protects(decision, command.incident_type):
        decision.emit(IncidentUpdated(**decision.stamp(), changes=(PROTECTION,)))
        revise(decision, "noted", list(decision.incident.open_forwardings()))


def decide_doubt(decision: IncidentDecision, doubted: bool) -> None:
    """A dispatcher decides whether the incident is doubted. From now on this does not follow from the calls."""
    before = decision.incident
    if before.doubted == doubted and before.decided.doubted is not None:
        return
    decision.emit(IncidentUpdated(**decision.stamp(), doubted=doubted, by_hand=("doubted",)))
    if before.doubted != doubted:
        revise(decision, "doubted", list(decision.incident.open_forwardings()))


def amend(
    decision: IncidentDecision, reason: RevisionReason, said: Amend, at: datetime | None, *, tell_anyway: bool = False
) -> None:
    """Changes the fields that differ. None means unchanged, but the zone always belongs to the place. `at`: when a
    person said this; None: a rule says it. What a person decided later stays.

    After a changed place, type or priority agencies must acknowledge again, and agencies that the plan wants now are
    told at once. If only the zone of the place changes, because a new pack has another border, agencies are told but
    need not acknowledge. `tell_anyway`: agencies are told even if nothing differs.
    """
    before, agencies = decision.incident, list(decision.incident.open_forwardings())
    given = _given(before, said, at)
    new = _differences(decision, given)
    rezoned = "place" in given and owner_of(said.zone) != before.zone_owner
    zoned: dict[str, Any] = {"place": said.place} if rezoned else {}
    by_hand = _newly_by_hand(before, given, new, at) if at else ()
    if new or zoned or by_hand:
        decision.emit(_updated(decision, new | zoned, said.zone, by_hand, at))
    if new or zoned or tell_anyway:
        old = before.place if "place" in new else None
        revise(decision, reason, agencies, needs=bool(new), old=old)
    if new and not before.closed_at:
        follow_plan(decision, wanted(before, decision.moment.pack))


def same_place(one: Place, other: Place) -> bool:
    return one.coordinates == other.coordinates and one.address == other.address


def _given(before: Incident, said: Amend, at: datetime | None) -> dict[ByHand, Any]:
    """The values that are said, without those that a person decided later."""
    values: dict[ByHand, Any] = {"incident_type": said.incident_type, "priority": said.priority, "place": said.place}
    return {name: value for name, value in values.items() if value is not None and may_set(before, name, at)}


def _differences(decision: IncidentDecision, given: Mapping[ByHand, Any]) -> dict[str, Any]:
    """The given values that differ. A changed type also brings its own priority, unless a person decided one."""
    before, new = decision.incident, dict[str, Any]()
    incident_type, priority, place = given.get("incident_type"), given.get("priority"), given.get("place")
    if incident_type not in (None, before.incident_type):
        new["incident_type"] = incident_type
        if priority is None and may_set(before, "priority", at=None):
            priority = own_priority(incident_type, decision.moment.pack)
    if priority not in (None, before.priority):
        new["priority"] = priority
    if place is not None and (before.place is None or not same_place(before.place, place)):
        new["place"] = place
    return new


def _newly_by_hand(
    before: Incident, given: Mapping[ByHand, Any], new: Mapping[str, Any], at: datetime
) -> tuple[ByHand, ...]:
    """The values that a person decides now: those that differ, and those that nobody decided or confirmed so late."""
    known = {name: getattr(before.decided, name) for name in given}
    return tuple(name for name in given if name in new or known[name] is None or known[name] < at)


def _updated(
    decision: IncidentDecision,
    new: Mapping[str, Any],
    zone: Zone | None,
    by_hand: tuple[ByHand, ...],
    at: datetime | None,
) -> IncidentUpdated:
    before, pack = decision.incident, decision.moment.pack
    changes = [_change(name, before, value) for name, value in new.items() if name != "place"]
    if not before.protected and pack.is_protected(new.get("incident_type")):
        changes.append(PROTECTION)
    decided = before.decided.model_copy(update=dict.fromkeys(by_hand, at))
    tentative = before.model_copy(update={**new, "decided": decided})
    return IncidentUpdated(
        **decision.stamp(),
        **new,
        zone_owner=owner_of(zone) if "place" in new else None,
        zone=zone if "place" in new else None,
        changes=tuple(changes),
        proposed_withdrawals=no_longer_wanted(tentative, decision),
        by_hand=by_hand,
        decided_at=at if by_hand and at != decision.moment.now else None,
        proposed_priority=proposed_priority(tentative, pack),
    )


def _change(name: str, before: Incident, value: object) -> Change:
    known = getattr(before, name)
    return Change(field=name, before=None if known is None else str(known), after=str(value))

"""How events about duplicates and reports change an incident."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sigap_common.contracts.base import Event
from sigap_common.contracts.duplicates import (
    DuplicateHidden,
    DuplicateRejected,
    DuplicateSuggested,
    DuplicateWaitEnded,
    IncidentAbsorbed,
    IncidentLinked,
    IncidentMerged,
    IncidentReleased,
    IncidentUnmerged,
    ReportRead,
)
from sigap_common.contracts.proposals import ProposalReason
from sigap_dispatch.domain.evolve.notes import added
from sigap_dispatch.domain.evolve.sharing import without_merged
from sigap_dispatch.domain.state.forwarding import MERGED, Forwarding
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.informed import CarriedRecipient
from sigap_dispatch.domain.state.mergers import CarriedFailure, Merger, Suggestion


def _suggested(incident: Incident, event: DuplicateSuggested) -> Incident:
    suggestion = Suggestion(
        other=event.other,
        number=event.other_number,
        score=event.score,
        reasons=event.reasons,
        waiting=event.waiting,
        wait_until=event.wait_until,
        since=event.recorded_at,
    )
    return incident.model_copy(update={"suggestions": (*_without(incident, event.other), suggestion)})


def _rejected(incident: Incident, event: DuplicateRejected) -> Incident:
    return _decided(incident, event).model_copy(update={"rejected": (*incident.rejected, event.other)})


def _linked(incident: Incident, event: IncidentLinked) -> Incident:
    return _decided(incident, event).model_copy(update={"links": (*incident.links, event.other)})


def _hidden(incident: Incident, event: DuplicateHidden) -> Incident:
    [number] = [one.number for one in incident.suggestions if one.other == event.other]
    return settled(incident, event.other, number)


def _decided(incident: Incident, event: DuplicateRejected | IncidentLinked | IncidentAbsorbed) -> Incident:
    return settled(incident, event.other, event.other_number)


def settled(incident: Incident, other: UUID, number: str) -> Incident:
    """The incident without the suggestion of the other one, and without that one's number for its agencies."""
    marked = incident.possibly_same_as
    return incident.model_copy(
        update={"suggestions": _without(incident, other), "possibly_same_as": None if marked == number else marked}
    )


def _wait_ended(incident: Incident, event: DuplicateWaitEnded) -> Incident:
    told = tuple(one.model_copy(update={"waiting": (), "wait_until": None}) for one in incident.suggestions)
    return incident.model_copy(update={"suggestions": told, "possibly_same_as": event.other_number})


def _merged(incident: Incident, event: IncidentMerged) -> Incident:
    ended = {"withdrawn_at": event.at, "withdrawal_reason": MERGED, "stand_down": False}
    merger = Merger(
        into=event.into,
        number=event.into_number,
        first_report=event.first_report,
        agencies=event.agencies,
        moved=event.moved,
        asked_for=tuple(one for one in incident.proposals if one.reason is ProposalReason.ASKED_FOR),
        proposed_level=incident.proposed_level,
    )
    return incident.model_copy(
        update={
            "merger": merger,
            "closed_at": event.at,
            "forwardings": tuple(f.model_copy(update=ended) if _goes_on(f) else f for f in incident.forwardings),
            "suggestions": (),
            "possibly_same_as": None,
            "without_agency_since": None,
        }
    )


def _goes_on(forwarding: Forwarding) -> bool:
    """Whether the agency has something to do, or declined and may come after all: then it comes for the other one."""
    return forwarding.is_open or (forwarding.declined and forwarding.withdrawn_at is None)


def _unmerged(incident: Incident, event: IncidentUnmerged) -> Incident:
    alone = None if any(f.stands for f in incident.forwardings) else event.recorded_at
    return incident.model_copy(
        update={
            "merger": None,
            "closed_at": None,
            "without_agency_since": alone,
            "rejected": (*incident.rejected, event.other),
        }
    )


def _absorbed(incident: Incident, event: IncidentAbsorbed) -> Incident:
    """The other one's reports keep their distances: numbers of those that it has no longer stay unused here too."""
    came = (CarriedRecipient(other=event.other, agency=agency) for agency in event.informed)
    failed = (CarriedFailure(other=event.other, **one.model_dump()) for one in event.failed)
    forwardings = (
        one.model_copy(update={"on_its_way_with": (*one.on_its_way_with, event.other)})
        if one.is_open and one.agency in event.on_their_way
        else one
        for one in incident.forwardings
    )
    after = _decided(incident, event).model_copy(
        update={
            "reports": incident.reports + event.reports,
            "last_report": incident.next_report - 1 + (event.last_report or event.reports),
            "unread_reports": incident.unread_reports + event.reports,
            "forwardings": tuple(forwardings),
            "carried": (*incident.carried, *came),
            "carried_failures": (*incident.carried_failures, *failed),
            **added(incident.notes, incident.note_count, event.notes),
        }
    )
    return after.model_copy(update={"shares": without_merged(incident, after)})


def _released(incident: Incident, event: IncidentReleased) -> Incident:
    proposed = (*incident.proposed_withdrawals, *event.proposed_withdrawals)
    return incident.model_copy(
        update={
            "reports": incident.reports - event.reports,
            "last_report": incident.next_report - 1,
            "unread_reports": max(0, incident.unread_reports - event.unread),
            "notes": tuple(note for note in incident.notes if note.number not in event.notes),
            "proposed_withdrawals": tuple(dict.fromkeys(proposed)),
            "questions": tuple(one for one in incident.questions if one.id not in event.questions),
            "forwardings": tuple(_not_on_its_way_with(one, event.other) for one in incident.forwardings),
            "carried": tuple(one for one in incident.carried if one.other != event.other),
            "carried_failures": tuple(one for one in incident.carried_failures if one.other != event.other),
        }
    )


def _not_on_its_way_with(forwarding: Forwarding, other: UUID) -> Forwarding:
    if other not in forwarding.on_its_way_with:
        return forwarding
    rest = tuple(one for one in forwarding.on_its_way_with if one != other)
    return forwarding.model_copy(update={"on_its_way_with": rest})


def _read(incident: Incident, event: ReportRead) -> Incident:
    return incident.model_copy(update={"unread_reports": event.unread, "read_report": event.up_to})


def _without(incident: Incident, other: UUID) -> tuple[Suggestion, ...]:
    return tuple(one for one in incident.suggestions if one.other != other)


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    DuplicateSuggested: _suggested,
    DuplicateRejected: _rejected,
    DuplicateHidden: _hidden,
    DuplicateWaitEnded: _wait_ended,
    IncidentLinked: _linked,
    IncidentMerged: _merged,
    IncidentUnmerged: _unmerged,
    IncidentAbsorbed: _absorbed,
    IncidentReleased: _released,
    ReportRead: _read,
}

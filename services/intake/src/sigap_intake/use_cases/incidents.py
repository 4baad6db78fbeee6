"""Follows dispatch's events about incidents, for what intake asks of them: which are open or were closed lately, where,
whose, and which agencies have not acknowledged.
"""

from collections.abc import Sequence
from uuid import UUID

from sigap_common.contracts.duplicates import IncidentMerged, IncidentUnmerged
from sigap_common.contracts.handovers import IncidentTaken
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentCreated,
    IncidentDeclined,
    IncidentForwarded,
    IncidentReportAdded,
    IncidentUpdated,
)
from sigap_common.contracts.protection import GlassBroken, ProtectionLifted
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.contracts.reports import ReportSeparated
from sigap_common.messaging.received import ReceivedEvent
from sigap_intake.repository import IntakeTransaction
from sigap_intake.repository.incident_numbers import keep_incident_numbers
from sigap_intake.use_cases.dropped_calls import raise_near

FOLLOWED = (
    IncidentCreated,
    IncidentUpdated,
    IncidentReportAdded,
    IncidentClosed,
    GlassBroken,
    ProtectionLifted,
    IncidentMerged,
    IncidentUnmerged,
    IncidentReopened,
    ReportSeparated,
    IncidentForwarded,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentDeclined,
    IncidentTaken,
)


async def follow_incidents(tx: IntakeTransaction, heard: Sequence[ReceivedEvent]) -> None:
    """Keeps the copy of open incidents, which numbers are protected, and by which incident's number a call is found."""
    keep_incident_numbers(tx, heard)
    reported = {incident_id for one in heard if (incident_id := _follow(tx, one)) is not None}
    for one in heard:
        _follow_agencies(tx, one)
        await _raise_callbacks(tx, one)
    await _protect(tx, heard)
    if reported:
        await tx.protected_callers.add_of(sorted(reported))
    await tx.lately_closed.give_back([UUID(one.envelope.subject) for one in heard if _is_open_again(one)])
    # Closed ones go last: until here it was asked which of them are protected.
    ended = _ended(heard)
    await tx.lately_closed.keep({one: event for one, event in ended.items() if isinstance(event, IncidentClosed)})
    for incident_id in ended:
        tx.open_incidents.forget(incident_id)
        tx.unacknowledged.forget(incident_id)


def _is_open_again(heard: ReceivedEvent) -> bool:
    return isinstance(heard.event, IncidentReopened) and not heard.event.backfilled


def _ended(heard: Sequence[ReceivedEvent]) -> dict[UUID, IncidentClosed | IncidentMerged]:
    """The incidents that are closed after these events, and not open again; each with how it ended."""
    ended: dict[UUID, IncidentClosed | IncidentMerged] = {}
    for one in heard:
        if isinstance(one.event, IncidentClosed | IncidentMerged):
            ended[UUID(one.envelope.subject)] = one.event
        elif isinstance(one.event, IncidentReopened | IncidentUnmerged):
            ended.pop(UUID(one.envelope.subject), None)
    return ended


async def _protect(tx: IntakeTransaction, heard: Sequence[ReceivedEvent]) -> None:
    """Keeps which calls protected incidents protect, who broke the glass of one, and when protection is lifted: of one
    incident in the order of its events, since what was lifted may be protected again.
    """
    protected = set[UUID]()
    for one in heard:
        incident_id = UUID(one.envelope.subject)
        if _begins_protection(one):
            protected.add(incident_id)
        if isinstance(one.event, GlassBroken):
            tx.protected_calls.break_glass(incident_id, one.event)
        if isinstance(one.event, ProtectionLifted):
            protected.discard(incident_id)
            await tx.protected_calls.lift(incident_id)
    if protected:
        await tx.protected_calls.add_of(sorted(protected))


def _begins_protection(heard: ReceivedEvent) -> bool:
    """Whether calls of the incident are protected from this event on."""
    match heard.event:
        case IncidentCreated() | IncidentUnmerged() as begun:
            return begun.protected
        case IncidentReportAdded():
            return heard.envelope.need is not None
        case IncidentUpdated() as update:
            return _says_protected(update)
    return False


def _says_protected(update: IncidentUpdated) -> bool:
    return any(change.field == "protected" for change in update.changes)


def _follow(tx: IntakeTransaction, heard: ReceivedEvent) -> UUID | None:
    """The incident's id if its numbers may be protected now, and were not before."""
    incident_id, regency, drill = UUID(heard.envelope.subject), heard.envelope.regency, heard.envelope.drill
    match heard.event:
        case IncidentCreated() | IncidentReopened() as created:
            _open(tx, incident_id, regency, drill, created)
        case IncidentReportAdded() as report:
            tx.open_incidents.add_call(incident_id, regency, report.call_id, report.caller_hash)
            return incident_id
        case IncidentUpdated() as update:
            return incident_id if _update(tx, incident_id, regency, update) else None
        case ProtectionLifted():
            tx.open_incidents.lift(incident_id)
            tx.lately_closed.lift(incident_id)
        case IncidentMerged() as merged:
            tx.open_incidents.move_calls(incident_id, merged.into)
            return merged.into
        case ReportSeparated() as separated:
            tx.open_incidents.take_call(incident_id, separated.call_id)
            tx.lately_closed.take_call(incident_id, separated.call_id)
        case IncidentUnmerged() as unmerged:
            _open_again(tx, incident_id, regency, drill, unmerged)
            return incident_id
    return None


async def _raise_callbacks(tx: IntakeTransaction, heard: ReceivedEvent) -> None:
    """Callbacks near an incident that opened or moved, and those of a number that reported one, rank higher."""
    place, caller_hash = None, None
    match heard.event:
        case IncidentCreated() | IncidentReopened() as opened:
            if not opened.backfilled:
                place, caller_hash = opened.place, opened.caller_hash
        case IncidentUpdated() as update:
            place = update.place
        case IncidentReportAdded() as report:
            caller_hash = report.caller_hash
    if place is not None or caller_hash is not None:
        await raise_near(tx, heard.envelope.regency, place, caller_hash, drill=heard.envelope.drill)


def _follow_agencies(tx: IntakeTransaction, heard: ReceivedEvent) -> None:
    """Keeps which agencies must still acknowledge, and who is responsible. A late entry asks nothing of them."""
    incident_id = UUID(heard.envelope.subject)
    match heard.event:
        case IncidentForwarded() as forwarded:
            if forwarded.notify and not forwarded.content.backfilled:
                tx.unacknowledged.wait_for(incident_id, forwarded)
        case ForwardingRevised() as revised:
            if revised.needs_acknowledgement and not revised.content.backfilled:
                tx.unacknowledged.wait_for(incident_id, revised)
        case IncidentAcknowledged() as acknowledged:
            tx.unacknowledged.acknowledged(acknowledged.forwarding_id, acknowledged.revision)
        case IncidentDeclined() | ForwardingWithdrawn() as ended:
            tx.unacknowledged.over(ended.forwarding_id)
        case IncidentTaken() as taken:
            tx.unacknowledged.taken(incident_id, taken.responsible)


def _open(
    tx: IntakeTransaction, incident_id: UUID, regency: str, drill: bool, created: IncidentCreated | IncidentReopened
) -> None:
    """A late entry is not open: a log that is replayed says nothing about what happens now. It protects its caller."""
    if not created.backfilled:
        tx.open_incidents.add(incident_id, regency, drill, created)
        if created.call_id is not None:
            tx.open_incidents.add_call(incident_id, regency, created.call_id, created.caller_hash)
    if created.protected and created.caller_hash is not None and not drill:
        tx.protected_callers.add(regency, created.caller_hash, incident_id)


def _open_again(tx: IntakeTransaction, incident_id: UUID, regency: str, drill: bool, event: IncidentUnmerged) -> None:
    """Its caller belongs to it again. Those of its further reports stay with the incident that they were merged into:
    they were told that one's number.
    """
    tx.open_incidents.add(incident_id, regency, drill, event)
    if event.call_id is not None:
        tx.open_incidents.take_call(event.other, event.call_id)
        tx.open_incidents.add_call(incident_id, regency, event.call_id, event.caller_hash)


def _update(tx: IntakeTransaction, incident_id: UUID, regency: str, update: IncidentUpdated) -> bool:
    """Whether the incident is protected from now on: by its new type, or since dispatch says so."""
    protected = _says_protected(update) or _is_protected(tx, regency, update.incident_type)
    if protected or update.incident_type is not None or update.priority is not None:
        tx.open_incidents.change(incident_id, update.incident_type, update.priority, protected)
    if protected or update.incident_type is not None:
        tx.lately_closed.change(incident_id, update.incident_type, protected)
    if update.place is not None:
        tx.open_incidents.move(incident_id, update.place)
    return protected


def _is_protected(tx: IntakeTransaction, regency: str, incident_type: str | None) -> bool:
    """By the pack in force here. A type that this pack does not know counts as protected: dispatch may have a newer
    pack, and what was shown cannot be taken back.
    """
    if incident_type is None:
        return False
    pack = tx.packs.find(regency)
    kind = pack.incident_type(incident_type) if pack else None
    return kind.protected if kind else True

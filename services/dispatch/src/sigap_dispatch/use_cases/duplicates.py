"""What people decide about incidents that may be one event."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Forbidden, Invalid
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.duplicates import Absorb, Link, Merge, ReadReports, RejectDuplicate, Release, Unmerge
from sigap_dispatch.domain.taker import Taker
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.notes import notes_of_merged, take_out_notes
from sigap_dispatch.use_cases.incidents import takes
from sigap_dispatch.use_cases.transfers import follow
from sigap_dispatch.visibility import POLICY


async def reject(tx: DispatchTransaction, access: Access, incident_id: UUID, other_id: UUID) -> Incident:
    """Says that the incidents are not the same event: they are never suggested to each other again."""
    incident, other = await both(tx, access, incident_id, other_id)
    return _record(tx, access, incident, RejectDuplicate(other), takes(access))


async def link(tx: DispatchTransaction, access: Access, incident_id: UUID, other_id: UUID) -> Incident:
    """Links two incidents, on both sides."""
    incident, other = await both(tx, access, incident_id, other_id)
    after = _record(tx, access, incident, Link(other), takes(access))
    _record(tx, access, other, Link(incident))
    return after


async def merge(tx: DispatchTransaction, access: Access, incident_id: UUID, into_id: UUID) -> Incident:
    """Merges the incident into another. Both are locked in the order of their ids, so of two people who merge them into
    each other at the same moment one succeeds, and the other is refused. If nobody is responsible for the other one,
    the dispatcher who merges is.
    """
    sent = await tx.transfers.awaiting(incident_id)
    incident, into = await both(tx, access, incident_id, into_id, *sent)
    rest = [*await tx.incidents.merged_into(into_id), *await tx.incidents.merged_into(incident_id)]
    after = _record(tx, access, incident, Merge(into))
    if after is not incident:
        working = _record(tx, access, into, Absorb(incident, *_earliest([into, incident, *rest])), takes(access))
        await follow(tx, sent, working)
    return after


async def unmerge(tx: DispatchTransaction, access: Access, incident_id: UUID) -> Incident:
    """Takes a merged incident out again. Raises NotAllowed if it is not merged, or the other one is merged itself."""
    known = await tx.incidents.visible(incident_id, access, lock=False)
    mine = await _sent_to(tx, known)
    sent = [one for one in await tx.transfers.awaiting(known.merger.into) if one in mine] if known.merger else []
    found = await tx.incidents.find_all([incident_id, *([known.merger.into] if known.merger else []), *sent])
    before = found[incident_id]
    into = found.get(before.merger.into) if before.merger else None
    rest = await tx.incidents.merged_into(into.id) if into else []
    after = _record(tx, access, before, Unmerge(into), takes(access))
    assert into is not None, "it was merged anew between the two reads"
    unread = await tx.reports.unread_of(into, before.id)
    earliest = _earliest([into, *(one for one in rest if one.id != incident_id)])
    notes = await notes_of_merged(tx, into.id, before)
    _record(tx, access, into, Release(before, *earliest, unread, notes))
    await take_out_notes(tx, into.id, notes)
    await follow(tx, sent, after)
    return after


async def _sent_to(tx: DispatchTransaction, incident: Incident) -> set[UUID]:
    """The incidents of other regencies from which this one was taken over, or one that was merged into it."""
    sent = {incident.received_from.incident_id} if incident.received_from else set[UUID]()
    for one in await tx.incidents.merged_into(incident.id):
        sent |= await _sent_to(tx, one)
    return sent


async def read_reports(tx: DispatchTransaction, access: Access, incident_id: UUID, command: ReadReports) -> Incident:
    """Marks reports as read. Whoever reads does not become responsible."""
    incident = await tx.incidents.visible(incident_id, access)
    number = await tx.reports.number_of(incident_id, command.up_to)
    return _record(tx, access, incident, replace(command, number=number))


async def both(
    tx: DispatchTransaction, access: Access, incident_id: UUID, other_id: UUID, *also: UUID
) -> tuple[Incident, Incident]:
    """Both incidents, locked together with those `also` that change with them. Raises NotFound for the first, Forbidden
    if it is hidden from the token; Invalid for the other. What answers shows the incident, and who works on it sees it
    from then on.
    """
    found = await tx.incidents.find_all((incident_id, other_id, *also))
    incident, other = found.get(incident_id), found.get(other_id)
    sees = tx.incidents.kind.policy.sees
    if incident is None or not sees(access, incident):
        raise tx.incidents.absent(incident_id)
    if POLICY.hides(incident, access, tx.now()):
        raise Forbidden("incident-protected")
    if other is None or not sees(access, other) or POLICY.hides(other, access, tx.now()):
        raise Invalid(errors=[Fault(("body", "other"), "incident_unknown", {})])
    return incident, other


def _earliest(incidents: Sequence[Incident]) -> tuple[datetime, datetime | None]:
    """When the earliest of the incidents began, and the first answer of that one's call."""
    first = min(incidents, key=lambda one: one.started_at)
    return first.started_at, first.answered_at


def _record(
    tx: DispatchTransaction, access: Access, incident: Incident, command: Command, taker: Taker | None = None
) -> Incident:
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject, taker)))

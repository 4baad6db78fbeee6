"""The reports of an incident, and an incident of its own for one of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from sigap_common.auth import Access
from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotFound
from sigap_common.http.listing import Page, PageAsked
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.reports import OpenFromReport, SeparateReport
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.notes import events_of
from sigap_dispatch.use_cases.comparing import around
from sigap_dispatch.use_cases.incidents import takes, zone_of

Told = IncidentCreated | IncidentReportAdded


async def page(
    view: DispatchTransaction, access: Access, incident_id: UUID, asked: PageAsked
) -> tuple[Incident, Page[tuple[Row[Any], Told]]]:
    """The incident and a page of its further reports. Raises NotFound; Forbidden if the incident is hidden."""
    incident = await view.incidents.visible(incident_id, access, lock=False)
    found = await view.reports.page(incident_id, asked)
    told = await _told(view, found.items)
    return incident, found.map(lambda row: (row, told[row.told_in, row.sequence]))


async def _told(view: DispatchTransaction, rows: Sequence[Row[Any]]) -> dict[tuple[UUID, int], Told]:
    """The entries of timelines that tell these reports."""
    entries: dict[tuple[UUID, int], Told] = {}
    for told_in in {row.told_in for row in rows}:
        events = await events_of(view, told_in, [row.sequence for row in rows if row.told_in == told_in])
        for sequence, event in events.items():
            assert isinstance(event, IncidentCreated | IncidentReportAdded)
            entries[told_in, sequence] = event
    return entries


async def open_own(
    tx: DispatchTransaction,
    access: Access,
    incident_id: UUID,
    call_id: UUID,
    incident_type: str | None,
    priority: int | None,
    place: Place | None,
) -> tuple[Incident, bool]:
    """The incident of its own that the report of this call has, and whether it is new: of two people who ask at once,
    the second gets that of the first. Raises NotFound, Forbidden, Invalid.
    """
    await tx.incidents.visible(incident_id, access, lock=False)
    listed_in = {row.incident_id for row in await tx.reports.of_call(call_id)}
    found = await tx.incidents.find_all({incident_id, *listed_in})
    # Read again: only under the locks it stays as it is.
    rows = [row for row in await tx.reports.of_call(call_id) if row.incident_id in found]
    mine = next((row for row in rows if row.incident_id == incident_id), None)
    if mine is None:
        raise await _why_not(tx, incident_id, call_id)
    if mine.own_incident:
        return await tx.incidents.visible(mine.own_incident, access, lock=False), False
    first, listed = found[incident_id], [row for row in rows if row.told_in == mine.told_in]
    told = (await _told(tx, [mine]))[mine.told_in, mine.sequence]
    assert isinstance(told, IncidentReportAdded)
    opened = await _open(tx, access, first, told, incident_type, priority, place or told.place)
    for row in listed:
        separate = SeparateReport(call_id, row.report, opened)
        decision = decide(found[row.incident_id], separate, tx.moment(first.regency, access.subject))
        tx.incidents.record(decision)
    await tx.reports.give_incident(call_id, mine.told_in, opened.id)
    await tx.incident_calls.move(call_id, mine.told_in, opened.id)
    return opened, True


async def _why_not(tx: DispatchTransaction, incident_id: UUID, call_id: UUID) -> NotFound | Invalid:
    """The refusal for a call that is no further report: it may have opened an incident that was merged into this."""
    for merged in await tx.incidents.merged_into(incident_id):
        if merged.call_id == call_id:
            return Invalid(errors=[Fault(("path", "call_id"), "report_opened_incident", {})])
    return NotFound()


async def _open(
    tx: DispatchTransaction,
    access: Access,
    first: Incident,
    told: IncidentReportAdded,
    incident_type: str | None,
    priority: int | None,
    place: Place | None,
) -> Incident:
    moment = tx.moment(first.regency, access.subject, takes(access))
    pack, start = moment.pack, told.received_at if first.backfilled else moment.now
    numbered = await tx.numbers.next(first.regency, pack.prefix, pack.local_day(start), drill=first.drill)
    apart = first.protected or first.backfilled or pack.is_protected(incident_type or told.incident_type)
    near = () if apart else await around(tx, first.regency, place, told.caller_hash, moment.now, drill=first.drill)
    zone = zone_of(tx, place, first.regency)
    command = OpenFromReport(numbered, told, first, incident_type, priority, place, zone, near)
    begun = Aggregate(id=tx.new_id(), regency=first.regency, drill=first.drill)
    return tx.incidents.record(decide(begun, command, moment))

"""Use cases of incidents that dispatchers and operators start."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row

from sigap_common.auth import Access, Role
from sigap_common.contracts.incidents import Answer, Source
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotAllowed, RoleMissing
from sigap_common.http.etags import Expected, etag
from sigap_common.http.listing import Page, PageAsked, require_known
from sigap_common.regency import Pack, require_incident_type
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, Command, OpenDirectly, RecordAnswer, Tick
from sigap_dispatch.domain.lifecycle import Cancel
from sigap_dispatch.domain.plans import drill_agency
from sigap_dispatch.domain.taker import Taker
from sigap_dispatch.listings import INCIDENTS, ON_BOARD, BoardFilters, IncidentFilters, searched
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.protection import concerns
from sigap_dispatch.use_cases.comparing import around, compare_again
from sigap_dispatch.use_cases.transfers import complete, give_back
from sigap_dispatch.use_cases.units import NamedLater, keep_where_they_went, move_here, named_by
from sigap_dispatch.visibility import POLICY, SPEAKERS


async def check_kind(view: DispatchTransaction, access: Access, filters: IncidentFilters | BoardFilters) -> None:
    """Checks the filter by incident type. Raises Invalid if neither a pack of these regencies nor one of their
    incidents has the type: otherwise a misspelt filter would give an empty list.
    """
    require_known(view, access, filters)
    kind, regency = filters.incident_type, filters.regency
    packs = [p for p in view.packs.all() if access.covers(p.code) and regency in (None, p.code)]
    if kind is None or any(pack.incident_type(kind) for pack in packs):
        return
    of_kind = IncidentFilters(regency=regency, incident_type=kind)
    seen = concerns(access, view.now())
    if not (await INCIDENTS.page(view, access, of_kind, PageAsked(limit=1), seen)).items:
        require_incident_type(kind, packs, ("query", "incident_type"))


ANY_VERSION = Expected()
LEADERS = (Role.supervisor, Role.admin)
"""The roles that make late entries."""
REVEALING = ("incident_type", "call_id", "number", "agency", "priority", "place", "caller_number", "caller_name")
"""The filters whose match says something of an incident that its hidden entry does not."""


async def incidents_page(
    view: DispatchTransaction, access: Access, filters: IncidentFilters, asked: PageAsked
) -> Page[Row[Any]]:
    """A page of incidents, newest first."""
    return await INCIDENTS.page(view, access, filters, asked, *await _also(view, access, filters))


async def board_page(
    view: DispatchTransaction, access: Access, filters: BoardFilters, asked: PageAsked
) -> Page[Row[Any]]:
    """A page of the board, what needs attention first."""
    return await ON_BOARD.page(view, access, filters, asked, *await _also(view, access, filters))


async def _also(
    view: DispatchTransaction, access: Access, filters: IncidentFilters | BoardFilters
) -> list[ColumnElement[bool]]:
    """The conditions beside the filters. A filter that would reveal something of a hidden incident does not find it."""
    await check_kind(view, access, filters)
    reveals = any(getattr(filters, name, None) is not None for name in REVEALING)
    also = (concerns(access, view.now()),) if reveals else ()
    return [*also, *await searched(view, access, filters)]


async def order(
    tx: DispatchTransaction,
    access: Access,
    incident_id: UUID,
    command: Command,
    expected: Expected = ANY_VERSION,
) -> Incident:
    """Carries out an order about one incident. Raises NotFound, NotAllowed, Invalid; PreconditionFailed if somebody
    changed it since the client read it; RoleMissing if the order gives a backfilled incident another time, and the
    token is neither a supervisor's nor an admin's.
    """
    sent = await _lock_senders(tx, incident_id) if isinstance(command, Close | Cancel) else []
    incident = await tx.incidents.visible(incident_id, access)
    expected.check(incident.version, state=incident.state)
    if isinstance(command, RecordAnswer | Close):
        check_late(access, incident, is_late=command.at is not None)
    after = await _record(tx, access, incident, command)
    await give_back(tx, sent)
    return after


async def _lock_senders(tx: DispatchTransaction, incident_id: UUID) -> list[UUID]:
    """The incidents of other regencies that wait for an agency to have this one. They are locked together with it, as
    in a batch of the gateway's events: otherwise the two would wait for each other.
    """
    sent = await tx.transfers.awaiting(incident_id)
    if sent:
        await tx.incidents.find_all([incident_id, *sent])
    return sent


def check_late(access: Access, incident: Incident, *, is_late: bool) -> None:
    """Late entries about a backfilled incident are its leaders'. An admin does nothing to an incident that goes on."""
    if incident.backfilled and is_late and not access.may(*LEADERS):
        raise RoleMissing(LEADERS)
    if not incident.backfilled and not access.may(*SPEAKERS):
        raise RoleMissing(SPEAKERS)


async def record_answer(tx: DispatchTransaction, access: Access, incident_id: UUID, command: RecordAnswer) -> Incident:
    """Records an agency's answer by telephone or radio. It may complete a transfer, and move units from another
    incident. Raises like `order`; NotAllowed for a unit that works for another one.
    """
    sent, named = await tx.transfers.awaiting(incident_id), await named_by(tx, command)
    busy = [row.incident_id for row in await tx.units.busy(named)]
    if sent or busy:
        await tx.incidents.find_all([incident_id, *sent, *busy])
    later = NamedLater()
    if named:
        later = await move_here(tx, access, await tx.incidents.visible(incident_id, access), command, named)
    after = await order(tx, access, incident_id, command)
    if later.out_for or later.free:
        incidents = await tx.incidents.find_all([incident_id, *later.out_for])
        keep_where_they_went(tx, incidents, incident_id, named, later, access.subject)
        after = incidents[incident_id]
    await complete(tx, sent)
    return after


async def add_agency(tx: DispatchTransaction, access: Access, incident_id: UUID, command: AddAgency) -> Incident:
    """Adds an agency, perhaps a neighbour's. Raises Forbidden if the token is not a supervisor's, and either the
    incident is a drill and the agency real, or the incident is protected and the agency a neighbour's; RoleMissing for
    a late entry, as `order` does.
    """
    incident = await tx.incidents.visible(incident_id, access)
    check_late(access, incident, is_late=command.at is not None or command.notify is not None)
    if incident.drill and command.agency != drill_agency(incident.regency) and not access.may(Role.supervisor):
        raise Forbidden("agencies-in-drill")
    return await _record(tx, access, incident, replace(command, lender=_lender(tx, access, incident, command.agency)))


def _lender(tx: DispatchTransaction, access: Access, incident: Incident, agency: str) -> Pack | None:
    """The pack of another regency whose agency is told. None if it is the incident's own regency, or does not work
    here. Raises Forbidden if the incident is protected and the token is not a supervisor's.
    """
    regency = agency.partition("/")[0]
    if regency == incident.regency:
        return None
    if incident.protected and not access.may(Role.supervisor):
        raise Forbidden("aid-for-protected")
    return tx.packs.find_in_service(regency)


async def amend(
    tx: DispatchTransaction, access: Access, incident_id: UUID, command: Amend, expected: Expected
) -> Incident:
    """Corrects an incident. Raises PreconditionFailed if somebody changed it since the client read it."""
    incident = await tx.incidents.visible(incident_id, access)
    expected.check(incident.version, state=incident.state)
    zoned = replace(command, zone=zone_of(tx, command.place, incident.regency))
    return await compare_again(tx, incident, await _record(tx, access, incident, zoned))


async def open_without_call(
    tx: DispatchTransaction,
    access: Access,
    regency: str,
    source: Source,
    incident_type: str | None,
    priority: int | None,
    place: Place | None,
    note: str | None,
    call_id: UUID | None,
) -> Incident:
    """Opens an incident without a call, or with `call_id` a further incident of that call, linked to its first. Raises
    Invalid if the call has no incident, Forbidden if that incident is protected and hidden.
    """
    configured = tx.packs.get if call_id else tx.packs.in_service
    configured(regency)
    moment = tx.moment(regency, access.subject, takes(access))
    first = await _first_of(tx, access, regency, call_id) if call_id else None
    drill = first.drill if first else False
    start = first.started_at if first and first.backfilled else moment.now
    day = moment.pack.local_day(start)
    numbered = await tx.numbers.next(regency, moment.pack.prefix, day, drill=drill)
    zone = zone_of(tx, place, regency)
    caller = first.caller_hash if first else None
    kept_apart = moment.pack.is_protected(incident_type) or bool(first and (first.protected or first.backfilled))
    near = () if kept_apart else await around(tx, regency, place, caller, moment.now, drill=drill)
    command = OpenDirectly(numbered, source, incident_type, priority, place, zone, note, call_id, first, near)
    begun = Aggregate(id=tx.new_id(), regency=regency, drill=drill)
    opened = tx.incidents.record(decide(begun, command, moment))
    if call_id:
        await tx.incident_calls.add(call_id, opened.id, report=1, leads=False)
    return opened


def takes(access: Access) -> Taker | None:
    """The dispatcher who becomes responsible by an order; None if the token is not a dispatcher's."""
    return Taker(access.subject, access.name) if access.may(Role.dispatcher) else None


async def meet_deadlines(tx: DispatchTransaction, incident_ids: Sequence[UUID]) -> None:
    """Handles the deadlines of these incidents that may be over, in the given order."""
    found = await tx.incidents.find_all(incident_ids)
    for incident_id in incident_ids:
        incident = found[incident_id]
        tx.incidents.record(decide(incident, Tick(), tx.moment(incident.regency)))


async def _record(tx: DispatchTransaction, access: Access, incident: Incident, command: Command) -> Incident:
    """Records the decision on a command. If it is an agency's answer by telephone, it also counts as a delivery. A
    refusal by the incident's state has the ETag of that state.
    """
    try:
        decision = decide(incident, command, tx.moment(incident.regency, access.subject, takes(access)))
    except NotAllowed as refused:
        refused.headers |= etag(incident.version)
        raise
    after = tx.incidents.record(decision)
    for event in decision.events:
        if isinstance(event, Answer) and event.by_telephone:
            tx.deliveries.answered(event.forwarding_id, event.at, event.channel, event.revision)
    return after


def zone_of(tx: DispatchTransaction, place: Place | None, regency: str) -> Zone | None:
    return tx.resources.zoning.zone_of(place, tx.packs, regency) if place else None


async def _first_of(tx: DispatchTransaction, access: Access, regency: str, call_id: UUID) -> Incident:
    belongings = sorted(await tx.incident_calls.of(call_id), key=lambda one: not one.leads)
    first = await tx.incidents.find(belongings[0].incident_id) if belongings else None
    if first is None or first.regency != regency:
        raise Invalid(errors=[Fault(("body", "call_id"), "call_unknown", {})])
    if POLICY.hides(first, access, tx.now()):
        raise Forbidden("incident-protected")
    return first

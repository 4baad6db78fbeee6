"""Units that are named for an incident, although they may work for another one. None is reset silently."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from sigap_common.auth import Access
from sigap_common.contracts.agencies import AgencyResponded
from sigap_common.contracts.units import UnitLeaving
from sigap_common.core.errors import NotAllowed
from sigap_common.messaging.subscriptions import NotYet
from sigap_common.regency import Pack
from sigap_common.regency.sections import AgencyUnit
from sigap_dispatch.domain import Forwarding, Incident, decide
from sigap_dispatch.domain.commands import RecordAnswer
from sigap_dispatch.domain.state import UnitOnIt
from sigap_dispatch.domain.units import ReleaseUnit, UnitSeen, UnitState, busy_with
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.protection import hidden_among
from sigap_dispatch.repository.units import UnitNamed, keep_busy
from sigap_dispatch.visibility import POLICY, READERS


async def named_by(tx: DispatchTransaction, command: RecordAnswer) -> frozenset[UnitNamed]:
    """The units that an answer names, which a person records."""
    agency = await tx.units.agency_of(command.forwarding_id) if command.beside.units else None
    return frozenset(UnitNamed(agency, callsign) for callsign in command.beside.units) if agency else frozenset()


async def move_here(
    tx: DispatchTransaction, access: Access, incident: Incident, command: RecordAnswer, named: frozenset[UnitNamed]
) -> list[UUID]:
    """Lets units that a person names leave the incident for which they work. The incidents must be locked. Returns
    those to which a unit went after the time that the person gives, so that they keep it. Raises NotAllowed if one
    works for another incident, and the person does not say that it leaves that one.
    """
    forwarding, keep = incident.forwarding(command.forwarding_id), list[UUID]()
    if not named or forwarding is None or incident.drill or incident.backfilled:
        return keep
    if forwarding.has_told(command.response, command.beside):
        return keep
    at = command.at or tx.now()
    for row in await tx.units.lock(incident.regency, named):
        if row.incident_id is None or row.forwarding_id == forwarding.id:
            continue
        other = await tx.incidents.get(row.incident_id)
        busy = list(busy_with(other, row.agency, frozenset({row.callsign})))
        if busy and all(unit.assigned_at > at for _, unit in busy):
            keep.append(other.id)
            continue
        if not command.beside.release:
            hidden = POLICY.hides(other, access, tx.now())
            known = {} if hidden else {"number": other.number}
            reason = "unit-busy-hidden" if hidden else "unit-busy"
            raise NotAllowed(reason, state=incident.state, units=[row.callsign], **known)
        for part, unit in busy:
            other = _release(tx, other, part, unit, "moved", at, access.subject)
    return keep


async def busy_elsewhere(tx: DispatchTransaction, events: Iterable[Any]) -> list[UUID]:
    """The incidents for which the units work that these answers of agencies name."""
    answers = [event for event in events if isinstance(event, AgencyResponded)]
    named = {UnitNamed(event.agency, callsign) for event in answers for callsign in event.units}
    return [row.incident_id for row in await tx.units.busy(named)]


async def follow_named(tx: DispatchTransaction, incidents: dict[UUID, Incident], event: AgencyResponded) -> list[UUID]:
    """Lets the units that an agency's own answer names leave the incident for which they work: an answer is never
    refused. If its incident is merged, units that are out for the one that goes on stay there, unless the agency says
    that they leave it. Returns the incidents to which a unit went later than the answer was given, so that they keep
    it. Raises NotYet if a unit was named for a further incident a moment before.
    """
    incident = incidents[event.incident_id]
    goes_on_for = set(_merged_into(incidents, incident))
    if not event.units or incident.drill or incident.backfilled:
        return []
    named = frozenset(UnitNamed(event.agency, callsign) for callsign in event.units)
    rows = await tx.units.lock(incident.regency, named)
    keep: list[UUID] = []
    for row in rows:
        stays = row.incident_id in goes_on_for and not event.release
        if stays or row.incident_id in (None, incident.id):
            continue
        if row.incident_id not in incidents:
            raise NotYet(f"the unit {row.callsign} moves")
        for part, unit in busy_with(incidents[row.incident_id], row.agency, frozenset({row.callsign})):
            if unit.assigned_at > event.at:
                keep.append(row.incident_id)
                continue
            how: UnitLeaving = "moved" if event.release else "named_elsewhere"
            other = incidents[row.incident_id]
            incidents[row.incident_id] = _release(tx, other, part, unit, how, event.at, event.by)
    return keep


def _merged_into(incidents: dict[UUID, Incident], incident: Incident) -> Iterator[UUID]:
    """The incidents into which this one is merged, among those that are locked."""
    while incident.merger and incident.merger.into in incidents:
        incident = incidents[incident.merger.into]
        yield incident.id


def keep_where_they_went(
    tx: DispatchTransaction,
    incidents: dict[UUID, Incident],
    incident_id: UUID,
    named: Iterable[UnitNamed],
    keep: Sequence[UUID],
    by: str | None,
) -> None:
    """After the answer was recorded: the units that had gone on to another incident are not on this one."""
    for other in (incidents[other_id] for other_id in keep):
        for one in named:
            for part, unit in busy_with(other, one.agency, frozenset({one.callsign})):
                here = incidents[incident_id]
                for mine, late in busy_with(here, one.agency, frozenset({one.callsign})):
                    incidents[here.id] = _release(tx, here, mine, late, "moved", unit.assigned_at, by)
                keep_busy(tx, other, part)


def _release(
    tx: DispatchTransaction,
    other: Incident,
    part: Forwarding,
    unit: UnitOnIt,
    how: UnitLeaving,
    at: datetime,
    by: str | None,
) -> Incident:
    command = ReleaseUnit(part.id, unit.callsign, how, at, by)
    return tx.incidents.record(decide(other, command, tx.moment(other.regency)))


async def of_regency(
    view: DispatchTransaction, access: Access, regency: str, agency: str | None, status: UnitState | None
) -> list[UnitSeen]:
    """The regency's units. An agency sees its own alone. Who must not see an incident sees that a unit is busy, not
    with what.
    """
    access.require(regency)
    only = agency if access.may(*READERS) else access.agency
    if agency not in (None, only):
        return []
    rows = await view.units.of_regency(regency, only)
    ids = [row.incident_id for row in rows if row.incident_id]
    hidden = await hidden_among(view, access, ids)
    numbers = await view.units.numbers_of(ids)
    listed = _listed(view.packs.get(regency), only)
    seen = [_seen(row, numbers, hidden, listed.pop((row.agency, row.callsign), None)) for row in rows]
    seen += [_never_sent(path, unit) for (path, _), unit in listed.items()]
    seen.sort(key=lambda one: (one.agency, one.callsign))
    return [one for one in seen if status in (None, one.status)]


def _listed(pack: Pack, only: str | None) -> dict[tuple[str, str], AgencyUnit]:
    """The units that the pack lists, by agency and callsign."""
    return {
        (path, unit.callsign): unit
        for agency in pack.agencies
        for path in [f"{pack.code}/{agency.code}"]
        for unit in agency.units
        if only in (None, path)
    }


def _never_sent(agency: str, unit: AgencyUnit) -> UnitSeen:
    available = UnitState.AVAILABLE
    return UnitSeen(agency, unit.callsign, available, kind=unit.kind, capabilities=unit.capabilities)


def _seen(row: Row[Any], numbers: dict[UUID, str], hidden: frozenset[UUID], listed: AgencyUnit | None) -> UnitSeen:
    is_hidden = row.incident_id in hidden
    told = None if is_hidden else row.incident_id
    return UnitSeen(
        agency=row.agency,
        callsign=row.callsign,
        status=UnitState(row.status),
        since=row.since,
        incident_id=told,
        number=numbers.get(told) if told else None,
        forwarding_id=None if is_hidden else row.forwarding_id,
        hidden=is_hidden,
        listed=listed is not None,
        kind=listed.kind if listed else None,
        capabilities=listed.capabilities if listed else (),
    )

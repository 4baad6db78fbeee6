"""Units that are named for an incident, although they may work for another one. None is reset silently."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from sigap_common.auth import Access
from sigap_common.contracts.agencies import AgencyResponded
from sigap_common.contracts.given_times import counted
from sigap_common.contracts.units import UnitLeaving
from sigap_common.core.errors import NotAllowed
from sigap_common.messaging.subscriptions import NotYet
from sigap_common.regency import Pack
from sigap_common.regency.parts.agencies import AgencyUnit
from sigap_dispatch.domain import Forwarding, Incident, decide
from sigap_dispatch.domain.commands import RecordAnswer
from sigap_dispatch.domain.state.forwarding import MERGED, UnitOnIt
from sigap_dispatch.domain.units import NameAgain, ReleaseUnit, UnitSeen, UnitState, busy, busy_with
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.protection import hidden_among
from sigap_dispatch.repository.units import UnitNamed, keep_busy
from sigap_dispatch.visibility import POLICY, READERS


@dataclass(frozen=True, slots=True)
class NamedLater:
    """The units that an answer names, and that were named elsewhere later: the answer does not bring them back."""

    out_for: tuple[UUID, ...] = ()
    """The incidents for which such units are out."""
    free: Mapping[str, datetime] = field(default_factory=dict)
    """Those that are free again, by callsign, each with the time of that naming."""

    def without(self, incidents: Mapping[UUID, Incident], agency: str, named: Sequence[str]) -> tuple[str, ...]:
        """The other ones of the named units."""
        wanted = frozenset(named)
        out = {unit.callsign for other in self.out_for for _, unit in busy_with(incidents[other], agency, wanted)}
        return tuple(callsign for callsign in named if callsign not in out | self.free.keys())


async def named_by(tx: DispatchTransaction, command: RecordAnswer) -> frozenset[UnitNamed]:
    """The units that an answer names, which a person records."""
    agency = await tx.units.agency_of(command.forwarding_id) if command.beside.units else None
    return frozenset(UnitNamed(agency, callsign) for callsign in command.beside.units) if agency else frozenset()


async def move_here(
    tx: DispatchTransaction, access: Access, incident: Incident, command: RecordAnswer, named: frozenset[UnitNamed]
) -> NamedLater:
    """Lets units that a person names leave the incident for which they work. The incidents must be locked. Returns
    those that were named after the time that the person gives. Raises NotAllowed if one works for another incident, and
    the person does not say that it leaves that one.
    """
    forwarding = incident.forwarding(command.forwarding_id)
    if not named or forwarding is None or incident.drill or incident.backfilled:
        return NamedLater()
    if forwarding.has_told(command.response, command.beside):
        return NamedLater()
    at, keep = counted(command.at or tx.now(), tx.now()), list[UUID]()
    rows = await tx.units.lock(incident.regency, named)
    await tx.units.claim(named, at)
    for row in rows:
        if row.incident_id is None or row.forwarding_id == forwarding.id:
            continue
        other = await tx.incidents.get(row.incident_id)
        out = list(busy_with(other, row.agency, frozenset({row.callsign})))
        went_on = command.at is not None and _went_on_since(forwarding, row.callsign, at)
        if out and (went_on or all(unit.claimed_at > at for _, unit in out)):
            for part, unit in out:
                other = _name_again(tx, other, part, unit, incident, at)
            keep.append(other.id)
            continue
        if not command.beside.release:
            hidden = POLICY.hides(other, access, tx.now())
            known = {} if hidden else {"number": other.number}
            reason = "unit-busy-hidden" if hidden else "unit-busy"
            raise NotAllowed(reason, state=incident.state, units=[row.callsign], **known)
        for part, unit in out:
            other = _release(tx, other, part, unit, "moved", at, access.subject)
    return NamedLater(tuple(keep), _free_since(rows, at) if command.at else {})


def _free_since(rows: Sequence[Row[Any]], named_at: datetime) -> dict[str, datetime]:
    """The units that are free, and were named after this moment."""
    free = ((row.callsign, row.claimed_at) for row in rows if row.incident_id is None)
    return {callsign: claimed_at for callsign, claimed_at in free if claimed_at and claimed_at > named_at}


async def busy_elsewhere(tx: DispatchTransaction, events: Iterable[Any]) -> list[UUID]:
    """The incidents for which the units work that these answers of agencies name."""
    answers = [event for event in events if isinstance(event, AgencyResponded)]
    named = {UnitNamed(event.agency, callsign) for event in answers for callsign in event.units}
    return [row.incident_id for row in await tx.units.busy(named)]


async def follow_named(
    tx: DispatchTransaction, incidents: dict[UUID, Incident], before: Forwarding, event: AgencyResponded
) -> NamedLater:
    """Lets the units that an agency's own answer names leave the incident for which they work: an answer is never
    refused. If its incident is merged, units that are out for the one that goes on stay there, unless the agency says
    that they leave it. So do those that went on from here, by a merger or its end, after the answer was given. Returns
    the units that were named later than the answer was given. `before`: the forwarding as it was before the answer.
    Raises NotYet if a unit was named for a further incident a moment before.
    """
    incident = incidents[event.incident_id]
    goes_on_for = set(_merged_into(incidents, incident))
    if not event.units or incident.drill or incident.backfilled:
        return NamedLater()
    named = frozenset(UnitNamed(event.agency, callsign) for callsign in event.units)
    rows = await tx.units.lock(incident.regency, named)
    await tx.units.claim(named, event.at)
    keep: list[UUID] = []
    for row in rows:
        goes_on_here = row.incident_id == incident.id and before.withdrawal_reason == MERGED
        if row.incident_id is None or (row.incident_id == incident.id and not goes_on_here):
            continue
        if row.incident_id not in incidents:
            raise NotYet(f"the unit {row.callsign} moves")
        stays = row.incident_id in goes_on_for and not event.release
        stays = stays or goes_on_here or _went_on_since(before, row.callsign, event.at)
        for part, unit in busy_with(incidents[row.incident_id], row.agency, frozenset({row.callsign})):
            other = incidents[row.incident_id]
            if stays:
                incidents[other.id] = _name_again(tx, other, part, unit, incident, event.at)
            elif unit.claimed_at > event.at:
                keep.append(other.id)
            else:
                how: UnitLeaving = "moved" if event.release else "named_elsewhere"
                incidents[other.id] = _release(tx, other, part, unit, how, event.at, event.by)
    return NamedLater(tuple(keep), _free_since(rows, event.at))


def _went_on_since(part: Forwarding, callsign: str, named_at: datetime) -> bool:
    """Whether the unit went on from the part when, or after, it was named for it: the naming brings it back no more."""
    left_at = part.left_at(callsign)
    return left_at is not None and left_at >= named_at


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
    later: NamedLater,
    by: str | None,
) -> None:
    """After the answer was recorded: the units that were named later elsewhere are not on this incident."""
    for one in named:
        for other in (incidents[other_id] for other_id in later.out_for):
            for part, unit in busy_with(other, one.agency, frozenset({one.callsign})):
                _leave_since(tx, incidents, incident_id, one, unit.claimed_at, by)
                keep_busy(tx, other, part)
        if one.callsign in later.free:
            _leave_since(tx, incidents, incident_id, one, later.free[one.callsign], by)


async def leave_if_named_since(
    tx: DispatchTransaction, incidents: dict[UUID, Incident], before: Forwarding, event: AgencyResponded
) -> None:
    """After the answer was recorded: if units of its part count as busy again by it, those that were named later
    elsewhere leave the part. `before`: the part as it was before the answer.
    """
    part = incidents[event.incident_id].forwarding(before.id)
    were = {unit.callsign for unit in busy(before)}
    now = {unit.callsign for unit in busy(part)} if part else set()
    again = {UnitNamed(before.agency, callsign) for callsign in now - were}
    for row in await tx.units.named_since(before.id, again) if again else ():
        _leave_since(tx, incidents, event.incident_id, UnitNamed(row.agency, row.callsign), row.claimed_at, event.by)


def _leave_since(
    tx: DispatchTransaction,
    incidents: dict[UUID, Incident],
    incident_id: UUID,
    unit: UnitNamed,
    at: datetime,
    by: str | None,
) -> None:
    """Lets the unit leave the incident, as since this moment, if it is out for it."""
    for part, here in busy_with(incidents[incident_id], unit.agency, frozenset({unit.callsign})):
        incidents[incident_id] = _release(tx, incidents[incident_id], part, here, "moved", at, by)


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


def _name_again(
    tx: DispatchTransaction, incident: Incident, part: Forwarding, unit: UnitOnIt, other: Incident, at: datetime
) -> Incident:
    """Keeps, on the incident for which the unit is out, that its agency named it for the other one."""
    command = NameAgain(part.id, unit.callsign, other, at)
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency)))


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

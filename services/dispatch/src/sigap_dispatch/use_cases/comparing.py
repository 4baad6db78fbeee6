"""Compares an incident with the open ones around it, and finds the one that is worked on instead of a merged one."""

from dataclasses import replace
from datetime import datetime

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.calls import CallClassified, CallReclassified
from sigap_common.contracts.places import Place
from sigap_common.regency.geometry import Point, distance_m
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import Command, CorrectCall, DescribeCaller, LocateFromCall, NoteFromCall
from sigap_dispatch.domain.duplicates import CompareAgain, is_compared, point_of, scene_of
from sigap_dispatch.domain.matching import PARAMETERS, Scene, radius_m
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.duplicates import Sought

READ_AT_MOST = 5
"""How many of the nearest incidents are read whole, for their words, their road and the agencies that are on them."""


async def around(
    tx: DispatchTransaction, regency: str, place: Place | None, caller_hash: str | None, now: datetime, *, drill: bool
) -> tuple[Scene, ...]:
    """The open incidents near the place or of the caller, in one statement. Only the nearest are read whole, and most
    incidents have none.
    """
    point = point_of(place)
    if point is None and caller_hash is None:
        return ()
    radius = radius_m(point) if point else 0.0
    found = await tx.open_incidents.around(Sought(regency, drill, point, radius, caller_hash, now - PARAMETERS.window))
    for incident_id in sorted(found, key=lambda one: _metres(point, found[one]))[:READ_AT_MOST]:
        incident = await tx.incidents.find(incident_id, lock=False)
        if incident is not None and is_compared(incident):
            found[incident_id] = scene_of(incident)
    return tuple(found.values())


def _metres(point: Point | None, scene: Scene) -> float:
    """The distance; 0 if one has no coordinates, because such an incident was found by its caller."""
    return distance_m(point, scene.point) if point and scene.point else 0.0


async def around_call(
    tx: DispatchTransaction, envelope: Envelope, event: CallClassified | CallReclassified
) -> tuple[Scene, ...]:
    """The open incidents around a call that opens one; none for a late entry or a protected call."""
    call, pack = event.call, tx.pack(envelope.regency)
    if call.backfilled or call.protected or pack.is_protected(event.incident_type):
        return ()
    return await around(tx, envelope.regency, call.place, call.caller_hash, tx.now(), drill=envelope.drill)


async def compare_again(tx: DispatchTransaction, before: Incident, after: Incident) -> Incident:
    """Looks for duplicates again if the incident has another place or type now."""
    if (before.place, before.incident_type) == (after.place, after.incident_type) or not is_compared(after):
        return after
    scenes = await around(tx, after.regency, after.place, after.caller_hash, tx.now(), drill=after.drill)
    return tx.incidents.record(decide(after, CompareAgain(scenes), tx.moment(after.regency)))


async def working_incident(tx: DispatchTransaction, incident: Incident) -> Incident:
    """The incident that is worked on instead of a merged one, or the incident itself. It is locked. Two merged
    incidents never lead to each other, because nothing is merged into a merged one.
    """
    while incident.merger:
        incident = await tx.incidents.get(incident.merger.into)
    return incident


def of_further_report(command: Command, report: int) -> Command:
    """What a call of a merged incident says, as what the n-th report of the other incident says: it is only one of
    several, so it changes neither place nor type nor caller.
    """
    if isinstance(command, LocateFromCall | DescribeCaller):
        return replace(command, leads=False, report=report)
    if isinstance(command, NoteFromCall):
        return replace(command, report=report)
    return replace(command, leads=False) if isinstance(command, CorrectCall) else command

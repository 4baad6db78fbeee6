"""What agencies say on an incident that is merged reaches the one that goes on."""

from uuid import UUID

from sigap_common.contracts.agencies import AgencyResponded
from sigap_common.messaging.subscriptions import NotYet
from sigap_dispatch.domain import Forwarding, Incident, decide
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.duplicates import CarryOver
from sigap_dispatch.domain.turning_back import TurnBack
from sigap_dispatch.repository import DispatchTransaction


async def goes_on(tx: DispatchTransaction, incident_id: UUID) -> list[UUID]:
    """The incidents into which this one is merged, the one that is worked on last, without a lock."""
    known = await tx.incidents.find(incident_id, lock=False)
    if known is None or known.merger is None:
        return []
    return [known.merger.into, *await goes_on(tx, known.merger.into)]


def carry_over(
    tx: DispatchTransaction,
    incidents: dict[UUID, Incident],
    before: Forwarding,
    event: AgencyResponded,
    units: tuple[str, ...],
) -> None:
    """Carries over what the agency said on its part of a merged incident, which was `before` it: questions and requests
    for help, the `units` that it sends by this, and that it comes after all. If the incident that goes on is over, or
    the agency was called off there, it is asked to turn back. `incidents`: those that are locked. Raises NotYet if the
    incident was merged a moment before.
    """
    said_on = incidents[event.incident_id]
    if said_on.merger is None:
        return
    part = said_on.forwarding(before.id)
    _to_the_next(tx, incidents, said_on, before.id, units)
    last = _last(incidents, said_on)
    if last.closed_at is None and before.had_declined and part and not part.declined:
        last = _record(tx, incidents, last, CarryOver(said_on, part.id, units, comes_after_all=before.declined))
    _record(tx, incidents, incidents[said_on.id], TurnBack(before.id, last, event.at))


def _to_the_next(
    tx: DispatchTransaction,
    incidents: dict[UUID, Incident],
    said_on: Incident,
    part_id: UUID | None,
    units: tuple[str, ...],
) -> None:
    """Carries over from one merged incident to the next one, as far as they were merged."""
    into = _into(incidents, said_on) if said_on.open_questions or units else None
    if into is None:
        return
    after = _record(tx, incidents, into, CarryOver(said_on, part_id, units))
    part = said_on.forwarding(part_id) if part_id else None
    there = after.newest_forwarding(part.agency) if part else None
    _to_the_next(tx, incidents, after, there.id if there else None, units)


def _last(incidents: dict[UUID, Incident], merged: Incident) -> Incident:
    """The incident that goes on after all mergers. Those in between never had an agency that declined the first one."""
    while into := _into(incidents, merged):
        merged = into
    return merged


def _into(incidents: dict[UUID, Incident], merged: Incident) -> Incident | None:
    """The incident into which this one is merged; None: it is not merged."""
    if merged.merger is None:
        return None
    if merged.merger.into not in incidents:
        raise NotYet(f"the incident {merged.id} was merged")
    return incidents[merged.merger.into]


def _record(tx: DispatchTransaction, incidents: dict[UUID, Incident], of: Incident, command: Command) -> Incident:
    after = incidents[of.id] = tx.incidents.record(decide(of, command, tx.moment(of.regency)))
    return after

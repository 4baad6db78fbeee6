"""How busy an agency is, as far as its forwardings show."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident

RECENT = timedelta(hours=24)
"""An acknowledgement that is older says nothing about the agency today. A longer one is taken for a mistake."""


@dataclass(frozen=True, slots=True)
class Load:
    unacknowledged: int = 0
    """Open forwardings that the agency has not acknowledged, of all incidents of its regency."""
    acknowledged_in_s: int | None = None
    """How long its last acknowledgement took, if that was recently."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An agency's acknowledgement, with the time that it took."""

    agency: str
    at: datetime
    seconds: int


def waits(incident: Incident, forwarding: Forwarding) -> bool:
    """Whether the agency is expected to acknowledge. Drills and late entries say nothing about its load."""
    counts = not incident.drill and forwarding.acknowledge_by is not None
    return counts and incident.closed_at is None and forwarding.is_open and not forwarding.acknowledged


def changed_waits(before: Incident | None, after: Incident) -> Iterator[tuple[UUID, bool]]:
    """The forwardings that begin or cease to wait for an acknowledgement."""
    known = {f.id: waits(before, f) for f in before.forwardings} if before else {}
    for forwarding in after.forwardings:
        now_waits = waits(after, forwarding)
        if now_waits is not known.get(forwarding.id, False):
            yield forwarding.id, now_waits


def acknowledgements(before: Incident | None, after: Incident) -> Iterator[Acknowledged]:
    """The first acknowledgements that are new. Drills and late entries say nothing about how fast an agency is."""
    known = {f.id for f in before.forwardings if f.acknowledged_at} if before else set[UUID]()
    for forwarding in after.forwardings:
        at = forwarding.acknowledged_at
        if at is None or forwarding.id in known or after.drill or forwarding.acknowledge_by is None:
            continue
        took = at - forwarding.forwarded_at
        if timedelta() <= took <= RECENT:
            yield Acknowledged(forwarding.agency, at, round(took.total_seconds()))

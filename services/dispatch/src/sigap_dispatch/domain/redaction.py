"""The incident as another regency sees it. Only this module decides how much that is.

It names what is shown, never what is hidden: a field that an incident gets later is hidden until it is named here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sigap_common.contracts.incidents import IncidentState
from sigap_common.contracts.notes import IncidentNote
from sigap_common.contracts.places import Place
from sigap_common.contracts.shares import RedactionProfile
from sigap_common.personal_data import Sealed
from sigap_common.regency.geometry import h3_cell
from sigap_dispatch.domain.content import PERSONAL
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_dispatch.domain.state.incident import Incident

BLOCK_RESOLUTION = 9
"""The H3 resolution of a block: a hexagon of about 0.1 km², its edges 200 m long."""


@dataclass(frozen=True, slots=True)
class RedactedForwarding:
    """The part of an agency: how far it is, without its words."""

    agency: str
    state: ForwardingState
    forwarded_at: datetime
    acknowledged_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    under_control_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class RedactedIncident:
    """An incident as another regency sees it. None also stands for what the profile hides."""

    number: str
    regency: str
    state: IncidentState
    incident_type: str | None
    priority: int
    alarm_level: int
    reports: int
    doubted: bool
    drill: bool
    started_at: datetime
    created_at: datetime
    closed_at: datetime | None
    forwardings: tuple[RedactedForwarding, ...]
    block_cell: str | None = None
    """The H3 cell of resolution BLOCK_RESOLUTION that holds the place."""
    place: Place | None = None
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None
    callback_number: Sealed | None = None
    caller_language: Sealed | None = None
    notes: tuple[IncidentNote, ...] = ()


def redacted(incident: Incident, profile: RedactionProfile, without: Collection[int] = ()) -> RedactedIncident:
    """The incident as a regency with a share of this profile sees it. `without`: the numbers of notes that it does not
    see, whatever the profile.
    """
    shown = {name: getattr(incident, name) for name in _ALWAYS}
    if profile is not RedactionProfile.CITY_ONLY:
        shown["block_cell"] = _block(incident.place)
    if profile in (RedactionProfile.NONE, RedactionProfile.CONTACT_HIDDEN):
        shown["place"] = incident.place
    if profile is RedactionProfile.NONE:
        shown |= {name: getattr(incident, name) for name in PERSONAL}
        shown["notes"] = tuple(note for note in incident.notes if note.number not in without)
    return RedactedIncident(forwardings=tuple(map(_part, incident.forwardings)), **shown)


_ALWAYS = (
    *("number", "regency", "state", "incident_type", "priority", "alarm_level", "reports", "doubted", "drill"),
    *("started_at", "created_at", "closed_at"),
)
_OF_PART = tuple(RedactedForwarding.__dataclass_fields__)


def _part(forwarding: object) -> RedactedForwarding:
    return RedactedForwarding(**{name: getattr(forwarding, name) for name in _OF_PART})


def _block(place: Place | None) -> str | None:
    point = place.point if place else None
    return h3_cell(*point, BLOCK_RESOLUTION) if point else None

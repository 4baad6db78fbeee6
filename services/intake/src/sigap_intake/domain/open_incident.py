"""An incident that is still open, as intake knows it from dispatch's events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sigap_common.regency.geometry import Point


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """`number`: the one that people use. `lat`, `lon`: degrees, WGS 84; None if the place has no coordinates."""

    id: UUID
    number: str
    regency: str
    incident_type: str | None
    priority: int
    protected: bool
    drill: bool
    opened_at: datetime
    lat: float | None
    lon: float | None

    @property
    def point(self) -> Point | None:
        return None if self.lat is None or self.lon is None else Point(self.lat, self.lon)


@dataclass(frozen=True, slots=True)
class NearIncident:
    """An open incident, and how far it is from the place that was asked for, in metres."""

    incident: OpenIncident
    metres: float

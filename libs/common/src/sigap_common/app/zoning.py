"""Finds the regencies in whose area a place lies, by the zones of the packs in force. Every service gets the same
answer.
"""

from typing import Any

from sigap_common.app.resources import Environment, Resources
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone, ZoneShare, elsewhere
from sigap_common.core.workers import PACKS
from sigap_common.regency import Pack
from sigap_common.regency import Zone as RegencyZone
from sigap_common.regency.geometry import Point, overlaps
from sigap_common.regency.in_force import PacksInForce
from sigap_common.regency.zone_index import ZoneIndex

WIDEST_M = 35_000
"""Metres: the largest range of a GSM cell. A wider circle says no more, and takes 0.1 s to cut by all zones in it."""
TOLD_WITHIN_M = 1_000
"""Metres. A regency whose zone is so near to the circle is a neighbour, because its unit may be the nearest. Our own
choice, without a source.
"""


class Zoning:
    """The zones of all regencies. The packs in memory do not have them."""

    def __init__(self) -> None:
        self._index = ZoneIndex()

    def update(self, code: str, zone: RegencyZone | None) -> None:
        """Stores a regency's zone, or removes it if `zone` is None."""
        self._index.update(code, zone.prepared if zone else None)

    def middle_of(self, code: str) -> tuple[float, float] | None:
        """Latitude and longitude of the middle of a zone's bounding box; None if the regency has no zone."""
        zone = self._index.zones.get(code)
        if zone is None:
            return None
        west, south, east, north = zone.shape.bounds
        return (south + north) / 2, (west + east) / 2

    async def overlaps(self, code: str) -> list[tuple[str, float]]:
        """The other regencies whose zones overlap this one's, each with the square metres of the overlap, largest
        first.
        """
        around = self._index.around(code)
        return await PACKS.run(overlaps, *around) if around else []

    def zone_at(self, point: Point, packs: PacksInForce, here: Pack | None = None) -> Zone:
        """The zone of a point. `here`: the pack of the regency that has the call or incident; without it `elsewhere` is
        None.
        """
        wide = min(point.uncertainty_m or 0.0, WIDEST_M)
        found = self._index.locate(Point(point.lat, point.lon, wide), TOLD_WITHIN_M)
        there = packs.find(found.owner) if found.owner else None
        return Zone(
            owner=found.owner,
            candidates=tuple(code for code, _ in found.shares if code),
            shares=tuple(ZoneShare(regency=code, share=share) for code, share in found.shares),
            neighbours=found.neighbours,
            elsewhere=elsewhere(found.owner, here, there) if here else None,
        )

    def zone_of(self, place: Place | None, packs: PacksInForce, regency: str) -> Zone:
        """The zone of a place, from the view of this regency."""
        if place is None or place.point is None:
            return Zone(owner=None)
        return self.zone_at(Point(*place.point, place.uncertainty_m), packs, packs.find(regency))


class ZonedResources(Resources):
    """The resources of a service that finds out in whose zone a place lies."""

    def __init__(self, environment: Environment[Any]) -> None:
        super().__init__(environment)
        self.zoning = Zoning()

    def prepare_zone(self, zone: RegencyZone) -> None:
        _ = zone.prepared

    def zone_changed(self, code: str, zone: RegencyZone | None) -> None:
        self.zoning.update(code, zone)

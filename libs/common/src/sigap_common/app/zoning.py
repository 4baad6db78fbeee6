"""Whose area a place lies in, by the zones of the packs in force: the same answer in every service that asks."""

from typing import Any

from sigap_common.app.resources import Environment, Resources
from sigap_common.contracts.calls import Zone
from sigap_common.contracts.places import Place
from sigap_common.core.workers import PACKS
from sigap_common.regency import Zone as RegencyZone
from sigap_common.regency.geometry import Point, ZoneIndex, overlaps

WIDEST_M = 35_000
"""The largest radius that is used: the reach of a GSM cell. A wider circle tells no more, and cutting it along all
zones that it touches takes 0.1 s.
"""

Share = tuple[str | None, float]
"""A regency's code (none: no zone), and its part of the circle of uncertainty, 0 to 1."""


class Zoning:
    """The zones of all regencies. The packs in memory do not have them."""

    def __init__(self) -> None:
        self._index = ZoneIndex()

    def update(self, code: str, zone: RegencyZone | None) -> None:
        """Stores a regency's zone, or removes it if `zone` is None."""
        self._index.update(code, zone.prepared if zone else None)

    def located(self, lat: float, lon: float, uncertainty_m: float | None) -> tuple[str | None, list[Share]]:
        """The owner, and each zone that the circle touches with its share, largest first, adding up to 1.

        The owner is the zone that the centre lies in. If it lies in none, the owner is the zone with the largest share.
        """
        shares = self._index.candidates(Point(lat, lon, min(uncertainty_m or 0, WIDEST_M)))
        touched = next((code for code, _ in shares if code), None)
        owner = self._index.owner(lat, lon) if len(shares) > 1 else touched
        return owner or touched, shares

    async def overlaps(self, code: str) -> list[tuple[str, float]]:
        """The other regencies whose zones overlap this one's, each with the square metres of the overlap, largest
        first.
        """
        around = self._index.around(code)
        return await PACKS.run(overlaps, *around) if around else []

    def zone_of(self, place: Place) -> Zone:
        """A place without coordinates is in nobody's zone."""
        if place.point is None:
            return Zone(owner=None)
        owner, shares = self.located(*place.point, place.uncertainty_m)
        return Zone(owner=owner, candidates=tuple(code for code, _ in shares if code))


class ZonedResources(Resources):
    """The resources of a service that finds out in whose zone a place lies."""

    def __init__(self, environment: Environment[Any]) -> None:
        super().__init__(environment)
        self.zoning = Zoning()

    def prepare_zone(self, zone: RegencyZone) -> None:
        _ = zone.prepared

    def zone_changed(self, code: str, zone: RegencyZone | None) -> None:
        self.zoning.update(code, zone)

"""Whose area a place lies in, by the zones of the packs in force: the same answer in every service that asks."""

from typing import Any

from sigap_common.app.resources import Environment, Resources
from sigap_common.contracts.calls import Zone
from sigap_common.contracts.places import Place
from sigap_common.core.workers import PACKS
from sigap_common.regency import Zone as RegencyZone
from sigap_common.regency.geometry import Point, ZoneIndex, overlaps

WIDEST_M = 35_000
"""As far as a GSM cell reaches. A wider circle says no more, and costs 0.1 s to cut along all the zones it touches."""

Share = tuple[str | None, float]
"""A regency's code (none: no zone), and its part of the circle of uncertainty, 0 to 1."""


class Zoning:
    """The zones of all regencies, which the packs in memory lack."""

    def __init__(self) -> None:
        self._index = ZoneIndex()

    def update(self, code: str, zone: RegencyZone | None) -> None:
        """Takes a regency's zone in, or forgets it."""
        self._index.update(code, zone.prepared if zone else None)

    def located(self, lat: float, lon: float, uncertainty_m: float | None) -> tuple[str | None, list[Share]]:
        """The owner, and each zone that the circle touches with its share, largest first, adding up to 1.

        The owner is the zone that the centre lies in, or if it lies in none, the one that most of the circle does.
        """
        shares = self._index.candidates(Point(lat, lon, min(uncertainty_m or 0, WIDEST_M)))
        touched = next((code for code, _ in shares if code), None)
        owner = self._index.owner(lat, lon) if len(shares) > 1 else touched
        return owner or touched, shares

    async def overlaps(self, code: str) -> list[tuple[str, float]]:
        """The other regencies in whose zone a part of this one's lies, with its square metres, largest first."""
        around = self._index.around(code)
        return await PACKS.run(overlaps, *around) if around else []

    def zone_of(self, place: Place) -> Zone:
        """A place without coordinates is in nobody's zone."""
        if place.point is None:
            return Zone(owner=None)
        owner, shares = self.located(*place.point, place.uncertainty_m)
        return Zone(owner=owner, candidates=tuple(code for code, _ in shares if code))


class ZonedResources(Resources):
    """The resources of a service in which the places of emergencies are named."""

    def __init__(self, environment: Environment[Any]) -> None:
        super().__init__(environment)
        self.zoning = Zoning()

    def prepare_zone(self, zone: RegencyZone) -> None:
        _ = zone.prepared

    def zone_changed(self, code: str, zone: RegencyZone | None) -> None:
        self.zoning.update(code, zone)

"""A position that was read from a text."""

import math
from dataclasses import dataclass

NEAR_NULL_ISLAND = 0.001
"""Degrees. Telephones, maps and tables write 0,0 if they know no position; the nearest land is 500 km from there."""
TELEPHONE_M = 10.0
"""Metres. The best accuracy of a telephone in the open. More digits in a text do not make it more accurate."""
METRES_A_DEGREE = 111_320.0


class NoPosition(ValueError):
    """The text has the form of a position, but is not one. `code` says why."""

    def __init__(self, code: str, *readings: tuple[float, float]) -> None:
        super().__init__(code)
        self.code = code
        self.readings = readings
        """If coordinates may be swapped, both readings: as they were written, and the other way round."""


@dataclass(frozen=True, slots=True)
class Position:
    """Latitude and longitude in degrees (WGS 84); `uncertainty_m` is the radius in metres of the circle around them."""

    lat: float
    lon: float
    uncertainty_m: float


def position(lat: float, lon: float, uncertainty_m: float = TELEPHONE_M) -> Position:
    """The position. Raises NoPosition if it is 0,0, if the coordinates are swapped or if they are not on the earth."""
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise NoPosition("position_off_earth")
    if abs(lat) < NEAR_NULL_ISLAND and abs(lon) < NEAR_NULL_ISLAND:
        raise NoPosition("position_null")
    if abs(lat) <= 90 and abs(lon) <= 180:
        return Position(lat, lon, max(uncertainty_m, TELEPHONE_M))
    if abs(lat) <= 180 and abs(lon) <= 90:
        raise NoPosition("coordinates_swapped", (lat, lon), (lon, lat))
    raise NoPosition("position_off_earth")

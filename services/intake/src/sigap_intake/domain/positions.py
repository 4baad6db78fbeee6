"""A position that was read out of a text."""

import math
from dataclasses import dataclass

NEAR_NULL_ISLAND = 0.001
"""Degrees. The nearest land is 500 km away; telephones, maps and tables write 0,0 if they know no position."""
TELEPHONE_M = 10.0
"""What a telephone in the open is sure of, at best. More digits than that promise too much."""
METRES_A_DEGREE = 111_320.0


class NoPosition(ValueError):
    """The text is of the right form, and is no position all the same. `code` says why."""

    def __init__(self, code: str, *readings: tuple[float, float]) -> None:
        super().__init__(code)
        self.code = code
        self.readings = readings
        """Of swapped coordinates both readings: as they were told, and the other way round."""


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84; the radius in metres of the circle that holds it."""

    lat: float
    lon: float
    uncertainty_m: float


def position(lat: float, lon: float, uncertainty_m: float = TELEPHONE_M) -> Position:
    """Raises NoPosition for 0,0, for swapped coordinates and for what is not on the earth."""
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise NoPosition("position_off_earth")
    if abs(lat) < NEAR_NULL_ISLAND and abs(lon) < NEAR_NULL_ISLAND:
        raise NoPosition("position_null")
    if abs(lat) <= 90 and abs(lon) <= 180:
        return Position(lat, lon, max(uncertainty_m, TELEPHONE_M))
    if abs(lat) <= 180 and abs(lon) <= 90:
        raise NoPosition("coordinates_swapped", (lat, lon), (lon, lat))
    raise NoPosition("position_off_earth")

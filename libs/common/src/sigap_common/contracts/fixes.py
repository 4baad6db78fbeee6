"""From where it is known where something is."""

from enum import StrEnum


class FixSource(StrEnum):
    """What a position was found by."""

    MAP_LINK = "map_link"
    PLUS_CODE = "plus_code"
    COORDINATES = "coordinates"

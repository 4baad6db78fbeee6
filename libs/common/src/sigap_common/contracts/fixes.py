"""From where it is known where something is."""

from enum import StrEnum


class FixSource(StrEnum):
    """The way by which a position was found."""

    MAP_LINK = "map_link"
    PLUS_CODE = "plus_code"
    COORDINATES = "coordinates"
    NETWORK = "network"
    """The telephone network: the cell that the telephone is in."""
    DEVICE = "device"
    """The caller's own telephone, which an app or a message tells."""
    GAZETTEER = "gazetteer"
    MAP_CLICK = "map_click"
    TYPED = "typed"
    """Words: an address or a landmark."""

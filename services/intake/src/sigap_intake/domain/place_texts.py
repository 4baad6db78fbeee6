"""Any text as a place: a pasted map link, a plus code, coordinates; what is none of them is a name to look up."""

from sigap_common.contracts.fixes import FixSource
from sigap_intake.domain import coordinates, map_links, plus_codes
from sigap_intake.domain.positions import Position


def read(text: str, near: tuple[float, float] | None) -> tuple[FixSource, Position] | None:
    """None if the text names no position. `near`: where a short plus code is looked for.

    Raises NoPosition for what was meant as a position and is none.
    """
    if found := map_links.read(text):
        return FixSource.MAP_LINK, found
    if found := plus_codes.read(text, near):
        return FixSource.PLUS_CODE, found
    if found := coordinates.read(text):
        return FixSource.COORDINATES, found
    return None

"""Reads a position from any text: a map link, a plus code or coordinates. Any other text is a name to look up."""

from sigap_common.contracts.fixes import FixSource
from sigap_intake.domain import coordinates, map_links, plus_codes
from sigap_intake.domain.positions import Position


def read(text: str, near: tuple[float, float] | None) -> tuple[FixSource, Position] | None:
    """The position in the text and its source; None if it has none. A short plus code is resolved around `near`.

    Raises NoPosition if the text looks like a position but is not one.
    """
    if found := map_links.read(text):
        return FixSource.MAP_LINK, found
    if found := plus_codes.read(text, near):
        return FixSource.PLUS_CODE, found
    if found := coordinates.read(text):
        return FixSource.COORDINATES, found
    return None

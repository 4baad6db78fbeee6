"""Reads full and short plus codes (Open Location Code) from a text."""

import math
import re

from openlocationcode import openlocationcode as olc

from sigap_intake.domain.positions import METRES_A_DEGREE, NoPosition, Position, position

_CODE = re.compile(r"(?<![0-9A-Z+])([23456789CFGHJMPQRVWX0]{2,8}\+[23456789CFGHJMPQRVWX]{0,7})(?![0-9A-Z+])")


def read(text: str, near: tuple[float, float] | None) -> Position | None:
    """The middle of the code's cell; None if the text has no code. A short code fits many cells; the one nearest to
    `near` (latitude, longitude) is taken.

    Raises NoPosition with `plus_code_short` if the code is short and `near` is None.
    """
    codes = (match[1] for match in _CODE.finditer(text.upper()))
    code = next((one for one in codes if olc.isValid(one)), None)
    if code is None:
        return None
    if not olc.isFull(code):
        if near is None:
            raise NoPosition("plus_code_short")
        code = olc.recoverNearest(code, *near)
    cell = olc.decode(code)
    height = (cell.latitudeHi - cell.latitudeLo) / 2
    width = (cell.longitudeHi - cell.longitudeLo) / 2 * math.cos(math.radians(cell.latitudeCenter))
    return position(cell.latitudeCenter, cell.longitudeCenter, math.hypot(height, width) * METRES_A_DEGREE)

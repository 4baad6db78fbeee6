"""Reads coordinates from a text, in the notations that people use.

It reads decimal degrees with point or comma, and degrees with minutes and seconds. The hemisphere is a sign or letters,
English (N, S, E, W) or Indonesian (LU, LS, BT, BB), before or behind the number. Latitude comes first unless the
letters say otherwise.
"""

import math
import re
from collections.abc import Iterator

from sigap_intake.domain.positions import METRES_A_DEGREE, NoPosition, Position, position

_SIGNS = str.maketrans(
    dict.fromkeys("\u00ba\u02da\u1d52", "\u00b0")
    | dict.fromkeys("\u2032\u2019\u2018\u00b4`", "'")
    | dict.fromkeys("\u2033\u201d\u201c", '"')
    | dict.fromkeys("\u2212\u2013\u2014", "-")
    | dict.fromkeys("\u00a0\u202f\u2009\t\r\n", " ")
    | dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff()[]", None)
)
_WORDS = (
    (r"(?:LINTANG\s+|L\.?\s?)UTARA|\bL\.?U\.?(?![A-Z])|\bNORTH\b", "N"),
    (r"(?:LINTANG\s+|L\.?\s?)SELATAN|\bL\.?S\.?(?![A-Z])|\bSOUTH\b", "S"),
    (r"(?:BUJUR\s+|B\.?\s?)TIMUR|\bB\.?T\.?(?![A-Z])|\bEAST\b", "E"),
    (r"(?:BUJUR\s+|B\.?\s?)BARAT|\bB\.?B\.?(?![A-Z])|\bWEST\b", "W"),
    # The axis without a hemisphere
    (r"\bLAT(?:ITUDE)?\b\.?\s*[:=]?|\bLINTANG\b\s*[:=]?", "Y"),
    (r"\b(?:LON|LNG|LONG(?:ITUDE)?)\b\.?\s*[:=]?|\bBUJUR\b\s*[:=]?", "X"),
)
_WORDS_RE = tuple((re.compile(told), letter) for told, letter in _WORDS)
_OF_LATITUDE, _OF_LONGITUDE = frozenset("NSY"), frozenset("EWX")
_LONGEST = 300


def _pair(point: str) -> re.Pattern[str]:
    """The pattern of two angles with this decimal sign."""
    number = rf"\d{{1,2}}(?:{point}\d{{1,12}})?"
    alone = r"(?!\d)" if point == "," else r"(?!\d|\.\d)"

    def angle(n: int) -> str:
        return (
            rf"(?:(?P<before{n}>[NSEWXY])\s?:?\s?)?(?P<sign{n}>[-+])?\s?"
            rf"(?P<degrees{n}>\d{{1,3}}(?:{point}\d{{1,16}})?){alone}\s?(?:\u00b0|DEG\b|DERAJAT\b)?"
            rf"(?:\s?(?P<minutes{n}>{number})\s?(?:'|MENIT\b|MIN\b)"
            rf"(?:\s?(?P<seconds{n}>{number})\s?(?:\"|''|DETIK\b|SEC\b))?)?(?(before{n})|(?:\s?(?P<behind{n}>[NSEW])(?![A-Z]))?)"
        )

    between = r"\s?[,;/|]?\s?" if point == r"\." else r"(?:\s?[;/|,]\s?|\s)"
    return re.compile(rf"(?<![\w.,-]){angle(1)}{between}{angle(2)}(?![\w\u00b0]|[.,]\d)")


_PAIRS = ((".", _pair(r"\.")), (",", _pair(",")))
# Degrees, minutes and seconds with only spaces between them; the letter at the end shows that it is an angle.
_SPACED = re.compile(
    r"(?P<degrees>\d{1,3}) (?P<minutes>\d{1,2}) (?P<seconds>\d{1,2}(?:[.,]\d{1,6})?) ?(?P<behind>[NSEW])(?![A-Z])"
)


def read(text: str) -> Position | None:
    """The position in the text; None if the text has no coordinates. Raises NoPosition if they are impossible."""
    told = _with_signs(_clean(text))
    for point, pattern in _PAIRS:
        for match in pattern.finditer(told):
            one, other = (_Angle(match, n, point) for n in (1, 2))
            if one.is_meant and other.is_meant:
                return _in_order(one, other)
    return None


def _clean(text: str) -> str:
    told = text[:_LONGEST].translate(_SIGNS).upper()
    for pattern, letter in _WORDS_RE:
        told = pattern.sub(letter, told)
    return re.sub(r" {1,300}", " ", told).strip()


def _with_signs(told: str) -> str:
    return _SPACED.sub(lambda m: f"{m['degrees']}\u00b0{m['minutes']}'{m['seconds']}\"{m['behind']}", told)


class _Angle:
    """One of the two angles, as it is written in the text."""

    def __init__(self, match: re.Match[str], n: int, point: str) -> None:
        parts = [match[f"{name}{n}"] for name in ("degrees", "minutes", "seconds")]
        self.parts = [part.replace(point, ".") for part in parts if part is not None]
        self.letters = {match[f"before{n}"], match[f"behind{n}"]} - {None}
        self.negative = match[f"sign{n}"] == "-"

    @property
    def is_meant(self) -> bool:
        """Whether the number is an angle. A house number, for example, has no decimals, minutes or letters."""
        return len(self.parts) > 1 or len(self.parts[0].partition(".")[2]) >= 2 or bool(self.letters)

    @property
    def value(self) -> float:
        """The angle in degrees. Raises NoPosition if minutes or seconds are 60 or more, or if both hemispheres stand
        there.
        """
        degrees, minutes, seconds = (*map(float, self.parts), 0.0, 0.0)[:3]
        if minutes >= 60 or seconds >= 60 or len(self.letters & set("NSEW")) > 1:
            raise NoPosition("position_off_earth")
        size = degrees + minutes / 60 + seconds / 3600
        return -size if self.negative or self.letters & set("SW") else size

    @property
    def half_a_digit(self) -> float:
        """The largest error of rounding, in degrees."""
        *_, last = self.parts
        digits, divided = len(last.partition(".")[2]), len(self.parts) - 1
        return 0.5 / (math.pow(10, digits) * math.pow(60, divided))


def _in_order(one: _Angle, other: _Angle) -> Position:
    axes = list(_axes(one, other))
    if axes == ["y", "y"] or axes == ["x", "x"]:
        raise NoPosition("position_off_earth")
    lat, lon = (other, one) if axes[0] == "x" or axes[1] == "y" else (one, other)
    rounded = math.hypot(one.half_a_digit, other.half_a_digit) * METRES_A_DEGREE
    return position(lat.value, lon.value, rounded)


def _axes(*angles: _Angle) -> Iterator[str]:
    for angle in angles:
        yield "y" if angle.letters & _OF_LATITUDE else "x" if angle.letters & _OF_LONGITUDE else ""

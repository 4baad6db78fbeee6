"""The formats of short texts. Each has a name, which a refusal shows instead of the regular expression.

The catalogue's text `formats.<name>` describes the format in words, with an example.
"""

from collections.abc import Sequence
from re import compile as regex

FORMATS = {
    "regency_code": r"^[0-9]{2}\.[0-9]{2}$",
    "regency_or_all": r"^([0-9]{2}\.[0-9]{2}|\*)$",
    "agency_path": r"^[0-9]{2}\.[0-9]{2}/[a-z0-9][a-z0-9_-]{0,63}$",
    "exchange": r"^[0-9]{2}\.[0-9]{2}/[a-z0-9][a-z0-9-]{0,39}$",
    "code": r"^[a-z0-9][a-z0-9_-]{0,63}$",
    "code_in_pack": r"^[a-z0-9][a-z0-9_-]{0,39}$",
    "page_cursor": r"^[A-Za-z0-9_=-]{1,512}$",
    "prefix": r"^[A-Z0-9]{2,8}$",
    "clock_time": r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
    "telephone": r"^\+?[0-9]{3,15}$",
    "place_in_pack": r"^(/[^/]+)+$",
    "key": r"^([0-9a-z]|F[1-9]|F1[0-2])$",
    "language": r"^[a-z]{2,3}$",
    "calendar_link": r"^[A-Za-z0-9_-]{43}$",
    "call_reference": r"^[0-9A-TV-Za-tv-z]{4}[ -]?[0-9A-TV-Za-tv-z]{4}$",
}
LONGEST = 512
"""The most characters of a text that is matched against a pattern. A longer text is refused first."""
_NAMES = {pattern: name for name, pattern in FORMATS.items()}


def name_of(pattern: object) -> str:
    """The format's name; `other` for the pattern of an installed plugin, which we have no words for."""
    return _NAMES.get(str(pattern), "other")


_UNSTORABLE = regex("[\x00\ud800-\udfff]")


def is_storable(text: object) -> bool:
    """Whether it is a text that every database takes: without NUL, which PostgreSQL refuses, and without lone halves of
    a sign (surrogates), which no driver encodes.
    """
    return isinstance(text, str) and _UNSTORABLE.search(text) is None


def agency_path(agency: str, regencies: Sequence[str]) -> str:
    """The agency as `<regency>/<code>`. `agency` is either in this form already, or the code alone; then `regencies`
    must have exactly one.

    Raises ValueError if it could be an agency of several regencies.
    """
    if "/" in agency:
        return agency
    if len(regencies) != 1 or regencies[0] == "*":
        raise ValueError(f"name the agency <regency>/{agency}, or give its one --regency")
    return f"{regencies[0]}/{agency}"

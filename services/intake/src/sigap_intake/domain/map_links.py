"""Reads the position from the text of a map link. It never fetches the link.

It knows links of Google Maps (WhatsApp shares locations as such links), OpenStreetMap, Apple Maps and Waze, and geo:
URIs (RFC 5870). A shortened link contains no position.
"""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from sigap_intake.domain.positions import NoPosition, Position, position

_LINK = re.compile(r"(?:https?://|geo:)[^\s<>\"]{1,2000}", re.IGNORECASE)
_NUMBER = r"[-+]?\d{1,3}(?:\.\d{1,20})?"
_PAIR = re.compile(rf"\s*(?:loc:)?\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?:\(.*)?")
_PIN = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")
_IN_PATH = re.compile(rf"/({_NUMBER}),\s*({_NUMBER})(?=/|$)")
_VIEW = re.compile(rf"/@({_NUMBER}),({_NUMBER}),")
_OSM_VIEW = re.compile(rf"(?:^|&)map=\d{{1,2}}(?:\.\d+)?/({_NUMBER})/({_NUMBER})")
_GEO = re.compile(rf"({_NUMBER}),({_NUMBER})(?:,{_NUMBER})?(?:;[^?]*?)?", re.IGNORECASE)
_GEO_UNCERTAINTY = re.compile(r";u=(\d{1,7}(?:\.\d{1,10})?)(?=;|\?|$)", re.IGNORECASE)
_NAMED = ("q", "query", "ll", "destination", "daddr", "center", "sll", "cp")
PIN_M, VIEW_M = 25.0, 250.0
"""Radius in metres: a person sets a pin exactly; the middle of the map that the person sees is less exact."""


def read(text: str) -> Position | None:
    """The position in the first link of the text; None if there is no link.

    Raises NoPosition, `link_without_position` for a link that has none: ask for the coordinates.
    """
    found = _LINK.search(text)
    if found is None:
        return None
    link = found[0].rstrip(".,;)")
    if link[:4].lower() == "geo:":
        return _of_geo(link[4:])
    return _of_web(link)


def _of_geo(told: str) -> Position:
    path, _, query = told.partition("?")
    pinned = _named(query)  # Android writes geo:0,0?q=-3.79,102.26(Pasar)
    if pinned:
        return _at(pinned, PIN_M)
    place = _GEO.fullmatch(path)
    if place is None:
        raise NoPosition("link_without_position")
    unsure = _GEO_UNCERTAINTY.search(path)
    return _at(place, float(unsure[1]) if unsure else PIN_M)


def _of_web(link: str) -> Position:
    try:
        parts = urlsplit(link)
    except ValueError:
        raise NoPosition("link_without_position") from None
    path, fragment = unquote(parts.path), unquote(parts.fragment)
    marked = _marked(parts.query)
    pin = marked or _last(_PIN, path) or _named(parts.query) or _IN_PATH.search(path)
    if pin:
        return _at(pin, PIN_M)
    if view := _VIEW.search(path) or _OSM_VIEW.search(fragment):
        return _at(view, VIEW_M)
    raise NoPosition("link_without_position")


def _marked(query: str) -> re.Match[str] | None:
    """The marker in the query of an OpenStreetMap link."""
    told = _query(query)
    return _PAIR.fullmatch(f"{told.get('mlat', [''])[0]},{told.get('mlon', [''])[0]}")


def _named(query: str) -> re.Match[str] | None:
    told = _query(query)
    found = (_PAIR.fullmatch(told[name][0]) for name in _NAMED if name in told)
    return next((one for one in found if one), None)


def _query(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, max_num_fields=50)
    except ValueError:
        return {}


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The last match: the last point of a route is its destination."""
    return next(iter([*pattern.finditer(text)][-1:]), None)


def _at(match: re.Match[str], uncertainty_m: float) -> Position:
    return position(float(match[1]), float(match[2]), uncertainty_m)

"""Finds places of a regency by name while a person types, also with typing errors.

The search has two steps. First it finds the names that share most trigrams with the typed text, in one pass over an
array of numbers. Then rapidfuzz compares these names with the text. So a search in 50,000 names takes milliseconds.
"""

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from sigap_common.regency import Place
from sigap_common.regency.geometry import Point, distance_m

COMPARED = 150
"""So many names that share most trigrams are compared in full."""
LEAST_ALIKE = 60.0
"""Names with a lower score (0 to 100) are not shown."""
LONGEST_TYPED = 100
_NEAR_BONUS, _FAR_M = 5.0, 20_000.0
"""A place near the given point gets up to so many points more; a place beyond this distance gets none."""
_SHORT = {
    **dict.fromkeys(("jl", "jln", "jalan"), "jalan"),
    **dict.fromkeys(("gg", "gang"), "gang"),
    **dict.fromkeys(("kec", "kecamatan"), "kecamatan"),
    **dict.fromkeys(("kel", "kelurahan"), "kelurahan"),
    **dict.fromkeys(("kp", "kpg", "kampung"), "kampung"),
    **dict.fromkeys(("ds", "desa"), "desa"),
    **dict.fromkeys(("dsn", "dusun"), "dusun"),
    **dict.fromkeys(("psr", "ps", "pasar"), "pasar"),
    **dict.fromkeys(("simp", "sp", "simpang", "perempatan"), "simpang"),
    **dict.fromkeys(("perum", "prm", "perumahan"), "perumahan"),
    **dict.fromkeys(("mesjid", "masjid"), "masjid"),
    **dict.fromkeys(("pkm", "puskesmas"), "puskesmas"),
    **dict.fromkeys(("dpn", "depan"), "depan"),
    "rs": "rumah sakit",
    "rsud": "rumah sakit umum daerah",
}
_WORD = re.compile(r"[^\W_]+")
_RT_RW = re.compile(r"\b(rt|rw)[ ./]*0*(\d{1,3})\b")
_RADIUS_M = {"rt": 150.0, "rw": 300.0, "landmark": 100.0, "road": 1_000.0, "kelurahan": 1_500.0, "kecamatan": 5_000.0}
_RADIUS_OF_OTHERS_M = 500.0
"""The radius of a place of another kind, if the pack gives none. Our own choice, without a source."""


@dataclass(frozen=True, slots=True)
class Match:
    place: Place
    alike: float
    """The score, 0 to 100."""
    typed_as: str
    """The name or alias that matches."""


def radius_of(place: Place) -> float:
    """Radius in metres of the circle that holds the place."""
    return place.radius_m or _RADIUS_M.get(place.kind, _RADIUS_OF_OTHERS_M)


def plain(text: str) -> str:
    """A name in the form that is compared: lower case, no accents, usual abbreviations written out, RT 03 as rt 3."""
    told = unicodedata.normalize("NFKD", text[: 2 * LONGEST_TYPED]).casefold()
    told = "".join(sign for sign in told if not unicodedata.combining(sign))
    told = _RT_RW.sub(r"\1 \2 ", told)
    return " ".join(_SHORT.get(word, word) for word in _WORD.findall(told))


class Gazetteer:
    """The search index of a regency's places. To build it for 50,000 places takes about a second and 60 MB."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._names: list[tuple[str, str, Place]] = []
        pieces: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for place in places:
            for name in (place.name, *place.aliases):
                told = plain(name)
                for piece in set(_pieces(told, whole=True)):
                    pieces[piece].append(len(self._names))
                self._names.append((told, name, place))
        self._pieces = dict(pieces)

    def __len__(self) -> int:
        return len(self._names)

    def search(self, typed: str, limit: int, near: Point | None = None) -> list[Match]:
        """The places that match the typed text best, best first. Each place appears once, by its best name."""
        told = plain(typed[:LONGEST_TYPED])
        best: dict[int, tuple[float, float, Match]] = {}
        for number in self._candidates(told):
            name, as_written, place = self._names[number]
            alike = _alike(told, name)
            if alike < LEAST_ALIKE:
                continue
            ranked = (alike + _nearness(place, near), fuzz.ratio(told, name), Match(place, alike, as_written))
            if id(place) not in best or ranked[:2] > best[id(place)][:2]:
                best[id(place)] = ranked
        found = sorted(best.values(), key=lambda one: (-one[0], -one[1], one[2].place.name))
        return [match for _, _, match in found[:limit]]

    def _candidates(self, told: str) -> list[int]:
        """The indexes of the names that share most trigrams with the text."""
        import numpy  # imported here because only a search needs it

        lists = [self._pieces[piece] for piece in set(_pieces(told, whole=False)) if piece in self._pieces]
        if not lists:
            return []
        shared = numpy.zeros(len(self._names), dtype=numpy.uint16)
        for one in lists:
            shared[numpy.frombuffer(one, dtype=numpy.uint32)] += 1
        return _largest(shared)


def _largest(shared: object) -> list[int]:
    """The indexes of the largest counts. Of equal counts the earlier name comes first, as in the pack."""
    import numpy

    counts = numpy.asarray(shared)
    few = min(COMPARED, len(counts))
    chosen = numpy.argpartition(counts, len(counts) - few)[-few:]
    found: list[int] = chosen[counts[chosen] > 0].tolist()
    return sorted(found, key=lambda number: (-int(counts[number]), number))


def _pieces(told: str, *, whole: bool) -> Iterator[str]:
    """The trigrams of every word, with its beginning. `whole`: also with the end of the last word, which a person who
    still types has not written yet.
    """
    words = told.split()
    for n, word in enumerate(words):
        ended = f"  {word} " if whole or n < len(words) - 1 else f"  {word}"
        for start in range(len(ended) - 2):
            yield ended[start : start + 3]


def _alike(told: str, name: str) -> float:
    """The score, 0 to 100. The text may be the beginning or a part of the name, have the words in another order, or
    have typing errors.
    """
    part = fuzz.partial_ratio(told, name) if len(told) <= len(name) else 0.0
    words = fuzz.token_set_ratio(told, name)
    begins = 100.0 if name.startswith(told) else 0.0
    return 0.85 * max(part, words) + 0.15 * max(begins, fuzz.ratio(told, name))


def _nearness(place: Place, near: Point | None) -> float:
    if near is None:
        return 0.0
    return _NEAR_BONUS * max(0.0, 1 - distance_m(near, Point(place.lat, place.lon)) / _FAR_M)

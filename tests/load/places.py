"""What it costs to find a place by its name as one types it, among 50,000 of them."""

import random
import time

from tests.load.report import Figure, percentile, show

from sigap_common.regency import Place
from sigap_intake.domain.gazetteer import Gazetteer

PLACES, QUERIES = 50_000, 500
WITHIN_MS = 10.0
"""The bar, p99: "some ms"."""
_SYLLABLES = ("su", "ma", "ra", "ti", "an", "do", "ka", "pu", "lo", "bi", "ne", "ga", "wi", "sri", "har", "jo", "tan")
_KINDS = ("Jalan", "Gang", "Masjid", "Pasar", "Kelurahan", "SD Negeri", "Toko", "Perumahan")


def measure() -> None:
    chance = random.Random(112)
    names = [_name(chance) for _ in range(PLACES)]
    places = [Place(name=name, kind="landmark", lat=-3.8, lon=102.3) for name in names]
    began = time.process_time()
    gazetteer = Gazetteer(places)
    made = time.process_time() - began
    took, first = list[float](), 0
    for name in chance.sample(names, QUERIES):
        typed = _as_typed(name, chance)
        began = time.process_time()
        found = gazetteer.search(typed, 10)
        took.append(1000 * (time.process_time() - began))
        first += name in [match.place.name for match in found]
    p99 = percentile(took, 0.99)
    show(
        f"Places by name, {PLACES:,} of them, CPU",
        [
            Figure("a search of what was typed so far, median", f"{percentile(took, 0.5):.1f} ms"),
            Figure("the same, p99", f"{p99:.1f} ms", f"at most {WITHIN_MS:g} ms", p99 <= WITHIN_MS),
            Figure("what was meant is among the first ten", f"{100 * first / QUERIES:.0f} %"),
            Figure("made ready once for each pack", f"{made:.1f} s"),
        ],
    )


def _name(chance: random.Random) -> str:
    words = ("".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).title() for _ in range(2))
    return f"{chance.choice(_KINDS)} {' '.join(words)} {chance.randint(1, 99)}"


def _as_typed(name: str, chance: random.Random) -> str:
    """Small letters, one of them missing, not yet to the end."""
    whole = name.lower()
    at = chance.randrange(3, len(whole) - 3)
    slipped = whole[:at] + whole[at + 1 :]
    return slipped[: chance.randint(2 * len(slipped) // 3, len(slipped))]

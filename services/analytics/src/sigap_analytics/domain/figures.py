"""Sums facts to figures. All sums are whole numbers; only a figure's `value` is computed as a fraction."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil
from typing import Any, Literal

from sigap_analytics.domain.counted_facts import CountedFact

Value = Literal["count", "share", "median_s"]
"""How a figure's `value` is computed: the numerator, numerator / denominator, or the median in seconds."""

PERCENTILES = (50, 90, 95)


@dataclass(frozen=True, slots=True)
class Contribution:
    """The contribution of one fact to a figure. `counts`: it adds to the denominator; `holds`: it adds to the
    numerator; `ms`: a measured time.

    `unmeasured`: the fact should have a time, but has none that is possible. It stays in the denominator.
    """

    holds: bool
    ms: int | None = None
    unmeasured: bool = False
    parts: tuple[str, ...] = ()
    counts: bool = True


Measure = Callable[[Any], Contribution | None]
"""Computes the contribution of a fact to a figure. None: the figure does not count the fact."""


@dataclass(slots=True)
class Tally:
    numerator: int = 0
    denominator: int = 0
    unmeasured: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)
    """How often each time was measured, by milliseconds."""

    def add(self, adds: Contribution, weight: int) -> None:
        self.numerator += weight * adds.holds
        self.denominator += weight * adds.counts
        self.unmeasured += weight * adds.unmeasured
        for part in adds.parts:
            self.parts[part] += weight
        if adds.ms is not None:
            self.times[adds.ms] += weight


@dataclass(frozen=True, slots=True)
class Row:
    """A figure for one part of the period and one group. Times in seconds."""

    part: str | None
    group: str | None
    numerator: int
    denominator: int
    value: float | None
    n: int | None
    percentiles: dict[str, float] | None
    unmeasured: int
    parts: dict[str, int]


def rows(
    seen: Iterable[CountedFact[Any]],
    measure: Measure,
    value: Value,
    *,
    group: str | None = None,
    timed: bool = False,
    whole: bool = False,
) -> list[Row]:
    """The rows of a figure, by part of the period and by group, in order.

    `whole`: the period is neither cut nor grouped, so there is a row even if there is no case.
    """
    tallies: dict[tuple[str | None, str | None], Tally] = defaultdict(Tally)
    for one in seen:
        if (adds := measure(one.fact)) is not None:
            label = one.groups[group] if group and one.groups else None
            tallies[one.part, label].add(adds, one.weight)
    if value == "count":
        _over_the_whole(tallies)
    if not tallies and whole:
        tallies[None, None] = Tally()
    order = sorted(tallies, key=lambda key: (key[0] or "", key[1] or ""))
    return [_row(part, label, tallies[part, label], value, timed=timed) for part, label in order]


def percentiles(times: Counter[int]) -> dict[str, float]:
    """The percentiles in seconds. Each is the smallest measured time that so many per cent of all times do not exceed
    (nearest rank).
    """
    if not times:
        return {}
    ordered = sorted(times)
    up_to = list(accumulate(times[ms] for ms in ordered))
    ranks = {p: ceil(up_to[-1] * p / 100) for p in PERCENTILES}
    return {f"p{p}": ordered[bisect_left(up_to, rank)] / 1000 for p, rank in ranks.items()}


def _over_the_whole(tallies: dict[tuple[str | None, str | None], Tally]) -> None:
    """The denominators of a count: all facts in the same part of the period, of all groups together."""
    wholes: Counter[str | None] = Counter()
    for (part, _), tally in tallies.items():
        wholes[part] += tally.numerator
    for (part, _), tally in tallies.items():
        tally.denominator = wholes[part]


def _row(part: str | None, group: str | None, tally: Tally, value: Value, *, timed: bool) -> Row:
    ranked = percentiles(tally.times)
    return Row(
        part=part,
        group=group,
        numerator=tally.numerator,
        denominator=tally.denominator,
        value=_value(tally, value, ranked),
        n=tally.times.total() if timed else None,
        percentiles=ranked or None,
        unmeasured=tally.unmeasured,
        parts=dict(tally.parts),
    )


def _value(tally: Tally, value: Value, ranked: dict[str, float]) -> float | None:
    if value == "count":
        return tally.numerator
    if value == "median_s":
        return ranked.get("p50")
    return tally.numerator / tally.denominator if tally.denominator else None

"""How results are printed: a figure, what was asked, what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """`wanted`: the bar in words; `met`: None where there is no bar."""

    name: str
    seen: str
    wanted: str = ""
    met: bool | None = None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def spread(values: Sequence[float], unit: str) -> str:
    return f"median {median(values):,.0f} {unit} of {len(values)} ({min(values):,.0f} to {max(values):,.0f})"


def show(title: str, figures: Sequence[Figure]) -> None:
    print(f"\n{title}")
    for figure in figures:
        verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
        print(f"  {figure.name:<52} {figure.seen:<46} {figure.wanted:<22} {verdict}")

"""The product's own model on the benchmark of Curtois and Qu: how good a roster is after a minute, and whether it is
proven that none is better. The penalties are recounted from the instance alone.
"""

import time
from pathlib import Path

from tests.load import rosters
from tests.load.report import Figure, show
from tests.rostering import curtois_qu as benchmark

from sigap_roster.domain.program import Existing, written

SEEDS = (1, 2, 3)
SECONDS = 60
WANTED = {"instance1": (607, True), "instance2": (828, True), "instance3": (1001, True), "instance4": (1721, False)}
"""By instance the highest penalty, and whether it is to be proven that none is lower. Others are solved without."""


def _solved(path: Path, seed: int) -> Figure:
    instance = benchmark.read(path.read_text())
    roster, around = benchmark.rostered(instance)
    program = written(roster, around, benchmark.BEFORE, Existing.REPLACE)
    best, began = None, time.monotonic()
    for _, told, _ in rosters.found(program, SECONDS, seed):
        best = told if "chosen" in told else best
    took = time.monotonic() - began
    if best is None:
        return Figure(f"seed {seed}", "no answer", "an answer", False)
    worked = benchmark.worked_by(instance, program.plan(best["chosen"]))
    penalty, broken = benchmark.penalty(instance, worked), benchmark.broken(instance, worked)
    bound = best["costs"].get("rules", {}).get("bound", 0) / benchmark.PER_PENALTY
    told_of = f"{penalty}, at least {bound:.0f}, proven {best['proven']}, {len(broken)} hard breaches, {took:.1f} s"
    if path.stem not in WANTED:
        return Figure(f"seed {seed}", told_of)
    most, proof = WANTED[path.stem]
    met = penalty <= most and not broken and (best["proven"] or not proof) and took <= SECONDS + 5
    return Figure(f"seed {seed}", told_of, f"at most {most}{', proven' if proof else ''}", met)


def measure() -> None:
    paths = sorted(benchmark.DATA.glob("instance*.txt"))
    if not paths:
        print(f"no instances at {benchmark.DATA}; set SIGAP_TEST_DATA")
    for path in paths:
        show(f"{path.stem}: penalty after at most {SECONDS} s", [_solved(path, seed) for seed in SEEDS])

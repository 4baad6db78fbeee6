"""The long form: kill, stop and starve what runs while calls flow, and say what became of it.

python -m tests.faults.run [--shape single|cluster] [--seed N]
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tests.faults.campaign import Report, campaign, loud_lines
from tests.faults.checker import SERVICES
from tests.faults.damage import Fault, kill, pause, shuffled, without_kafka, without_postgres

from sigap_testing.cluster import Cluster, Installation, SingleHost

RATES = {"single": 3.0, "cluster": 10.0}
KILLS = {"single": 5, "cluster": 15}
PAUSE_SECONDS = 30.0
AWAY_SECONDS = 20.0


def single_faults() -> list[Fault]:
    return [kill("sigap")] * KILLS["single"] + [pause("sigap", PAUSE_SECONDS)]


def cluster_faults() -> list[Fault]:
    kills = [kill(SERVICES[n % len(SERVICES)]) for n in range(KILLS["cluster"])]
    pauses = [pause(name, PAUSE_SECONDS) for name in SERVICES]
    return [*kills, *pauses, without_postgres(AWAY_SECONDS), without_kafka(AWAY_SECONDS)]


def run(shape: str, seed: int, rate: float, folder: Path) -> Report:
    """Twenty kills over both shapes; each service stopped; PostgreSQL and Kafka away."""
    chance = random.Random(seed)
    there: Installation = SingleHost(folder=folder) if shape == "single" else Cluster(folder=folder)
    faults = single_faults() if shape == "single" else cluster_faults()
    with there:
        return campaign(there, shuffled(faults, chance), rate, lambda one: print(one, flush=True))


def show(console: Console, shape: str, report: Report, folder: Path) -> None:
    table = Table("fault", "flows again after s", "caught up after s", title=f"{shape}, {report.rate:g} calls/s")
    for one in report.recoveries:
        table.add_row(one.what, *("never" if s is None else f"{s:.1f}" for s in (one.flowing, one.caught_up)))
    console.print(table)
    found = report.findings
    console.print(
        f"{found.calls} calls in {report.seconds:.0f} s, {found.incidents} incidents, {found.forwardings} forwardings"
        f" with {found.revisions} revisions, {found.repeats} webhooks repeated"
    )
    console.print(f"flows again: median {report.median:.1f} s, worst {report.slowest}")
    console.print("answers:", report.answers)
    console.print("errors logged:", loud_lines(folder / "logs"))
    console.print(*(f"WRONG {wrong}" for wrong in report.wrong[:20]), f"{len(report.wrong)} wrong", sep="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Faults while calls flow, the long form")
    parser.add_argument("--shape", choices=["single", "cluster"], help="none: both")
    parser.add_argument("--seed", type=int, default=112, help="of the order of the faults")
    parser.add_argument("--rate", type=float, help=f"calls a second; none: {RATES}")
    asked = parser.parse_args(arguments)
    console, wrong = Console(width=140), 0
    for shape in [asked.shape] if asked.shape else ["single", "cluster"]:
        folder = Path(tempfile.mkdtemp(prefix=f"sigap-faults-{shape}-"))
        report = run(shape, asked.seed, asked.rate or RATES[shape], folder)
        show(console, shape, report, folder)
        wrong += len(report.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""A series of faults against one installation, under traffic, and the report of what became of it."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.faults.checker import Findings, check
from tests.faults.damage import Fault, Recovery, do
from tests.faults.traffic import Traffic

from sigap_testing.cluster import Installation

LED_WITHIN = 120.0
FIRST_CALLS = 3


@dataclass(slots=True)
class Report:
    """`answers`: what the clients were answered, by status or kind of broken connection."""

    recoveries: list[Recovery] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    answers: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    rate: float = 0.0

    @property
    def slowest(self) -> Recovery | None:
        return max(self.recoveries, key=_seconds, default=None)

    @property
    def median(self) -> float:
        """Seconds until calls flow again; infinite where they mostly do not."""
        return median(map(_seconds, self.recoveries)) if self.recoveries else 0.0

    @property
    def wrong(self) -> list[str]:
        late = [f"{r.what}: flows again after {r.flowing} s" for r in self.recoveries if not r.in_time]
        return [*self.findings.wrong, *late]


def _seconds(one: Recovery) -> float:
    return float("inf") if one.flowing is None else one.flowing


@contextmanager
def calls_flowing(installation: Installation, rate: float) -> Iterator[Traffic]:
    """Traffic of which the first calls have reached their agencies."""
    with Traffic(installation.url, rate) as traffic:
        traffic.begin()
        assert traffic.wait(lambda: len(traffic.agencies.first_arrival) >= FIRST_CALLS, 30), "no call came through"
        yield traffic


def campaign(
    installation: Installation,
    faults: Iterable[Fault],
    rate: float,
    told: Callable[[Recovery], None] = lambda _: None,
) -> Report:
    """Does the faults one after the other, each when calls flow again after the one before, and tells of each."""
    report = Report(rate=rate)
    with calls_flowing(installation, rate) as traffic:
        for fault in faults:
            report.recoveries.append(do(fault, installation, traffic))
            told(report.recoveries[-1])
        traffic.end(LED_WITHIN)
        report.findings = asyncio.run(check(traffic))
        report.answers = dict(traffic.client.answers.most_common())
        report.seconds = traffic.seconds
    return report


def loud_lines(logs: Path) -> dict[str, int]:
    """How often each process logged an error, by process: for who reads the report, no verdict."""
    return {
        log.name: sum(b'"level":"error"' in line or b'"error"' in line for line in log.read_bytes().splitlines())
        for log in sorted(logs.iterdir())
    }

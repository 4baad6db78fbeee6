"""How well and how fast likely duplicates are found.

How well: on the dispatch log of Montgomery County. The truth: rows of one address and township, each within 30 minutes
of the one before and of one coarse kind, are one event. The matcher sees the time, the incident type and a position;
never the address. Each position is moved anywhere in a circle of the stated uncertainty, with a fixed seed. A row is
compared with the events before it; then it joins its true event, as if the operator had answered. The parameters were
chosen on 2016 and 2017, but 2018 was looked at several times meanwhile, with more than one seed: it is no independent
test.
"""

import csv
import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import mean
from uuid import UUID, uuid5

from tests.faults.regency import scattered
from tests.load.board import BOARD, CODE, KIND, OPEN, filled
from tests.load.databases import on_each_database
from tests.load.report import Figure, percentile, show

from sigap_cli.replay.mapping import load_map
from sigap_cli.replay.rows import read_rows
from sigap_common.contracts.places import Place
from sigap_common.regency import Pack, load_pack
from sigap_common.regency.geometry import METRES_A_DEGREE, Point, distance_m
from sigap_dispatch.domain.duplicates import point_of
from sigap_dispatch.domain.matching import PARAMETERS, Parameters, Scene, matches, radius_m
from sigap_dispatch.use_cases.comparing import around

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SIGAP_TEST_DATA", ROOT.parents[1] / "shared" / "data"))
LOG = DATA / "calls" / "montgomery-34-days.csv"
REPLAY = ROOT / "replay"
NAMESPACE = UUID("018dc000-0000-7000-8000-00000000000d")
ONE_EVENT = timedelta(minutes=30)
SEED = 13
STORM = "2018-11-15"
CHECKS, WARM_UP, CHECK_MS = 400, 20, 10.0
BARS = {50.0: (0.95, 0.05), 150.0: (0.90, 0.12), 300.0: None}
"""By the uncertainty in metres: the least share of repeats that are found, and the largest of other rows with any."""
_ROAD = ("VEHICLE ACCIDENT", "DISABLED VEHICLE", "ROAD", "DEBRIS", "LEAKING FUEL")
_FIRE = ("FIRE", "GAS-ODOR", "CARBON MONOXIDE", "HAZARDOUS MATERIALS")


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """A row of the log, and the event to which it belongs in truth: the number of the event's first row."""

    n: int
    event: int
    at: datetime
    day: str
    point: Point
    incident_type: str

    @property
    def repeats(self) -> bool:
        return self.event != self.n


@dataclass(frozen=True, slots=True)
class Tally:
    """How many repeats there were and how many were found; how many other rows, and how many got any suggestion."""

    repeats: int = 0
    found: int = 0
    others: int = 0
    disturbed: int = 0

    @property
    def recall(self) -> float:
        return self.found / max(self.repeats, 1)

    @property
    def noise(self) -> float:
        return self.disturbed / max(self.others, 1)


def log() -> list[LoggedRow]:
    told = read_rows(LOG, load_map(REPLAY / "montgomery.map.yaml"))
    with LOG.open() as file:
        titles = list(csv.DictReader(file))
    assert len(told) == len(titles)
    rows: list[LoggedRow] = []
    last: dict[tuple[str, str, str], LoggedRow] = {}
    for n, (row, title) in enumerate(zip(told, titles, strict=True)):
        where = (title["address"], title["township"], coarse_kind(title["title"]))
        before = last.get(where)
        # The county's own clock is read as UTC: only the time between rows counts.
        at = datetime.strptime(title["timestamp"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        event = before.event if before and at - before.at <= ONE_EVENT else n
        point = Point(float(title["lat"]), float(title["lng"]))
        last[where] = LoggedRow(n, event, at, title["timestamp"][:10], point, row.incident_type)
        rows.append(last[where])
    return rows


def coarse_kind(title: str) -> str:
    """road, fire or medical. What stands before the colon, the discipline, is ignored."""
    name = title.partition(":")[2]
    if any(word in name for word in _ROAD):
        return "road"
    return "fire" if any(word in name for word in _FIRE) else "medical"


def tallies(
    rows: Sequence[LoggedRow], uncertainty_m: float, pack: Pack, parameters: Parameters = PARAMETERS, seed: int = SEED
) -> dict[str, Tally]:
    """The tally of each year, and of the storm day."""
    random, open_ones, counted = Random(seed), dict[int, Scene](), dict[str, Tally]()
    for row in rows:
        scene = _moved(row, uncertainty_m, random)
        around = list(_around(scene, open_ones, parameters))
        suggested = {match.scene.number for match in matches(scene, around, pack, parameters)}
        for name in {row.day[:4], row.day}:
            counted[name] = _counted(counted.get(name, Tally()), row, suggested)
        before = open_ones.get(row.event)
        open_ones[row.event] = replace(before, reported_at=row.at) if before else scene
    return counted


def _moved(row: LoggedRow, uncertainty_m: float, random: Random) -> Scene:
    angle, metres = 2 * math.pi * random.random(), uncertainty_m * math.sqrt(random.random())
    lat, lon = row.point.lat, row.point.lon
    lat_moved = lat + metres * math.sin(angle) / METRES_A_DEGREE
    lon_moved = lon + metres * math.cos(angle) / (METRES_A_DEGREE * math.cos(math.radians(lat)))
    moved = Point(lat_moved, lon_moved, uncertainty_m)
    return Scene(uuid5(NAMESPACE, str(row.n)), str(row.event), row.incident_type, moved, row.at)


def _around(scene: Scene, open_ones: dict[int, Scene], parameters: Parameters) -> Iterator[Scene]:
    """What the repository finds: within the radius, and reported within the window."""
    assert scene.point
    radius = radius_m(scene.point, parameters)
    for event, one in list(open_ones.items()):
        if scene.reported_at - one.reported_at > parameters.window:
            del open_ones[event]
        elif one.point and distance_m(one.point, scene.point) <= radius:
            yield one


def _counted(tally: Tally, row: LoggedRow, suggested: set[str]) -> Tally:
    if row.repeats:
        return replace(tally, repeats=tally.repeats + 1, found=tally.found + (str(row.event) in suggested))
    return replace(tally, others=tally.others + 1, disturbed=tally.disturbed + bool(suggested))


def show_log() -> None:
    rows, pack = log(), load_pack(REPLAY / "montgomery.yaml")
    events = {row.event for row in rows}
    several = {row.event for row in rows if row.repeats}
    print(f"{len(rows)} rows, {len(events)} events, {len(several)} with more than one row")
    for uncertainty, bar in BARS.items():
        counted = tallies(rows, uncertainty, pack)
        learnt = [_named("2016 and 2017, for the choice", _sum(counted["2016"], counted["2017"]), None)]
        seen = [_named("2018", counted["2018"], bar), _named(f"the storm day, {STORM}", counted[STORM], None)]
        show(f"Duplicates, positions moved within {uncertainty:.0f} m", [f for part in (*learnt, *seen) for f in part])


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(*(getattr(one, name) + getattr(other, name) for name in Tally.__slots__))


def _named(name: str, tally: Tally, bar: tuple[float, float] | None) -> list[Figure]:
    recall, noise = bar or (None, None)
    found = f"{tally.found} of {tally.repeats} = {tally.recall:.3f}"
    disturbed = f"{tally.disturbed} of {tally.others} = {tally.noise:.3f}"
    wanted = (f"at least {recall:.2f}", f"at most {noise:.2f}") if bar else ("", "")
    return [
        Figure(
            f"{name}: repeats found in the first three",
            found,
            wanted[0],
            None if recall is None else tally.recall >= recall,
        ),
        Figure(
            f"{name}: other rows with a suggestion",
            disturbed,
            wanted[1],
            None if noise is None else tally.noise <= noise,
        ),
    ]


async def _check_measured(url: str, kind: str) -> None:
    """What is done for a call that opens an incident, with open ones of the same type all over the regency."""
    async with filled(BOARD, url) as kit, kit.runtime.view() as view:
        pack, random, took = view.pack(CODE), Random(SEED), []
        for number in range(WARM_UP + CHECKS):
            lat, lon = scattered(CODE, random.randrange(OPEN)) if number % 2 else scattered(CODE, OPEN + number)
            place = Place.of(lat, lon, 20.0)
            began = time.perf_counter()
            scenes = await around(view, CODE, place, None, kit.clock(), drill=False)
            new = Scene(uuid5(NAMESPACE, str(number)), "", KIND, point_of(place), kit.clock())
            found = matches(new, scenes, pack)
            took.append((1000 * (time.perf_counter() - began), len(scenes), len(found)))
    milliseconds, compared, suggested = zip(*took[WARM_UP:], strict=True)
    p50, p99 = percentile(milliseconds, 0.5), percentile(milliseconds, 0.99)
    figures = [
        Figure("compared with, suggested (average)", f"{mean(compared):.1f}, {mean(suggested):.1f}"),
        Figure("a check", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms", f"p99 at most {CHECK_MS:g} ms", p99 <= CHECK_MS),
    ]
    show(f"The check for duplicates, {OPEN:,} open incidents, {kind}", figures)


def measure() -> None:
    show_log()
    on_each_database(_check_measured)

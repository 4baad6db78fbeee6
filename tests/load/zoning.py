"""What zoning costs with the real zones of all regencies: CPU of a question, memory of a process.

The boundaries are those of $SIGAP_TEST_DATA (else of ../shared/data). Memory is that of a process of its own, which
reads one zone at a time and holds nothing else; each of its zones has been asked about, so what is made ready at the
first question is counted.
"""

import gc
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.load.report import Figure, show
from tests.load.usage import resident_mb

from sigap_common.regency.geometry import Point
from sigap_common.regency.zone_index import ZoneIndex

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SIGAP_TEST_DATA", ROOT.parent / "shared" / "data"))
BOUNDARIES = DATA / "regencies" / "boundaries.geojson.gz"
POINT_US, ZONES_MB = 50.0, 100.0
"""The bars."""
POINTS, CIRCLES = 10_000, 300
TOLD_WITHIN_M = 1_000


def measure() -> None:
    if not BOUNDARIES.is_file():
        print(f"zoning: no boundaries at {BOUNDARIES}; set SIGAP_TEST_DATA")
        return
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "zones.jsonl"
        with gzip.open(BOUNDARIES) as file:
            features = json.load(file)["features"]
        lines.write_text("".join(json.dumps([one["id"], one["geometry"]]) + "\n" for one in features), "utf-8")
        command = [sys.executable, "-m", "tests.load.zoning", str(lines)]
        said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300).stdout
    seen = json.loads(said)
    show("Zoning", [_figure(name, *one) for name, one in seen.items()])


def _figure(name: str, seen: float, unit: str, most: float | None) -> Figure:
    if most is None:
        return Figure(name, f"{seen:,.1f} {unit}")
    return Figure(name, f"{seen:,.1f} {unit}", f"at most {most:g} {unit}", seen <= most)


def _main(lines: Path) -> None:
    ZoneIndex({"0": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}).locate(Point(0, 0, 5), 5)
    gc.collect()
    before = resident_mb(os.getpid())
    index, inner = ZoneIndex(), list[tuple[float, float]]()
    with lines.open(encoding="utf-8") as file:
        for line in file:
            code, geometry = json.loads(line)
            index.update(code, geometry)
            areas = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
            inner.append(areas[0][0][0][1::-1])
    for lat, lon in inner:
        index.locate(Point(lat, lon, 100), TOLD_WITHIN_M)
    gc.collect()
    grown = resident_mb(os.getpid()) - before
    chance = random.Random(112)
    anywhere = [Point(chance.uniform(-11, 6), chance.uniform(95, 141)) for _ in range(POINTS)]
    towns = [Point(-5.11 + chance.gauss(0, 0.05), 105.31 + chance.gauss(0, 0.05)) for _ in range(POINTS)]
    borders = [Point(*chance.choice(inner), chance.uniform(50, 20_000)) for _ in range(CIRCLES)]
    figures: dict[str, tuple[float, str, float | None]] = {
        "a point anywhere in Indonesia's box, owner": (_owner(index, anywhere), "us", POINT_US),
        "the same, with shares and neighbours": (_whole(ZoneIndex(index.zones), anywhere), "us", POINT_US),
        "a point in or near one town, the same": (_whole(index, towns), "us", POINT_US),
        "a circle of 50 m to 20 km on a border, the same": (_whole(index, borders), "us", None),
        f"{len(index)} zones, resident": (grown, "MB", ZONES_MB),
    }
    print(json.dumps(figures))


def _owner(index: ZoneIndex, points: list[Point]) -> float:
    began = time.process_time()
    for point in points:
        index.owner(point.lat, point.lon)
    return (time.process_time() - began) / len(points) * 1e6


def _whole(index: ZoneIndex, points: list[Point]) -> float:
    index.owner(0, 0)  # the tree is built at the first question
    began = time.process_time()
    for point in points:
        index.locate(point, TOLD_WITHIN_M)
    return (time.process_time() - began) / len(points) * 1e6


if __name__ == "__main__":
    _main(Path(sys.argv[1]))

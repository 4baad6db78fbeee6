"""The whole log through the public API: every row is an incident, the figures are the file's own, and nothing that
was said lies in clear anywhere.

pytest -m slow tests/replay
"""

import asyncio
import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.canary import CANARIES, led_through
from tests.end_to_end.kept import found_anywhere
from tests.load.usage import resident_mb

from sigap_cli.regency.applying import carry_out, plan, read_source
from sigap_cli.replay.mapping import load_map
from sigap_cli.replay.rows import Row, read_rows
from sigap_cli.tokens import Who, signed_in
from sigap_testing.cluster import Cluster, Installation, SingleHost
from sigap_testing.eventually import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

HERE = Path(__file__).parent
DATA = Path(os.environ.get("SIGAP_TEST_DATA", HERE.parents[2] / "shared" / "data"))
LOG, MAP, PACK = DATA / "calls" / "montgomery-34-days.csv", HERE / "montgomery.map.yaml", HERE / "montgomery.yaml"
REGENCY, MIXED = "99.91", 200
FIGURES = "/v1/kpis/"
OF_THE_LOG = {"regency": REGENCY, "from": "2016-01-15", "to": "2018-11-15"}
BEFORE_IT, AFTER_IT = "2024-01-01", "2027-12-31"
CANARY_REGENCY = "99.75"
EVERY_ADDRESS = 50
"""Of so many rows the address of one is searched for, besides every number."""
HOST_MIB = 350.0


@pytest.fixture(
    params=["single", pytest.param("cluster", marks=[pytest.mark.kafka, pytest.mark.postgres])], scope="module"
)
def installation(request: pytest.FixtureRequest) -> Iterator[Installation]:
    if not LOG.exists():
        pytest.skip(f"the county's log is not at {LOG}; set SIGAP_TEST_DATA")
    with SingleHost() if request.param == "single" else Cluster() as found:
        yield found


async def figure(url: str, code: str, **asked: str) -> list[dict[str, Any]]:
    async with signed_in(url, Who(("analyst",), (REGENCY,))) as api:
        rows: list[dict[str, Any]] = (await api.get(FIGURES + code, **asked))["rows"]
        return rows


async def prepare(url: str) -> None:
    async with signed_in(url, Who(("admin",), ("*",))) as api:
        (applied,) = await carry_out(api, await plan(api, [read_source(PACK)]), 60)
        assert applied.ok


def replayed(url: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "sigap_cli.main", "replay", str(LOG), "--map", str(MAP), "--regency", REGENCY]
    command += ["--speed", "max", "--mix", str(MIXED), "--json", "--url", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def resident(there: Installation) -> dict[str, float]:
    """MiB of each process."""
    return {name: round(resident_mb(process.pid), 1) for name, process in there.processes.items()}


def expected_kinds(rows: list[Row]) -> Counter[str]:
    return Counter(row.incident_type for row in rows)


def expected_days() -> Counter[str]:
    """By the county's own calendar, in which the file is written, as a fact's day is the regency's."""
    with LOG.open(encoding="utf-8-sig", newline="") as table:
        return Counter(row["timestamp"][:10] for row in csv.DictReader(table))


async def said(url: str) -> set[str]:
    """Numbers, notes and addresses of the calls that were replayed, as those who may are shown them."""
    async with signed_in(url, Who(("supervisor",), (REGENCY,))) as api:
        calls = [call async for call in api.pages("/v1/calls", regency=REGENCY, limit=200)]
    numbers = {call["number"].removeprefix("+62") for call in calls if call["number"]}
    notes = {note["text"] for call in calls for note in call["notes"]}
    addresses = sorted(
        {call["location"]["address"] for call in calls if call["location"] and call["location"]["address"]}
    )
    return numbers | notes | set(addresses[::EVERY_ADDRESS])


async def test_the_whole_log_and_its_figures(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    rows, url = read_rows(LOG, load_map(MAP)), installation.url
    await prepare(url)
    await led_through(url, CANARY_REGENCY)
    began = time.monotonic()
    summary = await asyncio.to_thread(replayed, url)
    assert (summary["rows"], summary["incidents"], summary["finished"]) == (3051, 3051, 3051)
    assert summary["acknowledged"] == summary["forwardings"]
    kinds = expected_kinds(rows)

    async def heard() -> bool:
        found = await figure(url, "incidents", **OF_THE_LOG, group="kind")
        return {row["group"]: row["numerator"] for row in found} == kinds

    await eventually(heard, within=60, every=1)
    days = await figure(url, "incidents", **OF_THE_LOG, grain="day")
    assert {row["period"]: row["numerator"] for row in days} == expected_days()
    calls = await figure(url, "calls", **OF_THE_LOG)
    assert calls[0]["parts"] == {"received": 3051, "answered": 3051, "emergency": 3051}
    mixed = await figure(url, "calls", regency=REGENCY, **{"from": BEFORE_IT, "to": AFTER_IT})
    assert mixed[0]["parts"]["received"] == MIXED
    assert "emergency" not in mixed[0]["parts"]
    with capsys.disabled():
        print(f"\n{summary['forwardings']} forwardings in {summary['seconds']:.0f} s, all figures after", end=" ")
        print(f"{time.monotonic() - began:.0f} s; resident: {resident(installation)}")


async def test_nothing_that_was_said_lies_in_clear_anywhere(installation: Installation) -> None:
    wanted = await said(installation.url)
    assert len(wanted) > MIXED // 2
    assert await found_anywhere(installation, *CANARIES, *(one.encode() for one in sorted(wanted))) == []
    assert await found_anywhere(installation, REGENCY.encode()) != []  # what is no secret is found


def test_memory_has_not_grown(installation: Installation) -> None:
    if isinstance(installation, SingleHost):
        assert resident(installation)["sigap"] < HOST_MIB

"""Historic rows through real services: each becomes one incident that agencies acknowledge, however often it is run."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from sigap_cli.console import DONE, NOT_ACHIEVED
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.patience import patience

from .conftest import Items, Sigap

PACK = """\
code: "{code}"
name: Kota Riwayat
prefix: RWY{digits}
time_zone: Asia/Jakarta
agencies:
  - {{code: damkar, name: Damkar, kind: fire}}
  - {{code: psc, name: PSC 119, kind: ambulance}}
response_plans:
  - {{incident_type: fire, agencies: [damkar, psc]}}
  - {{incident_type: medical, agencies: [psc]}}
"""
MAP = """\
columns: {lat: lat, lon: lon, title: what, at: when, address: where}
time_zone: Asia/Jakarta
types:
  - {prefix: "Kebakaran", type: fire}
  - {prefix: "Sakit", type: medical}
"""


class History:
    """A file of `count` rows, at most 60, every third a fire, a minute apart, and how to read it."""

    def __init__(self, folder: Path, regency: str, count: int) -> None:
        self.regency, self.count = regency, count
        self.file, self.map, self.pack = folder / "calls.csv", folder / "map.yaml", folder / "pack.yaml"
        kinds = ("Kebakaran rumah", "Sakit perut", "Sakit kepala")
        rows = [f"-3.8,102.3,{kinds[n % 3]},2016-01-15 00:{n:02},Jalan {n}" for n in range(count)]
        self.file.write_text("\n".join(["lat,lon,what,when,where", *rows]) + "\n")
        self.map.write_text(MAP)
        self.pack.write_text(PACK.format(code=regency, digits=regency[-2:]))

    def args(self, *more: str) -> list[str]:
        return ["replay", str(self.file), "--map", str(self.map), "--regency", self.regency, *more]


@pytest.fixture
def history(request: pytest.FixtureRequest, sigap: Sigap, tmp_path: Path) -> History:
    """In a regency of the test's own."""
    made = History(tmp_path, f"98.{10 + len(request.node.name) % 80}", count=12)
    assert sigap("regency", "apply", str(made.pack))[0] == DONE
    return made


def test_every_row_is_an_incident_that_its_agencies_acknowledged(sigap: Sigap, history: History, items: Items) -> None:
    code, out, err = sigap(*history.args("--json"))
    summary = json.loads(out)
    assert (code, err, summary["errors"]) == (DONE, "", [])
    counts = {"rows": 12, "calls": 12, "incidents": 12, "forwardings": 16, "acknowledged": 16, "finished": 12}
    assert {name: summary[name] for name in counts} == counts
    incidents = items("/v1/incidents", regency=history.regency)
    assert Counter(incident["incident_type"] for incident in incidents) == {"fire": 4, "medical": 8}
    assert {incident["day"] for incident in incidents} == {"2016-01-15"}
    assert all(incident["backfilled"] for incident in incidents)
    assert {incident["place"]["address"] for incident in incidents} == {f"Jalan {n}" for n in range(12)}


def test_run_again_it_makes_nothing_double(sigap: Sigap, history: History, items: Items) -> None:
    for _ in range(2):
        code, out, _ = sigap(*history.args("--json", "--mix", "7", "--concurrency", "3"))
        assert code == DONE
        assert json.loads(out)["acknowledged"] == 16
    assert len(items("/v1/calls", regency=history.regency)) == 19
    assert len(items("/v1/incidents", regency=history.regency)) == 12


def test_generated_calls_of_all_other_classes_are_mixed_in(sigap: Sigap, history: History, items: Items) -> None:
    code, out, _ = sigap(*history.args("--json", "--mix", "14", "--seed", "5"))
    assert (code, json.loads(out)["generated"]) == (DONE, 14)
    calls = items("/v1/calls", regency=history.regency)
    classes = Counter(call["call_class"] for call in calls if not call["backfilled"])
    others = ("non_emergency", "information", "prank", "wrong_number", "silent", "out_of_zone", "line_test")
    assert classes == dict.fromkeys(others, 2)
    assert Counter(call["backfilled"] for call in calls) == {True: 12, False: 14}


def test_for_people_there_is_a_table_at_the_end(sigap: Sigap, history: History) -> None:
    code, out, _ = sigap(*history.args("--speed", "600"))
    assert code == DONE
    assert ["acknowledged", "16"] in [line.replace("│", " ").split() for line in out.splitlines()]


def test_a_row_that_no_agency_was_told_of_is_a_failure(sigap: Sigap, history: History) -> None:
    history.map.write_text(MAP.replace("type: medical", "type: flood"))
    code, out, _ = sigap(*history.args("--json", "--patience", "2"))
    assert (code, json.loads(out)["finished"]) == (NOT_ACHIEVED, 4)


def test_an_unknown_kind_of_incident_is_named_with_its_row(sigap: Sigap, history: History) -> None:
    history.map.write_text(MAP.replace("Sakit", "Lain"))
    code, out, err = sigap(*history.args("--json"))
    assert (code, out) == (NOT_ACHIEVED, "")
    assert "row 2: no kind of incident for the title 'Sakit perut'" in err


def test_the_export_of_the_next_day_adds_only_what_is_new(sigap: Sigap, history: History, items: Items) -> None:
    assert sigap(*history.args("--json"))[0] == DONE
    head, *rows = history.file.read_text().splitlines()
    new = "-3.8,102.3,Kebakaran pasar,2016-01-16 00:00,Jalan Baru"
    history.file.write_bytes("\r\n".join(["\ufeff" + head, new, *reversed(rows), ""]).encode())
    assert sigap(*history.args("--json"))[0] == DONE
    assert len(items("/v1/incidents", regency=history.regency)) == 13


@pytest.mark.parametrize(
    "wrong",
    ["-3.8,102.3,Lain,2016-01-16 00:00,A", "102.3,-3.8,Sakit,2016-01-16 00:00,A"],
    ids=["a kind that the pack has not", "a place that cannot be"],
)
def test_a_file_with_one_wrong_row_begins_no_call(sigap: Sigap, history: History, items: Items, wrong: str) -> None:
    before = len(items("/v1/calls", regency=history.regency))
    history.map.write_text(MAP + '  - {prefix: "Lain", type: unheard_of}\n')
    history.file.write_text(history.file.read_text().replace("Jalan", "Gang") + wrong + "\n")
    code, out, err = sigap(*history.args("--json"))
    assert (code, out) == (NOT_ACHIEVED, "")
    assert "row 13" in err
    assert "'unheard_of'" in err or "column lat" in err
    assert len(items("/v1/calls", regency=history.regency)) == before


def begun(url: str, args: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "sigap_cli.main", *args]
    environment = {**os.environ, "SIGAP_URL": url}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


async def test_what_a_killed_replay_began_the_next_one_ends(
    sigap: Sigap, history: History, items: Items, host: SingleHost
) -> None:
    first = begun(host.url, history.args("--speed", "30", "--concurrency", "2"))
    await eventually(lambda: len(items("/v1/calls", regency=history.regency)) >= 3, within=60, every=0.1)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=patience(30))
    assert (await asyncio.to_thread(sigap, *history.args("--json")))[0] == DONE
    assert len(items("/v1/calls", regency=history.regency)) == 12
    assert len(items("/v1/incidents", regency=history.regency)) == 12


@pytest.mark.timeout(240)
async def test_a_host_that_is_killed_and_started_again_loses_and_doubles_nothing(
    tmp_path: Path, speak_to: Sigap
) -> None:
    history = History(tmp_path, "98.09", count=40)
    with SingleHost(folder=tmp_path) as host:
        applied = await asyncio.to_thread(speak_to, host.url, "regency", "apply", str(history.pack))
        assert applied[0] == DONE
        token = (await asyncio.to_thread(speak_to, host.url, "token", "--role", "supervisor"))[1].strip()
        replaying = begun(host.url, history.args("--json"))
        await eventually(lambda: len(calls(host.url, token)) >= 5, within=60, every=0.1)
        host.processes["sigap"].kill()
        out, err = await asyncio.to_thread(replaying.communicate, timeout=patience(120))
        summary = json.loads(out)
        assert (replaying.returncode, err, summary["errors"]) == (DONE, "", [])
        assert (summary["incidents"], summary["forwardings"], summary["acknowledged"]) == (40, 54, 54)
        assert len(calls(host.url, token)) == 40


def calls(url: str, token: str) -> list[Any]:
    headers = {"Authorization": f"Bearer {token}"}
    found: list[Any] = httpx.get(f"{url}/v1/calls?limit=200", headers=headers, timeout=patience(30)).json()["items"]
    return found

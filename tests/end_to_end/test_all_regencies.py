"""All 514 regencies with their real boundaries, brought by the command into a running system."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from sigap_cli.main import app
from sigap_testing.cluster import Cluster, SingleHost
from sigap_testing.patience import patience

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("SIGAP_TEST_DATA", ROOT.parent / "shared" / "data")) / "regencies"
BOUNDARIES, ROWS = DATA / "boundaries.geojson.gz", DATA / "regencies.csv"
ALL = 514
WITHIN_SECONDS, GROWTH_MIB = 60.0, 100.0
MONAS = {"lat": -6.1754, "lon": 106.8272}

pytestmark = [
    pytest.mark.skipif(not BOUNDARIES.exists(), reason=f"no real boundaries at {BOUNDARIES}; set SIGAP_TEST_DATA"),
    pytest.mark.timeout(400),
]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """`seconds`: from the first PUT until every service has answered for every regency; `cpu` seconds and `growth` in
    MiB: of the process that zones.
    """

    seconds: float
    cpu: float
    growth: float

    def __str__(self) -> str:
        took = f"{ALL} regencies in {self.seconds:.1f} s (bar {WITHIN_SECONDS:g})"
        return f"{took}, {self.cpu:.1f} s of CPU, +{self.growth:.0f} MiB"


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def printed(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")

    return printed


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("packs")
    made = _sigap("regency", "import-boundaries", str(BOUNDARIES), "--csv", str(ROWS), "--out", str(folder))
    assert f"{ALL} packs" in made
    return sorted(folder.glob("*.json"))


def _sigap(*args: str, url: str = "http://127.0.0.1:9") -> str:
    done = CliRunner().invoke(app, list(args), env={"SIGAP_URL": url, "COLUMNS": "200"})
    assert done.exit_code == 0, done.output[-4000:]
    return done.output


def _loaded(url: str, pid: int, packs: list[Path]) -> Loaded:
    before, used, began = _resident(pid), _cpu(pid), time.monotonic()
    said = _sigap("regency", "apply", "--timeout", "300", *map(str, packs), url=url)
    seconds = time.monotonic() - began
    assert f"{ALL} of {ALL} in force in every service" in said
    assert _owner(url) == "31.71"
    return Loaded(seconds, _cpu(pid) - used, _resident(pid) - before)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def _owner(url: str) -> str:
    asked = {"roles": ["operator"], "regencies": ["*"]}
    token = httpx.post(f"{url}/v1/auth/demo-tokens", json=asked, timeout=patience(30)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{url}/v1/zones", params=MONAS, headers=headers, timeout=patience(30))
    return str(answer.json()["owner"])


def test_every_service_of_a_single_host_works_by_all_of_them(packs: list[Path], tmp_path: Path, say: Say) -> None:
    with SingleHost(folder=tmp_path) as host:
        say(f"single host: {_loaded(host.url, host.processes['sigap'].pid, packs)}")


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.kafka
def test_in_the_cluster_it_takes_a_minute_and_little_of_intake_s_memory(
    packs: list[Path], cluster: Cluster, say: Say
) -> None:
    loaded = _loaded(cluster.url, cluster.processes["intake"].pid, packs)
    say(f"cluster, intake: {loaded}")
    assert loaded.seconds <= WITHIN_SECONDS
    assert loaded.growth <= GROWTH_MIB

"""A demonstration stays on its machine unless it is told twice, and says what it is."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import httpx
import pytest

from sigap_common.app.application import create_app
from sigap_common.app.host import OneOrigin, runtimes
from sigap_common.app.manifest import services
from sigap_common.bus import open_bus
from sigap_common.core.demonstration import refuse_open_demonstration, warnings
from sigap_common.core.production import UnsafeSettings
from sigap_common.core.settings import CommonSettings
from sigap_testing.patience import patience

ROOT = Path(__file__).parents[4]
RUN = [sys.executable, "-m", "sigap_cli.main", "run"]
CHECK = [sys.executable, "-m", "sigap_cli.main", "check-secrets"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.7", "10.0.0.1", "sigap.example", "127.0.0.1.example"])
def test_a_demonstration_that_others_reach_is_said_twice(host: str) -> None:
    with pytest.raises(UnsafeSettings, match="SIGAP_DEMO_BEYOND_LOOPBACK=true"):
        refuse_open_demonstration(CommonSettings(host=host))
    refuse_open_demonstration(CommonSettings(host=host, demo_beyond_loopback=True))
    refuse_open_demonstration(CommonSettings(host=host, environment="production"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_a_demonstration_on_its_own_machine_starts(host: str) -> None:
    refuse_open_demonstration(CommonSettings(host=host))


def test_the_command_refuses_before_it_makes_anything(tmp_path: Path) -> None:
    environment = {**os.environ, "SIGAP_HOST": "0.0.0.0", "SIGAP_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(RUN, env=environment, capture_output=True, text=True, timeout=patience(60), check=False)
    assert (done.returncode, "SIGAP_DEMO_BEYOND_LOOPBACK" in done.stderr) == (1, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["SIGAP_LISTEN", "KEYCLOAK_LISTEN"])
def test_compose_refuses_it_too(name: str) -> None:
    for value, code in (("0.0.0.0:8112", 1), ("8112", 1), ("[::]:8112", 1), ("127.0.0.1:8112", 0), ("[::1]:8112", 0)):
        done = subprocess.run(CHECK, env={**os.environ, name: value}, capture_output=True, text=True, check=False)
        assert (done.returncode, value in done.stderr) == (code, code == 1), done
    told = {**os.environ, name: "8112", "SIGAP_DEMO_BEYOND_LOOPBACK": "true"}
    assert subprocess.run(CHECK, env=told, capture_output=True, check=False).returncode == 0


def test_the_log_says_what_it_is() -> None:
    said = warnings(CommonSettings(host="10.0.0.1"), ["SIGAP_KEY_RING"])
    assert all(line.startswith("DEMONSTRATION: ") for line in said)
    assert ["10.0.0.1" in line for line in said] == [False, True, False]
    assert "SIGAP_KEY_RING" in said[2]
    assert warnings(CommonSettings(environment="production", host="0.0.0.0"), ["X"]) == []


@pytest.mark.parametrize("environment", ["demo", "production"])
@pytest.mark.parametrize("names", [None, ["intake"]])
async def test_every_page_says_what_it_is(
    tmp_path: Path, environment: Literal["demo", "production"], names: list[str] | None
) -> None:
    common = CommonSettings(data_dir=tmp_path, environment=environment)
    running = runtimes(services(names), common, open_bus(common.bus_url, data_dir=tmp_path))
    transport = httpx.ASGITransport(OneOrigin([create_app(runtime) for runtime in running]))
    async with httpx.AsyncClient(transport=transport, base_url=common.public_url) as client:
        for path in ("/docs", "/docs/services/intake"):
            page = await client.get(path)
            shown = ["DEMONSTRASI" in page.text, "DEMONSTRATION" in page.text]
            assert (page.status_code, shown) == (200, [environment == "demo"] * 2)


def test_the_image_starts_in_production() -> None:
    assert "SIGAP_ENVIRONMENT=production" in (ROOT / "Dockerfile").read_text()

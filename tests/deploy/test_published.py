"""Production refuses every secret that a file of the repository contains."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from sigap_cli import published_search
from sigap_common.app.host import runtimes
from sigap_common.app.manifest import services
from sigap_common.bus import open_bus
from sigap_common.core.production import UnsafeSettings, refuse_published
from sigap_common.core.published import LIST, is_published, published_among
from sigap_common.core.settings import CommonSettings
from sigap_testing.patience import patience

ROOT = Path(__file__).parents[2]
DEFAULTS = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", (ROOT / "docker-compose.yml").read_text()))
EXAMPLE = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
RING = EXAMPLE["SIGAP_KEY_RING"]
KEY = RING.partition(":")[2]
FRESH = base64.b64encode(os.urandom(32)).decode()
SIGAP = [sys.executable, "-m", "sigap_cli.main"]
PRODUCTION = {"SIGAP_ENVIRONMENT": "production"}


def secrets_of_the_files() -> Iterator[str]:
    """Read here in another way than the product's search does."""
    for values in (DEFAULTS, EXAMPLE):
        yield from (v for n, v in values.items() if re.search("PASSWORD|SECRET$|KEY_RING", n))
    for user in json.loads((ROOT / "deploy/keycloak/sigap-users-0.json").read_text())["users"]:
        yield from (one["value"] for one in user["credentials"])
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]:
        text = page.read_text()
        yield from re.findall(r"whsec_[\w+/]{16,}=*", text)
        yield from re.findall(r"password=([\w-]+)", text)


def test_the_list_is_what_the_files_say() -> None:
    """Else: make docs"""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("the files of the repository are found by git")
    kept = (Path(str(files("sigap_common.core"))) / LIST).read_text()
    assert kept == published_search.written(ROOT)


def test_every_secret_of_the_files_is_known_in_every_spelling() -> None:
    values = set(secrets_of_the_files())
    assert {RING, "demo", "demo-sigap-112"} < values
    assert [value for value in values if not published_among({"SIGAP_SOME_SECRET": value})] == []
    raw = base64.b64decode(KEY)
    spellings = [KEY, KEY.rstrip("="), f" {KEY}\n", base64.urlsafe_b64encode(raw).decode(), raw.decode()]
    assert all(map(is_published, spellings))
    assert not is_published(FRESH)


@pytest.mark.parametrize(
    "ring", [RING, f"k7:{KEY}", f"k1:{FRESH},old:{KEY}", f"k1:{FRESH},lookup:{KEY}", f" demo:{KEY} "]
)
def test_production_refuses_the_printed_key_anywhere_in_a_ring(ring: str, tmp_path: Path) -> None:
    bus = open_bus("embedded://", data_dir=tmp_path)
    with pytest.raises(UnsafeSettings, match="SIGAP_KEY_RING"):
        runtimes(services(), CommonSettings(environment="production", key_ring=ring, data_dir=tmp_path), bus)


def test_production_refuses_it_in_the_file_of_the_data_folder_too(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"k1:{KEY}\n")
    bus = open_bus("embedded://", data_dir=tmp_path)
    with pytest.raises(UnsafeSettings, match="keys"):
        runtimes(services(), CommonSettings(environment="production", data_dir=tmp_path), bus)


URL = "postgresql+asyncpg://intake"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name, value in DEFAULTS.items() if re.search("PASSWORD|SECRET$|KEY_RING", name)),
        ("SIGAP_INTAKE_DATABASE_URL", f"{URL}:demo@postgres/intake"),
        ("SIGAP_INTAKE_DATABASE_URL", f"{URL}:d%65mo@postgres/intake"),
        ("SIGAP_INTAKE_DATABASE_URL", f"{URL}@postgres/intake?password=demo"),
        ("PGPASSWORD", "demo"),
        ("SIGAP_SECRET_DAMKAR", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
)
def test_production_refuses_each_of_them(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UnsafeSettings) as refused:
        refuse_published(CommonSettings(environment="production"))
    assert f"  {name}: make your own value: " in str(refused.value)
    assert value == "demo" or value not in str(refused.value)
    refuse_published(CommonSettings(environment="demo"))


def test_each_command_that_starts_something_refuses_it_and_makes_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, **PRODUCTION, "SIGAP_DATA_DIR": str(tmp_path / "data"), "SIGAP_KEY_RING": RING}
    for command in (["run"], ["migrate"], ["check-secrets"]):
        done = subprocess.run([*SIGAP, *command], env=environment, capture_output=True, text=True, timeout=patience(60))
        assert (done.returncode, "  SIGAP_KEY_RING: make" in done.stderr) == (1, True), done
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_production_names_all_of_them_at_once(tmp_path: Path) -> None:
    accounts = ["--accounts", str(ROOT / "deploy/keycloak/sigap-users-0.json")]
    environment = {**os.environ, **EXAMPLE, **PRODUCTION, "SIGAP_DATA_DIR": str(tmp_path)}
    done = subprocess.run([*SIGAP, "check-secrets", *accounts], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    names = [name for name in EXAMPLE if re.search("PASSWORD|SECRET$|KEY_RING|DEMO_CLIENT", name)]
    assert [name for name in [*names, "the password of operator", "of admin"] if name not in done.stderr] == []


def test_a_demonstration_starts_with_them_and_says_so(tmp_path: Path) -> None:
    environment = {**os.environ, **EXAMPLE, "SIGAP_DATA_DIR": str(tmp_path)}
    done = subprocess.run([*SIGAP, "check-secrets"], env=environment, capture_output=True, text=True)
    assert (done.returncode, "DEMONSTRATION" in done.stderr, "SIGAP_KEY_RING" in done.stderr) == (0, True, True)


def test_values_of_ones_own_are_not_refused(tmp_path: Path) -> None:
    own = {name: os.urandom(16).hex() for name in EXAMPLE if re.search("PASSWORD|SECRET$", name)}
    own |= {"SIGAP_KEY_RING": f"k1:{FRESH}", "SIGAP_DEMO_CLIENT": "false"}
    accounts = ["--accounts", str(ROOT / "deploy/keycloak/without-users/sigap-users-0.json")]
    environment = {**os.environ, **EXAMPLE, **own, **PRODUCTION}
    done = subprocess.run([*SIGAP, "check-secrets", *accounts], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_compose_starts_nothing_before_the_check_and_shows_it_every_secret() -> None:
    parts = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    done = {"condition": "service_completed_successfully"}
    assert parts["postgres"]["depends_on"]["check-secrets"] == done
    assert parts["check-secrets"]["network_mode"] == "none"
    asked = {name for name in DEFAULTS if re.search("PASSWORD|SECRET$|KEY_RING|DEMO|ENVIRONMENT|LISTEN", name)}
    assert parts["check-secrets"]["environment"].keys() == asked

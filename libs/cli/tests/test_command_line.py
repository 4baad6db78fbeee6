"""What the command answers without any service: help, wrong usage, nobody there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sigap_cli import main
from sigap_cli.console import CANNOT_LOAD, NOT_ACHIEVED, NOT_REACHED, USAGE
from sigap_cli.main import COMMANDS, app
from sigap_testing.patience import patience

NOBODY = "http://127.0.0.1:9"
runner = CliRunner()


def said(*args: str, **env: str) -> tuple[int, str, str]:
    result = runner.invoke(app, list(args), env={"SIGAP_URL": NOBODY, **env})
    return result.exit_code, result.stdout, result.stderr


def test_help_names_every_command() -> None:
    code, out, _ = said("--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    code, out, _ = said(command, "--help")
    assert code == 0
    assert "Usage: " in out


@pytest.mark.parametrize(
    "args",
    [
        ("nonsense",),
        ("token",),
        ("token", "--role", "agency", "--agency", "damkar"),
        ("drill", "--timeout", "0"),
        ("replay", "absent.csv", "--map", "absent.yaml", "--regency", "99.01"),
        ("run", "--port", "99999"),
        ("dead-letters", "list"),
        ("openapi", "--unknown"),
        ("asyncapi", "--format", "xml"),
    ],
    ids=" ".join,
)
def test_wrong_usage_says_so(args: tuple[str, ...]) -> None:
    code, _, err = said(*args)
    assert code == USAGE
    assert "Usage: " in err


@pytest.mark.parametrize(
    "args",
    [
        ("token", "--role", "operator"),
        ("drill",),
        ("regency", "list"),
        ("regency", "show", "99.01"),
        ("dead-letters", "list", "intake"),
    ],
    ids=" ".join,
)
def test_where_nobody_answers_it_says_so_in_one_sentence(args: tuple[str, ...]) -> None:
    code, out, err = said(*args)
    assert (code, out) == (NOT_REACHED, "")
    assert err.startswith(f"Nothing answers at {NOBODY} (connection refused).")


def test_a_drill_that_reaches_nobody_still_prints_its_json_and_nothing_else() -> None:
    code, out, _ = said("drill", "--json")
    assert code == NOT_REACHED
    nothing: dict[str, object] = {"ok": False, "call_id": None, "incident_id": None, "steps": []}
    assert json.loads(out) == nothing | {"silent": [], "left_open": False}


def test_a_wrong_pack_is_refused_with_its_place_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text("code: '99.01'\ncode: '99.02'\n")
    code, _, err = said("regency", "apply", str(path))
    assert code == NOT_ACHIEVED
    assert "line 2" in err


def test_boundaries_that_give_no_pack_are_refused_with_every_reason(tmp_path: Path) -> None:
    shapes, rows = tmp_path / "b.geojson", tmp_path / "r.csv"
    shapes.write_text('{"type": "FeatureCollection", "features": [{"id": "99.01", "geometry": {}}]}')
    rows.write_text("code,name,timezone\n")
    code, _, err = said("regency", "import-boundaries", str(shapes), "--csv", str(rows), "--out", str(tmp_path))
    assert code == NOT_ACHIEVED
    assert "99.01" in err


class Point:
    """An entry point of a plugin that fails."""

    name, value = "broken", "absent.module:app"

    def load(self) -> object:
        raise ModuleNotFoundError("No module named 'absent'")


def test_a_command_that_does_not_load_stops_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "entry_points", lambda **_: [Point()])
    code, _, err = said("broken")
    assert code == CANNOT_LOAD
    assert "'broken' (absent.module:app) does not load" in err


def test_a_token_is_asked_for_without_loading_the_services() -> None:
    script = "import sys, sigap_cli.main as m, sigap_cli.token, sigap_cli.tokens; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"fastapi", "sqlalchemy", "alembic", "aiokafka", "shapely"} & set(modules)


def test_a_service_that_is_not_installed_is_named_without_waiting_for_the_bus() -> None:
    environment = {**os.environ, "SIGAP_BUS_URL": "kafka://127.0.0.1:9"}
    command = [sys.executable, "-m", "sigap_cli.main", "run", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=patience(30))
    assert done.returncode == CANNOT_LOAD
    assert "nonsense" in done.stderr

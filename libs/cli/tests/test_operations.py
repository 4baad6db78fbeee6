"""Starting, migrating, and what could not be handled."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sigap_cli.console import CANNOT_LOAD, DONE, NOT_ACHIEVED, REFUSED
from sigap_testing.parts import bounded, free_port

from .conftest import Sigap

NOBODY = "http://127.0.0.1:9"
PACKS = Path(__file__).parents[3] / "regencies"


def test_a_service_without_dead_letters_says_so(sigap: Sigap) -> None:
    code, out, _ = sigap("dead-letters", "list", "intake")
    assert (code, out.strip()) == (DONE, "intake has none")
    assert sigap("dead-letters", "list", "intake", "--json")[1].strip() == "[]"


@pytest.mark.parametrize("what", ["show", "replay", "discard"])
def test_a_dead_letter_that_is_not_there_is_a_problem(sigap: Sigap, what: str) -> None:
    code, _, err = sigap("dead-letters", what, "intake", "01a2038a-386d-7625-a5f2-2bb332edaf1c")
    assert (code, "(404)" in err) == (REFUSED, True)


def test_migrating_makes_the_databases_and_does_it_twice_without_harm(tmp_path: Path, speak_to: Sigap) -> None:
    for _ in range(2):
        assert speak_to(NOBODY, "migrate", "intake", SIGAP_DATA_DIR=str(tmp_path))[0] == DONE
    tables = sqlite3.connect(tmp_path / "intake.sqlite3").execute("SELECT name FROM sqlite_master").fetchall()
    assert ("calls",) in tables
    assert not (tmp_path / "dispatch.sqlite3").exists()


def test_an_unknown_service_is_not_migrated_but_named(tmp_path: Path, speak_to: Sigap) -> None:
    code, _, err = speak_to(NOBODY, "migrate", "nonsense", SIGAP_DATA_DIR=str(tmp_path))
    assert (code, "nonsense" in err) == (CANNOT_LOAD, True)


def test_a_database_that_is_away_is_said_in_words(tmp_path: Path, speak_to: Sigap) -> None:
    away = {"SIGAP_DATA_DIR": str(tmp_path), "SIGAP_INTAKE_DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1:9/x"}
    code, _, err = speak_to(NOBODY, "migrate", "intake", **away)
    assert (code, err.splitlines()[-1].startswith("Not migrated: ")) == (NOT_ACHIEVED, True)


def ignore_interrupts() -> None:
    """What a shell does to a command that a script starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.timeout(180)
def test_one_command_starts_all_applies_the_packs_drills_and_ends_cleanly(tmp_path: Path) -> None:
    args = ["up", "--data-dir", str(tmp_path / "data"), "--port", str(free_port()), "--packs", str(PACKS)]
    command = [sys.executable, "-m", "sigap_cli.main", *args]
    environment = {**os.environ, "COLUMNS": "200"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=ignore_interrupts
    )
    with bounded(process, within=60) as starting:
        assert starting.stdout is not None
        lines: list[str] = []
        while "Ctrl-C" not in (line := starting.stdout.readline()):
            assert line or starting.poll() is None, lines
            lines.append(line)
        starting.send_signal(signal.SIGINT)
        rest = starting.stdout.read()
    said = "".join(lines)
    assert starting.returncode == 0
    assert "4 of 4 in force in every service" in said
    assert "acknowledgement came back" in said
    assert "/docs" in said
    assert "stopping" in rest

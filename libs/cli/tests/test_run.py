"""`sigap run` beside a PostgreSQL that is away, or that does not want it."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from sigap_testing.eventually import eventually
from sigap_testing.parts import NotHere, end, free_port
from sigap_testing.patience import patience
from sigap_testing.plugin import missing
from sigap_testing.postgres import Postgres, PostgresServer, fresh_database

RUN = [sys.executable, "-m", "sigap_cli.main", "run", "intake"]
STARTED_WITHIN = 60.0
"""Seconds; on a busy machine the imports alone take 20."""


def told(folder: Path, server: str, port: int = 0) -> dict[str, str]:
    """The environment of an intake of its own beside this PostgreSQL, with no broker there."""
    return {
        **os.environ,
        "SIGAP_DATA_DIR": str(folder),
        "SIGAP_PORT": str(port or free_port()),
        "SIGAP_BUS_URL": "kafka://127.0.0.1:9",
        "SIGAP_INTAKE_DATABASE_URL": server.replace("postgresql:", "postgresql+asyncpg:"),
    }


def ignore_interrupts() -> None:
    """What a shell does to a command that a script starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def running(folder: Path, env: dict[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(RUN, env=env, stdout=output, stderr=subprocess.STDOUT, preexec_fn=ignore_interrupts)
    try:
        yield process, log
    finally:
        end(process, signal.SIGTERM, within=10)


def refused(env: dict[str, str]) -> str:
    """What it says when it ends by itself."""
    done = subprocess.run(RUN, env=env, capture_output=True, text=True, timeout=patience(60), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[PostgresServer]:
    """Not started yet."""
    try:
        mine = PostgresServer()
    except NotHere as reason:
        missing(reason)
    yield mine
    mine.remove()


@pytest.mark.postgres
async def test_a_database_that_is_away_is_waited_for_and_then_used(tmp_path: Path, server: PostgresServer) -> None:
    port = free_port()
    env = told(tmp_path, server.url, port)
    with running(tmp_path, env) as (process, log):
        await eventually(lambda: "waits for its database" in log.read_text(), within=STARTED_WITHIN)
        assert process.poll() is None
        server.start()
        await eventually(lambda: process.poll() is not None, within=STARTED_WITHIN)  # nobody has migrated it
    assert "`sigap migrate` makes them" in log.read_text()
    subprocess.run([*RUN[:-2], "migrate", "intake"], env=env, capture_output=True, timeout=patience(120), check=False)
    server.stop()
    with running(tmp_path, env) as (process, log):
        await eventually(lambda: "waits for its database" in log.read_text(), within=STARTED_WITHIN)
        server.start()
        await eventually(lambda: alive(port), within=STARTED_WITHIN)
        assert process.poll() is None
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("told_to_end", [signal.SIGINT, signal.SIGTERM])
async def test_a_command_of_a_script_ends_when_it_is_told_to(tmp_path: Path, told_to_end: signal.Signals) -> None:
    with running(tmp_path, told(tmp_path, "postgresql://nobody@127.0.0.1:9/nowhere")) as (process, log):
        await eventually(lambda: "waits for its database" in log.read_text(), within=STARTED_WITHIN)
        process.send_signal(told_to_end)
        assert process.wait(30) == 0
    assert "Traceback" not in log.read_text()


def alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.postgres
async def test_a_database_that_does_not_exist_is_named_in_one_line(tmp_path: Path, postgres_server: Postgres) -> None:
    said = refused(told(tmp_path, postgres_server.url.rpartition("/")[0] + "/nowhere"))
    assert said.count("\n") == 1
    assert "intake: postgresql+asyncpg://" in said
    assert '"nowhere" does not exist' in said


@pytest.mark.postgres
async def test_who_is_not_let_in_is_told_so_in_one_line_without_the_password(
    tmp_path: Path, postgres_server: Postgres
) -> None:
    async with fresh_database(postgres_server.url) as url:
        place = url.rpartition("@")[2]
        said = refused(told(tmp_path, f"postgresql://nobody:secret@{place}"))
    assert said.count("\n") == 1
    assert "nobody" in said
    assert "secret" not in said

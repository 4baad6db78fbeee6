"""`sigap run` beside a PostgreSQL that is away, or that does not want it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from sigap_common.core.signatures import new_secret, sign
from sigap_testing.eventually import eventually
from sigap_testing.parts import end, free_port
from sigap_testing.patience import patience
from sigap_testing.plugin import or_missing
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
    with or_missing():
        mine = PostgresServer()
    yield mine
    mine.remove()


@pytest.mark.postgres
async def test_a_database_that_is_away_is_waited_for_and_then_used(tmp_path: Path, server: PostgresServer) -> None:
    port = free_port()
    env = told(tmp_path, server.url, port)
    with running(tmp_path, env) as (process, log):
        await eventually(lambda: "waits for its database" in log.read_text(), within=STARTED_WITHIN)
        assert readiness(port)["database"] == "away"
        server.start()
        await eventually(lambda: readiness(port)["database"] == "unmigrated", within=STARTED_WITHIN)
        assert ask(port, "GET", "/v1/queue").status_code == 503
        assert 'sigap_dead_letters{service="intake"} NaN' in ask(port, "GET", "/metrics").text
        assert ask(port, "GET", "/readyz?for=requests").status_code == 503
        migrate(env)
        await eventually(lambda: readiness(port)["database"] == "ok", within=STARTED_WITHIN)
        # Requests are answered without a broker; work goes on when there is one.
        statuses = [ask(port, "GET", path).status_code for path in ("/readyz", "/readyz?for=requests")]
        assert statuses == [503, 200]
        assert process.poll() is None
    server.stop()
    with running(tmp_path, env) as (process, log):
        await eventually(lambda: alive(port), within=STARTED_WITHIN)
        assert readiness(port)["database"] == "away"
        server.start()
        await eventually(lambda: readiness(port)["database"] == "ok", within=STARTED_WITHIN)
        assert process.poll() is None
    assert "Traceback" not in log.read_text()


@pytest.mark.postgres
async def test_intake_keeps_what_an_exchange_tells_while_it_waits_for_its_database(
    tmp_path: Path, server: PostgresServer
) -> None:
    port, secret = free_port(), new_secret()
    env = told(tmp_path, server.url, port) | {
        "SIGAP_INTAKE_EXCHANGES": '{"99.01/pbx": "SIGAP_SECRET_PBX"}',
        "SIGAP_SECRET_PBX": secret,
    }
    server.start()
    migrate(env)
    server.stop()
    with running(tmp_path, env) as (process, _):
        await eventually(lambda: alive(port), within=STARTED_WITHIN)
        assert ringing(port, secret).status_code == 202
        assert ringing(port, new_secret()).status_code == 401
        queue = ask(port, "GET", "/v1/queue")
        assert (queue.status_code, queue.headers["retry-after"]) == (503, "1")
        process.kill()
        process.wait(10)
    spool = tmp_path / "intake-cti-0.spool"
    assert spool.read_bytes().count(b"\n") == 1
    with running(tmp_path, env) as (process, _):
        await eventually(lambda: alive(port), within=STARTED_WITHIN)
        assert ringing(port, secret).status_code == 202
        assert spool.read_bytes().count(b"\n") == 2
        server.start()
        # Nobody has applied a pack: the regency is none, and its events are set aside, for the next start to try.
        await eventually(lambda: spool.read_bytes() == b"", within=STARTED_WITHIN)
    assert spool.with_suffix(".aside.spool").read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("told_to_end", [signal.SIGINT, signal.SIGTERM])
async def test_a_command_of_a_script_ends_when_it_is_told_to(tmp_path: Path, told_to_end: signal.Signals) -> None:
    with running(tmp_path, told(tmp_path, "postgresql://nobody@127.0.0.1:9/nowhere")) as (process, log):
        await eventually(lambda: "waits for its database" in log.read_text(), within=STARTED_WITHIN)
        process.send_signal(told_to_end)
        assert process.wait(30) == 0
    assert "Traceback" not in log.read_text()


@pytest.mark.postgres
async def test_an_earlier_revision_is_waited_for_and_a_later_one_is_not(
    tmp_path: Path, postgres_server: Postgres
) -> None:
    async with fresh_database(postgres_server.url) as url:
        port = free_port()
        env = told(tmp_path, url, port)
        migrate(env)
        await set_revision(url, "0001")
        with running(tmp_path, env) as (_, log):
            await eventually(lambda: alive(port), within=STARTED_WITHIN)
            await eventually(lambda: "is at revision 0001" in log.read_text())
            assert readiness(port)["database"] == "unmigrated"
            await set_revision(url, "9999")
            await eventually(lambda: readiness(port)["database"] == "ok", within=STARTED_WITHIN)
        migrate(env)  # of the version that was rolled back to


async def set_revision(url: str, revision: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("UPDATE alembic_version SET version_num = $1", revision)
    await connection.close()


def migrate(env: dict[str, str]) -> None:
    command = [*RUN[:-2], "migrate", "intake", "--no-topics"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=patience(120), check=False)
    assert done.returncode == 0, done.stderr


def alive(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz").status_code == 200
    except httpx.TransportError:
        return False


def readiness(port: int) -> dict[str, Any]:
    (found,) = ask(port, "GET", "/readyz").json()["services"].values()
    return dict(found)


def ask(port: int, method: str, path: str, **request: Any) -> httpx.Response:
    return httpx.request(method, f"http://127.0.0.1:{port}{path}", trust_env=False, **request)


def ringing(port: int, secret: str) -> httpx.Response:
    body, now = b'{"event": "ringing", "call_id": "1"}', int(time.time())
    signature = sign(secret, "m-1", now, body)
    headers = {"webhook-id": "m-1", "webhook-timestamp": str(now), "webhook-signature": signature}
    return ask(port, "POST", "/v1/cti/generic?exchange=99.01/pbx", content=body, headers=headers)


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

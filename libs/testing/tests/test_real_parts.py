"""What the tests themselves stand on."""

import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from sigap_testing import parts
from sigap_testing.eventually import eventually
from sigap_testing.parts import NotHere, bounded
from sigap_testing.plugin import or_missing
from sigap_testing.postgres import Postgres, PostgresServer, fresh_database


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")


@pytest.mark.postgres
async def test_a_database_is_fresh_each_time_and_a_copy_of_its_template(postgres_server: Postgres) -> None:
    async with fresh_database(postgres_server.url) as template:
        connection = await asyncpg.connect(plain(template))
        await connection.execute("CREATE TABLE call (id int)")
        await connection.close()
        async with fresh_database(postgres_server.url, template.rpartition("/")[2]) as copy:
            connection = await asyncpg.connect(plain(copy))
            assert await connection.fetch("SELECT * FROM call") == []
            await connection.close()


@pytest.mark.postgres
async def test_a_killed_server_has_its_data_and_its_port_when_started_again() -> None:
    with or_missing():
        server = PostgresServer(durable=True)
    url = server.start()
    for end in (server.kill, server.stop):
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE IF NOT EXISTS call (id int)")
        await connection.execute("INSERT INTO call VALUES (1)")
        end()
        connection.terminate()
        assert server.start() == url
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT count(*) FROM call") == 2
    assert await connection.fetchval("SHOW max_connections") == "300"
    await connection.close()
    server.remove()


async def test_eventually_says_what_came_last() -> None:
    values, nothing = iter([0, None, "ready"]), dict[str, str]()
    assert await eventually(lambda: next(values)) == "ready"
    with pytest.raises(AssertionError, match="last: 0"):
        await eventually(lambda: 0, within=0.05)
    with pytest.raises(AssertionError, match=r"last: KeyError\('x'\)"):
        await eventually(lambda: nothing["x"], within=0.05)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_what_is_missing_is_skipped_but_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no such part"), or_missing():
        raise NotHere("no such part")


def test_what_does_not_start_says_what_it_logged(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = parts.spawn(["sh", "-c", "echo no room; exit 1"], log)
    with pytest.raises(parts.DidNotStart, match="no room"):
        parts.wait_until_up(process, log, lambda: False, within=5)


SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


def test_a_process_that_does_not_end_fails_its_test_instead_of_holding_it_up() -> None:
    with (
        pytest.raises(AssertionError, match=r"still running 0\.1 s"),
        bounded(subprocess.Popen(SLEEPS), 0.1) as sleeping,
    ):
        pass
    assert sleeping.returncode == -signal.SIGTERM


def test_a_test_that_fails_ends_the_process_that_it_started() -> None:
    with (
        pytest.raises(LookupError),
        bounded(subprocess.Popen(SLEEPS, stdout=subprocess.PIPE, text=True), within=600) as sleeping,
    ):
        raise LookupError
    assert sleeping.returncode == -signal.SIGTERM
    assert sleeping.stdout is not None
    assert sleeping.stdout.closed

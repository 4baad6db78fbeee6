"""Fixtures with real parts. If a part is missing, the test is skipped with the reason; under CI=true it fails."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio

from sigap_testing.kafka import Kafka, find_kafka
from sigap_testing.parts import NotHere, in_ci
from sigap_testing.patience import patience
from sigap_testing.postgres import Postgres, find_postgres, fresh_database


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Stretches the time-out of each test, its own or that of pyproject.toml, unless the command line gives one."""
    for item in items:
        mark = item.get_closest_marker("timeout")
        if mark is not None or config.getoption("timeout") is None:
            seconds = float(mark.args[0] if mark is not None else config.getini("timeout"))
            item.add_marker(pytest.mark.timeout(patience(seconds)), append=False)


def missing(reason: NotHere) -> NoReturn:
    """Ends the test: skips it, or fails it in CI."""
    if in_ci():
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


@contextmanager
def or_missing() -> Iterator[None]:
    """Ends the test if what is started in it is not here (NotHere)."""
    try:
        yield
    except NotHere as reason:
        missing(reason)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run; a test that stops one starts its own."""
    with or_missing():
        server = find_postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[Kafka]:
    """One Kafka broker for the whole run; a test that stops it starts it again."""
    with or_missing():
        broker = find_kafka()
    broker.start()
    yield broker
    broker.remove()


@pytest_asyncio.fixture
async def postgres_database(postgres_server: Postgres) -> AsyncIterator[str]:
    """A fresh, empty database: its URL for SQLAlchemy and asyncpg."""
    async with fresh_database(postgres_server.url) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind: what passes on one must pass on the other."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}"
    url: str = request.getfixturevalue("postgres_database")
    return url

"""What many ask for at once is made once: metrics, OpenAPI, the documentation."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.metrics_core import Metric

from sigap_common.app.application import create_app
from sigap_common.app.host import OneOrigin, runtimes
from sigap_common.bus import open_bus
from sigap_common.core.errors import Unavailable
from sigap_common.core.settings import CommonSettings
from sigap_common.http.operations import Exposed, Readiness, operations_router
from sigap_common.http.shared import AT_ONCE, LONGEST_WAIT_SECONDS, TURNS_A_SECOND, Shared, Turns
from sigap_testing.migrated import migrated
from sigap_testing.sample.main import service

MANY = 20


class Collections:
    """Counts how often a registry was read."""

    def __init__(self) -> None:
        self.count = 0

    def collect(self) -> Iterable[Metric]:
        self.count += 1
        return []


@asynccontextmanager
async def origin(folder: Path) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    common = CommonSettings(data_dir=folder)
    (runtime,) = runtimes([service], common, open_bus(common.bus_url, data_dir=folder))
    app = create_app(runtime)
    await migrated(service, runtime.database.url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(OneOrigin([app])), base_url="http://test") as client:
        yield app, client
    await runtime.close()


async def at_once(client: httpx.AsyncClient, path: str, **headers: str) -> list[httpx.Response]:
    return await asyncio.gather(*(client.get(path, headers=headers) for _ in range(MANY)))


async def test_twenty_scrapers_make_one_text(tmp_path: Path) -> None:
    async with origin(tmp_path) as (app, client):
        read = Collections()
        app.state.runtime.metrics.registry.register(read)
        answers = await at_once(client, "/metrics")
        assert (read.count, {answer.status_code for answer in answers}) == (1, {200})
        await at_once(client, "/metrics")
        assert read.count == 2


async def test_what_a_scraper_reads_is_not_older_than_its_question(tmp_path: Path) -> None:
    async with origin(tmp_path) as (app, client):
        for told in ("7.0", "8.0", "9.0"):
            app.state.runtime.metrics.stream_listeners.set(float(told))
            text = (await client.get("/metrics")).text
            assert f'sigap_stream_listeners{{service="sample"}} {told}' in text.splitlines()


@pytest.mark.parametrize("path", ["/openapi.json", "/docs/services/sample/openapi.json"])
async def test_a_document_is_made_once_and_named_by_a_tag(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with origin(tmp_path) as (app, client):
        made = counting(app, monkeypatch)
        answers = await at_once(client, path)
        assert (made, len({answer.content for answer in answers})) == ([1], 1)
        tag = answers[0].headers["etag"]
        assert answers[0].headers["cache-control"] == "no-cache"
        for known in (tag, f"W/{tag}", f'"other", {tag}'):
            again = await client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
        assert made == [1]


def counting(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the document of the application was made, in its only element."""
    made, generate = [0], app.openapi

    def openapi() -> dict[str, Any]:
        made[0] += 1
        return generate()

    monkeypatch.setattr(app, "openapi", openapi)
    return made


@pytest.mark.parametrize("path", ["/docs/services/sample", "/docs/files/swagger-ui.css"])
async def test_pages_and_their_files_need_not_be_sent_twice(tmp_path: Path, path: str) -> None:
    async with origin(tmp_path) as (_, client):
        tag = (await client.get(path)).headers["etag"]
        assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 304


async def test_many_who_ask_whether_a_service_is_ready_cost_one_look_at_its_database() -> None:
    looks = 0

    async def look() -> Readiness:
        nonlocal looks
        looks += 1
        return Readiness(ready=True, serves=True, database="ok", bus="ok", workers="ok", clock="ok")

    app = FastAPI()
    app.include_router(operations_router(look, Exposed([], [])))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answers = await at_once(client, "/readyz")
    assert [answer.json()["ready"] for answer in answers] == [True] * MANY
    assert looks == 1


async def test_a_making_that_fails_fails_for_those_who_wait_and_is_tried_again() -> None:
    outcomes: Iterator[OSError | str] = iter([OSError(), "made"])

    async def make() -> str:
        outcome = next(outcomes)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    shared = Shared(make, 0.0)
    failed = await asyncio.gather(*(shared.get() for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in failed] == [OSError] * 3
    assert await shared.get() == "made"


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def make() -> str:
        begun.set()
        await release.wait()
        return "made"

    shared = Shared(make, 0.0)
    leaving, staying = asyncio.create_task(shared.get()), asyncio.create_task(shared.get())
    await begun.wait()
    leaving.cancel()
    release.set()
    assert await staying == "made"


async def test_turns_are_given_at_a_pace_and_too_many_are_refused() -> None:
    turns = Turns()
    most = AT_ONCE + int(TURNS_A_SECOND * LONGEST_WAIT_SECONDS)
    waiting = [asyncio.create_task(turns.take()) for _ in range(most * 2)]
    await asyncio.sleep(0)
    refused = [task for task in waiting if task.done() and isinstance(task.exception(), Unavailable)]
    assert len(waiting) - len(refused) in range(most - 2, most + 2)
    through = [task for task in waiting if task.done() and task.exception() is None]
    assert len(through) in range(AT_ONCE - 1, AT_ONCE + 3)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

"""Several live streams in one answer: each is there as it is alone, and one that ends leaves the others."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigap_common.http.joint_streams import JOINT_PATH, MOST, JointStreams
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, started
from sigap_testing.sample.main import service
from sigap_testing.sse import messages

DOORS = "/v1/doors/stream"


class Client:
    """A browser that asks for joint streams, and hears until it leaves."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self._left = asyncio.Event()

    @asynccontextmanager
    async def asking(self, app: ASGIApp, query: str, token: str = "") -> AsyncIterator["Client"]:
        headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept", b"text/event-stream")]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": JOINT_PATH,
            "headers": headers,
            "http_version": "1.1",
        }
        scope |= {"query_string": query.encode(), "scheme": "http", "server": ("test", 80), "root_path": ""}
        answering = asyncio.ensure_future(app(scope, self._receive, self._send))
        try:
            yield self
        finally:
            self._left.set()
            await asyncio.wait_for(answering, 20)  # nothing goes on for a client that has left

    async def _receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")

    def heard(self) -> list[tuple[str, str, object]]:
        """Each message with the stream that it is of, its name and its data."""
        found, of = [], ""
        for message in messages(self.body):
            if message.event == "of":
                of = message.data["stream"]
            else:
                found.append((of, message.event, message.data))
        return found


async def hears(client: Client, wanted: Callable[[list[tuple[str, str, object]]], bool]) -> None:
    await eventually(lambda: wanted(client.heard()))


def stream_of(bodies: list[bytes], *, status: int = 200, ends: bool = False) -> ASGIApp:
    """A stream that says this, and then waits for its client to leave."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"retry-after", b"7")] if status != 200 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        after = dict(scope["headers"]).get(b"last-event-id", b"").decode()
        for body in bodies:
            await send({"type": "http.response.body", "body": body % {b"after": after.encode()}, "more_body": True})
        while not ends and (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.body", "body": b""})

    return app


def either(**streams: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await streams[scope["path"].split("/")[2]](scope, receive, send)

    return app


async def test_each_stream_goes_on_after_its_own_last_message() -> None:
    said = [b'event: told\ndata: {"after": "%(after)b"}\n\n']
    app = JointStreams(either(a=stream_of(said), b=stream_of(said)))
    async with Client().asking(app, "of=/v1/a/stream&after=0.7&of=/v1/b/stream&after=") as client:
        await hears(client, lambda heard: len(heard) == 2)
    told = {(of, name, json.dumps(data)) for of, name, data in client.heard()}
    assert told == {("/v1/a/stream", "told", '{"after": "0.7"}'), ("/v1/b/stream", "told", '{"after": ""}')}


async def test_a_stream_that_is_refused_or_ends_leaves_the_others() -> None:
    app = JointStreams(
        either(
            a=stream_of([b"event: ready\ndata: {}\n\n"]),
            b=stream_of([b'{"a problem": 1}'], status=429, ends=True),
            c=stream_of([], ends=True),
        )
    )
    asked = "&".join(f"of=/v1/{name}/stream" for name in "abc")
    async with Client().asking(app, asked) as client:
        await hears(client, lambda heard: len(heard) == 3)
        assert sorted((of, name, json.dumps(data)) for of, name, data in client.heard()) == [
            ("/v1/a/stream", "ready", "{}"),
            ("/v1/b/stream", "ended", '{"status": 429, "retry_after": 7}'),
            ("/v1/c/stream", "ended", '{"status": 200, "retry_after": null}'),
        ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "of=/v1/queue",
        f"of={JOINT_PATH}",
        "of=/console/stream",
        "of=/v1/a/stream&of=/v1/b/stream&after=0.1",
        "of=/v1/a/stream&regency=17.71",
        "&".join(["of=/v1/a/stream"] * (MOST + 1)),
    ],
)
async def test_what_is_no_set_of_streams_is_refused(query: str) -> None:
    async with Client().asking(JointStreams(either()), query) as client:
        await eventually(lambda: client.status == 422)


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}", tmp_path) as kit:
        await kit.runtime.start()
        yield kit
        await kit.runtime.stop()


async def test_the_guard_of_a_stream_holds_inside_a_joint_one(kit: Kit) -> None:
    async with Client().asking(JointStreams(kit.app), f"of={DOORS}", "made up") as client:
        await hears(client, lambda heard: [(of, name) for of, name, _ in heard] == [(DOORS, "ended")])
        assert client.heard()[0][2] == {"status": 401, "retry_after": None}

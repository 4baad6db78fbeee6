"""The live stream of a search: how far it is, until it is over."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sigap_common.auth import Access, Role
from sigap_roster.api.solve_stream import SolveStream
from sigap_roster.solver.queue import solve_next
from sigap_testing.kit import Kit
from sigap_testing.patience import patience

from .conftest import Desk, Draft, Enter
from .test_solves import asked


class Reading:
    """A client that reads the stream of a search."""

    def __init__(self, kit: Kit, path: str, lifetime: timedelta = timedelta(hours=1)) -> None:
        roster_id, solve_id = (UUID(part) for part in path.split("/")[3::2])
        access = Access("rina", frozenset({Role.planner}), frozenset({"99.01"}), None, kit.clock() + lifetime)
        self.left = asyncio.Event()
        self.messages: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._answer = SolveStream(kit.runtime, kit.runtime.stream, access, roster_id, solve_id)

    async def __aenter__(self) -> "Reading":
        self._task = asyncio.create_task(self._answer({"type": "http"}, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.left.set()
        await self._task

    async def next(self) -> tuple[str, Any]:
        async with asyncio.timeout(patience(20)):
            return await self.messages.get()

    async def ended(self) -> list[tuple[str, Any]]:
        """What came until the server ended the stream."""
        async with asyncio.timeout(patience(60)):
            await self._task
        return [self.messages.get_nowait() for _ in range(self.messages.qsize())]

    async def _receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        for frame in message.get("body", b"").decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
            if "event" in lines:
                self.messages.put_nowait((lines["event"], json.loads(lines["data"])))


async def test_a_planner_follows_a_search_from_the_queue_to_its_end(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    for name in ("Budi", "Siti", "Joko", "Rina"):
        await enter(name)
    path = await asked(desk, await draft(), seconds=3)
    async with Reading(kit, path) as reading:
        assert await reading.next() == ("ready", {})
        name, first = await reading.next()
        assert (name, first["state"], first["found"]["open_seats"]) == ("search", "queued", None)
        assert await solve_next(kit.runtime)
        told = [data for name, data in await reading.ended() if name == "search"]
    assert told[-1]["state"] == "done"
    found = told[-1]["found"]
    assert found == (await desk("GET", path)).json()["found"]
    assert found["open_seats"] == 2, "those of the morning that has begun"
    assert found["overtime_hours"] == 0
    assert found["bound"] <= found["cost"]
    assert found["spread"]["nights"] <= 1
    assert len({json.dumps(one) for one in told}) == len(told), "nothing is told twice"


async def test_a_search_that_is_over_is_told_once(kit: Kit, desk: Desk, draft: Draft) -> None:
    path = await asked(desk, await draft())
    await desk("POST", f"{path}/cancel")
    async with Reading(kit, path) as reading:
        told = await reading.ended()
    assert [(name, data.get("state")) for name, data in told] == [("ready", None), ("search", "cancelled")]


async def test_the_stream_ends_with_its_token_its_process_and_its_client(kit: Kit, desk: Desk, draft: Draft) -> None:
    path = await asked(desk, await draft())
    async with Reading(kit, path, lifetime=timedelta()) as reading:
        assert [name for name, _ in await reading.ended()] == ["ready", "expired"]
    async with Reading(kit, path) as reading:
        assert [(await reading.next())[0] for _ in range(2)] == ["ready", "search"]
        reading.left.set()
        assert await reading.ended() == []
    kit.runtime.drain()
    async with Reading(kit, path) as reading:
        assert [name for name, _ in await reading.ended()] == ["ready", "stopping"]


async def test_the_stream_is_opened_by_leaders_of_the_regency_or_with_a_ticket_of_theirs(
    kit: Kit, desk: Desk, draft: Draft
) -> None:
    path = await asked(desk, await draft())
    await desk("POST", f"{path}/cancel")
    opened = await desk("GET", f"{path}/stream", None, "supervisor")
    assert opened.status_code == 200
    assert opened.headers["content-type"].startswith("text/event-stream")
    assert '"state":"cancelled"' in opened.text
    issued = await desk("POST", f"{path}/stream-tickets", None, "supervisor")
    by_ticket = f"{path}/stream?ticket={issued.json()['ticket']}"
    assert (await kit.client.get(by_ticket)).status_code == 200
    assert (await kit.client.get(by_ticket)).status_code == 401, "a ticket opens one stream"
    for end, method in (("stream", "GET"), ("stream-tickets", "POST")):
        assert (await desk(method, f"{path}/{end}", None, "staff")).status_code == 403
        assert (await desk(method, f"{path}/{end}", regencies=("99.02",))).status_code == 404
        other = path.rpartition("/")[0] + f"/{uuid4()}"
        assert (await desk(method, f"{other}/{end}")).status_code == 404

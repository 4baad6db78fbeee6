"""Several live streams in one answer: `GET /v1/joint/stream?of=/v1/queue/stream&of=/v1/alarms/stream`.

A browser opens at most six connections to an origin that speaks HTTP/1.1, for all its tabs together. A screen with
five streams takes five of them, and two such tabs starve each other. Here one connection is enough for a screen.
Each stream inside is what it is alone, with the same guards and limits. Before its messages a message `of` names it;
`ended` says that it is over.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi.sse import format_sse_event
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigap_common.core.errors import Fault, Invalid, MethodNotAllowed, Problem
from sigap_common.http.problems import problem_response
from sigap_common.http.request_limits import refuse_long_parts
from sigap_common.http.stream_answer import StreamAnswer
from sigap_common.http.stream_ends import STREAM_PATH

JOINT_PATH = f"/v1/joint{STREAM_PATH}"
MOST = 10
"""Streams in one answer. The largest screen has five."""
_LAST_EVENT_ID = b"last-event-id"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One stream that is asked for. `after`: its Last-Event-ID; empty: from here on."""

    path: str
    after: str


class JointStreams:
    """The ASGI application that answers JOINT_PATH. `streams` answers each stream inside."""

    def __init__(self, streams: ASGIApp) -> None:
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] != "GET":
                raise MethodNotAllowed(["GET"])
            asked = _asked(scope)
        except Problem as refused:
            await problem_response(refused, scope)(scope, receive, send)
            return
        gone = asyncio.Event()
        async with StreamAnswer().begun(receive, send, gone.set), asyncio.TaskGroup() as group:
            for one in asked:
                group.create_task(_Inside(one, gone, send).run(self._streams, scope))


class _Inside:
    """One stream of a joint one."""

    def __init__(self, asked: Asked, gone: asyncio.Event, send: Send) -> None:
        self._asked, self._gone, self._client = asked, gone, send
        self._status = 500
        self._retry_after: int | None = None
        self._begun = False

    async def run(self, streams: ASGIApp, scope: Scope) -> None:
        """Passes its messages on until it is over or the client has left."""
        headers = [header for header in scope["headers"] if header[0] != _LAST_EVENT_ID]
        if self._asked.after:
            headers.append((_LAST_EVENT_ID, self._asked.after.encode("latin-1", "replace")))
        path = self._asked.path
        inside = {**scope, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        try:
            await streams(inside, self._receive, self._send)
        except Exception:
            log.exception("a stream inside a joint one failed")
        if not self._gone.is_set():
            ended = {"status": self._status, "retry_after": self._retry_after}
            await self._pass_on(format_sse_event(event="ended", data_str=json.dumps(ended)))

    async def _receive(self) -> Message:
        if not self._begun:
            self._begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._retry_after = _retry_after(message["headers"])
        elif self._status == 200 and message.get("body"):
            await self._pass_on(message["body"])

    async def _pass_on(self, body: bytes) -> None:
        """In one piece: between the stream's name and its messages nothing of another one may come."""
        name = format_sse_event(event="of", data_str=json.dumps({"stream": self._asked.path}))
        await self._client({"type": "http.response.body", "body": name + body, "more_body": True})


def _asked(scope: Scope) -> list[Asked]:
    """The streams that the query names. Raises Invalid (422)."""
    refuse_long_parts(scope)
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    paths = [value for name, value in pairs if name == "of"]
    after = [value for name, value in pairs if name == "after"]
    known = ["of", "after"]
    unknown = dict.fromkeys(name for name, _ in pairs if name not in known)
    faults = [Fault(("query", name), "parameter_unknown", {"known": known}) for name in unknown]
    if not 1 <= len(paths) <= MOST or any(not _is_inside(path) for path in paths):
        faults.append(Fault(("query", "of"), "joint_streams", {"most": MOST}))
    if after and len(after) != len(paths):
        faults.append(Fault(("query", "after"), "joint_after", {}))
    if faults:
        raise Invalid(errors=faults)
    return [Asked(path, at) for path, at in zip(paths, after or [""] * len(paths), strict=True)]


def _is_inside(path: str) -> bool:
    return path.isascii() and path.startswith("/v1/") and path.endswith(STREAM_PATH) and path != JOINT_PATH


def _retry_after(headers: Sequence[tuple[bytes, bytes]]) -> int | None:
    found = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    return int(found) if found.isdigit() else None

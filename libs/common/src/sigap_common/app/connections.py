"""Limits for every client, signed in or not: the number of connections, the time, and the size of a request's head.

Uvicorn reads a head of any size, waits for it for ever, and takes connections until the process has no file left. An
edge would set limits; a single host has none in front of it.

A connection *waits* unless a request of it has arrived completely and is being answered. So it waits while it is
silent, idle between two requests, or still sending. If there are too many connections, the one that has waited longest
is closed, and the new one is served. So a client that holds many connections loses its own. A connection that is being
answered is never closed for that.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from sigap_common.core.errors import BadRequest, HeadersTooLarge, Problem, RequestTimeout, Unavailable
from sigap_common.core.networks import TrustedProxies, counted_as
from sigap_common.core.settings import CommonSettings
from sigap_common.http.problems import problem_response
from sigap_common.http.public_origin import NO_STORE, PROTECTION

HEAD_BYTES = 64 * 1024
"""Bytes of a request's line and headers together. The same limit holds for a body's trailers and for what separates its
chunks.
"""
MOST_HEADERS = 200
LEAST_BYTES_A_SECOND = 4 * 1024
"""The least rate of a body, after its first seconds. Without it a client could hold a connection for ever by one byte a
second.
"""
DISCARD_SECONDS = 5.0
"""How long the rest of a body is read after its request was answered."""
LINGER_SECONDS = 2.0
"""How long bytes are still read and dropped after a refusal. Otherwise the kernel would reset the connection, and the
client would see the reset instead of the refusal.
"""
FILES_KEPT = 256
"""Open files, out of the process's limit, that are left to databases, the bus and outgoing connections."""
SHARE_OF_ONE_CLIENT = 0.75


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The limits of one process. `seconds` is the time for a head, for a body (longer while it keeps the least rate),
    and for each pause of a client that reads an answer.
    """

    total: int = 4096
    seconds: float = 20.0
    proxies: TrustedProxies = field(default_factory=TrustedProxies)

    @property
    def per_client(self) -> int:
        """The most connections of one address. A trusted proxy has no such limit, because it brings many clients."""
        return max(1, int(self.total * SHARE_OF_ONE_CLIENT))

    @classmethod
    def of(cls, common: CommonSettings) -> "ConnectionLimits":
        """The limits that the settings and the process's file limit allow. Raises the file limit as far as the system
        permits.
        """
        files = files_for(common.connections + FILES_KEPT)
        total = min(common.connections, max(files - FILES_KEPT, files // 2))
        return cls(total, common.request_seconds, common.proxies())


def files_for(wanted: int) -> int:
    """Raises the process's limit of open files towards `wanted`, and returns the limit that holds then."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


class Stage(Enum):
    """The part of a request that a connection is in."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    """The request has arrived completely."""
    ENDING = auto()
    """The request was refused. Bytes that still arrive are dropped."""


@dataclass(slots=True)
class _Group:
    """Connections that are counted together; `waiting` begins with the one that has waited longest."""

    most: int
    count: int = 0
    waiting: "dict[LimitedProtocol, None]" = field(default_factory=dict)


class Connections(ServerState):
    """The open connections of a server. Decides which one is closed if there are too many."""

    def __init__(self, limits: ConnectionLimits) -> None:
        super().__init__()
        self.limits = limits
        self._all = _Group(limits.total)
        self._clients: dict[str, _Group] = {}

    def enter(self, connection: "LimitedProtocol") -> bool:
        """Counts a new connection. Returns False if there is no place, because all others are being answered."""
        for group in self._groups(connection.peer):
            # What is closed here is gone from the counts at once. The loop closes it only in its next turn, and until
            # then many more may have come.
            if group.count >= group.most and not self._close_one(group):
                self._forget_if_none(connection.peer)
                return False
        connection.groups = self._groups(connection.peer)
        for group in connection.groups:
            group.count += 1
        return True

    def leave(self, connection: "LimitedProtocol") -> None:
        """Removes a connection from the counts. Does nothing if it is not counted."""
        for group in connection.groups:
            group.count -= 1
            group.waiting.pop(connection, None)
        connection.groups = ()
        self._forget_if_none(connection.peer)

    def tick(self, now: float) -> None:
        """Ends the connections whose time is over; `now` by the loop's clock."""
        for connection in list(self.connections):
            if isinstance(connection, LimitedProtocol):
                connection.look_at_time(now)

    def _groups(self, peer: str) -> tuple[_Group, ...]:
        if self.limits.proxies.trust(peer):
            return (self._all,)
        return (self._clients.setdefault(peer, _Group(self.limits.per_client)), self._all)

    def _forget_if_none(self, peer: str) -> None:
        if (client := self._clients.get(peer)) and not client.count:
            del self._clients[peer]

    def _close_one(self, group: _Group) -> bool:
        oldest = next(iter(group.waiting), None)
        if oldest is None:
            return False
        self.leave(oldest)
        oldest.transport.abort()
        return True


class LimitedProtocol(HttpToolsProtocol):
    """Uvicorn's connection, with limits. The callbacks (`on_...`) run inside of `data_received`."""

    def __init__(self, config: Config, server_state: Connections, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._open, self._seconds = server_state, server_state.limits.seconds
        self.peer = ""
        self.groups: tuple[_Group, ...] = ()
        self._stage = Stage.IDLE
        self._until: float | None = None
        """The deadline for what the server waits for now, by the loop's clock."""
        self._unread_since: float | None = None
        """Since when the client has read nothing of the answer."""
        self._received = 0
        """Bytes since the head, or the last part of the body, began."""
        self._size = 0
        """The size of the parts of the head that are parsed so far."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.peer = counted_as(self.client[0]) if self.client else ""
        self._until = self.loop.time() + self._seconds
        if self._open.enter(self):
            self._waits()
        else:
            self._refuse(Unavailable(retry_after=1))
            self.transport.close()  # it is not counted, so it must not stay

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._stage is Stage.ENDING:
            return
        if self._stage in (Stage.IDLE, Stage.HEAD) and self._until is None:
            self._until = self.loop.time() + self._seconds
        self._received += len(data)
        super().data_received(data)
        # The parser keeps an unfinished header of any length. It calls back only when the header is complete.
        if self._stage in (Stage.IDLE, Stage.HEAD, Stage.BODY) and self._received > HEAD_BYTES:
            self._refuse(HeadersTooLarge())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stage, self._size = Stage.HEAD, 0

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)
        if len(self.headers) > MOST_HEADERS:
            raise HeadersTooLarge

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._stage, self._received, self._size = Stage.BODY, 0, 0
        self._until = self.loop.time() + self._seconds

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._received = 0
        if self._until is not None and not self.cycle.response_complete:
            gained = self._until + len(body) / LEAST_BYTES_A_SECOND
            self._until = min(gained, self.loop.time() + self._seconds)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._until, self._received = None, 0
        if self.cycle.response_complete:
            self._idles()
        else:
            self._stage = Stage.ANSWER
            for group in self.groups:
                group.waiting.pop(self, None)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_answering:
            return  # a request that came behind this one
        if self._stage is Stage.ANSWER:
            self._idles()
        elif self._stage is Stage.BODY:
            self._until = self.loop.time() + min(DISCARD_SECONDS, self._seconds)
        else:  # the next head has begun
            self._unset_keepalive_if_required()
            self._until = self.loop.time() + self._seconds
            self._waits()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread_since = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's signature
        """Uvicorn calls this if the parser or a callback refused the request."""
        self._refuse(HeadersTooLarge() if self._is_too_large else BadRequest())

    def look_at_time(self, now: float) -> None:
        """Called once in a second. Ends what has waited too long."""
        if self._unread_since is None and self.transport.is_closing():
            self._unread_since = now  # it is closed when the client has taken the rest
        if self._unread_since is not None and now > self._unread_since + self._seconds:
            self.transport.abort()
        elif self._until is not None and now > self._until:
            self._expire(now)

    def _expire(self, now: float) -> None:
        if self._stage is Stage.ENDING:
            self.transport.abort()
        elif self._stage is Stage.IDLE:
            self.transport.close()
        elif self.flow.read_paused or (self._stage is Stage.HEAD and self._is_answering):
            self._until = now + self._seconds  # the server lets the client wait
        else:
            self._refuse(RequestTimeout())

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _is_too_large(self) -> bool:
        return self._size > HEAD_BYTES or bool(self.headers and len(self.headers) > MOST_HEADERS)

    def _count(self, size: int) -> None:
        """Counts bytes of the head. Raises HeadersTooLarge, which the parser raises again as an error of its own."""
        self._size += size
        if self._size > HEAD_BYTES:
            raise HeadersTooLarge

    def _waits(self) -> None:
        """Marks this connection as the one that began to wait last."""
        for group in self.groups:
            group.waiting.pop(self, None)
            group.waiting[self] = None

    def _idles(self) -> None:
        self._stage, self._until, self._received = Stage.IDLE, None, 0
        self._waits()

    def _refuse(self, problem: Problem) -> None:
        """Answers without the application, and closes the connection."""
        if self._stage is Stage.BODY:
            has_answer = not self._is_answering or self.cycle.response_started or bool(self.pipeline)
        else:
            has_answer = self._is_answering  # of the request before this one
        if self.transport.is_closing() or has_answer:
            self.transport.abort()  # a second answer would be taken for that of the next request
            return
        if self._is_answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._stage, self._until = Stage.ENDING, self.loop.time() + LINGER_SECONDS
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        self.transport.write(b"".join(self._answer(problem)))
        self.transport.write_eof()

    def _answer(self, problem: Problem) -> Iterable[bytes]:
        response = problem_response(problem, {"type": "http", "headers": self.headers or []})
        own = PROTECTION | NO_STORE | {"Connection": "close"}
        added = [(name.lower().encode(), value.encode()) for name, value in own.items()]
        yield STATUS_LINE[response.status_code]
        for name, value in (*self.server_state.default_headers, *response.raw_headers, *added):
            yield b"%s: %s\r\n" % (name, value)
        yield b"\r\n" + bytes(response.body)

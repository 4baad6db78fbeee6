"""The HTTP server of a host, and how it stops: it drains first."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from time import monotonic

import uvicorn

from sigap_common.app.connections import ConnectionLimits, Connections, LimitedProtocol
from sigap_common.http.stream_ends import is_stream

GRACEFUL_SECONDS = 5
"""Time that requests in flight have to end, counted from the moment at which no new connection is accepted."""
STREAMS_LEAVE_WITHIN = 1.0
"""Seconds. A live stream ends at once; if its client does not even read that, its connection is cut."""
CLIENT_SILENT_SECONDS = 30
"""If a client takes no data for so long, its connection is cut. It may have lost its power."""
_TICK_SECONDS = 0.1
_TICKS_A_SECOND = 10


class DrainingServer(uvicorn.Server):
    """Uvicorn, with limits of connections (see `connections`) and an orderly end. SIGTERM and SIGINT begin it:

    1. `drain` is called: `/readyz` answers 503 from now on, and live streams tell their clients to connect elsewhere.
    2. For `drain_seconds` all requests are still served, so that a load balancer finds out and sends no more of them.
    3. No new connection is accepted. Requests in flight have GRACEFUL_SECONDS to end.
    4. The application's lifespan ends: its workers, its connections to the database.

    A second SIGINT skips what is left of 2 and 3.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        drain: Sequence[Callable[[], None]],
        drain_seconds: float = 0,
        limits: ConnectionLimits | None = None,
        cannot_go_on: Callable[[], bool] = lambda: False,
    ) -> None:
        """`cannot_go_on` is asked ten times a second; if it is so, the server ends as after a signal."""
        config.http = LimitedProtocol
        super().__init__(config)
        self.server_state = self._open = Connections(limits or ConnectionLimits())
        self._drain, self._drain_seconds, self._cannot_go_on = drain, drain_seconds, cannot_go_on

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in (one for server in self.servers for one in server.sockets):
            _cut_silent_clients(listening.fileno())

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_A_SECOND == 0:
            self._open.tick(asyncio.get_running_loop().time())
        return await super().on_tick(counter) or self._cannot_go_on()

    async def main_loop(self) -> None:
        await super().main_loop()
        for drain in self._drain:
            drain()
        until = monotonic() + self._drain_seconds
        # The handler of a signal sets a plain attribute, and no asyncio.Event.
        while monotonic() < until and not self.force_exit:
            self._open.tick(asyncio.get_running_loop().time())
            await asyncio.sleep(_TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Without this, a stream whose client does not read would hold up the end for GRACEFUL_SECONDS. Uvicorn would
        # then cancel it in the middle, and log the cancellation as a fault of the application.
        cutting = asyncio.get_running_loop().call_later(STREAMS_LEAVE_WITHIN, self._cut_streams)
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()

    def _cut_streams(self) -> None:
        for connection in list(self.server_state.connections):
            scope, transport = getattr(connection, "scope", None), getattr(connection, "transport", None)
            if transport is not None and scope is not None and is_stream(scope):
                transport.abort()


def _cut_silent_clients(listening: int) -> None:
    """Sets TCP_USER_TIMEOUT (Linux only); connections inherit it. Without it the kernel sends again for a quarter of an
    hour, and a client that vanished keeps its stream's place for so long.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # uvloop's sockets have no setsockopt; a second descriptor of the same socket has.
        with socket.socket(fileno=os.dup(listening)) as same:
            same.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, CLIENT_SILENT_SECONDS * 1000)

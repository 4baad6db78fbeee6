"""`/healthz` (the process runs), `/readyz` (it can work), `/metrics` (for Prometheus). The edge never routes them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Query, Response
from prometheus_client import CollectorRegistry, Counter, Histogram
from pydantic import BaseModel
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigap_common.bus import Bus, BusUnavailable
from sigap_common.database import Database, Unavailable
from sigap_common.http.guards import guarded_by
from sigap_common.http.shared import Shared
from sigap_common.messaging.leases import Holding
from sigap_common.observability.metrics import Metrics, exposition
from sigap_common.observability.tracing import route_of

SCRAPE_SECONDS = 1.0
"""The least time between two renderings of the metrics."""
READY_SECONDS = 0.1
"""The least time between two checks of the databases for `/readyz`. Anybody may ask, and requests need the connections.
"""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
Open = Annotated[None, Depends(guarded_by("open"))]


class Readiness(BaseModel):
    ready: bool
    serves: bool
    """Whether requests are answered. The bus may be away meanwhile: what happens waits in the outbox."""
    database: str
    bus: str
    workers: str
    clock: str
    stopping: bool = False


async def readiness(
    store: Database, carrier: Bus, lease: Holding, *, waits: str | None, clock_apart: bool, stopping: bool
) -> Readiness:
    """Whether database and bus answer, whether any replica relays events and watches deadlines, and whether the process
    is about to stop. `waits`: why the service has not begun to work with its database, `away` or `unmigrated`.

    The service stays ready if an issuer of tokens is away. It also stays ready if the host's clock differs from the
    database's, since the database's time decides; `clock` shows it because somebody must set that clock.
    """
    database = bus = workers = "ok"
    try:
        if waits is not None:
            raise Unavailable
        async with store.read() as connection:
            await connection.execute(text("SELECT 1"))
        workers = "ok" if await lease.attended() else "stopped"
    except Unavailable:
        database = waits or "away"
    try:
        await carrier.ready()
    except BusUnavailable:
        bus = "away"
    ready = (database, bus, workers) == ("ok", "ok", "ok") and not stopping
    clock = "apart" if clock_apart else "ok"
    serves = database == "ok" and not stopping
    return Readiness(
        ready=ready, serves=serves, database=database, bus=bus, workers=workers, clock=clock, stopping=stopping
    )


class Look(Protocol):
    """Gauges that are read before metrics are answered."""

    async def look(self) -> None: ...


class Exposed:
    """The metrics of the services in this process, for Prometheus. Some are read in databases and the bus for it."""

    def __init__(self, registries: Sequence[tuple[str, CollectorRegistry]], looks: Sequence[Look]) -> None:
        """`registries` with the names of their services. `looks` are taken before each answer."""
        self._registries, self._looks = list(registries), list(looks)
        self._text = Shared(self._made, SCRAPE_SECONDS)

    async def response(self) -> Response:
        return Response(await self._text.get(), media_type="text/plain; version=0.0.4")

    async def _made(self) -> bytes:
        await asyncio.gather(*(one.look() for one in self._looks))
        return exposition(self._registries)


def operations_router(ready: Callable[[], Awaitable[Readiness]], exposed: Exposed) -> APIRouter:
    """The routes `/healthz`, `/readyz` and `/metrics` of a service that runs alone in its process."""
    router = APIRouter(tags=["operations"], include_in_schema=False)
    shared = Shared(ready, READY_SECONDS)

    @router.get("/healthz")
    async def healthz(_: Open) -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz(
        _: Open, response: Response, asked: Annotated[Literal["work", "requests"], Query(alias="for")] = "work"
    ) -> Readiness:
        answer = await shared.get()
        response.status_code = 200 if (answer.serves if asked == "requests" else answer.ready) else 503
        return answer

    @router.get("/metrics")
    async def metrics(_: Open) -> Response:
        return await exposed.response()

    return router


class Counted:
    """Pure ASGI: counts answers and their time by route template, never by path (paths hold ids)."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics
        self._counts: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        """By method, route and status: the library looks for a label under a lock."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), "000"

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = route_of(scope)
            # A client may call its method anything, and a label is kept for ever.
            method = scope["method"] if scope["method"] in METHODS else "other"
            requests, seconds = self._counting(method, route, status)
            requests.inc()
            seconds.observe(time.perf_counter() - began)

    def _counting(self, method: str, route: str, status: str) -> tuple[Counter, Histogram]:
        labels = (method, route, status)
        if (known := self._counts.get(labels)) is None:
            known = self.metrics.requests.labels(*labels), self.metrics.request_seconds.labels(route)
            self._counts[labels] = known
        return known

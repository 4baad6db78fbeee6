"""Builds a service's FastAPI application from its runtime."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware

from sigap_common.app.runtime import AnyRuntime
from sigap_common.bus import BusUnavailable
from sigap_common.database import LockHeld, Unavailable
from sigap_common.http.dead_letters import dead_letters_router
from sigap_common.http.idempotency import REPLAY_HEADER
from sigap_common.http.jobs import jobs_router
from sigap_common.http.openapi import document_examples, document_idempotency, document_if_match
from sigap_common.http.operations import Counted, Exposed, operations_router
from sigap_common.http.problems import install
from sigap_common.observability.logging import AccessLog
from sigap_common.observability.tracing import FASTAPI_TELEMETRY, TraceMiddleware

LARGEST_BODY = 1024 * 1024
"""Bytes of a request's body. A route that accepts more declares a limit of its own."""

EXPOSED_HEADERS = ("ETag", "Location", "Retry-After", REPLAY_HEADER)
"""Headers that a script of another origin may read, beside those that every browser shows it."""


def create_app(runtime: AnyRuntime) -> FastAPI:
    """The service's FastAPI application. Its lifespan starts and stops the runtime."""
    service = runtime.service

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = FastAPI(
        title=f"Sigap 112: {service.name}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=FASTAPI_TELEMETRY,
        generate_unique_id_function=operation_id,
    )
    app.state.runtime, app.state.verifier, app.state.edge = runtime, runtime.verifier, runtime.edge()
    package = service.transaction.__module__.partition(".")[0]
    packs = runtime.packs
    away = (Unavailable, BusUnavailable, LockHeld)
    install(app, package, unavailable=away, local=packs.local, named=packs.name_of)
    exposed = Exposed([(service.name, runtime.metrics.registry)], [runtime.dead_letter_count(), runtime.gauges()])
    for router in (
        *service.routers,
        dead_letters_router(service.name, runtime.waiting_store, runtime.inbox),
        jobs_router(service.name, runtime.tables.jobs),
        operations_router(runtime.readiness, exposed),
    ):
        app.include_router(router)
    document_examples(app)
    document_idempotency(app)
    document_if_match(app)
    origins = runtime.common.cors_origins
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED_HEADERS,
        )
    app.add_middleware(Counted, metrics=runtime.metrics)
    app.add_middleware(AccessLog, service=service.name)
    app.add_middleware(TraceMiddleware)
    # FastAPI's own `max_body_size` would count the same bytes again in the router and in each route. A route with a
    # limit of its own still replaces this one.
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    return app


def operation_id(route: APIRoute) -> str:
    """The route's name, by default that of its handler. It is stable, and generated clients use it."""
    return route.name

"""Traces that run from the HTTP request through the event to the webhook (W3C Trace Context, version 00).

Every request and every handled event has a traceparent, with an exporter or without. It goes into events, webhooks,
logs and problem documents. Spans are exported only after `install_exporter`, which is also the only place that loads
the OpenTelemetry SDK (extra `otel`). FastAPI's own telemetry stays off (`FASTAPI_TELEMETRY`): its spans carry the query
string, which may hold personal data, its logs carry exceptions' messages, and without an SDK it makes no traceparent.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from re import compile as regex
from typing import TYPE_CHECKING, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

Kind = Literal["internal", "server", "client", "producer", "consumer"]

FASTAPI_TELEMETRY: "TelemetryConfig" = {"tracing": False, "metrics": False, "logs": False}

_TRACEPARENT = regex(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_LONGEST = 512
"""Characters of a traceparent; later versions of the standard may be longer than the 55 of this one."""
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


@dataclass(frozen=True, slots=True)
class TraceContext:
    """One span's place: 32 and 16 hexadecimal digits, and whether the trace is recorded."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_here: ContextVar[TraceContext | None] = ContextVar("sigap_trace", default=None)
_exporting: "Callable[[str, Kind, dict[str, object]], AbstractContextManager[None]] | None" = None


def context() -> TraceContext | None:
    return _here.get()


def current() -> str | None:
    """The traceparent of what runs now, for an event or an outgoing request; None outside of any trace."""
    here = _here.get()
    return here.traceparent if here else None


def trace_id() -> str | None:
    here = _here.get()
    return here.trace_id if here else None


def child() -> TraceContext:
    """A new span below the current one, or the first of a new trace. Does not become the current one."""
    here = _here.get()
    if here is None:
        return TraceContext(os.urandom(16).hex(), os.urandom(8).hex())
    return TraceContext(here.trace_id, os.urandom(8).hex(), here.sampled)


def parse(traceparent: str | None) -> TraceContext | None:
    """The context that a traceparent names. None if it is missing or malformed: then a new trace begins, as the
    standard demands.
    """
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent and len(traceparent) <= _LONGEST else None
    if match is None or match[1] == "0" * 32 or match[2] == "0" * 16:
        return None
    if match[4] and traceparent and traceparent.startswith("00"):
        return None
    return TraceContext(match[1], match[2], bool(int(match[3], 16) & 1))


@contextmanager
def continue_from(traceparent: str | None) -> Iterator[None]:
    """What runs inside belongs to the trace that caused it, or begins a new one if there is none."""
    token = _here.set(parse(traceparent))
    try:
        _here.set(child())
        yield
    finally:
        _here.reset(token)


def span(name: str, kind: Kind = "internal", **attributes: object) -> AbstractContextManager[None]:
    """A step of the current trace. `attributes` never hold personal data; a Sealed is shown as `***`."""
    if _exporting is None:
        return _unexported()
    return _exporting(name, kind, attributes)


@contextmanager
def _unexported() -> Iterator[None]:
    token = _here.set(child())
    try:
        yield
    finally:
        _here.reset(token)


class TraceMiddleware:
    """Pure ASGI: takes the request's traceparent or makes one, and a server span where spans are exported."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _QUIET:
            return await self.app(scope, receive, send)
        token = _here.set(_incoming(scope))
        try:
            if _exporting is None:
                _here.set(child())
                return await self.app(scope, receive, send)
            return await self._recorded(scope, receive, send)
        finally:
            _here.reset(token)

    async def _recorded(self, scope: Scope, receive: Receive, send: Send) -> None:
        with span(scope["method"], "server", **{"http.request.method": scope["method"]}):
            await self.app(scope, receive, _naming(scope, send))


def _incoming(scope: Scope) -> TraceContext | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return parse(value.decode("latin-1"))
    return None


def _naming(scope: Scope, send: Send) -> Send:
    """The route is known only when the answer starts; its template names the span, never the path itself."""
    from opentelemetry.trace import get_current_span

    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            route = route_of(scope)
            recorded = get_current_span()
            recorded.update_name(f"{scope['method']} {route}")
            recorded.set_attribute("http.route", route)
            recorded.set_attribute("http.response.status_code", message["status"])
        await send(message)

    return named


def route_of(scope: Scope) -> str:
    """The path's template (`/v1/calls/{call_id}`), which holds no personal data; `-` if no route matched."""
    effective = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(effective, "path", None) or getattr(scope.get("route"), "path", None)
    return str(path or "-")


def install_exporter(endpoint: str, service: str) -> Callable[[], None]:
    """Exports the spans of this process by OTLP over HTTP to `endpoint` (such as `http://collector:4318`). Returns a
    function that flushes and ends it. Raises ImportError without the extra `otel`.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return export_to(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"), service)


def export_to(exporter: "SpanExporter", service: str) -> Callable[[], None]:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _use(provider.get_tracer("sigap"))

    def end() -> None:
        _use(None)
        provider.shutdown()

    return end


def _use(tracer: "Tracer | None") -> None:
    global _exporting
    _exporting = None if tracer is None else lambda name, kind, given: _exported(tracer, name, kind, given)


@contextmanager
def _exported(tracer: "Tracer", name: str, kind: Kind, attributes: dict[str, object]) -> Iterator[None]:
    from opentelemetry.trace import SpanKind

    shown = {key: value if isinstance(value, (bool, int, float)) else str(value) for key, value in attributes.items()}
    with tracer.start_as_current_span(
        name,
        context=_parent(_here.get()),
        kind=SpanKind[kind.upper()],
        attributes=shown,
        record_exception=False,
    ) as started:
        token = _here.set(_place(started))
        try:
            yield
        finally:
            _here.reset(token)


def _parent(here: TraceContext | None) -> "Context":
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    if here is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if here.sampled else TraceFlags.DEFAULT)
    place = SpanContext(int(here.trace_id, 16), int(here.span_id, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(place), Context())


def _place(started: "Span") -> TraceContext:
    place = started.get_span_context()
    return TraceContext(f"{place.trace_id:032x}", f"{place.span_id:016x}", place.trace_flags.sampled)

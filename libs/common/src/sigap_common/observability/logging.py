"""Logs as JSON lines on stdout: time, level, service, event, trace_id and what was bound.

Lines of the standard library's logging (uvicorn, SQLAlchemy, aiokafka) are written in the same form. No line has
personal data: a Sealed prints itself as `***`, the request line has the route's template instead of path and query, and
the input that exceptions of pydantic and SQLAlchemy quote is cut out of tracebacks.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from re import DOTALL, MULTILINE
from re import compile as regex
from time import perf_counter
from typing import TextIO

import structlog
from pydantic_core import PydanticSerializationError, to_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigap_common.observability import tracing

_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
# Input that pydantic, FastAPI and SQLAlchemy quote in their messages.
_QUOTES = (
    (regex(r"input_value=.*?(, input_type=|\Z)", DOTALL), r"input_value=***\1"),
    (regex(r"'input': .*"), "'input': ***}"),
    (regex(r"\[parameters: .*?(\]$|\Z)", DOTALL | MULTILINE), "[parameters: ***]"),
    (regex(r"DETAIL: .*"), "DETAIL: ***"),  # PostgreSQL quotes the row
)
_IDENTIFIER = regex(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d\d\.\d\d")
# The extra fields of our own log lines. Extra fields of other libraries are left out.
_EXTRAS = ("reason", "event_id", "event_type", "forwarding_id", "table", "id", "channel", "service")
_REPEATED_AFTER_SECONDS = 10.0
_service: ContextVar[str | None] = ContextVar("sigap_service", default=None)

Line = MutableMapping[str, object]


def get_logger(name: str | None = None) -> structlog.typing.FilteringBoundLogger:
    """A logger: `log.info("what happened", call_id=...)`. It may be made at import, before `configure`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(**({"module": name} if name else {}))
    return logger


@contextmanager
def speaking_for(service: str) -> Iterator[None]:
    """Log lines from inside have this service's name, in a process that runs several services."""
    token = _service.set(service)
    try:
        yield
    finally:
        _service.reset(token)


def configure(service: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sets up logging of this process, once, at its start. Lines outside of `speaking_for` have the name `service`."""
    target = stream or sys.stdout
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _with_place(service),
        structlog.processors.format_exc_info,
        _without_quoted_input,
    ]
    structlog.configure(
        processors=[*shared, _as_json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    _take_over_standard_library(level, target, shared)


def _take_over_standard_library(level: str, target: TextIO, shared: list[structlog.typing.Processor]) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(_EXTRAS), *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _as_json],
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    handler.addFilter(_ours_or_no_detail)
    handler.addFilter(_seldom_the_same())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # It writes the query string; AccessLog says the same without it.
    logging.getLogger("uvicorn.access").disabled = True
    # httpx writes whole addresses, which may be an agency's secret link.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _ours_or_no_detail(record: logging.LogRecord) -> bool:
    """Below `info` only our own lines: aiosqlite writes each statement's parameters there, httpcore tokens."""
    return record.levelno >= logging.INFO or record.name.partition(".")[0].startswith("sigap_")


def _seldom_the_same() -> Callable[[logging.LogRecord], bool]:
    """A filter against repeated lines. aiokafka logs ten times a second that its broker is away, and our workers
    (`seldom`) that they wait; one line from time to time is enough.
    """
    said: dict[tuple[str, str], float] = {}

    def is_news(record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] != "aiokafka" and not hasattr(record, "seldom"):
            return True
        key = (record.name, str(record.msg))
        now = perf_counter()  # the wall clock may be put back, and would keep an outage secret for as long
        if now - said.get(key, -_REPEATED_AFTER_SECONDS) < _REPEATED_AFTER_SECONDS:
            return False
        said[key] = now
        return True

    return is_news


class AccessLog:
    """Pure ASGI: one line a request, without path and query; health, readiness and metrics are left out."""

    def __init__(self, app: ASGIApp, service: str | None = None) -> None:
        self.app = app
        self.service = service
        self.log = get_logger("access").bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _QUIET:
            return await self.app(scope, receive, send)
        began = perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        token = _service.set(self.service or _service.get())
        try:
            return await self.app(scope, receive, noting)
        finally:
            self._line(scope, status, began)
            _service.reset(token)

    def _line(self, scope: Scope, status: int, began: float) -> None:
        self.log.info(
            "request",
            method=scope["method"],
            route=tracing.route_of(scope),
            status=status,
            ms=round((perf_counter() - began) * 1000, 1),
            **_identifiers(scope),
        )


def _identifiers(scope: Scope) -> dict[str, str]:
    """Only path parameters that are UUIDs or regency codes: any other might be somebody's number."""
    given = scope.get("path_params") or {}
    return {name: str(value) for name, value in given.items() if _IDENTIFIER.fullmatch(str(value))}


def _with_place(process: str) -> structlog.typing.Processor:
    def with_place(_: object, __: str, line: Line) -> Line:
        line.setdefault("service", _service.get() or process)
        if (trace_id := tracing.trace_id()) is not None:
            line.setdefault("trace_id", trace_id)
        return line

    return with_place


def _without_quoted_input(_: object, __: str, line: Line) -> Line:
    for key in ("exception", "event"):
        text = line.get(key)
        if isinstance(text, str) and (key == "exception" or "\n" in text):
            for quote, instead in _QUOTES:
                text = quote.sub(instead, text)
            line[key] = text
    return line


def _as_json(_: object, __: str, line: Line) -> str:
    try:
        return to_json(line, fallback=repr, bytes_mode="base64").decode()
    except PydanticSerializationError:  # half of a character, as a file's name may hold: written as its escape
        return json.dumps(line, default=repr)

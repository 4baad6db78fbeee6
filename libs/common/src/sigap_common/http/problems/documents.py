"""Problem documents (RFC 9457) for everything that can go wrong with a request.

Errors of the body carry `pointer`, a JSON pointer as a URI fragment (`#/caller/number`, RFC 6901 section 6);
those of a query, path, header or cookie carry `parameter` and `in`; those of an uploaded table carry `row` (its
header is row 1) and `column`. `code` is pydantic's error type. `title` and `detail` are in the language of
Accept-Language. They show codes as words, and times on the regency's clock; other members of the document have the code
and the UTC time.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigap_common.core.errors import (
    BadRequest,
    Fault,
    Invalid,
    MalformedJson,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    RequestTimeout,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
    declared,
    few_faults,
)
from sigap_common.core.limits import brief
from sigap_common.core.texts import Language, Texts, Word, language
from sigap_common.http.problems.openapi import MEDIA_TYPE, document_problems
from sigap_common.http.problems.paths import methods_of, no_such_path, paths_of
from sigap_common.observability import tracing

_BY_STATUS: dict[int, type[Problem]] = {
    400: BadRequest,
    401: NotAuthenticated,
    404: NotFound,
    413: TooLarge,
    415: UnsupportedMediaType,
}
_log = logging.getLogger("sigap.problems")
_OURS = Texts.load("sigap_common")
Local = Callable[[str, datetime], datetime]
"""Converts a moment to the clock of the regency with this code."""
Named = Callable[[str], str | None]
"""Returns the name of the regency with this code; None if no regency has the code."""
_REGENCIES = ("regency", "to")
"""The parameters that are codes of regencies. `to`: the regency that something is offered to or shared with; a person
is never called so.
"""


def _utc(_: str, moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _unnamed(_: str) -> None:
    return None


def install(
    app: FastAPI,
    *packages: str,
    unavailable: Sequence[type[Exception]] = (),
    local: Local = _utc,
    named: Named = _unnamed,
) -> None:
    """Makes every error of `app` a problem document.

    `packages` are those whose catalogues hold reasons and validation texts, beside sigap_common; exceptions
    of the types in `unavailable` (a database or broker that is away) answer 503. Call it before other
    middleware is added: what is added later runs around it.
    """
    whose = [*packages, "sigap_common"]
    documents = _Documents(whose, local, named)

    async def handle(request: Request, error: Exception) -> Response:
        _let_through(request.scope, error)
        unmatched = isinstance(error, HTTPException) and error.status_code == 404 and "route" not in request.scope
        problem = no_such_path(request.scope["path"], paths_of(app)) if unmatched else _problem_of(error)
        if isinstance(error, HTTPException) and error.status_code == 405:
            problem = MethodNotAllowed(methods_of(app, tracing.route_of(request.scope)))
        return documents.response(problem, request.scope)

    for kind in (Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle)
    app.add_middleware(_Unexpected, documents=documents, unavailable=tuple(unavailable))
    document_problems(app, whose)


def problem_response(problem: Problem, scope: Scope, *packages: str) -> Response:
    """The problem as a response, for code outside of the app's handlers, such as a middleware."""
    return _Documents([*packages, "sigap_common"]).response(problem, scope)


def refuse_oversized(scope: Scope) -> None:
    """Raises TooLarge if the declared length of the body is above the route's limit.

    FastAPI counts a body while it reads it. If an operation reads no body, FastAPI refuses only after the operation has
    run. So a guard calls this first, before anything is changed.
    """
    limit = scope.get("starlette.max_body_size")
    if limit is not None:
        declared_length = _header(scope, b"content-length") or ""
        if declared_length.isdecimal() and int(declared_length[:19]) > limit:
            raise TooLarge


class _Documents:
    def __init__(self, packages: Sequence[str], local: Local = _utc, named: Named = _unnamed) -> None:
        self._catalogues = {package: Texts.load(package) for package in packages}
        self._local, self._named = local, named

    def response(self, problem: Problem, scope: Scope) -> Response:
        spoken = language(_header(scope, b"accept-language"))
        return Response(
            json.dumps(self._document(problem, spoken), default=str, ensure_ascii=False).encode("utf-8", "replace"),
            status_code=_status(problem),
            media_type=MEDIA_TYPE,
            headers={"Content-Language": spoken, "Vary": "Accept-Language", **problem.headers},
        )

    def _document(self, problem: Problem, spoken: Language) -> dict[str, object]:
        status, trace_id = _status(problem), tracing.trace_id()
        params = self._told({"trace_id": trace_id or "-", "status": status, **problem.params})
        kind = declared()[problem.slug]
        texts = Texts.load(kind.package)
        document: dict[str, object] = {
            "type": f"/problems/{problem.slug}",
            "title": texts.get(f"problems.{problem.slug}.title", spoken, **params),
            "status": status,
            "detail": self._reason(problem, spoken, params)
            or texts.get(f"problems.{problem.slug}.detail", spoken, **params),
            **{name: _plain(value) for name, value in problem.params.items() if value is not None},
        }
        if trace_id:
            document["trace_id"] = trace_id
        if isinstance(problem, Invalid):
            document["errors"] = [self._error(error, spoken) for error in problem.errors]
            if problem.error_count > len(problem.errors):
                counts = {"named": len(problem.errors), "count": problem.error_count}
                document["detail"] = f"{document['detail']} {_OURS.get('more_errors', spoken, **counts)}"
        return document

    def _reason(self, problem: Problem, spoken: Language, params: Mapping[str, object]) -> str | None:
        if problem.reason is None:
            return None
        key = f"reasons.{problem.reason}"
        texts = self._having(key)
        # Strict catalogues raise for a reason without a text; otherwise the type's own detail does.
        if key not in texts and not Texts.strict:
            return None
        return texts.get(key, spoken, **params)

    def _error(self, error: Fault | Mapping[str, object], spoken: Language) -> dict[str, object]:
        if not isinstance(error, Fault):
            return dict(error)
        key = f"validation.{error.kind}"
        texts = self._having(key)
        detail = texts.get(key if key in texts else "validation.other", spoken, **self._told(error.params))
        times = {name: _plain(value) for name, value in error.params.items() if isinstance(value, datetime)}
        return {**_place(error.place), "code": error.kind, "detail": detail, **times}

    def _told(self, params: Mapping[str, object]) -> dict[str, object]:
        """The parameters as people read them: codes as words, regencies by their names, times on the clock of the
        regency that they name.
        """
        regency = str(params.get("regency", ""))
        told = {name: self._readable(value, regency) for name, value in params.items()}
        names = {one: self._named(str(params[one])) for one in _REGENCIES if one in params}
        return told | {one: name for one, name in names.items() if name}

    def _readable(self, value: object, regency: str) -> object:
        if isinstance(value, list):
            return [self._readable(item, regency) for item in value]
        if isinstance(value, datetime):
            return self._local(regency, value)
        if isinstance(value, Enum):
            key = f"words.{value.value}"
            package = next((name for name, texts in self._catalogues.items() if key in texts), None)
            return Word(package, key) if package else value
        return brief(value) if isinstance(value, str) else value

    def _having(self, key: str) -> Texts:
        catalogues = list(self._catalogues.values())
        return next((texts for texts in catalogues if key in texts), catalogues[-1])


class _Other(Problem):
    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        self.answered = status


_Other.slug = "other"


def _status(problem: Problem) -> int:
    return problem.answered if isinstance(problem, _Other) else problem.status


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _validation(error)
    if isinstance(error, HTTPException):
        return _framework(error)
    return Problem()


def _validation(error: RequestValidationError) -> Problem:
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        return MalformedJson(position=found[0]["loc"][-1])
    named, unnamed = few_faults(found)
    return Invalid(errors=named, unnamed=unnamed)


def _framework(error: HTTPException) -> Problem:
    """The problem for an exception of Starlette or FastAPI. Its English detail is not shown."""
    headers = dict(error.headers or {})
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        return _Other(error.status_code, headers)
    problem = kind()
    problem.headers.update(headers)
    return problem


def _let_through(scope: Scope, error: Exception) -> None:
    """Keeps Starlette from replacing our answer to a declared length above the limit by its plain text."""
    if getattr(error, "status_code", getattr(error, "status", None)) == TooLarge.status:
        responder = scope.get("starlette._body_limit_responder")
        if responder is not None:
            responder.content_length = None


class _Unexpected:
    """ASGI middleware around the exception handlers: answers 500 (or 503) for an unhandled exception, and logs it."""

    def __init__(self, app: ASGIApp, documents: _Documents, unavailable: tuple[type[Exception], ...]) -> None:
        self.app = app
        self.documents = documents
        self.unavailable = unavailable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await self.documents.response(self._answer(error, scope), scope)(scope, receive, send)

    def _answer(self, error: Exception, scope: Scope) -> Problem:
        where = f"{scope['method']} {tracing.route_of(scope)}"
        if isinstance(error, self.unavailable):
            _log.warning("unavailable: %s: %s", where, type(error).__name__)
            return Unavailable()
        if isinstance(error, ClientDisconnect):
            return RequestTimeout()  # its client left in the middle of a body: no fault of ours, and nobody reads this
        _log.error("unexpected error: %s", where, exc_info=error)
        return Problem()


def _place(place: tuple[str | int, ...]) -> dict[str, object]:
    if place and place[0] == "row":
        return dict(zip(("row", "column"), place[1:], strict=False))
    if not place or place[0] == "body":
        return {"pointer": "#" + "".join(f"/{_escaped(step)}" for step in place[1:])}
    return {"parameter": brief(str(place[1])) if len(place) > 1 else "", "in": str(place[0])}


def _escaped(step: str | int) -> str:
    return quote(brief(str(step)).replace("~", "~0").replace("/", "~1"), safe="~", errors="replace")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return brief(value) if isinstance(value, str) else value


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)

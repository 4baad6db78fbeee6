"""One request is one transaction, which is opened when the handler is called and committed before the answer leaves.

Before that, the route's guards have let the request in, its parameters and its body have been checked, and the token
covers the regencies that they name. So a request that is refused for one of these costs no connection.

@router.post("/v1/calls/{call_id}/answer", responses=problems(404, 409))
async def answer(call_id: UUID, tx: Tx, access: Operator) -> CallOut: ...
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from contextvars import ContextVar
from functools import wraps
from inspect import Parameter, isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, signature
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from sigap_common.auth import Access
from sigap_common.core.errors import (
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyMissing,
    KeptAnswerForbidden,
    Problem,
    UnsupportedMediaType,
)
from sigap_common.database import LockHeld, NotUnique
from sigap_common.http.admission import urgency_of
from sigap_common.http.edge import Edge, edge_of
from sigap_common.http.guards import guards_of, require_named, settled
from sigap_common.http.idempotency import IdempotentRequest, asked_by
from sigap_common.http.request_limits import read_json, refuse_long_parts

WRITING = {"POST", "PUT", "PATCH", "DELETE"}
TRIES = 3


class _Repeated(Exception):
    """An equal request was faster, and its answer is stored."""


class Unit:
    """The transaction of one request, if it needs one."""

    def __init__(self, edge: Edge, stack: AsyncExitStack) -> None:
        self._edge, self._stack = edge, stack
        self.tx: Any = None

    async def open(self) -> Any:
        if self.tx is None:
            self.tx = await self._stack.enter_async_context(self._edge.begin())
        return self.tx

    async def view(self) -> Any:
        return self.tx or await self._stack.enter_async_context(self._edge.view())


_unit: ContextVar[Unit] = ContextVar("sigap_unit")
"""The unit of the request that is being served."""


class _Opened:
    """Marks an argument of a handler that its route opens when the handler is called. It is no dependency of FastAPI:
    to ask for one costs as much as a small statement.
    """

    def __init__(self, open_: Callable[[Unit], Awaitable[Any]]) -> None:
        self.open = open_


transaction = _Opened(Unit.open)
"""A writing transaction; a service annotates its own kind: `Tx = Annotated[IntakeTransaction, transaction]`."""
view = _Opened(Unit.view)
"""The same for reading: `View = Annotated[IntakeTransaction, view]`."""


class UseCaseRoute(APIRoute):
    """Commits the request's transaction when the answer is built, and keeps idempotent answers with it.

    A transaction or view is an argument of the handler itself. FastAPI refuses a dependency that asks for one, which
    would open it before the request is let in. Raises TypeError for a generator, which would hold it for as long as it
    runs.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _opening(endpoint), **options)

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()
        creates = self.status_code == 201
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        guards = guards_of(self)
        urgency = urgency_of(self.endpoint, self.methods or set(), self.path)
        needs_database = not getattr(self.endpoint, "without_database", False)

        async def admitted(request: Request) -> Response:
            # This comes first: a request that is refused because there is too much to do must cost almost nothing.
            edge = edge_of(request)
            with edge.admission.admitted(urgency):
                if needs_database:
                    edge.require_database()
                return await in_one_transaction(request, edge)

        async def in_one_transaction(request: Request, edge: Edge) -> Response:
            refuse_long_parts(request.scope)
            access = await settled(request, guards)
            if takes_json:
                _require_json(request)
                await read_json(request)
            asked = await _asked(request, access, creates=creates)
            if asked is None:
                return await _committed(handle, request, edge, None)
            async with edge.idempotency.turn(asked) as first:
                earlier = None if first else await edge.idempotency.earlier_answer(asked)
                return earlier or await _answered_once(handle, request, edge, asked)

        return admitted


def _opening(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, as FastAPI calls it: without the arguments that are opened. They are opened when it is called, and
    not before. Raises RegencyForbidden instead if its arguments name a regency that the token does not cover.
    """
    asked = signature(handler)
    opened = {name: mark for name, argument in asked.parameters.items() if (mark := _mark(argument))}
    if isasyncgenfunction(handler) or isgeneratorfunction(handler):
        if opened:
            raise TypeError(f"{handler.__qualname__}: a generator holds no transaction")
        return handler
    is_async = iscoroutinefunction(handler)

    @wraps(handler)
    async def called(**arguments: Any) -> Any:
        require_named(arguments)
        for name, mark in opened.items():
            arguments[name] = await mark.open(_unit.get())
        if is_async:
            return await handler(**arguments)
        return await run_in_threadpool(handler, **arguments)

    others = [argument for name, argument in asked.parameters.items() if name not in opened]
    called.__signature__ = asked.replace(parameters=others)  # type: ignore[attr-defined]
    return called


def _mark(argument: Parameter) -> _Opened | None:
    marks = getattr(argument.annotation, "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, _Opened)), None)


def _require_json(request: Request) -> None:
    """Raises UnsupportedMediaType (415) for a body that is not declared as JSON, because it would be read as text."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        raise UnsupportedMediaType


async def _answered_once(
    handle: Callable[[Request], Awaitable[Response]], request: Request, edge: Edge, asked: IdempotentRequest
) -> Response:
    try:
        return await _committed(handle, request, edge, asked)
    except _Repeated:
        return await _stored(edge, asked)
    except (Problem, HTTPException, RequestValidationError, LockHeld) as refused:
        return await _stored_or_raise(edge, asked, refused)


async def _committed(
    handle: Callable[[Request], Awaitable[Response]],
    request: Request,
    edge: Edge,
    asked: IdempotentRequest | None,
) -> Response:
    """If another request inserted the same key first, the handler runs again (at most TRIES times) and finds the row.

    Raises LockHeld if another request was first each time.
    """
    for _ in range(TRIES):
        try:
            return await _tried(handle, request, edge, asked)
        except NotUnique as taken:
            if edge.idempotency.keeps(taken):
                raise _Repeated from taken
            table = taken.table
    raise LockHeld(f"overtaken {TRIES} times in {table}")


async def _tried(
    handle: Callable[[Request], Awaitable[Response]], request: Request, edge: Edge, asked: IdempotentRequest | None
) -> Response:
    """Runs the handler once. When the stack is left, the transaction writes its last rows and the
    answer, and commits.
    """
    async with AsyncExitStack() as stack:
        unit = Unit(edge, stack)
        _unit.set(unit)
        response = await handle(request)
        if asked and unit.tx and response.status_code < 300:
            statement, answer = edge.idempotency.kept(asked, response, unit.tx)
            unit.tx.later(statement, [answer])
    return response


async def _asked(request: Request, access: Access | None, *, creates: bool) -> IdempotentRequest | None:
    """The request with its idempotency key; None for a route that is not guarded by a token."""
    if request.method not in WRITING or access is None:
        return None
    asked = await asked_by(request, access)
    if asked is None and creates:
        raise IdempotencyKeyMissing()
    return asked


async def _stored(edge: Edge, asked: IdempotentRequest) -> Response:
    earlier = await edge.idempotency.earlier_answer(asked)
    if earlier is None:
        raise IdempotencyInProgress(retry_after=1)
    return earlier


async def _stored_or_raise(edge: Edge, asked: IdempotentRequest, refused: Exception) -> Response:
    """The stored answer, or the refusal. A repeated request may be refused only because the first one succeeded; then
    it gets the stored answer. If the token has lost rights since, it gets the refusal.
    """
    if isinstance(refused, Forbidden):
        raise refused
    try:
        earlier = await edge.idempotency.earlier_answer(asked)
    except KeptAnswerForbidden:
        raise refused from None
    if earlier is not None:
        return earlier
    if isinstance(refused, LockHeld):
        raise IdempotencyInProgress(retry_after=1) from refused
    raise refused

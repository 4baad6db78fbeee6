"""The edge: one request is one transaction, opened when a handler asks for it, committed before the answer leaves.

@router.post("/v1/calls/{call_id}/answer", responses=problems(404, 409))
async def answer(call_id: UUID, tx: Tx, access: Operator) -> CallOut: ...
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute

from sigap_common.auth import Access
from sigap_common.core.errors import (
    IdempotencyInProgress,
    IdempotencyKeyMissing,
    NotAuthenticated,
    Problem,
    UnsupportedMediaType,
)
from sigap_common.database import LockHeld, NotUnique
from sigap_common.http.admission import urgency_of
from sigap_common.http.edge import Edge, edge_of
from sigap_common.http.idempotency import IdempotentRequest, asked_by
from sigap_common.http.request_limits import read_json, refuse_long_parts

WRITING = {"POST", "PUT", "PATCH", "DELETE"}
TRIES = 3


class _Repeated(Exception):
    """An equal request was there first."""


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


async def _transaction(request: Request) -> Any:
    return await request.state.unit.open()


async def _view(request: Request) -> Any:
    return await request.state.unit.view()


transaction = Depends(_transaction)
"""A writing transaction; a service annotates its own kind: `Tx = Annotated[IntakeTransaction, transaction]`."""
view = Depends(_view)
"""The same for reading: `View = Annotated[IntakeTransaction, view]`."""


class UseCaseRoute(APIRoute):
    """Commits the request's transaction when the answer is built, and keeps idempotent answers with it."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()
        creates = self.status_code == 201
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        urgency = urgency_of(self.endpoint, self.methods or set(), self.path)

        async def admitted(request: Request) -> Response:
            # First of all: what is refused for want of time must not cost any.
            with edge_of(request).admission.admitted(urgency):
                return await in_one_transaction(request)

        async def in_one_transaction(request: Request) -> Response:
            refuse_long_parts(request.scope)
            if takes_json:
                _require_json(request)
                await read_json(request, lambda: _access(request))
            asked = await _asked(request, creates=creates)
            if asked is None:
                return await _committed(handle, request, None)
            async with edge_of(request).idempotency.turn(asked) as first:
                earlier = None if first else await edge_of(request).idempotency.earlier_answer(asked)
                return earlier or await _answered_once(handle, request, asked)

        return admitted


def _require_json(request: Request) -> None:
    """Raises UnsupportedMediaType (415): what is not called JSON would be read as a mere text, and misunderstood."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if has_body and media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType


async def _answered_once(
    handle: Callable[[Request], Awaitable[Response]], request: Request, asked: IdempotentRequest
) -> Response:
    try:
        return await _committed(handle, request, asked)
    except _Repeated:
        return await _stored(request, asked)
    except (Problem, HTTPException, RequestValidationError, LockHeld) as refused:
        return await _stored_or_raise(request, asked, refused)


async def _committed(
    handle: Callable[[Request], Awaitable[Response]],
    request: Request,
    asked: IdempotentRequest | None,
) -> Response:
    """Whoever was overtaken by a moment tries again: now there is to be found what was not there. Raises LockHeld for
    one who is overtaken each time.
    """
    for _ in range(TRIES):
        try:
            return await _tried(handle, request, asked)
        except NotUnique as taken:
            if edge_of(request).idempotency.keeps(taken):
                raise _Repeated from taken
            table = taken.table
    raise LockHeld(f"overtaken {TRIES} times in {table}")


async def _tried(
    handle: Callable[[Request], Awaitable[Response]], request: Request, asked: IdempotentRequest | None
) -> Response:
    """Leaving the stack ends the transaction: it writes what is left, the answer with it, and commits."""
    edge = edge_of(request)
    async with AsyncExitStack() as stack:
        unit = request.state.unit = Unit(edge, stack)
        response = await handle(request)
        if asked and unit.tx and response.status_code < 300:
            statement, answer = edge.idempotency.kept(asked, response, unit.tx.now())
            unit.tx.later(statement, [answer])
    return response


async def _asked(request: Request, *, creates: bool) -> IdempotentRequest | None:
    """Only where a bearer token says who asks; others declare another guard and are exempt."""
    if request.method not in WRITING or (access := await _access(request)) is None:
        return None
    asked = await asked_by(request, access.subject)
    if asked is None and creates:
        raise IdempotencyKeyMissing()
    return asked


async def _access(request: Request) -> Access | None:
    """Whose token it is; a bad one is refused by the route's guard, not here. Raises Unavailable (503) where its
    keys cannot be had: a moment later they might be, and the request would have its effect without its key.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return await edge_of(request).verifier.verify(token.strip())
    except NotAuthenticated:
        return None


async def _stored(request: Request, asked: IdempotentRequest) -> Response:
    earlier = await edge_of(request).idempotency.earlier_answer(asked)
    if earlier is None:
        raise IdempotencyInProgress(retry_after=1)
    return earlier


async def _stored_or_raise(request: Request, asked: IdempotentRequest, refused: Exception) -> Response:
    """A refusal may be the echo of the request's own success: then that is the answer."""
    earlier = await edge_of(request).idempotency.earlier_answer(asked)
    if earlier is not None:
        return earlier
    if isinstance(refused, LockHeld):
        raise IdempotencyInProgress(retry_after=1) from refused
    raise refused

"""How a route says whom it lets in, and the guards that hold it to that."""

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from fastapi import FastAPI, Request
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase

from sigap_common.auth.access import Access, Role
from sigap_common.core.errors import NotAuthenticated, RoleMissing
from sigap_common.http.problems import refuse_oversized, refuse_unacceptable, refuse_unknown_parameters


class Verifies(Protocol):
    async def verify(self, token: str) -> Access: ...


class Allowed(SecurityBase):
    """The FastAPI dependency made by `allowed`."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles
        self.model = BearerModel(bearerFormat="JWT", description="A token of a trusted OpenID Connect issuer")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Access:
        refuse_oversized(request.scope)
        verifier: Verifies = request.app.state.verifier
        access = await verifier.verify(_bearer(request))
        if self.roles and self.roles.isdisjoint(access.roles):
            raise RoleMissing(sorted(self.roles))
        refuse_unknown_parameters(request.scope)
        refuse_unacceptable(request.scope)
        return access


def allowed(*roles: Role) -> Allowed:
    """A dependency that gives the Access of the request's bearer token; without roles any valid one will do.

    It asks the verifier at `app.state.verifier`. Answers 401 without a valid token, 403 without one of the
    roles.
    """
    return Allowed(frozenset(roles))


Guard = Literal["signature", "link", "open"]


class GuardedBy:
    """The FastAPI dependency made by `guarded_by`."""

    def __init__(self, kind: Guard) -> None:
        self.kind = kind

    async def __call__(self, request: Request) -> None:
        refuse_oversized(request.scope)
        refuse_unknown_parameters(request.scope)
        refuse_unacceptable(request.scope)


def guarded_by(kind: Guard) -> GuardedBy:
    """Declares that a route is guarded otherwise than by roles: what checks it is the route's own.

    `signature`: the request is signed; `link`: its address is a secret of one use; `open`: for everybody, on
    purpose.
    """
    return GuardedBy(kind)


class _Depending(Protocol):
    @property
    def call(self) -> object: ...
    @property
    def dependencies(self) -> "Sequence[_Depending]": ...


def guards_of(route: object) -> list[Allowed | GuardedBy]:
    """The guards among a route's dependencies; `route` is FastAPI's route or route context."""
    return [call for call in calls_of(route) if isinstance(call, (Allowed, GuardedBy))]


def calls_of(route: object) -> list[object]:
    """What a route depends on, its handler first; `route` is FastAPI's route or route context."""
    dependant: _Depending | None = getattr(route, "dependant", None)
    return [] if dependant is None else list(_calls(dependant))


def guarded_routes(app: FastAPI) -> Iterator[tuple[str, frozenset[str], list[Allowed | GuardedBy]]]:
    """Path, methods and guards of every operation in the app's OpenAPI, included routers unfolded."""
    for route in iter_route_contexts(app.routes):
        if getattr(route, "include_in_schema", False):
            yield route.path or "", frozenset(route.methods or ()), guards_of(route)


def _calls(dependant: _Depending) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated
    return token

"""Guards: how a route declares who may use it, and the checks of that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, Literal, Protocol

from fastapi import FastAPI, Request
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.routing import iter_route_contexts
from fastapi.security.base import SecurityBase

from sigap_common.auth.access import Access, Role
from sigap_common.core.errors import NotAuthenticated, RoleMissing
from sigap_common.http.problems import refuse_oversized, refuse_unacceptable, refuse_unknown_parameters


class Verifies(Protocol):
    async def verify(self, token: str) -> Access: ...


_SETTLED = "sigap.guards"
"""The key in a request's scope under which the results of its guards are kept."""


class Allowed(SecurityBase):
    """The FastAPI dependency made by `allowed`. It checks a request once, and then returns the same result again."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles
        self.model = BearerModel(bearerFormat="JWT", description="A token of a trusted OpenID Connect issuer")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Access:
        settled: dict[Allowed, Access] = request.scope.setdefault(_SETTLED, {})
        if self not in settled:
            settled[self] = await self._access(request)
        return settled[self]

    async def _access(self, request: Request) -> Access:
        refuse_oversized(request.scope)
        verifier: Verifies = request.app.state.verifier
        access = await verifier.verify(_bearer(request))
        if self.roles and self.roles.isdisjoint(access.roles):
            raise RoleMissing(sorted(self.roles))
        refuse_unknown_parameters(request.scope)
        refuse_unacceptable(request.scope)
        return access


def allowed(*roles: Role) -> Allowed:
    """A dependency that returns the Access of the request's bearer token. Without roles, any valid token is allowed.

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
    """Declares that a route is not guarded by roles. The route itself checks the request.

    `signature`: the request is signed; `link`: its address contains a secret; `open`: for everybody, on
    purpose.
    """
    return GuardedBy(kind)


async def settled(request: Request, guards: Sequence[Allowed | GuardedBy]) -> Access | None:
    """Runs a route's guards, and returns the token's Access, or None if no guard needs a token.

    Raises NotAuthenticated (401), RoleMissing (403), Unavailable (503), Invalid (422) for unknown query parameters.
    """
    access = None
    for guard in guards:
        access = await guard(request) or access
    return access


def require_named(arguments: Mapping[str, Any]) -> None:
    """Checks that the token among a handler's arguments covers the regencies that the other arguments name.

    An argument names a regency if it is called `regency` or has a field of that name; the agency of a list's filters
    counts as its regency. Raises RegencyForbidden (403).
    """
    access = next((value for value in arguments.values() if isinstance(value, Access)), None)
    if access is not None:
        for name, value in arguments.items():
            for regency in _named(name, value):
                access.require(regency)


def _named(name: str, value: Any) -> Iterator[str]:
    regency = value if name == "regency" else getattr(value, "regency", None)
    if isinstance(regency, str):
        yield regency
    if is_dataclass(value) and not isinstance(value, Access) and isinstance(getattr(value, "agency", None), str):
        yield value.agency.partition("/")[0]  # type: ignore[union-attr]


class _Depending(Protocol):
    @property
    def call(self) -> object: ...
    @property
    def dependencies(self) -> "Sequence[_Depending]": ...


def guards_of(route: object) -> list[Allowed | GuardedBy]:
    """The guards among a route's dependencies; `route` is FastAPI's route or route context."""
    return [call for call in calls_of(route) if isinstance(call, (Allowed, GuardedBy))]


def calls_of(route: object) -> list[object]:
    """The handler of a route and the functions of its dependencies. `route` is FastAPI's route or route context."""
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

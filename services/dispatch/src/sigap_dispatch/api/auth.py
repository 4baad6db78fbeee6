"""`/v1/auth` and `/v1/me`: the built-in issuer, and the contents of the request's token."""

from fastapi import APIRouter, Depends, Request

from sigap_common.auth import Role
from sigap_common.core.errors import Fault, Invalid, NotFound
from sigap_common.http.edge import without_database
from sigap_common.http.guards import guarded_by
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import Anybody, Running
from sigap_dispatch.schemas.auth import DemoTokenRequest, Jwks, Me, SignIn, TokenOut
from sigap_dispatch.use_cases.accounts import TOKEN_LIFETIME, demo_issuer_of, issuer_of, renewed, sign_in, token_of

router = APIRouter(tags=["auth"], route_class=UseCaseRoute)
OPEN = [Depends(guarded_by("open"))]


@router.get("/v1/me", summary="Read your own token: name, roles, regencies", responses=problems())
async def read_me(access: Anybody, dispatch: Running) -> Me:
    return Me.of(access, dispatch.ring)


@router.post("/v1/auth/token", summary="Sign in at the built-in issuer", dependencies=OPEN, responses=problems(429))
async def sign_in_with_password(body: SignIn, dispatch: Running, request: Request) -> TokenOut:
    """A token that is valid for 12 hours. After five failed tries you have to wait before the next one, at most a
    minute.
    """
    address = request.client.host if request.client else ""
    account = await sign_in(dispatch, address, body.username, body.password)
    token = token_of(dispatch, account)
    return TokenOut(access_token=token, expires_in=int(TOKEN_LIFETIME.total_seconds()))


@router.post("/v1/auth/token/renewal", summary="Renew a token of the built-in issuer", responses=problems())
async def renew_token(access: Anybody, dispatch: Running, request: Request) -> TokenOut:
    """A new token that is valid for 12 hours from now, but at most until 24 hours after the person signed in. It has
    the roles that the account has by now. Ask with a token that has not expired. An account that was disabled or
    removed gets none (401). A token of another issuer is renewed there (403).
    """
    _, _, old = request.headers["authorization"].partition(" ")
    token, lifetime = await renewed(dispatch, access, old.strip())
    return TokenOut(access_token=token, expires_in=int(lifetime.total_seconds()))


@router.get("/v1/auth/jwks", summary="Public keys of the built-in issuer", dependencies=OPEN, responses=problems())
@without_database
async def read_jwks(dispatch: Running) -> Jwks:
    return Jwks.model_validate(issuer_of(dispatch).jwks())


@router.post("/v1/auth/demo-tokens", summary="A token for a demonstration", dependencies=OPEN, responses=problems(404))
async def demo_token(body: DemoTokenRequest, dispatch: Running) -> TokenOut:
    """A token with the requested roles. In production this address answers 404."""
    if not dispatch.common.demo:
        raise NotFound
    if Role.agency in body.roles and body.agency is None:
        raise Invalid(errors=[Fault(("body", "agency"), "missing", {})])
    subject = f"demo-{'-'.join(sorted(body.roles))}"
    token = demo_issuer_of(dispatch).issue(subject, body.roles, body.regencies, body.agency, TOKEN_LIFETIME)
    return TokenOut(access_token=token, expires_in=int(TOKEN_LIFETIME.total_seconds()))

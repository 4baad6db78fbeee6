"""What a token opens: issuers of our own, roles, regencies, and the guards that routes declare."""

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel, Field

from sigap_common.auth import Access, Issuer, Role, TokenIssuer, Verifier
from sigap_common.auth.issuer import new_key, rotate
from sigap_common.core.errors import NotAuthenticated
from sigap_common.http.guards import Allowed, GuardedBy, allowed, guarded_by, guarded_routes
from sigap_common.http.problems import install
from sigap_testing.clocks import SetClock

AUDIENCE = "sigap"
START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@asynccontextmanager
async def verifying(clock: SetClock, *issuers: Issuer) -> AsyncIterator[Verifier]:
    verifier = Verifier(issuers, clock=clock, elapsed=clock.elapsed)
    try:
        yield verifier
    finally:
        await verifier.stop()


def test_access_to_everywhere_covers_every_regency() -> None:
    access = Access("s", frozenset({Role.analyst}), frozenset({"*"}), None, START)
    assert access.everywhere
    access.require("64.74")


@pytest.fixture
def own(clock: SetClock) -> TokenIssuer:
    return TokenIssuer.from_text("https://sigap.example/gateway", AUDIENCE, new_key(), clock=clock)


@pytest.fixture
async def own_verifier(own: TokenIssuer, clock: SetClock) -> AsyncIterator[Verifier]:
    async with verifying(clock, Issuer(own.issuer, AUDIENCE, keys=own.jwks)) as verifier:
        yield verifier


async def test_an_issuer_of_our_own_is_believed_without_http(own: TokenIssuer, own_verifier: Verifier) -> None:
    signed = own.issue("damkar-1", [Role.agency], ["17.71"], agency="17.71/damkar", name="Damkar")
    access = await own_verifier.verify(signed)
    assert (access.agency, access.name) == ("17.71/damkar", "Damkar")
    assert access.roles == {Role.agency}
    assert access.expires_at == START + timedelta(minutes=15)
    with pytest.raises(NotAuthenticated) as refused:
        await own_verifier.verify(own.issue("x", [Role.agency], ["17.71"]))
    assert refused.value.reason == "token-without-agency"


async def test_an_issuers_key_file_is_made_once_and_rotated_without_signing_anybody_out(
    tmp_path: Path, clock: SetClock
) -> None:
    path = tmp_path / "issuer.pem"
    before = TokenIssuer.from_file("iss", AUDIENCE, path, clock=clock)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TokenIssuer.from_file("iss", AUDIENCE, path).jwks() == before.jwks()
    rotate(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    after = TokenIssuer.from_file("iss", AUDIENCE, path, clock=clock)
    assert len(after.jwks()["keys"]) == 2
    assert "d" not in after.jwks()["keys"][0]
    async with verifying(clock, Issuer("iss", AUDIENCE, keys=after.jwks)) as verifier:
        for issuer in (before, after):
            assert await verifier.verify(issuer.issue("s", [Role.staff], ["17.71"]))
    for text in ("", "nonsense"):
        with pytest.raises(ValueError, match="key"):
            TokenIssuer.from_text("iss", AUDIENCE, text)


Dispatcher = Annotated[Access, Depends(allowed(Role.dispatcher, Role.supervisor))]


class Period(BaseModel):
    first: int = Field(alias="from")
    most: int = 10


@pytest.fixture
def app(own_verifier: Verifier) -> FastAPI:
    app, router = FastAPI(), APIRouter(prefix="/v1")

    @router.get("/me")
    async def me(access: Annotated[Access, Depends(allowed())]) -> str:
        return access.subject

    @router.get("/incidents")
    async def incidents(access: Dispatcher, regency: str = "17.71") -> str:
        access.require(regency)
        return access.subject

    @router.get("/doors")
    async def doors(asked: Annotated[Period, Query()], access: Dispatcher, regency: str | None = None) -> str:
        return access.subject

    @router.post("/hooks", dependencies=[Depends(guarded_by("signature"))])
    async def hook() -> None: ...

    @router.get("/alive", include_in_schema=False, dependencies=[Depends(guarded_by("open"))])
    async def alive() -> None: ...

    @router.get("/forgotten")
    async def forgotten() -> None: ...

    app.include_router(router)
    install(app)
    app.state.verifier = own_verifier
    return app


async def ask(app: FastAPI, path: str, authorization: str | None, language: str = "id") -> Response:
    headers = {"Accept-Language": language} | ({"Authorization": authorization} if authorization else {})
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        return await client.get(path, headers=headers)


async def test_a_route_lets_in_whom_it_says(app: FastAPI, own: TokenIssuer, clock: SetClock) -> None:
    supervisor = f"Bearer {own.issue('sup', [Role.supervisor], ['17.71'])}"
    operator = f"bearer {own.issue('op', [Role.operator], ['17.71'])}"
    assert (await ask(app, "/v1/incidents", supervisor)).json() == "sup"
    assert (await ask(app, "/v1/me", operator)).json() == "op"
    missing = await ask(app, "/v1/incidents", operator, "en")
    assert (missing.status_code, missing.json()["type"]) == (403, "/problems/role-missing")
    assert missing.json()["roles"] == ["dispatcher", "supervisor"]
    assert "dispatcher, supervisor" in missing.json()["detail"]
    outside = await ask(app, "/v1/incidents?regency=18.72", supervisor)
    assert (outside.status_code, outside.json()["type"]) == (403, "/problems/regency-forbidden")
    clock.advance(3600)
    expired = await ask(app, "/v1/incidents", supervisor)
    assert (expired.status_code, expired.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert "kedaluwarsa" in expired.json()["detail"]


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer ", "Basic eDp5", "x"])
async def test_without_a_token_there_is_no_entry(app: FastAPI, authorization: str | None) -> None:
    answer = await ask(app, "/v1/incidents", authorization)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["type"] == "/problems/not-authenticated"


@pytest.mark.parametrize(
    ("path", "unknown", "known"),
    [
        ("/v1/incidents?regensi=17.71", ["regensi"], "regency"),
        ("/v1/incidents?regency=17.71&REGENCY=17.71&%73tate", ["REGENCY", "state"], "regency"),
        ("/v1/me?verbose=1&verbose=2", ["verbose"], "tidak ada"),
        ("/v1/doors?from=9&first=1&until=3", ["first", "until"], "from, most, regency"),
    ],
)
async def test_a_slip_in_a_parameter_s_name_is_told_and_shows_nothing(
    app: FastAPI, own: TokenIssuer, path: str, unknown: list[str], known: str
) -> None:
    answer = await ask(app, path, f"Bearer {own.issue('sup', [Role.supervisor], ['17.71'])}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
    errors = answer.json()["errors"]
    assert [(e["parameter"], e["in"], e["code"]) for e in errors] == [
        (n, "query", "parameter_unknown") for n in unknown
    ]
    assert errors[0]["detail"].endswith(f"Yang dikenal: {known}.")


async def test_names_of_parameters_are_told_to_whom_the_route_lets_in(app: FastAPI, own: TokenIssuer) -> None:
    operator = f"Bearer {own.issue('op', [Role.operator], ['17.71'])}"
    assert (await ask(app, "/v1/incidents?regensi=17.71", None)).status_code == 401
    assert (await ask(app, "/v1/incidents?regensi=17.71", operator)).status_code == 403
    assert (await ask(app, "/v1/alive?at=" + "9" * 20, None)).status_code == 200


async def test_of_very_many_unknown_parameters_the_first_are_told(app: FastAPI, own: TokenIssuer) -> None:
    flood = "&".join(f"p{number}=1" for number in range(500))
    answer = await ask(app, f"/v1/me?{flood}", f"Bearer {own.issue('op', [Role.operator], ['17.71'])}", "en")
    document = answer.json()
    assert [error["parameter"] for error in document["errors"]] == [f"p{number}" for number in range(50)]
    assert document["error_count"] == 500
    assert document["detail"].endswith("50 of 500 errors are listed.")
    assert answer.json()["errors"][0]["detail"].endswith("It knows: none.")


def test_a_test_can_see_which_route_forgot_its_guard(app: FastAPI) -> None:
    seen = {path: guards for path, _, guards in guarded_routes(app)}
    (incidents,), (hook,) = seen["/v1/incidents"], seen["/v1/hooks"]
    assert isinstance(incidents, Allowed)
    assert incidents.roles == {Role.dispatcher, Role.supervisor}
    assert isinstance(hook, GuardedBy)
    assert hook.kind == "signature"
    assert seen["/v1/forgotten"] == []


def test_openapi_shows_the_bearer_token(app: FastAPI) -> None:
    schema = app.openapi()
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert schema["paths"]["/v1/incidents"]["get"]["security"] == [{"bearer": []}]
    assert "security" not in schema["paths"]["/v1/hooks"]["post"]

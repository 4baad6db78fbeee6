"""Tokens of commands: given by the user, fetched for an account, or fetched from the demonstration's issuer."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sigap_cli.api import Api, Patience, TokenOf
from sigap_cli.errors import Failed, Refused

CLOSED = (
    "This installation hands out no demonstration tokens. Give one with --token or SIGAP_TOKEN, or an account by "
    "SIGAP_USERNAME and SIGAP_PASSWORD."
)


@dataclass(frozen=True, slots=True)
class Who:
    """The roles, regencies and agency of a demonstration token. `agency` is `<regency>/<code>`."""

    roles: tuple[str, ...]
    regencies: tuple[str, ...] = ("*",)
    agency: str | None = None


@asynccontextmanager
async def signed_in(
    url: str, who: Who, given: str | None = None, patience: Patience | None = None, connections: int = 10
) -> AsyncIterator[Api]:
    """The API with a token: the given one, or one that is fetched when it is first needed."""
    async with Api(url, patience=patience, connections=connections) as api:
        yield api.acting(token_of(api, who, given))


async def fetched(api: Api, who: Who) -> str:
    """A new token: for the account in the environment, else a demonstration's. Raises Failed, Refused, Unreachable."""
    username, password = os.environ.get("SIGAP_USERNAME"), os.environ.get("SIGAP_PASSWORD")
    if username and password:
        return _token_in(await api.post("/v1/auth/token", {"username": username, "password": password}))
    asked = {"roles": list(who.roles), "regencies": list(who.regencies), "agency": who.agency}
    try:
        return _token_in(await api.post("/v1/auth/demo-tokens", asked))
    except Refused as refused:
        if refused.status in (403, 404):
            raise Failed(CLOSED) from refused
        raise


def token_of(api: Api, who: Who, given: str | None = None) -> TokenOf:
    """A function that returns `given`, or fetches a token by `api` (which sends none itself) and keeps it until it is
    refused.
    """
    kept: list[str] = []

    async def current(renewed: bool) -> str:
        if given is not None:
            return given
        if renewed or not kept:
            kept[:] = [await fetched(api, who)]
        return kept[0]

    return current


def _token_in(answer: dict[str, str]) -> str:
    return answer["access_token"]

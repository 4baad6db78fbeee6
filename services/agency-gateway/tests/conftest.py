"""The gateway on a real database of each kind, with a receiver that is a real HTTP server."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # import-mode importlib leaves siblings unfound

from gateway_histories import DAMKAR, REGENCY, SECRET, VARIABLE, a_pack

from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.main import service
from sigap_agency_gateway.settings import GatewaySettings
from sigap_testing.kit import Kit, started
from sigap_testing.patience import patience
from sigap_testing.receiver import Receiver

Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def kit(database_url: str, tmp_path: Path, receiver: Receiver) -> AsyncIterator[Kit]:
    settings = GatewaySettings(attempt_seconds=min(patience(2), 19), connect_seconds=patience(2))
    async with started(service, database_url, tmp_path, settings=settings) as kit:
        await kit.configure(a_pack(receiver.url))
        yield kit


@pytest.fixture
def courier(kit: Kit) -> Courier:
    return Courier(kit.runtime)


@pytest.fixture
def carry(courier: Courier) -> Callable[[], Awaitable[int]]:
    """Delivers once what is due; the number of attempts."""

    async def once() -> int:
        started = await courier.round()
        await courier.landed()
        return started

    return once


@pytest.fixture
def ask(kit: Kit) -> Ask:
    """Asks as the fire brigade of the regency, unless told otherwise: `ask("POST", path, body, role, agency=...)`."""

    async def request(method: str, path: str, body: Any = None, *roles: str, **who: Any) -> httpx.Response:
        more = who.pop("headers", {})
        who = {"regencies": (REGENCY,), "agency": None if roles else DAMKAR} | who
        headers = kit.bearer(*(roles or ("agency",)), **who) | more
        return await kit.client.request(method, path, json=body, headers=headers)

    return request

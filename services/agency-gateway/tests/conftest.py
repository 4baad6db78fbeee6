"""The gateway on a real database of each kind, with a receiver that is a real HTTP server."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import httpx
import pytest
from gateway_histories import DAMKAR, REGENCY, SECRET, VARIABLE, Ask, Carry, a_pack, carry_by

from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.main import service
from sigap_agency_gateway.settings import GatewaySettings
from sigap_testing.kit import Kit, started
from sigap_testing.patience import patience
from sigap_testing.receiver import Receiver


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def kit(database_url: str, tmp_path: Path, receiver: Receiver) -> AsyncIterator[Kit]:
    # Longer than a disk may stand still while other tests make their databases: answers within an attempt wait for it.
    settings = GatewaySettings(attempt_seconds=min(patience(4), 19), connect_seconds=patience(2))
    async with started(service, database_url, tmp_path, settings=settings) as kit:
        await kit.configure(a_pack(receiver.url))
        yield kit


@pytest.fixture
def courier(kit: Kit) -> Courier:
    return Courier(kit.runtime)


@pytest.fixture
def carry(courier: Courier) -> Carry:
    return lambda: carry_by(courier)


@pytest.fixture
def ask(kit: Kit) -> Ask:
    async def request(
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *roles: str,
        regencies: Sequence[str] = (REGENCY,),
        agency: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        of = agency or (None if roles else DAMKAR)
        bearer = kit.bearer(*(roles or ("agency",)), regencies=regencies, agency=of)
        return await kit.client.request(method, path, json=body, headers={**bearer, **(headers or {})})

    return request

"""Intake on a real database of each kind, with two regencies side by side."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sigap_common.contracts.incidents import IncidentCreated, Source
from sigap_common.contracts.places import Place
from sigap_common.regency import Pack
from sigap_intake.main import service
from sigap_testing.kit import Kit, started

Desk = Callable[..., Awaitable[httpx.Response]]
Arrive = Callable[..., Awaitable[dict[str, Any]]]


def a_pack(code: str, west: float, **beside: Any) -> Pack:
    """A regency of one degree by one degree on the equator."""
    corners = [(west, -0.5), (west + 1, -0.5), (west + 1, 0.5), (west, 0.5), (west, -0.5)]
    zone = {"type": "Polygon", "coordinates": [corners]}
    return Pack.model_validate({"code": code, "name": code, "time_zone": "Asia/Jakarta", "zone": zone, **beside})


HERE = Place.of(0.0, 100.5)


def incident_created(kit: Kit, **told: Any) -> IncidentCreated:
    """What dispatch tells of a new incident at HERE, reported by the number with the hash h1."""
    facts: dict[str, Any] = {
        "at": kit.clock(),
        "recorded_at": kit.clock(),
        "number": "BKL-20240219-0042",
        "day": kit.clock().date(),
        "incident_type": "fire",
        "priority": 2,
        "place": HERE,
        "source": Source.CALL,
        "call_id": uuid4(),
        "started_at": kit.clock(),
        "answered_at": kit.clock(),
        "caller_hash": "h1",
    }
    return IncidentCreated(**facts | told)


@pytest.fixture
def pack() -> Callable[..., Pack]:
    return a_pack


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        await kit.configure(a_pack("99.01", 100), a_pack("99.02", 101))
        yield kit


@pytest.fixture
def desk(kit: Kit) -> Desk:
    """Asks as somebody of 99.01: `desk("POST", path, body, role)`."""

    async def ask(
        method: str, path: str, body: Any = None, *roles: str, key: str | None = None, **who: Any
    ) -> httpx.Response:
        headers = kit.bearer(*(roles or ("operator",)), **{"regencies": ("99.01",), **who})
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        # In escapes, as a client may send it: httpx refuses lone halves of a sign.
        content = None if body is None else json.dumps(body)
        return await kit.client.request(method, path, content=content, headers=headers)

    return ask


@pytest.fixture
def arrive(desk: Desk) -> Callable[..., Awaitable[dict[str, Any]]]:
    """A call arrives in 99.01; what the answer says of it."""

    async def call(*roles: str, **told: Any) -> dict[str, Any]:
        body = {"regency": "99.01", "channel": "telephone", **told}
        answer = await desk("POST", "/v1/calls", body, *roles)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return call

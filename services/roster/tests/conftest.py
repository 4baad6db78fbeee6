"""Roster on a real database of each kind, with two regencies side by side. The clock stands at 19 February 2024,
10:00 in Jakarta.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sigap_common.regency import Pack
from sigap_roster.main import service
from sigap_testing.kit import Kit, started

Desk = Callable[..., Awaitable[httpx.Response]]
"""See `desk`."""
Enter = Callable[..., Awaitable[str]]
"""See `enter`."""
Draft = Callable[..., Awaitable[dict[str, Any]]]
"""See `draft` and `publish`."""
As = Callable[..., Awaitable[httpx.Response]]
"""See `staff`."""

SHIFTS = {
    "shifts": [
        {"code": "pagi", "name": "Pagi", "start": "07:00", "end": "14:00", "seats": 2},
        {"code": "siang", "name": "Siang", "start": "14:00", "end": "21:00"},
        {"code": "malam", "name": "Malam hari", "start": "21:00", "end": "07:00"},
    ]
}


def a_pack(code: str, time_zone: str = "Asia/Jakarta", **told: Any) -> Pack:
    agencies = [{"code": "damkar", "name": "Damkar", "kind": "fire"}]
    pack = {"code": code, "name": code, "time_zone": time_zone, "shifts": SHIFTS, "agencies": agencies}
    return Pack.model_validate({**pack, **told})


@pytest.fixture
def pack() -> Callable[..., Pack]:
    return a_pack


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        await kit.configure(a_pack("99.01"), a_pack("99.02", "Asia/Jayapura"))
        yield kit


@pytest.fixture
def desk(kit: Kit) -> Desk:
    """Asks as somebody of 99.01: `desk("POST", path, body, role)`; `version` is what was read last."""

    async def ask(
        method: str, path: str, body: Any = None, *roles: str, version: int | None = None, **who: Any
    ) -> httpx.Response:
        headers = kit.bearer(*(roles or ("planner",)), **{"regencies": ("99.01",), **who})
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await kit.client.request(method, path, json=body, headers=headers)

    return ask


@pytest.fixture
def staff(desk: Desk) -> As:
    """Asks as one of the staff: `staff("budi", "POST", path, body)`."""

    async def ask(name: str, method: str, path: str, body: Any = None) -> httpx.Response:
        return await desk(method, path, body, "staff", subject=name)

    return ask


@pytest.fixture
def enter(desk: Desk) -> Enter:
    """Enters a person who is known by name, number and token alike; the id."""

    async def staff(name: str, **told: Any) -> str:
        body = {"regency": "99.01", "name": name, "number": f"OP-{name}", "subject": name.lower(), **told}
        answer = await desk("POST", "/v1/staff", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return staff


@pytest.fixture
def draft(desk: Desk) -> Draft:
    """A plan for 19 to 25 February with these (staff id, day of the month, shift)."""

    async def roster(*planned: tuple[str, int, str], regency: str = "99.01", **who: Any) -> dict[str, Any]:
        body = {"regency": regency, "first_day": "2024-02-19", "last_day": "2024-02-25"}
        answer = await desk("POST", "/v1/rosters", body, **who)
        assert answer.status_code == 201, answer.text
        path = f"/v1/rosters/{answer.json()['id']}/assignments"
        plan = [{"staff_id": who, "day": f"2024-02-{day:02}", "shift": shift} for who, day, shift in planned]
        answer = await desk("PUT", path, plan, version=1, **who)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return roster


@pytest.fixture
def publish(desk: Desk, draft: Draft) -> Draft:
    """As `draft`, and told to staff."""

    async def roster(*planned: tuple[str, int, str]) -> dict[str, Any]:
        made = await draft(*planned)
        answer = await desk("POST", f"/v1/rosters/{made['id']}/publish", version=made["version"])
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return roster


async def on_duty(desk: Desk) -> list[tuple[str, str, str]]:
    """Who has which shift from 19 to 25 February, by the published plans: name, day of the month, shift."""
    found = (await desk("GET", "/v1/duties?regency=99.01&from=2024-02-19&to=2024-02-25")).json()["items"]
    return [(one["name"], one["day"][-2:], one["shift"]) for one in found]

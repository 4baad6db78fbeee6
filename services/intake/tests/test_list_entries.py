"""Queue and list show of each call what a single read shows, without opening its document."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from sigap_common.regency import Pack
from sigap_intake.list_entries.calls import FORM
from sigap_intake.models.calls import calls
from sigap_intake.schemas.calls import CallOut
from sigap_testing.forms import form_of
from sigap_testing.kit import Kit
from sigap_testing.statements import statements

from .conftest import Arrive

Ask = Callable[..., Awaitable[Any]]

KEPT = (6, "6db469974df7dc59")
"""The form of the stored entries, and a digest of the schema that they and their parts have."""
ROLES = ["operator", "admin"]
NUMBER = "+628111222333"
SINGLE = ("history", "caller_zone", "sop", "fixes")
"""What a single read shows and lists do not."""


@pytest.fixture
async def some_calls(desk: Ask, arrive: Arrive, kit: Kit) -> list[dict[str, Any]]:
    """Three calls: one in full swing with an odd field, one that waits, one that nobody knows anything of."""
    where = {"lat": 0.1, "lon": 100.2, "uncertainty_m": 50, "address": "Pasar Lama"}
    busy = await arrive(
        "cti", number=NUMBER, caller_name="Budi", caller_location={**where, "lat": "north"}, exchange_id="ex-1"
    )
    path = f"/v1/calls/{busy['id']}"
    assert (await desk("POST", f"{path}/answer")).status_code == 200
    assert (await desk("POST", f"{path}/location", where)).status_code == 200
    assert (await desk("POST", f"{path}/notes", {"text": "api besar"})).status_code == 200
    assert (await desk("POST", f"{path}/classification", {"call_class": "prank"})).status_code == 200
    kit.clock.advance(1)
    waiting = await arrive(number=NUMBER, caller_name="Budi")
    kit.clock.advance(1)
    return [busy, waiting, await arrive(drill=True)]


async def read_one_by_one(desk: Ask, listed: list[Any], role: str) -> list[Any]:
    found = [(await desk("GET", f"/v1/calls/{one['id']}", None, role)).json() for one in listed]
    return [one | dict.fromkeys(SINGLE) for one in found]


async def listed(desk: Ask, role: str, path: str = "/v1/calls") -> list[Any]:
    found: list[Any] = (await desk("GET", path, None, role)).json()["items"]
    return found


@pytest.mark.parametrize("role", ROLES)
async def test_lists_show_what_a_single_read_shows(some_calls: list[Any], desk: Ask, role: str) -> None:
    found = await listed(desk, role)
    assert [one["id"] for one in found] == [one["id"] for one in reversed(some_calls)]
    assert found == await read_one_by_one(desk, found, role)
    assert {one["number"] for one in found} == ({NUMBER, None} if role == "operator" else {None})
    queue = await listed(desk, role, "/v1/queue")
    assert [one["id"] for one in queue] == [one["id"] for one in some_calls[1:]]
    assert queue == await read_one_by_one(desk, queue, role)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("old", [{"list_form": 0}, {"list_form": FORM + 1}, {"list_version": 99}])
async def test_rows_without_an_entry_of_today_are_shown_from_their_documents(
    some_calls: list[Any], desk: Ask, kit: Kit, role: str, old: dict[str, int]
) -> None:
    """They were written before there were entries, in another form, or by a process of the earlier release."""
    before = await listed(desk, role)
    async with kit.runtime.database.write() as connection:
        others = calls.c.id != UUID(before[0]["id"])
        await connection.execute(update(calls).where(others).values(old | {"list_entry": "{}"}))
    assert await listed(desk, role) == before


@pytest.mark.parametrize(("path", "count"), [("/v1/calls", 3), ("/v1/queue", 2)])
async def test_a_page_of_any_size_opens_no_document(
    some_calls: list[Any], desk: Ask, kit: Kit, path: str, count: int
) -> None:
    with statements(kit.runtime.database) as asked:
        assert len(await listed(desk, "operator", path)) == count
    assert not [sql for sql in asked if "document" in sql]
    assert len([sql for sql in asked if "FROM calls" in sql]) == 1


async def test_personal_data_lies_sealed_beside_the_entry(some_calls: list[Any], kit: Kit) -> None:
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(select(calls.c.list_entry, calls.c.list_personal))).all()
    assert len(rows) == len(some_calls)
    for row in rows:
        entry, personal = row.list_entry, row.list_personal
        assert not [word for word in (NUMBER, "Budi", "Pasar Lama", "api besar", "north", "ex-1") if word in entry]
        assert not [word for word in (NUMBER, "Budi", "Pasar Lama", "api besar", "north", "ex-1") if word in personal]
        assert json.loads(entry)["location"] is None


async def test_what_is_erased_is_gone_from_lists_too(
    desk: Ask, arrive: Arrive, kit: Kit, pack: Callable[..., Pack]
) -> None:
    short = {"calls_days": 10, "positions_days": 5, "incidents_days": 20}
    await kit.configure(pack("99.01", 100, retention=short), version=2)
    call = await arrive(number=NUMBER, caller_name="Budi")
    assert (await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})).status_code == 200
    assert (await listed(desk, "operator"))[0]["number"] == NUMBER
    kit.clock.advance(timedelta(days=30).total_seconds())
    await kit.runtime.sweeps.sweep()
    [found] = await listed(desk, "operator")
    assert (found["number"], found["caller_name"]) == (None, None)
    async with kit.runtime.database.read() as connection:
        row = (await connection.execute(select(calls))).one()
    assert (row.list_entry, row.list_personal) == (None, None)


async def test_a_look_of_retention_that_erases_nothing_keeps_the_entries(
    some_calls: list[Any], desk: Ask, kit: Kit
) -> None:
    """Else lists would open the document of every call of yesterday."""
    kit.clock.advance(timedelta(days=1).total_seconds())
    await kit.runtime.sweeps.sweep()
    async with kit.runtime.database.read() as connection:
        looked_at = (await connection.execute(select(calls.c.erase_at))).scalars().all()
    assert min(looked_at) > kit.clock()
    with statements(kit.runtime.database) as asked:
        assert len(await listed(desk, "operator")) == len(some_calls)
    assert not [sql for sql in asked if "document" in sql]


def test_what_calls_show_changes_together_with_the_form_of_the_entries() -> None:
    """Stored entries of the same form are shown as they are: with a new field they would lack it."""
    assert (FORM, form_of(CallOut)) == KEPT, "raise FORM in list_entries/calls.py, then KEPT here"

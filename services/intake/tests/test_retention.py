"""Histories of what intake forgets: each period on both sides of its moment, under hold, late, twice, interrupted."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from sigap_common.app.sweeps import Sweeps
from sigap_common.contracts.calls import CallNoted
from sigap_common.messaging.jobs import EVERY
from sigap_common.personal_data import Sealed
from sigap_intake.models import tables
from sigap_intake.models.calls import calls
from sigap_testing.kit import Kit

from .conftest import Arrive

DAY = timedelta(days=1)
TOLD = {
    "number": "+628111222333",
    "caller_name": "Ani",
    "caller_location": {"lat": 0.1, "lon": 100.2, "address": "Jl. Melati 1"},
}
Desk = Callable[..., Awaitable[Any]]


@pytest.fixture
async def kept_shortly(kit: Kit, pack: Callable[..., Any]) -> Kit:
    """99.01 keeps calls for 10 days, positions for 5."""
    await kit.configure(pack("99.01", 100, retention={"calls_days": 10, "positions_days": 5}), version=2)
    return kit


async def swept(kit: Kit, at: timedelta | None = None) -> None:
    """At this time after now, the sweeps run."""
    kit.clock.advance((at or timedelta()).total_seconds())
    await kit.runtime.sweeps.sweep()


async def noted_call(arrive: Arrive, desk: Desk) -> str:
    call = str((await arrive(**TOLD))["id"])
    await desk("POST", f"/v1/calls/{call}/answer", {})
    assert (await desk("POST", f"/v1/calls/{call}/notes", {"text": "api dari dapur"})).status_code == 200
    return call


async def test_each_period_ends_on_the_millisecond(kept_shortly: Kit, arrive: Arrive, desk: Desk) -> None:
    kit = kept_shortly
    call = await noted_call(arrive, desk)

    await swept(kit, 5 * DAY - timedelta(milliseconds=1))
    found = (await desk("GET", f"/v1/calls/{call}")).json()
    assert found["caller_location"]["lat"] == 0.1

    await swept(kit, timedelta(milliseconds=1) + EVERY)
    found = (await desk("GET", f"/v1/calls/{call}")).json()
    assert (found["caller_location"]["lat"], found["caller_location"]["address"]) == (None, "Jl. Melati 1")

    await swept(kit, 5 * DAY - EVERY - timedelta(milliseconds=1))
    assert (await desk("GET", f"/v1/calls/{call}")).json()["number"] == TOLD["number"]

    await swept(kit, timedelta(milliseconds=1) + EVERY)
    found = (await desk("GET", f"/v1/calls/{call}")).json()
    assert (found["number"], found["caller_name"], found["caller_location"]["address"]) == (None, None, None)
    assert [note["text"] for note in found["notes"]] == [""]
    assert (found["state"], found["history"]) == ("answered", None)


async def test_nothing_sealed_is_left_in_any_table_or_in_the_timeline(
    kept_shortly: Kit, arrive: Arrive, desk: Desk, database_url: str
) -> None:
    kit = kept_shortly
    call = await noted_call(arrive, desk)
    assert "s1." in await kit.kept()
    async with kit.runtime.database.read() as connection:
        tokens = [row.data for row in await connection.execute(select(tables.timeline)) if "s1." in row.data]
    sealed = tokens[0].partition('"s1.')[2].partition('"')[0].encode()

    await swept(kit, 11 * DAY)

    assert "s1." not in await kit.kept()
    entries = (await desk("GET", f"/v1/calls/{call}/timeline")).json()["items"]
    assert [entry["event"].get("text", "none") for entry in entries] == ["none", "none", None]
    if database_url.startswith("sqlite"):  # gone from the file too, and from its write-ahead log
        path = Path(database_url.partition(":///")[2])
        files = path.parent.glob(f"{path.name}*")
        assert not any(sealed in file.read_bytes() for file in files)


async def test_a_call_that_the_pack_holds_stays_until_it_is_let_go(
    kept_shortly: Kit, pack: Callable[..., Any], arrive: Arrive, desk: Desk
) -> None:
    kit, retention = kept_shortly, {"calls_days": 10, "positions_days": 5}
    call = await noted_call(arrive, desk)
    holds = [{"subject": call, "reason": "LP/B/12/II/2024"}]
    await kit.configure(pack("99.01", 100, retention={**retention, "holds": holds}), version=3)
    await swept(kit, 20 * DAY)
    assert (await desk("GET", f"/v1/calls/{call}")).json()["number"] == TOLD["number"]

    await kit.configure(pack("99.01", 100, retention=retention), version=4)
    await swept(kit, EVERY)
    assert (await desk("GET", f"/v1/calls/{call}")).json()["number"] is None


async def test_a_shorter_period_holds_for_what_is_there(
    kit: Kit, pack: Callable[..., Any], arrive: Arrive, desk: Desk
) -> None:
    call = await noted_call(arrive, desk)
    await swept(kit, 3 * DAY)
    assert (await desk("GET", f"/v1/calls/{call}")).json()["number"] == TOLD["number"]
    await kit.configure(pack("99.01", 100, retention={"calls_days": 2}), version=2)
    await swept(kit, EVERY)
    assert (await desk("GET", f"/v1/calls/{call}")).json()["number"] is None


async def test_what_is_said_after_the_erasure_is_erased_too(kept_shortly: Kit, arrive: Arrive, desk: Desk) -> None:
    kit = kept_shortly
    call = await noted_call(arrive, desk)
    await swept(kit, 11 * DAY)
    assert (await desk("POST", f"/v1/calls/{call}/notes", {"text": "masih ingat"})).status_code == 200
    await swept(kit, EVERY)
    assert [note["text"] for note in (await desk("GET", f"/v1/calls/{call}")).json()["notes"]] == ["", ""]
    entries = (await desk("GET", f"/v1/calls/{call}/timeline")).json()["items"]
    assert not any(entry["event"].get("text") for entry in entries)


async def test_an_old_event_that_comes_again_is_read_without_its_values(kept_shortly: Kit) -> None:
    kit = kept_shortly
    event = CallNoted(at=kit.clock(), recorded_at=kit.clock(), text=Sealed("api"))
    message = kit.message(event, str(UUID(int=1)), regency="99.01")
    kit.clock.advance((10 * DAY - timedelta(milliseconds=1)).total_seconds())
    assert kit.runtime.reader.read(message).event.text.clear == "api"
    kit.clock.advance(0.001)
    read = kit.runtime.reader.read(message).event.text
    assert (read.erased, read.clear) == (True, "")


async def test_dead_letters_lose_their_values_and_stay(kept_shortly: Kit) -> None:
    kit = kept_shortly
    event = CallNoted(at=kit.clock(), recorded_at=kit.clock(), text=Sealed("api"))
    message = kit.message(event, str(UUID(int=1)), regency="99.01")
    async with kit.runtime.transaction() as tx:
        await kit.runtime.waiting_store.put(tx.connection, message, "key", "failed", tx.now(), not_yet=False)
    await swept(kit, 9 * DAY)
    assert "s1." in await kit.kept()
    await swept(kit, 2 * DAY)
    assert "s1." not in await kit.kept()
    async with kit.runtime.database.read() as connection:
        assert len((await connection.execute(select(tables.waiting))).all()) == 1


async def test_a_run_that_was_killed_goes_on_and_every_row_is_erased_once(
    kept_shortly: Kit, arrive: Arrive, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after two steps of many; calls go on arriving."""
    kit = kept_shortly
    monkeypatch.setattr("sigap_common.messaging.retention.AGGREGATES_A_STEP", 2)
    for _ in range(7):
        await arrive(**TOLD)
    await swept(kit, 1 * DAY)
    kit.clock.advance((11 * DAY).total_seconds())
    name = "retention/calls"
    erasure = next(s for s in kit.runtime.jobs._sweeps if s.name == name)
    for _ in range(2):
        await kit.runtime.jobs._step(erasure)
    fresh = (await arrive(**{**TOLD, "number": "+628111222444"}))["id"]
    async with kit.runtime.database.read() as connection:
        (row,) = (await connection.execute(select(tables.jobs).where(tables.jobs.c.name == name))).all()
        assert (row.state, row.done["calls"]) == ("running", 4)

    await swept(kit)

    jobs = (await desk("GET", "/v1/ops/intake/jobs", None, "admin")).json()["items"]
    (job,) = [job for job in jobs if job["name"] == name]
    assert (job["state"], job["done"]["calls"], job["failure"]) == ("waiting", 7, None)
    assert kit.runtime.metrics.registry.get_sample_value("sigap_job_rows_total", {"job": name, "what": "calls"}) == 7
    assert (await desk("GET", f"/v1/calls/{fresh}")).json()["number"] == "+628111222444"


async def test_a_row_that_cannot_be_read_does_not_hold_up_the_others(
    kept_shortly: Kit, arrive: Arrive, desk: Desk
) -> None:
    kit = kept_shortly
    broken, whole = [(await arrive(**TOLD))["id"] for _ in range(2)]
    async with kit.runtime.database.write() as connection:
        await connection.execute(update(calls).where(calls.c.id == UUID(broken)).values(document="{}"))
    await swept(kit, 11 * DAY)
    assert (await desk("GET", f"/v1/calls/{whole}")).json()["number"] is None


async def test_only_admins_read_the_jobs(kit: Kit, desk: Desk) -> None:
    await swept(kit)
    assert (await desk("GET", "/v1/ops/intake/jobs")).status_code == 403
    names = {job["name"] for job in (await desk("GET", "/v1/ops/intake/jobs", None, "admin")).json()["items"]}
    assert {"inbox", "idempotency", "retention/calls", "retention/outbox", "retention/waiting"} <= names


async def test_old_answers_go_in_steps(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigap_common.messaging.jobs.ROWS_A_STEP", 3)
    answers = tables.idempotency
    row = {"subject": "s", "path": "/", "fingerprint": "f", "status": 200, "headers": "{}", "answer": b"a"}
    rows = [row | {"key": str(n), "made_at": kit.clock()} for n in range(10)]
    async with kit.runtime.database.write() as connection:
        await connection.execute(insert(answers), rows)
    sweeps: Sweeps = kit.runtime.sweeps
    kit.clock.advance(24 * 3600 + 1)
    await sweeps.sweep()
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(answers))).all() == []

"""Drafts: what two type into one call, nothing of it is lost."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from sigap_common.auth import Access, Role
from sigap_common.personal_data import Sealed
from sigap_intake.api.draft_stream import DraftStream
from sigap_intake.domain.drafts import MOST_DRAFTS, Draft, by_field, next_version, write
from sigap_intake.main import service
from sigap_intake.models.calls import drafts
from sigap_testing.kit import Kit, started
from sigap_testing.patience import patience

from .conftest import Arrive, Desk

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)


class Field:
    """A field of one call, in memory."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []

    def typed(self, by: str, text: str, follows: int | None = None, field: str = "note") -> int:
        """The version that the field has then."""
        new = Draft(next_version(self.drafts), field, by, None, NOON, Sealed(text))
        if writing := write(self.drafts, new, follows):
            self.drafts = [*(one for one in self.drafts if one.version != writing.replaces), writing.draft]
        return by_field(self.drafts)[0].latest.version

    def texts(self, field: str = "note") -> list[tuple[str, str]]:
        """Writer and text, the latest first."""
        found = next(one for one in by_field(self.drafts) if one.field == field)
        return [(draft.by, draft.text.clear) for draft in (found.latest, *found.earlier)]


def test_what_one_types_on_replaces_what_he_typed_before() -> None:
    field = Field()
    version = field.typed("ani", "api")
    field.typed("ani", "api besar", version)
    assert field.texts() == [("ani", "api besar")]


def test_two_who_type_into_one_field_both_stay() -> None:
    field = Field()
    ani = budi = None
    for n in range(1, 4):
        ani = field.typed("ani", "api besar"[: 3 * n], ani)
        budi = field.typed("budi", "tabung gas"[: 3 * n], budi)
    assert field.texts() == [("budi", "tabung ga"), ("ani", "api besar")]


def test_who_goes_on_from_anothers_text_leaves_it_as_it_was() -> None:
    field = Field()
    version = field.typed("ani", "api besar")
    field.typed("budi", "", version)
    assert field.texts() == [("budi", ""), ("ani", "api besar")]


def test_two_screens_of_one_account_both_stay() -> None:
    field = Field()
    one = field.typed("operator", "api")
    two = field.typed("operator", "gas")
    one = field.typed("operator", "api besar", one)
    field.typed("operator", "gas bocor", two)
    assert field.texts() == [("operator", "gas bocor"), ("operator", "api besar")]


def test_a_repeat_is_nothing_new_and_an_emptied_text_is_not_shown_behind_others() -> None:
    field = Field()
    version = field.typed("ani", "api")
    assert field.typed("ani", "api", version) == version
    emptied = field.typed("ani", "", version)
    field.typed("budi", "gas", emptied)
    assert field.texts() == [("budi", "gas")]


def test_fields_are_apart_and_versions_count_all_of_a_call() -> None:
    field = Field()
    assert [field.typed("ani", "api"), field.typed("ani", "Jl. Melati", field="address")] == [1, 2]
    assert (field.texts(), field.texts("address")) == ([("ani", "api")], [("ani", "Jl. Melati")])


# --- over HTTP


@pytest.fixture
async def typed(desk: Desk, arrive: Arrive) -> Callable[..., Awaitable[dict[str, Any]]]:
    call = await arrive()

    async def write_into(by: str, text: str, follows: int | None = None, field: str = "note") -> dict[str, Any]:
        body = {"field": field, "text": text, "follows": follows}
        answer = await desk("POST", f"/v1/calls/{call['id']}/drafts", body, subject=by, name=by.title())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json() | {"call": call["id"]}
        return found

    return write_into


Typed = Callable[..., Awaitable[dict[str, Any]]]


async def test_the_other_is_shown_who_typed_last_and_the_earlier_text(typed: Typed, desk: Desk) -> None:
    first = await typed("ani", "Api dari dapur")
    told = await typed("budi", "Tabung gas")
    assert (told["by"], told["name"], told["text"]) == ("budi", "Budi", "Tabung gas")
    assert [(one["name"], one["text"]) for one in told["earlier"]] == [("Ani", "Api dari dapur")]
    told = await typed("ani", "Api dari dapur, dua orang", first["version"])
    [field] = (await desk("GET", f"/v1/calls/{first['call']}/drafts", subject="cici")).json()["items"]
    assert field == {name: value for name, value in told.items() if name != "call"}
    assert [one["text"] for one in field["earlier"]] == ["Tabung gas"]


async def test_two_who_write_at_the_same_moment_lose_nothing(typed: Typed, desk: Desk) -> None:
    """Ten times each, from two screens that do not look at each other."""

    async def type_on(by: str) -> str:
        version = None
        for n in range(1, 11):
            told = await typed(by, f"{by} {'x' * n}", version)
            version = max(one["version"] for one in (told, *told["earlier"]) if one["by"] == by)
        return str(told["call"])

    call, _ = await asyncio.gather(type_on("ani"), type_on("budi"))
    [field] = (await desk("GET", f"/v1/calls/{call}/drafts")).json()["items"]
    texts = {one["by"]: one["text"] for one in (field, *field["earlier"])}
    assert texts == {by: f"{by} {'x' * 10}" for by in ("ani", "budi")}
    assert len(field["earlier"]) == 1


async def test_drafts_are_there_after_a_restart(typed: Typed, kit: Kit, database_url: str, tmp_path: Path) -> None:
    told = await typed("ani", "Api dari dapur")
    async with started(service, database_url, tmp_path) as again:
        headers = again.bearer("operator", subject="budi")
        [field] = (await again.client.get(f"/v1/calls/{told['call']}/drafts", headers=headers)).json()["items"]
    assert (field["by"], field["text"]) == ("ani", "Api dari dapur")


async def test_drafts_are_there_for_whom_takes_the_call_over(typed: Typed, desk: Desk) -> None:
    told = await typed("ani", "Api dari dapur")
    path = f"/v1/calls/{told['call']}"
    assert (await desk("POST", f"{path}/answer", {}, subject="ani")).status_code == 200
    taken = await desk("POST", f"{path}/take-over", {"answered_by": "ani"}, subject="sari")
    assert (taken.status_code, taken.json()["answered_by"]) == (200, "sari")
    [field] = (await desk("GET", f"{path}/drafts", subject="sari")).json()["items"]
    assert (field["by"], field["text"]) == ("ani", "Api dari dapur")


async def test_what_is_typed_and_by_whom_is_sealed_and_no_event(typed: Typed, kit: Kit) -> None:
    before = len(await kit.said())
    await typed("ani", "Api dari dapur")
    kept = await kit.kept()
    assert [word for word in ("Api dari dapur", "Ani") if word in kept] == []
    assert len(await kit.said()) == before


async def test_drafts_go_with_the_calls_data_also_those_typed_later(
    typed: Typed, kit: Kit, pack: Callable[..., Any]
) -> None:
    periods = {"calls_days": 5, "positions_days": 10}
    await kit.configure(pack("99.01", 100, retention=periods), version=2)
    await typed("ani", "Api dari dapur")

    async def count_of() -> int:
        async with kit.runtime.database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(drafts))).scalar_one())

    kit.clock.advance(timedelta(days=5).total_seconds() - 1)
    await kit.runtime.sweeps.sweep()
    assert await count_of() == 1
    kit.clock.advance(600)
    await kit.runtime.sweeps.sweep()
    assert await count_of() == 0
    await typed("ani", "sudah selesai")
    kit.clock.advance(600)
    await kit.runtime.sweeps.sweep()
    assert await count_of() == 0


async def test_who_may_not_see_the_call_neither_reads_nor_writes(typed: Typed, desk: Desk) -> None:
    call = (await typed("ani", "api"))["call"]
    body = {"field": "note", "text": "x"}
    assert (await desk("GET", f"/v1/calls/{call}/drafts", regencies=("99.02",))).status_code == 404
    assert (await desk("POST", f"/v1/calls/{call}/drafts", body, regencies=("99.02",))).status_code == 404
    assert (await desk("POST", f"/v1/calls/{uuid4()}/drafts", body)).status_code == 404
    assert (await desk("GET", f"/v1/calls/{call}/drafts", None, "admin")).status_code == 403


async def test_a_call_has_room_for_so_many_and_what_is_there_goes_on(typed: Typed, desk: Desk) -> None:
    for n in range(MOST_DRAFTS):
        told = await typed("ani", "x", field=f"f{n}")
    refused = await desk("POST", f"/v1/calls/{told['call']}/drafts", {"field": "more", "text": "x"}, subject="ani")
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (422, "too_many_drafts")
    assert (await typed("ani", "xy", told["version"], told["field"]))["text"] == "xy"


# --- live


class Reading:
    """A client that reads a stream of drafts."""

    def __init__(self, kit: Kit, call: str, seen: int = 0, lifetime: timedelta = timedelta(hours=1)) -> None:
        until = kit.clock() + lifetime
        access = Access("cici", frozenset({Role.operator}), frozenset({"99.01"}), None, until)
        self.left = asyncio.Event()
        self.messages: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._answer = DraftStream(kit.runtime, kit.runtime.stream, UUID(call), access, seen)

    async def __aenter__(self) -> "Reading":
        self._task = asyncio.create_task(self._answer({"type": "http"}, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.left.set()
        await self._task

    async def next(self) -> tuple[str, Any]:
        """The next message, without heartbeats: its name, and its data."""
        async with asyncio.timeout(patience(20)):
            return await self.messages.get()

    async def ended(self) -> None:
        async with asyncio.timeout(patience(20)):
            await self._task

    async def _receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        for frame in message.get("body", b"").decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
            if "event" in lines:
                self.messages.put_nowait((lines["event"], json.loads(lines["data"])))


async def test_those_who_look_at_the_call_see_at_once_what_is_typed(typed: Typed, kit: Kit) -> None:
    first = await typed("ani", "api")
    async with Reading(kit, first["call"]) as reading:
        assert await reading.next() == ("ready", {})
        assert (await reading.next())[1]["text"] == "api"
        await typed("budi", "gas")
        name, draft = await reading.next()
    assert (name, draft["by"], draft["text"], draft["earlier"][0]["text"]) == ("draft", "budi", "gas", "api")


async def test_those_who_look_at_the_call_are_told_at_once_that_it_changed(typed: Typed, kit: Kit, desk: Desk) -> None:
    call = (await typed("ani", "api"))["call"]
    await desk("POST", f"/v1/calls/{call}/answer", subject="ani")
    async with Reading(kit, call, seen=1) as reading:
        assert await reading.next() == ("ready", {})
        noted = (await desk("POST", f"/v1/calls/{call}/notes", {"text": "dua orang"}, subject="budi")).json()
        assert await reading.next() == ("call", {"version": noted["version"]})
        await typed("ani", "api besar", field="address")
        assert (await reading.next())[0] == "draft", "a draft is no change of the call"


async def test_who_comes_again_is_shown_what_he_has_not_seen(typed: Typed, kit: Kit) -> None:
    first = await typed("ani", "api")
    await typed("budi", "Jl. Melati", field="address")
    async with Reading(kit, first["call"], seen=first["version"]) as reading:
        assert (await reading.next())[0] == "ready"
        assert (await reading.next())[1]["field"] == "address"


async def test_a_stream_ends_with_its_token_and_with_its_process(typed: Typed, kit: Kit) -> None:
    call = (await typed("ani", "api"))["call"]
    async with Reading(kit, call, seen=9, lifetime=timedelta()) as reading:
        assert [(await reading.next())[0] for _ in range(2)] == ["ready", "expired"]
        await reading.ended()
    async with Reading(kit, call, seen=9) as reading:
        assert (await reading.next())[0] == "ready"
        await asyncio.sleep(0)  # it waits now
        began = time.monotonic()
        kit.runtime.drain()
        assert (await reading.next())[0] == "stopping"
        await reading.ended()
    assert time.monotonic() - began < patience(1.0), "it was not woken: it would have looked by itself in 5 s"
    async with Reading(kit, call, seen=9) as reading:
        assert [(await reading.next())[0] for _ in range(2)] == ["ready", "stopping"]


async def test_a_ticket_opens_the_stream_of_its_call_alone(typed: Typed, kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call, other = (await typed("ani", "api"))["call"], (await arrive())["id"]
    ticket = (await desk("POST", f"/v1/calls/{call}/drafts/stream-tickets")).json()["ticket"]
    refused = await kit.client.get(f"/v1/calls/{other}/drafts/stream?ticket={ticket}")
    assert refused.status_code == 401
    assert (await desk("POST", f"/v1/calls/{uuid4()}/drafts/stream-tickets")).status_code == 404
    assert (await desk("GET", f"/v1/calls/{uuid4()}/drafts/stream")).status_code == 404

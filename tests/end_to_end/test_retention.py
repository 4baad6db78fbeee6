"""The pack's periods, kept by all services together while calls come in."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from sigap_cli.api import Api
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_common.messaging.jobs import EVERY
from sigap_testing.eventually import eventually
from sigap_testing.receiver import Receiver

from .canary import ADDRESS, NAME, NOTE, NUMBER, told
from .house import House, house
from .kept import found_in
from .regency import DESK, DOOR, LEADER, emergency, incident_of, listening, pack

CODE = "99.76"
START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
ARRIVES = {"regency": CODE, "channel": "telephone", "number": NUMBER}
PERIODS = {"calls_days": 10, "positions_days": 5, "incidents_days": 20, "deliveries_days": 3}
FIRST_DAY = {"regency": CODE, "from": START.date().isoformat(), "to": START.date().isoformat()}
SEALED = re.compile(r"s1\.[\w.=-]+")


def of_pack(**retention: Any) -> dict[str, Any]:
    return pack(CODE) | {"retention": {**PERIODS, **retention}}


async def apply_pack(api: Api, **retention: Any) -> None:
    (outcome,) = await carry_out(api, await plan(api, [Source("the tests' pack", of_pack(**retention))]), 30)
    assert outcome.ok, outcome


async def led_to_its_end(there: House, api: Api, receiver: Receiver) -> tuple[str, str]:
    """A call of the canary that two agencies answered and that is closed; its id and its incident's."""
    seen = len(receiver.received)
    call = await emergency(api, CODE, told=told)
    incident = await incident_of(api, CODE, call)
    await eventually(lambda: len(receiver.received) > seen, within=30)
    for which, answer, body in ((DOOR, "acknowledge", {"text": NOTE}), (DESK, "decline", {"reason": "no_unit"})):
        async with there.api("agency", regency=CODE, agency=which) as agency:
            part = await eventually(partial(_part, agency, incident["id"]), within=30)
            await agency.post(f"/v1/forwardings/{part['id']}/{answer}", body)
    await api.post(f"/v1/calls/{call}/end", {"ended_by": "caller"})
    await eventually(lambda: _answered(api, incident["id"]), within=30)
    await api.post(f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved", "note": NOTE})
    return call, str(incident["id"])


async def _part(agency: Api, incident: str) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = (await agency.get("/v1/forwardings", limit=200))["items"]
    return next((item for item in items if item["incident_id"] == incident), None)


async def _answered(api: Api, incident: str) -> bool:
    parts = (await api.get(f"/v1/incidents/{incident}"))["forwardings"]
    return {part["state"] for part in parts} == {"acknowledged", "declined"}


async def stood_down_unseen(api: Api, *incidents: str) -> bool:
    """Whether each incident says that an agency did not confirm its standing down."""
    found = [await api.get(f"/v1/incidents/{incident}") for incident in incidents]
    return all(one["alarms"] == ["stand_down_unconfirmed"] for one in found)


async def sealed_in(there: House, *ids: str) -> dict[str, set[str]]:
    """Every sealed value of the rows that name one of these ids, by service and table."""
    found: dict[str, set[str]] = {}
    for runtime in there.runtimes:
        async with runtime.database.read() as connection:
            for table in runtime.service.metadata.sorted_tables:
                # A row's own repr leaves out the middle of long texts.
                rows = [repr(tuple(row)) for row in await connection.execute(select(table))]
                named = [row for row in rows if any(one in row for one in ids)]
                if values := {value for row in named for value in SEALED.findall(row)}:
                    found[f"{runtime.service.name}/{table.name}"] = values
    return found


async def figures(api: Api) -> dict[str, Any]:
    """What analysts are told of the first day: the rows of each figure."""
    known = [figure["code"] for figure in (await api.get("/v1/kpis"))["items"]]
    return {code: (await api.get(f"/v1/kpis/{code}", **FIRST_DAY))["rows"] for code in known}


async def counted(api: Api, calls: int) -> bool:
    """Whether analytics has heard of the ends of as many calls and of both incidents."""
    found = await figures(api)
    parts = found["forwardings"][0]["parts"] if found["forwardings"] else {}
    return found["calls"][0]["numerator"] == calls and parts == {"acknowledged": 2, "declined": 2}


@asynccontextmanager
async def traffic(there: House) -> AsyncIterator[list[str]]:
    """Calls that come and end meanwhile; their ids."""
    calls: list[str] = []

    async def come() -> None:
        async with there.api(*LEADER, regency=CODE) as api:
            while True:
                call = await api.post("/v1/calls", {"regency": CODE, "channel": "telephone", "number": "+62811000111"})
                await api.post(f"/v1/calls/{call['id']}/answer")
                await api.post(f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})
                calls.append(call["id"])

    coming = asyncio.create_task(come())
    try:
        yield calls
        assert not coming.done(), coming.exception()
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def token(there: House) -> str:
    return there.token(*LEADER, regency=CODE)


async def after(there: House, **time: float) -> None:
    there.clock.advance((timedelta(**time) + EVERY).total_seconds())
    await there.sweep()


async def test_what_is_over_goes_everywhere_and_what_is_held_stays(tmp_path: Path) -> None:
    async with (
        house(tmp_path, START) as there,
        there.api(*LEADER, regency=CODE) as api,
        Receiver() as receiver,
    ):
        await apply_pack(api)
        await api.post(
            "/v1/endpoints",
            {"agency": f"{CODE}/{DOOR}", "name": "sistem", "channel": "webhook", "url": receiver.url},
        )
        async with listening(there.url, "/v1/queue/stream", token(there)) as events:
            position = (await anext(events))[0]
        key = uuid4().hex
        first = await api.post("/v1/calls", ARRIVES, key=key)
        await api.post(f"/v1/calls/{first['id']}/end", {"ended_by": "caller"})
        gone = await led_to_its_end(there, api, receiver)
        held = await led_to_its_end(there, api, receiver)
        await eventually(lambda: counted(api, 3), within=30)
        before = await figures(api)
        await after(there, days=1)
        # No agency confirmed that it stands down. What is kept of an incident changes once more when dispatch sees it.
        await eventually(lambda: stood_down_unseen(api, gone[1], held[1]), within=30)
        still_open = await incident_of(api, CODE, await emergency(api, CODE, told=told))
        await apply_pack(api, holds=[{"subject": one, "reason": "LP/B/12/III/2026"} for one in held])
        values = {value for found in (await sealed_in(there, *gone)).values() for value in found}
        of_held = await sealed_in(there, *held)
        assert values
        assert of_held

        async with traffic(there) as calls:
            await after(there, days=3)
            assert (await api.get(f"/v1/calls/{gone[0]}"))["number"] == NUMBER
            await after(there, days=30)
            last = len(calls)
            await eventually(lambda: len(calls) > last)

        # In every table, file and log of changes. The bus keeps events sealed for its own 90 days.
        assert await sealed_in(there, *gone) == {}
        finds = found_in(tmp_path, *(value.encode() for value in values))
        assert [find for find in finds if " in bus." not in find] == []
        # In what is shown.
        shown = [
            await api.get(f"/v1/calls/{gone[0]}"),
            await api.get(f"/v1/calls/{gone[0]}/timeline", limit=200),
            await api.get(f"/v1/incidents/{gone[1]}"),
            await api.get(f"/v1/incidents/{gone[1]}/timeline", limit=200),
        ]
        for word in (NUMBER, NAME, ADDRESS, NOTE):
            assert word not in json.dumps(shown, ensure_ascii=False)
        # In the answer that was kept for a repetition: its time is over, so this is a new call.
        again = await api.post("/v1/calls", ARRIVES, key=key)
        assert again["id"] != first["id"]
        # In a stream that goes on from before the call.
        async with listening(there.url, "/v1/queue/stream", token(there), after=position) as events:
            assert NAME not in await told_of(events, gone[0])
            assert NAME in await told_of(events, held[0])

        assert (await api.get(f"/v1/calls/{held[0]}"))["caller_name"] == NAME
        assert await sealed_in(there, *held) == of_held
        assert (await api.get(f"/v1/incidents/{still_open['id']}"))["place"]["address"] == ADDRESS
        assert await figures(api) == before


async def told_of(events: AsyncIterator[tuple[str, str, str]], call: str) -> str:
    """The first event of a call, as it is shown."""
    async for _, _, data in events:
        if json.loads(data).get("subject") == call:
            return data
    raise AssertionError("the stream ended")

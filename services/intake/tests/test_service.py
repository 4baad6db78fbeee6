"""Use cases on SQLite and PostgreSQL: what two do at once, what the clock does, what lies in the tables."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

from httpx import Response
from sqlalchemy import func, select

from sigap_common.app.background import timers
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import CallAnswered, CallReceived
from sigap_common.personal_data import Sealed
from sigap_intake.domain.call import CLASSIFY_WITHIN
from sigap_intake.models import tables
from sigap_intake.models.calls import calls
from sigap_intake.use_cases.calls import miss_class
from sigap_testing.kit import Kit
from sigap_testing.statements import plan_of, statements

from .conftest import Arrive, Desk

DAY = 24 * 3600


async def count(kit: Kit, table: Any) -> int:
    async with kit.runtime.database.read() as connection:
        found: int = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        return found


async def test_50_operators_answer_the_same_call_and_one_wins(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    kit.clock.advance(8)
    asked = (desk("POST", f"/v1/calls/{call['id']}/answer", subject=f"operator-{n}") for n in range(50))
    answers = await asyncio.gather(*asked)
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert len(lost) == 49
    assert {problem["answered_by"] for problem in lost} == {won["answered_by"]}
    assert {problem["answered_at"] for problem in lost} == {won["answered_at"]} == {"2024-02-19T03:00:08Z"}
    (answered,) = await kit.said(CallAnswered)
    assert (answered.event.by, answered.event.waited_ms) == (won["answered_by"], 8000)


async def test_who_comes_second_is_told_the_name_of_who_has_the_call(desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    won = (await desk("POST", f"{path}/answer", subject="op-7", name="Sari Dewi")).json()
    assert (won["answered_by"], won["operator"]) == ("op-7", "Sari Dewi")
    lost = (await desk("POST", f"{path}/answer", subject="op-8", name="Budi")).json()
    assert (lost["answered_by"], lost["operator"]) == ("op-7", "Sari Dewi")
    assert lost["detail"] == "Panggilan ini sudah dijawab oleh Sari Dewi."
    assert (await desk("GET", path, None, "admin")).json()["operator"] is None
    timeline = (await desk("GET", f"{path}/timeline")).json()["items"]
    assert [one["event"]["operator"] for one in timeline if one["type"].startswith("sigap.CallAnswered")] == [
        "Sari Dewi"
    ]


async def test_of_what_many_write_into_one_call_nothing_is_lost(desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer")
    texts = {f"catatan {n}" for n in range(20)}
    await asyncio.gather(*(desk("POST", f"{path}/notes", {"text": text}) for text in texts))
    assert {note["text"] for note in (await desk("GET", path)).json()["notes"]} == texts


async def test_200_equal_requests_with_one_idempotency_key_are_one_call(kit: Kit, desk: Desk) -> None:
    """Each client repeats its request as long as the first one is on its way: on a slow machine 200 of them take longer
    than a request waits for those before it.
    """
    body = {"regency": "99.01", "channel": "telephone", "number": "081234567890"}

    async def insist() -> Response:
        for _ in range(20):
            answer: Response = await desk("POST", "/v1/calls", body, key="one-and-the-same")
            if answer.status_code != 409 or not answer.json()["type"].endswith("/idempotency-in-progress"):
                break
        return answer

    answers = await asyncio.gather(*(insist() for _ in range(200)))
    assert Counter(answer.status_code for answer in answers) == {201: 200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await kit.said(CallReceived)) == await count(kit, calls) == 1


async def test_an_exchanges_id_seen_again_is_the_call_that_exists(desk: Desk, arrive: Arrive) -> None:
    call = await arrive("cti", exchange_id="4711")
    body = {"regency": "99.01", "channel": "telephone", "exchange_id": "4711", "number": "110"}
    again = await desk("POST", "/v1/calls", body, "cti")
    assert (again.status_code, again.json()["id"]) == (200, call["id"])


async def test_an_exchanges_id_is_known_even_when_it_comes_too_late(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    told = {"exchange_id": "4711", "received_at": "2024-02-19T02:59:58Z"}
    call = await arrive("cti", **told)
    kit.clock.advance(2 * DAY)
    again = await desk("POST", "/v1/calls", {"regency": "99.01", "channel": "telephone", **told}, "cti")
    assert (again.status_code, again.json()["id"]) == (200, call["id"])


async def test_an_exchanges_id_is_sealed_in_event_and_table(kit: Kit, arrive: Arrive) -> None:
    """Some exchanges make it of the caller's number."""
    await arrive("cti", exchange_id="+628123450000-17")
    [said] = await kit.said(CallReceived)
    assert said.event.exchange_reference == Sealed("+628123450000-17")
    async with kit.runtime.database.read() as connection:
        for table in (calls, calls.metadata.tables["timeline"], calls.metadata.tables["outbox"]):
            assert "8123450000" not in str((await connection.execute(table.select())).all())


async def test_a_call_of_an_older_version_is_found_by_its_exchanges_id(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await arrive("cti", exchange_id="4712")
    async with kit.runtime.transaction() as tx:
        await tx.connection.execute(calls.update().values(exchange_id="4711"))
    body = {"regency": "99.01", "channel": "telephone", "exchange_id": "4711"}
    again = await desk("POST", "/v1/calls", body, "cti")
    assert (again.status_code, again.json()["id"]) == (200, call["id"])


async def test_an_exchanges_id_told_by_many_at_once_is_one_call(kit: Kit, desk: Desk) -> None:
    body = {"regency": "99.01", "channel": "telephone", "exchange_id": "4711"}
    answers = await asyncio.gather(*(desk("POST", "/v1/calls", body, "cti") for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await kit.said(CallReceived)) == 1


async def test_two_exchanges_of_two_regencies_may_use_the_same_id(desk: Desk, arrive: Arrive) -> None:
    call = await arrive("cti", exchange_id="4711")
    body = {"regency": "99.02", "channel": "telephone", "exchange_id": "4711"}
    other = await desk("POST", "/v1/calls", body, "cti", regencies=("99.02",))
    assert other.status_code == 201
    assert other.json()["id"] != call["id"]


async def test_the_caller_is_known_again_in_any_notation(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    for call_class in ("prank", "prank", "emergency"):
        call = await arrive(number="0812-3456-7890")
        await desk("POST", f"/v1/calls/{call['id']}/answer")
        await desk("POST", f"/v1/calls/{call['id']}/classification", {"call_class": call_class})
        kit.clock.advance(60)
    await arrive(number="+62 812 3456 7890")
    kit.clock.advance(60)
    latest = await arrive(number="62 812 34567890")
    assert latest["history"] == {
        "count": 4,
        "by_class": {"prank": 2, "emergency": 1},
        "last_at": "2024-02-19T03:03:00Z",
        "last_class": None,
    }
    read = await desk("GET", f"/v1/calls/{latest['id']}")
    assert read.json()["history"] == latest["history"]


async def test_a_callers_history_never_travels(desk: Desk, arrive: Arrive) -> None:
    await arrive(number="081234567890")
    body = {"regency": "99.02", "channel": "telephone", "number": "081234567890"}
    elsewhere = await desk("POST", "/v1/calls", body, regencies=("99.01", "99.02"))
    assert elsewhere.json()["history"]["count"] == 0


async def test_no_number_means_no_history(arrive: Arrive) -> None:
    await arrive()
    assert (await arrive())["history"] is None


async def test_a_drills_number_has_the_history_of_drills_only(kit: Kit, arrive: Arrive) -> None:
    await arrive(number="081234567890")
    await arrive(number="081234567890", drill=True)
    kit.clock.advance(1)
    assert (await arrive(number="081234567890"))["history"]["count"] == 1
    assert (await arrive(number="081234567890", drill=True))["history"]["count"] == 1


async def test_an_unreadable_number_is_kept_as_it_was_told_and_finds_nobody(kit: Kit, arrive: Arrive) -> None:
    for told in ("pesawat 12", "*#06#", "90" * 150):
        call = await arrive(number=told)
        assert (call["number"], call["history"]) == (told[:100], None)
    assert {heard.event.caller_hash for heard in await kit.said(CallReceived)} == {None}


async def test_a_call_never_classified_is_an_alarm_after_24_h(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    forgotten, drill = await arrive(), await arrive(drill=True)
    for call in (forgotten, drill):
        await desk("POST", f"/v1/calls/{call['id']}/answer")
    kit.clock.advance(DAY - 1)
    assert not await timers(kit.runtime, calls, miss_class).meet_due()
    kit.clock.advance(1)
    assert await timers(kit.runtime, calls, miss_class).meet_due()
    assert not await timers(kit.runtime, calls, miss_class).meet_due()
    (raised,) = await kit.said(AlarmRaised)
    assert (raised.event.kind, raised.event.about) == ("not_classified", f"calls/{forgotten['id']}")

    await desk("POST", f"/v1/calls/{forgotten['id']}/classification", {"call_class": "prank"})
    (cleared,) = await kit.said(AlarmCleared)
    assert cleared.event.alarm_id == raised.event.alarm_id
    assert cleared.envelope.sequence == raised.envelope.sequence + 2


async def test_a_call_answered_by_a_clock_ahead_is_an_alarm_when_that_is_seen(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    kept = await arrive()
    await desk("POST", f"/v1/calls/{kept['id']}/answer")
    kit.clock.advance(3_600)
    ahead = await arrive()
    await desk("POST", f"/v1/calls/{ahead['id']}/answer")
    kit.clock.put_back(3_600)
    await timers(kit.runtime, calls, miss_class, CLASSIFY_WITHIN).meet_put_back()
    assert [raised.event.about for raised in await kit.said(AlarmRaised)] == [f"calls/{ahead['id']}"]


async def test_a_call_costs_three_looks_and_four_inserts_in_one_statement(kit: Kit, desk: Desk) -> None:
    body = {"regency": "99.01", "channel": "telephone", "number": "081234567890", "exchange_id": "4711"}
    with statements(kit.runtime.database) as said:
        answer = await desk("POST", "/v1/calls", {**body, "caller_location": {"lat": 0.1, "lon": 100.1}})
    assert answer.status_code == 201
    inserts = ["INSERT"] * 4 if kit.runtime.database.is_sqlite else ["WITH"]
    assert sorted(statement.partition(" ")[0] for statement in said) == sorted([*inserts, *["SELECT"] * 3])


async def test_the_history_is_found_by_its_index(kit: Kit) -> None:
    """By the planner's own words, with more calls than it would care to read."""
    sql = """SELECT call_class, received_at FROM calls WHERE regency = '99.01' AND caller_hash = 'h'
        AND received_at < '2024-02-19T03:00:00.000000Z' ORDER BY received_at DESC LIMIT 200"""
    plan = await plan_of(kit.runtime.database, sql)
    assert "calls_caller" in plan


async def test_personal_data_lies_sealed_in_every_table(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    place = {"lat": 0.123456, "lon": 100.123456, "address": "Jalan Kenari"}
    call = await arrive(number="081234567890", caller_name="Bu Sri Kenari", caller_location=place)
    await desk("POST", f"/v1/calls/{call['id']}/answer")
    await desk("POST", f"/v1/calls/{call['id']}/notes", {"text": "anjing kenari"})
    async with kit.runtime.database.read() as connection:
        for table in (calls, tables.timeline, tables.outbox, tables.idempotency):
            rows = str([tuple(row) for row in await connection.execute(select(table))])
            for secret in ("81234567890", "enari", "0.123456"):
                assert secret not in rows, table.name


async def test_a_call_can_be_read_again_as_it_was_written(kit: Kit, arrive: Arrive) -> None:
    told = {"caller_name": "Sri", "number": "081234567890", "caller_location": {"lat": 0.1, "lon": 100.2}}
    call = await arrive(**told)
    async with kit.runtime.view() as view:
        kept = await view.calls.get(UUID(call["id"]), lock=False)
    assert kept.caller_name.clear == "Sri"
    assert kept.number.clear == "+6281234567890"
    assert kept.caller_place.point == (0.1, 100.2)

"""Finding a call: by its reference, its caller, its operator, its time, and what is still to be done."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded
from sigap_common.core.ids import uuid7
from sigap_intake.domain.caller_names import words
from sigap_intake.domain.references import ids_of, reference_of
from sigap_intake.models.calls import caller_terms
from sigap_testing.kit import Kit
from sigap_testing.statements import asked, plan_of, statements

from .conftest import Arrive, Desk

# --- the parts


def test_a_reference_leads_back_to_its_call() -> None:
    for call_id in (uuid7(), UUID("018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e")):
        first, last = ids_of(reference_of(call_id))
        assert first <= call_id <= last
        assert (last.int >> 80) == (first.int >> 80) == (call_id.int >> 80)


def test_a_reference_is_read_however_it_is_written() -> None:
    reference = reference_of(UUID("018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e"))
    assert reference == "03YG-0HW0"
    assert {ids_of(told) for told in ("03yg0hw0", "O3YG OHWO", "03YG-0HW0")} == {ids_of(reference)}


@pytest.mark.parametrize("told", ["03YG-0HW", "03YG-0HW00", "03YG-0HWU", ""])
def test_what_is_no_reference_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ids_of(told)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Ibu Sri Wahyuni", ("sri", "wahyuni")),
        ("SRI  wahyuni.", ("sri", "wahyuni")),
        ("Bapak", ("bapak",)),
        ("André O'Neil", ("andre", "o", "neil")),
        ("Ani Ani", ("ani",)),
        ("***", ()),
    ],
)
def test_a_name_is_its_words_in_any_writing(name: str, found: tuple[str, ...]) -> None:
    assert words(name) == found


# --- over HTTP


@pytest.fixture
def found(desk: Desk) -> Callable[..., Awaitable[list[str]]]:
    async def ids(query: str, **who: Any) -> list[str]:
        answer = await desk("GET", f"/v1/calls?{query}", **who)
        assert answer.status_code == 200, answer.text
        return [call["id"] for call in answer.json()["items"]]

    return ids


Found = Callable[..., Awaitable[list[str]]]


async def test_a_call_is_found_by_its_reference_in_every_list(arrive: Arrive, desk: Desk, found: Found) -> None:
    call = await arrive()
    [waiting] = (await desk("GET", "/v1/queue")).json()["items"]
    assert waiting["reference"] == call["reference"] == reference_of(UUID(call["id"]))
    assert call["id"] in await found(f"reference={call['reference'].lower()}")
    assert await found(f"reference={call['reference']}&regency=99.02", regencies=("99.02",)) == []
    refused = await desk("GET", "/v1/calls?reference=UUUU-UUUU")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "reference")


async def test_calls_are_found_by_the_callers_number_and_the_call_back_number(
    arrive: Arrive, desk: Desk, found: Found
) -> None:
    by_line = (await arrive(number="081234567890"))["id"]
    by_callback = (await arrive())["id"]
    await arrive(number="081234567891")
    body = {"callback_number": "0812 3456 7890"}
    assert (await desk("POST", f"/v1/calls/{by_callback}/caller", body)).status_code == 200
    for query in ("number=0812-3456-7890", "number=%2B6281234567890&regency=99.01"):
        assert sorted(await found(query)) == sorted([by_line, by_callback])
    assert sorted(await found("number=081234567890", regencies=("*",))) == sorted([by_line, by_callback])
    assert await found("number=081234567890", regencies=("99.02",)) == []
    await desk("POST", f"/v1/calls/{by_callback}/caller", {"callback_number": None})
    assert await found("number=081234567890") == [by_line]
    refused = await desk("GET", "/v1/calls?number=besok")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "number")


async def test_calls_are_found_by_all_words_of_a_name(arrive: Arrive, desk: Desk, found: Found) -> None:
    sri = (await arrive(caller_name="Ibu Sri Wahyuni"))["id"]
    other = (await arrive(caller_name="Sri Rahayu"))["id"]
    assert await found("name=wahyuni%20SRI") == [sri]
    assert sorted(await found("name=sri")) == sorted([sri, other])
    assert await found("name=***") == []
    await desk("POST", f"/v1/calls/{other}/caller", {"caller_name": "Tini"})
    assert (await found("name=rahayu"), await found("name=bu%20tini")) == ([], [other])


async def test_a_call_without_a_name_writes_no_terms(arrive: Arrive, kit: Kit) -> None:
    with statements(kit.runtime.database) as asked:
        await arrive(number="081234567890")
    assert [sql for sql in asked if "caller_terms" in sql] == []


async def test_terms_are_no_names_and_go_with_the_calls_data(
    arrive: Arrive, kit: Kit, pack: Callable[..., Any], found: Found
) -> None:
    await kit.configure(pack("99.01", 100, retention={"calls_days": 10, "positions_days": 5}), version=2)
    await arrive(caller_name="Ibu Sri Wahyuni")
    assert "wahyuni" not in (await kit.kept()).casefold()
    kit.clock.advance(timedelta(days=11).total_seconds())
    await kit.runtime.sweeps.sweep()
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(caller_terms))).scalar_one() == 0
    assert await found("name=sri") == []


async def test_calls_are_found_by_operator_and_by_what_is_still_to_be_done(
    arrive: Arrive, desk: Desk, found: Found
) -> None:
    waiting, mine, theirs, done = [(await arrive())["id"] for _ in range(4)]
    for call, subject in ((mine, "ani"), (theirs, "budi"), (done, "ani")):
        await desk("POST", f"/v1/calls/{call}/answer", {}, subject=subject)
    await desk("POST", f"/v1/calls/{done}/classification", {"call_class": "prank"}, subject="ani")
    await desk("POST", f"/v1/calls/{theirs}/end", {"ended_by": "caller"}, subject="budi")
    assert await found("answered_by=budi") == [theirs]
    assert sorted(await found("mine=true", subject="ani")) == sorted([mine, done])
    assert await found("mine=true", subject="cici") == []
    assert await found("mine=true&unclassified=true", subject="ani") == [mine]
    assert sorted(await found("unclassified=true&regency=99.01")) == sorted([mine, theirs])
    assert sorted(await found("unclassified=false")) == sorted([waiting, done])


async def test_calls_are_found_by_time(arrive: Arrive, kit: Kit, found: Found) -> None:
    moments, made = [], []
    for _ in range(3):
        moments.append(kit.clock().isoformat().replace("+00:00", "Z"))
        made.append((await arrive())["id"])
        kit.clock.advance(60)
    assert await found(f"received_from={moments[1]}") == made[:0:-1]
    assert await found(f"received_before={moments[1]}") == [made[0]]
    assert await found(f"received_from={moments[1]}&received_before={moments[2]}") == [made[1]]


async def test_calls_are_found_by_the_number_of_their_incident_also_if_the_report_is_heard_first(
    arrive: Arrive, kit: Kit, found: Found
) -> None:
    first, second, other = [(await arrive())["id"] for _ in range(3)]
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    report = IncidentReportAdded(**stamp, call_id=UUID(second), report=2, received_at=kit.clock())
    incident, another = str(uuid7()), str(uuid7())
    await kit.hear(report, subject=incident, regency="99.01")
    for subject, number, call in ((incident, "BKL-20240219-0001", first), (another, "BKL-20240219-0002", other)):
        said: dict[str, Any] = {"incident_type": "fire", "priority": 1, "place": None, "source": "call"}
        said |= {"started_at": kit.clock(), "answered_at": None, "call_id": UUID(call), "number": number}
        created = IncidentCreated(**stamp, **said, day=kit.clock().date())
        await kit.hear(created, created, subject=subject, regency="99.01")
    assert sorted(await found("incident=bkl-20240219-0001")) == sorted([first, second])
    assert await found("incident=BKL-20240219-0001", regencies=("99.02",)) == []
    assert await found("incident=BKL-20240219-0009") == []


INDEXES = {
    "incident=BKL-20240219-0001": ("incident_numbers",),
    "reference=03YG-0HW0": ("calls_pkey", "sqlite_autoindex_calls"),
    "answered_by=ani": ("calls_operator",),
    "unclassified=true&regency=99.01": ("calls_unclassified",),
    "number=081234567890": ("calls_caller",),
    "name=sri": ("caller_terms",),
    "received_from=2024-02-19T03:00:00Z&regency=99.01": ("calls_of_regency",),
}


@pytest.mark.parametrize(("query", "indexes"), INDEXES.items())
async def test_each_filter_has_its_index(
    desk: Desk, arrive: Arrive, kit: Kit, query: str, indexes: tuple[str, ...]
) -> None:
    """The very statement that the list asks can be answered by it."""
    await arrive()
    with asked(kit.runtime.database) as said:
        assert (await desk("GET", f"/v1/calls?{query}")).status_code == 200
    [(sql, parameters)] = [one for one in said if "FROM calls" in one[0]]
    plan = await plan_of(kit.runtime.database, sql, parameters)
    assert any(index in plan for index in indexes), plan

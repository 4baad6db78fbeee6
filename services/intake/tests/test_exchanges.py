"""What exchanges tell over HTTP: authentic or refused, kept even if the database is away, and one call of it."""

import asyncio
import json
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from standardwebhooks import Webhook as Reference

from sigap_common.app.gauges import LOOK_SECONDS
from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.core.signatures import secret_of, sign
from sigap_common.database import LockHeld, Unavailable
from sigap_common.personal_data import KeyRing
from sigap_common.regency import Pack
from sigap_intake.exchanges.spool import Spool
from sigap_intake.main import service
from sigap_intake.settings import IntakeSettings
from sigap_intake.use_cases.exchanges import take_in, take_in_all
from sigap_intake.use_cases.room import look
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, another_process, not_started, started
from sigap_testing.plugin import or_missing
from sigap_testing.postgres import Postgres, find_postgres
from sigap_testing.statements import statements

SECRET = secret_of(b"exchange" * 4)
EXCHANGE = "99.01/pbx"
NUMBER = "+628111222333"
Away = Callable[[], AbstractContextManager[None]]
A_pack = Callable[..., Pack]


@asynccontextmanager
async def intake(database_url: str, folder: Path, pack: A_pack, **settings: Any) -> AsyncIterator[Kit]:
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "99.01-pbx").write_text(SECRET)
    exchanges = {EXCHANGE: "file:99.01-pbx", "99.01/lost": "file:99.01-lost"}
    known = IntakeSettings(**{"exchanges": exchanges, **settings})
    async with started(service, database_url, folder, settings=known) as kit:
        await kit.configure(pack("99.01", 100))
        yield kit


@pytest.fixture
async def kit(database_url: str, tmp_path: Path, pack: A_pack) -> AsyncIterator[Kit]:
    async with intake(database_url, tmp_path, pack) as kit:
        yield kit


def signed(kit: Kit, body: bytes, *, secret: str = SECRET, late: float = 0) -> dict[str, str]:
    """By the reference implementation of Standard Webhooks."""
    moment = kit.clock() + timedelta(seconds=late)
    signature = Reference(secret).sign("msg_1", moment, body.decode())
    head = {"webhook-id": "msg_1", "webhook-timestamp": str(int(moment.timestamp())), "webhook-signature": signature}
    return {**head, "content-type": "application/json"}


async def post(
    kit: Kit, document: Any, adapter: str = "generic", exchange: str = EXCHANGE, headers: dict[str, str] | None = None
) -> httpx.Response:
    body = json.dumps(document).encode()
    path = f"/v1/cti/{adapter}"
    headers = signed(kit, body) if headers is None else headers
    return await kit.client.post(path, params={"exchange": exchange}, content=body, headers=headers)


def told(kit: Kit, event: str, seconds: float = 0, **beside: Any) -> dict[str, Any]:
    at = (kit.clock() + timedelta(seconds=seconds)).isoformat()
    return {"event": event, "call_id": "1708.1", "at": at, "number": NUMBER, **beside}


async def calls_of(kit: Kit) -> list[dict[str, Any]]:
    answer = await kit.client.get("/v1/calls", headers=kit.bearer("operator"))
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_what_an_exchange_tells_becomes_one_call_in_the_order_of_what_happened(kit: Kit) -> None:
    for event, seconds in (("ended", 0), ("held", -30), ("ringing", -50), ("answered", -40), ("ended", 0)):
        answer = await post(kit, told(kit, event, seconds, ended_by="caller" if event == "ended" else "exchange"))
        assert (answer.status_code, answer.json()) == (202, {"kept": 1})
    assert await calls_of(kit) == []
    await take_in_all(kit.runtime)
    (call,) = await calls_of(kit)
    assert (call["state"], call["number"], call["ended_by"], call["cut_off"]) == ("ended", NUMBER, "caller", True)
    assert datetime.fromisoformat(call["received_at"]) == kit.clock() - timedelta(seconds=50)
    path = f"/v1/calls/{call['id']}/timeline"
    first = (await kit.client.get(path, params={"limit": 2}, headers=kit.bearer("operator"))).json()
    rest = (await kit.client.get(path, params={"cursor": first["next"]}, headers=kit.bearer("operator"))).json()
    moments = [entry["event"]["at"] for entry in first["items"] + rest["items"]]
    assert moments == sorted(moments)
    assert len(moments) == call["version"]


async def test_an_operator_takes_the_call_whose_line_is_answered(kit: Kit) -> None:
    for event in ("ringing", "answered"):
        await post(kit, told(kit, event))
    await take_in_all(kit.runtime)
    (call,) = await calls_of(kit)
    taken = await kit.client.post(f"/v1/calls/{call['id']}/answer", headers=kit.bearer("operator", subject="ani"))
    assert (taken.status_code, taken.json()["answered_by"]) == (200, "ani")
    await post(kit, told(kit, "ended", 1))
    await take_in_all(kit.runtime)
    (call,) = await calls_of(kit)
    assert (call["state"], call["answered_by"]) == ("ended", "ani")


async def test_an_answer_that_only_the_exchange_reported_lacks_no_operator(kit: Kit) -> None:
    """The line is up, and somebody speaks. If an operator takes the call on a screen, that screen counts."""
    for event in ("ringing", "answered"):
        await post(kit, told(kit, event))
    await take_in_all(kit.runtime)
    kit.clock.advance(600)
    await look(kit.runtime)
    assert await kit.said(AlarmRaised) == []
    room = {"regency": "99.01", "state": "available"}
    await kit.client.post("/v1/presence", json=room, headers=kit.bearer("operator", subject="budi"))
    (call,) = await calls_of(kit)
    await kit.client.post(f"/v1/calls/{call['id']}/answer", headers=kit.bearer("operator", subject="ani"))
    for seconds, alarms in ((44, 0), (1, 1)):
        kit.clock.advance(seconds)
        await look(kit.runtime)
        assert len(await kit.said(AlarmRaised)) == alarms


async def test_a_call_that_was_posted_before_is_followed(kit: Kit) -> None:
    body = {"regency": "99.01", "channel": "telephone", "exchange_id": "1708.1"}
    posted = await kit.client.post("/v1/calls", json=body, headers=kit.bearer("cti"))
    await post(kit, told(kit, "ringing", 1))
    await post(kit, told(kit, "ended", 2))
    await take_in_all(kit.runtime)
    (call,) = await calls_of(kit)
    assert (call["id"], call["state"], call["number"]) == (posted.json()["id"], "abandoned", NUMBER)


async def test_an_id_that_is_used_again_is_another_call(kit: Kit) -> None:
    await post(kit, told(kit, "ringing"))
    await post(kit, told(kit, "ringing", 1, number="+628999888777"))
    await post(kit, told(kit, "ended", 2))
    await take_in_all(kit.runtime)
    states = {
        call["number"]: (call["state"], [one["code"] for one in call["complaints"]]) for call in await calls_of(kit)
    }
    assert states == {NUMBER: ("abandoned", []), "+628999888777": ("waiting", ["exchange_id_reused"])}


async def test_odd_optional_fields_never_cost_the_event(kit: Kit) -> None:
    odd = {"at": "yesterday", "number": "anonymous", "caller_name": "Budi\x00", "ended_by": 7, "line": 3}
    assert (await post(kit, told(kit, "ringing") | odd)).status_code == 202
    assert (await post(kit, told(kit, "ringing") | odd)).status_code == 202
    await take_in_all(kit.runtime)
    (call,) = await calls_of(kit)
    assert (call["number"], call["caller_name"]) == (None, "Budi")
    assert len(call["complaints"]) == 5


@pytest.mark.parametrize(
    ("document", "pointer"),
    [({}, "#/event"), ({"event": "rings", "call_id": "1"}, "#/event"), ({"event": "ended"}, "#/call_id"), ([], "#")],
)
async def test_a_document_that_tells_of_no_call_is_refused(kit: Kit, document: Any, pointer: str) -> None:
    answer = await post(kit, document)
    assert answer.status_code == 422, answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


async def test_what_is_no_json_is_refused(kit: Kit) -> None:
    for body in (b"{", b"\xff", b"[" * 5000):
        signature = sign(SECRET, "msg_1", int(kit.clock().timestamp()), body)
        headers = {**signed(kit, b"{"), "webhook-signature": signature}
        answer = await kit.client.post(f"/v1/cti/generic?exchange={EXCHANGE}", content=body, headers=headers)
        assert answer.status_code == 400, answer.text


async def test_forged_old_and_missing_signatures_are_refused_without_the_database(kit: Kit) -> None:
    document = told(kit, "ringing")
    body = json.dumps(document).encode()
    wrong = [
        {},
        {"content-type": "application/json"},
        signed(kit, body, secret=secret_of(b"another!" * 4)),
        signed(kit, body + b" "),
        signed(kit, body, late=-301),
        signed(kit, body, late=301),
        signed(kit, body) | {"webhook-timestamp": "soon"},
        signed(kit, body) | {"authorization": "Bearer nonsense"},
        kit.bearer("cti", lifetime=timedelta(seconds=-600)),
    ]
    with statements(kit.runtime.database) as asked:
        for headers in wrong:
            answer = await kit.client.post(f"/v1/cti/generic?exchange={EXCHANGE}", content=body, headers=headers)
            assert answer.status_code == 401, (headers, answer.text)
        for unknown in ("99.01/other", "99.01/lost", "99.02/pbx"):
            assert (await post(kit, document, exchange=unknown)).status_code == 401
    assert asked == []
    assert len(kit.runtime.resources.spool) == 0


async def test_a_token_of_role_cti_will_do_in_its_own_regency(kit: Kit) -> None:
    document = told(kit, "ringing")
    own = kit.bearer("cti", regencies=("99.01",))
    assert (await post(kit, document, headers=own)).status_code == 202
    assert (await post(kit, document, exchange="99.02/pbx", headers=own)).status_code == 403
    assert (await post(kit, document, headers=kit.bearer("operator"))).status_code == 403
    assert (await post(kit, document, exchange="99.03/pbx", headers=kit.bearer("cti"))).status_code == 404


async def test_an_adapter_that_there_is_not_and_an_odd_exchange_are_refused(kit: Kit) -> None:
    assert (await post(kit, told(kit, "ringing"), adapter="other")).status_code == 404
    assert (await post(kit, told(kit, "ringing"), exchange="pbx")).status_code == 422


WHISTLE = """
from sigap_intake.domain import NotUnderstood, TelephoneEvent, Told


def telephone_events(document):
    if "whistle" not in document:
        raise NotUnderstood("whistle")
    if document["whistle"] is None:
        return document["sound"]
    return [TelephoneEvent(told=Told.RINGING, call_id=document["whistle"])]
"""


async def test_an_adapter_of_somebody_else_is_found_by_its_entry_point(
    database_url: str, tmp_path: Path, pack: A_pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site"
    about = package / "whistle-1.dist-info"
    about.mkdir(parents=True)
    (package / "whistle.py").write_text(WHISTLE)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: whistle\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[sigap.cti]\nwhistle = whistle:telephone_events\n")
    monkeypatch.syspath_prepend(package)
    async with intake(database_url, tmp_path, pack) as kit:
        assert (await post(kit, {"whistle": "w-1"}, adapter="whistle")).status_code == 202
        for wrong in ({}, {"whistle": None}, {"whistle": 3}, 7):
            assert (await post(kit, wrong, adapter="whistle")).status_code == 422
        await take_in_all(kit.runtime)
        assert [call["exchange_id"] for call in await calls_of(kit)] == ["w-1"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def away(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, Away]]:
    """The URL of a database, and a block in which that is away: locked by another, or stopped."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}", partial(_locked, tmp_path / "test.sqlite3")
    else:
        async with _a_postgres() as found:
            yield found


@pytest.fixture
async def postgres_away() -> AsyncIterator[tuple[str, Away]]:
    async with _a_postgres() as found:
        yield found


@asynccontextmanager
async def _a_postgres() -> AsyncIterator[tuple[str, Away]]:
    with or_missing():
        server = find_postgres()
    server.start()
    try:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE DATABASE intake")
        await connection.close()
        url = urlsplit(server.url)._replace(scheme="postgresql+asyncpg", path="/intake").geturl()
        yield url, partial(_stopped, server)
    finally:
        server.remove()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _stopped(server: Postgres) -> Iterator[None]:
    server.stop()
    yield
    server.start()


async def test_with_the_database_away_the_exchange_is_answered_and_nothing_is_lost(
    away: tuple[str, Away], tmp_path: Path, pack: A_pack
) -> None:
    url, is_away = away
    async with intake(url, tmp_path, pack) as kit:
        with is_away():
            for event, seconds in (("ringing", -9), ("answered", -5), ("ended", 0)):
                assert (await post(kit, told(kit, event, seconds))).status_code == 202
            with pytest.raises((Unavailable, LockHeld)):
                await take_in_all(kit.runtime)
            assert len(kit.runtime.resources.spool) == 3
        await take_in_all(kit.runtime)
        (call,) = await calls_of(kit)
        assert (call["state"], call["version"]) == ("ended", 3)
        assert len(kit.runtime.resources.spool) == 0


async def test_what_waits_for_the_database_is_counted_while_it_is_away(
    away: tuple[str, Away], tmp_path: Path, pack: A_pack
) -> None:
    url, is_away = away
    async with intake(url, tmp_path, pack) as kit:
        assert await waiting(kit) == (0, 0, 0)
        with is_away():
            await post(kit, told(kit, "ringing"))
            kit.clock.advance(40)
            await post(kit, told(kit, "answered"))
            assert await waiting(kit) == (2, 40 + LOOK_SECONDS, 0)
        await take_in_all(kit.runtime)
        assert await waiting(kit) == (0, 0, 0)


async def waiting(kit: Kit) -> tuple[float, ...]:
    """The gauges of the spool: events that wait, the age of the oldest in seconds, and events that were set aside."""
    kit.clock.advance(LOOK_SECONDS)
    lines = (await kit.client.get("/metrics")).text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if line.startswith("sigap_exchange_events_"))
    names = ("waiting", "oldest_seconds", "set_aside")
    return tuple(float(values[f'sigap_exchange_events_{name}{{service="intake"}}']) for name in names)


async def test_the_worker_waits_until_the_database_is_back(
    away: tuple[str, Away], tmp_path: Path, pack: A_pack
) -> None:
    url, is_away = away
    async with intake(url, tmp_path, pack) as kit:
        worker = asyncio.create_task(take_in(kit.runtime))
        with is_away():
            assert (await post(kit, told(kit, "ringing"))).status_code == 202
        await eventually(lambda: len(kit.runtime.resources.spool) == 0)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        assert len(await calls_of(kit)) == 1


async def test_another_process_goes_on_with_what_a_killed_one_left(kit: Kit, tmp_path: Path) -> None:
    await post(kit, told(kit, "ringing"))
    await take_in_all(kit.runtime)
    await post(kit, told(kit, "ended", 1))
    await kit.runtime.resources.stop()  # the lock goes with the process
    async with another_process(kit, service) as second:
        await take_in_all(second.runtime)
        (call,) = await calls_of(second)
    assert call["state"] == "abandoned"


async def test_a_full_spool_answers_503_and_is_empty_again_afterwards(
    database_url: str, tmp_path: Path, pack: A_pack
) -> None:
    async with intake(database_url, tmp_path, pack, spool_bytes=4096) as kit:
        answers = [await post(kit, told(kit, "ringing", n)) for n in range(12)]
        refused = answers[-1]
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        kept = sum(answer.status_code == 202 for answer in answers)
        assert 2 <= kept < 12
        file = tmp_path / "intake-cti-0.spool"
        assert file.stat().st_size <= 4096
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert NUMBER[4:].encode() not in file.read_bytes()
        await take_in_all(kit.runtime)
        assert file.stat().st_size == 0
        assert (await post(kit, told(kit, "ended"))).status_code == 202


def opened(folder: Path) -> Spool:
    spool = Spool(folder, KeyRing.load_or_create(folder / "keys"), 10**6)
    spool.open()
    return spool


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from sigap_common.personal_data import KeyRing
from sigap_intake.exchanges.spool import Spool

async def main():
    folder = Path(sys.argv[1])
    spool = Spool(folder, KeyRing.load_or_create(folder / "keys"), 10**6)
    spool.open()
    await asyncio.gather(*(spool.put(f"event {n}") for n in range(50)))
    os.write(spool._file, b"s1.k1.half of a li")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_was_confirmed_survives_kill_9_in_its_order(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    spool = opened(tmp_path)
    found = []
    while (line := spool.first()) is not None:
        found.append(line)
        await spool.took_first()
    await spool.close()
    assert found == [f"event {n}" for n in range(50)]


async def test_what_cannot_be_handled_is_set_aside_and_tried_again_by_the_next_process(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for text in ("broken", "fine"):
        await spool.put(text)
    assert spool.first() == "broken"
    spool.set_aside_first()
    await spool.took_first()
    assert spool.first() == "fine"
    assert (len(spool), spool.set_aside) == (1, 1)
    await spool.close()
    again = opened(tmp_path)
    assert (len(again), again.set_aside) == (2, 0)
    assert [line async for line in _all_of(again)] == ["fine", "broken"]
    await again.close()
    assert opened(tmp_path).first() is None


async def _all_of(spool: Spool) -> AsyncIterator[str]:
    while (line := spool.first()) is not None:
        yield line
        await spool.took_first()


async def test_two_processes_of_one_folder_have_a_spool_each(tmp_path: Path) -> None:
    spools = [opened(tmp_path) for _ in range(2)]
    for number, spool in enumerate(spools):
        await spool.put(f"of {number}")
    assert [spool.first() for spool in spools] == ["of 0", "of 1"]
    for spool in spools:
        await spool.close()


async def test_a_line_that_cannot_be_opened_holds_up_no_other(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for text in ("one", "two", "three"):
        await spool.put(text)
    await spool.close()
    file = tmp_path / "intake-cti-0.spool"
    lines = file.read_bytes().splitlines()
    lines[0], lines[1] = b"\xff not ours", lines[1][:-4] + b"AAAA"
    file.write_bytes(b"\n".join(lines) + b"\n")
    spool = opened(tmp_path)
    assert spool.first() == "three"
    await spool.took_first()
    assert file.stat().st_size == 0
    await spool.close()


async def test_a_long_spool_is_cut_while_more_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigap_intake.exchanges.spool.CUT_BYTES", 500)
    spool = opened(tmp_path)
    found = []
    for n in range(40):
        await spool.put(f"{2 * n}")
        await spool.put(f"{2 * n + 1}")
        found.append(spool.first())
        await spool.took_first()
    left = len(spool)
    assert (tmp_path / "intake-cti-0.spool").stat().st_size < (left + 10) * 100
    await spool.close()
    spool = opened(tmp_path)
    while (line := spool.first()) is not None:
        found.append(line)
        await spool.took_first()
    await spool.close()
    assert list(dict.fromkeys(found)) == [f"{n}" for n in range(80)]


@pytest.mark.postgres
async def test_a_process_that_starts_without_its_database_keeps_what_it_is_told_and_refuses_the_rest(
    postgres_away: tuple[str, Away], tmp_path: Path, pack: A_pack
) -> None:
    url, is_away = postgres_away
    async with intake(url, tmp_path, pack) as kit:
        await post(kit, told(kit, "ringing", -9))
        await kit.runtime.resources.stop()
        with is_away():
            async with without_a_database(kit) as second:
                for event, seconds in (("answered", -5), ("ended", 0)):
                    assert (await post(second, told(second, event, seconds))).status_code == 202
                arriving = {"regency": "99.01", "channel": "telephone"}
                refused = await second.client.post("/v1/calls", json=arriving, headers=second.bearer("operator"))
                assert (refused.status_code, refused.json()["type"]) == (503, "/problems/temporarily-unavailable")
                assert refused.headers["retry-after"]
                ready = await second.runtime.readiness()
                assert (ready.ready, ready.database) == (False, "away")
        async with without_a_database(kit) as third:
            await eventually(lambda: not third.runtime.without_database)
            await eventually(lambda: len(third.runtime.resources.spool) == 0)
            (call,) = await calls_of(third)
            assert (call["state"], call["version"]) == ("ended", 3)


@asynccontextmanager
async def without_a_database(kit: Kit) -> AsyncIterator[Kit]:
    """Another process of `kit`, started as a host starts it, whether the database is there or not."""
    async with not_started(kit, service) as other:
        await other.runtime.start()
        try:
            yield other
        finally:
            await other.runtime.stop()


async def test_an_exchange_signs_for_itself_alone(database_url: str, tmp_path: Path, pack: A_pack) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/99.01-second").write_text(secret_of(b"second!!" * 4))
    (tmp_path / "secrets/99.01-odd").write_text("whsec_nothing")
    exchanges = {EXCHANGE: "file:99.01-pbx", "99.01/second": "file:99.01-second", "99.01/odd": "file:99.01-odd"}
    async with intake(database_url, tmp_path, pack, exchanges=exchanges) as kit:
        for another in ("99.01/second", "99.01/odd"):
            assert (await post(kit, told(kit, "ringing"), exchange=another)).status_code == 401
        assert len(kit.runtime.resources.spool) == 0


async def test_a_request_that_is_recorded_and_sent_again_does_nothing_more_and_is_too_old_soon(kit: Kit) -> None:
    document = told(kit, "ringing")
    headers = signed(kit, json.dumps(document).encode())
    for seconds, status in ((0, 202), (290, 202), (20, 401)):
        kit.clock.advance(seconds)
        assert (await post(kit, document, headers=headers)).status_code == status
    await take_in_all(kit.runtime)
    (call,) = await calls_of(kit)
    assert (call["state"], call["version"]) == ("waiting", 1)


@pytest.mark.parametrize("written", ["006281234567890", "0062 812-3456-7890", "sip:006281234567890@10.0.0.1"])
async def test_a_number_as_it_is_dialled_from_abroad_can_be_called_back(kit: Kit, written: str) -> None:
    """`0062812...` became a number that nobody can dial."""
    body = {"regency": "99.01", "channel": "telephone", "number": written}
    posted = await kit.client.post("/v1/calls", json=body, headers=kit.bearer("operator"))
    assert posted.json()["number"] == "+6281234567890"
    await post(kit, told(kit, "ringing", number=written))
    await take_in_all(kit.runtime)
    assert [(call["number"], call["complaints"]) for call in await calls_of(kit)] == [("+6281234567890", [])] * 2

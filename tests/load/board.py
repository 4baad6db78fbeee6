"""The incident board, the queue and the list of forwardings, each of 5,000 entries: how long a page takes, and what it
costs. The board in one request, with its counts, filters and search, has 100,000 closed incidents behind it, and the
queue as many calls that are over.

The service runs in this process, without its workers, on a real database of each kind. A request passes through the
whole application (ASGI), so no network is measured. The requests come one after another, as one client would send
them. The CPU is that of this process, the client included; PostgreSQL has processes of its own.
"""

import gc
import re
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from tests.faults.regency import pack, place, scattered
from tests.load.databases import on_each_database
from tests.load.report import Figure, percentile, show

from sigap_agency_gateway.main import service as gateway
from sigap_common.app.host import GARBAGE_THRESHOLDS
from sigap_common.app.manifest import AnyService
from sigap_common.auth import Access, Role
from sigap_common.contracts.agencies import Response
from sigap_common.contracts.calls import Channel
from sigap_common.contracts.incidents import ForwardingContent, IncidentAcknowledged, IncidentForwarded, Source
from sigap_common.contracts.notes import IncidentNote
from sigap_common.contracts.places import Place
from sigap_common.core.ids import uuid7
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_dispatch.domain.commands import RecordAnswer
from sigap_dispatch.main import service as dispatch
from sigap_dispatch.models import forwardings as forwardings_table
from sigap_dispatch.models import incident_terms
from sigap_dispatch.models import incidents as incidents_table
from sigap_dispatch.use_cases import incidents
from sigap_intake.domain import Receive
from sigap_intake.main import service as intake
from sigap_intake.models.calls import calls as calls_table
from sigap_intake.use_cases import calls
from sigap_testing.kit import Kit, started

CODE = "99.92"
KIND = "traffic_accident"  # the pack's plan sends it to two agencies
OPEN = 5000
CLOSED = 100_000
CLOSED_AT_ONCE = 1000
AT_ONCE = 100
"""Entries that are made in one transaction."""
REQUESTS = 100
NEXT = re.compile(rb'"next":"([^"]+)"')
P99_MS, CPU_MS = 50.0, 20.0
"""The bars: a page of the board, and the CPU of a page of 200."""
QUEUE_P99_MS = 20.0
LEADER = Access(
    "leader",
    frozenset({Role.dispatcher, Role.supervisor}),
    frozenset({CODE}),
    None,
    datetime(2100, 1, 1, tzinfo=UTC),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list to measure, of OPEN entries. `mark` stands in each entry once."""

    name: str
    service: AnyService
    path: str
    mark: bytes
    fill: Callable[[Kit], Awaitable[None]]
    query: Mapping[str, str] = field(default_factory=dict)
    role: str = "dispatcher"
    p99_ms: float | None = None
    is_full: bool = True
    """Whether each page must have as many entries as are asked for; otherwise at least one."""


async def _incidents(kit: Kit) -> None:
    """Each incident has a place, a note, two agencies, and what they have answered so far."""
    for first in range(0, OPEN, AT_ONCE):
        kit.clock.advance(60)
        async with kit.runtime.transaction() as tx:
            for number in range(first, first + AT_ONCE):
                lat, lon = scattered(CODE, number)
                where = Place.of(lat, lon, 20.0, f"Jalan Uji {number}, dekat pasar")
                opened = await incidents.open_without_call(
                    tx, LEADER, CODE, Source.OBSERVER, KIND, None, where, f"Dua kendaraan, laporan {number}", None
                )
                for n, forwarding in enumerate(opened.forwardings):
                    said = Response.EN_ROUTE if n else Response.ACKNOWLEDGED
                    answer = RecordAnswer(forwarding.id, said, "telephone", "Pak Harun")
                    await incidents.order(tx, LEADER, opened.id, answer)


async def _incidents_before_closed(kit: Kit) -> None:
    """Behind the open ones lie closed ones with the same words and as many agencies. They are bare rows: nothing opens
    their documents.
    """
    await _incidents(kit)
    async with kit.runtime.database.write() as connection:
        like = (await connection.execute(select(incidents_table).limit(1))).one()._mapping
        of_like = select(forwardings_table).where(forwardings_table.c.incident_id == like["id"])
        told = [row._mapping for row in await connection.execute(of_like)]
        terms = (
            (await connection.execute(select(incident_terms.c.term).where(incident_terms.c.incident_id == like["id"])))
            .scalars()
            .all()
        )
        over = {
            "state": "closed",
            "is_open": False,
            "attention": None,
            "due_at": None,
            "document": "{}",
            "list_personal": None,
        }
        for first in range(0, CLOSED, CLOSED_AT_ONCE):
            rows: list[dict[str, Any]] = [
                {**like, **over, "id": uuid7(), "number": f"9992-20200101-{n}", "counter": n}
                for n in range(first, first + CLOSED_AT_ONCE)
            ]
            await connection.execute(insert(incidents_table), rows)
            forwarded = [
                {**one, "id": uuid7(), "incident_id": row["id"], "waits_in": None} for row in rows for one in told
            ]
            await connection.execute(insert(forwardings_table), forwarded)
            found = [{"term": term, "incident_id": row["id"]} for row in rows for term in terms]
            await connection.execute(insert(incident_terms), found)
    await _analyzed(kit)


async def _analyzed(kit: Kit) -> None:
    """Lets the database count its rows, as either does by itself in time."""
    async with kit.runtime.database.write() as connection:
        await connection.execute(text("ANALYZE"))


async def _calls_before_ended(kit: Kit) -> None:
    """Behind those that wait lie calls that are over: bare rows, which nothing opens."""
    await _calls(kit)
    async with kit.runtime.database.write() as connection:
        like = (await connection.execute(select(calls_table).limit(1))).one()._mapping
        over = {"state": "ended", "watched_rung": None, "document": "{}", "list_personal": None}
        for _ in range(0, CLOSED, CLOSED_AT_ONCE):
            rows = [{**like, **over, "id": uuid7()} for _ in range(CLOSED_AT_ONCE)]
            await connection.execute(insert(calls_table), rows)
    await _analyzed(kit)


async def _calls(kit: Kit) -> None:
    """Each call waits, and has a number, a name and a place of the caller."""
    for first in range(0, OPEN, AT_ONCE):
        kit.clock.advance(60)
        async with kit.runtime.transaction() as tx:
            for number in range(first, first + AT_ONCE):
                lat, lon = place(CODE)
                command = Receive(
                    by=LEADER.subject,
                    channel=Channel.TELEPHONE,
                    number=Sealed(f"+62811{number:07}"),
                    caller_name=Sealed(f"Penelepon {number}"),
                    caller_place=Place.of(lat, lon, 20.0, f"Jalan Uji {number}, dekat pasar"),
                )
                await calls.receive_call(tx, LEADER, CODE, command)


async def _forwardings(kit: Kit) -> None:
    """Each forwarding has a place, a caller and a note, and its agency acknowledged by telephone."""
    for _ in range(0, OPEN, AT_ONCE):
        kit.clock.advance(60)
        now, ids = kit.clock(), [uuid7() for _ in range(AT_ONCE)]
        stamp: dict[str, Any] = {"at": now, "recorded_at": now, "agency": f"{CODE}/police"}
        lat, lon = place(CODE)
        content = ForwardingContent(
            incident_number="9992-20240219-0001",
            incident_type=KIND,
            type_label="Kecelakaan lalu lintas",
            priority=2,
            place=Place.of(lat, lon, 20.0, "Jalan Uji, dekat pasar"),
            caller_number=Sealed("+628110000000"),
            caller_name=Sealed("Penelepon"),
            notes=(IncidentNote(at=now, by="leader", text=Sealed("Dua kendaraan")),),
            started_at=now,
        )
        forwarded = [
            IncidentForwarded(**stamp, forwarding_id=one, acknowledge_by=now, automatic=True, content=content)
            for one in ids
        ]
        answered = [
            IncidentAcknowledged(
                **stamp, forwarding_id=one, revision=1, channel="telephone", on_behalf=True, by="leader"
            )
            for one in ids
        ]
        await kit.hear(*forwarded, *answered, subject=str(uuid7()), regency=CODE, source="dispatch", at_once=True)


BOARD_REQUEST = Listed(
    "the board in one request",
    dispatch,
    "/v1/incidents/board",
    b'"zone_owner"',
    _incidents_before_closed,
    p99_ms=P99_MS,
)
ALL, NOW = "/v1/incidents", "/v1/incidents/board"
ASKED_OF_BOARD: Sequence[tuple[str, str, Mapping[str, str]]] = (
    (NOW, "those of one agency", {"agency": f"{CODE}/police"}),
    (NOW, "those without an alarm", {"alarm": "false"}),
    (NOW, "one by its number", {"number": "4711"}),
    (NOW, "one by words of its place", {"place": "Uji 4711"}),
    (ALL, "some by their number", {"number": "4711"}),
    (ALL, "one by words of its place", {"place": "Uji 4711"}),
)
BOARD = Listed(
    "the board, open incidents",
    dispatch,
    "/v1/incidents",
    b'"zone_owner"',
    _incidents,
    {"open": "true"},
    p99_ms=P99_MS,
)
QUEUE = Listed(
    f"the queue before {CLOSED:,} ended calls, waiting ones",
    intake,
    "/v1/queue",
    b'"caller_location"',
    _calls_before_ended,
    p99_ms=QUEUE_P99_MS,
)
FORWARDINGS = Listed("the forwardings", gateway, "/v1/forwardings", b'"needs_acknowledgement"', _forwardings)


@asynccontextmanager
async def filled(what: Listed, database_url: str) -> AsyncIterator[Kit]:
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite+aiosqlite:///{folder}/board.sqlite3"
        async with started(what.service, url, Path(folder)) as kit:
            await kit.configure(Pack.model_validate(pack(CODE)))
            await what.fill(kit)
            yield kit


async def _asked(kit: Kit, what: Listed, limit: int) -> tuple[list[float], float]:
    """The milliseconds of each request, and the milliseconds of CPU of one on average. The requests walk the list."""
    headers = kit.bearer(what.role, regencies=(CODE,), lifetime=timedelta(days=30))
    took: list[float] = []
    cursor: str | None = None
    # As a started host does: what is there now stays, and the collector need not walk it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    used = time.process_time()
    for _ in range(REQUESTS):
        params: dict[str, str | int] = {**what.query, "limit": limit}
        if cursor:
            params["cursor"] = cursor
        began = time.perf_counter()
        answer = await kit.client.get(what.path, params=params, headers=headers)
        took.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.text
        shown = answer.content.count(what.mark)
        assert shown == limit if what.is_full else shown, "the page is not full"
        # To read the page as JSON would cost this process more than to answer it.
        following = NEXT.search(answer.content[-200:])
        cursor = following[1].decode() if following else None
    return took, 1000 * (time.process_time() - used) / REQUESTS


async def _measured(what: Listed, database_url: str, name: str) -> None:
    async with filled(what, database_url) as kit:
        await _asked(kit, what, 50)  # what is compiled once is compiled now
        figures = []
        for limit in (50, 200):
            took, cpu = await _asked(kit, what, limit)
            figures += _figures(what, limit, took, cpu)
    show(f"{what.name}, {OPEN:,}, {name}", figures)


def _figures(what: Listed, limit: int, took: list[float], cpu: float) -> list[Figure]:
    p99 = percentile(took, 0.99)
    seen = f"p50 {percentile(took, 0.5):.1f}, p99 {p99:.1f} ms"
    bar = f"at most {CPU_MS:g} ms"
    wanted, met = (f"p99 at most {what.p99_ms:g} ms", p99 <= what.p99_ms) if what.p99_ms else ("", None)
    return [
        Figure(f"a page of {limit}", seen, wanted, met),
        Figure("  its CPU", f"{cpu:.1f} ms", bar if limit == 200 else "", cpu <= CPU_MS if limit == 200 else None),
    ]


async def _board_measured(database_url: str, name: str) -> None:
    async with filled(BOARD_REQUEST, database_url) as kit:
        await _asked(kit, BOARD_REQUEST, 50)
        took, cpu = await _asked(kit, BOARD_REQUEST, 50)
        about = f"{BOARD_REQUEST.name}, {OPEN:,} open and {CLOSED:,} closed, {name}"
        show(about, _figures(BOARD_REQUEST, 50, took, cpu))
        for path, what, query in ASKED_OF_BOARD:
            one = replace(BOARD_REQUEST, name=f"{path}, {what}", path=path, query=query, is_full=False)
            took, cpu = await _asked(kit, one, 50)
            show(f"{one.name}, {name}", _figures(one, 50, took, cpu))


def measure(lists: Sequence[Listed] = (BOARD, QUEUE, FORWARDINGS)) -> None:
    on_each_database(_board_measured, *(partial(_measured, what) for what in lists))

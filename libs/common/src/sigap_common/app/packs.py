"""Every service's own copy of the regencies' packs: the sections that it names.

A pack comes into a running system by events. PackSectionPublished brings a section that changed, PackPublished lists
the sections of a version. A service stores the sections that it names. Once it has all of a version, its checks decide
whether it can use them, and it publishes the answer on `sigap.regency-answers`. Requests read packs from memory; a
replica that did not handle the events itself sees the new version within a second.

The events of a regency may come in any order, since their keys differ. The last of them completes the version.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, bindparam, delete, func, select

from sigap_common.bus import Bus
from sigap_common.contracts.base import type_name
from sigap_common.contracts.regencies import (
    Complaint,
    PackPublished,
    PackSectionPublished,
    RegencyApplied,
    RegencyConfigured,
    RegencyRefused,
)
from sigap_common.contracts.topics import REGENCIES
from sigap_common.core.large_json import write_large
from sigap_common.core.workers import EVENTS
from sigap_common.database import Connection, Database, Json, insert, insert_if_new
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import About, Transaction
from sigap_common.regency import Pack
from sigap_common.regency.by_section import SectionText, default, pack_of, read, split
from sigap_common.regency.in_force import PacksInForce
from sigap_common.regency.model import ZoneSection
from sigap_common.regency.parts.base import Part
from sigap_common.regency.zone import Zone

REGENCIES_AT_ONCE = 32
"""How many regencies are read from the database together. A zone may have megabytes."""
READ_AGAIN_SECONDS = 120.0
"""Time limit for reading the whole topic again. Without it, a topic whose end is never reached would hold up new
versions for ever.
"""
READ_AGAIN_PAUSE_SECONDS = 300.0
"""Between two such readings, while sections are still missing."""
MAY_BE_LARGE = frozenset({"zone", "cameras", "gazetteer"})
"""Sections that can have tens of thousands of values. While `json` wrote them, no other thread would run."""

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Transaction[Any])
R = TypeVar("R")
PackCheck = Callable[[Pack], Sequence[Complaint]]
"""Returns a service's complaints about a pack, which has the sections that the service names. If there are none, the
service can use the pack.
"""
PackApplied = Callable[[T, Pack], Awaitable[None]]
"""Called in the transaction that stores a pack, so that what follows from it is stored with it."""
PACK_EVENTS = (PackSectionPublished, PackPublished, RegencyConfigured)
Texts = dict[str, SectionText]


def regencies_table(metadata: MetaData) -> Table:
    """A row for each regency: the version in force in this service (0: none yet), and the newest version that it has
    received.

    `sections` and `heard_sections` are the digests of all sections of these versions, by name. `answered` is the newest
    version that the service has accepted or refused.
    """
    return Table(
        "regencies",
        metadata,
        Column("code", String, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("sections", Json, nullable=False),
        Column("heard_version", Integer, nullable=False),
        Column("heard_sections", Json, nullable=False),
        Column("answered", Integer, nullable=False),
    )


def regency_sections_table(metadata: MetaData) -> Table:
    """The sections that the service names: those of the version in force, those of the newest version received, and
    those that came before their version.

    `version` is the newest version that brought this content.
    """
    return Table(
        "regency_sections",
        metadata,
        Column("code", String, primary_key=True),
        Column("section", String, primary_key=True),
        Column("digest", String, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("content", Text, nullable=False),
    )


@dataclass(slots=True)
class _Known:
    """A row of the table `regencies`: the versions of a regency's pack that this service uses and has received."""

    code: str
    version: int = 0
    sections: dict[str, str] = field(default_factory=dict)
    heard_version: int = 0
    heard_sections: dict[str, str] = field(default_factory=dict)
    answered: int = 0

    def hear(self, version: int, sections: Mapping[str, str]) -> None:
        """Notes that this version was received, unless a newer one was."""
        if version > self.heard_version:
            self.heard_version, self.heard_sections = version, dict(sections)


class PackStore(Generic[T]):
    """The stored packs of one service. It stores what events bring and loads it into memory."""

    def __init__(
        self,
        regencies: Table,
        sections: Table,
        database: Database,
        bus: Bus,
        packs: PacksInForce,
        *,
        checks: Sequence[PackCheck] = (),
        applied: Sequence[PackApplied[T]] = (),
        prepare: Callable[[Zone], None],
        look_seconds: float,
    ) -> None:
        """`prepare` is called in a thread with each zone, before the zone is loaded into memory."""
        self._regencies, self._sections = regencies, sections
        self._database, self._bus, self._packs = database, bus, packs
        self._checks, self._applied, self._look_seconds = checks, applied, look_seconds
        self._prepare = prepare

    async def load(self) -> None:
        """Loads packs that the database has and memory does not have. Raises Unavailable.

        Versions tell what is new, never the time at which another replica stored it: its clock may have been ahead.
        """
        t = self._regencies
        async with self._database.read() as connection:
            stored = await connection.scalar(select(func.coalesce(func.sum(t.c.version), 0)))
            if stored == self._packs.sum_of_versions():
                return  # a version only grows, so equal sums mean equal versions
            rows = (await connection.execute(select(t.c.code, t.c.version, t.c.sections))).all()
            new = [row for row in rows if row.version > self._packs.version(row.code)]
            for start in range(0, len(new), REGENCIES_AT_ONCE):
                await self._load(connection, new[start : start + REGENCIES_AT_ONCE])

    async def _load(self, connection: Connection, rows: Sequence[Any]) -> None:
        texts = await self._stored(connection, [row.code for row in rows])
        for row in rows:
            wanted = self._wanted(row.sections)
            if lacking := wanted.keys() - texts.keys_of(row.code, wanted):
                # Memory keeps its version: it was replaced in the meantime, or `read_missing` brings the sections.
                log.warning("a regency waits for sections", extra={"regency": row.code, "sections": sorted(lacking)})
            else:
                await self._keep(row.version, row.code, texts.of(row.code, wanted))

    def _wanted(self, digests: Mapping[str, str]) -> dict[str, str]:
        """Those sections of a version that the service names."""
        return {name: digest for name, digest in digests.items() if name in self._packs.sections}

    async def _stored(self, connection: Connection, codes: Sequence[str]) -> "_StoredTexts":
        t = self._sections
        found = _StoredTexts()
        statement = select(t).where(t.c.code.in_(codes), t.c.section.in_(sorted(self._packs.sections)))
        async with connection.stream(statement) as rows:
            async for row in rows:
                found.add(row.code, SectionText(row.section, row.digest, row.content))
        return found

    async def _keep(self, version: int, code: str, texts: Texts) -> None:
        """Loads a version into memory. A zone of 100,000 corners takes a thread 0.2 s."""
        held = await EVENTS.run_always(self._read_new, code, texts)
        self._packs.keep(version, code, texts)
        del held  # until here, so that the line above found in memory what the thread had read

    def _read_new(self, code: str, texts: Texts) -> Sequence[Part]:
        """Runs in a thread: reads the sections that memory does not have."""
        parts = self._packs.read_new(code, texts)
        self._prepare_zone(parts)
        return parts

    def _looked_at(self, texts: Texts) -> tuple[list[Part], Pack, list[Complaint]]:
        """The sections, the pack made of them, and the service's complaints about it. It runs in a thread, too."""
        parts = [read(texts[name]) if name in texts else default(name) for name in self._packs.sections]
        self._prepare_zone(parts)
        pack = pack_of(parts)
        return parts, pack, [c for check in self._checks for c in check(pack)]

    def _prepare_zone(self, parts: Iterable[Part]) -> None:
        for part in parts:
            if isinstance(part, ZoneSection) and part.zone is not None:
                self._prepare(part.zone)

    async def watch(self) -> None:
        """Loads versions that other replicas stored, until cancelled. Reads missing sections until none is missing."""
        elapsed = asyncio.get_running_loop().time
        is_whole, read_again_at = await self._until_there(self.read_missing), elapsed() + READ_AGAIN_PAUSE_SECONDS
        while True:
            await asyncio.sleep(self._look_seconds)
            if not is_whole and elapsed() >= read_again_at:
                is_whole = await self._until_there(self.read_missing)
                read_again_at = elapsed() + READ_AGAIN_PAUSE_SECONDS
            await self._until_there(self.load)

    async def _until_there(self, step: Callable[[], Awaitable[R]]) -> R:
        while True:
            try:
                return await step()
            except AWAY as away:
                await wait_out(log, "packs not refreshed", away)

    async def read_missing(self) -> bool:
        """Reads from the topic the sections in force that the service did not store when they came, because only its
        newest release names them. Returns whether none is missing any more. Raises Unavailable, BusUnavailable.
        """
        if not (missing := await self._missing()):
            return True
        found: dict[tuple[str, str], dict[str, Any]] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_AGAIN_SECONDS):
                async for event, code in self._published_sections():
                    if missing.get((code, event.section)) == event.digest:
                        found[code, event.section] = await EVENTS.run_always(_row, code, event)
        if found:
            async with self._database.write() as connection:
                await connection.execute(insert_if_new(self._sections), list(found.values()))
        await self.load()
        return found.keys() == missing.keys()

    async def _missing(self) -> dict[tuple[str, str], str]:
        """The digests of the sections in force that are named but not stored, by regency and name."""
        t, s = self._regencies, self._sections
        async with self._database.read() as connection:
            rows = (await connection.execute(select(t.c.code, t.c.sections))).all()
            stored = (await connection.execute(select(s.c.code, s.c.section, s.c.digest))).all()
        has = {(row.code, row.section, row.digest) for row in stored}
        wanted = ((row.code, name, digest) for row in rows for name, digest in self._wanted(row.sections).items())
        return {one[:2]: one[2] for one in wanted if one not in has}

    async def _published_sections(self) -> AsyncIterator[tuple[PackSectionPublished, str]]:
        """Each section on the topic with its regency's code, from the topic's start to what is now its end."""
        ends = await self._bus.end([REGENCIES])
        left = {place for place, end in ends.items() if end}
        if not left:
            return
        # The newest record of a partition is the newest of its key, so compaction leaves it: the end is always met.
        async for delivered in self._bus.tail([REGENCIES], dict.fromkeys(ends, 0), 0):
            envelope = delivered.message.envelope
            if envelope.type == type_name(PackSectionPublished):
                yield await EVENTS.run_always(_section, delivered.message.data), envelope.regency
            place = (delivered.topic, delivered.partition)
            if delivered.offset + 1 >= ends[place]:
                left.discard(place)
            if not left:
                return

    async def take_in(self, tx: T, received: Sequence[ReceivedEvent]) -> None:
        """Stores the sections of events, and applies or refuses each version that is then complete. If a version is
        refused, the one before stays in force.
        """
        known = await self._locked(tx.connection, sorted({one.envelope.regency for one in received}))
        before = {code: replace(regency) for code, regency in known.items()}
        await self._store_sections(tx.connection, await EVENTS.run_always(self._all_brought, known, received))
        unanswered = [regency for regency in known.values() if regency.heard_version > regency.answered]
        texts = await self._stored(tx.connection, [regency.code for regency in unanswered])
        for regency in unanswered:
            wanted = self._wanted(regency.heard_sections)
            if wanted.keys() <= texts.keys_of(regency.code, wanted):
                await self._complete(tx, regency, texts.of(regency.code, wanted))
        await self._store(tx.connection, [regency for regency in known.values() if regency != before[regency.code]])

    async def _locked(self, connection: Connection, codes: Sequence[str]) -> dict[str, _Known]:
        """Reads and locks the rows of these regencies, and adds those that are missing.

        Without the lock two replicas that handle two events of a regency at the same moment would each miss what the
        other stores, and neither would complete the version.
        """
        t = self._regencies
        await connection.execute(insert_if_new(t), [asdict(_Known(code)) for code in codes])
        statement = select(t).where(t.c.code.in_(codes)).order_by(t.c.code).with_for_update()
        rows = (await connection.execute(statement)).all()
        return {row.code: _Known(**row._mapping) for row in rows}

    def _all_brought(self, known: Mapping[str, _Known], received: Sequence[ReceivedEvent]) -> list[dict[str, Any]]:
        """Runs in a thread: notes the events in `known`, and returns the rows of the sections that they bring."""
        brought: dict[tuple[str, str, str], dict[str, Any]] = {}
        for one in received:
            for row in self._brought(known[one.envelope.regency], one.event):
                brought[row["code"], row["section"], row["digest"]] = row
        return list(brought.values())

    def _brought(self, known: _Known, event: Any) -> Iterable[dict[str, Any]]:
        """The rows of the sections that an event brings, of those that the service names."""
        if isinstance(event, PackPublished):
            known.hear(event.version, event.sections)
        elif isinstance(event, PackSectionPublished):
            of_use = event.version > known.version or event.digest in known.sections.values()
            if of_use and event.content and event.section in self._packs.sections:
                yield _row(known.code, event)
        else:
            texts = split(event.pack)
            known.hear(event.version, {name: text.digest for name, text in texts.items()})
            for name in texts.keys() & self._packs.sections:
                yield _columns_of(known.code, texts[name], event.version)

    async def _store_sections(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        t = self._sections
        statement = insert(t)
        newer = statement.excluded.version
        upsert = statement.on_conflict_do_update(
            index_elements=list(t.primary_key), set_={"version": newer}, where=t.c.version < newer
        )
        await connection.execute(upsert, list(rows))

    async def _complete(self, tx: T, known: _Known, texts: Texts) -> None:
        """Applies or refuses the newest version received, and publishes the answer."""
        version, service = known.heard_version, tx.context.service
        parts, pack, complaints = await EVENTS.run_always(self._looked_at, texts)
        common: dict[str, Any] = {"at": tx.now(), "recorded_at": tx.now(), "service": service, "version": version}
        answer: RegencyApplied | RegencyRefused
        if complaints:
            answer = RegencyRefused(complaints=tuple(complaints), **common)
        else:
            known.version, known.sections = version, known.heard_sections
            await self._forget_older(tx.connection, known)
            for follow in self._applied:
                await follow(tx, pack)
            answer = RegencyApplied(**common)

            async def keep() -> None:
                await self._keep(version, known.code, texts)
                parts.clear()  # held until here, so that none is read a second time

            tx.after_commit(keep)
        known.answered = version
        tx.say(About(f"{known.code}/{service}", known.code, version), [answer])

    async def _forget_older(self, connection: Connection, known: _Known) -> None:
        """Deletes sections that are no longer needed. Sections of a newer version stay, since that version may be
        complete soon.
        """
        t, kept = self._sections, list(known.sections.values())
        old = (t.c.code == known.code, t.c.version <= known.version, t.c.digest.not_in(kept))
        await connection.execute(delete(t).where(*old))

    async def _store(self, connection: Connection, changed: Sequence[_Known]) -> None:
        if not changed:
            return
        t = self._regencies
        statement = t.update().where(t.c.code == bindparam("of_code"))
        await connection.execute(statement, [asdict(one) | {"of_code": one.code} for one in changed])


class _StoredTexts:
    """Stored sections by regency, name and digest."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str, str], SectionText] = {}

    def add(self, code: str, text: SectionText) -> None:
        self._texts[code, text.name, text.digest] = text

    def keys_of(self, code: str, wanted: Mapping[str, str]) -> set[str]:
        """The names of the wanted sections that are there."""
        return {name for name, digest in wanted.items() if (code, name, digest) in self._texts}

    def of(self, code: str, wanted: Mapping[str, str]) -> Texts:
        """The wanted sections, all of which are there."""
        return {name: self._texts[code, name, digest] for name, digest in wanted.items()}


def _section(data: bytes) -> PackSectionPublished:
    return PackSectionPublished.model_validate_json(data)


def _row(code: str, event: PackSectionPublished) -> dict[str, Any]:
    """The row of a section. It is built in a thread, because a section can be large."""
    if event.section in MAY_BE_LARGE:
        content = write_large(event.content).decode()
    else:
        content = json.dumps(event.content, ensure_ascii=False, separators=(",", ":"))
    return _columns_of(code, SectionText(event.section, event.digest, content), event.version)


def _columns_of(code: str, text: SectionText, version: int) -> dict[str, Any]:
    return {
        "code": code,
        "section": text.name,
        "digest": text.digest,
        "version": version,
        "content": text.content,
    }

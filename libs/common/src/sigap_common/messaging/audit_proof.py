"""The proof of an audit chain: what was changed, removed, moved or added since the relay sealed it.

Everything is read in one snapshot, so a running system does not disturb it. Nothing is opened: no key is needed.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import Table, func, select, text

from sigap_common.database import Connection, Database
from sigap_common.messaging.audit import Audited, Key
from sigap_common.messaging.audit_links import NO_LINK, Linked, TimelineEntry, block_digest, entry_of, linked
from sigap_common.messaging.retention import SHORTEST

ROWS_AT_ONCE = 500
MOST_NAMED = 50
BEGINNING_WITHIN = timedelta(days=7)
"""How long after a regency's first block entries may still be sealed as those from before the audit."""


class Broken(StrEnum):
    """The ways in which a record no longer fits its chain."""

    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"
    ADDED = "added"
    ERASED_EARLY = "erased_early"
    ADDED_TO_BEGINNING = "added_to_beginning"
    AGGREGATE_GONE = "aggregate_gone"
    AGGREGATE_BEHIND = "aggregate_behind"
    BLOCK_CHANGED = "block_changed"
    BLOCK_GONE = "block_gone"
    TAIL_CUT = "tail_cut"
    DIGEST_DIFFERS = "digest_differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit. `label`: what people call the aggregate; its id if it is gone."""

    broken: Broken
    regency: str
    block: int | None = None
    label: str | None = None
    sequence: int | None = None
    type: str | None = None
    at: datetime | None = None
    day: str | None = None
    stands_at: int | None = None
    """The sequence at which a moved entry stands now."""


@dataclass(frozen=True, slots=True)
class DayDigest:
    """What a digest that is kept outside of the database says: where a regency's chain ended when its day was over."""

    regency: str
    day: str
    block: int
    digest: str


@dataclass
class Proof:
    """What was read, and what does not fit: the first findings, in the order of the chains."""

    entries: int = 0
    blocks: int = 0
    erased: int = 0
    """Personal values that retention has erased; their digests are proved."""
    beginning: int = 0
    """Entries that were there before the audit began."""
    waiting: int = 0
    """Entries whose events the relay has not published yet. It seals them then."""
    digests: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    """The number of the last block of each regency."""
    findings: list[Finding] = field(default_factory=list)
    broken: int = 0

    def found(self, finding: Finding) -> bool:
        """Counts a finding. Whether it is one of those that are named."""
        self.broken += 1
        if len(self.findings) < MOST_NAMED:
            self.findings.append(finding)
        return self.findings[-1] is finding


async def prove(
    database: Database, audited: Audited, outbox: Table, digests: Iterable[DayDigest], now: datetime
) -> Proof:
    """Proves all chains of a service, and that each digest is a place in one of them. Raises Unavailable."""
    async with database.read() as connection, _snapshot(connection):
        return await _Prover(connection, audited, outbox, now).prove(digests)


@asynccontextmanager
async def _snapshot(connection: Connection) -> AsyncIterator[None]:
    async with connection.transaction(writing=False):
        if connection.dialect.name != "sqlite":  # SQLite's transactions are snapshots
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield


class _Prover:
    def __init__(self, connection: Connection, audited: Audited, outbox: Table, now: datetime) -> None:
        self._connection, self._audited, self._outbox, self._now = connection, audited, outbox, now
        self._proof = Proof()
        self._links: dict[Key, str] = {}
        self._sealed: Counter[str] = Counter()
        self._removed: dict[str, list[Finding]] = {}
        self._changed: list[tuple[int, Any, str, bytes]] = []
        """Of each changed entry that is named: the place of its finding, its row, the link before it and its salt."""

    async def prove(self, digests: Iterable[DayDigest]) -> Proof:
        self._aggregates = await self._read_aggregates()
        self._blocks = await self._read_blocks()
        self._salts = await self._read_salts()
        await self._prove_entries()
        await self._look_for_moved()
        self._say_removed()
        await self._prove_ends()
        await self._look_for_added()
        await self._prove_aggregates()
        self._prove_digests(digests)
        return self._proof

    async def _read_aggregates(self) -> dict[str, Any]:
        t, label = self._audited.aggregates, self._audited.label
        rows = await self._connection.execute(select(t.c.id, t.c.regency, t.c.version, label.label("label")))
        return {str(row.id): row for row in rows}

    async def _read_blocks(self) -> dict[tuple[str, int], Any]:
        t = self._audited.tables.blocks
        rows = await self._connection.execute(select(t).order_by(t.c.regency, t.c.number))
        return {(row.regency, row.number): row for row in rows}

    async def _read_salts(self) -> dict[Key, bytes]:
        rows = await self._connection.execute(select(self._audited.tables.salts))
        return {(str(row.subject), row.sequence): row.salt for row in rows}

    async def _prove_entries(self) -> None:
        e, t = self._audited.tables.entries, self._audited.timeline
        there = (t.c.subject == e.c.subject) & (t.c.sequence == e.c.sequence)
        all_of_them = select(e, t.c.type, t.c.at, t.c.data).select_from(e.outerjoin(t, there))
        held: list[Any] = []  # the rows of a block that may not be complete yet
        async with self._connection.stream(all_of_them.order_by(e.c.regency, e.c.block, e.c.place)) as rows:
            async for part in rows.partitions(ROWS_AT_ONCE):
                held = self._prove_blocks([*held, *part])
        self._prove_blocks(held, is_all=True)

    def _prove_blocks(self, rows: Sequence[Any], *, is_all: bool = False) -> list[Any]:
        """Proves the blocks of these rows, but for the last one if more rows may come. Returns the rows of that one."""
        groups = [(key, list(group)) for key, group in groupby(rows, lambda row: (row.regency, row.block))]
        left = [] if is_all or not groups else groups.pop()[1]
        for (regency, number), group in groups:
            self._prove_block(regency, number, [self._prove_entry(row) for row in group])
        return left

    def _prove_entry(self, row: Any) -> str:
        """Proves one entry. Returns its link as it was sealed, so that what is behind a changed entry is proved too."""
        key = (row.subject, row.sequence)
        before = self._links.get((row.subject, row.sequence - 1), NO_LINK)
        self._links[key] = row.link
        self._sealed[row.subject] += 1
        self._proof.entries += 1
        if row.data is None:
            self._removed.setdefault(row.subject, []).append(self._of(Broken.REMOVED, row))
            return str(row.link)
        salt = self._salts.get(key, b"")
        found = _linked(entry_of(row), before, salt, row.digests)
        if found is None or found.link != row.link:
            if self._proof.found(self._of(Broken.CHANGED, row)):
                self._changed.append((len(self._proof.findings) - 1, row, before, salt))
        elif found.erased:
            self._proof.erased += len(found.erased)
            if row.at + SHORTEST > self._now:
                self._proof.found(self._of(Broken.ERASED_EARLY, row))
        return str(row.link)

    def _prove_block(self, regency: str, number: int, links: Sequence[str]) -> None:
        block = self._blocks.get((regency, number))
        if block is None:
            return  # `_prove_ends` finds the gap
        before, first = self._blocks.get((regency, number - 1)), self._blocks.get((regency, 1))
        given = before.digest if before else NO_LINK
        if block.digest != block_digest(given, regency, number, block.sealed_at, block.beginning, links):
            self._proof.found(Finding(Broken.BLOCK_CHANGED, regency, number, at=block.sealed_at))
        if block.beginning:
            self._proof.beginning += len(links)
            if first is None or block.sealed_at > first.sealed_at + BEGINNING_WITHIN:
                self._proof.found(Finding(Broken.ADDED_TO_BEGINNING, regency, number, at=block.sealed_at))

    async def _look_for_moved(self) -> None:
        """Names an entry as moved if another place of its timeline holds what was sealed there."""
        t = self._audited.timeline
        for place, row, before, salt in self._changed:
            others = await self._connection.execute(select(t).where(t.c.subject == row.subject))
            for other in others:
                tried = replace(entry_of(other), sequence=row.sequence)
                found = _linked(tried, before, salt, row.digests)
                if found is not None and found.link == row.link:
                    moved = replace(self._proof.findings[place], broken=Broken.MOVED, type=other.type, at=other.at)
                    self._proof.findings[place] = replace(moved, stands_at=other.sequence)

    def _say_removed(self) -> None:
        """One finding for an aggregate of which nothing is left, else one for each removed entry."""
        for subject, removed in self._removed.items():
            if subject not in self._aggregates and len(removed) == self._sealed[subject]:
                self._proof.found(replace(removed[0], broken=Broken.AGGREGATE_GONE))
            else:
                for finding in removed:
                    self._proof.found(finding)

    async def _prove_ends(self) -> None:
        """Proves that the blocks of a regency have no gap, none without its entries, and end where its head says."""
        t = self._audited.tables.heads
        heads = {row.regency: row for row in await self._connection.execute(select(t))}
        self._proof.blocks = len(self._blocks)
        entries = Counter[tuple[str, int]]()
        e = self._audited.tables.entries
        counted = select(e.c.regency, e.c.block, func.count().label("n")).group_by(e.c.regency, e.c.block)
        for row in await self._connection.execute(counted):
            entries[row.regency, row.block] = row.n
        numbers: dict[str, int] = {regency: head.number for regency, head in heads.items()}
        for regency, number in (*self._blocks, *entries):
            numbers[regency] = max(numbers.get(regency, 0), number)
        for regency, last in sorted(numbers.items()):
            self._prove_end(regency, last, heads.get(regency), entries)

    def _prove_end(self, regency: str, last: int, head: Any, entries: Mapping[tuple[str, int], int]) -> None:
        self._proof.ends[regency] = last
        for number in range(1, last + 1):
            block = self._blocks.get((regency, number))
            if block is None:
                self._proof.found(Finding(Broken.BLOCK_GONE, regency, number))
            elif not entries.get((regency, number)):
                self._proof.found(Finding(Broken.BLOCK_CHANGED, regency, number, at=block.sealed_at))
        end = self._blocks.get((regency, last))
        if end and (head is None or (head.number, head.digest) != (last, end.digest)):
            self._proof.found(Finding(Broken.BLOCK_CHANGED, regency, last, at=end.sealed_at))

    async def _look_for_added(self) -> None:
        """Entries that no block has, and that do not wait for the relay either."""
        e, t = self._audited.tables.entries, self._audited.timeline
        same = (t.c.subject == e.c.subject) & (t.c.sequence == e.c.sequence)
        unsealed = (
            select(t.c.subject, t.c.sequence, t.c.type, t.c.at)
            .select_from(t.outerjoin(e, same))
            .where(e.c.subject.is_(None))
            .order_by(t.c.subject, t.c.sequence)
        )
        waiting = await self._read_outbox()
        for row in await self._connection.execute(unsealed):
            if (row.subject, row.sequence) in waiting:
                self._proof.waiting += 1
            else:
                self._proof.found(self._of(Broken.ADDED, row))

    async def _read_outbox(self) -> set[Key]:
        envelopes = await self._connection.execute(select(self._outbox.c.envelope))
        found = (json.loads(row.envelope) for row in envelopes)
        return {(one["ce_subject"], int(one["ce_sequence"])) for one in found}

    async def _prove_aggregates(self) -> None:
        """Each aggregate counts its entries: its version is the number of the last one."""
        t = self._audited.timeline
        counted = select(t.c.subject, func.count().label("n"), func.max(t.c.sequence).label("last"))
        there = {row.subject: row for row in await self._connection.execute(counted.group_by(t.c.subject))}
        for subject, one in self._aggregates.items():
            entries = there.get(subject)
            if subject not in self._removed and (entries is None or (entries.n, entries.last) != (one.version,) * 2):
                self._proof.found(Finding(Broken.AGGREGATE_BEHIND, one.regency, label=one.label, sequence=one.version))

    def _prove_digests(self, digests: Iterable[DayDigest]) -> None:
        for one in sorted(digests, key=lambda one: (one.regency, one.block, one.day)):
            self._proof.digests += 1
            block = self._blocks.get((one.regency, one.block))
            if block is not None and block.digest == one.digest:
                continue
            cut = one.block > self._proof.ends.get(one.regency, 0)
            broken = Broken.TAIL_CUT if cut else Broken.DIGEST_DIFFERS
            self._proof.found(Finding(broken, one.regency, one.block, day=one.day))

    def _of(self, broken: Broken, row: Any) -> Finding:
        """A finding about an entry. `row` is of the entry, or of what is left of it."""
        known, told = self._aggregates.get(row.subject), row._mapping
        return Finding(
            broken,
            told.get("regency") or (known.regency if known else "?"),
            told.get("block"),
            known.label if known else row.subject,
            row.sequence,
            row.type,
            row.at,
        )


def _linked(entry: TimelineEntry, before: str, salt: bytes, digests: Mapping[str, str] | None) -> Linked | None:
    """The entry's link; None if its data is no longer JSON."""
    try:
        return linked(entry, before, salt, digests)
    except ValueError:
        return None

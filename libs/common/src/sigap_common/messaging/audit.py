"""The audit: every entry of a timeline is chained by hash, in its timeline and in the chain of its regency.

The relay seals entries, in the transaction that takes their events out of the outbox. So each committed entry is sealed
once, in the order in which the relay finds them, and no request pays for it. What the relay sealed together of one
regency is a *block*; each block is chained to the one before. An entry that changes, moves, goes or comes without the
relay no longer fits (`audit_proof`).

Entries that were there before the audit began are sealed by a sweep, in blocks that say so (`beginning`).
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    insert,
    select,
    tuple_,
    update,
)

from sigap_common.core.clock import Clock
from sigap_common.database import CompiledStatement, Connection, Json, Utc, Values, Write, execute_batch, insert_if_new
from sigap_common.messaging.audit_links import (
    NO_LINK,
    SALT_BYTES,
    TimelineEntry,
    block_digest,
    entry_of,
    linked,
    needs_salt,
)
from sigap_common.messaging.jobs import Step

AGGREGATES_A_STEP = 50

Key = tuple[str, int]
"""An entry's subject and sequence."""


@dataclass(frozen=True, slots=True)
class AuditTables:
    """The tables of a service whose timelines are audited."""

    heads: Table
    blocks: Table
    entries: Table
    salts: Table


def audit_tables(metadata: MetaData) -> AuditTables:
    """Declares them. `salts` is deleted by retention; see `audit_links`."""
    heads = Table(
        "audit_heads",
        metadata,
        Column("regency", String, primary_key=True),
        Column("number", Integer, nullable=False),
        Column("digest", String, nullable=False),
        Column("sealed_at", Utc, nullable=False),
    )
    blocks = Table(
        "audit_blocks",
        metadata,
        Column("regency", String, primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("digest", String, nullable=False),
        Column("sealed_at", Utc, nullable=False),
        Column("beginning", Boolean, nullable=False),
        Column("entries", Integer, nullable=False),
    )
    entries = Table(
        "audit_entries",
        metadata,
        Column("subject", String, primary_key=True),
        Column("sequence", Integer, primary_key=True),
        Column("regency", String, nullable=False),
        Column("block", Integer, nullable=False),
        Column("place", Integer, nullable=False),
        Column("link", String, nullable=False),
        Column("digests", Json),
    )
    Index("audit_entries_order", entries.c.regency, entries.c.block, entries.c.place, unique=True)
    salts = Table(
        "audit_salts",
        metadata,
        Column("subject", Uuid, primary_key=True),
        Column("sequence", Integer, primary_key=True),
        Column("salt", LargeBinary, nullable=False),
    )
    return AuditTables(heads, blocks, entries, salts)


@dataclass(frozen=True, slots=True)
class Audited:
    """What a service has audited: the timelines of one kind of aggregate.

    `aggregates` has the columns `id`, `regency`, `version`, and `label`: what people call an aggregate.
    """

    tables: AuditTables
    timeline: Table
    aggregates: Table
    label: Column[Any]


@dataclass(frozen=True, slots=True)
class ToSeal:
    """An entry that may have to be sealed."""

    regency: str
    subject: str
    sequence: int

    @property
    def key(self) -> Key:
        return self.subject, self.sequence


class AuditTrail:
    """Seals entries of timelines into the chains of their regencies."""

    def __init__(self, audited: Audited, clock: Clock) -> None:
        self._tables, self._timeline, self._clock = audited.tables, audited.timeline, clock
        tables = audited.tables
        self._blocks = CompiledStatement(insert(tables.blocks), tables.blocks.c.keys())
        self._entries = CompiledStatement(insert(tables.entries), tables.entries.c.keys())
        self._salts = CompiledStatement(insert(tables.salts), tables.salts.c.keys())
        changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("number", "digest", "sealed_at")}
        of_regency = tables.heads.c.regency == bindparam("this_regency")
        self._head = CompiledStatement(update(tables.heads).where(of_regency).values(changed), by="this_regency")

    async def published(self, connection: Connection, outbox_rows: Sequence[Any]) -> list[Write]:
        """The writes that seal what these rows of the outbox report. Events that no timeline holds are not sealed."""
        return await self.seal(connection, [_to_seal(json.loads(row.envelope)) for row in outbox_rows])

    async def seal(self, connection: Connection, wanted: Sequence[ToSeal], *, beginning: bool = False) -> list[Write]:
        """The writes that seal these entries, for the end of the transaction. It locks the regencies' chains. What is
        sealed already is left out: two relays may overlap for a moment.
        """
        heads = await self._locked_heads(connection, {one.regency for one in wanted})
        links = await self._links(connection, wanted)
        stored = await self._stored(connection, [one.key for one in wanted if one.key not in links])
        of_regency: dict[str, list[TimelineEntry]] = defaultdict(list)
        for one in wanted:
            if one.key in stored:
                of_regency[one.regency].append(stored.pop(one.key))
        blocks: list[_Block] = [
            _sealed(heads[regency], entries, links, self._clock(), beginning) for regency, entries in of_regency.items()
        ]
        return [
            (self._blocks, [block.row for block in blocks]),
            (self._entries, [row for block in blocks for row in block.entries]),
            (self._salts, [row for block in blocks for row in block.salts]),
            (self._head, [block.head for block in blocks]),
        ]

    async def _locked_heads(self, connection: Connection, regencies: set[str]) -> dict[str, Any]:
        """The ends of the regencies' chains, locked in the order of their codes."""
        t, found = self._tables.heads, dict[str, Any]()
        of_these = select(t).where(t.c.regency.in_(sorted(regencies))).order_by(t.c.regency).with_for_update()
        for _ in range(2):
            found = {row.regency: row for row in await connection.execute(of_these)}
            new = sorted(regencies - found.keys())
            if not new:
                break
            first = {"number": 0, "digest": NO_LINK, "sealed_at": self._clock()}
            await connection.execute(insert_if_new(t).values([{"regency": regency, **first} for regency in new]))
        return found

    async def _links(self, connection: Connection, wanted: Sequence[ToSeal]) -> dict[Key, str]:
        """The links of these entries and of those before them, as far as they are sealed."""
        t = self._tables.entries
        keys = {one.key for one in wanted} | {(one.subject, one.sequence - 1) for one in wanted}
        found = await connection.execute(
            select(t.c.subject, t.c.sequence, t.c.link).where(tuple_(t.c.subject, t.c.sequence).in_(sorted(keys)))
        )
        return {(row.subject, row.sequence): row.link for row in found}

    async def _stored(self, connection: Connection, keys: Sequence[Key]) -> dict[Key, TimelineEntry]:
        if not keys:
            return {}
        t = self._timeline
        found = await connection.execute(select(t).where(tuple_(t.c.subject, t.c.sequence).in_(keys)))
        return {(row.subject, row.sequence): entry_of(row) for row in found}


@dataclass(frozen=True, slots=True)
class _Block:
    row: Values
    entries: list[Values]
    salts: list[Values]
    head: Values


def _sealed(
    head: Any, entries: Sequence[TimelineEntry], links: dict[Key, str], now: datetime, beginning: bool
) -> _Block:
    """The next block of a regency. Adds the links of its entries to `links`."""
    # Times of a chain never go back, though clocks may: a day's digest counts on it.
    regency, number, sealed_at = head.regency, head.number + 1, max(now, head.sealed_at)
    rows, salts = list[Values](), list[Values]()
    for place, entry in enumerate(entries):
        salt = os.urandom(SALT_BYTES) if needs_salt(entry.data) else b""
        before = links.get((entry.subject, entry.sequence - 1), NO_LINK)
        one = linked(entry, before, salt)
        links[entry.subject, entry.sequence] = one.link
        key = {"subject": entry.subject, "sequence": entry.sequence}
        at = {"regency": regency, "block": number, "place": place}
        rows.append(key | at | {"link": one.link, "digests": one.digests or None})
        if salt:
            salts.append({"subject": UUID(entry.subject), "sequence": entry.sequence, "salt": salt})
    digest = block_digest(head.digest, regency, number, sealed_at, beginning, [row["link"] for row in rows])
    told = {"number": number, "digest": digest, "sealed_at": sealed_at}
    block = told | {"regency": regency, "beginning": beginning, "entries": len(rows)}
    return _Block(block, rows, salts, {"this_regency": regency} | {f"new_{name}": told[name] for name in told})


class SealBeginning:
    """The sweep that seals the entries from before the audit began. It goes once through all aggregates."""

    name = "audit/beginning"

    def __init__(self, audited: Audited, trail: AuditTrail) -> None:
        self._audited, self._trail = audited, trail

    async def step(self, connection: Connection, now: datetime, progress: Mapping[str, Any]) -> Step:  # noqa: ARG002
        if progress.get("done"):
            return Step({}, is_last=True, progress=progress)
        t, timeline = self._audited.aggregates, self._audited.timeline
        following = select(t.c.id, t.c.regency).order_by(t.c.id).limit(AGGREGATES_A_STEP)
        if after := progress.get("after"):
            following = following.where(t.c.id > UUID(after))
        regencies = {str(row.id): row.regency for row in await connection.execute(following)}
        entries = await connection.execute(
            select(timeline.c.subject, timeline.c.sequence)
            .where(timeline.c.subject.in_(regencies))
            .order_by(timeline.c.subject, timeline.c.sequence)
        )
        wanted = [ToSeal(regencies[row.subject], row.subject, row.sequence) for row in entries]
        writes = await self._trail.seal(connection, wanted, beginning=True) if wanted else []
        await execute_batch(connection, [(statement, rows) for statement, rows in writes if rows])
        is_last = len(regencies) < AGGREGATES_A_STEP
        following_progress = {"done": True} if is_last else {"after": max(regencies)}
        return Step({self.name: sum(len(rows) for _, rows in writes[1:2])}, is_last, following_progress)


def _to_seal(envelope: Mapping[str, str]) -> ToSeal:
    return ToSeal(envelope["ce_regency"], envelope["ce_subject"], int(envelope["ce_sequence"]))

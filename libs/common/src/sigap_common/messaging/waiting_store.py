"""The waiting store: an event that cannot be handled yet leaves the partition, so that others are not held up.

An event whose reference has not arrived (NotYet), or whose handler failed, is tried again after 50 ms, then after twice
as long each time, up to 30 s. After 15 minutes (NotYet) or 5 tries (a failure) it is parked as a dead letter. Later
events of the same key wait behind it if their subscription says so.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    false,
    func,
    literal_column,
    or_,
    select,
    update,
)

from sigap_common.bus.envelope import Envelope, Message
from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.database import CompiledStatement, Connection, insert_if_new
from sigap_common.database.types import SERIAL, Utc
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.regency import Retention

FIRST_DELAY = timedelta(milliseconds=50)
LONGEST_DELAY = timedelta(seconds=30)
NOT_YET_FOR = timedelta(minutes=15)
TRIES = 5


def delay_after(tries: int) -> timedelta:
    """The pause after so many tries."""
    return min(FIRST_DELAY * int(2 ** min(tries - 1, 20)), LONGEST_DELAY)


def is_hopeless(tries: int, not_yet: bool, first_at: datetime, now: datetime) -> bool:
    return now - first_at >= NOT_YET_FOR if not_yet else tries >= TRIES


def waiting_table(metadata: MetaData) -> Table:
    """Events that wait for another try, and the dead letters among them (`parked_at`)."""
    return Table(
        "waiting",
        metadata,
        Column("arrival", SERIAL, primary_key=True, autoincrement=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("topic", String, nullable=False),
        Column("key", String, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("data", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("not_yet", Boolean, nullable=False),
        Column("first_at", Utc, nullable=False),
        Column("next_at", Utc, nullable=False),
        Column("parked_at", Utc),
        Index("waiting_due", "parked_at", "next_at"),
        Index("waiting_key", "key", "parked_at"),
    )


class WaitingStore:
    def __init__(self, table: Table) -> None:
        self._table = table
        waits = table.c.parked_at.is_(None)
        of_key = select(table.c.event_id).where(table.c.key == bindparam("this_key"), waits)
        self._of_key = CompiledStatement(of_key.limit(literal_column("1")))
        self._earliest = CompiledStatement(select(func.min(table.c.next_at).label("next_at")).where(waits))
        self._first_due = CompiledStatement(_first_due(table))

    async def holds(self, connection: Connection, key: str) -> bool:
        """Whether an event of this key waits, so that later ones must stand behind it."""
        return await self._of_key.first(connection, {"this_key": key}) is not None

    async def put(
        self,
        connection: Connection,
        message: Message,
        key: str,
        reason: str,
        now: datetime,
        *,
        not_yet: bool,
    ) -> None:
        """Stores an event after its first try, or behind one that waits (then it is due at once)."""
        row = self._row(message.envelope.id, message.topic, key, reason, now)
        row |= {"envelope": message.envelope.to_json(), "data": message.data.decode(), "not_yet": not_yet}
        await connection.execute(insert_if_new(self._table).values(row))

    async def park_unreadable(
        self, connection: Connection, event_id: UUID, topic: str, raw: str, reason: str, now: datetime
    ) -> None:
        """Stores a record that is not a CloudEvent as a dead letter at once. Its bytes are kept unchanged."""
        row = self._row(event_id, topic, str(event_id), reason, now)
        row |= {"envelope": "", "data": raw, "not_yet": False, "parked_at": now}
        await connection.execute(insert_if_new(self._table).values(row))

    def _row(self, event_id: UUID, topic: str, key: str, reason: str, now: datetime) -> dict[str, Any]:
        times = {"first_at": now, "next_at": now + FIRST_DELAY, "parked_at": None}
        return {"event_id": event_id, "topic": topic, "key": key, "reason": reason[:2000], "tries": 1} | times

    async def due(self, connection: Connection, now: datetime) -> Row[Any] | None:
        """One event that is due, locked against other replicas. It is the first of its key."""
        return await self._first_due.first(connection, {"this_moment": now})

    async def next_at(self, connection: Connection) -> datetime | None:
        ((earliest,),) = await self._earliest.rows(connection, {})
        return cast(datetime | None, earliest)

    async def postpone(
        self, connection: Connection, row: Row[Any], reason: str, now: datetime, *, not_yet: bool
    ) -> bool:
        """Counts a failed try, and parks the event if it is hopeless. Returns whether it was parked."""
        tries = row.tries + 1
        hopeless = is_hopeless(tries, not_yet, row.first_at, now)
        await self._change(
            connection,
            row.event_id,
            {
                "tries": tries,
                "reason": reason[:2000],
                "not_yet": not_yet,
                "next_at": now + delay_after(tries),
                "parked_at": now if hopeless else None,
            },
        )
        return hopeless

    async def repair(self, connection: Connection, now: datetime) -> None:
        """Sets moments that are further ahead than any try can be to `now`: see `clock.PutBack`."""
        t, waits = self._table, self._table.c.parked_at.is_(None)
        too_late = t.c.next_at > now + LONGEST_DELAY + CLOCKS_AGREE_WITHIN
        await connection.execute(update(t).where(waits, too_late).values(next_at=now))
        await connection.execute(update(t).where(waits, t.c.first_at > now).values(first_at=now))

    async def _change(self, connection: Connection, event_id: UUID, values: Mapping[str, Any]) -> None:
        await connection.execute(update(self._table).where(self._table.c.event_id == event_id).values(**values))

    async def remove(self, connection: Connection, event_id: UUID) -> None:
        await connection.execute(delete(self._table).where(self._table.c.event_id == event_id))

    async def release(self, connection: Connection, event_id: UUID, now: datetime) -> None:
        """Makes a dead letter a waiting event again, with no tries so far."""
        fresh = {"parked_at": None, "tries": 0, "first_at": now, "next_at": now}
        await self._change(connection, event_id, fresh)

    def unreadable_sweep(self) -> DeletionSweep:
        """The sweep that deletes records that are not events. Nobody knows whose data is in them, so the standard
        period holds.
        """
        t = self._table
        kept = timedelta(days=Retention().calls_days)
        return DeletionSweep("unreadable", t, lambda now: and_(t.c.envelope == "", t.c.first_at <= now - kept))

    def parked(self) -> Select[Any]:
        return select(self._table).where(self._table.c.parked_at.is_not(None))

    async def parked_page(
        self, connection: Connection, after: UUID | None, limit: int, regencies: Collection[str] | None = None
    ) -> Sequence[Row[Any]]:
        """The dead letters in the order of their event ids, from behind `after`.

        `regencies`: only events of these. An unreadable record is of no regency. None: all of them.
        """
        statement = self.parked().order_by(self._table.c.event_id).limit(limit)
        if regencies is not None:
            statement = statement.where(or_(false(), *map(self._of_regency, sorted(regencies))))
        if after is not None:
            statement = statement.where(self._table.c.event_id > after)
        return list(await connection.execute(statement))

    def _of_regency(self, regency: str) -> ColumnElement[bool]:
        """An envelope is kept as JSON. A quote within one of its texts is escaped, so this finds the member only."""
        member = json.dumps({"ce_regency": regency}, separators=(",", ":"))[1:-1]
        return self._table.c.envelope.contains(member, autoescape=True)

    async def parked_one(self, connection: Connection, event_id: UUID) -> Row[Any] | None:
        found = await connection.execute(self.parked().where(self._table.c.event_id == event_id))
        return next(iter(found), None)


def _first_due(t: Table) -> Select[Any]:
    earlier = t.alias("earlier")
    blocked = select(earlier.c.arrival).where(
        earlier.c.key == t.c.key, earlier.c.parked_at.is_(None), earlier.c.arrival < t.c.arrival
    )
    return (
        select(t)
        .where(t.c.parked_at.is_(None), t.c.next_at <= bindparam("this_moment"), ~blocked.exists())
        .order_by(t.c.next_at)
        .limit(literal_column("1"))
        .with_for_update(skip_locked=True)
    )


def envelope_of(row: Row[Any]) -> Envelope:
    return Envelope.from_json(row.envelope)

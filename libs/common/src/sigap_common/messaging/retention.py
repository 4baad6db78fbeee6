"""Retention: personal data is erased when the pack's period for it is over.

Each aggregate's row has the time of its next check (`erase_at`; null: nothing is left to erase). A check erases values
whose period is over in the row's document and in its timeline, in one transaction, and moves `erase_at` to the next
period's end. Every change of an aggregate sets `erase_at` back, so that a backfilled entry is erased too.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, delete, select, update

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.retention import Period, holds_any, over, periods_of
from sigap_common.core.clock import Clock
from sigap_common.database import Connection
from sigap_common.messaging.jobs import Step
from sigap_common.personal_data import erase_values
from sigap_common.regency import Retention
from sigap_common.regency.in_force import PacksInForce

log = logging.getLogger(__name__)

AGGREGATES_A_STEP = 50
MARKS_A_STEP = 500
SHORTEST = timedelta(days=1)
"""No pack's period is shorter."""
LOOK_AGAIN = timedelta(days=1)
"""The time until the next check of an aggregate whose period is over but which may not be erased: it is under legal
hold, or still open.
"""
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""The `erase_at` that makes the next sweep check a row."""


def retention_of(packs: PacksInForce, regency: str) -> Retention:
    """The periods of a regency; the standard ones for a regency without a pack."""
    pack = packs.find(regency)
    return pack.retention if pack else Retention()


@dataclass(frozen=True, slots=True)
class Erasable:
    """How one kind of aggregate is erased.

    `since` gives the moment from which the periods count, from connection, id and document. None: they have not begun,
    such as for an open incident. `columns`: columns that are erased too, by the period's name. `rows`: rows of other
    tables that are deleted with it, by their column that holds the id.
    """

    table: Table
    timeline: Table
    periods: tuple[Period, ...]
    since: Callable[[Connection, UUID, Mapping[str, Any]], Awaitable[datetime | None]]
    columns: Mapping[str, Sequence[str]]
    periods_of: Callable[[Mapping[str, Any]], tuple[Period, ...]] | None = None
    """The periods of one document; None: `periods` holds for each."""
    rows: Mapping[str, Sequence[Column[Any]]] = field(default_factory=dict)


class AggregateErasure:
    """The sweep of one kind of aggregate."""

    def __init__(self, erasable: Erasable, packs: PacksInForce) -> None:
        self._of, self._packs = erasable, packs
        self.name = f"retention/{erasable.table.name}"

    async def step(self, connection: Connection, now: datetime, progress: Mapping[str, Any]) -> Step:
        """Checks the rows that are due, the longest overdue first. If a pack's periods changed, first makes its rows
        due.
        """
        changed = await self._mark_changed(connection, now, progress)
        if changed is not None:
            return changed
        t = self._of.table
        due = select(t.c.id, t.c.regency, t.c.document).where(t.c.erase_at <= now).order_by(t.c.erase_at)
        # A request or an event may hold a row. Then the sweep does not wait, but checks it next time.
        limited = due.limit(AGGREGATES_A_STEP).with_for_update(skip_locked=True)
        rows = (await connection.execute(limited)).all()
        done: Counter[str] = Counter()
        for row in rows:
            done.update(await self._look(connection, row, now))
        return Step(done, is_last=len(rows) < AGGREGATES_A_STEP, progress=progress)

    async def _mark_changed(self, connection: Connection, now: datetime, known: Mapping[str, Any]) -> Step | None:
        """If a regency's periods changed since they were last seen, its rows become due, some at a time."""
        t, left, seen = self._of.table, MARKS_A_STEP, dict(known)
        for pack in self._packs.all():
            digest = hashlib.sha256(pack.retention.model_dump_json().encode()).hexdigest()[:16]
            if known.get(pack.code) == digest:
                continue
            later = select(t.c.id).where(t.c.regency == pack.code, t.c.erase_at > now).limit(left)
            left -= (await connection.execute(update(t).where(t.c.id.in_(later)).values(erase_at=AT_ONCE))).rowcount
            if left <= 0:  # perhaps not all of this regency: the next step goes on with it
                break
            seen[pack.code] = digest
        return Step({}, is_last=False, progress=seen) if seen != known or left <= 0 else None

    async def _look(self, connection: Connection, row: Any, now: datetime) -> list[str]:
        """Erases the values whose period is over. Returns the names of the periods that erased something."""
        of, kept = self._of, retention_of(self._packs, row.regency)
        periods = of.periods
        try:
            stored = json.loads(row.document)
            since = await of.since(connection, row.id, stored)
            periods = of.periods_of(stored) if of.periods_of else periods
        except (ValueError, KeyError, TypeError):
            # One row that cannot be read must not keep all others from being erased.
            log.exception("retention cannot read a row", extra={"table": of.table.name, "id": str(row.id)})
            since = None
        if since is None:
            return await self._set(connection, row.id, {"erase_at": now + LOOK_AGAIN})
        ended = over(periods, since, kept, now)
        if ended and holds_any(f"{row.id} {row.document}", kept):
            return await self._set(connection, row.id, {"erase_at": now + LOOK_AGAIN})
        next_at = min((p.ends(since, kept) for p in periods if p not in ended), default=None)
        document = _without(row.document, ended)
        values: dict[str, Any] = {"erase_at": next_at, "document": document}
        if ended and "list_entry" in of.table.c:  # lists render it anew, from what is left of the document
            values |= {"list_form": 0, "list_entry": None, "list_personal": None}
        values |= {column: None for period in ended for column in of.columns.get(period.name, ())}
        for column in [column for period in ended for column in of.rows.get(period.name, ())]:
            await connection.execute(delete(column.table).where(column == row.id))
        await self._set(connection, row.id, values)
        entries = await self._erase_timeline(connection, str(row.id), ended)
        return [period.name for period in ended] if document != row.document or entries else []

    async def _set(self, connection: Connection, row_id: UUID, values: dict[str, Any]) -> list[str]:
        await connection.execute(update(self._of.table).where(self._of.table.c.id == row_id).values(values))
        return []

    async def _erase_timeline(self, connection: Connection, subject: str, ended: tuple[Period, ...]) -> int:
        t, changed = self._of.timeline, 0
        if not ended:
            return 0
        for entry in (await connection.execute(select(t).where(t.c.subject == subject))).all():
            data = _without(entry.data, ended)
            if data != entry.data:
                this = (t.c.subject == subject, t.c.sequence == entry.sequence)
                await connection.execute(update(t).where(*this).values(data=data))
                changed += 1
        return changed


class EventRetention:
    """Removes values of old events whose period is over, so that an event that comes again does not bring them back."""

    def __init__(self, packs: PacksInForce, clock: Clock) -> None:
        self._packs, self._clock = packs, clock

    def is_young(self, moment: datetime) -> bool:
        """Whether the event is too recent for any pack's period."""
        return self._clock() - moment < SHORTEST

    def kept(self, envelope: Envelope, data: str) -> str:
        """The event's JSON without values whose period is over."""
        if self.is_young(envelope.time):
            return data
        retention = retention_of(self._packs, envelope.regency)
        if holds_any(f"{envelope.subject} {data}", retention):
            return data
        return _without(data, over(periods_of(envelope.type), envelope.time, retention, self._clock()))


class StoredEventsErasure:
    """The sweep of events that lie in a table with `envelope` and `data`: the outbox, and the waiting store with its
    dead letters. Both are short; it goes through all rows in the order of their key.

    A record that is not a readable event is not changed, because its regency, fields and time are unknown.
    """

    def __init__(self, table: Table, retention: EventRetention) -> None:
        self._table, self._retention = table, retention
        self.name = f"retention/{table.name}"

    async def step(self, connection: Connection, now: datetime, progress: Mapping[str, Any]) -> Step:  # noqa: ARG002
        t = self._table
        (key,) = t.primary_key.columns
        after = progress.get("after", 0)
        rows = (await connection.execute(select(t).where(key > after).order_by(key).limit(MARKS_A_STEP))).all()
        erased = 0
        for row in rows:
            data = self._retention.kept(Envelope.from_json(row.envelope), row.data) if row.envelope else row.data
            if data != row.data:
                await connection.execute(update(t).where(key == row._mapping[key.name]).values(data=data))
                erased += 1
        is_last = len(rows) < MARKS_A_STEP
        return Step({t.name: erased}, is_last, {} if is_last else {"after": rows[-1]._mapping[key.name]})


def _without(text: str, ended: tuple[Period, ...]) -> str:
    return erase_values(text, lambda name: any(period.holds(name) for period in ended)) if ended else text

"""What the restored databases hold, and what is written into them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from sigap_cli.reconcile.comparison import Entry, Known
from sigap_common.app.manifest import AnyService
from sigap_common.bus.envelope import Envelope, Message
from sigap_common.database import Connection, Database, insert_if_new
from sigap_common.messaging.leases import LEASE_SECONDS

_AT_ONCE = 500


class Store:
    """The database of one service."""

    def __init__(self, service: AnyService, database: Database) -> None:
        self.service, self._database, self._tables = service, database, service.tables

    async def waiting(self) -> dict[UUID, Entry]:
        """The events in the outbox, each with its entry in the timeline."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(self._tables.outbox.c.envelope))
            envelopes = [Envelope.from_json(row.envelope) for row in rows]
        return {one.id: (one.subject, one.sequence) for one in envelopes}

    async def newest(self) -> datetime | None:
        """The last moment that the database knows of: of an event that it handled, or of its lease, which is renewed
        all the time.
        """
        inbox, leases = self._tables.inbox, self._tables.leases
        async with self._database.read() as connection:
            handled = await connection.scalar(select(func.max(inbox.c.handled_at)))
            until = await connection.scalar(select(func.max(leases.c.until)))
        renewed = until - timedelta(seconds=LEASE_SECONDS) if until else None
        return max((one for one in (handled, renewed) if one is not None), default=None)

    async def known(self, messages: Sequence[Message], recorded: Collection[str], waiting: Collection[UUID]) -> Known:
        """What it knows of these messages. `recorded`, `waiting`: see Known."""
        timeline = self._tables.timeline
        subjects = {one.envelope.subject for one in messages if one.envelope.source == self.service.name}
        async with self._database.read() as connection:
            entries: dict[Entry, str] = {}
            if subjects:
                asked = select(timeline.c.subject, timeline.c.sequence, timeline.c.type)
                rows = await connection.execute(asked.where(timeline.c.subject.in_(subjects)))
                entries = {(row.subject, row.sequence): row.type for row in rows}
            handled = await self._handled(connection, [one.envelope.id for one in messages])
        return Known(entries, recorded, waiting, handled)

    async def _handled(self, connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
        found: set[UUID] = set()
        for table in (self._tables.inbox, self._tables.waiting):
            rows = await connection.execute(select(table.c.event_id).where(table.c.event_id.in_(ids)))
            found |= {row.event_id for row in rows}
        return found

    async def entries_since(self, moment: datetime) -> dict[Entry, str]:
        """The timeline's entries from this moment on, with their types."""
        timeline = self._tables.timeline
        asked = select(timeline.c.subject, timeline.c.sequence, timeline.c.type).where(timeline.c.at >= moment)
        async with self._database.read() as connection, connection.stream(asked) as rows:
            return {(row.subject, row.sequence): row.type async for row in rows}

    async def pass_over(self, ids: Sequence[UUID], orphans: Sequence[Message], at: datetime) -> None:
        """Records events as handled then, and lets the service take notice of its own that it does not know."""
        async with self._database.write() as connection:
            for begin in range(0, len(ids), _AT_ONCE):
                rows: list[dict[str, Any]] = [
                    {"event_id": one, "handled_at": at} for one in ids[begin : begin + _AT_ONCE]
                ]
                await connection.execute(insert_if_new(self._tables.inbox), rows)
            if self.service.not_restored is not None:
                await self.service.not_restored(connection, orphans)

"""Tickets for browsers' EventSource, which sends no headers: one use, 30 seconds, kept in the service's database."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Column, MetaData, String, Table, Text, delete, or_

from sigap_common.auth import Access, Role
from sigap_common.core.clock import CLOCKS_AGREE_WITHIN, Clock
from sigap_common.core.errors import NotAuthenticated
from sigap_common.database import Connection, Database
from sigap_common.database.types import Utc
from sigap_common.messaging.jobs import DeletionSweep

LIFETIME = timedelta(seconds=30)


def stream_tickets_table(metadata: MetaData) -> Table:
    """Tickets that were issued and not used yet, by their digest."""
    return Table(
        "stream_tickets",
        metadata,
        Column("digest", String, primary_key=True),
        Column("path", String, nullable=False),
        Column("access", Text, nullable=False),
        Column("until", Utc, nullable=False),
    )


class StreamTickets:
    """Issues and redeems the tickets of one service."""

    def __init__(self, database: Database, table: Table, clock: Clock) -> None:
        self._database, self._table, self._clock = database, table, clock

    async def issue(self, connection: Connection, access: Access, path: str) -> str:
        """A secret that opens the stream at `path` once, as `access`."""
        ticket = secrets.token_urlsafe(32)
        row = {
            "digest": _digest(ticket),
            "path": path,
            "access": _written(access),
            "until": self._clock() + LIFETIME,
        }
        await connection.execute(self._table.insert().values(row))
        return ticket

    async def redeem(self, ticket: str, path: str) -> Access:
        """Raises NotAuthenticated (401) for one that is unknown, used, too old or for another stream."""
        t = self._table
        async with self._database.write() as connection:
            where = (t.c.digest == _digest(ticket), t.c.path == path)
            row = (await connection.execute(delete(t).where(*where).returning(t.c.access, t.c.until))).first()
        now = self._clock()
        # After the clock was put back, a ticket must not open its stream for longer than it was given out for.
        if row is None or not now <= row.until <= _latest(now):
            raise NotAuthenticated("stream-ticket")
        return _read(row.access)

    def sweep(self) -> DeletionSweep:
        """Deletes tickets that nobody used in time."""
        until = self._table.c.until
        return DeletionSweep("stream_tickets", self._table, lambda now: or_(until < now, until > _latest(now)))


def _latest(now: datetime) -> datetime:
    """No ticket ends later, if one clock gave it out and reads it."""
    return now + LIFETIME + CLOCKS_AGREE_WITHIN


LONGEST_TICKET = 100
"""Characters; ours have 43."""


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def _written(access: Access) -> str:
    return json.dumps(
        {
            "subject": access.subject,
            "roles": sorted(access.roles),
            "regencies": sorted(access.regencies),
            "agency": access.agency,
            "expires_at": access.expires_at.isoformat(),
        }
    )


def _read(text: str) -> Access:
    kept = json.loads(text)
    return Access(
        subject=kept["subject"],
        roles=frozenset(Role(role) for role in kept["roles"]),
        regencies=frozenset(kept["regencies"]),
        agency=kept["agency"],
        expires_at=datetime.fromisoformat(kept["expires_at"]),
    )

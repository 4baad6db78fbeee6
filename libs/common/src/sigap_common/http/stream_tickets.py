"""Tickets for browsers' EventSource, which sends no headers: one use, 30 seconds, kept in the service's database.

A ticket is `<end>.<random>.<keyed hash of both and its stream>`. So a ticket that was made up, is too old or is for
another stream is refused without the database. The database only shows whether it was used.
"""

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, MetaData, String, Table, Text, delete, or_

from sigap_common.auth import Access, Role
from sigap_common.core.clock import CLOCKS_AGREE_WITHIN, Clock
from sigap_common.core.errors import NotAuthenticated
from sigap_common.database import Connection, Database
from sigap_common.database.types import Utc
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.personal_data import KeyRing

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

    def __init__(self, database: Database, table: Table, clock: Clock, ring: KeyRing) -> None:
        self._database, self._table, self._clock, self._ring = database, table, clock, ring

    async def issue(self, connection: Connection, access: Access, path: str) -> str:
        """A secret that opens the stream at `path` once, as `access`."""
        until = self._clock() + LIFETIME
        told = f"{int(until.timestamp())}.{secrets.token_urlsafe(16)}"
        ticket = f"{told}.{self._mark(told, path)}"
        row = {"digest": _digest(ticket), "path": path, "access": _written(access), "until": until}
        await connection.execute(self._table.insert().values(row))
        return ticket

    async def redeem(self, ticket: str, path: str) -> Access:
        """Uses up a ticket, and returns the rights of its token. Raises NotAuthenticated (401) if the ticket is
        unknown, used, too old or for another stream.
        """
        if not self._may_open(ticket, path):
            raise NotAuthenticated("stream-ticket")
        t = self._table
        async with self._database.write() as connection:
            where = (t.c.digest == _digest(ticket), t.c.path == path)
            row = (await connection.execute(delete(t).where(*where).returning(t.c.access))).first()
        if row is None:
            raise NotAuthenticated("stream-ticket")
        return _read(row.access)

    def _may_open(self, ticket: str, path: str) -> bool:
        told, _, mark = ticket.rpartition(".")
        if not (ticket.isascii() and hmac.compare_digest(mark, self._mark(told, path))):
            return False
        now, until = self._clock(), datetime.fromtimestamp(int(told.partition(".")[0]), UTC)
        # After the clock was put back, a ticket must not be valid for longer than its lifetime.
        return now <= until <= _latest(now)

    def _mark(self, told: str, path: str) -> str:
        return self._ring.lookup(f"stream-ticket/{path}/{told}")

    def sweep(self) -> DeletionSweep:
        """Deletes tickets that nobody used in time."""
        until = self._table.c.until
        return DeletionSweep("stream_tickets", self._table, lambda now: or_(until < now, until > _latest(now)))


def _latest(now: datetime) -> datetime:
    """The latest possible end of a ticket. One that ends later was issued by a clock that is ahead."""
    return now + LIFETIME + CLOCKS_AGREE_WITHIN


LONGEST_TICKET = 100
"""Characters; ours have 77."""


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

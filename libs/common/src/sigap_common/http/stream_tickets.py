"""Tickets for browsers' EventSource, which sends no headers: one use, 30 seconds, kept in the service's database."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from sigap_common.auth import Access, Role
from sigap_common.core.errors import NotAuthenticated
from sigap_common.database import Connection

if TYPE_CHECKING:
    from sigap_common.app.runtime import Runtime

LIFETIME = timedelta(seconds=30)


class StreamTickets:
    def __init__(self, runtime: "Runtime") -> None:
        self._runtime, self._table = runtime, runtime.tables.stream_tickets

    async def issue(self, connection: Connection, access: Access, path: str) -> str:
        """A secret that opens the stream at `path` once, as `access`."""
        ticket = secrets.token_urlsafe(32)
        row = {
            "digest": _digest(ticket),
            "path": path,
            "access": _written(access),
            "until": self._runtime.clock() + LIFETIME,
        }
        await connection.execute(self._table.insert().values(row))
        return ticket

    async def redeem(self, ticket: str, path: str) -> Access:
        """Raises NotAuthenticated (401) for one that is unknown, used, too old or for another stream."""
        t = self._table
        async with self._runtime.database.write() as connection:
            where = (t.c.digest == _digest(ticket), t.c.path == path)
            row = (await connection.execute(delete(t).where(*where).returning(t.c.access, t.c.until))).first()
        if row is None or row.until < self._runtime.clock():
            raise NotAuthenticated("stream-ticket")
        return _read(row.access)

    async def forget_old(self, connection: Connection, now: datetime) -> None:
        await connection.execute(delete(self._table).where(self._table.c.until < now))


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

"""A lease: of all replicas of a service, its holder relays events, retries them and watches deadlines.

Work under the lease must stay right even if two replicas hold it for a moment. The lease only keeps the replicas from
doing the same work all the time.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Column, MetaData, String, Table, or_, select, update

from sigap_common.core.clock import Elapsed, elapsed_seconds
from sigap_common.database import Connection, Database, LockHeld, Unavailable, insert_if_new
from sigap_common.database.clock import ReadTime, database_time
from sigap_common.database.types import Utc

LEASE_SECONDS = 5
ASK_AGAIN_SECONDS = 1
UNATTENDED_SECONDS = 15
"""If no replica has held the lease for so long, the service's workers count as stopped."""
_LENGTH = timedelta(seconds=LEASE_SECONDS)


def leases_table(metadata: MetaData) -> Table:
    """Which replica holds which lease, until when; and which replicas asked in vain."""
    return Table(
        "leases",
        metadata,
        Column("name", String, primary_key=True),
        Column("holder", String, nullable=False),
        Column("until", Utc, nullable=False),
    )


class Holding(Protocol):
    contested: bool
    """Whether there are other replicas, which would do the work if this process did not."""

    async def held(self) -> bool:
        """Whether this process holds the lease. Raises Unavailable, LockHeld."""
        ...

    async def attended(self) -> bool:
        """Whether any process holds the lease, or held it moments ago. Raises Unavailable."""
        ...

    async def unattended_seconds(self) -> float:
        """For how long no process has been seen to hold the lease. Raises Unavailable."""
        ...

    async def release_if_possible(self) -> None: ...


class Sole:
    """The lease of a process that has its database alone: it always holds it."""

    contested = False

    async def held(self) -> bool:
        return True

    async def attended(self) -> bool:
        return True

    async def unattended_seconds(self) -> float:
        return 0.0

    async def release_if_possible(self) -> None:
        """Does nothing: no other process could take it."""


class Lease:
    """A row (name, holder, until). `held` asks the database only when the lease has to be renewed.

    `until` is the database's time, never a host's: if a holder's clock were an hour ahead and the holder died, nobody
    would work for an hour. How long to wait before the database is asked again is measured inside the process, by a
    clock that never goes back.

    A process that asks in vain leaves a row of the same kind beside it, so that the holder knows of rivals.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        name: str,
        holder: str,
        *,
        read_time: ReadTime = database_time,
        elapsed: Elapsed = elapsed_seconds,
    ) -> None:
        self._database, self._table, self._name, self._holder = database, table, name, holder
        self._read_time, self._elapsed = read_time, elapsed
        self.contested = True
        self._mine = False
        self._ask_at = self._attended_at = elapsed()
        self._asking = asyncio.Lock()

    async def held(self) -> bool:
        """Whether this process holds the lease. Raises Unavailable, LockHeld."""
        async with self._asking:  # one worker asks for all; two would take it from each other
            asked_at = self._elapsed()
            if asked_at < self._ask_at:
                return self._mine
            self._mine = False
            async with self._database.write() as connection:
                now = await self._read_time(connection)
                self._mine = await self._take(connection, self._name, now)
                if not self._mine:
                    await self._take(connection, self._rivals, now)
                self.contested = not self._mine or await self._has_rivals(connection, now)
            self._ask_at = asked_at + (LEASE_SECONDS / 2 if self._mine else ASK_AGAIN_SECONDS)
            return self._mine

    async def attended(self) -> bool:
        """Whether somebody holds the lease, or held it in the last 15 s. Raises Unavailable."""
        return await self.unattended_seconds() < UNATTENDED_SECONDS

    async def unattended_seconds(self) -> float:
        """For how long nobody has been seen to hold the lease; before the first look, since this process began. Raises
        Unavailable.
        """
        table = self._table
        async with self._database.read() as connection:
            now = await self._read_time(connection)
            until = await connection.scalar(select(table.c.until).where(table.c.name == self._name))
        if until is not None and now <= until <= now + _LENGTH:
            self._attended_at = self._elapsed()
        return self._elapsed() - self._attended_at

    @property
    def _rivals(self) -> str:
        return f"{self._name}/rivals"

    async def _take(self, connection: Connection, name: str, now: datetime) -> bool:
        table, until = self._table, now + _LENGTH
        # A lease that ends later than a whole length from now was written by a clock that was ahead: nobody renews it.
        lapsed = or_(table.c.until < now, table.c.until > until)
        free = or_(table.c.holder == self._holder, lapsed)
        taken = await connection.execute(
            update(table).where(table.c.name == name, free).values(holder=self._holder, until=until)
        )
        if taken.rowcount:
            return True
        new = insert_if_new(table).values(name=name, holder=self._holder, until=until)
        return (await connection.execute(new)).rowcount == 1

    async def _has_rivals(self, connection: Connection, now: datetime) -> bool:
        table = self._table
        theirs = (table.c.name == self._rivals, table.c.holder != self._holder, table.c.until >= now)
        return (await connection.execute(select(table.c.name).where(*theirs))).first() is not None

    async def release_if_possible(self) -> None:
        """Releases the lease at an orderly stop, so that another replica can take it at once. If the database is away,
        the lease lapses by itself.
        """
        table = self._table
        mine = (table.c.name == self._name, table.c.holder == self._holder)
        with suppress(Unavailable, LockHeld):
            async with self._database.write() as connection:
                ended = await self._read_time(connection) - timedelta(microseconds=1)
                await connection.execute(update(table).where(*mine).values(until=ended))

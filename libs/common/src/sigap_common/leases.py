"""A lease: of all replicas of a service, one does the relaying, the retrying and the watching of deadlines.

Two holders overlapping for a moment are harmless to everything that is done under it; the lease only keeps
the replicas from doing the same work all the time.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from sqlalchemy import Table, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_common.clock import Clock
from sigap_common.db import Database, LockHeld, Unavailable

LEASE_SECONDS = 5
ASK_AGAIN_SECONDS = 1


class Holding(Protocol):
    async def held(self) -> bool:
        """Whether this process is the one that works. Raises Unavailable."""
        ...

    async def release_if_possible(self) -> None: ...


class Sole:
    """For a database that one process has to itself: it always works."""

    async def held(self) -> bool:
        return True

    async def release_if_possible(self) -> None:
        """There is nobody to take it."""


class Lease:
    """A row (name, holder, until). `held` asks the database only when the lease has to be renewed."""

    def __init__(self, database: Database, table: Table, name: str, holder: str, clock: Clock) -> None:
        self._database, self._table, self._name, self._holder, self._clock = (
            database,
            table,
            name,
            holder,
            clock,
        )
        self._mine = False
        self._ask_at = clock()
        self._asking = asyncio.Lock()

    async def held(self) -> bool:
        """Raises Unavailable."""
        async with self._asking:  # one worker asks for all; two would take it from each other
            now = self._clock()
            if now < self._ask_at:
                return self._mine
            self._mine = False
            async with self._database.write() as connection:
                self._mine = await self._take(connection)
            self._ask_at = now + timedelta(seconds=LEASE_SECONDS / 2 if self._mine else ASK_AGAIN_SECONDS)
            return self._mine

    async def _take(self, connection: AsyncConnection) -> bool:
        now, table = self._clock(), self._table
        until = now + timedelta(seconds=LEASE_SECONDS)
        free = or_(table.c.holder == self._holder, table.c.until < now)
        taken = await connection.execute(
            update(table).where(table.c.name == self._name, free).values(holder=self._holder, until=until)
        )
        if taken.rowcount:
            return True
        if (await connection.execute(select(table.c.name).where(table.c.name == self._name))).first():
            return False
        try:
            async with connection.begin_nested():
                await connection.execute(insert(table).values(name=self._name, holder=self._holder, until=until))
        except IntegrityError:
            return False
        return True

    async def release_if_possible(self) -> None:
        """Lets another take it at once; for an orderly stop. With the database away it lapses by itself."""
        table = self._table
        mine = (table.c.name == self._name, table.c.holder == self._holder)
        with suppress(Unavailable, LockHeld):
            async with self._database.write() as connection:
                await connection.execute(update(table).where(*mine).values(until=self._clock()))

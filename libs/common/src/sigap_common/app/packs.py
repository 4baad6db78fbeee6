"""Every service's own copy of the regencies' packs, fed by RegencyConfigured.

A pack comes into a running system by an event: the copy is stored, the service is asked whether it can work
by it, the answer goes to `sigap.regency-answers`. Requests read packs from memory; a replica that did not
handle the event itself sees the new version within a second.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, func, select

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.regencies import Complaint, RegencyApplied, RegencyConfigured, RegencyRefused
from sigap_common.core.workers import EVENTS
from sigap_common.database import Connection, Database, insert_if_new
from sigap_common.database.types import Utc
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.transaction import About, Transaction
from sigap_common.regency import Pack
from sigap_common.regency.in_force import PacksInForce

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Transaction[Any])
PackCheck = Callable[[Pack], Sequence[Complaint]]
"""What a service cannot take about a pack; nothing: it can."""
PackApplied = Callable[[T, Pack], Awaitable[None]]
"""Called in the transaction that stores a pack, so that what follows from it is stored with it."""


def regencies_table(metadata: MetaData) -> Table:
    """The packs that a service works by."""
    return Table(
        "regencies",
        metadata,
        Column("code", String, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("pack", Text, nullable=False),
        Column("applied_at", Utc, nullable=False, index=True),
    )


class PackStore(Generic[T]):
    """The packs at rest, and how they come into memory."""

    def __init__(
        self,
        table: Table,
        database: Database,
        packs: PacksInForce,
        *,
        checks: Sequence[PackCheck] = (),
        applied: Sequence[PackApplied[T]] = (),
        prepare: Callable[[Pack], None],
        look_seconds: float,
    ) -> None:
        """`prepare` is called in a thread, with each pack before it comes into memory."""
        self._table, self._database, self._packs = table, database, packs
        self._checks, self._applied, self._look_seconds = checks, applied, look_seconds
        self._prepare = prepare

    async def load(self) -> None:
        """Takes in what the database has and memory has not. Raises Unavailable.

        Versions tell what is new, never the time at which another replica stored it: its clock may have been ahead.
        """
        table = self._table
        async with self._database.read() as connection:
            stored = await connection.scalar(select(func.coalesce(func.sum(table.c.version), 0)))
            if stored == self._packs.sum_of_versions():
                return  # a version only grows, so equal sums mean equal versions
            rows = (await connection.execute(select(table.c.code, table.c.version))).all()
            await self._take_in(connection, [row.code for row in rows if row.version > self._packs.version(row.code)])

    async def _take_in(self, connection: Connection, codes: Sequence[str]) -> None:
        table = self._table
        statement = select(table).where(table.c.code.in_(codes)).order_by(table.c.applied_at)
        async with connection.stream(statement) as rows:
            async for row in rows:
                self._packs.keep(row.version, await EVENTS.run_always(self._read, row.pack))

    def _read(self, text: str) -> Pack:
        """In a thread: of a zone of 100,000 corners this takes 0.2 s."""
        pack = Pack.model_validate_json(text)
        self._prepare(pack)
        return pack

    def _looked_at(self, pack: Pack) -> tuple[list[Complaint], str]:
        """In a thread, too: what the service cannot take, and the pack as it is stored."""
        self._prepare(pack)
        return [c for check in self._checks for c in check(pack)], pack.model_dump_json(exclude_none=True)

    async def watch(self) -> None:
        """Follows what other replicas took in, until cancelled."""
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                await self.load()
            except AWAY as away:
                await wait_out(log, "packs not refreshed", away)

    async def take_over(self, tx: T, event: RegencyConfigured, _: Envelope) -> None:
        """Stores the pack and answers. A pack that the service cannot take is refused, and the one before stays."""
        pack = event.pack
        complaints, text = await EVENTS.run_always(self._looked_at, pack)
        answer: RegencyApplied | RegencyRefused
        service = tx.context.service
        common: dict[str, Any] = {"at": tx.now(), "recorded_at": tx.now(), "version": event.version}
        if complaints:
            answer = RegencyRefused(service=service, complaints=tuple(complaints), **common)
        else:
            await self._store(tx.connection, event, text, tx.now())
            for follow in self._applied:
                await follow(tx, pack)
            answer = RegencyApplied(service=service, **common)

            async def keep() -> None:
                self._packs.keep(event.version, pack)

            tx.after_commit(keep)
        tx.say(About(f"{pack.code}/{service}", pack.code, event.version), [answer])

    async def _store(self, connection: Connection, event: RegencyConfigured, text: str, now: datetime) -> None:
        table = self._table
        row = {
            "version": event.version,
            "pack": text,
            "applied_at": now,
        }
        taken = await connection.execute(
            table.update().where(table.c.code == event.pack.code, table.c.version < event.version).values(row)
        )
        if not taken.rowcount:
            await connection.execute(insert_if_new(table).values({"code": event.pack.code} | row))

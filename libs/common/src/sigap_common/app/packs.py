"""Every service's own copy of the regencies' packs, fed by RegencyConfigured.

A pack comes into a running system by an event: the copy is stored, the service is asked whether it can work
by it, the answer goes to `sigap.regency-answers`. Requests read packs from memory; a replica that did not
handle the event itself sees the new version within a second. In memory a pack lies without its zone,
which is most of it; who needs zones keeps them in a form of its own (`PackListener`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.regencies import Complaint, RegencyApplied, RegencyConfigured, RegencyRefused
from sigap_common.core.errors import NotFound
from sigap_common.database import Connection, insert_if_new
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.transaction import About, Transaction
from sigap_common.regency import Pack

if TYPE_CHECKING:
    from sigap_common.app.runtime import Runtime

PackListener = Callable[[Pack], None]
"""Called with each pack, zone included, when it is loaded or replaced in this process."""
PackCheck = Callable[[Pack], Sequence[Complaint]]
"""What a service cannot take about a pack; nothing: it can."""

log = logging.getLogger(__name__)


class Regencies:
    """The packs in force, by code."""

    def __init__(self, runtime: "Runtime", listeners: Iterable[PackListener]) -> None:
        self._runtime, self._listeners = runtime, tuple(listeners)
        self._packs: dict[str, tuple[int, Pack]] = {}
        self._seen: datetime | None = None

    def get(self, code: str) -> Pack:
        """Raises NotFound (404) for a regency that is not configured."""
        if (known := self._packs.get(code)) is None:
            raise NotFound("regency-not-configured", regency=code)
        return known[1]

    def find(self, code: str) -> Pack | None:
        known = self._packs.get(code)
        return known[1] if known else None

    def local(self, code: str, moment: datetime) -> datetime:
        """The moment on the regency's clock; in UTC for a regency that is not configured."""
        pack = self.find(code)
        return pack.local(moment) if pack else moment.astimezone(UTC)

    def version(self, code: str) -> int:
        known = self._packs.get(code)
        return known[0] if known else 0

    def all(self) -> list[Pack]:
        return [pack for _, (_, pack) in sorted(self._packs.items())]

    def keep(self, version: int, pack: Pack) -> None:
        """Takes a pack into memory, unless a newer one is there."""
        if version <= self.version(pack.code):
            return
        for listener in self._listeners:
            listener(pack)
        self._packs[pack.code] = (version, pack.model_copy(update={"zone": None}))

    async def load(self) -> None:
        """Takes in what the database has that memory has not. Raises Unavailable."""
        table = self._runtime.tables.regencies
        statement = select(table).order_by(table.c.applied_at)
        if self._seen is not None:
            statement = statement.where(table.c.applied_at >= self._seen)
        async with self._runtime.workers.read() as connection, connection.stream(statement) as rows:
            async for row in rows:
                if row.version > self.version(row.code):
                    self.keep(row.version, Pack.model_validate_json(row.pack))
                self._seen = row.applied_at

    async def watch(self) -> None:
        """Follows what other replicas took in, until cancelled."""
        while True:
            await asyncio.sleep(self._runtime.look_seconds)
            try:
                await self.load()
            except AWAY as away:
                await wait_out(log, "packs not refreshed", away)


async def keep_regency(tx: Transaction, event: RegencyConfigured, _: Envelope) -> None:
    """Stores the pack and answers; a pack that the service cannot take is refused and the one before stays."""
    runtime, pack = tx.runtime, event.pack
    complaints = [c for check in runtime.service.pack_checks for c in check(pack)]
    answer: RegencyApplied | RegencyRefused
    common: dict[str, Any] = {"at": tx.now(), "recorded_at": tx.now(), "version": event.version}
    if complaints:
        answer = RegencyRefused(service=runtime.service.name, complaints=tuple(complaints), **common)
    else:
        await _store(tx.connection, runtime, event, tx.now())
        for follow in runtime.service.pack_applied:
            await follow(tx, pack)
        answer = RegencyApplied(service=runtime.service.name, **common)

        async def take_in() -> None:
            runtime.regencies.keep(event.version, pack)

        tx.after_commit(take_in)
    tx.say(About(f"{pack.code}/{runtime.service.name}", pack.code, event.version), [answer])


async def _store(connection: Connection, runtime: "Runtime", event: RegencyConfigured, now: datetime) -> None:
    table = runtime.tables.regencies
    row = {
        "version": event.version,
        "pack": event.pack.model_dump_json(exclude_none=True),
        "applied_at": now,
    }
    taken = await connection.execute(
        table.update().where(table.c.code == event.pack.code, table.c.version < event.version).values(row)
    )
    if not taken.rowcount:
        await connection.execute(insert_if_new(table).values({"code": event.pack.code} | row))

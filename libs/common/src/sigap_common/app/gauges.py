"""The gauges of a running service that are read only when somebody asks for the metrics, so that its work pays nothing.

A gauge whose source does not answer is NaN: a value from before would say that all is well.
"""

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime
from math import nan
from pathlib import Path
from typing import Any

from cryptography import x509
from sqlalchemy import Table, select

from sigap_common.app.resources import Resources
from sigap_common.bus import Bus, BusUnavailable
from sigap_common.bus.envelope import Envelope
from sigap_common.core.clock import Clock, Elapsed
from sigap_common.core.settings import CommonSettings
from sigap_common.database import CompiledStatement, Connection, Database, LockHeld, Unavailable
from sigap_common.messaging.consumer import Consumer
from sigap_common.messaging.leases import Holding
from sigap_common.observability.metrics import Metrics

LOOK_SECONDS = 5.0
"""The least time between two looks, however often metrics are read."""
LOOK_WITHIN_SECONDS = 3.0
LAST_BACKUP = "last-backup"
"""The file of the data folder into which `sigap backup` writes the moment of the last backup, as ISO 8601."""


class Gauges:
    """Reads a service's gauges. `look` is called before each answer to `/metrics`."""

    def __init__(
        self,
        metrics: Metrics,
        database: Database,
        outbox: Table,
        lease: Holding,
        bus: Bus,
        consumer: Consumer[Any],
        resources: Resources,
        common: CommonSettings,
        clock: Clock,
        elapsed: Elapsed,
        without_database: Callable[[], bool] = lambda: False,
    ) -> None:
        """`without_database`: whether the service still waits for its database, which may have no tables."""
        self._metrics, self._database, self._lease, self._bus = metrics, database, lease, bus
        self._consumer, self._resources, self._common = consumer, resources, common
        self._clock, self._elapsed, self._without_database = clock, elapsed, without_database
        self._oldest = CompiledStatement(select(outbox.c.envelope).order_by(outbox.c.id).limit(1))
        self._looked_at: float | None = None
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Reads all of them again if the last look is older than LOOK_SECONDS. If two ask at the same moment, the
        second waits for the first: a look forgets gauges before it reads them, and an answer between would lack them.
        """
        async with self._looking:
            now = self._elapsed()
            if self._looked_at is not None and now - self._looked_at < LOOK_SECONDS:
                return
            await asyncio.gather(self._ask_database(), self._ask_bus(), asyncio.to_thread(self._look_at_host))
            self._looked_at = now

    async def _ask_database(self) -> None:
        metrics, is_up = self._metrics, False
        oldest = unattended = nan
        self._resources.forget_gauges()
        if not self._without_database():
            try:
                async with asyncio.timeout(LOOK_WITHIN_SECONDS), self._database.read() as connection:
                    oldest = await self._oldest_seconds(connection)
                    await self._resources.read_gauges(connection, self._clock())
                async with asyncio.timeout(LOOK_WITHIN_SECONDS):
                    unattended = await self._lease.unattended_seconds()
                is_up = True
            except (Unavailable, LockHeld, TimeoutError):
                oldest = unattended = nan
                self._resources.forget_gauges()
        metrics.dependency_up.labels("database").set(is_up)
        metrics.outbox_oldest.set(oldest)
        metrics.lease_unattended.set(unattended)

    async def _oldest_seconds(self, connection: Connection) -> float:
        row = await self._oldest.first(connection, {})
        if row is None:
            return 0.0
        return max(0.0, (self._clock() - Envelope.from_json(row.envelope).time).total_seconds())

    async def _ask_bus(self) -> None:
        metrics, is_up, lag = self._metrics, False, nan
        try:
            async with asyncio.timeout(LOOK_WITHIN_SECONDS):
                await self._bus.ready()
                is_up = True
                lag = await self._consumer.lag()
        except (BusUnavailable, TimeoutError):
            lag = nan
        metrics.dependency_up.labels("bus").set(is_up)
        metrics.consumer_lag.set(lag)

    def _look_at_host(self) -> None:
        """In a thread, since a network volume may not answer."""
        common, metrics = self._common, self._metrics
        try:
            disk = shutil.disk_usage(common.data_dir)
        except OSError:
            metrics.disk_free.set(nan)
            metrics.disk_size.set(nan)
        else:
            metrics.disk_free.set(disk.free)
            metrics.disk_size.set(disk.total)
        for name, path in (("bus", common.bus_certificate_file), ("bus-authority", common.bus_ca_file)):
            if path is not None:
                metrics.certificate_expires.labels(name).set(_expires(path))
        if self._database.is_sqlite:
            metrics.backup_at.labels("single-host").set(last_backup(common.data_dir))


def _expires(path: Path) -> float:
    """The Unix time at which the first of the file's certificates expires; NaN if they cannot be read."""
    try:
        return min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(path.read_bytes())).timestamp()
    except (OSError, ValueError):
        return nan


def last_backup(data_dir: Path) -> float:
    """The Unix time of the last backup of this folder; 0 if there was none."""
    try:
        return datetime.fromisoformat((data_dir / LAST_BACKUP).read_text().strip()).timestamp()
    except (OSError, ValueError):
        return 0.0


def note_backup(data_dir: Path, at: str) -> None:
    """Notes the moment of a backup that is whole. Raises OSError."""
    new = data_dir / f"{LAST_BACKUP}.new"
    new.touch(0o600)  # as all files of the folder: for the service's user alone
    new.write_text(f"{at}\n")
    new.replace(data_dir / LAST_BACKUP)

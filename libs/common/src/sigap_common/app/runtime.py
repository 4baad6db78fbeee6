"""A running service: its database, bus, keys, packs and workers, held together and started in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

from sigap_common.app.manifest import Service
from sigap_common.app.packs import Regencies, keep_regency
from sigap_common.app.sweeps import keep_house
from sigap_common.auth import Verifier
from sigap_common.bus import Bus
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.base import Event
from sigap_common.contracts.regencies import RegencyConfigured
from sigap_common.contracts.topics import AGENCIES, CALLS, INCIDENTS, ROSTERS
from sigap_common.core.clock import Clock, system_clock
from sigap_common.core.ids import Ids, uuid7
from sigap_common.core.settings import CommonSettings, ServiceSettings
from sigap_common.database import Database
from sigap_common.http.idempotency import Idempotency
from sigap_common.http.streams import LiveStream
from sigap_common.messaging.consumer import Consumer
from sigap_common.messaging.leases import Holding, Lease, Sole
from sigap_common.messaging.outbox import Relay
from sigap_common.messaging.subscriptions import on
from sigap_common.messaging.transaction import hot_outbox, open_transaction, open_view
from sigap_common.observability.metrics import Metrics
from sigap_common.personal_data import KeyRing, SealContext

SERVICE_TOPICS = (CALLS, INCIDENTS, AGENCIES, ROSTERS)
RESTART_SECONDS = 1.0
LOOK_SECONDS = 1.0
"""Between looks for what other processes did; what this one did announces itself."""
LOOK_ALONE_SECONDS = 15.0
"""Where there are no others, a look is only for what nobody thought of."""
RELAY_POLL_SECONDS = 0.02
WORKER_CONNECTIONS = 5
"""To PostgreSQL, for relay, consumer, timers, lease, couriers: what was answered goes on, whoever else queues."""

log = logging.getLogger(__name__)


class Runtime:
    """One service in one process."""

    def __init__(
        self,
        service: Service,
        common: CommonSettings,
        settings: ServiceSettings,
        *,
        bus: Bus,
        ring: KeyRing,
        verifier: Verifier,
        clock: Clock = system_clock,
        ids: Ids = uuid7,
    ) -> None:
        self.service, self.common, self.settings = service, common, settings
        self.bus, self.ring, self.verifier, self.clock, self.ids = bus, ring, verifier, clock, ids
        self.tables = service.tables
        url = settings.database_of(service.name, common)
        self.database = Database(url, pool_size=settings.pool_size)
        self.metrics = Metrics()
        self.hot_outbox = hot_outbox(self)
        self.idempotency = Idempotency(self)
        alone = self.database.is_sqlite
        self.workers = self.database if alone else Database(url, pool_size=WORKER_CONNECTIONS)
        self.look_seconds = LOOK_ALONE_SECONDS if alone else LOOK_SECONDS
        self.lease: Holding = Sole() if alone else self._lease()
        self.relay = self._relay()
        self.resources = service.parts(self)
        self.regencies = Regencies(self, [self.resources.pack_changed])
        self.stream = LiveStream(self, service.topic)
        self.consumer = Consumer(self, (on(RegencyConfigured, keep_regency), *service.subscriptions))
        self._tasks: list[asyncio.Task[None]] = []

    def _relay(self) -> Relay:
        asked = self.common.relay_poll_seconds
        poll, rest = asked or RELAY_POLL_SECONDS, asked or self.look_seconds
        return Relay(self.workers, self.tables.outbox, self.bus, self.lease, self.metrics, poll, rest)

    def _lease(self) -> Lease:
        return Lease(self.workers, self.tables.leases, "workers", uuid4().hex, self.clock)

    def transaction(
        self, cause: Envelope | None = None, *, by_worker: bool = False
    ) -> AbstractAsyncContextManager[Any]:
        """A writing transaction of the service's kind; see open_transaction."""
        return open_transaction(self, cause, by_worker=by_worker)

    def view(self, *, by_worker: bool = False) -> AbstractAsyncContextManager[Any]:
        """The same repositories for reading."""
        return open_view(self, by_worker=by_worker)

    def seal_context(self, aggregate: str) -> SealContext:
        """For reading events; opaque for a service that opens no personal data."""
        return SealContext(self.ring if self.service.opens_sealed else None, aggregate)

    def topics_of(self, event: type[Event]) -> tuple[str, ...]:
        """Where an event may come from; an alarm comes from any service."""
        return (event.topic,) if event.topic else SERVICE_TOPICS

    def wake_relay(self) -> None:
        self.relay.wake()

    async def start(self) -> None:
        """Loads the packs, then lets the workers go. Raises Unavailable if the database is away."""
        await self.regencies.load()
        await self.resources.start()
        workers: list[Callable[[], Awaitable[None]]] = [
            self.relay.run,
            self.consumer.run,
            self.consumer.retry,
            self.regencies.watch,
            self.stream.run,
            lambda: keep_house(self),
            *((lambda work=work: work(self)) for work in self.service.background),
        ]
        self._tasks = [asyncio.create_task(_kept_running(worker, self.service.name)) for worker in workers]

    async def stop(self) -> None:
        self.stream.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.resources.stop()
        await self.lease.release_if_possible()
        await self.close()

    async def close(self) -> None:
        """The connections to the database."""
        await self.workers.close()
        await self.database.close()


async def _kept_running(worker: Callable[[], Awaitable[None]], service: str) -> None:
    """A worker that stumbles is started again: nothing else notices that it is gone. So is one that was not
    cancelled itself, but let the cancellation of something that it waited for out.
    """
    ours = asyncio.current_task()
    while True:
        try:
            await worker()
            return
        except (Exception, asyncio.CancelledError) as failure:
            if isinstance(failure, asyncio.CancelledError) and ours and ours.cancelling():
                raise
            log.exception("worker failed", extra={"service": service})
            await asyncio.sleep(RESTART_SECONDS)

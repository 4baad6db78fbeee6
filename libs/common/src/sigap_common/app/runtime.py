"""A running service: its database, bus, keys, packs and workers, held together and started in order."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, TypeVar
from uuid import uuid4

from sigap_common.app.gauges import Gauges
from sigap_common.app.manifest import Service
from sigap_common.app.packs import PACK_EVENTS, PackStore
from sigap_common.app.resources import Environment, Resources
from sigap_common.app.startup import CannotStart, Unmigrated, check_database
from sigap_common.app.sweeps import Sweeps
from sigap_common.auth import ServiceVerifier, Verifier
from sigap_common.bus import Bus
from sigap_common.bus.envelope import Envelope
from sigap_common.core.clock import Clock, Elapsed, elapsed_seconds, system_clock
from sigap_common.core.ids import Ids, uuid7
from sigap_common.core.settings import CommonSettings, ServiceSettings
from sigap_common.database import Connection, Database, Unavailable
from sigap_common.database.clock import MEASURE_SECONDS, DatabaseClock
from sigap_common.http.admission import Admission
from sigap_common.http.dead_letters import DeadLetterCount
from sigap_common.http.edge import Edge, EdgeOfProcess
from sigap_common.http.idempotency import Idempotency
from sigap_common.http.operations import Readiness, readiness
from sigap_common.http.stream_tickets import StreamTickets
from sigap_common.http.streams import LiveStream
from sigap_common.messaging.audit import AuditTrail, SealBeginning
from sigap_common.messaging.consumer import Consumer, Stores
from sigap_common.messaging.inbox import Inbox
from sigap_common.messaging.jobs import Jobs, Sweep
from sigap_common.messaging.leases import Holding, Lease, Sole
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.outbox import Relay, insertion
from sigap_common.messaging.positions import Positions
from sigap_common.messaging.received import EventReader
from sigap_common.messaging.retention import AggregateErasure, EventRetention, StoredEventsErasure
from sigap_common.messaging.subscriptions import on_batch
from sigap_common.messaging.transaction import Context, Transaction, open_transaction
from sigap_common.messaging.waiting_store import WaitingStore
from sigap_common.observability.logging import speaking_for
from sigap_common.observability.metrics import Metrics
from sigap_common.personal_data import KeyRing
from sigap_common.regency.in_force import PacksInForce

RESTART_SECONDS = 1.0
LOOK_SECONDS = 1.0
"""Seconds between two checks for work that other processes left. Work of this process wakes its workers at once."""
LOOK_ALONE_SECONDS = 15.0
"""Seconds between two checks if there are no other processes. The check is then only a safeguard."""
RELAY_POLL_SECONDS = 0.02
WORKER_CONNECTIONS = 5
"""Connections to PostgreSQL for relay, consumer, timers, lease and couriers. With them, accepted work goes on while
requests wait for a connection.
"""

log = logging.getLogger(__name__)

S = TypeVar("S", bound=ServiceSettings)
R = TypeVar("R", bound=Resources)
T = TypeVar("T", bound=Transaction[Any])


class Runtime(Generic[S, R, T]):
    """One service in one process: puts the mechanisms together, starts and stops them."""

    def __init__(
        self,
        service: Service[S, R, T],
        common: CommonSettings,
        settings: S,
        *,
        bus: Bus,
        ring: KeyRing,
        verifier: Verifier,
        clock: Clock | None = None,
        host_clock: Clock = system_clock,
        elapsed: Elapsed = elapsed_seconds,
        ids: Ids = uuid7,
        of_process: EdgeOfProcess | None = None,
    ) -> None:
        """`clock`: the clock of every stored time; None: PostgreSQL's own time, or `host_clock` on SQLite.
        `of_process`: the objects that it shares with the other services of the process; None: there are no others.
        """
        self.service, self.common, self.settings = service, common, settings
        self.bus, self.ring, self.elapsed, self.ids = bus, ring, elapsed, ids
        self.tables = tables = service.tables
        self.metrics = Metrics()
        url = settings.database_of(service.name, common)
        self.database = Database(url, pool_size=settings.pool_size)
        alone = self.database.is_sqlite
        self.database_clock = None if alone or clock else DatabaseClock(system=host_clock, elapsed=elapsed)
        self.clock = clock or self.database_clock or host_clock
        self.workers = self.database if alone else Database(url, pool_size=WORKER_CONNECTIONS)
        self.look_seconds = LOOK_ALONE_SECONDS if alone else LOOK_SECONDS
        self.lease: Holding = Sole() if alone else self._lease()
        self.verifier = ServiceVerifier(verifier, self.clock)
        environment = Environment(
            common, settings, ring, self.verifier, self.clock, elapsed, ids, self.metrics.registry
        )
        self.resources = service.resources(environment)
        self.packs = PacksInForce(service.sections, self.resources.zone_changed)
        self.audit = AuditTrail(service.audited, self.clock) if service.audited else None
        self.relay = self._relay()
        self._context = Context(
            service=service.name,
            topic=service.topic,
            clock=self.clock,
            ids=ids,
            ring=ring,
            packs=self.packs,
            outbox=insertion(tables.outbox),
            resources=self.resources,
            wake_relay=self.relay.wake,
        )
        self.idempotency = Idempotency(self.database, tables.idempotency, ring)
        self.inbox, self.waiting_store = Inbox(tables.inbox), WaitingStore(tables.waiting)
        self.pack_store = self._pack_store()
        self.retention = EventRetention(self.packs, self.clock)
        self.reader = EventReader(ring if service.opens_sealed else None, self.retention.kept)
        self.tickets = tickets = StreamTickets(self.database, tables.stream_tickets, self.clock, ring)
        self.of_process = of_process or EdgeOfProcess(common)
        self.stream = LiveStream(
            bus, service.topic, self.reader, tickets, self.of_process.streams, self.clock, self.metrics
        )
        self.consumer = self._consumer()
        self.jobs = Jobs(self._sweeps(), tables.jobs, self.workers, self.lease, self.clock, self.metrics)
        self.sweeps = Sweeps(self.jobs, bus, self.workers, self.stream, self.lease, self.clock)
        self.draining = False
        """Whether the process is about to stop; it is not ready then."""
        self._waits_for_database: Unavailable | None = None
        self.cannot_start: CannotStart | None = None
        """The reason why a service that started without its database can never begin. The process then has to end."""
        self._tasks: list[asyncio.Task[None]] = []

    def _lease(self) -> Lease:
        return Lease(self.workers, self.tables.leases, "workers", uuid4().hex, elapsed=self.elapsed)

    def _sweeps(self) -> list[Sweep]:
        tables = self.tables
        return [
            self.inbox.sweep(),
            self.idempotency.sweep(),
            self.tickets.sweep(),
            self.waiting_store.unreadable_sweep(),
            StoredEventsErasure(tables.outbox, self.retention),
            StoredEventsErasure(tables.waiting, self.retention),
            *(AggregateErasure(erasable, self.packs) for erasable in self.service.erasables),
            *(make(self.packs) for make in self.service.sweeps),
            *self._beginning_of_audit(),
        ]

    def _beginning_of_audit(self) -> list[Sweep]:
        audited = self.service.audited
        return [SealBeginning(audited, self.audit)] if audited and self.audit else []

    def _relay(self) -> Relay:
        asked = self.common.relay_poll_seconds
        poll, rest = asked or RELAY_POLL_SECONDS, asked or self.look_seconds
        return Relay(self.workers, self.tables.outbox, self.bus, self.lease, self.metrics, poll, rest, self.audit)

    def _pack_store(self) -> PackStore[T]:
        service = self.service
        return PackStore(
            self.tables.regencies,
            self.tables.regency_sections,
            self.workers,
            self.bus,
            self.packs,
            checks=service.pack_checks,
            applied=service.pack_applied,
            prepare=self.resources.prepare_zone,
            look_seconds=self.look_seconds,
        )

    def _consumer(self) -> Consumer[T]:
        positions = Positions(self.tables.positions, keep=self.bus.readers_keep_positions)
        return Consumer(
            self.service.name,
            self.bus,
            (on_batch(PACK_EVENTS, self.pack_store.take_in), *self.service.subscriptions),
            Stores(self.inbox, self.waiting_store, positions),
            self.workers,
            lambda cause: self.transaction(cause, by_worker=True),
            self.reader,
            self.clock,
            self.metrics,
            look_seconds=self.look_seconds,
            patience=self.service.patience,
        )

    def transaction(self, cause: Envelope | None = None, *, by_worker: bool = False) -> AbstractAsyncContextManager[T]:
        """A writing transaction of the service's own type. `cause`: the event that it handles, if any. `by_worker`: on
        a connection of `workers`, so that it does not wait behind requests. Raises Unavailable, LockHeld.
        """
        return open_transaction(self.workers if by_worker else self.database, self._kind, cause)

    def _kind(self, connection: Connection, cause: Envelope | None = None) -> T:
        return self.service.transaction(self._context, connection, cause)

    @asynccontextmanager
    async def view(self, *, by_worker: bool = False) -> AsyncIterator[T]:
        """A transaction that only reads. Raises Unavailable."""
        async with (self.workers if by_worker else self.database).read() as connection:
            yield self._kind(connection)

    def edge(self) -> Edge:
        """The mechanisms that the service's HTTP side uses."""
        return Edge(
            service=self.service.name,
            begin=self.transaction,
            view=self.view,
            idempotency=self.idempotency,
            verifier=self.verifier,
            stream=self.stream,
            admission=Admission(self.metrics.requests_refused, self.of_process.requests),
            waits=lambda: self.without_database,
        )

    async def readiness(self) -> Readiness:
        """Whether this process can work."""
        apart = self.database_clock is not None and self.database_clock.host_is_apart
        unmigrated = isinstance(self._waits_for_database, Unmigrated)
        waits = "unmigrated" if unmigrated else "away" if self.without_database else None
        return await readiness(
            self.database, self.bus, self.lease, waits=waits, clock_apart=apart, stopping=self.draining
        )

    @property
    def without_database(self) -> bool:
        """Whether it has started without its database and waits for it: it is away, or not migrated yet."""
        return self._waits_for_database is not None

    def dead_letter_count(self) -> DeadLetterCount:
        """Keeps the gauge of dead letters up to date."""
        return DeadLetterCount(
            self.workers, self.tables.waiting, self.metrics.dead_letters, self.elapsed, lambda: self.without_database
        )

    def gauges(self) -> Gauges:
        """Reads the gauges of database, bus and host before metrics are answered."""
        return Gauges(
            self.metrics,
            self.workers,
            self.tables.outbox,
            self.lease,
            self.bus,
            self.consumer,
            self.resources,
            self.common,
            self.clock,
            self.elapsed,
            lambda: self.without_database,
        )

    async def start(self) -> None:
        """Loads the packs, then lets the workers go.

        If the database is away or not migrated, it does so when the database can be used.
        """
        try:
            await self._load()
        except Unavailable as away:
            self._waits_for_database = away
        except CannotStart as reason:  # it was there when the host looked; `_begin_later` finds it again and says so
            self._waits_for_database = Unavailable(str(reason))
        await self.resources.start()
        if self.without_database:
            self._tasks = [asyncio.create_task(_kept_running(self._begin_later, self.service.name))]
        else:
            self._let_workers_go()

    async def _load(self) -> None:
        """Raises Unavailable, Unmigrated, CannotStart."""
        await check_database(self.service, self.workers)
        await self.measure_clock()  # before anything is stored: the host's own clock may be wrong
        await self.pack_store.load()

    async def _begin_later(self) -> None:
        with speaking_for(self.service.name):
            while self.without_database:
                try:
                    await self._load()
                except Unavailable as away:
                    self._waits_for_database = away
                    await wait_out(log, "waits for its database", away)
                except AWAY as away:
                    await wait_out(log, "waits for its database", away)
                except CannotStart as reason:
                    self.cannot_start = reason
                    return
                else:
                    self._waits_for_database = None
                    log.info("the database is there")
                    self._let_workers_go()

    def _let_workers_go(self) -> None:
        workers: list[Callable[[], Awaitable[None]]] = [
            self._keep_time,
            self.relay.run,
            self.consumer.run,
            self.consumer.retry,
            self.pack_store.watch,
            self.stream.run,
            self.sweeps.run,
            *((lambda work=work: work(self)) for work in self.service.background),
        ]
        self._tasks += [asyncio.create_task(_kept_running(worker, self.service.name)) for worker in workers]

    async def measure_clock(self) -> None:
        """Asks the database for its time, if it has one of its own. Raises Unavailable."""
        if self.database_clock is not None:
            await self.database_clock.measure(self.workers)
            self.metrics.clock_ahead.set(self.database_clock.host_is_ahead.total_seconds())

    async def _keep_time(self) -> None:
        """Follows the database's clock, until cancelled."""
        while self.database_clock is not None:
            await asyncio.sleep(MEASURE_SECONDS)
            try:
                await self.measure_clock()
            except AWAY as away:
                await wait_out(log, "the database's time waits", away)

    def drain(self) -> None:
        """The first step of stopping: `/readyz` answers 503, so that no new clients come, and live streams end."""
        self.draining = True
        self.stream.close()
        self.resources.drain()

    async def stop(self) -> None:
        """Ends streams and workers, then releases the lease and the connections."""
        self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.resources.stop()
        await self.lease.release_if_possible()
        await self.close()

    async def close(self) -> None:
        """Closes the connections to the database."""
        await self.workers.close()
        await self.database.close()


AnyRuntime = Runtime[Any, Any, Any]


async def _kept_running(worker: Callable[[], Awaitable[None]], service: str) -> None:
    """Runs a worker, and starts it again after an error, because nothing else would notice its end. A CancelledError
    that did not come from the runtime counts as an error too.
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

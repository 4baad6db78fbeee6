"""The consumer: gives each event of the bus to the handler that subscribed to it, once.

One transaction holds the handler's changes, the inbox row and the new outbox rows. With the embedded bus the position
moves in the same transaction. With Kafka it is committed some seconds later: after a crash in between the events come
again, and the inbox drops them. For a batch the inbox is read before the handler. For a single event the handler's work
is undone at the end: that is rare, and reading the inbox would cost each event a round trip to the database.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import nan
from typing import Any, Generic, TypeVar
from uuid import NAMESPACE_OID, uuid5

from sigap_common.bus import Bus, Delivered, Malformed, Position, Subscription
from sigap_common.bus.envelope import Message
from sigap_common.contracts.base import type_name
from sigap_common.contracts.registry import topics_of
from sigap_common.core.clock import Clock, PutBack
from sigap_common.database import LARGEST, Database, LockHeld, NotUnique, Unavailable
from sigap_common.messaging.inbox import Inbox
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.positions import Positions
from sigap_common.messaging.received import LARGE, EventReader, ReceivedEvent
from sigap_common.messaging.subscriptions import NotYet, On, Subscribed
from sigap_common.messaging.transaction import Begin, Transaction
from sigap_common.messaging.waiting_store import WaitingStore, envelope_of
from sigap_common.observability import tracing
from sigap_common.observability.metrics import Metrics

FETCH = LARGEST
WAIT_SECONDS = 5.0

log = logging.getLogger(__name__)


T = TypeVar("T", bound=Transaction[Any])


@dataclass(frozen=True, slots=True)
class Stores:
    """The tables of a consumer: handled events, waiting events, and how far it has read."""

    inbox: Inbox
    waiting: WaitingStore
    positions: Positions


class Consumer(Generic[T]):
    """The consumer of one service in one process, in the group `sigap.<service>`.

    `begin` opens a transaction on the workers' connections. `patience`: the seconds for which the bus may gather events
    before it delivers them. `look_seconds` is the longest time between looks for events that wait.
    """

    def __init__(
        self,
        name: str,
        bus: Bus,
        subscriptions: Sequence[Subscribed[T]],
        stores: Stores,
        database: Database,
        begin: Begin[T],
        reader: EventReader,
        clock: Clock,
        metrics: Metrics,
        *,
        look_seconds: float,
        patience: float = 0,
    ) -> None:
        self._group, self._bus, self._database, self._begin = f"sigap.{name}", bus, database, begin
        self._reader, self._clock, self._metrics = reader, clock, metrics
        self.look_seconds, self._patience = look_seconds, patience
        self._by_type = {type_name(event): (s, event) for s in subscriptions for event in s.events}
        self.topics = sorted({topic for s in subscriptions for e in s.events for topic in topics_of(e)})
        self._inbox, self._waiting, self._positions = stores.inbox, stores.waiting, stores.positions
        self._something_waits = True  # until the waiting store was checked
        self._stored = asyncio.Event()
        self._put_back = PutBack()
        self._subscription: Subscription | None = None

    async def run(self) -> None:
        """Runs until cancelled. If the bus or the database is away, it waits."""
        while True:
            try:
                async with self._database.read() as connection:
                    start = await self._positions.load(connection)
                async with self._bus.subscribe(self._group, self.topics, start, self._patience) as subscription:
                    self._subscription = subscription
                    await self._consume(subscription)
            except AWAY as away:
                await wait_out(log, "consumer waits", away)

    async def _consume(self, subscription: Subscription) -> None:
        assignment = None
        while True:
            fetched = await subscription.fetch(FETCH, WAIT_SECONDS)
            if subscription.assignment_version != assignment:  # a partition may bring what waits for its key
                assignment, self._something_waits = subscription.assignment_version, True
            for subscribed, run in self._runs(fetched):
                if subscription.assignment_version != assignment:  # they come again, to whoever has them now
                    break
                await self._hear_run(subscribed, run)
            else:
                await subscription.done(_behind(fetched))

    async def lag(self) -> float:
        """How many events of its topics it has not handled yet; NaN before it has begun. Raises BusUnavailable."""
        return nan if self._subscription is None else await self._subscription.lag()

    async def hear(self, records: Sequence[Delivered | Malformed]) -> None:
        """Handles records, in the order of each partition. Raises Unavailable, LockHeld. An event that fails otherwise
        is put into the waiting store.
        """
        for subscribed, run in self._runs(records):
            await self._hear_run(subscribed, run)

    async def _hear_run(self, subscribed: Subscribed[T] | None, run: Sequence[Delivered | Malformed]) -> None:
        if subscribed is None:
            await self._park_malformed([r for r in run if isinstance(r, Malformed)])
        else:
            await self._handle(subscribed, [r for r in run if isinstance(r, Delivered)])

    def _runs(
        self, records: Sequence[Delivered | Malformed]
    ) -> Iterator[tuple[Subscribed[T] | None, list[Delivered | Malformed]]]:
        """Groups the records: neighbours of one batch subscription together, others alone. Events without a
        subscription are left out.
        """

        def wanted(record: Delivered | Malformed) -> Subscribed[T] | None:
            found = self._by_type.get(record.message.envelope.type) if isinstance(record, Delivered) else None
            return found[0] if found else None

        kept = [r for r in records if isinstance(r, Malformed) or wanted(r)]
        for subscribed, run in groupby(kept, key=wanted):
            if subscribed is None or isinstance(subscribed, On):
                yield from ((subscribed, [record]) for record in run)
            else:
                yield subscribed, list(run)

    async def _handle(self, subscribed: Subscribed[T], run: Sequence[Delivered]) -> None:
        try:
            await self._in_one_transaction(subscribed, run)
        except (Unavailable, LockHeld):
            raise
        except Exception as failure:
            if len(run) > 1:
                for record in run:
                    await self._handle(subscribed, [record])
            elif isinstance(failure, NotUnique) and self._inbox.has(failure):
                await self._pass_over(run)
            else:
                await self._store(subscribed, run[0], failure)

    async def _in_one_transaction(self, subscribed: Subscribed[T], run: Sequence[Delivered]) -> None:
        first = run[0].message.envelope
        # Before the transaction, because others may wait for it.
        large = {r.message.envelope.id: await self._heard(r.message) for r in run if len(r.message.data) > LARGE}
        with tracing.continue_from(first.traceparent):
            async with self._begin(first if len(run) == 1 else None) as tx:
                fresh = [run[0].message] if len(run) == 1 else await self._fresh(tx, [r.message for r in run])
                passing = [m for m in fresh if not await self._stands_behind(tx, subscribed, m)]
                if passing:
                    heard = [large.get(m.envelope.id) or await self._heard(m) for m in passing]
                    await subscribed.handle(tx, heard)
                    await self._inbox.take(tx, [m.envelope.id for m in passing])
                await self._positions.save(tx.connection, _behind(run))
        self._metrics.events_handled.inc(len(run))

    async def _fresh(self, tx: T, messages: Sequence[Message]) -> list[Message]:
        known = await self._inbox.known_among(tx.connection, [m.envelope.id for m in messages])
        return [m for m in {m.envelope.id: m for m in messages}.values() if m.envelope.id not in known]

    async def _pass_over(self, run: Sequence[Delivered]) -> None:
        """Skips events that were handled before, and moves the positions behind them."""
        async with self._begin(None) as tx:
            await self._positions.save(tx.connection, _behind(run))
        self._metrics.events_handled.inc(len(run))

    async def _stands_behind(self, tx: T, subscribed: Subscribed[T], message: Message) -> bool:
        """Puts the event behind an earlier one of its key that waits, unless it was handled before that one came."""
        if not (self._something_waits and subscribed.blocking):
            return False
        key = _blocking_key(subscribed, message)
        if not await self._waiting.holds(tx.connection, key):
            return False
        if not await self._inbox.known_among(tx.connection, [message.envelope.id]):
            await self._waiting.put(tx.connection, message, key, "waits behind an earlier one", tx.now(), not_yet=True)
        return True

    async def _heard(self, message: Message) -> ReceivedEvent:
        event_type = self._by_type[message.envelope.type][1]
        return await self._reader.read_apart(message, event_type)

    async def _store(self, subscribed: Subscribed[T], record: Delivered, failure: Exception) -> None:
        not_yet = isinstance(failure, NotYet)
        if not not_yet:
            log.error("handler failed", exc_info=failure, extra={"event_type": record.message.envelope.type})
        async with self._begin(None) as tx:
            key = _blocking_key(subscribed, record.message)
            reason = f"{type(failure).__name__}: {failure}"
            await self._waiting.put(tx.connection, record.message, key, reason, tx.now(), not_yet=not_yet)
            await self._positions.save(tx.connection, _behind([record]))
        self._something_waits = True
        self._stored.set()

    async def _park_malformed(self, records: Sequence[Malformed]) -> None:
        for record in records:
            event_id = uuid5(NAMESPACE_OID, f"{record.topic}/{record.partition}/{record.offset}")
            async with self._begin(None) as tx:
                raw = repr({"headers": record.headers, "key": record.key, "value": record.value})
                await self._waiting.park_unreadable(tx.connection, event_id, record.topic, raw, record.reason, tx.now())
                await self._positions.save(tx.connection, _behind([record]))

    async def retry(self) -> None:
        """Tries waiting events again, until cancelled. Every replica may do so, since a row is locked while it is
        tried.
        """
        while True:
            try:
                await self._repair_if_put_back()
                while await self.retry_one():
                    pass
                await self._rest()
            except AWAY as away:
                await wait_out(log, "retries wait", away)

    async def _repair_if_put_back(self) -> None:
        """After the clock was put back, waiting events are tried at once."""
        now = self._clock()
        if self._put_back.needs_repair(now):
            async with self._database.write() as connection:
                await self._waiting.repair(connection, now)
            self._put_back.repaired(now)

    async def _rest(self) -> None:
        async with self._database.read() as connection:
            next_at = await self._waiting.next_at(connection)
        self._something_waits = next_at is not None or self._stored.is_set()
        seconds = self.look_seconds
        if next_at is not None:
            seconds = min(seconds, max(0.01, (next_at - self._clock()).total_seconds()))
        try:
            async with asyncio.timeout(seconds):
                await self._stored.wait()
        except TimeoutError:
            return
        finally:
            self._stored.clear()

    async def retry_one(self) -> bool:
        """Tries one due event. Returns False if there is none."""
        row = None
        try:
            async with self._begin(None) as tx:
                row = await self._waiting.due(tx.connection, tx.now())
                if row is not None:
                    await self._try_again(tx, row)
        except (Unavailable, LockHeld):
            raise
        except Exception as failure:
            await self._postpone(row, failure)
        return row is not None

    async def _try_again(self, tx: T, row: Any) -> None:
        envelope = envelope_of(row)
        tx.cause = envelope
        with tracing.continue_from(envelope.traceparent):
            if not await self._inbox.known_among(tx.connection, [envelope.id]):
                subscribed, _ = self._by_type[envelope.type]
                message = Message.of(row.topic, envelope.partitionkey, envelope, row.data.encode())
                await subscribed.handle(tx, [await self._heard(message)])
                await self._inbox.take(tx, [envelope.id])
            await self._waiting.remove(tx.connection, row.event_id)

    async def _postpone(self, row: Any, failure: Exception) -> None:
        if row is None:
            raise failure
        not_yet = isinstance(failure, NotYet)
        async with self._begin(None) as tx:
            reason = f"{type(failure).__name__}: {failure}"
            parked = await self._waiting.postpone(tx.connection, row, reason, tx.now(), not_yet=not_yet)
        if parked:
            log.error("dead letter", exc_info=failure, extra={"event_id": str(row.event_id)})


def _behind(records: Sequence[Delivered | Malformed]) -> list[Position]:
    """The positions after these."""
    return [(*place, offset) for place, offset in {(r.topic, r.partition): r.offset + 1 for r in records}.items()]


def _blocking_key(subscribed: Subscribed[Any], message: Message) -> str:
    """The key in the waiting store. Events of one key block each other within a topic; if the subscription is not
    blocking, each event has a key of its own.
    """
    return f"{message.topic}/{message.key}" if subscribed.blocking else str(message.envelope.id)

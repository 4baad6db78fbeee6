"""One request or one event is one transaction. `open_transaction` alone begins, finishes and commits it.

A service derives its own `Transaction` with its repositories. Events appended during the transaction stay in memory
until its end and go into the outbox in one statement. So a state change and its events are stored together or not at
all.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeVar
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event, type_name
from sigap_common.core.clock import Clock
from sigap_common.core.ids import Ids
from sigap_common.core.workers import EVENTS
from sigap_common.database import CompiledStatement, Connection, Database, Values, Write, execute_batch
from sigap_common.observability import tracing
from sigap_common.personal_data import KeyRing, SealContext
from sigap_common.regency.in_force import PacksInForce


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """An event with its envelope and its bytes, as outbox and timeline keep it."""

    topic: str
    envelope: Envelope
    data: str


@dataclass(frozen=True, slots=True)
class About:
    """The aggregate that events happened to. `sequence` is the number of the first of them, `order` the text by which a
    list sorts the aggregate after all of them.
    """

    subject: str
    regency: str
    sequence: int
    drill: bool = False
    need: str | None = None
    """Of a protected aggregate: who may see its events."""
    order: str = ""


R = TypeVar("R", covariant=True)


@dataclass(frozen=True, slots=True)
class Context(Generic[R]):
    """What all transactions of one service in one process share. `R` is the type of the service's resources."""

    service: str
    topic: str
    """The topic of events whose class names no topic, such as alarms."""
    clock: Clock
    ids: Ids
    ring: KeyRing
    packs: PacksInForce
    outbox: CompiledStatement
    """Inserts one event; see `outbox.insertion`."""
    resources: R
    wake_relay: Callable[[], None]
    """Called after a commit that put something into the outbox."""


class Transaction(Generic[R]):
    """The transaction of a use case: the connection, the time, the ids, and the events that were appended so far."""

    def __init__(self, context: Context[R], connection: Connection, cause: Envelope | None = None) -> None:
        self.context = context
        self.connection = connection
        self.cause = cause
        self._moment = context.clock()
        self._said: list[OutboxEvent] = []
        self._states: list[Callable[[], Sequence[Write]]] = []
        self._later: dict[str, list[tuple[CompiledStatement, list[Values]]]] = {}  # by table, in their order
        self._after_commit: list[Callable[[], Awaitable[None]]] = []

    def now(self) -> datetime:
        """The moment the transaction began: one transaction, one time."""
        return self._moment

    def new_id(self) -> UUID:
        return self.context.ids()

    @property
    def resources(self) -> R:
        """The resources of the service."""
        return self.context.resources

    @property
    def packs(self) -> PacksInForce:
        return self.context.packs

    @property
    def ring(self) -> KeyRing:
        return self.context.ring

    def require_known(self, access: Access, regency: str | None) -> None:
        """Checks a regency that a request names. Raises RegencyForbidden if the token does not cover it, NotFound if it
        has no pack. None is allowed, and means all regencies of the token.
        """
        if regency is not None:
            access.require(regency)
            self.packs.get(regency)

    def seal_context(self, aggregate: str) -> dict[str, Any]:
        """The pydantic context that seals and opens the personal data of one aggregate."""
        return {"seal": SealContext(self.ring, aggregate)}

    def say(self, about: About, events: Sequence[Event]) -> list[OutboxEvent]:
        """Appends the events to the outbox, numbered from `about.sequence` on."""
        context = self.seal_context(about.subject)
        return self._append(
            [
                self._say(about, event, about.sequence + n, event.model_dump_json(context=context))
                for n, event in enumerate(events)
            ]
        )

    def say_alarm(self, regency: str, alarm: AlarmRaised | AlarmCleared, *, drill: bool) -> None:
        """Appends an alarm that is no aggregate's event, for the regency that it concerns. It is raised and cleared
        once, so the subject is the alarm's own id.
        """
        sequence = 1 if isinstance(alarm, AlarmRaised) else 2
        self.say(About(str(alarm.alarm_id), regency, sequence, drill), [alarm])

    async def say_large(self, about: About, event: Event) -> None:
        """The same for one event that may be large, such as a pack's: it is written in a thread."""
        data = await EVENTS.run_always(event.model_dump_json, context=self.seal_context(about.subject))
        self._append([self._say(about, event, about.sequence, data)])

    def _append(self, said: list[OutboxEvent]) -> list[OutboxEvent]:
        self._said.extend(said)
        rows = [{"topic": s.topic, "envelope": s.envelope.to_json(), "data": s.data} for s in said]
        self.later(self.context.outbox, rows)
        return said

    @property
    def regencies_told(self) -> frozenset[str]:
        """The regencies of the events appended so far."""
        return frozenset(one.envelope.regency for one in self._said)

    def later(self, statement: CompiledStatement, rows: Sequence[Values]) -> None:
        """Leaves writes for the end of the transaction, where all of them go to the database together. Writes into one
        table keep their order.
        """
        into = self._later.setdefault(statement.table.name, [])
        if not into or into[-1][0] is not statement:
            into.append((statement, []))
        into[-1][1].extend(rows)

    def states(self, unwritten: Callable[[], Sequence[Write]]) -> None:
        """Registers a repository that keeps changes until the end. `unwritten` returns the writes that it has not given
        yet.
        """
        self._states.append(unwritten)

    async def flush(self, *those: CompiledStatement) -> None:
        """Writes now what was left for the end, so that a query finds it. `those`: only if one of these statements
        waits. Raises NotUnique.
        """
        waiting = {statement for writes in self._later.values() for statement, _ in writes}
        if not those or waiting.intersection(those):
            await execute_batch(self.connection, self._unwritten())

    def _unwritten(self) -> list[Write]:
        states = [write for unwritten in self._states for write in unwritten()]
        later, self._later = list(chain.from_iterable(self._later.values())), {}
        return [(statement, rows) for statement, rows in (*states, *later) if rows]

    def _say(self, about: About, event: Event, sequence: int, data: str) -> OutboxEvent:
        event_id = self.new_id()
        envelope = Envelope(
            id=event_id,
            source=self.context.service,
            type=type_name(type(event)),
            subject=about.subject,
            time=event.recorded_at,
            regency=about.regency,
            sequence=sequence,
            correlationid=self.cause.correlationid if self.cause else event_id,
            causationid=self.cause.id if self.cause else None,
            traceparent=tracing.current(),
            partitionkey=about.subject,
            drill=about.drill,
            need=about.need,
            order=about.order,
        )
        topic = event.topic or self.context.topic
        return OutboxEvent(topic, envelope, data)

    def after_commit(self, action: Callable[[], Awaitable[None]]) -> None:
        """Registers a function to call after the commit, such as waking a worker."""
        self._after_commit.append(action)

    async def finish(self) -> None:
        """Writes what was left for the end. No other statement may follow. Raises NotUnique. Only `open_transaction`
        calls this and `committed`.
        """
        await execute_batch(self.connection, self._unwritten(), is_all=True)

    async def committed(self) -> None:
        if self._said:
            self.context.wake_relay()
        for action in self._after_commit:
            await action()


T = TypeVar("T", bound=Transaction[Any])
Begin = Callable[[Envelope | None], AbstractAsyncContextManager[T]]
"""Opens a writing transaction; the argument is the event that causes it, if one does."""


@asynccontextmanager
async def open_transaction(
    database: Database, kind: Callable[[Connection, Envelope | None], T], cause: Envelope | None = None
) -> AsyncIterator[T]:
    """A writing transaction of the service's own kind: it commits at the end of its block.

    Raises Unavailable when the database is away, LockHeld when another transaction kept us waiting too long.
    """
    async with database.write() as connection:
        tx = kind(connection, cause)
        yield tx
        await tx.finish()
    await tx.committed()

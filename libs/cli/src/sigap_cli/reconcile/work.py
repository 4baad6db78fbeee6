"""Reads the restored databases beside the log, and makes them agree."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sigap_cli.errors import Failed
from sigap_cli.reconcile.comparison import Comparison, Entry
from sigap_cli.reconcile.stores import Store
from sigap_common.app.carrier import bus_of
from sigap_common.app.manifest import AnyService
from sigap_common.app.packs import PACK_EVENTS
from sigap_common.bus import Delivered
from sigap_common.bus.kafka import KafkaBus
from sigap_common.bus.kafka_history import KafkaHistory, Place, Span
from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.registry import topics_of
from sigap_common.contracts.topics import CATALOGUE
from sigap_common.core.settings import CommonSettings
from sigap_common.database import Database

EARLIER = timedelta(minutes=10)
"""So much earlier the log is read than the timelines: clocks may be apart."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Where a group stands in Kafka, and where it has to go on."""

    now: Mapping[Place, int]
    wanted: Mapping[Place, int]

    @property
    def differing(self) -> dict[Place, int]:
        """Without partitions of which nothing was read and nothing is wanted."""
        return {place: offset for place, offset in self.wanted.items() if offset != self.now.get(place, 0)}


@dataclass(slots=True)
class Report:
    """`waiting`: by service the events in its outbox. `absent`: restored entries that neither the log nor an outbox
    has, by service and type.
    """

    since: datetime
    compared: Comparison
    waiting: Mapping[str, Mapping[UUID, Entry]]
    absent: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: dict[str, Moves] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether nothing has to be written before the services start."""
        to_pass = any(reader.passes_over for reader in self.compared.readers.values())
        return not to_pass and not any(moves.differing for moves in self.moves.values())


def heard(service: AnyService) -> list[type[Event]]:
    """The events that a service subscribes to."""
    return [*PACK_EVENTS, *(event for subscribed in service.subscriptions for event in subscribed.events)]


class Reconciliation:
    """The databases and the log of one cluster."""

    def __init__(self, stores: Mapping[str, Store], history: KafkaHistory) -> None:
        self._stores, self._history = stores, history

    async def look(self, hours: float, restored_to: datetime | None) -> Report:
        """Changes nothing. `restored_to` None: the newest moment that a database knows of. Raises Failed, and what
        databases and log raise.
        """
        moment = restored_to or await self._newest()
        since = moment - timedelta(hours=hours)
        compared = Comparison(
            {name: map(type_name, heard(store.service)) for name, store in self._stores.items()}, moment
        )
        report = Report(since, compared, {name: await store.waiting() for name, store in self._stores.items()})
        entries = {name: await store.entries_since(since) for name, store in self._stores.items()}
        spans = await self._history.since([topic.name for topic in CATALOGUE], since - EARLIER)
        await self._compare(report, spans, {name: frozenset(of.values()) for name, of in entries.items()})
        for name, store in self._stores.items():
            elsewhere = {*compared.told[name], *report.waiting[name].values()}
            report.absent.update((name, kind) for entry, kind in entries[name].items() if entry not in elsewhere)
            report.moves[name] = await self._moves(compared, name, store, spans)
        return report

    async def apply(self, report: Report) -> None:
        """Lets each reader pass over what is not restored, and go on where it has to. No service may run. Raises
        GroupInUse, and what databases and log raise.
        """
        await self._history.check_unused([f"sigap.{name}" for name in self._stores])
        orphans = report.compared.orphans
        for name, store in self._stores.items():
            own = [one for one in orphans if one.envelope.source == name]
            # At the restored moment, so that the next look takes it for the newest again.
            await store.pass_over(report.compared.readers[name].passes_over, own, report.compared.restored_to)
        # Last: a reader whose position stands is known to have its inbox.
        for name, moves in report.moves.items():
            if moves.differing:
                await self._history.move(f"sigap.{name}", moves.differing)

    async def _newest(self) -> datetime:
        moments = [moment for store in self._stores.values() if (moment := await store.newest())]
        if not moments:
            raise Failed("The databases are empty: nothing was restored into them")
        return max(moments)

    async def _compare(
        self, report: Report, spans: Mapping[Place, Span], recorded: Mapping[str, Collection[str]]
    ) -> None:
        async for records in self._history.read(spans):
            readable = [one for one in records if isinstance(one, Delivered)]
            if not readable:
                continue
            messages = [one.message for one in readable]
            known = {
                name: await store.known(messages, recorded[name], report.waiting[name].keys())
                for name, store in self._stores.items()
            }
            for record in readable:
                report.compared.take(record, known)

    async def _moves(self, compared: Comparison, name: str, store: Store, spans: Mapping[Place, Span]) -> Moves:
        topics = {topic for event in heard(store.service) for topic in topics_of(event)}
        now = await self._history.positions(f"sigap.{name}")
        return Moves(now, compared.positions(name, {p: s for p, s in spans.items() if p[0] in topics}, now))


@asynccontextmanager
async def reconciliation(services: Sequence[AnyService], common: CommonSettings) -> AsyncIterator[Reconciliation]:
    """That of the cluster that the settings name. Raises Failed for a single host."""
    bus = bus_of(common)
    if not isinstance(bus, KafkaBus):
        raise Failed(
            "This is for a cluster. `sigap restore` itself compares the databases and the bus of a single host"
        )
    async with AsyncExitStack() as closing:
        stores = {}
        for service in services:
            database = Database(service.settings().database_of(service.name, common), pool_size=1)
            stores[service.name] = Store(service, database)
            closing.push_async_callback(database.close)
        closing.push_async_callback(bus.stop)
        yield Reconciliation(stores, KafkaHistory(bus))

"""What restored databases and the log say of each other: pure, so that its tests are histories.

All databases were put back to one moment, and the log was not. An event of the log is *restored* if its publisher's
database has it. A reader must handle each restored event once, and none of the others: nobody could answer for those,
and their numbers are given again.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sigap_common.bus import Delivered
from sigap_common.bus.envelope import Envelope, Message
from sigap_common.bus.kafka_history import Place, Span

Entry = tuple[str, int]
"""Of a timeline: subject and sequence."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one service's restored database knows of some records. `entries`: the types of the timeline's entries of
    these records' subjects; `recorded`: the types of events that go into its timeline; `waiting`: the events in its
    outbox; `handled`: those that it has handled or keeps for another try.
    """

    entries: Mapping[Entry, str] = field(default_factory=dict)
    recorded: Collection[str] = frozenset()
    waiting: Collection[UUID] = frozenset()
    handled: Collection[UUID] = frozenset()


@dataclass(slots=True)
class Reader:
    """What one service has to do. `again`: restored events of the log that it has not handled; `passes_over`: events
    that are not restored; `first`: by partition the first offset that it has to read.
    """

    hears: frozenset[str]
    again: int = 0
    passes_over: list[UUID] = field(default_factory=list)
    first: dict[Place, int] = field(default_factory=dict)


class Comparison:
    """`hears`: by service the types of the events that it subscribes to. `restored_to`: the moment of the databases."""

    def __init__(self, hears: Mapping[str, Iterable[str]], restored_to: datetime) -> None:
        self.restored_to = restored_to
        self.readers = {service: Reader(frozenset(types)) for service, types in hears.items()}
        self.records = 0
        self.orphans: list[Message] = []
        """Published and not restored, in the order in which they were read."""
        self.in_log: dict[str, set[UUID]] = defaultdict(set)
        """By publisher the events of its outbox that the log has already."""
        self.told: dict[str, set[Entry]] = defaultdict(set)
        """By publisher the entries that the log has."""

    def take(self, record: Delivered, known: Mapping[str, Known]) -> None:
        """`known`: by service what its database says of this record. A publisher that is not among them counts as
        restored.
        """
        envelope = record.message.envelope
        publisher = known.get(envelope.source)
        self.records += 1
        self.told[envelope.source].add((envelope.subject, envelope.sequence))
        if publisher and envelope.id in publisher.waiting:
            self.in_log[envelope.source].add(envelope.id)
        restored = publisher is None or is_restored(envelope, publisher, self.restored_to)
        if not restored:
            self.orphans.append(record.message)
        for service, reader in self.readers.items():
            if envelope.type in reader.hears and envelope.id not in known[service].handled:
                _note(reader, record, restored=restored)

    @property
    def orphans_by_kind(self) -> Counter[tuple[str, str]]:
        """How many of each publisher and type."""
        return Counter((one.envelope.source, one.envelope.type) for one in self.orphans)

    def positions(self, service: str, spans: Mapping[Place, Span], now: Mapping[Place, int]) -> dict[Place, int]:
        """Where the service has to go on, for each partition of `spans`. `now`: its positions in Kafka. A position that
        lies before what was compared stays: what lies between was never read.
        """
        first = self.readers[service].first
        wanted = {place: first.get(place, span.end) for place, span in spans.items()}
        return {place: min(offset, now.get(place, offset)) for place, offset in wanted.items()}


def is_restored(envelope: Envelope, publisher: Known, restored_to: datetime) -> bool:
    """Whether the publisher's database has the event. An event that goes into no timeline, such as an alarm or a pack,
    is judged by its time.
    """
    if envelope.id in publisher.waiting:
        return True
    there = publisher.entries.get((envelope.subject, envelope.sequence))
    if there is not None:
        return there == envelope.type
    return envelope.type not in publisher.recorded and envelope.time <= restored_to


def _note(reader: Reader, record: Delivered, *, restored: bool) -> None:
    if restored:
        reader.again += 1
        place = record.topic, record.partition
        reader.first[place] = min(record.offset, reader.first.get(place, record.offset))
    else:
        reader.passes_over.append(record.message.envelope.id)

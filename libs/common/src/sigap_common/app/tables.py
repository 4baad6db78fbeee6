"""The tables that the mechanisms keep in every service's own database."""

from dataclasses import dataclass, fields

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
)

from sigap_common.database import Utc

SERIAL = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER


@dataclass(frozen=True, slots=True)
class MechanismTables:
    """One set a service: two services in one process have two sets, each in its own metadata."""

    outbox: Table
    timeline: Table
    inbox: Table
    positions: Table
    waiting: Table
    idempotency: Table
    leases: Table
    regencies: Table
    stream_tickets: Table

    def all(self) -> list[Table]:
        return [getattr(self, field.name) for field in fields(self)]


def mechanism_tables(metadata: MetaData) -> MechanismTables:
    return MechanismTables(
        outbox=Table(
            "outbox",
            metadata,
            Column("id", SERIAL, primary_key=True, autoincrement=True),
            Column("topic", String, nullable=False),
            Column("envelope", Text, nullable=False),
            Column("data", Text, nullable=False),
        ),
        timeline=Table(
            "timeline",
            metadata,
            Column("subject", String, primary_key=True),
            Column("sequence", Integer, primary_key=True),
            Column("type", String, nullable=False),
            Column("at", Utc, nullable=False),
            Column("data", Text, nullable=False),
        ),
        inbox=Table(
            "inbox",
            metadata,
            Column("event_id", Uuid, primary_key=True),
            Column("handled_at", Utc, nullable=False, index=True),
        ),
        positions=Table(
            "positions",
            metadata,
            Column("topic", String, primary_key=True),
            Column("partition", Integer, primary_key=True),
            Column("next_offset", BigInteger, nullable=False),
        ),
        waiting=_waiting(metadata),
        idempotency=Table(
            "idempotency",
            metadata,
            Column("subject", String, primary_key=True),
            Column("path", String, primary_key=True),
            Column("key", String, primary_key=True),
            Column("fingerprint", String, nullable=False),
            Column("status", Integer, nullable=False),
            Column("headers", Text, nullable=False),
            Column("answer", LargeBinary, nullable=False),
            Column("made_at", Utc, nullable=False, index=True),
        ),
        leases=Table(
            "leases",
            metadata,
            Column("name", String, primary_key=True),
            Column("holder", String, nullable=False),
            Column("until", Utc, nullable=False),
        ),
        regencies=Table(
            "regencies",
            metadata,
            Column("code", String, primary_key=True),
            Column("version", Integer, nullable=False),
            Column("pack", Text, nullable=False),
            Column("applied_at", Utc, nullable=False, index=True),
        ),
        stream_tickets=Table(
            "stream_tickets",
            metadata,
            Column("digest", String, primary_key=True),
            Column("path", String, nullable=False),
            Column("access", Text, nullable=False),
            Column("until", Utc, nullable=False),
        ),
    )


def _waiting(metadata: MetaData) -> Table:
    return Table(
        "waiting",
        metadata,
        Column("arrival", SERIAL, primary_key=True, autoincrement=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("topic", String, nullable=False),
        Column("key", String, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("data", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("not_yet", Boolean, nullable=False),
        Column("first_at", Utc, nullable=False),
        Column("next_at", Utc, nullable=False),
        Column("parked_at", Utc),
        Index("waiting_due", "parked_at", "next_at"),
        Index("waiting_key", "key", "parked_at"),
    )

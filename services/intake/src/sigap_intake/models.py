"""Intake's tables."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, Uuid, text

from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Utc
from sigap_common.messaging.list_entries import list_entry_columns

metadata = MetaData()
tables = mechanism_tables(metadata)

calls = Table(
    "calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("caller_hash", String),
    Column("exchange_id", String),
    Column("exchange_use", Integer, nullable=False),
    Column("call_class", String),
    Column("due_at", Utc),
    Column("erase_at", Utc),
    *list_entry_columns(),
)


def _partial(name: str, *columns: str, only: str, unique: bool = False) -> Index:
    """A partial index. It holds only the rows that `only` selects, so that a new call is written to few indexes."""
    where = text(only)
    chosen = [calls.c[column] for column in columns]
    return Index(name, *chosen, unique=unique, postgresql_where=where, sqlite_where=where)


Index("calls_received", calls.c.received_at, calls.c.id)
Index("calls_of_regency", calls.c.regency, calls.c.received_at, calls.c.id)
Index("calls_state", calls.c.state, calls.c.regency, calls.c.received_at, calls.c.id)
_partial("calls_queue", "regency", "drill", "received_at", "id", only="state = 'waiting'")
_partial("calls_exchange_use", "regency", "exchange_id", "exchange_use", only="exchange_id IS NOT NULL", unique=True)
_partial("calls_caller", "regency", "caller_hash", "received_at", only="caller_hash IS NOT NULL")
_partial("calls_class", "call_class", "regency", "received_at", "id", only="call_class IS NOT NULL")
_partial("calls_erase", "erase_at", only="erase_at IS NOT NULL")
_partial("calls_due", "due_at", only="due_at IS NOT NULL")

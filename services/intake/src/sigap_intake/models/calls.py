"""The tables of calls, of what finds them, and of their drafts."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, Uuid, false, text

from sigap_common.database import Utc
from sigap_common.messaging.list_entries import list_entry_columns
from sigap_intake.models.registry import metadata, partial_index

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
    Column("queue_at", Utc, nullable=False, server_default=text("'1970-01-01T00:00:00.000000Z'")),
    Column("queued_at", Utc, nullable=False, server_default=text("'1970-01-01T00:00:00.000000Z'")),
    Column("raised_by_seconds", Integer, nullable=False, server_default="0"),
    Column("rung", Integer, nullable=False, server_default="0"),  # of the release before, whose processes read it
    Column("watched_rung", Integer),
    Column("answered_by", String),
    Column("operator_gone", Boolean, nullable=False, server_default=false()),
    *list_entry_columns(),
    Index("calls_received", "received_at", "id"),
    Index("calls_of_regency", "regency", "received_at", "id"),
    Index("calls_state", "state", "regency", "received_at", "id"),
    partial_index("calls_queue", "regency", "drill", "queue_at", "id", only="state = 'waiting'"),
    partial_index(
        "calls_watched",
        *("regency", "watched_rung", "queued_at", "id"),
        # The watch of the room reads the index alone: a row has the whole call, and a flood has thousands of them.
        *("drill", "raised_by_seconds", "caller_hash"),
        only="watched_rung IS NOT NULL",
    ),
    partial_index(
        "calls_exchange_use", "regency", "exchange_id", "exchange_use", only="exchange_id IS NOT NULL", unique=True
    ),
    partial_index("calls_caller", "regency", "caller_hash", "received_at", only="caller_hash IS NOT NULL"),
    partial_index("calls_class", "call_class", "regency", "received_at", "id", only="call_class IS NOT NULL"),
    partial_index("calls_erase", "erase_at", only="erase_at IS NOT NULL"),
    partial_index("calls_due", "due_at", only="due_at IS NOT NULL"),
    partial_index("calls_of_operator", "regency", "answered_by", "received_at", only="state = 'answered'"),
    partial_index("calls_operator_gone", "regency", "answered_by", only="operator_gone"),
    partial_index("calls_operator", "answered_by", "received_at", "id", only="answered_by IS NOT NULL"),
    # Answered, and without a class.
    partial_index(
        "calls_unclassified",
        *("regency", "received_at", "id"),
        only="call_class IS NULL AND state IN ('answered', 'ended')",
    ),
    partial_index("calls_screening", "regency", "caller_hash", only="state = 'screening'"),
)
caller_terms = Table(
    "caller_terms",
    metadata,
    Column("term", String, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
    Index("caller_terms_call", "call_id"),
)
"""Keyed hashes by which a call is found: of the words of the caller's name, and of the call-back number."""
call_transfers = Table(
    "call_transfers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("to_regency", String, nullable=False),
    Column("call_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("offered_at", Utc, nullable=False),
    Column("received_call", Uuid),
    Index("call_transfers_call", "call_id"),
    Index("call_transfers_received_call", "received_call"),
    Index("call_transfers_sent", "regency", "offered_at", "id"),
    Index("call_transfers_received", "to_regency", "offered_at", "id"),
)
"""The offers of calls to other regencies, so that both regencies find them. What the newest offer of a call says is in
the call. `received_call`: the receiver's call, if the offer was accepted.
"""
drafts = Table(
    "drafts",
    metadata,
    Column("call_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("field", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Utc, nullable=False),
    Column("sealed", Text, nullable=False),
)

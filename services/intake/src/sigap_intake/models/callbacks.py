"""The tables of callbacks, and of how numbers may be called back."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, Uuid

from sigap_common.database import Utc
from sigap_common.messaging.list_entries import list_entry_columns
from sigap_intake.models.registry import metadata, partial_index

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("position", Integer),  # in the list of what is to be called; null: it is over
    Column("last_dropped_at", Utc, nullable=False),
    Column("caller_hash", String),
    Column("cell", String),
    Column("first_call", Uuid, nullable=False),
    Column("claimed_by", String),
    Column("offered_to", String),
    Column("due_at", Utc),
    Column("erase_at", Utc),
    *list_entry_columns(),
    partial_index("callbacks_work", "position", "last_dropped_at", "id", only="position IS NOT NULL"),
    partial_index("callbacks_of_regency", "regency", "position", "last_dropped_at", "id", only="position IS NOT NULL"),
    partial_index("callbacks_ended", "regency", "last_dropped_at", "id", only="position IS NULL"),
    partial_index("callbacks_all_ended", "last_dropped_at", "id", only="position IS NULL"),
    partial_index(
        "callbacks_number",
        "regency",
        "drill",
        "caller_hash",
        only="state = 'open' AND caller_hash IS NOT NULL",
        unique=True,
    ),
    partial_index(
        "callbacks_place",
        "regency",
        "drill",
        "cell",
        only="state = 'open' AND caller_hash IS NULL AND cell IS NOT NULL",
        unique=True,
    ),
    partial_index("callbacks_cell", "regency", "drill", "cell", only="state = 'open' AND cell IS NOT NULL"),
    partial_index(
        "callbacks_settled_of_number",
        *("regency", "drill", "caller_hash", "last_dropped_at"),
        only="state != 'open' AND caller_hash IS NOT NULL",
    ),
    partial_index(
        "callbacks_settled_of_place",
        *("regency", "drill", "cell", "last_dropped_at"),
        only="state != 'open' AND caller_hash IS NULL AND cell IS NOT NULL",
    ),
    partial_index("callbacks_claimed", "claimed_by", only="claimed_by IS NOT NULL AND position IS NOT NULL"),
    partial_index("callbacks_offered", "offered_to", only="offered_to IS NOT NULL"),
    partial_index("callbacks_due", "due_at", only="due_at IS NOT NULL"),
    partial_index("callbacks_erase", "erase_at", only="erase_at IS NOT NULL"),
    Index("callbacks_first_call", "first_call", "id"),
)
caller_contacts = Table(
    "caller_contacts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("caller_hash", String),
    Column("erase_at", Utc),
    partial_index(
        "caller_contacts_number",
        "regency",
        "drill",
        "caller_hash",
        only="caller_hash IS NOT NULL",
        unique=True,
    ),
    partial_index("caller_contacts_erase", "erase_at", only="erase_at IS NOT NULL"),
)

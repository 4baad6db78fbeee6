"""The table of presences."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, Uuid

from sigap_common.database import Utc
from sigap_intake.models.registry import metadata, partial_index

presences = Table(
    "presences",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("operator", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text),  # sealed
    Column("state", String),
    Column("since", Utc, nullable=False),
    Column("signed_on_at", Utc, nullable=False),
    Column("heard_at", Utc, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("due_at", Utc),
    Index("presences_room", "regency", "operator", unique=True),
    partial_index("presences_due", "due_at", only="due_at IS NOT NULL"),
)
"""Who is in which room. A heartbeat changes `heard_at` and `due_at` of one row, and says nothing to anybody."""

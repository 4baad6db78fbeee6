"""The table of referrals: intake's own copy of what dispatch says of them."""

from sqlalchemy import Boolean, Column, Index, String, Table, Text, Uuid

from sigap_common.database import Utc
from sigap_intake.models.registry import metadata

referrals = Table(
    "referrals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("caller_hash", String, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("number", String, nullable=False),
    Column("receiver", String),
    Column("opened_at", Utc, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("answer", Text),  # sealed
    Column("answered_at", Utc),
    Index("referrals_number", "regency", "caller_hash", "opened_at"),
    Index("referrals_opened", "opened_at"),
)

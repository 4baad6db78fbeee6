"""The tables of protected calls and callers."""

from sqlalchemy import Column, Index, String, Table, Uuid

from sigap_common.database import Utc
from sigap_intake.models.registry import metadata

protected_callers = Table(
    "protected_callers",
    metadata,
    Column("regency", String, primary_key=True),
    Column("caller_hash", String, primary_key=True),
    Column("incident_id", Uuid, primary_key=True),
    Column("since", Utc, nullable=False),
    Index("protected_callers_since", "regency", "since"),
)
protected_calls = Table(
    "protected_calls",
    metadata,
    Column("call_id", Uuid, primary_key=True),
    Column("because_of", Uuid, primary_key=True),
    Index("protected_calls_because", "because_of"),
)
"""Why a call is protected: an incident that it reported, or the call itself (its type, its caller's cry for help)."""
broken_glasses = Table(
    "broken_glasses",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("until", Utc, nullable=False),
)

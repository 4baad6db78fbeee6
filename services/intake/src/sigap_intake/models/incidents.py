"""The tables of incidents: intake's own copy of what dispatch says of them."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, Uuid

from sigap_common.database import Utc
from sigap_intake.models.registry import metadata

open_incidents = Table(
    "open_incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String, nullable=False),
    Column("regency", String, nullable=False),
    Column("incident_type", String),
    Column("priority", Integer, nullable=False),
    Column("protected", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("cell", String),  # H3 of resolution 7: what is near is found without opening coordinates
    Column("coordinates", Text),  # sealed
    Column("responsible", String),
    Index("open_incidents_near", "regency", "cell"),
    Index("open_incidents_opened", "opened_at"),
)
open_incident_calls = Table(
    "open_incident_calls",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("caller_hash", String, nullable=False),
    Index("open_incident_calls_number", "regency", "caller_hash"),
)
unacknowledged = Table(
    "unacknowledged",
    metadata,
    Column("forwarding_id", Uuid, primary_key=True),
    Column("incident_id", Uuid, nullable=False),
    Column("agency", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("acknowledge_by", Utc),
    Index("unacknowledged_incident", "incident_id"),
)
"""Which agencies must still acknowledge an open incident, and which revision of it."""
lately_closed = Table(
    "lately_closed",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("caller_hash", String, nullable=False),
    Column("number", String, nullable=False),
    Column("incident_type", String),
    Column("protected", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("closed_at", Utc, nullable=False),
    Column("reopen_until", Utc, nullable=False),
    Index("lately_closed_number", "regency", "caller_hash"),
    Index("lately_closed_over", "reopen_until"),
)
"""Which calls reported a lately closed incident: if one of their numbers calls again, reopening is proposed."""
incident_numbers = Table(
    "incident_numbers",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("number", String, nullable=False, index=True),
)
incident_calls = Table(
    "incident_calls",
    metadata,
    Column("incident_id", Uuid, primary_key=True),
    Column("call_id", Uuid, primary_key=True),
    Index("incident_calls_call", "call_id"),
)

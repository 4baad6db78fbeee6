"""Dispatch's tables."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text, Uuid, false, text

from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Json, Utc
from sigap_common.messaging.list_entries import list_entry_columns

metadata = MetaData()
tables = mechanism_tables(metadata)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("number", String, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("incident_type", String),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("erase_at", Utc),
    *list_entry_columns(),
)

incident_calls = Table(
    "incident_calls",
    metadata,
    Column("call_id", Uuid, primary_key=True),
    Column("incident_id", Uuid, primary_key=True, index=True),
    Column("report", Integer, nullable=False),
    Column("leads", Boolean, nullable=False),
)
"""Which calls belong to which incident. A call leads to one incident at most: its own, or the one it reports again."""

forwardings = Table(
    "forwardings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("incident_id", Uuid, nullable=False, index=True),
    Column("agency", String, nullable=False),
    Column("delivered_at", Utc),
    Column("delivered_by", String),
    Column("delivered_revision", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Utc),
    Column("failure", String),
)
"""What the gateway says of deliveries; the forwarding itself lies in its incident."""

counters = Table(
    "counters",
    metadata,
    Column("regency", String, primary_key=True),
    Column("series", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("last", Integer, nullable=False),
)

configurations = Table(
    "configurations",
    metadata,
    Column("code", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("prefix", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("configured_at", Utc, nullable=False),
    Column("by_section", Boolean, nullable=False, server_default=false()),
)
"""`by_section`: whether each of its sections was published by itself; not so what was before packs went by section."""

packs = Table(
    "packs",
    metadata,
    Column("code", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sections", Json, nullable=False),
    Column("configured_at", Utc, nullable=False),
    Column("configured_by", String),
)
"""Every version that ever was in force."""

pack_sections = Table(
    "pack_sections",
    metadata,
    Column("code", String, primary_key=True),
    Column("section", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("content", Text, nullable=False),
)
"""Every content that a section of a regency's pack ever had. `packs.sections` has the digests of a version by name."""

regency_answers = Table(
    "regency_answers",
    metadata,
    Column("code", String, primary_key=True),
    Column("service", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("applied", Boolean, nullable=False),
    Column("complaints", Json, nullable=False),
    Column("answered_at", Utc, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("service", String, nullable=False),
    Column("regency", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("label", String),
    Column("agency", String),
    Column("drill", Boolean, nullable=False),
    Column("raised_at", Utc, nullable=False),
    Column("cleared_at", Utc),
)

accounts = Table(
    "accounts",
    metadata,
    Column("username", String, primary_key=True),
    Column("password_hash", String, nullable=False),
    Column("name", String),
    Column("roles", Json, nullable=False),
    Column("regencies", Json, nullable=False),
    Column("agency", String),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
)


def _partial(name: str, *columns: Column[object], only: str, unique: bool = False) -> Index:
    where = text(only)
    return Index(name, *columns, unique=unique, postgresql_where=where, sqlite_where=where)


Index("incidents_newest", incidents.c.created_at, incidents.c.id)
Index("incidents_of_regency", incidents.c.regency, incidents.c.created_at, incidents.c.id)
Index("incidents_state", incidents.c.state, incidents.c.regency, incidents.c.created_at, incidents.c.id)
_partial("incidents_open", incidents.c.regency, incidents.c.created_at, incidents.c.id, only="is_open")
_partial("incidents_erase", incidents.c.erase_at, only="erase_at IS NOT NULL")
_partial("incidents_due", incidents.c.due_at, only="due_at IS NOT NULL")
_partial("incident_calls_lead", incident_calls.c.call_id, only="leads", unique=True)
_partial("alarms_standing", alarms.c.raised_at, alarms.c.id, only="cleared_at IS NULL")

"""The gateway's tables."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field

from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Json, Utc
from sigap_common.database.table_models import Moment, TableModel
from sigap_common.messaging.list_entries import list_entry_columns

metadata = MetaData()
mechanisms = mechanism_tables(metadata)

forwardings = Table(
    "forwardings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("agency", String, nullable=False),
    Column("incident_id", Uuid, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("concern", String, nullable=False),
    Column("erase_at", Utc),
    *list_entry_columns(),
    Column("protected", Boolean, nullable=False, server_default=false()),
    Column("information", Boolean, nullable=False, server_default=false()),
    Index("forwardings_of_agency", "agency", "id"),
    Index("forwardings_of_regency", "regency", "id"),
)


class GatewayTable(TableModel, registry=registry(metadata=metadata)):
    """The base of the gateway's tables whose rows have no life cycle."""


class EndpointRow(GatewayTable, table=True):
    """The row of an `Endpoint` of the domain. The domain does not import the database."""

    __tablename__ = "endpoints"
    __table_args__ = (
        Index("endpoints_of_agency", "agency", "name", unique=True),
        Index("endpoints_of_regency", "regency", "id"),
    )

    id: UUID = Field(primary_key=True)
    regency: str
    agency: str
    name: str
    position: int
    source: str
    channel: str
    url: str | None
    secret_ref: str | None
    secret: str | None = Field(sa_type=Text, repr=False)
    """Sealed."""
    options: dict[str, Any] = Field(sa_type=Json)
    state: str
    disabled_reason: str | None
    version: int
    created_at: Moment
    changed_at: Moment


endpoints = EndpointRow.table()

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("forwarding_id", Uuid, ForeignKey("forwardings.id"), nullable=False),
    Column("endpoint_id", Uuid, nullable=False),
    Column("regency", String, nullable=False),
    Column("agency", String, nullable=False),
    Column("endpoint", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("urgent_by", Utc, nullable=False),
    Column("acknowledge_by", Utc),
    Column("due_at", Utc),
    Column("share_until", Utc),
    Column("failure_said", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("error", String),
    Column("cause", Text, nullable=False),
    Column("notice", Text),
    Column("body", LargeBinary),
    Index("deliveries_once", "forwarding_id", "endpoint_id", "revision", "kind", unique=True),
    Index("deliveries_of_endpoint", "endpoint_id", "id"),
    Index("deliveries_of_agency", "agency", "id"),
    Index("deliveries_of_regency", "regency", "id"),
)

units = Table(
    "units",
    metadata,
    Column("agency", String, primary_key=True),
    Column("callsign", String, primary_key=True),
    Column("forwarding_id", Uuid),
    Column("incident_number", String),
    Column("since", Utc),
    Column("times_taken_over", Integer),
    Index("units_of_forwarding", "forwarding_id"),
)

OPEN = text("concern = 'open'")
Index("forwardings_open", forwardings.c.agency, forwardings.c.id, sqlite_where=OPEN, postgresql_where=OPEN)
TO_ERASE = text("erase_at IS NOT NULL")
Index("forwardings_erase", forwardings.c.erase_at, sqlite_where=TO_ERASE, postgresql_where=TO_ERASE)
KEPT = text("body IS NOT NULL OR notice IS NOT NULL")
Index("deliveries_kept", deliveries.c.regency, deliveries.c.created_at, sqlite_where=KEPT, postgresql_where=KEPT)
PENDING = text("state = 'pending'")
Index("deliveries_due", deliveries.c.due_at, sqlite_where=PENDING, postgresql_where=PENDING)
Index("deliveries_share", deliveries.c.share_until, sqlite_where=PENDING, postgresql_where=PENDING)
Index(
    "deliveries_urgency",
    deliveries.c.priority,
    deliveries.c.urgent_by,
    deliveries.c.id,
    sqlite_where=PENDING,
    postgresql_where=PENDING,
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", Uuid, ForeignKey("deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc, nullable=False),
    Column("status", Integer),
    Column("error", String),
    Column("late", Boolean, nullable=False),
    Column("excerpt", LargeBinary),
)

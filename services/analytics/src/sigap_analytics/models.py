"""Analytics' tables: one for each kind of fact.

`told` is the fact: all values that events gave, each with the event's number. The other columns are computed from it,
and figures are queried from them. Neither the columns nor `told` hold personal data.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
    false,
)
from sqlalchemy.schema import SchemaItem

from sigap_analytics.domain.facts import Kind
from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Json, Utc

metadata = MetaData()
tables = mechanism_tables(metadata)


def _facts(kind: Kind, *columns: SchemaItem) -> Table:
    return Table(
        kind.value,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("regency", String, nullable=False),
        Column("drill", Boolean, nullable=False),
        Column("zone", String, nullable=False),
        Column("told", Json, nullable=False),
        *columns,
    )


def _dated(kind: Kind, *columns: SchemaItem) -> Table:
    """A table of facts with the local day and hour of their start, with indexes for one regency and for the nation."""
    return _facts(
        kind,
        Column("day", Date),
        Column("hour", SmallInteger),
        *columns,
        Index(f"{kind.value}_of_regency", "regency", "day", "drill"),
        Index(f"{kind.value}_by_day", "day", "drill"),
    )


calls = _dated(
    Kind.CALL,
    Column("channel", String),
    Column("outcome", String, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("waited_ms", BigInteger),
    Column("block_rule", String),
)
incidents = _dated(
    Kind.INCIDENT,
    Column("kind", String),
    Column("protected", Boolean, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("answered_at", Utc),
    Column("corrected_at", Utc),
    Column("opened_at", Utc),
    Column("merged_into", Uuid, index=True),
    Column("by_transfer", Boolean, nullable=False, server_default=false()),
)
forwardings = _dated(
    Kind.FORWARDING,
    Column("incident_id", Uuid, index=True),
    Column("agency", String),
    Column("alarm_level", SmallInteger),
    Column("protected", Boolean, nullable=False),
    Column("backfilled", Boolean, nullable=False),
    Column("outcome", String, nullable=False),
    Column("on_behalf", Boolean, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("forwarded_at", Utc),
    Column("withdrawn_at", Utc),
    Column("acknowledged_ms", BigInteger),
    Column("en_route_at", Utc),
    Column("on_scene_at", Utc),
    Column("done_at", Utc),
)
units_sent = _facts(
    Kind.UNIT_SENT,
    Column("forwarding_id", Uuid, index=True),
    Column("callsign", String),
    Column("en_route_at", Utc),
    Column("on_scene_at", Utc),
    Column("released_at", Utc),
    Column("went_on", Boolean, nullable=False),
)
deliveries = _dated(
    Kind.DELIVERY,
    Column("forwarding_id", Uuid),
    Column("channel", String),
    Column("delivered_at", Utc),
    Index("deliveries_of_forwarding", "forwarding_id", "delivered_at"),
)
duties = _dated(
    Kind.DUTY,
    Column("roster_id", Uuid),
    Column("published", Integer),
    Column("starts_at", Utc),
)
attendances = _dated(Kind.ATTENDANCE, Column("started_at", Utc))
rosters = _facts(Kind.ROSTER, Column("published", Integer))
callbacks = _dated(
    Kind.CALLBACK,
    Column("outcome", String, nullable=False),
    Column("cut_off", Boolean, nullable=False),
    Column("sampled", Boolean, nullable=False),
)
referrals = _dated(Kind.REFERRAL, Column("outcome", String, nullable=False))
transferred_calls = _dated(Kind.TRANSFERRED_CALL, Column("outcome", String, nullable=False))

FACTS = {kind: metadata.tables[kind.value] for kind in Kind}

"""Roster's tables."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, Text, Uuid, text

from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Utc

metadata = MetaData()
tables = mechanism_tables(metadata)

staff = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("subject", String),
    Column("number_hash", String),
    Column("erase_at", Utc),
    Index("staff_of_regency", "regency", "id"),
)

rosters = Table(
    "rosters",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("changed", Boolean, nullable=False),
    Column("published_version", Integer, nullable=False),
    Column("published_at", Utc),
    Index("rosters_of_regency", "regency", "id"),
)

duties = Table(
    "duties",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("regency", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("roster_id", Uuid, nullable=False, index=True),
    Column("staff_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("starts_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Index("duties_by_start", "starts_at", "id"),
    Index("duties_of_regency", "regency", "starts_at", "id"),
    Index("duties_of_staff", "staff_id", "starts_at", "id"),
)


def _unique(name: str, column: str) -> None:
    """Once in a regency, for those who have it."""
    where = text(f"{column} IS NOT NULL")
    chosen = (staff.c.regency, staff.c[column])
    Index(name, *chosen, unique=True, postgresql_where=where, sqlite_where=where)


_TO_ERASE = text("erase_at IS NOT NULL")
Index("staff_erase", staff.c.erase_at, postgresql_where=_TO_ERASE, sqlite_where=_TO_ERASE)
_unique("staff_subject", "subject")
_unique("staff_number", "number_hash")

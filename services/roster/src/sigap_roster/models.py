"""Roster's tables."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, Text, Uuid, text
from sqlalchemy.orm import registry
from sqlmodel import Field

from sigap_common.app.tables import mechanism_tables
from sigap_common.database import Json, Utc
from sigap_common.database.table_models import Moment, OptionalMoment, TableModel

metadata = MetaData()
tables = mechanism_tables(metadata)

UNDER_WAY = "state IN ('queued', 'running')"
"""The solves that are not over. A statement that says just this finds them by their index."""


def _of_those_with(column: str, name: str, *columns: str, unique: bool = False) -> Index:
    """An index of the rows that have a value in the column."""
    where = text(f"{column} IS NOT NULL")
    return Index(name, *columns, unique=unique, postgresql_where=where, sqlite_where=where)


class RosterTable(TableModel, registry=registry(metadata=metadata)):
    """The base of roster's tables whose rows have no life cycle."""


class StaffRow(RosterTable, table=True):
    """The row of a `StaffMember` of the domain. Personal data is sealed in the document."""

    __tablename__ = "staff"
    __table_args__ = (
        Index("staff_of_regency", "regency", "id"),
        _of_those_with("erase_at", "staff_erase", "erase_at"),
        # Unique in a regency.
        _of_those_with("subject", "staff_subject", "regency", "subject", unique=True),
        _of_those_with("number_hash", "staff_number", "regency", "number_hash", unique=True),
    )

    id: UUID = Field(primary_key=True)
    regency: str
    version: int
    document: str = Field(sa_type=Text)
    active: bool
    subject: str | None
    number_hash: str | None
    erase_at: OptionalMoment


staff = StaffRow.table()


class AbsenceRow(RosterTable, table=True):
    """The row of an `Absence` of the domain: days off, without a cause, or a wish for a shift."""

    __tablename__ = "absences"
    __table_args__ = (
        Index("absences_of_regency", "regency", "id"),
        Index("absences_of_staff", "staff_id", "last_day"),
        Index("absences_by_end", "last_day"),
    )

    id: UUID = Field(primary_key=True)
    regency: str
    staff_id: UUID
    kind: str
    first_day: date
    last_day: date
    shift: str | None = None
    weight: int = 1


absences = AbsenceRow.table()


class SolveRow(RosterTable, table=True):
    """One search for a plan, and what it found. The assignments name people by their ids alone."""

    __tablename__ = "solves"
    __table_args__ = (
        Index("solves_of_roster", "roster_id", "id"),
        Index("solves_by_end", "ended_at"),
        Index("solves_open", "turn", "id", sqlite_where=text(UNDER_WAY), postgresql_where=text(UNDER_WAY)),
        Index("solves_of_regency", "regency", "turn"),
        _of_those_with("started_at", "solves_begun", "turn"),
    )

    id: UUID = Field(primary_key=True)
    regency: str
    roster_id: UUID
    roster_version: int
    """The version that the plan was made for; as it was asked for, until the search begins."""
    state: str
    existing: str
    seconds: int
    seed: int
    asked_by: str
    asked_at: Moment
    started_at: OptionalMoment
    ended_at: OptionalMoment
    progress: dict[str, Any] = Field(sa_type=Json)
    assignments: list[dict[str, str]] = Field(sa_type=Json)
    failure: str | None
    explanation: dict[str, Any] = Field(default={}, sa_type=Json)
    """Why seats stay open; empty until that is known. It names people by their ids alone."""
    turn: int = 0
    """Searches begin in the order of their turns, those of one turn in the order of their ids."""
    machine: str | None = None
    """Where it runs, or ran."""
    claimed_until: OptionalMoment = None
    """While it runs, its process moves this on. Once it has passed, that process is gone."""


solves = SolveRow.table()


class TeamRow(RosterTable, table=True):
    """The row of a `Team` of the domain. `members`: the ids of staff."""

    __tablename__ = "teams"
    __table_args__ = (Index("teams_of_regency", "regency", "id"),)

    id: UUID = Field(primary_key=True)
    regency: str
    version: int
    name: str
    cycle: list[str | None] = Field(sa_type=Json)
    starts_on: date
    members: list[str] = Field(sa_type=Json)


teams = TeamRow.table()


class RequestRow(RosterTable):
    """What staff ask for that changes a published plan. It names people and duties by their ids alone."""

    id: UUID = Field(primary_key=True)
    regency: str
    roster_id: UUID
    staff_id: UUID
    day: date
    shift: str
    state: str
    """A `SwapState` of the domain."""
    asked_by: str
    asked_at: Moment
    decided_by: str | None
    decided_at: OptionalMoment


class SwapRow(RequestRow, table=True):
    """A duty that its person gives away, perhaps for one in return."""

    __tablename__ = "swaps"
    __table_args__ = (
        Index("swaps_of_regency", "regency", "id"),
        Index("swaps_of_duty", "duty_id"),
        Index("swaps_for_duty", "return_duty_id"),
        Index("swaps_by_day", "day"),
    )

    duty_id: UUID
    to_staff_id: UUID | None
    """Who is asked, or has taken it; None: anybody may take it."""
    return_duty_id: UUID | None
    return_day: date | None
    return_shift: str | None
    return_roster_id: UUID | None = None
    """The roster of the duty in return; None: the same."""
    for_anybody: bool = False
    """Whether it was offered to all staff of the regency; `to_staff_id` tells it only until somebody takes it."""


swaps = SwapRow.table()


class PickupRow(RequestRow, table=True):
    """A person who takes a seat that a published plan leaves open."""

    __tablename__ = "pickups"
    __table_args__ = (
        Index("pickups_of_regency", "regency", "id"),
        Index("pickups_of_roster", "roster_id"),
        Index("pickups_by_day", "day"),
    )


pickups = PickupRow.table()


class LockRow(RosterTable, table=True):
    """The row of a `Lock` of the domain: a cell of a roster that the planner locked."""

    __tablename__ = "locks"
    __table_args__ = (Index("locks_of_roster", "roster_id", "id"), Index("locks_by_day", "day"))

    id: UUID = Field(primary_key=True)
    regency: str
    roster_id: UUID
    staff_id: UUID
    day: date
    shift: str | None
    locked_by: str
    locked_at: Moment


locks = LockRow.table()


class CalendarLinkRow(RosterTable, table=True):
    """The secret link of one person's calendar; of the secret its keyed hash alone."""

    __tablename__ = "calendar_links"
    __table_args__ = (Index("calendar_links_by_secret", "secret_hash", unique=True),)

    staff_id: UUID = Field(primary_key=True)
    regency: str
    secret_hash: str
    made_at: Moment
    made_by: str


calendar_links = CalendarLinkRow.table()

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
    Column("started_at", Utc),
    Column("ended_at", Utc),
    Column("break_minutes", Integer, nullable=False, server_default="0"),
    Index("duties_by_start", "starts_at", "id"),
    Index("duties_of_regency", "regency", "starts_at", "id"),
    Index("duties_of_staff", "staff_id", "starts_at", "id"),
)

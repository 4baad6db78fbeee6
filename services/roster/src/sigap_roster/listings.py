"""Roster's lists, with their orders and filters."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, and_, exists, or_, select

from sigap_common.http.listing import Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_common.http.types import Utc
from sigap_roster.domain import AbsenceKind, DutyState, RosterState, SwapState
from sigap_roster.domain.duty import EARLIEST, STILL_THERE
from sigap_roster.models import absences, duties, pickups, rosters, solves, staff, swaps, teams
from sigap_roster.repository.duties import LONGEST_SHIFT
from sigap_roster.repository.rosters import Overview
from sigap_roster.repository.solves import SUMMARY
from sigap_roster.schemas.shared import Day
from sigap_roster.visibility import POLICY


@dataclass(frozen=True, kw_only=True)
class StaffFilters:
    regency: Regency = None
    active: Annotated[bool | None, Query(description="Left out: both")] = None


@dataclass(frozen=True, kw_only=True)
class AbsenceFilters:
    regency: Regency = None
    staff: Annotated[UUID | None, Query(description="Of this person alone")] = None
    kind: AbsenceKind | None = None
    first: Annotated[Day | None, Query(alias="from", description="That end on this day or later")] = None
    last: Annotated[Day | None, Query(alias="to", description="That begin on this day or earlier")] = None


@dataclass(frozen=True, kw_only=True)
class TeamFilters:
    regency: Regency = None


@dataclass(frozen=True, kw_only=True)
class SwapFilters:
    regency: Regency = None
    state: SwapState | None = None
    staff: Annotated[UUID | None, Query(description="That this person offers, is asked about, or took")] = None


@dataclass(frozen=True, kw_only=True)
class PickupFilters:
    regency: Regency = None
    state: SwapState | None = None
    staff: Annotated[UUID | None, Query(description="That this person asks for")] = None


@dataclass(frozen=True, kw_only=True)
class RosterFilters:
    regency: Regency = None
    state: RosterState | None = None


_AT = (
    "Only duties planned for this moment, or under way then: begun early, or not ended yet (at most 4 hours after the "
    "planned end); without any filter: now"
)


@dataclass(frozen=True, kw_only=True)
class DutyFilters:
    regency: Regency = None
    staff: Annotated[UUID | None, Query(description="Only duties of this person")] = None
    at: Annotated[Utc | None, Query(description=_AT)] = None
    first: Annotated[Day | None, Query(alias="from", description="From this day on")] = None
    last: Annotated[Day | None, Query(alias="to", description="Until this day, included")] = None

    @property
    def asks_for_now(self) -> bool:
        return self.at is None and self.staff is None and self.first is None and self.last is None


# The indexes begin with `starts_at`. Each condition also bounds this column, so that few rows are read.
def _at(moment: datetime) -> ColumnElement[bool]:
    """Planned for the moment, or under way then: begun before its time, or not ended at its time."""
    row = duties.c
    planned = and_(row.starts_at <= moment, row.ends_at > moment)
    not_ended = or_(row.ended_at.is_(None), row.ended_at > moment)
    there = and_(row.started_at <= moment, not_ended, row.ends_at > moment - STILL_THERE)
    earliest, latest = moment - LONGEST_SHIFT - STILL_THERE, moment + EARLIEST
    return and_(row.starts_at <= latest, row.starts_at > earliest, or_(planned, there))


def _from(day: date) -> ColumnElement[bool]:
    return and_(duties.c.day >= day, duties.c.starts_at >= _midnight(day) - timedelta(days=1))


def _until(day: date) -> ColumnElement[bool]:
    return and_(duties.c.day <= day, duties.c.starts_at < _midnight(day) + timedelta(days=2))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


_ON_LEAVE = exists().where(
    absences.c.staff_id == duties.c.staff_id,
    absences.c.kind == AbsenceKind.LEAVE,
    absences.c.first_day <= duties.c.day,
    absences.c.last_day >= duties.c.day,
)
STAFF = Listing(staff, order=Keyset(staff.c.id), policy=POLICY, filters=StaffFilters)
ABSENCES = Listing(
    absences,
    order=Keyset(absences.c.id),
    policy=POLICY,
    filters=AbsenceFilters,
    where={
        "staff": lambda staff_id: absences.c.staff_id == staff_id,
        "first": lambda day: absences.c.last_day >= day,
        "last": lambda day: absences.c.first_day <= day,
    },
)
SOLVES = Listing(
    solves,
    order=Keyset(solves.c.id, newest_first=True),
    policy=POLICY,
    source=select(*SUMMARY),
)
TEAMS = Listing(teams, order=Keyset(teams.c.id), policy=POLICY, filters=TeamFilters)
SWAPS = Listing(
    swaps,
    order=Keyset(swaps.c.id, newest_first=True),
    policy=POLICY,
    filters=SwapFilters,
    where={"staff": lambda staff_id: or_(swaps.c.staff_id == staff_id, swaps.c.to_staff_id == staff_id)},
)
PICKUPS = Listing(
    pickups,
    order=Keyset(pickups.c.id, newest_first=True),
    policy=POLICY,
    filters=PickupFilters,
    where={"staff": lambda staff_id: pickups.c.staff_id == staff_id},
)
ROSTERS = Listing(
    rosters,
    order=Keyset(rosters.c.id, newest_first=True),
    policy=POLICY,
    filters=RosterFilters,
    source=select(*(rosters.c[name] for name in Overview.__dataclass_fields__)),
)
DUTIES = Listing(
    duties,
    order=Keyset(duties.c.starts_at, duties.c.id),
    policy=POLICY,
    filters=DutyFilters,
    where={"staff": lambda staff_id: duties.c.staff_id == staff_id, "at": _at, "first": _from, "last": _until},
    source=select(duties, staff.c.document.label("person"), staff.c.active, _ON_LEAVE.label("on_leave")).join(
        staff, staff.c.id == duties.c.staff_id
    ),
    always=(duties.c.state != DutyState.WITHDRAWN,),
)

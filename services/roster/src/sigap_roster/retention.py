"""Roster erases the contacts and numbers of staff some time after their last duty, and old days off and searches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from sigap_common.contracts.retention import STAFF_PERIODS
from sigap_common.core.ids import moment_of
from sigap_common.database import Connection, Utc
from sigap_common.messaging.jobs import DeletionSweep, Sweep
from sigap_common.messaging.retention import Erasable
from sigap_common.regency.in_force import PacksInForce
from sigap_roster import models
from sigap_roster.domain import DutyState
from sigap_roster.models import duties, staff, tables


async def _since(connection: Connection, staff_id: UUID, _: Mapping[str, Any]) -> datetime:
    """The end of the person's last duty, even if it is in the future. Without any duty: when the entry was made."""
    of_person = (duties.c.staff_id == staff_id, duties.c.state != DutyState.WITHDRAWN)
    last: datetime | None = await connection.scalar(select(func.max(duties.c.ends_at, type_=Utc)).where(*of_person))
    return last or moment_of(staff_id)


_WITH_STAFF = {"staff": (models.calendar_links.c.staff_id,)}
"""If the contact of a person is erased, so is the link of the calendar."""
STAFF = Erasable(staff, tables.timeline, STAFF_PERIODS, _since, {"staff": ("number_hash",)}, rows=_WITH_STAFF)

ABSENCES_KEPT, SOLVES_KEPT = timedelta(days=366), timedelta(days=30)


def absences(_: PacksInForce) -> Sweep:
    """Days off that are over for a year: no rule looks back so far."""
    table = models.absences
    return DeletionSweep("absences", table, lambda now: table.c.last_day < (now - ABSENCES_KEPT).date())


def swaps(_: PacksInForce) -> Sweep:
    """Swaps of duties that are over for a year."""
    table = models.swaps
    return DeletionSweep("swaps", table, lambda now: table.c.day < (now - ABSENCES_KEPT).date())


def pickups(_: PacksInForce) -> Sweep:
    """Pickups of shifts that are over for a year."""
    table = models.pickups
    return DeletionSweep("pickups", table, lambda now: table.c.day < (now - ABSENCES_KEPT).date())


def locks(_: PacksInForce) -> Sweep:
    """Locked cells of days that are over for a year."""
    table = models.locks
    return DeletionSweep("locks", table, lambda now: table.c.day < (now - ABSENCES_KEPT).date())


def solves(_: PacksInForce) -> Sweep:
    """Searches that ended a month ago. What was taken of them is in the rosters."""
    table = models.solves
    return DeletionSweep("solves", table, lambda now: table.c.ended_at < now - SOLVES_KEPT)

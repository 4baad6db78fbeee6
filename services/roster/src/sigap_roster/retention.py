"""Roster erases the contacts and numbers of staff, some time after their last duty."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from sigap_common.contracts.retention import STAFF_PERIODS
from sigap_common.core.ids import moment_of
from sigap_common.database import Connection, Utc
from sigap_common.messaging.retention import Erasable
from sigap_roster.domain import DutyState
from sigap_roster.models import duties, staff, tables


async def _since(connection: Connection, staff_id: UUID, _: Mapping[str, Any]) -> datetime:
    """The end of the person's last duty, even if it is in the future. Without any duty: when the entry was made."""
    of_person = (duties.c.staff_id == staff_id, duties.c.state != DutyState.WITHDRAWN)
    last: datetime | None = await connection.scalar(select(func.max(duties.c.ends_at, type_=Utc)).where(*of_person))
    return last or moment_of(staff_id)


STAFF = Erasable(staff, tables.timeline, STAFF_PERIODS, _since, {"staff": ("number_hash",)})

"""All SQL about open incidents: intake's own copy, which follows dispatch's events.

Dispatch owns incidents. Intake only asks which are open for a number or near a place, so a closed one is deleted.
"""

import math
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Integer, String, Uuid, bindparam, delete, false, func, select, update

from sigap_common.contracts.duplicates import IncidentUnmerged
from sigap_common.contracts.incidents import IncidentCreated
from sigap_common.contracts.places import Place
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import SealContext, Sealed
from sigap_common.regency.geometry import Point, cells_around, distance_m
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain.open_incident import NearIncident, OpenIncident
from sigap_intake.models.incidents import open_incident_calls, open_incidents

FARTHEST_M = 10_000.0
"""Nobody asks for incidents that are farther away: these would be too many cells for one statement."""
NEAR_AT_MOST = 20
FORGOTTEN_AFTER = timedelta(days=30)
"""An incident that nobody closed for so long says nothing about a call of today, and its callers' hashes must go."""

_COORDINATES = "coordinates"
_ADD = CompiledStatement(insert_if_new(open_incidents), [column.name for column in open_incidents.columns])
_ADD_CALL = CompiledStatement(
    insert_if_new(open_incident_calls), [column.name for column in open_incident_calls.columns]
)
_this = open_incidents.c.id == bindparam("this_id")
_CHANGE = CompiledStatement(
    update(open_incidents)
    .where(_this)
    .values(
        incident_type=func.coalesce(bindparam("new_type", type_=String), open_incidents.c.incident_type),
        priority=func.coalesce(bindparam("new_priority", type_=Integer), open_incidents.c.priority),
        # Correcting the type does not lift protection.
        protected=open_incidents.c.protected | bindparam("now_protected", type_=Boolean),
    ),
    by="this_id",
)
_LIFT = CompiledStatement(update(open_incidents).where(_this).values(protected=false()), by="this_id")
_MOVE = CompiledStatement(
    update(open_incidents).where(_this).values(cell=bindparam("new_cell"), coordinates=bindparam("new_coordinates")),
    by="this_id",
)
_FORGET = CompiledStatement(delete(open_incidents).where(_this), by="this_id")
_FORGET_CALLS = CompiledStatement(
    delete(open_incident_calls).where(open_incident_calls.c.incident_id == bindparam("this_id")), by="this_id"
)
_c = open_incident_calls.c
_COPY_CALLS = CompiledStatement(
    insert_if_new(open_incident_calls).from_select(
        ["incident_id", "call_id", "regency", "caller_hash"],
        select(bindparam("into", type_=Uuid), _c.call_id, _c.regency, _c.caller_hash).where(
            _c.incident_id == bindparam("this_id")
        ),
    )
)
_TAKE_CALL = CompiledStatement(
    delete(open_incident_calls).where(_c.incident_id == bindparam("this_id"), _c.call_id == bindparam("this_call")),
    by="this_id",
)
_OF_NUMBER = CompiledStatement(
    select(open_incidents)
    .distinct()
    .join(open_incident_calls, open_incident_calls.c.incident_id == open_incidents.c.id)
    .where(
        open_incident_calls.c.regency == bindparam("this_regency"),
        open_incident_calls.c.caller_hash == bindparam("this_hash"),
        open_incidents.c.drill == bindparam("is_drill"),
    )
    .order_by(open_incidents.c.opened_at.desc(), open_incidents.c.id)
)


class OpenIncidents:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    def add(
        self,
        incident_id: UUID,
        regency: str,
        drill: bool,
        created: IncidentCreated | IncidentUnmerged | IncidentReopened,
    ) -> None:
        self._tx.later(
            _ADD,
            [
                {
                    "id": incident_id,
                    "number": created.number,
                    "regency": regency,
                    "incident_type": created.incident_type,
                    "priority": created.priority,
                    "protected": created.protected,
                    "drill": drill,
                    "opened_at": created.started_at,
                    "responsible": None,
                    **self._position(incident_id, created.place),
                }
            ],
        )

    def add_call(self, incident_id: UUID, regency: str, call_id: UUID, caller_hash: str | None) -> None:
        """Keeps which number reported the incident. A call without a number leaves nothing to find it by."""
        if caller_hash is not None:
            row = {"incident_id": incident_id, "call_id": call_id, "regency": regency, "caller_hash": caller_hash}
            self._tx.later(_ADD_CALL, [row])

    def change(self, incident_id: UUID, incident_type: str | None, priority: int | None, protected: bool) -> None:
        """None: unchanged. `protected`: whether the new type protects the incident."""
        values = {"this_id": incident_id, "new_type": incident_type, "new_priority": priority}
        self._tx.later(_CHANGE, [values | {"now_protected": protected}])

    def lift(self, incident_id: UUID) -> None:
        """A supervisor lifted the incident's protection."""
        self._tx.later(_LIFT, [{"this_id": incident_id}])

    def move(self, incident_id: UUID, place: Place) -> None:
        new = {f"new_{name}": value for name, value in self._position(incident_id, place).items()}
        self._tx.later(_MOVE, [{"this_id": incident_id, **new}])

    def move_calls(self, incident_id: UUID, into: UUID) -> None:
        """The calls of an incident belong to the one into which it was merged, too."""
        self._tx.later(_COPY_CALLS, [{"this_id": incident_id, "into": into}])

    def take_call(self, incident_id: UUID, call_id: UUID) -> None:
        self._tx.later(_TAKE_CALL, [{"this_id": incident_id, "this_call": call_id}])

    def forget(self, incident_id: UUID) -> None:
        self._tx.later(_FORGET, [{"this_id": incident_id}])
        self._tx.later(_FORGET_CALLS, [{"this_id": incident_id}])

    async def of_number(self, regency: str, caller_hash: str | None, drill: bool = False) -> list[OpenIncident]:
        """The open incidents of the regency that this number reported, the newest first; none without a number."""
        if caller_hash is None:
            return []
        who = {"this_regency": regency, "this_hash": caller_hash, "is_drill": drill}
        return [self._opened(row) for row in await _OF_NUMBER.rows(self._tx.connection, who)]

    async def near(self, regency: str, place: Place, metres: float, drill: bool = False) -> list[NearIncident]:
        """The open incidents of the regency within that distance of the place, the nearest first, at most NEAR_AT_MOST.

        None for a place without coordinates. A distance above FARTHEST_M counts as FARTHEST_M.
        """
        if place.point is None:
            return []
        here, reach = Point(*place.point), min(metres, FARTHEST_M)
        wanted = (
            open_incidents.c.regency == regency,
            open_incidents.c.drill == drill,
            open_incidents.c.cell.in_(cells_around(here, reach)),
        )
        rows = await self._tx.connection.execute(select(open_incidents).where(*wanted))
        found = [NearIncident(one, _distance(here, one)) for one in map(self._opened, rows)]
        within = [one for one in found if one.metres <= reach]
        return sorted(within, key=lambda one: (one.metres, one.incident.id))[:NEAR_AT_MOST]

    def _position(self, incident_id: UUID, place: Place | None) -> dict[str, str | None]:
        sealed = place.coordinates if place else None
        token = sealed.token(self._seal(incident_id), _COORDINATES) if sealed else None
        return {"cell": place.cell if place else None, "coordinates": token}

    def _opened(self, row: Any) -> OpenIncident:
        sealed = Sealed.read(row.coordinates, self._seal(row.id), _COORDINATES) if row.coordinates else None
        lat, lon = Place(coordinates=sealed).point or (None, None)
        names = ("id", "number", "regency", "incident_type", "priority", "protected", "drill", "opened_at")
        return OpenIncident(**{name: getattr(row, name) for name in names}, lat=lat, lon=lon)

    def _seal(self, incident_id: UUID) -> SealContext:
        return SealContext(self._tx.ring, str(incident_id))


def _distance(here: Point, incident: OpenIncident) -> float:
    return math.inf if incident.point is None else distance_m(here, incident.point)


def forget_incidents(_: PacksInForce) -> DeletionSweep:
    opened_at = open_incidents.c.opened_at
    return DeletionSweep("open_incidents", open_incidents, lambda now: opened_at <= now - FORGOTTEN_AFTER)


def forget_their_calls(_: PacksInForce) -> DeletionSweep:
    """Deletes what is left of an incident that `forget_incidents` deleted."""
    of_none = open_incident_calls.c.incident_id.not_in(select(open_incidents.c.id))
    return DeletionSweep("open_incident_calls", open_incident_calls, lambda _: of_none)

"""Finds the open incidents around a place, and those of one caller."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, false, select, text, type_coerce, union_all
from sqlalchemy.types import NULLTYPE

from sigap_common.database import CompiledStatement, Utc
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.geometry import Point, spread
from sigap_dispatch.domain.matching import Scene
from sigap_dispatch.models import incidents as t

AROUND_AT_MOST = 50
"""The most incidents that are compared with one. In a disaster more lie around; the nearest of them suffice."""
OF_CALLER_AT_MOST = 10
_NUMBERS = ("lat", "lon", "uncertainty_m")
_FOUND = (
    *(t.c[name] for name in ("id", "number", "incident_type", "reported_at", "caller_hash")),
    # As the driver gives them: SQLAlchemy's reader of PostgreSQL's numbers wants to know the type of each row.
    *(type_coerce(t.c[name], NULLTYPE).label(name) for name in _NUMBERS),
)
_OPEN = text("is_open")  # as a literal: only so does the database use the partial indexes


def _open_ones() -> Select[Any]:
    return select(*_FOUND).where(
        _OPEN,
        t.c.regency == bindparam("this_regency"),
        t.c.drill == bindparam("this_drill"),
        t.c.backfilled == false(),
        t.c.protected == false(),
        t.c.reported_at >= bindparam("since", type_=Utc),
    )


def _within_box() -> Select[Any]:
    north, east = t.c.lat - bindparam("this_lat"), (t.c.lon - bindparam("this_lon")) * bindparam("shrink")
    near = _open_ones().where(
        t.c.lat.between(bindparam("south"), bindparam("north")), t.c.lon.between(bindparam("west"), bindparam("east"))
    )
    return near.order_by(north * north + east * east).limit(AROUND_AT_MOST)


def _of_caller() -> Select[Any]:
    mine = _open_ones().where(t.c.caller_hash == bindparam("this_caller"))
    return mine.order_by(t.c.reported_at.desc()).limit(OF_CALLER_AT_MOST)


def _each(*searches: Select[Any]) -> CompiledStatement:
    """Each search in a subquery of its own: SQLite allows LIMIT in a part of a UNION only there."""
    return CompiledStatement(select(union_all(*(select(search.subquery()) for search in searches)).subquery()))


@dataclass(frozen=True, slots=True)
class Sought:
    """What the open incidents are searched by. At least one of `point` and `caller_hash` is known."""

    regency: str
    drill: bool
    point: Point | None
    radius_m: float
    caller_hash: str | None
    since: datetime


_AROUND = CompiledStatement(_within_box())
_MINE = CompiledStatement(_of_caller())
_BOTH = _each(_within_box(), _of_caller())


class OpenIncidents:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def around(self, sought: Sought) -> dict[UUID, Scene]:
        """The nearest open incidents within the radius, and the newest of the caller. No protected one is found."""
        given: dict[str, Any] = {
            "this_regency": sought.regency,
            "this_drill": sought.drill,
            "since": sought.since,
        }
        statement = _BOTH if sought.caller_hash else _AROUND
        if sought.point is None:
            statement = _MINE
        else:
            given |= _box(sought.point, sought.radius_m)
        if sought.caller_hash:
            given["this_caller"] = sought.caller_hash
        return {row.id: _scene(row) for row in await statement.rows(self._tx.connection, given)}


def _box(point: Point, metres: float) -> dict[str, float]:
    lat, lon = spread(point.lat, metres)
    return {
        "south": point.lat - lat,
        "north": point.lat + lat,
        "west": point.lon - lon,
        "east": point.lon + lon,
        "this_lat": point.lat,
        "this_lon": point.lon,
        "shrink": lat / lon,
    }


def _scene(row: Any) -> Scene:
    point = Point(row.lat, row.lon, row.uncertainty_m) if row.lat is not None else None
    return Scene(row.id, row.number, row.incident_type, point, row.reported_at, row.caller_hash)

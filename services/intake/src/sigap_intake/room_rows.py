"""The calls that the watch of the room looks for: who waits too long, whose operator is gone or is there again.

Each look reads partial indexes of waiting or answered calls, never the calls that are over.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, literal_column, select, true

from sigap_common.contracts.calls import RingStep
from sigap_common.database import CompiledStatement, Connection
from sigap_intake.models import calls, open_incident_calls, open_incidents, presences

AT_ONCE = 50
"""Calls that one look acts on. In a flood the others come with the next looks, the longest waiting first."""
LOOKED_AT = 2000
"""Waiting calls that one look reads of."""

# Bound values would keep both databases from using the partial indexes.
_WAITS = calls.c.state == literal_column("'waiting'")
_ON_LINE = calls.c.state == literal_column("'answered'")
_GONE: ColumnElement[bool] = literal_column("calls.operator_gone")
_OF_OPERATOR = and_(presences.c.regency == calls.c.regency, presences.c.operator == calls.c.answered_by)
_MOST: ColumnElement[int] = literal_column(str(AT_ONCE))

_RINGING = CompiledStatement(
    select(calls.c.id, calls.c.regency, calls.c.queued_at, calls.c.rung)
    .where(_WAITS, calls.c.drill == false(), calls.c.backfilled == false())
    .where(calls.c.rung < literal_column(str(len(RingStep))))
    .order_by(calls.c.queued_at)
    .limit(literal_column(str(LOOKED_AT)))
)
_LEFT = CompiledStatement(
    select(calls.c.id, calls.c.answered_by)
    .select_from(presences)
    .join(calls, _OF_OPERATOR)
    .where(_ON_LINE, calls.c.operator_gone == false(), calls.c.backfilled == false())
    .where(presences.c.stale == true())
    .limit(_MOST)
)
_FOUND = CompiledStatement(
    select(calls.c.id)
    .select_from(calls)
    .join(presences, _OF_OPERATOR)
    .where(_GONE, presences.c.due_at.is_not(None))
    .limit(_MOST)
)


_REPORTED = (
    select(open_incidents.c.id)
    .join(open_incident_calls, open_incident_calls.c.incident_id == open_incidents.c.id)
    .where(open_incident_calls.c.regency == calls.c.regency, open_incident_calls.c.caller_hash == calls.c.caller_hash)
    .where(open_incidents.c.drill == calls.c.drill)
)
_OF_REPORTERS = CompiledStatement(
    select(calls.c.id, calls.c.regency)
    .where(_WAITS, calls.c.backfilled == false(), calls.c.raised_by_seconds == literal_column("0"))
    .where(_REPORTED.exists())
    .limit(_MOST)
)


class Waiting(NamedTuple):
    """A waiting call that may ring further."""

    id: UUID
    regency: str
    queued_at: datetime
    rung: int


async def waiting(connection: Connection) -> list[Waiting]:
    """The longest waiting first."""
    return [Waiting(*row) for row in await _RINGING.rows(connection, {})]


async def of_reporters(connection: Connection) -> list[tuple[UUID, str]]:
    """Waiting calls whose number reported an incident that is still open, and that do not stand higher for it yet; each
    with its regency.
    """
    return [(row.id, row.regency) for row in await _OF_REPORTERS.rows(connection, {})]


async def left_alone(connection: Connection) -> list[tuple[UUID, str]]:
    """Calls on the line whose operator's screen has fallen silent, and that are no alarm yet. With that operator."""
    return [(row.id, row.answered_by) for row in await _LEFT.rows(connection, {})]


async def found_again(connection: Connection) -> list[UUID]:
    """Calls with that alarm whose operator is heard of again."""
    return [row.id for row in await _FOUND.rows(connection, {})]

"""The calls that the watch of the room looks for: who waits too long, whose operator is gone or is there again.

Each look reads partial indexes of waiting or answered calls, never the calls that are over. `watched_rung` is the
number of steps behind a waiting call, and null for any other.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, func, literal_column, or_, select, true

from sigap_common.contracts.calls import RingStep
from sigap_common.database import CompiledStatement, Connection
from sigap_intake.domain.exchange_ids import LONGEST_CALL
from sigap_intake.domain.presence import STALE_AFTER
from sigap_intake.models.calls import calls
from sigap_intake.models.incidents import open_incident_calls, open_incidents
from sigap_intake.models.presences import presences

AT_ONCE = 10
"""Calls that one look acts on. In a flood the others come with the next looks, the longest waiting first: a look holds
the database's lock, and on a single host the event loop, while arriving calls wait for both.
"""

# Bound values would keep both databases from using the partial indexes.
_ON_LINE = calls.c.state == literal_column("'answered'")
_GONE: ColumnElement[bool] = literal_column("calls.operator_gone")
_OF_OPERATOR = and_(presences.c.regency == calls.c.regency, presences.c.operator == calls.c.answered_by)
_MOST: ColumnElement[int] = literal_column(str(AT_ONCE))

_MAY_RING = (calls.c.drill == false(), calls.c.watched_rung < literal_column(str(len(RingStep))))
LONGEST = CompiledStatement(
    select(calls.c.regency, calls.c.watched_rung, func.min(calls.c.queued_at).label("queued_at"))
    .where(*_MAY_RING)
    .group_by(calls.c.regency, calls.c.watched_rung)
)
_RINGING = CompiledStatement(
    select(calls.c.id, calls.c.regency, calls.c.queued_at, calls.c.watched_rung)
    .where(*_MAY_RING, calls.c.regency == bindparam("of_regency"), calls.c.watched_rung == bindparam("of_rung"))
    .order_by(calls.c.queued_at)
    .limit(_MOST)
)
_LEFT = CompiledStatement(
    select(calls.c.id, calls.c.answered_by)
    .select_from(presences)
    .join(calls, _OF_OPERATOR)
    .where(_ON_LINE, calls.c.operator_gone == false(), calls.c.backfilled == false())
    .where(presences.c.stale == true())
    .limit(_MOST)
)
# Nobody beats for an operator who is not signed on, so the time since the call was taken counts. It is in the document:
# here those that arrived a moment ago are left out, and the domain leaves out those that were taken a moment ago. An
# operator who went home weeks ago is nobody's alarm: no call goes on for so long. If nobody is signed on in the whole
# room, its frontend knows no presence, and each of its calls would be an alarm.
_ROOM = presences.alias("room")
_NOT_SIGNED_ON = CompiledStatement(
    select(calls.c.id, calls.c.answered_by)
    .select_from(calls)
    .outerjoin(presences, _OF_OPERATOR)
    .where(_ON_LINE, calls.c.answered_by.is_not(None))
    .where(calls.c.operator_gone == false(), calls.c.backfilled == false())
    .where(calls.c.queued_at <= bindparam("silent_since"), calls.c.received_at > bindparam("goes_on_since"))
    .where(
        or_(
            and_(
                presences.c.id.is_(None),
                exists().where(_ROOM.c.regency == calls.c.regency, _ROOM.c.state.is_not(None)),
            ),
            and_(presences.c.state.is_(None), presences.c.since <= bindparam("silent_since")),
        )
    )
    .order_by(calls.c.queued_at)
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
OF_REPORTERS = CompiledStatement(
    select(calls.c.id, calls.c.regency)
    .where(calls.c.watched_rung.is_not(None), calls.c.raised_by_seconds == literal_column("0"))
    .where(_REPORTED.exists())
    .limit(_MOST)
)


class Longest(NamedTuple):
    """The longest waiting of the calls of a regency that have rung equally far. `queued_at`: since when it waits."""

    regency: str
    rung: int
    queued_at: datetime


class Waiting(NamedTuple):
    """A waiting call that may ring further."""

    id: UUID
    regency: str
    queued_at: datetime
    rung: int


async def longest_waiting(connection: Connection) -> list[Longest]:
    """One entry for each regency and each number of steps behind."""
    return [Longest(*row) for row in await LONGEST.rows(connection, {})]


async def waiting(connection: Connection, regency: str, rung: int) -> list[Waiting]:
    """The regency's AT_ONCE longest waiting calls that have so many steps behind them, the longest waiting first."""
    return [Waiting(*row) for row in await _RINGING.rows(connection, {"of_regency": regency, "of_rung": rung})]


async def of_reporters(connection: Connection) -> list[tuple[UUID, str]]:
    """Waiting calls whose number reported an incident that is still open, and that do not stand higher for it yet; each
    with its regency.
    """
    return [(row.id, row.regency) for row in await OF_REPORTERS.rows(connection, {})]


async def left_alone(connection: Connection) -> list[tuple[UUID, str]]:
    """Calls on the line whose operator's screen has fallen silent, and that are no alarm yet. With that operator."""
    return [(row.id, row.answered_by) for row in await _LEFT.rows(connection, {})]


async def not_signed_on(connection: Connection, now: datetime) -> list[tuple[UUID, str]]:
    """Calls on the line whose operator never signed on, or signed off so long ago that a screen would be stale, and
    that are no alarm yet; the oldest first. With that operator. Some may have been taken a moment ago.
    """
    since = {"silent_since": now - STALE_AFTER, "goes_on_since": now - LONGEST_CALL}
    return [(row.id, row.answered_by) for row in await _NOT_SIGNED_ON.rows(connection, since)]


async def found_again(connection: Connection) -> list[UUID]:
    """Calls with that alarm whose operator is heard of again."""
    return [row.id for row in await _FOUND.rows(connection, {})]

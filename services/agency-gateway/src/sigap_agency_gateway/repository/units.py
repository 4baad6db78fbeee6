"""The rows of units: for which forwarding each works. A unit works for one at a time.

What dispatch says of two incidents arrives in any order. So each row knows the claim by which its unit works: when its
agency named it last, and how often it was taken over by mergers since. Of two claims the later naming holds; of one
naming, the later taking over. A row whose unit is free keeps its claim, so that an earlier one that arrives late is
known.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select, update

from sigap_agency_gateway.domain.forwarding import Concern, Forwarding, State
from sigap_agency_gateway.models import units as t
from sigap_common.contracts.units import UnitReleased, UnitTakenOver
from sigap_common.core.errors import NotAllowed
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.transaction import Transaction

_ADD = insert_if_new(t)
_NOTHING: dict[str, Any] = {"forwarding_id": None, "incident_number": None}
_FREE = CompiledStatement(
    update(t).where(t.c.forwarding_id == bindparam("this_forwarding")).values(forwarding_id=None, incident_number=None)
)


class Units:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def take(
        self, forwarding: Forwarding, callsigns: Sequence[str], at: datetime, *, release: bool, afterwards: bool
    ) -> None:
        """Lets these units work for the forwarding. `at`: when the agency named them. `afterwards`: it was said later;
        a unit that was named for another forwarding after that stays as it is. Raises NotAllowed if one works for
        another forwarding and `release` is false. A unit that works for this one already was named anew, so that what
        was said of it before frees it no more. In a drill or a late entry no unit is really out, so nothing is kept. If
        the incident is over, nothing is kept either: dispatch says which units go on for another one, which turn back,
        and which are free.
        """
        if not callsigns or forwarding.drill or forwarding.content.backfilled:
            return
        rows = await self._locked(forwarding.agency, sorted(set(callsigns)))
        free = [row for row in rows if row.forwarding_id is None and not (afterwards and _is_later(row, at))]
        mine = [row for row in rows if row.forwarding_id == forwarding.id and not _is_later(row, at)]
        busy = [row for row in rows if row.forwarding_id not in (None, forwarding.id)]
        elsewhere = [row for row in busy if not (afterwards and _is_later(row, at))]
        if elsewhere and not release:
            first = elsewhere[0]
            units = [row.callsign for row in elsewhere]
            raise NotAllowed("unit-busy", state=forwarding.state, units=units, number=first.incident_number)
        if forwarding.state is not State.CLOSED:
            claim = {"since": at, "times_taken_over": 0}
            await self._write(forwarding, [row.callsign for row in (*free, *mine, *elsewhere)], _of(forwarding) | claim)

    async def claimed_at(self, agency: str, callsigns: Sequence[str]) -> datetime | None:
        """When the agency named one of these units last; None: it never did, or it is not known."""
        latest = select(func.max(t.c.since)).where(t.c.agency == agency, t.c.callsign.in_(callsigns))
        return (await self._tx.connection.execute(latest)).scalar()

    async def take_again(self, forwarding: Forwarding) -> None:
        """Lets units that the agency named for the forwarding work for it again: it had ended, but the agency is at
        work on it, or must still turn back. A unit with a later claim stays as it is.
        """
        named = forwarding.units_named
        if forwarding.drill or forwarding.content.backfilled or not named:
            return
        for row in await self._locked(forwarding.agency, sorted(named)):
            named_at = named[row.callsign]
            if not _is_later(row, named_at):
                claim = {"since": named_at, "times_taken_over": 0}
                await self._write(forwarding, [row.callsign], _of(forwarding) | claim)

    async def take_over(self, forwarding: Forwarding, event: UnitTakenOver) -> None:
        """Lets a unit that was out for another incident work for this forwarding, unless a later claim is known. If
        the forwarding asks nothing of its agency any more, the unit is free.
        """
        if forwarding.drill or forwarding.content.backfilled:
            return
        [row] = await self._locked(forwarding.agency, [event.callsign])
        named_at = event.named_at or event.assigned_at
        if _is_later(row, named_at, event.times_taken_over):
            return
        claim = {"since": named_at, "times_taken_over": event.times_taken_over}
        goes_on = _of(forwarding) if forwarding.concern is Concern.OPEN else _NOTHING
        await self._write(forwarding, [event.callsign], goes_on | claim)

    async def release(self, event: UnitReleased) -> None:
        """Frees a unit that left this forwarding, unless it works for another one, or was named again since."""
        this = (t.c.agency == event.agency, t.c.callsign == event.callsign, t.c.forwarding_id == event.forwarding_id)
        not_again = or_(t.c.since.is_(None), t.c.since <= event.at)
        await self._tx.connection.execute(update(t).where(*this, not_again).values(_NOTHING))

    async def _write(self, forwarding: Forwarding, callsigns: Sequence[str], values: Mapping[str, Any]) -> None:
        these = (t.c.agency == forwarding.agency, t.c.callsign.in_(callsigns))
        await self._tx.connection.execute(update(t).where(*these).values(values))

    async def _locked(self, agency: str, callsigns: Sequence[str]) -> Sequence[Row[Any]]:
        await self._tx.connection.execute(_ADD, [{"agency": agency, "callsign": callsign} for callsign in callsigns])
        these = select(t).where(t.c.agency == agency, t.c.callsign.in_(callsigns))
        return (await self._tx.connection.execute(these.order_by(t.c.callsign).with_for_update())).all()


def _is_later(row: Row[Any], named_at: datetime, times_taken_over: int = 0) -> bool:
    """Whether the row's claim is later than this one. A row of an earlier version may lack a part of it."""
    return row.since is not None and (row.since, row.times_taken_over or 0) > (named_at, times_taken_over)


def _of(forwarding: Forwarding) -> dict[str, Any]:
    return {"forwarding_id": forwarding.id, "incident_number": forwarding.content.incident_number}


def free_if_over(tx: Transaction[Any], forwarding: Forwarding) -> None:
    """Frees the units of a forwarding that asks nothing of its agency any more."""
    had_units = forwarding.units_came or any(answer.units for answer in forwarding.answers)
    if forwarding.concern is Concern.OVER and had_units:
        tx.later(_FREE, [{"this_forwarding": forwarding.id}])

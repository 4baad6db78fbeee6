"""The rows of units: for which forwarding each works. A unit works for one at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from sigap_agency_gateway.domain.forwarding import Concern, Forwarding
from sigap_agency_gateway.models import units as t
from sigap_common.core.errors import NotAllowed
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.transaction import Transaction

_ADD = insert_if_new(t)
_FREE = CompiledStatement(
    update(t)
    .where(t.c.forwarding_id == bindparam("this_forwarding"))
    .values(forwarding_id=None, incident_number=None, since=None)
)


class Units:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def take(
        self, forwarding: Forwarding, callsigns: Sequence[str], at: datetime | None, *, release: bool
    ) -> None:
        """Lets these units work for the forwarding. `at`: when the agency named them, if that was before; one that went
        to another forwarding after that stays there. Raises NotAllowed if one works for another forwarding and
        `release` is false. In a drill or a late entry no unit is really out, so nothing is kept.
        """
        if not callsigns or forwarding.drill or forwarding.content.backfilled:
            return
        rows = await self._locked(forwarding.agency, sorted(set(callsigns)))
        free = [row for row in rows if row.forwarding_id is None]
        elsewhere = [row for row in rows if row.forwarding_id not in (None, forwarding.id) and not _later(row, at)]
        if elsewhere and not release:
            first = elsewhere[0]
            units = [row.callsign for row in elsewhere]
            raise NotAllowed("unit-busy", state=forwarding.state, units=units, number=first.incident_number)
        mine = {"forwarding_id": forwarding.id, "incident_number": forwarding.content.incident_number}
        mine |= {"since": at or self._tx.now()}
        these = (t.c.agency == forwarding.agency, t.c.callsign.in_([row.callsign for row in (*free, *elsewhere)]))
        await self._tx.connection.execute(update(t).where(*these).values(mine))

    async def take_over(self, forwarding: Forwarding, callsign: str, from_incident: str) -> None:
        """Lets a unit that worked for a part of `from_incident` (its number) work for this forwarding. One that its
        agency has named for a third incident meanwhile stays there.
        """
        if forwarding.drill or forwarding.content.backfilled:
            return
        [row] = await self._locked(forwarding.agency, [callsign])
        if row.forwarding_id is None or row.incident_number == from_incident:
            mine = {"forwarding_id": forwarding.id, "incident_number": forwarding.content.incident_number}
            this = (t.c.agency == forwarding.agency, t.c.callsign == callsign)
            await self._tx.connection.execute(update(t).where(*this).values(mine))

    async def _locked(self, agency: str, callsigns: Sequence[str]) -> Sequence[Row[Any]]:
        await self._tx.connection.execute(_ADD, [{"agency": agency, "callsign": callsign} for callsign in callsigns])
        these = select(t).where(t.c.agency == agency, t.c.callsign.in_(callsigns))
        return (await self._tx.connection.execute(these.order_by(t.c.callsign).with_for_update())).all()


def _later(row: Row[Any], at: datetime | None) -> bool:
    return at is not None and row.since is not None and row.since > at


def free_if_over(tx: Transaction[Any], forwarding: Forwarding) -> None:
    """Frees the units of a forwarding that asks nothing of its agency any more."""
    had_units = forwarding.units_came or any(answer.units for answer in forwarding.answers)
    if forwarding.concern is Concern.OVER and had_units:
        tx.later(_FREE, [{"this_forwarding": forwarding.id}])

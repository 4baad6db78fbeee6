"""All SQL about lately closed incidents: which of them a number reported. If it calls again, reopening is proposed.

Dispatch says until when. After that the rows are deleted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, String, bindparam, delete, false, func, select, update

from sigap_common.contracts.incidents import IncidentClosed
from sigap_common.database import CompiledStatement, Utc, insert_if_new
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain.closed_incident import ClosedIncident
from sigap_intake.models.incidents import lately_closed, open_incident_calls, open_incidents

SHOWN = 5
"""The most that are proposed to be reopened, the newest."""

t = lately_closed
_this = t.c.incident_id == bindparam("this_id")
_of_calls = ("incident_id", "call_id", "regency", "caller_hash")
_of_incident = ("number", "incident_type", "protected", "drill")
_KEEP = CompiledStatement(
    insert_if_new(t).from_select(
        [*_of_calls, *_of_incident, "closed_at", "reopen_until"],
        select(
            *(open_incident_calls.c[name] for name in _of_calls),
            *(open_incidents.c[name] for name in _of_incident),
            bindparam("was_closed_at", type_=Utc),
            bindparam("until", type_=Utc),
        )
        .join(open_incidents, open_incidents.c.id == open_incident_calls.c.incident_id)
        .where(open_incidents.c.id == bindparam("this_id")),
    )
)
_GIVE_BACK = CompiledStatement(
    insert_if_new(open_incident_calls).from_select(_of_calls, select(*(t.c[name] for name in _of_calls)).where(_this))
)
_FORGET = CompiledStatement(delete(t).where(_this), by="this_id")
_TAKE_CALL = CompiledStatement(delete(t).where(_this, t.c.call_id == bindparam("this_call")), by="this_id")
_CHANGE = CompiledStatement(
    update(t)
    .where(_this)
    .values(
        incident_type=func.coalesce(bindparam("new_type", type_=String), t.c.incident_type),
        # Correcting the type does not lift protection.
        protected=t.c.protected | bindparam("now_protected", type_=Boolean),
    ),
    by="this_id",
)
_LIFT = CompiledStatement(update(t).where(_this).values(protected=false()), by="this_id")
_SAID = ("incident_id", *_of_incident, "closed_at", "reopen_until")
_OF_NUMBER = CompiledStatement(
    select(*(t.c[name] for name in _SAID))
    .distinct()
    .where(
        t.c.regency == bindparam("this_regency"),
        t.c.caller_hash == bindparam("this_hash"),
        t.c.drill == bindparam("is_drill"),
        t.c.reopen_until > bindparam("this_moment", type_=Utc),
    )
    .order_by(t.c.closed_at.desc(), t.c.incident_id)
    .limit(SHOWN)
)


class LatelyClosed:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def keep(self, closed: Mapping[UUID, IncidentClosed]) -> None:
        """Keeps which numbers reported these incidents, which are still among the open ones. A late entry was never
        there, and nobody reopens it because its number calls.
        """
        rows = [
            {"this_id": incident_id, "was_closed_at": event.at, "until": event.reopen_until}
            for incident_id, event in closed.items()
            if event.reopen_until is not None
        ]
        if rows:
            await self._tx.flush()
            self._tx.later(_KEEP, rows)
            await self._tx.flush()

    async def give_back(self, incidents: Sequence[UUID]) -> None:
        """These are open again, and known by all numbers that had reported them."""
        if incidents:
            await self._tx.flush()
            self._tx.later(_GIVE_BACK, [{"this_id": incident_id} for incident_id in incidents])
            await self._tx.flush()
            self._tx.later(_FORGET, [{"this_id": incident_id} for incident_id in incidents])

    def change(self, incident_id: UUID, incident_type: str | None, protected: bool) -> None:
        """None: unchanged. `protected`: whether it is protected from now on."""
        self._tx.later(_CHANGE, [{"this_id": incident_id, "new_type": incident_type, "now_protected": protected}])

    def lift(self, incident_id: UUID) -> None:
        """A supervisor lifted the incident's protection."""
        self._tx.later(_LIFT, [{"this_id": incident_id}])

    def take_call(self, incident_id: UUID, call_id: UUID) -> None:
        self._tx.later(_TAKE_CALL, [{"this_id": incident_id, "this_call": call_id}])

    async def of_number(
        self, regency: str, caller_hash: str | None, now: datetime, drill: bool
    ) -> list[ClosedIncident]:
        """The incidents of the regency that this number reported and that may still be reopened in one step, the newest
        first, at most SHOWN; none without a number.
        """
        if caller_hash is None:
            return []
        who = {"this_regency": regency, "this_hash": caller_hash, "is_drill": drill, "this_moment": now}
        return [ClosedIncident(*row) for row in await _OF_NUMBER.rows(self._tx.connection, who)]


def forget_closed(_: PacksInForce) -> DeletionSweep:
    return DeletionSweep("lately_closed", t, lambda now: t.c.reopen_until <= now)

"""All SQL about protected calls: whose they are, and from whom they are hidden.

A call is protected by its type or by its caller's cry for help, by an incident that it reported, and by its number, if
that reported a protected incident. Dispatch says which incidents are protected, who broke the glass of one, and when a
supervisor lifts protection.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, false, or_, select

from sigap_common.auth import Access, Role
from sigap_common.contracts.protection import GlassBroken
from sigap_common.database import CompiledStatement, insert, insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_intake.models import broken_glasses, calls, incident_calls, protected_callers, protected_calls
from sigap_intake.visibility import is_exchange

_ADD = CompiledStatement(insert_if_new(protected_calls), ["call_id", "because_of"])
_insert_glass = insert(broken_glasses)
_BREAK = CompiledStatement(
    _insert_glass.on_conflict_do_update(
        index_elements=["incident_id", "subject"], set_={"until": _insert_glass.excluded["until"]}
    ),
    [column.name for column in broken_glasses.c],
)
_own = exists().where(protected_calls.c.call_id == calls.c.id)
_of_number = exists().where(
    protected_callers.c.regency == calls.c.regency, protected_callers.c.caller_hash == calls.c.caller_hash
)
IS_PROTECTED = or_(_own, _of_number)
NOT_PROTECTED_ITSELF = ~_own
"""The calls that neither their type nor an incident of theirs protects."""


def is_hidden(access: Access, now: datetime) -> ColumnElement[bool]:
    """The calls that are hidden from the token: protected, and neither the call of its owner nor opened by a glass. A
    supervisor sees all. A glass opens the calls of its incident, not the number's other calls.
    """
    if access.may(Role.supervisor):
        return false()
    opened = exists().where(
        protected_calls.c.call_id == calls.c.id,
        broken_glasses.c.incident_id == protected_calls.c.because_of,
        broken_glasses.c.subject == access.subject,
        broken_glasses.c.until > now,
    )
    mine = and_(calls.c.answered_by.is_not(None), calls.c.answered_by == access.subject)
    return and_(IS_PROTECTED, ~mine, ~opened)


class ProtectedCalls:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def hidden_among(self, call_ids: Collection[UUID], access: Access) -> frozenset[UUID]:
        """Those of these calls that are hidden from the token, for at most a page of them."""
        if not call_ids or access.may(Role.supervisor) or is_exchange(access):
            return frozenset()
        await self._tx.flush(_ADD)
        hidden = select(calls.c.id).where(calls.c.id.in_(call_ids), is_hidden(access, self._tx.now()))
        return frozenset((await self._tx.connection.execute(hidden)).scalars())

    def add(self, call_id: UUID, because_of: UUID) -> None:
        """`because_of`: the protected incident; of a call that is protected by itself, the call."""
        self._tx.later(_ADD, [{"call_id": call_id, "because_of": because_of}])

    async def add_of(self, incidents: Collection[UUID]) -> None:
        """All calls that reported these incidents."""
        await self._tx.flush()
        c = incident_calls.c
        found = select(c.call_id, c.incident_id).where(c.incident_id.in_(incidents))
        added = insert(protected_calls).from_select(["call_id", "because_of"], found).on_conflict_do_nothing()
        await self._tx.connection.execute(added)

    async def lift(self, incident_id: UUID) -> None:
        """The incident protects nothing any more: neither its calls, whatever their type, nor their numbers."""
        await self._tx.flush()
        p, connection = protected_calls.c, self._tx.connection
        of_it = select(incident_calls.c.call_id).where(incident_calls.c.incident_id == incident_id)
        by_itself = and_(p.call_id.in_(of_it), p.because_of == p.call_id)
        await connection.execute(delete(protected_calls).where(or_(p.because_of == incident_id, by_itself)))
        await connection.execute(delete(protected_callers).where(protected_callers.c.incident_id == incident_id))

    def break_glass(self, incident_id: UUID, event: GlassBroken) -> None:
        self._tx.later(_BREAK, [{"incident_id": incident_id, "subject": event.by, "until": event.until}])

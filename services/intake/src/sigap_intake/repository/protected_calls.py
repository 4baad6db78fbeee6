"""All SQL about protected calls: whose they are, and from whom they are hidden.

A call is protected by its type or by its caller's cry for help, by an incident that it reported, and by its number, if
that reported a protected incident. Dispatch says which incidents are protected, who broke the glass of one, and when a
supervisor lifts protection. It passes between the call of a regency and the call in which another regency goes on with
the caller, whichever of them becomes protected, and whenever.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, exists, false, or_, select, union

from sigap_common.auth import Access, Role
from sigap_common.contracts.protection import GlassBroken
from sigap_common.database import CompiledStatement, insert, insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_intake.domain import Call
from sigap_intake.models.calls import call_transfers, calls
from sigap_intake.models.incidents import incident_calls
from sigap_intake.models.protection import broken_glasses, protected_callers, protected_calls
from sigap_intake.visibility.calls import is_exchange

_ADD = CompiledStatement(insert_if_new(protected_calls), ["call_id", "because_of"])
_ADD_NUMBER = CompiledStatement(insert_if_new(protected_callers), [column.name for column in protected_callers.c])
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


def _beyond(because_of: Collection[UUID]) -> Any:
    """The calls at the other side of a transfer that these reasons do not protect yet, each with its reason."""
    t, known = call_transfers.c, protected_calls.alias()

    def protected_by(one: ColumnElement[Any], other: ColumnElement[Any]) -> Any:
        is_known = exists().where(known.c.call_id == other, known.c.because_of == protected_calls.c.because_of)
        return (
            select(other.label("call_id"), protected_calls.c.because_of)
            .join(protected_calls, protected_calls.c.call_id == one)
            .where(protected_calls.c.because_of.in_(because_of), t.received_call.is_not(None), ~is_known)
        )

    return union(protected_by(t.call_id, t.received_call), protected_by(t.received_call, t.call_id))


class ProtectedCalls:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx
        self._began = set[UUID]()
        """Why calls became protected in this transaction, as far as it is not passed on yet."""

    async def reasons(self, call: Call) -> set[UUID]:
        """Why the call is protected; none: it is not."""
        await self._tx.flush(_ADD)
        own = select(protected_calls.c.because_of).where(protected_calls.c.call_id == call.id)
        of_number = select(protected_callers.c.incident_id).where(
            protected_callers.c.regency == call.regency, protected_callers.c.caller_hash == call.caller_hash
        )
        found = union(own, of_number) if call.caller_hash is not None else own
        return set((await self._tx.connection.execute(found)).scalars())

    async def protected_among(self, call_ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of these calls that are protected, for at most a page of them."""
        if not call_ids:
            return frozenset()
        found = select(calls.c.id).where(calls.c.id.in_(call_ids), IS_PROTECTED)
        return frozenset((await self._tx.connection.execute(found)).scalars())

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
        self._began.add(because_of)

    async def add_of(self, incidents: Collection[UUID]) -> None:
        """All calls that reported these incidents."""
        await self._tx.flush()
        c = incident_calls.c
        found = select(c.call_id, c.incident_id).where(c.incident_id.in_(incidents))
        added = insert(protected_calls).from_select(["call_id", "because_of"], found).on_conflict_do_nothing()
        await self._tx.connection.execute(added)
        self._began.update(incidents)

    async def pass_on(self) -> None:
        """Protects the calls that were handed on to protected ones, or in which those go on, and with an incident their
        numbers. It goes on until nothing more becomes protected: a call may be handed on again.
        """
        while self._began:
            await self._tx.flush()
            began, self._began = self._began, set()
            found = (await self._tx.connection.execute(_beyond(began))).all()
            for row in found:
                self.add(row.call_id, row.because_of)
            await self._protect_numbers(found)

    async def _protect_numbers(self, found: Collection[Row[Any]]) -> None:
        """By an incident alone: what a call says of itself protects no other call."""
        if not found:
            return
        connection = self._tx.connection
        themselves = select(calls.c.id).where(calls.c.id.in_({row.because_of for row in found}))
        not_incidents = set((await connection.execute(themselves)).scalars())
        numbered = select(calls.c.id, calls.c.regency, calls.c.caller_hash).where(
            calls.c.id.in_({row.call_id for row in found}), calls.c.caller_hash.is_not(None), calls.c.drill == false()
        )
        numbers = {row.id: row for row in (await connection.execute(numbered)).all()}
        rows = [
            {"regency": of.regency, "caller_hash": of.caller_hash, "incident_id": row.because_of}
            for row in found
            if row.because_of not in not_incidents and (of := numbers.get(row.call_id))
        ]
        self._tx.later(_ADD_NUMBER, [row | {"since": self._tx.now()} for row in rows])

    async def lift(self, incident_id: UUID) -> None:
        """The incident protects nothing any more: neither its calls, whatever their type, nor their numbers, nor the
        calls of other regencies that go on in them or went on to them.
        """
        await self._tx.flush()
        self._began.discard(incident_id)
        p, connection = protected_calls.c, self._tx.connection
        of_it = select(incident_calls.c.call_id).where(incident_calls.c.incident_id == incident_id)
        by_a_call = and_(p.call_id.in_(of_it), exists().where(calls.c.id == p.because_of))
        lifted = or_(p.because_of == incident_id, p.because_of.in_(of_it), by_a_call)
        await connection.execute(delete(protected_calls).where(lifted))
        await connection.execute(delete(protected_callers).where(protected_callers.c.incident_id == incident_id))

    def break_glass(self, incident_id: UUID, event: GlassBroken) -> None:
        self._tx.later(_BREAK, [{"incident_id": incident_id, "subject": event.by, "until": event.until}])

"""All SQL about callbacks, and about how numbers may be called back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, false, literal_column, select

from sigap_common.contracts.places import Place
from sigap_common.database import CompiledStatement, among, named, padded
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST
from sigap_common.regency.geometry import Point, cells_around, distance_m
from sigap_intake.domain.call import Call
from sigap_intake.domain.callback import Callback, CallbackState
from sigap_intake.domain.callback_rank import MOST_SHARED, position
from sigap_intake.domain.caller_contact import CallerContact
from sigap_intake.list_entries.callbacks import ENTRIES
from sigap_intake.models import tables
from sigap_intake.models.callbacks import callbacks, caller_contacts
from sigap_intake.models.calls import calls
from sigap_intake.visibility.callbacks import CALLBACK_POLICY

LARGEST_BATCH = 200


def _columns(callback: Callback) -> dict[str, Any]:
    return {
        "state": callback.state,
        "drill": callback.drill,
        "position": position(callback),
        "last_dropped_at": callback.last_dropped_at,
        "caller_hash": callback.caller_hash,
        "cell": callback.place.cell if callback.place else None,
        "first_call": callback.first_call,
        "claimed_by": callback.claim.by if callback.claim else None,
        "offered_to": callback.offered_to,
        "due_at": callback.due_at,
        "erase_at": callback.opened_at + SHORTEST,
    }


def _contact_columns(contact: CallerContact) -> dict[str, Any]:
    erase_at = contact.changed_at + SHORTEST
    return {"drill": contact.drill, "caller_hash": contact.caller_hash, "erase_at": erase_at}


CALLBACKS = AggregateTable(callbacks, tables.timeline, Callback, _columns, CALLBACK_POLICY, ENTRIES)
CONTACTS = AggregateTable(caller_contacts, tables.timeline, CallerContact, _contact_columns, CALLBACK_POLICY)

# Bound values would keep both databases from using the partial indexes.
_IS_OPEN = callbacks.c.state == literal_column(f"'{CallbackState.OPEN.value}'")
_IS_WORK = callbacks.c.position.is_not(None)
_here = (callbacks.c.regency == bindparam("regency"), callbacks.c.drill == bindparam("drill"))
_OF_NUMBER = CompiledStatement(
    select(callbacks.c.id).where(*_here, _IS_OPEN, callbacks.c.caller_hash == bindparam("caller_hash"))
)
_WORK_OF_NUMBER = CompiledStatement(
    select(callbacks.c.id).where(
        *_here, _IS_WORK, callbacks.c.caller_hash == bindparam("caller_hash"), callbacks.c.caller_hash.is_not(None)
    )
)
_OF_PLACE = CompiledStatement(
    select(callbacks.c.id).where(
        *_here, _IS_OPEN, callbacks.c.caller_hash.is_(None), callbacks.c.cell == bindparam("cell")
    )
)
_SETTLED_LOOKED_AT = 20


def _settled(*of: ColumnElement[bool]) -> CompiledStatement:
    """Those that are not open any more and whose last call was not dropped before `since`. They follow each other, so
    that of a call which arrived then is one of the first.
    """
    return CompiledStatement(
        select(callbacks.c.id, callbacks.c.document)
        .where(*_here, callbacks.c.state != literal_column(f"'{CallbackState.OPEN.value}'"), *of)
        .where(callbacks.c.last_dropped_at >= bindparam("since"))
        .order_by(callbacks.c.last_dropped_at)
        .limit(literal_column(str(_SETTLED_LOOKED_AT)))
    )


_SETTLED_OF_NUMBER = _settled(callbacks.c.caller_hash == bindparam("caller_hash"), callbacks.c.caller_hash.is_not(None))
_SETTLED_OF_PLACE = _settled(
    callbacks.c.caller_hash.is_(None), callbacks.c.cell == bindparam("cell"), callbacks.c.cell.is_not(None)
)
_OF_FIRST_CALL = CompiledStatement(
    select(callbacks.c.id)
    .where(callbacks.c.first_call == bindparam("call_id"))
    .order_by(callbacks.c.id.desc())
    .limit(literal_column("1"))
)
# What else lies in the cell; those of one number are one, and those without number and IMEI are nobody's.
_OTHERS = CompiledStatement(
    select(callbacks.c.id)
    .where(
        *_here,
        _IS_OPEN,
        callbacks.c.cell == bindparam("cell"),
        callbacks.c.caller_hash.is_not(None),
        callbacks.c.last_dropped_at >= bindparam("since"),
    )
    .limit(literal_column(str(MOST_SHARED + 2)))
)
_CLAIMED_BY = CompiledStatement(
    select(callbacks.c.id, callbacks.c.document)
    .where(callbacks.c.claimed_by == bindparam("subject"), callbacks.c.claimed_by.is_not(None), _IS_WORK)
    .order_by(callbacks.c.id)
)
_ANSWERED_SINCE = CompiledStatement(
    select(calls.c.id)
    .where(
        calls.c.regency == bindparam("regency"),
        calls.c.caller_hash == bindparam("caller_hash"),
        calls.c.caller_hash.is_not(None),
        calls.c.received_at > bindparam("since"),
        calls.c.drill == bindparam("drill"),
        calls.c.backfilled == false(),
        calls.c.state.in_([literal_column("'answered'"), literal_column("'ended'")]),
    )
    .order_by(calls.c.received_at)
    .limit(literal_column("1"))
)
_this_number = (calls.c.regency == callbacks.c.regency, calls.c.drill == callbacks.c.drill)
_TOUCHED = {
    size: CompiledStatement(
        select(calls.c.id.label("call_id"), callbacks.c.id)
        .join(callbacks, (callbacks.c.caller_hash == calls.c.caller_hash) & _this_number[0] & _this_number[1])
        .where(among(calls.c.id, size), callbacks.c.caller_hash.is_not(None), _IS_WORK)
    )
    for size in (1, 16, LARGEST_BATCH)
}
_CONTACT = CompiledStatement(
    select(caller_contacts.c.id).where(
        caller_contacts.c.regency == bindparam("regency"),
        caller_contacts.c.drill == bindparam("drill"),
        caller_contacts.c.caller_hash == bindparam("caller_hash"),
        caller_contacts.c.caller_hash.is_not(None),
    )
)


class Callbacks(Aggregates[Callback]):
    """A change of this transaction is found only after `Transaction.flush`."""

    async def of_number(self, regency: str, caller_hash: str, *, drill: bool) -> Callback | None:
        """The open callback of a number, locked; not one that was drawn for the sample."""
        return await self._one(_OF_NUMBER, {"regency": regency, "drill": drill, "caller_hash": caller_hash})

    async def work_of_number(self, regency: str, caller_hash: str, *, drill: bool) -> list[Callback]:
        """All that is still to be called of a number, locked."""
        await self.tx.flush()
        about = {"regency": regency, "drill": drill, "caller_hash": caller_hash}
        rows = await _WORK_OF_NUMBER.rows(self.tx.connection, about)
        return list((await self.find_all(row.id for row in rows)).values())

    async def work_of_call(self, call: Call) -> Callback | None:
        """What is still to be called because of this call, locked."""
        if call.caller_hash is not None:
            found = await self.work_of_number(call.regency, call.caller_hash, drill=call.drill)
        else:
            begun = await self.of_first_call(call.id)
            cell = call.caller_place.cell if call.caller_place else None
            of_place = await self.of_place(call.regency, cell, drill=call.drill) if cell else None
            found = [one for one in (begun, of_place) if one is not None and one.is_work]
        return next((one for one in found if one.has_call(call.id)), None)

    async def of_place(self, regency: str, cell: str, *, drill: bool) -> Callback | None:
        """The open callback of the calls without number and IMEI from a place, locked."""
        return await self._one(_OF_PLACE, {"regency": regency, "drill": drill, "cell": cell})

    async def of_first_call(self, call_id: UUID) -> Callback | None:
        """The newest callback that the call began, open or over, locked."""
        return await self._one(_OF_FIRST_CALL, {"call_id": call_id})

    async def that_had(self, call: Call) -> Callback | None:
        """The callback to which the call belonged before, locked: one of its number that is not open any more, one
        that it began, or one of its place that is not open any more.
        """
        await self.tx.flush()
        cell = call.caller_place.cell if call.caller_place else None
        return (
            await self._settled_with(call, _SETTLED_OF_NUMBER, {"caller_hash": call.caller_hash})
            or await self.of_first_call(call.id)
            or await self._settled_with(call, _SETTLED_OF_PLACE, {"cell": cell})
        )

    async def _settled_with(
        self, call: Call, statement: CompiledStatement, of: Mapping[str, str | None]
    ) -> Callback | None:
        if None in of.values():
            return None
        about = {"regency": call.regency, "drill": call.drill, "since": call.received_at, **of}
        rows = await statement.rows(self.tx.connection, about)
        found = next((row.id for row in rows if self.opened(row.id, row.document).has_call(call.id)), None)
        return await self.get(found) if found else None

    async def others_in_place(
        self, regency: str, cell: str, since: datetime, *, drill: bool, but: UUID
    ) -> list[Callback]:
        """Open callbacks of other numbers in the same cell, locked: at most one more than count."""
        await self.tx.flush()
        about = {"regency": regency, "drill": drill, "cell": cell, "since": since}
        rows = await _OTHERS.rows(self.tx.connection, about)
        return list((await self.find_all(row.id for row in rows if row.id != but)).values())

    async def around(self, regency: str, place: Place, metres: float, *, drill: bool) -> list[Callback]:
        """Open callbacks whose caller was within that distance of the place, locked: at most LARGEST_BATCH."""
        if place.point is None:
            return []
        await self.tx.flush()
        here = Point(*place.point)
        wanted = (
            callbacks.c.regency == regency,
            callbacks.c.drill == drill,
            _IS_OPEN,
            callbacks.c.cell.in_(cells_around(here, metres)),
        )
        newest = select(callbacks.c.id).where(*wanted).order_by(callbacks.c.last_dropped_at.desc())
        rows = await self.tx.connection.execute(newest.limit(LARGEST_BATCH))
        found = (await self.find_all(row.id for row in rows)).values()
        points = ((one, one.place.point if one.place else None) for one in found)
        return [one for one, point in points if point and distance_m(here, Point(*point)) <= metres]

    async def claimed_by(self, subject: str) -> list[Callback]:
        """The callbacks that the person has claimed and not recorded yet; not locked."""
        rows = await _CLAIMED_BY.rows(self.tx.connection, {"subject": subject})
        return [self.opened(row.id, row.document) for row in rows]

    async def touched_by(self, call_ids: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
        """Of these calls (at most LARGEST_BATCH), those whose number has callbacks that are still to be called: the ids
        of the call and of the callback.
        """
        await self.tx.flush()
        given = padded(call_ids, sorted(_TOUCHED))
        rows = await _TOUCHED[len(given)].rows(self.tx.connection, named(given))
        return [(row.call_id, row.id) for row in rows]

    async def answered_since(self, regency: str, caller_hash: str, since: datetime, *, drill: bool) -> UUID | None:
        """The first later call of the number that was answered."""
        about = {"regency": regency, "drill": drill, "caller_hash": caller_hash, "since": since}
        found = await _ANSWERED_SINCE.first(self.tx.connection, about)
        return found.id if found else None

    async def _one(self, statement: CompiledStatement, values: dict[str, Any]) -> Callback | None:
        await self.tx.flush()
        row = await statement.first(self.tx.connection, values)
        return await self.get(row.id) if row else None


class CallerContacts(Aggregates[CallerContact]):
    async def of_number(
        self, regency: str, caller_hash: str | None, *, drill: bool, lock: bool = True
    ) -> CallerContact | None:
        """The contact of the number; None if nothing is known of it, or if there is no number."""
        if caller_hash is None:
            return None
        if lock:
            await self.tx.flush()
        about = {"regency": regency, "drill": drill, "caller_hash": caller_hash}
        row = await _CONTACT.first(self.tx.connection, about)
        return await self.get(row.id, lock=lock) if row else None

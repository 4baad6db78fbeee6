"""All SQL about drafts. What was typed, and the writer's name, are kept sealed."""

import json
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update

from sigap_common.auth import Access
from sigap_common.core.errors import Forbidden, NotFound
from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.retention import SHORTEST
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import Sealed
from sigap_intake.domain.drafts import Draft, Writing
from sigap_intake.models.calls import calls, drafts
from sigap_intake.repository.protected_calls import ProtectedCalls
from sigap_intake.visibility.calls import POLICY

_READ = ("regency", "received_at", "erase_at", "answered_by")
_call = select(*(calls.c[name] for name in _READ)).where(calls.c.id == bindparam("call"))
_CALL, _LOCK = CompiledStatement(_call), CompiledStatement(_call.with_for_update())
_OF_CALL = CompiledStatement(select(drafts).where(drafts.c.call_id == bindparam("call")).order_by(drafts.c.version))
# Both in one statement: each stream that is open asks for them every second.
_last_draft = select(func.max(drafts.c.version)).where(drafts.c.call_id == calls.c.id).scalar_subquery().label("draft")
_VERSIONS = CompiledStatement(select(calls.c.version, _last_draft).where(calls.c.id == bindparam("call")))
_ADD = CompiledStatement(insert(drafts), [column.name for column in drafts.c])
_REMOVE = CompiledStatement(
    delete(drafts).where(drafts.c.call_id == bindparam("this_call"), drafts.c.version == bindparam("this_version"))
)
_ERASE_LATER = CompiledStatement(
    update(calls).where(calls.c.id == bindparam("this_call")).values(erase_at=bindparam("new_erase_at")), by="this_call"
)


class Versions(NamedTuple):
    call: int
    draft: int
    """The newest of the call's drafts; 0: it has none."""


class Drafts:
    """The drafts of calls, as one transaction sees them."""

    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def of_call(self, call_id: UUID, access: Access) -> list[Draft]:
        """Raises NotFound if there is no such call, or none that the token may see; Forbidden if it is hidden."""
        await self._seen(_CALL, call_id, access)
        return await self._read(call_id)

    async def to_change(self, call_id: UUID, access: Access) -> list[Draft]:
        """The same; until the transaction ends nobody else writes into the call. Raises NotFound."""
        call = await self._seen(_LOCK, call_id, access)
        # As every change of a call does: else retention might look at it only when a later period ends.
        soon = call.received_at + SHORTEST
        if call.erase_at is None or call.erase_at > soon:
            await _ERASE_LATER.run(self._tx.connection, {"this_call": call_id, "new_erase_at": soon})
        return await self._read(call_id)

    async def versions(self, call_id: UUID) -> Versions:
        """Raises NotFound."""
        row = await _VERSIONS.first(self._tx.connection, {"call": call_id})
        if row is None:
            raise NotFound
        return Versions(row.version, row.draft or 0)

    def keep(self, call_id: UUID, writing: Writing) -> None:
        draft = writing.draft
        if writing.replaces is not None:
            self._tx.later(_REMOVE, [{"this_call": call_id, "this_version": writing.replaces}])
        content = {"text": draft.text.clear, "name": draft.name.clear if draft.name else None}
        sealed = self._tx.ring.seal(json.dumps(content), _context(call_id, draft.field))
        row = {"call_id": call_id, "version": draft.version, "field": draft.field, "by": draft.by, "at": draft.at}
        self._tx.later(_ADD, [row | {"sealed": sealed}])

    async def _seen(self, statement: CompiledStatement, call_id: UUID, access: Access) -> Any:
        call = await statement.first(self._tx.connection, {"call": call_id})
        if call is None or not POLICY.sees(access, call):
            raise NotFound
        if call.answered_by != access.subject and await ProtectedCalls(self._tx).hidden_among([call_id], access):
            raise Forbidden("call-protected")
        return call

    async def _read(self, call_id: UUID) -> list[Draft]:
        rows = await _OF_CALL.rows(self._tx.connection, {"call": call_id})
        return [self._opened(call_id, row) for row in rows]

    def _opened(self, call_id: UUID, row: Any) -> Draft:
        content = json.loads(self._tx.ring.open(row.sealed, _context(call_id, row.field)))
        name = Sealed(content["name"]) if content["name"] is not None else None
        return Draft(row.version, row.field, row.by, name, row.at, Sealed(content["text"]))


def _context(call_id: UUID, field: str) -> str:
    return f"draft/{call_id}/{field}"

"""All SQL about calls, and the call as a row."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, false, func, literal_column, or_, select

from sigap_common.auth import Access
from sigap_common.contracts.calls import CallClassified, CallReclassified, CallSilentStepTaken
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.need import Need
from sigap_common.core.errors import Forbidden
from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.list_entries import LIST_ENTRY
from sigap_common.messaging.retention import SHORTEST
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import KeyRing
from sigap_intake.domain import HISTORY_DEPTH, Call, CallerHistory, CallState
from sigap_intake.domain.call_transfer import OF_TRANSFER
from sigap_intake.domain.first_look import EARLIER_SHOWN, LINES_LOOKED_AT
from sigap_intake.domain.queue import partners_alarms
from sigap_intake.domain.transfer_decisions import receivers_alarms
from sigap_intake.list_entries.calls import ENTRIES, hidden_entry
from sigap_intake.models import tables
from sigap_intake.models.calls import calls
from sigap_intake.models.protection import protected_callers
from sigap_intake.repository.call_transfers import keep_transfer
from sigap_intake.repository.caller_terms import keep_terms
from sigap_intake.repository.protected_calls import NOT_PROTECTED_ITSELF, ProtectedCalls
from sigap_intake.visibility.calls import POLICY, need_of_protected


def _columns(call: Call) -> dict[str, Any]:
    return {
        "state": call.state,
        "drill": call.drill,
        "backfilled": call.backfilled,
        "received_at": call.received_at,
        "caller_hash": call.caller_hash,
        "exchange_id": call.exchange_id,
        "exchange_use": call.exchange_use,
        "call_class": call.classification.call_class if call.classification else None,
        "due_at": call.due_at,
        "erase_at": call.received_at + SHORTEST,
        "queue_at": call.queue_at,
        "queued_at": call.queued_at,
        "raised_by_seconds": call.raised_by_seconds,
        "rung": call.rung,
        "watched_rung": call.rung if call.state is CallState.WAITING and not call.backfilled else None,
        "answered_by": call.answered_by,
        "operator_gone": call.operator_gone,
    }


CALLS = AggregateTable(calls, tables.timeline, Call, _columns, POLICY, ENTRIES)

_earlier = (
    select(calls.c.call_class, calls.c.received_at)
    .where(
        calls.c.regency == bindparam("regency"),
        calls.c.caller_hash == bindparam("caller_hash"),
        calls.c.received_at < bindparam("before"),
        calls.c.drill == bindparam("drill"),
    )
    .order_by(calls.c.received_at.desc())
    .limit(literal_column(str(HISTORY_DEPTH)))
    .subquery()
)
_of_this_number = (
    protected_callers.c.regency == bindparam("regency"),
    protected_callers.c.caller_hash == bindparam("caller_hash"),
)
_HISTORY = CompiledStatement(
    select(
        _earlier.c.call_class,
        func.count().label("calls"),
        func.max(_earlier.c.received_at).label("last_at"),
        select(exists().where(*_of_this_number)).scalar_subquery().label("protected"),
    ).group_by(_earlier.c.call_class)
)
_EARLIER = CompiledStatement(
    select(*(calls.c[name] for name in ("id", "version", *LIST_ENTRY)))
    .where(
        calls.c.regency == bindparam("regency"),
        calls.c.caller_hash == bindparam("caller_hash"),
        calls.c.received_at <= bindparam("until"),
        calls.c.drill == bindparam("drill"),
        calls.c.id != bindparam("this_id"),
        NOT_PROTECTED_ITSELF,
    )
    .order_by(calls.c.received_at.desc(), calls.c.id.desc())
    .limit(literal_column(str(EARLIER_SHOWN)))
)
_is_protected = exists().where(
    protected_callers.c.regency == calls.c.regency, protected_callers.c.caller_hash == calls.c.caller_hash
)
_ON_THE_LINE = CompiledStatement(
    select(*(calls.c[name] for name in ("id", "version", "caller_hash", *LIST_ENTRY)))
    .where(
        calls.c.state == literal_column(f"'{CallState.ANSWERED.value}'"),
        calls.c.regency == bindparam("regency"),
        calls.c.drill == bindparam("drill"),
        calls.c.id != bindparam("this_id"),
        calls.c.backfilled == false(),
        ~_is_protected,
        NOT_PROTECTED_ITSELF,
    )
    .order_by(calls.c.received_at.desc(), calls.c.id.desc())
    .limit(literal_column(str(LINES_LOOKED_AT)))
)
_known_by_id = (
    select(calls.c.id, calls.c.document)
    .where(
        calls.c.regency == bindparam("regency"),
        # Calls of older versions have the id itself in this column.
        or_(calls.c.exchange_id == bindparam("exchange_hash"), calls.c.exchange_id == bindparam("exchange_id")),
    )
    .order_by(calls.c.exchange_use.desc())
)
_OF_EXCHANGE = CompiledStatement(_known_by_id.limit(literal_column("1")))
USES_LOOKED_AT = 5
"""So many of the newest calls with one exchange id are compared with an event: a late event may belong to a call before
the newest.
"""
_USES_OF_ID = CompiledStatement(_known_by_id.limit(literal_column(str(USES_LOOKED_AT))))


def exchange_hash(ring: KeyRing, regency: str, exchange_id: str) -> str:
    """The keyed hash by which a call is found from the id that an exchange of the regency gave it."""
    return ring.lookup(f"exchange/{regency}/{exchange_id}")


_MAY_PROTECT = (CallClassified, CallReclassified, CallSilentStepTaken)
"""The events after which a call may be protected by itself."""


class Calls(Aggregates[Call]):
    def __init__(self, tx: Transaction[Any], kind: AggregateTable[Call]) -> None:
        super().__init__(tx, kind)
        self.protected = ProtectedCalls(tx)

    async def visible(self, aggregate_id: UUID, access: Access, *, lock: bool = True) -> Call:
        """The call. Raises NotFound; Forbidden if it is protected and hidden from the token's owner."""
        call = await self.covered(aggregate_id, access, lock=lock)
        if await self.hides(call, access):
            raise Forbidden("call-protected")
        return call

    async def covered(self, aggregate_id: UUID, access: Access, *, lock: bool = True) -> Call:
        """The call, also if it must be hidden from the token's owner: for steps that need no sight of it, such as to
        answer it. Raises NotFound.
        """
        return await super().visible(aggregate_id, access, lock=lock)

    async def hides(self, call: Call, access: Access) -> bool:
        """Whether the call is hidden from the token's owner. The operator who has it costs no statement."""
        if call.answered_by == access.subject:
            return False
        return bool(await self.protected.hidden_among([call.id], access))

    async def entries(self, rows: Sequence[Any], access: Access, *, hide: bool = True) -> list[dict[str, Any]]:
        """The entries of a list; of a call that is hidden from the token's owner, a hidden one. `hide`: false for rows
        of a statement that finds no protected calls.
        """
        ids = [row.id for row in rows if row.protected] if hide else []
        hidden = await self.protected.hidden_among(ids, access)
        shown = iter(await super().entries([row for row in rows if row.id not in hidden], access))
        return [hidden_entry(row) if row.id in hidden else next(shown) for row in rows]

    def need_of(self, one: Call) -> Need | None:
        """Who may see the call, if it is protected."""
        return need_of_protected(one) if self._is_protected(one) else None

    def _is_protected(self, call: Call) -> bool:
        return call.of_protected or self._is_protected_itself(call)

    def _is_protected_itself(self, call: Call) -> bool:
        """Whether its type or its caller's cry for help protects the call."""
        said = call.classification.incident_type if call.classification else None
        pack = self.tx.packs.find(call.regency) if said else None
        return call.protected or bool(pack and pack.is_protected(said))

    async def of_exchange(self, regency: str, exchange_id: str | None) -> Call | None:
        """The newest call to which an exchange gave this id; None if there is none."""
        if exchange_id is None:
            return None
        hashed = exchange_hash(self.tx.ring, regency, exchange_id)
        known_by = {"regency": regency, "exchange_id": exchange_id, "exchange_hash": hashed}
        row = await _OF_EXCHANGE.first(self.tx.connection, known_by)
        return self.opened(row.id, row.document) if row else None

    async def uses_of_id(self, regency: str, exchange_id: str) -> list[Call]:
        """The calls to which an exchange gave this id, newest first, at most USES_LOOKED_AT. They are not locked."""
        hashed = exchange_hash(self.tx.ring, regency, exchange_id)
        known_by = {"regency": regency, "exchange_id": exchange_id, "exchange_hash": hashed}
        rows = await _USES_OF_ID.rows(self.tx.connection, known_by)
        return [self.opened(row.id, row.document) for row in rows]

    async def history(self, call: Call) -> CallerHistory | None:
        """None for a call without number and IMEI: several of them are never one caller. None for a protected one."""
        if call.caller_hash is None:
            return None
        who = {"regency": call.regency, "caller_hash": call.caller_hash}
        found = await _HISTORY.rows(self.tx.connection, who | {"before": call.received_at, "drill": call.drill})
        return None if any(group.protected for group in found) else _summed(found)

    async def earlier(self, call: Call) -> Sequence[Any]:
        """The rows, as for a list, of the EARLIER_SHOWN newest calls of the same number before this one."""
        if call.caller_hash is None:
            return []
        who = {"regency": call.regency, "caller_hash": call.caller_hash, "drill": call.drill}
        return await _EARLIER.rows(self.tx.connection, who | {"until": call.received_at, "this_id": call.id})

    async def on_the_line(self, call: Call) -> Sequence[Any]:
        """The rows, as for a list, of other calls of the regency that somebody speaks on now: the newest.

        Calls of protected numbers are left out.
        """
        where = {"regency": call.regency, "drill": call.drill, "this_id": call.id}
        return await _ON_THE_LINE.rows(self.tx.connection, where)

    def record(self, decision: Decision[Call]) -> Call:
        """Saves the call after the decision, and by what it is found; other regencies are told what concerns them."""
        call = super().record(decision)
        if decision.events:
            self.tx.after_commit(lambda: self.tx.resources.draft_watchers.tell(call.id))
        keep_terms(self.tx, decision.before, call)
        may_protect = any(isinstance(event, _MAY_PROTECT) for event in decision.events)
        if may_protect and self._is_protected_itself(call):
            self.protected.add(call.id, because_of=call.id)
        if any(isinstance(event, OF_TRANSFER) for event in decision.events):
            keep_transfer(self.tx, call)
        others = (*partners_alarms(call, decision.events), *receivers_alarms(call, decision.events))
        for regency, alarm in others:
            self.tx.say_alarm(regency, alarm, drill=call.drill)
        return call


def _summed(groups: Sequence[Any]) -> CallerHistory:
    if not groups:
        return CallerHistory()
    latest = max(groups, key=lambda group: str(group.last_at))
    by_class = {group.call_class: group.calls for group in groups if group.call_class}
    return CallerHistory(sum(group.calls for group in groups), by_class, latest.last_at, latest.call_class)

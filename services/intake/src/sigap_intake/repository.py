"""All SQL about calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, literal_column, or_, select

from sigap_common.app.zoning import ZonedResources, Zoning
from sigap_common.auth import Access
from sigap_common.contracts import Event
from sigap_common.contracts.event_view import read_event
from sigap_common.core.errors import NotFound
from sigap_common.database import CompiledStatement
from sigap_common.http.paging import Keyset
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import KeyRing, SealContext
from sigap_intake.domain import Call, evolve
from sigap_intake.models import calls, tables
from sigap_intake.visibility import within

HISTORY_DEPTH = 200
"""So many of a number's calls are looked at, the newest: a flood from one number slows nobody down."""


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
    }


CALLS = AggregateTable(calls, tables.timeline, Call, evolve, _columns)
NEWEST_FIRST = Keyset(calls.c.received_at, calls.c.id, newest_first=True)
AS_IN_QUEUE = Keyset(calls.c.drill, calls.c.received_at, calls.c.id)
AS_IT_HAPPENED = Keyset(tables.timeline.c.sequence)

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
_HISTORY = CompiledStatement(
    select(_earlier.c.call_class, func.count(), func.max(_earlier.c.received_at)).group_by(_earlier.c.call_class)
)
_OF_EXCHANGE = CompiledStatement(
    select(calls.c.id, calls.c.document)
    .where(
        calls.c.regency == bindparam("regency"),
        # Calls of older versions have the id itself in this column.
        or_(calls.c.exchange_id == bindparam("exchange_hash"), calls.c.exchange_id == bindparam("exchange_id")),
    )
    .order_by(calls.c.exchange_use.desc())
    .limit(literal_column("1"))
)


def exchange_hash(ring: KeyRing, regency: str, exchange_id: str) -> str:
    """Finds the call that an exchange of the regency knows by this id."""
    return ring.lookup(f"exchange/{regency}/{exchange_id}")


@dataclass(frozen=True, slots=True)
class CallerHistory:
    """Earlier calls of a number in its regency, the newest HISTORY_DEPTH of them. `by_class` has the classified."""

    count: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    last_at: datetime | None = None
    last_class: str | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of a call's timeline."""

    sequence: int
    type: str
    event: Event


class Calls(Aggregates[Call]):
    async def visible(self, call_id: UUID, access: Access, *, lock: bool = True) -> Call:
        """Raises NotFound for one outside of the token, too."""
        call = await self.get(call_id, lock=lock)
        if not access.covers(call.regency):
            raise NotFound
        return call

    async def of_exchange(self, regency: str, exchange_id: str | None) -> Call | None:
        """The newest call that an exchange told of by this id."""
        if exchange_id is None:
            return None
        hashed = exchange_hash(self.tx.ring, regency, exchange_id)
        known_by = {"regency": regency, "exchange_id": exchange_id, "exchange_hash": hashed}
        row = await _OF_EXCHANGE.first(self.tx.connection, known_by)
        return self.opened(row.id, row.document) if row else None

    async def history(self, call: Call) -> CallerHistory | None:
        """None for a call without a number: several of them are never one caller."""
        if call.caller_hash is None:
            return None
        who = {"regency": call.regency, "caller_hash": call.caller_hash}
        found = await _HISTORY.rows(self.tx.connection, who | {"before": call.received_at, "drill": call.drill})
        return _summed(found)

    async def page(
        self,
        order: Keyset,
        access: Access,
        cursor: str | None,
        limit: int,
        **wanted: object,
    ) -> tuple[list[Call], str | None]:
        """The calls that the token covers whose columns have the wanted values; None: any."""
        statement: Select[Any] = select(calls).where(within(access))
        for name, value in wanted.items():
            if value is not None:
                statement = statement.where(calls.c[name] == value)
        rows = (await self.tx.connection.execute(order.page(statement, cursor, limit))).all()
        kept, following = order.cut(rows, limit)
        return [self.opened(row.id, row.document) for row in kept], following

    async def timeline(self, call: Call, cursor: str | None, limit: int) -> tuple[Sequence[TimelineEntry], str | None]:
        """What happened to the call, in order, opened."""
        entries = tables.timeline
        statement: Select[Any] = select(entries).where(entries.c.subject == str(call.id))
        rows = (await self.tx.connection.execute(AS_IT_HAPPENED.page(statement, cursor, limit))).all()
        kept, following = AS_IT_HAPPENED.cut(rows, limit)
        seal = SealContext(self.tx.ring, str(call.id))
        return [TimelineEntry(row.sequence, row.type, read_event(row.type, row.data, seal)) for row in kept], following


def _summed(groups: Sequence[tuple[str | None, int, datetime | None]]) -> CallerHistory:
    if not groups:
        return CallerHistory()
    latest = max(groups, key=lambda group: str(group[2]))
    by_class = {call_class: count for call_class, count, _ in groups if call_class}
    return CallerHistory(sum(count for _, count, _ in groups), by_class, latest[2], latest[0])


class IntakeTransaction(Transaction[ZonedResources]):
    @cached_property
    def calls(self) -> Calls:
        return Calls(self, CALLS)

    @property
    def zoning(self) -> Zoning:
        return self.resources.zoning

"""Stored aggregates: one row each, with the whole state as a document and the columns by which it is found.

`record` saves an aggregate: its row, and its events in the timeline and the outbox. All of it is written at the end of
the transaction. Until then `find` of the same transaction already returns the new state. The version is the number of
the aggregate's last event; it is the ETag too. Personal data lies in the document sealed, bound to its field and
aggregate.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, bindparam, insert, select, update

from sigap_common.auth import Access
from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.need import Need
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotFound
from sigap_common.database import SIZES, CompiledStatement, Values, among, named, padded
from sigap_common.database.types import Utc
from sigap_common.messaging.list_entries import ListEntries
from sigap_common.messaging.transaction import About, Transaction
from sigap_common.messaging.visibility import Policy

A = TypeVar("A", bound=Aggregate)


def timeline_table(metadata: MetaData) -> Table:
    """Every event of every aggregate of a service, in the order of its aggregate."""
    return Table(
        "timeline",
        metadata,
        Column("subject", String, primary_key=True),
        Column("sequence", Integer, primary_key=True),
        Column("type", String, nullable=False),
        Column("at", Utc, nullable=False),
        Column("data", Text, nullable=False),
    )


class AggregateTable(Generic[A]):
    """How one kind of aggregate is stored in its table: `id`, `regency`, `version`, `document` and `columns` of its
    own.
    """

    def __init__(
        self,
        table: Table,
        timeline: Table,
        model: type[A],
        columns: Callable[[A], dict[str, Any]],
        policy: Policy | None = None,
        entries: ListEntries[A] | None = None,
        order: Callable[[A], str | None] = lambda _: None,
    ) -> None:
        """`policy`: which tokens see which of them; None: tokens that cover their regency. `entries`: what lists show
        of them, if the table has `list_entry_columns`. `order`: the text by which a list sorts one of them;
        messages of its events carry it.
        """
        self.model, self.columns, self.table = model, columns, table
        self.timeline, self.policy, self.entries = timeline, policy or Policy(), entries
        self.order = order
        names = [column.name for column in table.columns]
        changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != "id"}
        self.insert = CompiledStatement(insert(table), names)
        self.update = CompiledStatement(
            update(table).where(table.c.id == bindparam("this_id")).values(changed), by="this_id"
        )
        self.append = CompiledStatement(insert(timeline), ["subject", "sequence", "type", "at", "data"])
        self.load = CompiledStatement(select(table.c.document).where(table.c.id == bindparam("this_id")))
        self.lock = CompiledStatement(
            select(table.c.document).where(table.c.id == bindparam("this_id")).with_for_update()
        )
        several = select(table.c.id, table.c.document).order_by(table.c.id).with_for_update()
        self.lock_several = {size: CompiledStatement(several.where(among(table.c.id, size))) for size in SIZES}


class Aggregates(Generic[A]):
    """The aggregates of one kind, as one transaction sees them.

    Before you search by SQL for aggregates that this transaction may have changed, write them with `Transaction.flush`.
    """

    def __init__(self, tx: Transaction[Any], kind: AggregateTable[A]) -> None:
        self.tx, self.kind = tx, kind
        self._changed: dict[UUID, A] = {}
        self._unwritten: dict[UUID, bool] = {}  # whether it is new, too
        tx.states(self._rows_unwritten)

    async def find(self, aggregate_id: UUID, *, lock: bool = True) -> A | None:
        if changed := self._changed.get(aggregate_id):
            return changed
        statement = self.kind.lock if lock else self.kind.load
        row = await statement.first(self.tx.connection, {"this_id": aggregate_id})
        return self.opened(aggregate_id, row.document) if row else None

    async def find_all(self, aggregate_ids: Iterable[UUID]) -> dict[UUID, A]:
        """The existing aggregates by id, for at most LARGEST ids. They are locked in the order of their ids, so that
        two transactions that want the same ones never wait for each other.
        """
        wanted = sorted(set(aggregate_ids))
        if not wanted:
            return {}
        given = padded(wanted)
        rows = await self.kind.lock_several[len(given)].rows(self.tx.connection, named(given))
        return {row.id: self._changed.get(row.id) or self.opened(row.id, row.document) for row in rows}

    async def get(self, aggregate_id: UUID, *, lock: bool = True) -> A:
        """The aggregate, locked until the transaction ends unless `lock` is false. Raises NotFound."""
        found = await self.find(aggregate_id, lock=lock)
        if found is None:
            raise self.absent(aggregate_id)
        return found

    async def visible(self, aggregate_id: UUID, access: Access, *, lock: bool = True) -> A:
        """Like `get`, but raises NotFound also for an aggregate that the token may not see."""
        found = await self.get(aggregate_id, lock=lock)
        if not self.kind.policy.sees(access, found):
            raise self.absent(aggregate_id)
        return found

    def need_of(self, one: A) -> Need | None:
        """Who may see the aggregate, if it is protected. Its events carry it."""
        return self.kind.policy.need_of(one)

    def absent(self, aggregate_id: UUID) -> NotFound:  # noqa: ARG002  a service may say more
        """The refusal if there is no such aggregate, or none that the token may see."""
        return NotFound()

    def opened(self, aggregate_id: UUID, document: str) -> A:
        return self.kind.model.model_validate_json(document, context=self.tx.seal_context(str(aggregate_id)))

    async def entries(self, rows: Sequence[Any], access: Access) -> list[dict[str, Any]]:
        """The entries of these rows in a list, as JSON values. `rows` have `id`, `version` and `list_entry_columns`. A
        document is opened only if the row's entry is not stored in the current form.
        """
        kind, opened = self.kind.entries, self.kind.policy.opens(access)
        assert kind is not None, "the table has no entries of lists"
        old = await self._documents([row.id for row in rows if not kind.is_stored(row)])
        return [
            kind.shown(old[row.id], opened=opened) if row.id in old else kind.read(row, self.tx.ring, opened=opened)
            for row in rows
        ]

    async def unlocked(self, aggregate_ids: Sequence[UUID]) -> dict[UUID, A]:
        """The existing aggregates by id, not locked: to show, not to change."""
        return await self._documents(aggregate_ids)

    async def _documents(self, aggregate_ids: Sequence[UUID]) -> dict[UUID, A]:
        if not aggregate_ids:
            return {}
        t = self.kind.table
        found = await self.tx.connection.execute(select(t.c.id, t.c.document).where(t.c.id.in_(aggregate_ids)))
        return {row.id: self.of_row(row) for row in found}

    def of_row(self, row: Any) -> A:
        """The aggregate of a row that has `id` and `document`."""
        return self.opened(row.id, row.document)

    def record(self, decision: Decision[A]) -> A:
        """Saves the aggregate after the decision, and appends its events to timeline and outbox. Without events nothing
        is written, and the unchanged aggregate is returned. If a new aggregate has the id or another unique value of an
        existing one, the end of the transaction raises NotUnique.
        """
        before, after = decision.before, decision.after
        if not isinstance(after, self.kind.model):
            raise ValueError("an aggregate begins with an event")
        if not decision.events:
            return after
        after = after.model_copy(update={"version": before.version + len(decision.events)})
        self.save(before, after)
        self._say(after, before.version + 1, decision.events)
        return after

    def save(self, before: Aggregate, after: A) -> None:
        """Saves the aggregate without an event. If `before` has version 0, it is new."""
        self._changed[after.id] = after
        self._unwritten[after.id] = self._unwritten.get(after.id, False) or not before.version

    def _rows_unwritten(self) -> list[tuple[CompiledStatement, list[Values]]]:
        """The writes of all aggregates that changed since the last call, each with its newest state."""
        new: list[Values] = []
        changed: list[Values] = []
        for aggregate_id, is_new in self._unwritten.items():
            row = self._row(self._changed[aggregate_id])
            if is_new:
                new.append({"id": aggregate_id} | row)
            else:
                changed.append({"this_id": aggregate_id} | {f"new_{name}": value for name, value in row.items()})
        self._unwritten = {}
        return [(self.kind.insert, new), (self.kind.update, changed)]

    def _row(self, after: A) -> dict[str, Any]:
        document = after.model_dump_json(context=self.tx.seal_context(str(after.id)))
        row = {"regency": after.regency, "version": after.version, "document": document} | self.kind.columns(after)
        return row | self.kind.entries.columns(after, self.tx.ring) if self.kind.entries else row

    def _say(self, after: A, first: int, events: Sequence[Event]) -> None:
        need = self.need_of(after)
        order = self.kind.order(after) or ""
        about = About(str(after.id), after.regency, first, after.drill, need.text if need else None, order)
        entries = [
            {
                "subject": about.subject,
                "sequence": said.envelope.sequence,
                "type": type_name(type(event)),
                "at": event.at,
                "data": said.data,
            }
            for event, said in zip(events, self.tx.say(about, events), strict=True)
        ]
        self.tx.later(self.kind.append, entries)

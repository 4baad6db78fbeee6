"""Aggregates at rest: one row each, holding the whole state as a document and the columns it is found by.

`record` (and `begin`, for a new one that is written last) is where an aggregate is saved: the row with its version, the
timeline and the outbox get the same events, written by the same function. The version is the number of the aggregate's
last event; it is the ETag too. Personal data lies in the document sealed, bound to its field and aggregate.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Table, bindparam, insert, select, update

from sigap_common.contracts.base import Event, type_name
from sigap_common.db import Hot, insert_if_new
from sigap_common.problems import NotFound
from sigap_common.transaction import About, Transaction


class AlreadyThere(Exception):
    """A new aggregate shares its id, or what else is unique in its table, with another. Nothing was written."""


class Aggregate(BaseModel):
    """What every aggregate has. Its own model adds the rest; all of it frozen.

    One that is about to begin is a bare `Aggregate(id=..., regency=..., drill=...)` of version 0: its first
    event makes its first state.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    regency: str
    version: int = 0
    drill: bool = False


A = TypeVar("A", bound=Aggregate)


class AggregateTable(Generic[A]):
    """How one kind of aggregate lies in its table: `id`, `regency`, `version`, `document` and `columns` of its own."""

    def __init__(
        self,
        table: Table,
        timeline: Table,
        model: type[A],
        evolve: Callable[[Any, Event], A],
        columns: Callable[[A], dict[str, Any]],
    ) -> None:
        self.model, self.evolve, self.columns, self.table = model, evolve, columns, table
        names = [column.name for column in table.columns]
        changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != "id"}
        # A violated index would end PostgreSQL's transaction.
        self.insert = Hot(insert_if_new(table), names)
        self.insert_later = Hot(insert(table), names)
        self.update = Hot(update(table).where(table.c.id == bindparam("this_id")).values(changed))
        self.append = Hot(insert(timeline), ["subject", "sequence", "type", "at", "data"])
        self.load = Hot(select(table.c.document).where(table.c.id == bindparam("this_id")))
        self.lock = Hot(select(table.c.document).where(table.c.id == bindparam("this_id")).with_for_update())


class Aggregates(Generic[A]):
    """The aggregates of one kind, as one transaction sees them."""

    def __init__(self, tx: Transaction, kind: AggregateTable[A]) -> None:
        self.tx, self.kind = tx, kind

    async def find(self, aggregate_id: UUID, *, lock: bool = True) -> A | None:
        statement = self.kind.lock if lock else self.kind.load
        row = await statement.first(self.tx.connection, {"this_id": aggregate_id})
        return self.opened(aggregate_id, row.document) if row else None

    async def get(self, aggregate_id: UUID, *, lock: bool = True) -> A:
        """Locks it until the transaction ends, unless told not to. Raises NotFound."""
        found = await self.find(aggregate_id, lock=lock)
        if found is None:
            raise NotFound()
        return found

    def opened(self, aggregate_id: UUID, document: str) -> A:
        return self.kind.model.model_validate_json(document, context=self.tx.seal_context(str(aggregate_id)))

    async def record(self, before: Aggregate, events: Sequence[Event]) -> A:
        """Saves what follows from the events and appends them to timeline and outbox.

        Without events nothing is written and `before` is given back. Raises AlreadyThere.
        """
        if not events:
            if not isinstance(before, self.kind.model):
                raise ValueError("an aggregate begins with an event")
            return before
        after = self._evolved(before, events)
        await self._save(before, after)
        self._say(after, before.version + 1, events)
        return after

    def begin(self, begun: Aggregate, events: Sequence[Event]) -> A:
        """A new one that nobody reads before the commit: its row is written with all that is left for later, and what
        was there already is found out then, as NotUnique.
        """
        after = self._evolved(begun, events)
        self.tx.later(self.kind.insert_later, [{"id": after.id} | self._row(after)])
        self._say(after, 1, events)
        return after

    def _evolved(self, before: Aggregate, events: Sequence[Event]) -> A:
        after: A = reduce(self.kind.evolve, events, before)  # type: ignore[assignment]
        return after.model_copy(update={"version": before.version + len(events)})

    def _row(self, after: A) -> dict[str, Any]:
        document = after.model_dump_json(context=self.tx.seal_context(str(after.id)))
        return {"regency": after.regency, "version": after.version, "document": document} | self.kind.columns(after)

    async def _save(self, before: Aggregate, after: A) -> None:
        row = self._row(after)
        if not before.version:
            if not await self.kind.insert.run(self.tx.connection, {"id": after.id} | row):
                raise AlreadyThere
            return
        changed = {f"new_{name}": value for name, value in row.items()}
        await self.kind.update.run(self.tx.connection, changed | {"this_id": after.id})

    def _say(self, after: A, first: int, events: Sequence[Event]) -> None:
        about = About(str(after.id), after.regency, first, after.drill)
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

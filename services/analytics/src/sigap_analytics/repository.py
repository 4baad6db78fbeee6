"""The stored facts. All facts of a kind that a batch of events changes are loaded by one statement and saved by one."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update

from sigap_analytics.domain.columns import columns
from sigap_analytics.domain.facts import Fact, FactUpdate, Kind, begin, merge
from sigap_analytics.domain.kept import Changed
from sigap_analytics.models import FACTS
from sigap_analytics.questions import Questions
from sigap_analytics.resources import AnalyticsResources
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.subscriptions import NotYet
from sigap_common.messaging.transaction import Transaction

MOST_AT_ONCE = 1000
"""The most ids in one statement. Both databases accept more."""

ZoneOf = Callable[[str], str]


def _claim(table: Table) -> CompiledStatement:
    return CompiledStatement(insert_if_new(table), [column.name for column in table.columns])


def _save(table: Table) -> CompiledStatement:
    names = [column.name for column in table.columns if column.name != "id"]
    changed: dict[str, Any] = {name: bindparam(name) for name in names}
    return CompiledStatement(update(table).where(table.c.id == bindparam("this_id")).values(changed))


_CLAIM = {kind: _claim(table) for kind, table in FACTS.items()}
_SAVE = {kind: _save(table) for kind, table in FACTS.items()}


class Facts:
    """The facts of all kinds, within one transaction."""

    def __init__(self, tx: Transaction[Any], zone_of: ZoneOf) -> None:
        self._tx, self._zone_of = tx, zone_of

    async def add(self, kind: Kind, fact_updates: Sequence[FactUpdate]) -> list[Changed]:
        """Merges updates into their facts, and returns those that changed. A new fact gets its regency's time zone.

        Raises NotYet if a fact's regency is not known.
        """
        before = await self._load(kind, sorted({saying.id for saying in fact_updates}))
        before |= await self._begin(kind, [saying for saying in fact_updates if saying.id not in before])
        after = dict(before)
        for saying in fact_updates:
            after[saying.id] = merge(after[saying.id], saying)
        changed = [fact for key, fact in sorted(after.items()) if fact != before[key]]
        await _SAVE[kind].run_many(self._tx.connection, [{"this_id": f.id, **_row(kind, f)} for f in changed])
        return [Changed(before[fact.id], fact) for fact in changed]

    async def _begin(self, kind: Kind, fact_updates: Sequence[FactUpdate]) -> dict[UUID, Fact]:
        """Inserts empty facts and locks them before anything is merged, because another batch may insert the same facts
        now.
        """
        begun = {saying.id: begin(saying, self._zone_of(saying.regency)) for saying in fact_updates}
        rows = [{"id": key, **_row(kind, fact)} for key, fact in sorted(begun.items())]
        await _CLAIM[kind].run_many(self._tx.connection, rows)
        return await self._load(kind, sorted(begun))

    async def _load(self, kind: Kind, ids: Sequence[UUID]) -> dict[UUID, Fact]:
        """The stored facts, locked in the order of their ids, so that two batches never wait for each other."""
        found: dict[UUID, Fact] = {}
        for at in range(0, len(ids), MOST_AT_ONCE):
            found.update(await self._load_some(FACTS[kind], ids[at : at + MOST_AT_ONCE]))
        return found

    async def _load_some(self, table: Table, ids: Sequence[UUID]) -> dict[UUID, Fact]:
        stored = (table.c.id, table.c.regency, table.c.drill, table.c.zone, table.c.told)
        statement = select(*stored).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
        found = await self._tx.connection.execute(statement)
        return {row.id: Fact(row.id, row.regency, row.drill, row.zone, _told(row.told)) for row in found}


def _told(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: (sequence, value) for name, (sequence, value) in stored.items()}


def _row(kind: Kind, fact: Fact) -> dict[str, Any]:
    kept = {"regency": fact.regency, "drill": fact.drill, "zone": fact.zone, "told": fact.told}
    return kept | columns(kind, fact)


class AnalyticsTransaction(Transaction[AnalyticsResources]):
    @cached_property
    def facts(self) -> Facts:
        return Facts(self, self._zone_of)

    @cached_property
    def questions(self) -> Questions:
        return Questions(self.connection)

    def _zone_of(self, regency: str) -> str:
        """The regency's time zone. Raises NotYet without its pack: packs come by another topic, so an event may come
        first.
        """
        pack = self.packs.find(regency)
        if pack is None:
            raise NotYet(f"regency {regency} is not configured")
        return pack.time_zone

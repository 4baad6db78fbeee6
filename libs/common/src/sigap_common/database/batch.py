"""Several writes as one statement, because the round trip to PostgreSQL is most of a write's cost."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from sigap_common.database.compiled import Compiled, CompiledStatement, Values
from sigap_common.database.engine import Connection

T = TypeVar("T")
Write = tuple[CompiledStatement, Sequence[Values]]
MOST_TOGETHER = 16
"""The most rows in one statement. Each combination of tables and numbers of rows is a statement, which PostgreSQL keeps
prepared.
"""


async def execute_batch(connection: Connection, writes: Sequence[Write], *, is_all: bool = False) -> None:
    """Runs writes that do not read each other's tables. Writes into the same table run one after another. `is_all`: the
    transaction has no further writes after them.

    On PostgreSQL, writes into different tables are one statement, which takes one round trip. If no transaction has
    begun and these are all writes, that statement needs no transaction around it. Raises NotUnique.
    """
    if connection.dialect.name == "sqlite" or sum(len(rows) for _, rows in writes) > MOST_TOGETHER:
        for hot, rows in writes:
            await hot.run_many(connection, rows)
        return
    steps = _steps(writes)
    for step in steps:
        parts = [part for hot, rows in step for part in hot.prepared(connection.dialect, rows)]
        given = tuple(chain.from_iterable(values for _, values in parts))
        if is_all and len(steps) == 1:
            connection.is_all()
        else:
            await connection.begin()
        await connection.driver.run(_as_one(tuple(compiled for compiled, _ in parts)), given)


def _steps(writes: Sequence[Write]) -> list[list[Write]]:
    """The writes as steps, in each of which a table occurs once: parts of one PostgreSQL statement do not see each
    other's changes.
    """
    steps: list[list[Write]] = []
    done: Counter[str] = Counter()
    for hot, rows in writes:
        for turn in _turns(hot, rows):
            _put(steps, done[hot.table.name], (hot, turn))
            done[hot.table.name] += 1
    return steps


def _turns(hot: CompiledStatement, rows: Sequence[Values]) -> list[list[Values]]:
    """The rows as groups, in each of which no row of the table is changed twice."""
    if hot.is_insert or len(rows) == 1:
        return [list(rows)]
    turns: list[list[Values]] = []
    changed: Counter[Any] = Counter()
    for values in rows:
        found_by = values[hot.by] if hot.by else None
        _put(turns, changed[found_by], values)
        changed[found_by] += 1
    return turns


def _put(turns: list[list[T]], at: int, one: T) -> None:
    """Appends to the group at this index, and makes the group if it is the next one."""
    if at == len(turns):
        turns.append([])
    turns[at].append(one)


@lru_cache(maxsize=500)
def _as_one(statements: tuple[Compiled, ...]) -> str:
    *others, last = _renumbered(statements)
    return f"WITH {', '.join(f'w{n} AS ({sql})' for n, sql in enumerate(others))} {last}" if others else last


def _renumbered(statements: Sequence[Compiled]) -> Iterator[str]:
    taken = 0
    for statement in statements:
        yield re.sub(r"\$(\d+)", lambda found, taken=taken: f"${int(found[1]) + taken}", statement.sql)  # type: ignore[misc]
        taken += len(statement.order)

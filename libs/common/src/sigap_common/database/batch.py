"""Several writes as one statement: PostgreSQL's way there and back is most of what a write costs."""

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
"""Rows. Each mix of numbers of rows is a statement of its own, which PostgreSQL keeps prepared."""


async def execute_batch(connection: Connection, writes: Sequence[Write], *, is_all: bool = False) -> None:
    """Writes none of which looks at another's table; those into one table go one after another. `is_all`: the writing
    block ends with them.

    PostgreSQL takes those into different tables as one statement, so that the way there and back is gone once; where
    no transaction has begun, and they are all, it is one by itself. Raises NotUnique.
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
    """In each step a table occurs once: in one statement of PostgreSQL nobody sees what the others did."""
    steps: list[list[Write]] = []
    done: Counter[str] = Counter()
    for hot, rows in writes:
        for turn in _turns(hot, rows):
            _put(steps, done[hot.table.name], (hot, turn))
            done[hot.table.name] += 1
    return steps


def _turns(hot: CompiledStatement, rows: Sequence[Values]) -> list[list[Values]]:
    """In each turn no row of the table is changed twice."""
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
    """Into this turn, of which there may be one less."""
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

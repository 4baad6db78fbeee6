"""Statements of the hot way: compiled once, run by the driver."""

import re
from collections import Counter, namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Dialect, Executable, Table, bindparam

from sigap_common.db.database import Connection

T = TypeVar("T")
Values = Mapping[str, Any]
Convert = Callable[[Any], Any] | None

MOST_TOGETHER = 16
"""Rows. Each mix of numbers of rows is a statement of its own, which PostgreSQL keeps prepared."""


@dataclass(frozen=True, slots=True, eq=False)
class _Compiled:
    """`order`: the parameters as the driver wants them; `written`, `read`: what makes of a value the driver's own, and
    of the driver's a value.
    """

    sql: str
    order: tuple[str, ...]
    written: tuple[Convert, ...]
    constants: dict[str, Any]  # values that the statement brings along
    row_type: Callable[..., Any]
    read: tuple[Convert, ...]
    plain: bool  # neither writes nor locks

    def given(self, values: Values) -> tuple[Any, ...]:
        values = {**self.constants, **values} if self.constants else values
        return tuple(
            written(values[name]) if written else values[name]
            for name, written in zip(self.order, self.written, strict=True)
        )

    def found(self, row: Sequence[Any]) -> Any:
        return self.row_type(*(read(value) if read else value for value, read in zip(row, self.read, strict=True)))


class Hot:
    """A statement compiled once a dialect. `names`: the bound parameters that a caller gives. `by`: that by which an
    UPDATE finds its rows; those of another value are other rows.

    Whoever runs it may get NotUnique; what else a driver raises, Database translates at the end of its block.
    """

    def __init__(self, statement: Executable, names: Sequence[str] = (), *, by: str | None = None) -> None:
        self._statement, self._by = statement, by
        self._names = list(names)
        self._compiled: dict[str, _Compiled] = {}
        self._wider: dict[int, Hot] = {}

    async def run(self, connection: Connection, values: Values) -> int:
        """How many rows it changed."""
        compiled = self._for(connection.dialect)
        await connection.begin()
        return await connection.driver.run(compiled.sql, compiled.given(values))

    async def run_many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Once for each of the rows, in one round trip; nothing for none."""
        if len(rows) == 1:
            await self.run(connection, rows[0])
        elif rows:
            compiled = self._for(connection.dialect)
            await connection.begin()
            await connection.driver.run_many(compiled.sql, [compiled.given(values) for values in rows])

    async def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Named tuples, by the columns' names."""
        compiled = self._for(connection.dialect)
        if not compiled.plain:
            await connection.begin()
        found = await connection.driver.rows(compiled.sql, compiled.given(values))
        return [compiled.found(row) for row in found]

    async def first(self, connection: Connection, values: Values) -> Any | None:
        return next(iter(await self.rows(connection, values)), None)

    async def rows_of_many(self, connection: Connection, rows: Sequence[Values]) -> list[Any]:
        """What an INSERT of all these rows by one statement returns."""
        compiled, given = self._wide(connection.dialect, rows)
        await connection.begin()
        return [compiled.found(row) for row in await connection.driver.rows(compiled.sql, given)]

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._statement, self._names, dialect)
        return found

    @property
    def table(self) -> Table:
        """That an INSERT, UPDATE or DELETE writes into."""
        table: Table = self._statement.table  # type: ignore[attr-defined]
        return table

    def _turns(self, rows: Sequence[Values]) -> list[list[Values]]:
        """In each turn no row of the table is changed twice."""
        if self._statement.is_insert or len(rows) == 1:
            return [list(rows)]
        turns: list[list[Values]] = []
        changed: Counter[Any] = Counter()
        for values in rows:
            found_by = values[self._by] if self._by else None
            _put(turns, changed[found_by], values)
            changed[found_by] += 1
        return turns

    def _parts(self, dialect: Dialect, rows: Sequence[Values]) -> list[tuple[_Compiled, tuple[Any, ...]]]:
        """For `together`: INSERTs as one statement, others one by one."""
        if self._statement.is_insert:
            return [self._wide(dialect, rows)]
        compiled = self._for(dialect)
        return [(compiled, compiled.given(values)) for values in rows]

    def _wide(self, dialect: Dialect, rows: Sequence[Values]) -> tuple[_Compiled, tuple[Any, ...]]:
        """The INSERT of these rows by one statement, and its parameters."""
        if len(rows) == 1:
            compiled = self._for(dialect)
            return compiled, compiled.given(rows[0])
        compiled = self._of_rows(len(rows))._for(dialect)
        values = {f"{name}_{n}": row[name] for n, row in enumerate(rows) for name in self._names}
        return compiled, compiled.given(values)

    def _of_rows(self, count: int) -> "Hot":
        if count not in self._wider:
            columns = self._statement.table.columns  # type: ignore[attr-defined]
            rows = [
                {name: bindparam(f"{name}_{n}", type_=columns[name].type) for name in self._names} for n in range(count)
            ]
            self._wider[count] = Hot(self._statement.values(rows))  # type: ignore[attr-defined]
        return self._wider[count]


Write = tuple[Hot, Sequence[Values]]


async def together(connection: Connection, writes: Sequence[Write], *, is_all: bool = False) -> None:
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
        parts = [part for hot, rows in step for part in hot._parts(connection.dialect, rows)]
        given = tuple(value for _, values in parts for value in values)
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
        for turn in hot._turns(rows):
            _put(steps, done[hot.table.name], (hot, turn))
            done[hot.table.name] += 1
    return steps


def _put(turns: list[list[T]], at: int, one: T) -> None:
    """Into this turn, of which there may be one less."""
    if at == len(turns):
        turns.append([])
    turns[at].append(one)


@lru_cache(maxsize=500)
def _as_one(statements: tuple[_Compiled, ...]) -> str:
    *others, last = _renumbered(statements)
    return f"WITH {', '.join(f'w{n} AS ({sql})' for n, sql in enumerate(others))} {last}" if others else last


def _renumbered(statements: Sequence[_Compiled]) -> Iterator[str]:
    taken = 0
    for statement in statements:
        yield re.sub(r"\$(\d+)", lambda found, taken=taken: f"${int(found[1]) + taken}", statement.sql)  # type: ignore[misc]
        taken += len(statement.order)


def _compile(statement: Any, names: list[str], dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=names or None)
    order = tuple(compiled.positiontup)
    columns = statement.column_descriptions if statement.is_select else statement.returning_column_descriptions
    return _Compiled(
        str(compiled),
        order,
        tuple(compiled._bind_processors.get(name) for name in order),
        {name: value for name, value in compiled.params.items() if value is not None},
        namedtuple("Row", [column["name"] for column in columns], rename=True),
        tuple(column["type"].dialect_impl(dialect).result_processor(dialect, None) for column in columns),
        statement.is_select and statement._for_update_arg is None,
    )

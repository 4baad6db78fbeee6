"""Statements of the hot way: compiled once, run by the driver."""

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Executable, bindparam

from sigap_common.db.database import Connection

Values = Mapping[str, Any]
Convert = Callable[[Any], Any] | None

MOST_TOGETHER = 32


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
    """A statement compiled once a dialect. `names`: the bound parameters that a caller gives.

    Whoever runs it may get NotUnique; what else a driver raises, Database translates at the end of its block.
    """

    def __init__(self, statement: Executable, names: Sequence[str] = ()) -> None:
        self._statement = statement
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


async def together(connection: Connection, writes: Sequence[tuple[Hot, Sequence[Values]]]) -> None:
    """INSERTs into different tables, none of which cares for the others', as the last of a writing block.

    PostgreSQL takes them as one statement, so that the way there and back is gone once; where no transaction has begun
    it is one by itself. Raises NotUnique.
    """
    if connection.dialect.name == "sqlite" or sum(len(rows) for _, rows in writes) > MOST_TOGETHER:
        for hot, rows in writes:
            await hot.run_many(connection, rows)
    elif writes:
        wide = [hot._wide(connection.dialect, rows) for hot, rows in writes]
        given = tuple(value for _, values in wide for value in values)
        connection.is_all()
        await connection.driver.run(_as_one(tuple(compiled for compiled, _ in wide)), given)


@cache
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

"""Statements that run for every call: compiled once, run by the driver."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Dialect, Executable, Table, bindparam

from sigap_common.database.engine import Connection

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A statement compiled for one driver. `order`: the parameters in the driver's order. `written` and `read`:
    functions that convert a value for the driver and back, by position, where a conversion is needed.
    """

    sql: str
    order: tuple[str, ...]
    written: dict[int, Convert]
    constants: dict[str, Any]  # values that the statement brings along
    row_type: Callable[..., Any]
    read: dict[int, Convert]
    plain: bool  # neither writes nor locks

    def given(self, values: Values) -> tuple[Any, ...]:
        values = {**self.constants, **values} if self.constants else values
        row = [values[name] for name in self.order]
        for place, convert in self.written.items():
            row[place] = convert(row[place])
        return tuple(row)

    def found(self, row: Sequence[Any]) -> Any:
        if self.read:
            row = list(row)
            for place, convert in self.read.items():
                row[place] = convert(row[place])
        return self.row_type(*row)


class CompiledStatement:
    """A statement that is compiled once for each dialect. `names`: the bound parameters that a caller gives. `by`: the
    parameter by which an UPDATE finds its rows; different values mean different rows.

    Running it raises NotUnique. Database translates the driver's other errors at the end of its block.
    """

    def __init__(self, statement: Executable, names: Sequence[str] = (), *, by: str | None = None) -> None:
        self._statement, self.by = statement, by
        self._names = list(names)
        self._compiled: dict[str, Compiled] = {}
        self._wider: dict[int, CompiledStatement] = {}

    async def run(self, connection: Connection, values: Values) -> int:
        """Runs it, and returns how many rows it changed."""
        compiled = self._for(connection.dialect)
        await connection.begin()
        return await connection.driver.run(compiled.sql, compiled.given(values))

    async def run_many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Runs it once for each of the rows, in one round trip. Does nothing without rows."""
        if len(rows) == 1:
            await self.run(connection, rows[0])
        elif rows:
            compiled = self._for(connection.dialect)
            await connection.begin()
            await connection.driver.run_many(compiled.sql, [compiled.given(values) for values in rows])

    async def rows(self, connection: Connection, values: Values) -> list[Any]:
        """The rows that it finds, as named tuples with the columns' names."""
        compiled = self._for(connection.dialect)
        if not compiled.plain:
            await connection.begin()
        found = await connection.driver.rows(compiled.sql, compiled.given(values))
        return [compiled.found(row) for row in found]

    async def first(self, connection: Connection, values: Values) -> Any | None:
        return next(iter(await self.rows(connection, values)), None)

    async def rows_of_many(self, connection: Connection, rows: Sequence[Values]) -> list[Any]:
        """The rows that an INSERT of all these rows, in one statement, returns."""
        compiled, given = self._wide(connection.dialect, rows)
        await connection.begin()
        return [compiled.found(row) for row in await connection.driver.rows(compiled.sql, given)]

    def _for(self, dialect: Dialect) -> Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._statement, self._names, dialect)
        return found

    @cached_property
    def table(self) -> Table:
        """The table that an INSERT, UPDATE or DELETE changes."""
        table: Table = self._statement.table  # type: ignore[attr-defined]
        return table

    @cached_property
    def is_insert(self) -> bool:
        return bool(self._statement.is_insert)

    def prepared(self, dialect: Dialect, rows: Sequence[Values]) -> list[tuple[Compiled, tuple[Any, ...]]]:
        """The compiled statements for these rows with their parameters: one for all rows of an INSERT, otherwise one
        for each row.
        """
        if self.is_insert:
            return [self._wide(dialect, rows)]
        compiled = self._for(dialect)
        return [(compiled, compiled.given(values)) for values in rows]

    def _wide(self, dialect: Dialect, rows: Sequence[Values]) -> tuple[Compiled, tuple[Any, ...]]:
        """The INSERT of these rows by one statement, and its parameters."""
        if len(rows) == 1:
            compiled = self._for(dialect)
            return compiled, compiled.given(rows[0])
        compiled = self._of_rows(len(rows))._for(dialect)
        values = {f"{name}_{n}": row[name] for n, row in enumerate(rows) for name in self._names}
        return compiled, compiled.given(values)

    def _of_rows(self, count: int) -> "CompiledStatement":
        if count not in self._wider:
            columns = self._statement.table.columns  # type: ignore[attr-defined]
            rows = [
                {name: bindparam(f"{name}_{n}", type_=columns[name].type) for name in self._names} for n in range(count)
            ]
            self._wider[count] = CompiledStatement(self._statement.values(rows))  # type: ignore[attr-defined]
        return self._wider[count]


def _compile(statement: Any, names: list[str], dialect: Dialect) -> Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=names or None)
    order = tuple(compiled.positiontup)
    columns = statement.column_descriptions if statement.is_select else statement.returning_column_descriptions
    return Compiled(
        str(compiled),
        order,
        _converting(compiled._bind_processors.get(name) for name in order),
        # A parameter that the caller gives is required. A value of the statement's own may be None.
        {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required},
        namedtuple("Row", [column["name"] for column in columns], rename=True),
        _converting(column["type"].dialect_impl(dialect).result_processor(dialect, None) for column in columns),
        statement.is_select and statement._for_update_arg is None,
    )


def _converting(converters: Iterable[Convert | None]) -> dict[int, Convert]:
    return {place: convert for place, convert in enumerate(converters) if convert is not None}

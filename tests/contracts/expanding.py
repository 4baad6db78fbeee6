"""What a migration may not do to tables that are there: the release before goes on writing them.

While a new release is rolled out, and after going back, the code of the release before runs on the schema after. So a
migration adds; what nobody uses any more goes in a later release.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect


@dataclass(frozen=True, slots=True)
class Column:
    """`filled`: the database gives a value if a statement names none."""

    kind: str
    nullable: bool
    filled: bool


@dataclass(frozen=True, slots=True)
class Table:
    """`unique`: the sets of columns of which no two rows may be the same, the primary key among them.
    `bound`: other conditions on rows, such as a foreign key.
    """

    columns: Mapping[str, Column]
    unique: frozenset[tuple[str, ...]]
    bound: frozenset[str]


Schema = Mapping[str, Table]


def written(schema: Schema) -> dict[str, Any]:
    """As JSON values, in a form that a person can read."""
    return {
        name: {
            "columns": {column: _words(one) for column, one in sorted(table.columns.items())},
            "unique": [list(one) for one in sorted(table.unique)],
            "bound": sorted(table.bound),
        }
        for name, table in sorted(schema.items())
    }


def read(told: Mapping[str, Any]) -> Schema:
    """What `written` wrote."""
    return {
        name: Table(
            {column: _column(words) for column, words in table["columns"].items()},
            frozenset(tuple(one) for one in table["unique"]),
            frozenset(table["bound"]),
        )
        for name, table in told.items()
    }


_NULLABLE, _FILLED = " or null", ", filled"


def _words(column: Column) -> str:
    return column.kind + _NULLABLE * column.nullable + _FILLED * column.filled


def _column(words: str) -> Column:
    rest = words.removesuffix(_FILLED)
    return Column(rest.removesuffix(_NULLABLE), rest.endswith(_NULLABLE), words.endswith(_FILLED))


def schema(connection: Connection) -> Schema:
    """The tables of a database as they are now."""
    there = inspect(connection)
    found = {}
    for name in there.get_table_names():
        key = there.get_pk_constraint(name)["constrained_columns"]
        columns = {
            one["name"]: Column(str(one["type"]), bool(one["nullable"]), _filled(one, key))
            for one in there.get_columns(name)
        }
        unique = {tuple(sorted(key))} if key else set()
        unique |= {tuple(sorted(one["column_names"])) for one in there.get_unique_constraints(name)}
        unique |= {_names(one["column_names"]) for one in there.get_indexes(name) if one["unique"]}
        bound = {f"check {one['sqltext']}" for one in there.get_check_constraints(name)}
        bound |= {f"foreign key {', '.join(one['constrained_columns'])}" for one in there.get_foreign_keys(name)}
        found[name] = Table(columns, frozenset(unique), frozenset(bound))
    return found


def _filled(column: Mapping[str, object], key: list[str]) -> bool:
    """SQLite numbers rows of a table by itself if its only key is an integer."""
    numbered = key == [column["name"]] and str(column["type"]) == "INTEGER"
    return column.get("default") is not None or column.get("autoincrement") is True or numbered


def _names(columns: list[str | None]) -> tuple[str, ...]:
    return tuple(sorted(name or "an expression" for name in columns))


def hindrances(before: Schema, after: Schema) -> list[str]:
    """What keeps code that was written for `before` from working on `after`; none: the change only adds."""
    return [
        said
        for name, table in before.items()
        for said in ([f"{name}: the table is gone"] if name not in after else _of_table(name, table, after[name]))
    ]


def _of_table(name: str, before: Table, after: Table) -> Iterator[str]:
    for column, was in before.columns.items():
        now = after.columns.get(column)
        if now is None:
            yield f"{name}.{column}: the column is gone"
            continue
        if now.kind != was.kind:
            yield f"{name}.{column}: was {was.kind}, is {now.kind}"
        if _demanded(now) and not _demanded(was):
            yield f"{name}.{column}: must be filled from now on"
    for column in after.columns.keys() - before.columns.keys():
        if _demanded(after.columns[column]):
            yield f"{name}.{column}: is new, not null, and has no server_default"
    wider = {one for one in after.unique if any(set(was) <= set(one) for was in before.unique)}
    yield from (f"{name}: unique from now on: {', '.join(one)}" for one in sorted(after.unique - wider))
    # A statement that says ON CONFLICT with these columns would fail.
    yield from (f"{name}: no longer unique: {', '.join(one)}" for one in sorted(before.unique - after.unique))
    yield from (f"{name}: bound from now on: {one}" for one in sorted(after.bound - before.bound))


def _demanded(column: Column) -> bool:
    return not column.nullable and not column.filled

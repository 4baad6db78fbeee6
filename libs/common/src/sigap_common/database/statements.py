"""What both databases spell alike and SQLAlchemy keeps in two places: its INSERT for PostgreSQL is written out the same
for SQLite.
"""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Table, bindparam
from sqlalchemy.dialects.postgresql import Insert, insert

T = TypeVar("T")
SIZES = (1, 8, 32, 128, 512)
"""Of how many values a statement asks at once, if of many."""
LARGEST = SIZES[-1]


def insert_if_new(table: Table) -> Insert:
    """An INSERT that passes over a row whose key, or what else is unique in the table, is there already."""
    return insert(table).on_conflict_do_nothing()


def padded(values: Sequence[T], sizes: Sequence[int] = SIZES) -> list[T]:
    """With its last repeated until there are as many as the next of `sizes`: compiling a statement for any number of
    values costs more than running it.
    """
    size = next(size for size in sizes if size >= len(values))
    return [*values, *[values[-1]] * (size - len(values))]


def among(column: ColumnElement[T], size: int) -> ColumnElement[bool]:
    """Whether it is one of `size` values, the parameters `id_0`, `id_1`, and so on."""
    return column.in_([bindparam(f"id_{n}", type_=column.type) for n in range(size)])


def named(values: Sequence[T]) -> dict[str, T]:
    """The parameters of `among`."""
    return {f"id_{n}": value for n, value in enumerate(values)}


__all__ = ["LARGEST", "SIZES", "among", "insert", "insert_if_new", "named", "padded"]

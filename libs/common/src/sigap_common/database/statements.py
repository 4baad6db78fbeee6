"""Statements that are the same on both databases. SQLAlchemy has an INSERT for each, but its INSERT for PostgreSQL
compiles for SQLite too.
"""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Table, bindparam
from sqlalchemy.dialects.postgresql import Insert, insert

T = TypeVar("T")
SIZES = (1, 8, 32, 128, 512)
"""For how many values a statement asks, if it asks for many."""
LARGEST = SIZES[-1]


def insert_if_new(table: Table) -> Insert:
    """An INSERT that skips a row if its key or another unique value is in the table already."""
    return insert(table).on_conflict_do_nothing()


def padded(values: Sequence[T], sizes: Sequence[int] = SIZES) -> list[T]:
    """The values, with the last repeated until their number is one of `sizes`. So few statements are compiled:
    compiling one costs more than running it.
    """
    size = next(size for size in sizes if size >= len(values))
    return [*values, *[values[-1]] * (size - len(values))]


def among(column: ColumnElement[T], size: int) -> ColumnElement[bool]:
    """The condition that `column` has one of `size` values: the parameters `id_0`, `id_1`, and so on."""
    return column.in_([bindparam(f"id_{n}", type_=column.type) for n in range(size)])


def named(values: Sequence[T]) -> dict[str, T]:
    """The values as the parameters of `among`."""
    return {f"id_{n}": value for n, value in enumerate(values)}


__all__ = ["LARGEST", "SIZES", "among", "insert", "insert_if_new", "named", "padded"]

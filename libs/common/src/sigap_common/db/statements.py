"""What both databases spell alike and SQLAlchemy keeps in two places: its INSERT for PostgreSQL is written out the same
for SQLite.
"""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert

T = TypeVar("T")


def insert_if_new(table: Table) -> Insert:
    """An INSERT that passes over a row whose key, or what else is unique in the table, is there already."""
    return insert(table).on_conflict_do_nothing()


def padded(values: Sequence[T], sizes: Sequence[int]) -> list[T]:
    """With its last repeated until there are as many as the next of `sizes`: compiling a statement for any number of
    values costs more than running it.
    """
    size = next(size for size in sizes if size >= len(values))
    return [*values, *[values[-1]] * (size - len(values))]


__all__ = ["insert", "insert_if_new", "padded"]

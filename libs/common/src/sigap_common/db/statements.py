"""What both databases spell alike and SQLAlchemy keeps in two places: its INSERT for PostgreSQL is written out the same
for SQLite.
"""

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert


def insert_if_new(table: Table) -> Insert:
    """An INSERT that passes over a row whose key, or what else is unique in the table, is there already."""
    return insert(table).on_conflict_do_nothing()


__all__ = ["insert", "insert_if_new"]

"""The metadata to which each module here adds its tables, and the tables of the common mechanisms."""

from sqlalchemy import Index, MetaData, text

from sigap_common.app.tables import mechanism_tables

metadata = MetaData()
tables = mechanism_tables(metadata)


def partial_index(name: str, *columns: str, only: str, unique: bool = False) -> Index:
    """A partial index. It holds only the rows that `only` selects, so that a new row is written to few indexes."""
    where = text(only)
    return Index(name, *columns, unique=unique, postgresql_where=where, sqlite_where=where)

"""What both databases spell alike and SQLAlchemy keeps in two places."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from sigap_common.transaction import Transaction


def insert_for(tx: Transaction) -> Callable[[Any], Any]:
    """The INSERT that knows ON CONFLICT DO UPDATE."""
    return sqlite.insert if tx.runtime.database.is_sqlite else postgresql.insert

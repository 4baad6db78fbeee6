"""Locks by a name."""

from typing import Any

from sqlalchemy import text

from sigap_common.messaging.transaction import Transaction

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


async def lock_by_name(tx: Transaction[Any], name: str) -> None:
    """Until the transaction ends no other one gets this lock: for what is decided by rows that are not there yet."""
    if tx.connection.dialect.name != "sqlite":  # it has one writer
        await tx.connection.execute(_LOCK, {"name": name})

"""Errors of a database that a service handles."""

import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError

LOCK_WAIT_SECONDS = 5
"""How long a statement waits for a row or a table that another transaction holds."""

AWAY = ("08", "57", "53")
"""SQLSTATE classes: the connection, the operator's intervention, too few resources."""
REFUSING = ("28", "3D")
"""SQLSTATE classes: the user or its password, the database's name."""

WAITED_TOO_LONG = ("55P03", "40P01")
"""SQLSTATE: the lock's time is over, or two waited for each other."""


class Unavailable(Exception):
    """The database is away or too busy. Nothing was changed; only if the connection was lost during a commit, this is
    not known. Try again under the same Idempotency-Key.
    """


class Refused(Unavailable):
    """The database refuses the URL's user, password or database name."""


class LockHeld(Exception):
    """Another transaction held a row longer than LOCK_WAIT_SECONDS, or the two transactions waited for each other."""


class NotUnique(Exception):
    """A row has a value that must be unique, and another row of `table` has it already. Give the transaction up."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


DRIVERS_ERRORS = (
    DBAPIError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    sqlite3.Error,
    OSError,
)


def translated(error: Exception) -> Exception:
    """Unavailable, Refused or LockHeld if the error means that; otherwise the error itself."""
    if isinstance(error, OSError):
        return Unavailable(str(error) or type(error).__name__)
    cause = error.orig if isinstance(error, DBAPIError) else error
    said, state = str(cause), str(getattr(cause, "sqlstate", None) or "")
    if state in WAITED_TOO_LONG or "database is locked" in said:
        return LockHeld(said)
    if state[:2] in REFUSING:
        return Refused(said)
    away = _lost(error) or state[:2] in AWAY or "connection" in said.lower()
    return Unavailable(said) if away else error


def _lost(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, asyncpg.InternalClientError)  # the answer to another question came, or none

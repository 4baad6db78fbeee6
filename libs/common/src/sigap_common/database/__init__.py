"""One database a service: SQLite or PostgreSQL, by the URL alone.

Statements are SQLAlchemy Core, run by `Connection.execute`. A statement that runs for every call is a
`CompiledStatement`: it is compiled once for the dialect and then given to the driver, since SQLAlchemy in between takes
ten times as long as a small statement.
"""

from sigap_common.database.batch import Write, execute_batch
from sigap_common.database.compiled import CompiledStatement, Values
from sigap_common.database.engine import Connection, Database
from sigap_common.database.errors import LOCK_WAIT_SECONDS, LockHeld, NotUnique, Refused, Unavailable
from sigap_common.database.statements import LARGEST, SIZES, among, insert, insert_if_new, named, padded
from sigap_common.database.types import Json, Utc

__all__ = [
    "LARGEST",
    "LOCK_WAIT_SECONDS",
    "SIZES",
    "CompiledStatement",
    "Connection",
    "Database",
    "Json",
    "LockHeld",
    "NotUnique",
    "Refused",
    "Unavailable",
    "Utc",
    "Values",
    "Write",
    "among",
    "execute_batch",
    "insert",
    "insert_if_new",
    "named",
    "padded",
]

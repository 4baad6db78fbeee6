"""Looks for a service's database before the service works with it. If it is away, waiting helps; otherwise the start
fails.
"""

import logging
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.engine.url import make_url

from sigap_common.database import Database, Refused, Unavailable
from sigap_common.messaging.outages import wait_out

MIGRATED = text("SELECT count(*) FROM pg_class WHERE oid = to_regclass('alembic_version')")

log = logging.getLogger(__name__)


class CannotStart(Exception):
    """A service cannot start. The message says in one sentence what is wrong and what to do, without a password."""


async def look_for_database(service: str, url: str, *, waits: bool) -> None:
    """Returns when the PostgreSQL can be used; if it is not there, `waits` for it or leaves it at that.

    Raises CannotStart if it refuses the user or the database of its URL, or was never migrated.
    """
    # A Database of its own: the runtime's connections belong to the event loop that the runtime will run in.
    database = Database(url, pool_size=1)
    try:
        if waits:
            await wait_for_database(service, database)
        else:
            with suppress(Unavailable):
                await _check(service, database)
    finally:
        await database.close()


async def wait_for_database(service: str, database: Database) -> None:
    """Returns when the PostgreSQL can be used. Raises CannotStart."""
    while True:
        try:
            return await _check(service, database)
        except Unavailable as away:
            await wait_out(log, "waits for its database", away)


async def _check(service: str, database: Database) -> None:
    """Raises Unavailable if it is away, CannotStart if waiting does not help."""
    named = f"{service}: {make_url(database.url).render_as_string()}"
    try:
        async with database.read() as connection:
            migrated = await connection.scalar(MIGRATED)
    except Refused as refused:
        raise CannotStart(f"{named}: {refused}") from refused
    if not migrated:
        raise CannotStart(f"{named} has no tables; `sigap migrate` makes them")

"""Checks the databases before services start. If a database is away, the start waits. If waiting cannot help, because
the database refuses the user or has no tables, the start fails.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.engine.url import make_url

from sigap_common.app.runtime import AnyRuntime
from sigap_common.database import Database, Refused, Unavailable
from sigap_common.messaging.outages import wait_out
from sigap_common.observability.logging import speaking_for

MIGRATED = text("SELECT count(*) FROM pg_class WHERE oid = to_regclass('alembic_version')")

log = logging.getLogger(__name__)


class CannotStart(Exception):
    """A service cannot start. The message says in one sentence what is wrong and what to do, without a password."""


async def wait_for_databases(runtimes: Sequence[AnyRuntime]) -> None:
    """Returns when each runtime can use its PostgreSQL database. For SQLite there is nothing to wait for.

    Raises CannotStart if a server refuses the user or the database in the URL, or if a database was never migrated.
    """
    for runtime in runtimes:
        if not runtime.database.is_sqlite:
            with speaking_for(runtime.service.name):
                await _wait(runtime)


async def _wait(runtime: AnyRuntime) -> None:
    # A Database of its own: the runtime's connections belong to the event loop that the runtime will run in.
    database = Database(runtime.database.url, pool_size=1)
    named = f"{runtime.service.name}: {make_url(database.url).render_as_string()}"
    try:
        while (migrated := await _migrated(database)) is None:
            pass
    except Refused as refused:
        raise CannotStart(f"{named}: {refused}") from refused
    finally:
        await database.close()
    if not migrated:
        raise CannotStart(f"{named} has no tables; `sigap migrate` creates them")


async def _migrated(database: Database) -> bool | None:
    """Whether the database has been migrated; None if it is away (returned after a pause). Raises Refused."""
    try:
        async with database.read() as connection:
            return bool(await connection.scalar(MIGRATED))
    except Refused:
        raise
    except Unavailable as away:
        await wait_out(log, "waits for its database", away)
        return None

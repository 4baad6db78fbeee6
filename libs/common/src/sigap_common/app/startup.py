"""Checks before a service starts. If its database is away, the start waits. If waiting cannot help, the start fails."""

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
    """What is wrong and what to do, in one sentence; a password is not in it."""


async def wait_for_databases(runtimes: Sequence[AnyRuntime]) -> None:
    """Returns when the PostgreSQL of each can be used; SQLite is there by itself.

    Raises CannotStart if one refuses the user or the database of its URL, or was never migrated.
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
        raise CannotStart(f"{named} has no tables; `sigap migrate` makes them")


async def _migrated(database: Database) -> bool | None:
    """Whether the database has our tables; after a pause None if it is away. Raises Refused."""
    try:
        async with database.read() as connection:
            return bool(await connection.scalar(MIGRATED))
    except Refused:
        raise
    except Unavailable as away:
        await wait_out(log, "waits for its database", away)
        return None

"""Looks for a service's database before the service works with it. If it is away, or lacks a revision, the service
waits; otherwise the start fails.
"""

from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.engine.url import make_url

from sigap_common.app.manifest import AnyService
from sigap_common.app.revisions import newest
from sigap_common.database import Database, Refused, Unavailable

MIGRATED = text("SELECT count(*) FROM pg_class WHERE oid = to_regclass('alembic_version')")
REVISION = text("SELECT max(version_num) FROM alembic_version")


class CannotStart(Exception):
    """A service cannot start. The message says in one sentence what is wrong and what to do, without a password."""


class Unmigrated(Unavailable):
    """The database answers, but has not yet the revision that this version of the service needs."""


async def look_for_database(service: AnyService, url: str) -> None:
    """Looks once. If the PostgreSQL is away or not migrated, that is no error: the service waits for it later.

    Raises CannotStart if it refuses the user or the database of its URL.
    """
    # A Database of its own: the runtime's connections belong to the event loop that the runtime will run in.
    database = Database(url, pool_size=1)
    try:
        with suppress(Unavailable):
            await check_database(service, database)
    finally:
        await database.close()


async def check_database(service: AnyService, database: Database) -> None:
    """Returns if the database can be used. SQLite is there by itself, and its host has migrated it.

    A database at a later revision is no hindrance: migrations expand first, so that the version before runs beside it.
    Raises Unavailable if it is away, Unmigrated, CannotStart if waiting does not help.
    """
    if database.is_sqlite:
        return
    named = f"{service.name}: {make_url(database.url).render_as_string()}"
    try:
        async with database.read() as connection:
            migrated = await connection.scalar(MIGRATED)
            revision = await connection.scalar(REVISION) if migrated else None
    except Refused as refused:
        raise CannotStart(f"{named}: {refused}") from refused
    if revision is None:
        raise Unmigrated(f"{named} has no tables; `sigap migrate` makes them")
    if revision < (needed := newest(service)):
        raise Unmigrated(f"{named} is at revision {revision} and not at {needed}; `sigap migrate` brings it there")

"""The migration that fills the rows of notes and reports from timelines, run again on what a test has made."""

from services.dispatch.tests.dispatch_histories import Desk
from sqlalchemy import text

from sigap_common.app.migrations import upgrade
from sigap_dispatch.main import service

BEFORE, AFTER = "0016", "0018"
TABLES = ("incident_notes", "incident_reports")


async def migrate_notes_again(desk: Desk) -> None:
    """Drops the rows and fills them anew, as on a database of before."""
    async with desk.kit.runtime.database.write() as connection:
        for table in TABLES:
            await connection.execute(text(f"DROP TABLE {table}"))
        await connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": BEFORE})
    await upgrade(service, desk.kit.runtime.database.url, AFTER)

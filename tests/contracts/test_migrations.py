"""Each service's migrations make the tables that its models say, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sigap_common.app.manifest import AnyService, services
from sigap_common.database import Database
from sigap_testing.migrated import migrated


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_the_migrations_make_what_the_models_say(service: AnyService, database_url: str) -> None:
    await migrated(service, database_url)
    database = Database(database_url)
    try:
        async with database.read() as connection:
            different = await connection.core.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync), service.metadata)
            )
    finally:
        await database.close()
    assert different == [], f"migrations/versions/ of {service.name} and its models.py differ"

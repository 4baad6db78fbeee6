"""A release's migrations only add: the release before runs on their schema (docs/platform.md, A new version)."""

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from tests.contracts.expanding import Schema, hindrances, read, schema, written
from tests.releases.last_release import released_schema

from sigap_common.app.manifest import AnyService, services
from sigap_common.app.migrations import config_of, upgrade
from sigap_common.database import Database

_PACKS_BY_SECTION = (
    {f"regencies.{column}: the column is gone" for column in ("applied_at", "pack")}
    | {
        f"regencies.{column}: is new, not null, and has no server_default"
        for column in ("answered", "heard_sections", "heard_version", "sections")
    },
    "packs are stored by section, which reads nothing of the earlier form",
)
PERMITTED: dict[tuple[str, str], tuple[set[str], str]] = {
    ("agency-gateway", "0005"): ({"deliveries.parcel: the column is gone"}, "it got the name `notice`"),
    ("agency-gateway", "0006"): _PACKS_BY_SECTION,
    ("analytics", "0003"): _PACKS_BY_SECTION,
    ("dispatch", "0005"): (
        _PACKS_BY_SECTION[0]
        | {"packs.pack: the column is gone", "packs.sections: is new, not null, and has no server_default"},
        _PACKS_BY_SECTION[1],
    ),
    ("intake", "0002"): (
        {"calls: no longer unique: exchange_id, regency"},
        "an exchange's id may come again; the key got a column more",
    ),
    ("intake", "0005"): _PACKS_BY_SECTION,
    ("roster", "0003"): _PACKS_BY_SECTION,
}
"""What hinders the release before, by service and revision, and why. All of it is older than the first release, so no
installation ran the code before it beside the code after it. **A row for a later revision means that a release cannot
be rolled out without an interruption**; docs/platform.md must then say so.
"""


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_a_migration_takes_nothing_from_the_release_before(service: AnyService, database_url: str) -> None:
    found, before = {}, None
    for revision in _revisions(service):
        await upgrade(service, database_url, revision)
        after = await _schema(database_url)
        if before is not None and (said := set(hindrances(before, after))):
            found[revision] = said
        before = after
    permitted = {revision: told for (name, revision), (told, _) in PERMITTED.items() if name == service.name}
    assert found == permitted, (
        f"a migration of {service.name} hinders the release before: expand now, contract in a later release"
        " (CONTRIBUTING.md, A migration)"
    )


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_the_schema_of_the_last_release_is_in_that_of_today(service: AnyService, database_url: str) -> None:
    """Over all revisions since, and also if somebody changed a migration that is out: its schema was written down."""
    released = released_schema(service.name, database_url)
    if released is None:
        pytest.skip(f"{service.name} is newer than the last release")
    revision, before = released
    await upgrade(service, database_url, revision)
    assert written(await _schema(database_url)) == written(before), "a migration of the last release was changed"
    await upgrade(service, database_url)
    assert hindrances(before, await _schema(database_url)) == []


OLD = "CREATE TABLE calls (id TEXT PRIMARY KEY, regency TEXT NOT NULL, note TEXT)"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE calls", "calls: the table is gone"),
        ("ALTER TABLE calls RENAME TO received", "calls: the table is gone"),
        ("ALTER TABLE calls DROP COLUMN note", "calls.note: the column is gone"),
        ("ALTER TABLE calls RENAME COLUMN note TO remark", "calls.note: the column is gone"),
        (
            "DROP TABLE calls; CREATE TABLE calls "
            "(id TEXT PRIMARY KEY, regency TEXT NOT NULL, note TEXT, rank INTEGER NOT NULL)",
            "calls.rank: is new, not null, and has no server_default",
        ),
        (
            "DROP TABLE calls; CREATE TABLE calls (id TEXT PRIMARY KEY, regency TEXT NOT NULL, note TEXT NOT NULL)",
            "calls.note: must be filled from now on",
        ),
        (
            "DROP TABLE calls; CREATE TABLE calls (id TEXT PRIMARY KEY, regency INTEGER NOT NULL, note TEXT)",
            "calls.regency: was TEXT, is INTEGER",
        ),
        ("CREATE UNIQUE INDEX calls_regency ON calls (regency)", "calls: unique from now on: regency"),
        (
            "DROP TABLE calls; CREATE TABLE calls "
            "(id TEXT PRIMARY KEY, regency TEXT NOT NULL CHECK (regency <> ''), note TEXT)",
            "calls: bound from now on: check regency <> ''",
        ),
        (
            "CREATE TABLE packs (code TEXT PRIMARY KEY); DROP TABLE calls; CREATE TABLE calls"
            " (id TEXT PRIMARY KEY, regency TEXT NOT NULL REFERENCES packs (code), note TEXT)",
            "calls: bound from now on: foreign key regency",
        ),
    ],
)
def test_what_hinders_the_release_before_is_named(change: str, said: str) -> None:
    assert _after(change) == [said]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE referrals (id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE)",
        "ALTER TABLE calls ADD COLUMN priority INTEGER",
        "ALTER TABLE calls ADD COLUMN rank INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX calls_note ON calls (note)",
    ],
)
def test_what_only_adds_is_permitted(change: str) -> None:
    assert _after(change) == []


def test_a_schema_is_read_as_it_was_written() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        found = _made(connection, OLD + "; CREATE TABLE odd (a INTEGER PRIMARY KEY, b TEXT DEFAULT 'x', c TEXT UNIQUE)")
    engine.dispose()
    assert read(written(found)) == found


def _after(change: str) -> list[str]:
    """What hinders code for the old table once this SQL has run."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        before = _made(connection, OLD)
        found = hindrances(before, _made(connection, change))
    engine.dispose()
    return found


def _made(connection: Connection, statements: str) -> Schema:
    for one in statements.split(";"):
        connection.execute(text(one))
    return schema(connection)


def _revisions(service: AnyService) -> list[str]:
    """From the first to the newest."""
    script = ScriptDirectory.from_config(config_of(service))
    return [one.revision for one in script.walk_revisions()][::-1]


async def _schema(url: str) -> Schema:
    database = Database(url)
    try:
        async with database.read() as connection:
            return await connection.core.run_sync(schema)
    finally:
        await database.close()

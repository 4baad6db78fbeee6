"""A single host that is up to date starts without migrating; any other migrates."""

import sqlite3
from importlib.resources import files
from pathlib import Path

import pytest

from sigap_cli.revisions import all_newest
from sigap_common.app.manifest import services
from sigap_common.app.migrations import upgrade_all
from sigap_common.app.revisions import newest
from sigap_common.core.settings import CommonSettings


@pytest.fixture
async def migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommonSettings:
    monkeypatch.setenv("SIGAP_DATA_DIR", str(tmp_path))
    await upgrade_all()
    return CommonSettings()


async def test_what_was_just_migrated_is_newest(migrated: CommonSettings) -> None:
    assert all_newest(services(), migrated)


async def test_an_older_revision_is_not(migrated: CommonSettings) -> None:
    (intake,) = services(["intake"])
    versions = Path(str(files(intake.migrations))) / "versions"
    assert newest(intake) == max(path.name[:4] for path in versions.glob("[0-9]*.py"))
    with sqlite3.connect(migrated.data_dir / "intake.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    assert not all_newest(services(), migrated)


async def test_a_missing_file_is_not(migrated: CommonSettings) -> None:
    (migrated.data_dir / "roster.sqlite3").unlink()
    assert not all_newest(services(), migrated)


async def test_a_bus_without_all_topics_is_not(migrated: CommonSettings) -> None:
    with sqlite3.connect(migrated.data_dir / "bus.sqlite3") as connection:
        connection.execute("DELETE FROM topic WHERE name = 'sigap.rosters'")
    assert not all_newest(services(), migrated)

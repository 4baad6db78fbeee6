"""Checks whether a single host's databases are at their newest revision, without loading Alembic."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine.url import make_url

from sigap_common.app.manifest import AnyService
from sigap_common.app.revisions import newest
from sigap_common.contracts.topics import CATALOGUE
from sigap_common.core.settings import CommonSettings


def all_newest(services: Sequence[AnyService], common: CommonSettings) -> bool:
    """Whether all databases and the bus's file are up to date. False if one is missing, older or not a SQLite file:
    then migrate.
    """
    bus = _read(common.data_dir / "bus.sqlite3", "SELECT name FROM topic")
    if not {topic.name for topic in CATALOGUE} <= bus:
        return False
    urls = {service.name: make_url(service.settings().database_of(service.name, common)) for service in services}
    return all(
        _read(Path(urls[service.name].database or ""), "SELECT version_num FROM alembic_version") == {newest(service)}
        for service in services
    )


def _read(path: Path, query: str) -> set[str]:
    if not path.is_file():
        return set()
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return {row[0] for row in connection.execute(query)}
    except sqlite3.DatabaseError:
        return set()

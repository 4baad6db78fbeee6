"""A migrated database in milliseconds: each service's database is migrated once in a run, and then copied."""

import asyncio
import shutil
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from sigap_common.app.manifest import AnyService
from sigap_common.app.migrations import upgrade

_SQLITE = "sqlite+aiosqlite:///"


async def migrated(service: AnyService, url: str) -> None:
    """Brings the empty, unused database at `url` to the service's newest revision."""
    if url.startswith(_SQLITE):
        await _copy(service, Path(url.removeprefix(_SQLITE)))
    else:
        await _recreate(service, url)


async def _copy(service: AnyService, path: Path) -> None:
    template = _folder() / f"{service.name}.sqlite3"
    if not template.exists():
        await upgrade(service, f"{_SQLITE}{template}")
    await asyncio.to_thread(_copy_if_absent, template, path)


def _copy_if_absent(template: Path, path: Path) -> None:
    if not path.exists():
        shutil.copy(template, path)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="sigap-templates-"))


async def _recreate(service: AnyService, url: str) -> None:
    """Creates the database from a template of this run on the same server, because an older run's template may have
    other tables.
    """
    name = urlsplit(url).path.lstrip("/")
    template = f"template_{service.name.replace('-', '_')}_{_folder().name.rpartition('-')[2].lower()}"
    server = await asyncpg.connect(_at(url, "postgres", "postgresql"))
    try:
        if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", template):
            await server.execute(f'CREATE DATABASE "{template}"')
            await upgrade(service, _at(url, template, "postgresql+asyncpg"))
        if await _is_empty(url):
            await server.execute(f'DROP DATABASE "{name}"')
            await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await server.close()


async def _is_empty(url: str) -> bool:
    connection = await asyncpg.connect(_at(url, urlsplit(url).path.lstrip("/"), "postgresql"))
    try:
        return not await connection.fetchval("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
    finally:
        await connection.close()


def _at(url: str, database: str, scheme: str) -> str:
    return urlsplit(url)._replace(scheme=scheme, path=f"/{database}").geturl()

"""The last release: its commit, and the schema of each service's databases. Both are files of this folder, so that no
tag, and no guess from the history, decides what the release before was.

python -m tests.releases.last_release VERSION [COMMIT]    writes them anew, as a step of each release

COMMIT: none: HEAD. It needs PostgreSQL, and the migrations up to that commit as they are.
"""

import argparse
import asyncio
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine.url import make_url
from tests.contracts.expanding import Schema, read, schema, written

from sigap_common.app.manifest import AnyService, services
from sigap_common.app.migrations import upgrade
from sigap_common.database import Database
from sigap_testing.postgres import find_postgres, fresh_database

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).parent / "snapshot"
RELEASE = SNAPSHOT / "release.json"
_REVISION = re.compile(r"/(sigap_\w+)/migrations/versions/(\w+?)_\w+\.py")


@dataclass(frozen=True, slots=True)
class Release:
    """`revisions`: the newest revision of each service."""

    version: str
    commit: str
    revisions: Mapping[str, str]


def last_release() -> Release:
    return Release(**json.loads(RELEASE.read_text()))


def released_schema(service: str, url: str) -> tuple[str, Schema] | None:
    """The newest revision of the last release, and the schema that it makes in a database of this kind. None: the
    release has no such service.
    """
    revision = last_release().revisions.get(service)
    if revision is None:
        return None
    told = json.loads((SNAPSHOT / f"{service}.json").read_text())
    return revision, read(told[make_url(url).get_backend_name()])


def revisions_at(commit: str) -> dict[str, str]:
    """The newest revision of each service in that commit."""
    command = ["git", "-C", str(ROOT), "ls-tree", "-r", "--name-only", commit, "services"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, str] = {}
    for package, revision in _REVISION.findall(listed):
        name = package.removeprefix("sigap_").replace("_", "-")
        found[name] = max(revision, found.get(name, ""))
    return found


async def record(version: str, commit: str) -> None:
    revisions = revisions_at(commit)
    server = find_postgres()
    server.start()
    try:
        for service in services():
            if revision := revisions.get(service.name):
                told = {
                    "sqlite": await _on_sqlite(service, revision),
                    "postgresql": await _on_postgres(service, revision, server.url),
                }
                (SNAPSHOT / f"{service.name}.json").write_text(_lines(told))
    finally:
        server.remove()
    release = {"version": version, "commit": commit, "revisions": revisions}
    RELEASE.write_text(json.dumps(release, indent=2, sort_keys=True) + "\n")


async def _on_sqlite(service: AnyService, revision: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return await _schema(service, revision, f"sqlite+aiosqlite:///{folder}/schema.sqlite3")


async def _on_postgres(service: AnyService, revision: str, server: str) -> dict[str, Any]:
    async with fresh_database(server) as url:
        return await _schema(service, revision, url)


async def _schema(service: AnyService, revision: str, url: str) -> dict[str, Any]:
    await upgrade(service, url, revision)
    database = Database(url)
    try:
        async with database.read() as connection:
            return written(await connection.core.run_sync(schema))
    finally:
        await database.close()


def _lines(told: Mapping[str, Mapping[str, Any]]) -> str:
    """JSON with one line a table."""
    parts = []
    for kind, tables in told.items():
        rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(table)}" for name, table in tables.items())
        parts.append(f'  "{kind}": {{\n{rows}\n  }}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Write down what the last release is")
    parser.add_argument("version")
    parser.add_argument("commit", nargs="?", default="HEAD")
    asked = parser.parse_args(arguments)
    command = ["git", "-C", str(ROOT), "rev-parse", "--verify", f"{asked.commit}^{{commit}}"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    asyncio.run(record(asked.version, commit))


if __name__ == "__main__":
    main()

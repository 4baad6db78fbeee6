"""A single host's data at one moment: the databases of all services, the bus, and the files beside them.

Each event is in an outbox or in the bus, and each service stores how far it has read. So the files belong together: a
bus that is older than a database would give out numbers that its readers count as read. For some milliseconds the copy
holds the right to write in all files, opens a reading transaction in each, and lets go. It then copies what these
transactions see, while the services write on.
"""

import errno
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine.url import make_url

from sigap_common.app.manifest import AnyService
from sigap_common.core.private_folder import private_files
from sigap_common.core.settings import CommonSettings

BUS = "bus.sqlite3"
MANIFEST = "backup.json"
BESIDE = ("*.spool", "audit/*/*.json")
"""Files that are copied before the databases: what exchanges told and no call has yet, and the audit's digests, which
are never replaced. An event of the spool may then be in both; it is known by its number and taken once."""
KEYS = ("keys", "*.pem", "secrets/*")
WAIT_SECONDS = 10.0


class CannotBackUp(Exception):
    """The message says in a sentence why, and what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """The description that lies in a backup."""

    at: str
    """The moment, UTC."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file, by its path."""


def back_up(services: Sequence[AnyService], common: CommonSettings, target: Path) -> Backup:
    """Copies everything but the keys. Raises CannotBackUp, OSError; then nothing of the copy is left."""
    databases = _databases(services, common)
    _must_be_empty(target)
    _must_have_room(target, [*_with_logs(databases), *_matching(common.data_dir, BESIDE)])
    with private_files(target), _whole_or_nothing(target):
        for path in _matching(common.data_dir, BESIDE):
            _copy(path, target / path.relative_to(common.data_dir))
        try:
            with _pinned(databases) as (at, readers):
                for name, reader in readers.items():
                    with closing(sqlite3.connect(target / name)) as copy:
                        reader.backup(copy)
        except sqlite3.Error as error:
            if _is_full(target):  # SQLite says so in several ways
                raise OSError(errno.ENOSPC, str(error)) from error
            raise CannotBackUp(f"Not backed up: {error}") from error
        files = {str(path.relative_to(target)): _digest(path) for path in sorted(target.rglob("*")) if path.is_file()}
        made = Backup(at.isoformat(timespec="milliseconds"), files)
        # Last: a folder without it is no backup.
        (target / MANIFEST).write_text(json.dumps(asdict(made), indent=2) + "\n")
    return made


def back_up_keys(data_dir: Path, target: Path) -> list[str]:
    """Copies the keys that lie in the data folder, and says which. Raises CannotBackUp, OSError."""
    _must_be_empty(target)
    with private_files(target), _whole_or_nothing(target):
        found = _matching(data_dir, KEYS)
        for path in found:
            _copy(path, target / path.relative_to(data_dir))
    return [str(path.relative_to(data_dir)) for path in found]


def put_back(source: Path, folder: Path, keys: Path | None) -> tuple[Backup, list[str]]:
    """Checks the backup and copies it into the empty folder. Says how databases and bus fit each other.

    Raises CannotBackUp if the backup is incomplete or damaged, or the folder is not empty; then nothing is copied.
    """
    _must_be_empty(folder)
    made = _read_manifest(source)
    spoilt = [name for name, digest in made.files.items() if _digest(source / name) != digest]
    if spoilt:
        raise CannotBackUp(f"The backup is damaged: {', '.join(spoilt)}")
    lines = _agreement(source)
    for name in made.files:
        _copy(source / name, folder / name)
    for path in _matching(keys, KEYS) if keys else []:
        _copy(path, folder / path.relative_to(keys or folder))
    if not (folder / "keys").exists():
        lines.append("No keys were put back: set SIGAP_KEY_RING, or nothing that is sealed can be read.")
    return made, lines


def _with_logs(databases: Mapping[str, Path]) -> list[Path]:
    """The databases' files, each with its write-ahead log: what it says is in the copy too."""
    return [path for one in databases.values() for path in (one, Path(f"{one}-wal")) if path.exists()]


def _must_have_room(target: Path, files: Sequence[Path]) -> None:
    there = next(folder for folder in (target, *target.absolute().parents) if folder.is_dir())
    free, wanted = shutil.disk_usage(there).free, sum(path.stat().st_size for path in files)
    if wanted > free:
        raise CannotBackUp(_no_room(target, f"{_mb(wanted)} are needed and {_mb(free)} are free"))


@contextmanager
def _whole_or_nothing(target: Path) -> Iterator[None]:
    """Takes away what a copy left that broke off: it would use up the space that the next one needs."""
    try:
        yield
    except BaseException as error:
        for path in target.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CannotBackUp(_no_room(target, "it became full in the middle")) from error
        raise


def _is_full(folder: Path) -> bool:
    """Whether its file system has no room for one more block, or for one more file."""
    found = os.statvfs(folder)
    return found.f_bavail == 0 or (found.f_files > 0 and found.f_favail == 0)


def _no_room(target: Path, why: str) -> str:
    return (
        f"Not backed up: the disk of {target} has no room for it ({why}). Nothing of this backup was kept there; the"
        " data folder and earlier backups are as they were. Make room, or name a folder on another disk."
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _databases(services: Sequence[AnyService], common: CommonSettings) -> dict[str, Path]:
    """The files by the names that they have in the backup, the bus last."""
    if common.bus_url != "embedded://":
        raise CannotBackUp("This is for the single host. For a cluster see docs/platform.md, Backup and restore.")
    found = {}
    for service in services:
        url = make_url(service.settings().database_of(service.name, common))
        if url.get_backend_name() != "sqlite":
            raise CannotBackUp(f"{service.name} is on {url.get_backend_name()}: back it up by its own tools.")
        found[f"{service.name}.sqlite3"] = Path(url.database or "")
    found[BUS] = common.data_dir / BUS
    if missing := [str(path) for path in found.values() if not path.is_file()]:
        raise CannotBackUp(f"There is nothing to back up: {', '.join(missing)}")
    return found


@contextmanager
def _pinned(databases: Mapping[str, Path]) -> Iterator[tuple[datetime, dict[str, sqlite3.Connection]]]:
    """A reading transaction in each file, all of the same moment. The bus comes last: a service may wait for the bus
    while it holds its own database, and never the other way round.
    """
    with ExitStack() as reading:
        readers = {name: reading.enter_context(closing(_opened(path))) for name, path in databases.items()}
        with ExitStack() as writing:
            for path in databases.values():
                writer = writing.enter_context(closing(_opened(path)))
                writer.execute("BEGIN IMMEDIATE")
            at = datetime.now(UTC)
            for reader in readers.values():
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sqlite_master").fetchone()  # only a read begins it
        yield at, readers


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)


def _agreement(source: Path) -> list[str]:
    """A line for each database: how far it has read the bus. Raises CannotBackUp if a database does not fit the bus."""
    ends = dict(_rows(source / BUS, "SELECT name, next FROM topic"))
    lines, wrong = [], []
    for path in sorted(source.glob("*.sqlite3")):
        if _rows(path, "PRAGMA quick_check") != [("ok",)]:
            wrong.append(f"{path.name} is not whole")
        if path.name == BUS:
            continue
        read = dict(_rows(path, "SELECT topic, next_offset FROM positions"))
        ahead = [topic for topic, offset in read.items() if offset > ends.get(topic, 0)]
        wrong += [f"{path.stem} has read more of {topic} than the bus holds" for topic in ahead]
        behind = sum(ends.get(topic, 0) - offset for topic, offset in read.items())
        waiting = _rows(path, "SELECT count(*) FROM outbox")[0][0]
        lines.append(f"{path.stem}: {behind} events to read, {waiting} to publish")
    if wrong:
        raise CannotBackUp("The backup does not fit together: " + "; ".join(wrong))
    return lines


def _rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute(query).fetchall()


def _read_manifest(source: Path) -> Backup:
    try:
        told = json.loads((source / MANIFEST).read_text())
        made = Backup(told["at"], told["files"])
        for name in made.files:
            if not (source / name).resolve().is_relative_to(source.resolve()):
                raise CannotBackUp(f"{MANIFEST} names a file outside of the backup: {name}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotBackUp(f"{source} is no whole backup: {MANIFEST} cannot be read") from error
    if missing := [name for name in (*made.files, BUS) if not (source / name).is_file()]:
        raise CannotBackUp(f"The backup is incomplete: {', '.join(missing)}")
    return made


def _must_be_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise CannotBackUp(f"{folder} is not empty; name another folder")


def _matching(folder: Path, patterns: Sequence[str]) -> list[Path]:
    return sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(path, to)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

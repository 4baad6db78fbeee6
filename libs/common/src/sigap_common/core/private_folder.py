"""The data folder is its owner's alone: every file 0600, every folder 0700, also those of an older installation."""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OURS = ("*.sqlite3", "*.sqlite3-wal", "*.sqlite3-shm", "*.sqlite3-journal", "keys", "*.pem", "*.log", "*.spool")
"""The files that Sigap makes in a data folder. Other files in it are not changed."""
FOLDERS = ("issuers", "secrets")

log = logging.getLogger(__name__)


@contextmanager
def private_files(folder: Path) -> Iterator[None]:
    """Makes the data folder if it is not there, and closes it to others; within, new files are 0600.

    It sets the process's umask, because SQLite makes its files by itself. The umask holds for the whole process: use
    this around a command, not in a request.
    """
    before = os.umask(0o077)
    try:
        make_private(folder)
        yield
    finally:
        os.umask(before)


def make_private(folder: Path) -> None:
    """Makes the folder. If it is there already, closes it and Sigap's files in it to others."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _close(folder, 0o700)
    for pattern in OURS:
        for file in folder.glob(pattern):
            _close(file, 0o600)
    for name in FOLDERS:
        if (folder / name).is_dir():
            _close(folder / name, 0o700)
            for file in (folder / name).iterdir():
                _close(file, 0o600)


def _close(path: Path, mode: int) -> None:
    """Sets the mode of a file or folder. Links, and files of other owners or of everybody (such as /tmp), are not
    changed.
    """
    try:
        found = path.lstat()
        shared = bool(found.st_mode & stat.S_ISVTX) or found.st_uid != os.geteuid()
        kind = stat.S_ISDIR if mode & 0o100 else stat.S_ISREG
        if kind(found.st_mode) and not shared and stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(mode)
    except OSError as error:
        log.warning("%s stays open to others: %s", path, type(error).__name__)

"""Files that hold secrets of a single host: made once, for their owner only, surviving a power cut."""

import os
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """The text of `path`; if there is none yet, `make()` is written to it first, with mode 0600.

    If several processes start at once, all get the text of the first.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = _draft(path, make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    return path.read_text("ascii")


def replace(path: Path, text: str) -> None:
    """Replaces the file's content by `text`, atomically."""
    _draft(path, text).replace(path)
    _sync_folder(path.parent)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The spool: a queue of sealed lines in a file. Each process has a file of its own.

A line counts when it is on the disk. Lines are read in the order in which they came. If the process is killed while it
writes a line, nobody was told that the line is safe, and the next opening drops the part that was written. If the
process is killed after it has handled lines but before it has cut them off the file, the next opening gives those
lines out a second time: the reader must be able to handle a line twice.

A line that cannot be handled is set aside in a second file, so that the lines behind it need not wait. The next opening
puts it at the end of the queue: by then a new release may be able to handle it, or a missing key may be there.
"""

import asyncio
import fcntl
import logging
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sigap_common.core.clock import Elapsed, elapsed_seconds
from sigap_common.core.errors import Unavailable
from sigap_common.personal_data import CannotOpen, KeyRing

CONTEXT = "spool/cti"
"""The context for which the key ring seals the lines."""
RETRY_AFTER_SECONDS = 5
CUT_BYTES = 1024 * 1024
"""The file is written anew when it begins with so many bytes of lines that are already handled."""
MOST_FILES = 64

log = logging.getLogger(__name__)


class Spool:
    """The queue of one process. If several processes share the folder, each locks a file of its own."""

    def __init__(self, folder: Path, ring: KeyRing, most_bytes: int, *, elapsed: Elapsed = elapsed_seconds) -> None:
        self._folder, self._ring, self._most, self._elapsed = folder, ring, most_bytes, elapsed
        self._waiting: deque[bytes] = deque()
        self._came_at: deque[float] = deque()  # when each of these lines was written, or found by `open`
        self.set_aside = 0
        """So many lines were set aside since the spool was opened."""
        self._unread, self._taken = 0, 0  # bytes of lines that wait, and of lines that were handled
        self._fresh: list[tuple[bytes, asyncio.Future[None]]] = []
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._file, self._lock = -1, -1
        self._path = folder
        self._writer: asyncio.Task[None] | None = None
        self.filled = asyncio.Event()

    def open(self) -> None:
        """Opens the first file that no other process uses, with the lines that an earlier process left in it. Raises
        OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(MOST_FILES):
            path = self._folder / f"intake-cti-{number}.spool"
            lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            self._lock, self._path = lock, path
            self._load()
            return
        raise OSError(f"all spools of {self._folder} are in use")

    def _load(self) -> None:
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        text = self._path.read_bytes()
        whole = text.rfind(b"\n") + 1
        os.ftruncate(self._file, whole)
        os.lseek(self._file, 0, os.SEEK_END)
        text = text[:whole] + self._back_in_line()
        whole = len(text)
        self._sync_folder()
        self._waiting = deque(text[:whole].splitlines(keepends=True))
        self._came_at = deque([self._elapsed()] * len(self._waiting))
        self._unread = whole
        if self._waiting:
            log.warning("telephone events of an earlier process wait", extra={"events": len(self._waiting)})
            self.filled.set()

    def _back_in_line(self) -> bytes:
        """Moves the lines that were set aside to the end of the file, and returns them. If the process is killed before
        the second file is removed, they are given out twice.
        """
        if not self._aside.exists():
            return b""
        text = self._aside.read_bytes()
        lines = text[: text.rfind(b"\n") + 1]
        _write_all(self._file, lines)
        self._aside.unlink()
        return lines

    @property
    def _aside(self) -> Path:
        return self._path.with_suffix(".aside.spool")

    async def put(self, clear: str) -> None:
        """Adds a line. Returns when it is on the disk. Raises Unavailable if the spool or the disk is full."""
        line = self._ring.seal(clear, CONTEXT).encode() + b"\n"
        if self._file < 0:
            raise Unavailable("spool-broken", retry_after=RETRY_AFTER_SECONDS)
        if self._unread + len(line) > self._most:
            raise Unavailable("spool-full", retry_after=RETRY_AFTER_SECONDS)
        self._unread += len(line)
        done = asyncio.get_running_loop().create_future()
        self._fresh.append((line, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        """Writes the new lines. Lines that come while the disk is busy are written together in the next round."""
        while self._fresh:
            written, self._fresh = self._fresh, []
            lines = [line for line, _ in written]
            try:
                await self._on_disk(lines)
            except OSError as error:
                log.error("the spool cannot be written", extra={"reason": str(error)})
                self._unread -= sum(map(len, lines))
                _fail([done for _, done in written])
                continue
            self._waiting.extend(lines)
            self._came_at.extend([self._elapsed()] * len(lines))
            self.filled.set()
            for _, done in written:
                if not done.done():
                    done.set_result(None)

    async def _on_disk(self, lines: list[bytes]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._disk, self._append, b"".join(lines))

    def _append(self, text: bytes) -> None:
        """Appends the whole text or nothing: the rest of a failed write would spoil the line after it."""
        end = os.lseek(self._file, 0, os.SEEK_END)
        try:
            _write_all(self._file, text)
        except OSError:
            os.ftruncate(self._file, end)
            raise

    def first(self) -> str | None:
        """The oldest line that can be opened, in clear; None if there is none. Lines before it that cannot be opened
        are logged and set aside.
        """
        while self._waiting:
            try:
                return self._ring.open(self._waiting[0].decode("ascii").rstrip("\n"), CONTEXT)
            except (CannotOpen, UnicodeDecodeError) as error:
                log.error("a telephone event in the spool cannot be opened", extra={"reason": str(error)})
                self.set_aside_first()
                self._forget_first()
        return None

    def set_aside_first(self) -> None:
        """Copies the oldest line, which cannot be handled, to the second file. Call `took_first` then to remove it
        here.

        Raises Unavailable if the copy cannot be written; the line then stays the oldest.
        """
        try:
            file = os.open(self._aside, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                _write_all(file, self._waiting[0])
            finally:
                os.close(file)
        except OSError as error:
            log.error("a telephone event cannot be set aside", extra={"reason": str(error)})
            raise Unavailable("spool-broken", retry_after=RETRY_AFTER_SECONDS) from error
        self.set_aside += 1

    async def took_first(self) -> None:
        """Removes the oldest line, which has been handled."""
        self._forget_first()
        if self._taken >= CUT_BYTES or not (self._waiting or self._fresh):
            await self._shorten()

    async def _shorten(self) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._disk, self._cut)
        except OSError as error:  # the file keeps its length, and the next call tries again
            log.error("the spool cannot be cut", extra={"reason": str(error)})

    def _forget_first(self) -> None:
        size = len(self._waiting.popleft())
        self._came_at.popleft()
        self._unread, self._taken = self._unread - size, self._taken + size
        if not self._waiting:
            self.filled.clear()

    def _cut(self) -> None:
        """Cuts the handled lines off the file. It runs in the thread that appends, so that no line is appended at the
        same time. A line that is appended but not yet in `_waiting` stays in the file as well.
        """
        taken = self._taken
        kept = os.pread(self._file, os.fstat(self._file).st_size - taken, taken)
        if not kept:
            os.ftruncate(self._file, 0)
        else:
            fresh = self._path.with_suffix(".new")
            file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                _write_all(file, kept)
            except OSError:
                os.close(file)
                raise
            fresh.replace(self._path)
            self._sync_folder()
            os.close(self._file)
            self._file = file
        self._taken -= taken

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def __len__(self) -> int:
        return len(self._waiting)

    def oldest_seconds(self) -> float:
        """For how long the oldest line has waited in this process; 0: none waits."""
        return self._elapsed() - self._came_at[0] if self._came_at else 0.0

    async def close(self) -> None:
        """Closes the spool. It first cuts off the handled lines, so that the next process does not get them again."""
        if self._writer is not None:
            await self._writer
        if self._taken and self._file >= 0:
            await self._shorten()
        self._disk.shutdown()
        for descriptor in (self._file, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._file = self._lock = -1


def _write_all(file: int, text: bytes) -> None:
    if os.write(file, text) != len(text):
        raise OSError("no room is left on the disk")
    os.fdatasync(file)


def _fail(waiting: list["asyncio.Future[None]"]) -> None:
    for done in waiting:
        if not done.done():
            done.set_exception(Unavailable("spool-broken", retry_after=RETRY_AFTER_SECONDS))

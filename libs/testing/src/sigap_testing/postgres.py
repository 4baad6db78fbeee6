"""A real PostgreSQL server: one that is given, one in Docker, or one from the server binaries of this machine."""

import atexit
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import asyncpg

from sigap_testing.parts import (
    KILLED_WITHIN,
    DidNotStart,
    NotHere,
    containers_without_reaper,
    docker_has,
    end,
    free_port,
    spawn,
    wait_for_container,
    wait_until_up,
)

_IMAGE = "postgres:15"
_SETTINGS = {"max_connections": "300", "shared_buffers": "64MB", "listen_addresses": "127.0.0.1"}
_UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Protocol):
    url: str
    """postgresql://user@host:port/database, of a user that may create databases."""

    @property
    def directory(self) -> Path | None:
        """The folder of its files; None if another process owns them."""

    def start(self) -> str: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...

    def remove(self) -> None: ...


class PostgresServer:
    """A server from the binaries, in a folder of its own. After `stop` or `kill`, `start` uses the same port and data
    again.

    Without `durable` it never waits for the disk. It may lose everything in a power cut, but not after `kill`.
    """

    def __init__(self, *, durable: bool = False, directory: Path | None = None, port: int | None = None) -> None:
        self._binaries = binaries()
        self._user = _unprivileged()
        self._settings = _SETTINGS | ({} if durable else _UNSAFE_BUT_FAST)
        self._ours = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="sigap-postgres-"))
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://sigap@127.0.0.1:{self._port}/postgres"
        atexit.register(self.remove)

    @property
    def pid(self) -> int:
        """The id of its first process."""
        assert self._process is not None, "it was not started"
        return self._process.pid

    def start(self) -> str:
        """Starts the server and returns its URL when it answers. Raises DidNotStart."""
        if not (self.directory / "data" / "PG_VERSION").exists():
            self._initialise()
        (self.directory / "data" / "postmaster.pid").unlink(missing_ok=True)
        command: list[str | Path] = [self._binaries / "postgres", "-D", self.directory / "data", "-p", str(self._port)]
        command += ["-k", str(self.directory)]
        command += [f"--{name}={value}" for name, value in self._settings.items()]
        log = self.directory / "log"
        self._process = spawn(command, log, user=self._user, at_our_end=signal.SIGQUIT)
        wait_until_up(self._process, log, self._answers, within=60)
        return self.url

    def stop(self) -> None:
        """Stops it cleanly. Open connections are cut."""
        if self._process is not None:
            end(self._process, signal.SIGINT, within=30)

    def kill(self) -> None:
        """Kills all its processes, like kill -9."""
        if self._process is not None and self._process.poll() is None:
            children = _children(self._process.pid)
            self._process.kill()
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            self._process.wait(KILLED_WITHIN)

    def remove(self) -> None:
        """Ends it and deletes its folder, if we made that."""
        atexit.unregister(self.remove)
        if self._process is not None:
            end(self._process, signal.SIGQUIT, within=10)
        if self._ours:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _initialise(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._user:
            shutil.chown(self.directory, self._user)
        command: list[str | Path] = [
            self._binaries / "initdb",
            "--no-sync",
            "-D",
            self.directory / "data",
            "-U",
            "sigap",
        ]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        done = subprocess.run(
            command,
            user=self._user,
            extra_groups=[] if self._user else None,
            cwd="/",
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise DidNotStart(done.stdout + done.stderr)

    def _answers(self) -> bool:
        ready: list[str | Path] = [self._binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        return subprocess.run(ready, check=False).returncode == 0


class PostgresContainer:
    """One from Docker; its port stays the same over `stop` and `start`."""

    directory = None

    def __init__(self, *, durable: bool = False) -> None:
        from testcontainers.community.postgres import PostgresContainer as Container

        containers_without_reaper()
        settings = _SETTINGS | {"listen_addresses": "*"} | ({} if durable else _UNSAFE_BUT_FAST)
        port = free_port()
        self._container = (
            Container(_IMAGE, username="sigap", password="sigap", dbname="postgres", driver=None)
            .with_bind_ports(5432, port)
            .with_command(" ".join(["postgres", *(f"-c {name}={value}" for name, value in settings.items())]))
        )
        self._started = False
        self._at = port
        self.url = ""

    def start(self) -> str:
        if self._started:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._started = True
        wait_for_container(self._answers, self._container.get_logs)
        self.url = f"postgresql://sigap:sigap@{self._container.get_container_host_ip()}:{self._at}/postgres"
        return self.url

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def remove(self) -> None:
        self._container.stop()

    def _answers(self) -> bool:
        # By TCP: the server of the first initialisation listens on its socket alone.
        return bool(self._container.exec(["pg_isready", "-q", "-h", "127.0.0.1"]).exit_code == 0)


class GivenPostgres:
    """A server that TEST_POSTGRES_URL names. A test may not stop it."""

    directory = None

    def __init__(self, url: str) -> None:
        self.url = re.sub(r"^postgresql\+\w+:", "postgresql:", url)

    def start(self) -> str:
        return self.url

    def stop(self) -> None:
        raise NotHere("a PostgreSQL that the test may stop (TEST_POSTGRES_URL names somebody else's)")

    kill = stop

    def remove(self) -> None:
        pass


def find_postgres(*, durable: bool = False) -> Postgres:
    """The PostgreSQL that tests use, not started yet. Raises NotHere."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        return GivenPostgres(url)
    if docker_has(_IMAGE):
        return PostgresContainer(durable=durable)
    return PostgresServer(durable=durable)


def binaries() -> Path:
    """The folder of the newest server binaries. Raises NotHere."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: float(place.parent.name))
    places = [place for place in reversed(places) if (place / "initdb").exists()]
    if not places and (found := shutil.which("initdb")):
        places = [Path(found).resolve().parent]
    if not places:
        raise NotHere(
            "no PostgreSQL: neither TEST_POSTGRES_URL nor a Docker daemon nor server binaries"
            " (/usr/lib/postgresql/*/bin)"
        )
    return places[0]


@asynccontextmanager
async def fresh_database(url: str, template: str = "template1") -> AsyncIterator[str]:
    """A fresh database on the server at `url`: its SQLAlchemy URL for asyncpg. Dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    server = await asyncpg.connect(url)
    try:
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield urlsplit(url)._replace(scheme="postgresql+asyncpg", path=f"/{name}").geturl()
        finally:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


def _unprivileged() -> str | None:
    """Who runs it: initdb and postgres refuse root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _children(pid: int) -> list[int]:
    # Each of its backends leads a session of its own, so that no signal to a group reaches them.
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []

"""Whole installations on one machine, as processes that a test can kill: the cluster and the single host.

python -m sigap_testing.cluster [--port 8112] [--folder FOLDER] [--durable]

starts PostgreSQL, Kafka, one process a service and an edge, prints the origin's URL and stays up.
"""

import argparse
import asyncio
import base64
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import asyncpg

from sigap_common.app.manifest import services as installed
from sigap_common.app.site import sites
from sigap_testing.edges import edge
from sigap_testing.kafka import Kafka, KafkaBroker, find_kafka
from sigap_testing.parts import DidNotStart
from sigap_testing.patience import patience
from sigap_testing.postgres import Postgres, PostgresServer, find_postgres
from sigap_testing.supervised import Supervised

HOST = "127.0.0.1"


class Installation:
    """A running Sigap 112 with one origin. Call `start` in a thread that lives as long as the installation: its
    processes end with that thread.
    """

    def __init__(
        self,
        *,
        services: Sequence[str] | None = None,
        folder: Path | None = None,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`services`: names, none: those installed; `settings`: environment variables for every process."""
        self.services = installed(services)
        self.sites = sites() if services is None else []
        self._ours = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="sigap-installation-"))
        self.port = port or steady_port()
        self.url = f"http://{HOST}:{self.port}"
        self.processes: dict[str, Supervised] = {}
        self._settings = dict(settings or {})

    def start(self) -> None:
        """Starts everything, and returns when it is ready. Raises NotHere, DidNotStart; then nothing is running."""
        try:
            (self.folder / "logs").mkdir(parents=True, exist_ok=True)
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends everything, and deletes the folder if this object made it."""
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(Supervised.stop, self.processes.values()))
        self._stop_parts()
        if self._ours:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log_of(self, name: str) -> str:
        return (self.folder / "logs" / name).read_text(errors="replace")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        raise NotImplementedError

    def _stop_parts(self) -> None:
        """Stops the parts that are not in `processes`."""

    def _names(self) -> list[str]:
        """Of services and sites, as `sigap run` takes them."""
        return [*(service.name for service in self.services), *(site.name for site in self.sites)]

    def _environment(self, port: int | None = None) -> dict[str, str]:
        ours = {
            "SIGAP_DATA_DIR": str(self.folder / "data"),
            "SIGAP_PUBLIC_URL": self.url,
            "SIGAP_HOST": HOST,
            "SIGAP_PORT": str(port or self.port),
        }
        return {**os.environ, **ours, **self._settings}

    def _command(self, *names: str) -> list[str]:
        return [sys.executable, "-m", "sigap_cli.main", "run", *names]

    def _run(self, name: str, port: int, *names: str) -> Supervised:
        """A process that serves the named services."""
        command = self._command(*names)
        log = self.folder / "logs" / name
        process = Supervised(name, command, log, f"http://{HOST}:{port}", self._environment(port))
        self.processes[name] = process
        process.start()
        return process


class SingleHost(Installation):
    """All services in one process, on SQLite and the embedded bus. Its process is called `sigap`."""

    postgres: None = None
    kafka: None = None

    def _start(self) -> None:
        self._run("sigap", self.port, *self._names()).wait_for_start()


class Cluster(Installation):
    """One process a service and the `edge`, on a PostgreSQL and a Kafka of its own.

    `postgres` and `kafka` can be stopped, killed and started again; they keep their ports.
    """

    def __init__(self, *, durable: bool = False, as_processes: bool = False, **options: Any) -> None:
        """`durable`: PostgreSQL waits for the disk, as it must where time is measured. `as_processes`: PostgreSQL and
        Kafka are processes of this machine, whatever else there is, so that their files can be lost. Raises NotHere.
        """
        super().__init__(**options)
        self.postgres: Postgres = PostgresServer(durable=durable) if as_processes else find_postgres(durable=durable)
        self.kafka: Kafka = KafkaBroker() if as_processes else find_kafka()
        self._key_ring = f"k1:{base64.b64encode(os.urandom(32)).decode()}"
        self._own = f"sigap_{uuid.uuid4().hex[:8]}"
        self._databases: dict[str, str] = {}

    def replica(self, service: str) -> Supervised:
        """One more process of a service, beside the edge, at an address of its own."""
        count = sum(name.startswith(f"{service}-replica-") for name in self.processes)
        process = self._run(f"{service}-replica-{count + 1}", steady_port(), service)
        process.wait_for_start()
        return process

    def database_of(self, service: str) -> str:
        """The URL of a service's database, as asyncpg takes it."""
        return urlsplit(self.postgres.url)._replace(path=f"/{self._databases[service]}").geturl()

    def sigap(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line with the settings of the services."""
        command = [sys.executable, "-m", "sigap_cli.main", *arguments]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)

    def _start(self) -> None:
        self._start_backends()
        ports = {name: steady_port() for name in self._names()}
        for name, port in ports.items():
            self._run(name, port, name)
        addresses = {name: f"{HOST}:{port}" for name, port in ports.items()}
        self._start_edge(addresses)
        for process in self.processes.values():
            process.wait_for_start()

    def _start_backends(self) -> None:
        """PostgreSQL and Kafka, with migrated databases and the topics."""
        self.postgres.start()
        self.kafka.start()
        self._databases = {s.name: f"{self._own}_{s.name.replace('-', '_')}" for s in self.services}
        _apart(_create_databases(self.postgres.url, self._databases.values()))
        self._migrate()

    def _migrate(self) -> None:
        command = [sys.executable, "-m", "sigap_common.app.migrations", *(service.name for service in self.services)]
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)
        (self.folder / "logs" / "migrate").write_text(done.stdout + done.stderr)
        if done.returncode:
            raise DidNotStart(f"migrations: {done.stderr[-4000:]}")

    def _start_edge(self, addresses: Mapping[str, str]) -> None:
        alive, log = f"{HOST}:{steady_port()}", self.folder / "logs" / "edge"
        served = self.services, self.sites
        process = edge(*served, addresses, f"{HOST}:{self.port}", alive, self.folder / "edge", log)
        self.processes["edge"] = process
        process.start()

    def _environment(self, port: int | None = None) -> dict[str, str]:
        ours = {
            "SIGAP_BUS_URL": f"kafka://{self.kafka.bootstrap}",
            "SIGAP_KEY_RING": self._key_ring,
            "SIGAP_TRUSTED_PROXIES": f"{HOST}/32",
        }
        for service, database in self._databases.items():
            name = f"SIGAP_{service.upper().replace('-', '_')}_DATABASE_URL"
            ours[name] = urlsplit(self.postgres.url)._replace(scheme="postgresql+asyncpg", path=f"/{database}").geturl()
        return {**super()._environment(port), **ours, **self._settings}

    def _stop_parts(self) -> None:
        with suppress(OSError, asyncpg.PostgresError):  # it may be stopped just now, and is removed in a moment
            _apart(_drop_databases(self.postgres.url, self._databases.values()))
        self.kafka.remove()
        self.postgres.remove()


def steady_port() -> int:
    """A port of 127.0.0.1 that is free, and outside of those that outgoing connections take meanwhile: who was
    killed finds it free again.
    """
    for port in random.sample(range(20_000, 30_000), 1000):
        with socket.socket() as listener, suppress(OSError):
            listener.bind((HOST, port))
            return port
    raise DidNotStart("no free port between 20000 and 30000")


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Runs it in a loop of its own, also where a loop is running here."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _create_databases(url: str, names: Iterable[str]) -> None:
    server = await asyncpg.connect(url)
    try:
        for name in names:
            await server.execute(f'CREATE DATABASE "{name}"')
    finally:
        await server.close()


async def _drop_databases(url: str, names: Iterable[str]) -> None:
    server = await asyncpg.connect(url, timeout=patience(5))
    try:
        for name in names:
            await server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await server.close()


def command(port: str, folder: Path) -> list[str]:
    """What starts the cluster on this machine; it prints the origin's URL when all of it is ready."""
    return [sys.executable, "-m", __name__, "--port", port, "--folder", str(folder)]


def main() -> None:
    parser = argparse.ArgumentParser(description="PostgreSQL, Kafka, one process a service and the edge")
    parser.add_argument("--port", type=int, default=8112, help="of the origin")
    parser.add_argument("--folder", type=Path, help="for data and logs; none: a temporary one, deleted at the end")
    parser.add_argument("--durable", action="store_true", help="let PostgreSQL wait for the disk")
    asked = parser.parse_args()
    for ends in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ends, _leave)
    with Cluster(port=asked.port, folder=asked.folder, durable=asked.durable) as cluster:
        print(f"{cluster.url}  (logs: {cluster.folder / 'logs'})", flush=True)
        threading.Event().wait()


def _leave(*_: object) -> None:
    """From wherever it is, also in the middle of starting; what runs is stopped on the way out, undisturbed."""
    for ends in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ends, signal.SIG_IGN)
    raise SystemExit(0)


if __name__ == "__main__":
    main()

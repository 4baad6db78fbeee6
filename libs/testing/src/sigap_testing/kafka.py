"""A real Apache Kafka broker: one that is given, one in Docker, or one from Maven Central on this machine's Java."""

import atexit
import base64
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from sigap_testing.parts import (
    DidNotStart,
    NotHere,
    containers_without_reaper,
    docker_has,
    end,
    free_port,
    kept_from_maven,
    spawn,
    wait_for_container,
    wait_until_up,
)

VERSION = "4.3.1"
_IMAGE = f"apache/kafka:{VERSION}"
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sigap</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
"""
_PROPERTIES = """process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
"""


class Kafka(Protocol):
    bootstrap: str
    """host:port"""

    @property
    def directory(self) -> Path | None:
        """The folder of its files; None if another process owns them."""

    def start(self) -> str: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def remove(self) -> None: ...


class KafkaBroker:
    """A broker from the jars, in a folder of its own. After `stop` or `kill`, `start` uses the same port and data
    again.
    """

    def __init__(
        self,
        *,
        directory: Path | None = None,
        port: int | None = None,
        heap: str = "512m",
        further: Mapping[str, str] | None = None,
        scram: Mapping[str, str] | None = None,
    ) -> None:
        """`further`: properties that hold instead of ours; `scram`: passwords of users (SCRAM-SHA-512)."""
        self._further, self._scram = dict(further or {}), dict(scram or {})
        self._java = ["java", "-cp", f"{jars()}/*"]
        self._heap = heap
        self._ours = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="sigap-kafka-"))
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.bootstrap = f"127.0.0.1:{self._port}"
        atexit.register(self.remove)

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was not started"
        return self._process.pid

    def start(self) -> str:
        """host:port, once it answers. Raises DidNotStart."""
        properties = self.directory / "server.properties"
        if not properties.exists():
            self._format(properties)
        log = self.directory / "log"
        seen = log.stat().st_size if log.exists() else 0
        command: list[str | Path] = [
            self._java[0],
            f"-Xmx{self._heap}",
            "-XX:+UseSerialGC",
            *self._java[1:],
            "kafka.Kafka",
            properties,
        ]
        self._process = spawn(command, log)
        wait_until_up(self._process, log, lambda: b"Kafka Server started" in log.read_bytes()[seen:], within=60)
        return self.bootstrap

    def stop(self) -> None:
        if self._process is not None:
            end(self._process, signal.SIGTERM, within=30)

    def kill(self) -> None:
        if self._process is not None:
            end(self._process, signal.SIGKILL, within=10)

    def pause(self) -> None:
        """Suspends the broker: it keeps its connections and answers nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Ends it and deletes its folder, if we made that."""
        atexit.unregister(self.remove)
        self.kill()
        if self._ours:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _format(self, properties: Path) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        written = _PROPERTIES.format(port=self._port, controller=free_port(), data=self.directory / "data")
        written += "".join(f"{name}={value}\n" for name, value in self._further.items())  # the last one holds
        properties.write_text(written)
        cluster = "s" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        command: list[str | Path] = [
            *self._java,
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
            "-t",
            cluster,
            "-c",
            properties,
        ]
        for user, password in self._scram.items():
            command += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            properties.unlink()
            raise DidNotStart(done.stdout + done.stderr)


class KafkaContainer:
    """A broker in Docker. Its port stays the same over `stop` and `start`."""

    directory = None

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer

        containers_without_reaper()
        port = free_port()
        settings = _PROPERTIES.format(port=port, controller=9093, data="/tmp/kafka-logs")
        settings = settings.replace(f"listeners=PLAINTEXT://127.0.0.1:{port}", f"listeners=PLAINTEXT://:{port}", 1)
        # Its start formats the storage as that of a quorum with named voters.
        settings = settings.replace("controller.quorum.bootstrap.servers=", "controller.quorum.voters=1@")
        self._container = DockerContainer(_IMAGE).with_bind_ports(port, port)
        for line in settings.splitlines():
            name, _, value = line.partition("=")
            self._container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
        self._started = False
        self.bootstrap = f"127.0.0.1:{port}"

    def start(self) -> str:
        before = self._starts() if self._started else 0
        if self._started:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._started = True
        wait_for_container(lambda: self._starts() > before, self._container.get_logs)
        return self.bootstrap

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def pause(self) -> None:
        self._container.get_wrapped_container().pause()

    def resume(self) -> None:
        self._container.get_wrapped_container().unpause()

    def remove(self) -> None:
        self._container.stop()

    def _starts(self) -> int:
        """How often the broker has started, by its log. A restart continues the log."""
        return b"".join(self._container.get_logs()).count(b"Kafka Server started")


class GivenKafka:
    """A broker that TEST_KAFKA_BOOTSTRAP names. A test may not stop it."""

    directory = None

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> str:
        return self.bootstrap

    def stop(self) -> None:
        raise NotHere("a Kafka that the test may stop (TEST_KAFKA_BOOTSTRAP names somebody else's)")

    kill = pause = resume = stop

    def remove(self) -> None:
        pass


def find_kafka() -> Kafka:
    """The broker that tests use, not started yet. Raises NotHere."""
    if bootstrap := os.environ.get("TEST_KAFKA_BOOTSTRAP"):
        return GivenKafka(bootstrap)
    return KafkaContainer() if docker_has(_IMAGE) else KafkaBroker()


def jars() -> Path:
    """The folder of Kafka's jars, fetched once from Maven Central (44 MB) into the user's cache. Raises
    NotHere.
    """
    instead = "no Kafka: neither TEST_KAFKA_BOOTSTRAP nor a Docker daemon nor"
    return kept_from_maven(f"kafka-{VERSION}", instead, _fetch)


def _fetch(kept: Path) -> None:
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        (Path(folder) / "pom.xml").write_text(_POM)
        command: list[str | Path] = [
            "mvn",
            "-q",
            "-B",
            "dependency:copy-dependencies",
            f"-DoutputDirectory={folder}/libs",
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotHere(f"no Kafka: Maven did not fetch it: {done.stdout[-1000:]}")
        if not kept.is_dir():  # another run may have been faster
            (Path(folder) / "libs").rename(kept)

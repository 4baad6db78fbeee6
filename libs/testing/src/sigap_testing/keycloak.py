"""A real Keycloak from Maven Central on this machine's Java, with realms imported from files.

It keeps everything in memory: each start begins with the files' content and new keys.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import httpx

from sigap_testing.parts import DidNotStart, NotHere, end, free_port, kept_from_maven, spawn, wait_until_up
from sigap_testing.patience import patience

VERSION = "26.7.3"
ADMIN = ("admin", "admin-of-the-tests")
"""User name and password of the realm `master`."""

_ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
_SHARED = ("lib", "providers", "conf", "themes")
_OPENED = ("java.base/java.util", "java.base/java.util.concurrent", "java.base/java.security", "java.base/java.lang")
_START = ("start", "--optimized", "--http-enabled=true", "--hostname-strict=false", "--cache=local", "--import-realm")


class KeycloakServer:
    """A server that imports the realms of the JSON files in `imports`. `variables` fill the files' placeholders."""

    def __init__(self, imports: Path, variables: Mapping[str, str] | None = None, *, port: int | None = None) -> None:
        """Finds Java and the distribution, but starts nothing. Raises NotHere."""
        distribution = kept_distribution()
        self._home = Path(tempfile.mkdtemp(prefix="sigap-keycloak-"))
        for shared in _SHARED:
            (self._home / shared).symlink_to(distribution / shared)
        shutil.copytree(imports, self._home / "data" / "import")
        self._env = {**os.environ, **(variables or {})}
        self._env["KC_BOOTSTRAP_ADMIN_USERNAME"], self._env["KC_BOOTSTRAP_ADMIN_PASSWORD"] = ADMIN
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        atexit.register(self.remove)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Starts the server and returns its URL when it answers, after about 30 s. Raises DidNotStart."""
        log = self._home / "log"
        command = [*_java(self._home), *_START, "--http-host=127.0.0.1", f"--http-port={self._port}"]
        self._process = spawn(command, log, env=self._env)
        wait_until_up(self._process, log, self._answers, within=180)
        return self.url

    def stop(self) -> None:
        if self._process is not None:
            end(self._process, signal.SIGTERM, within=30)

    def kill(self) -> None:
        if self._process is not None:
            end(self._process, signal.SIGKILL, within=10)

    def remove(self) -> None:
        """Ends it and deletes its folder."""
        atexit.unregister(self.remove)
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def issuer(self, realm: str) -> str:
        """The `iss` of a realm's tokens."""
        return f"{self.url}/realms/{realm}"

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/realms/master", timeout=patience(5), trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


def kept_distribution() -> Path:
    """The folder of the unpacked server, fetched once from Maven Central (177 MB) and built (30 s) into the user's
    cache. Raises NotHere.
    """
    return kept_from_maven(f"keycloak-{VERSION}", "no Keycloak: no", _fetch)


def _fetch(kept: Path) -> None:
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        _run_maven("dependency:get", f"-Dartifact={_ARTIFACT}", "-Dtransitive=false")
        _run_maven("dependency:copy", f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={folder}")
        with zipfile.ZipFile(next(Path(folder).glob("*.zip"))) as archive:
            archive.extractall(folder)
        unpacked = Path(folder) / kept.name
        # With the database fixed at build time a start need not rebuild, and never writes into what runs share.
        built = subprocess.run([*_java(unpacked), "build", "--db=dev-mem"], capture_output=True, text=True, check=False)
        if built.returncode:
            raise DidNotStart(f"Keycloak's build: {built.stdout[-2000:]}{built.stderr[-2000:]}")
        if not kept.is_dir():  # another run may have been faster
            unpacked.rename(kept)


def _run_maven(*arguments: str) -> None:
    done = subprocess.run(["mvn", "-q", "-B", *arguments], cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotHere(f"no Keycloak: Maven did not fetch it: {done.stdout[-1000:]}")


def _java(home: Path) -> list[str]:
    """The server itself, not its script, which would leave it behind when killed."""
    return [
        "java",
        "-Xms128m",
        "-Xmx768m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
        f"-Dkc.home.dir={home}",
        f"-Djboss.server.config.dir={home / 'conf'}",
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dpicocli.disable.closures=true",
        "-cp",
        str(home / "lib" / "quarkus-run.jar"),
        "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
    ]

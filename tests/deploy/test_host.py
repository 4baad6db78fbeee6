"""The single host's units: what they say, and that their commands work as confined as they are."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sigap_testing.eventually import eventually
from sigap_testing.parts import bounded, free_port, spawn
from sigap_testing.patience import patience

from .confined import LIBSECCOMP
from .test_pages import blocks_in, section
from .units import INSTALLED, SYSTEMD, Unit, command, environment, faults, read, seconds, settings

ROOT = Path(__file__).parents[2]
ACCOUNT = {"SIGAP_USERNAME": "admin", "SIGAP_PASSWORD": "k7-terang-bulan-9041"}
WRITTEN = {
    "sigap.service": {"/var/lib/sigap"},
    "sigap-backup.service": {"/var/lib/sigap", "/var/backups/sigap"},
}
EXAMPLE = settings((SYSTEMD / "sigap.env.example").read_text())
DRAIN = float(EXAMPLE.get("SIGAP_DRAIN_SECONDS", "0"))

analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze to ask")


def unit(name: str) -> Unit:
    return read((SYSTEMD / name).read_text())


@pytest.mark.parametrize("name", WRITTEN)
def test_a_unit_may_write_its_folders_and_has_no_right_that_it_does_not_need(name: str) -> None:
    assert list(faults(unit(name), WRITTEN[name], DRAIN)) == []


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("NoNewPrivileges=yes", "", "NoNewPrivileges=yes is missing"),
        ("ProtectSystem=strict", "ProtectSystem=full", "ProtectSystem=strict is missing"),
        ("CapabilityBoundingSet=", "CapabilityBoundingSet=CAP_SYS_ADMIN", "CapabilityBoundingSet= is missing"),
        ("ReadWritePaths=/var/lib/sigap", "ReadWritePaths=/var", "ReadWritePaths is not /var/lib/sigap"),
        ("SystemCallFilter=@system-service", "", "SystemCallFilter allows more than @system-service"),
        ("Environment=SIGAP_DATA_DIR=/var/lib/sigap", "", "SIGAP_DATA_DIR is not among what may be written"),
        ("Restart=always", "Restart=no", "it is not started again for ever"),
        ("TimeoutStopSec=30", "TimeoutStopSec=10", "TimeoutStopSec is shorter than the drain"),
        ("LimitNOFILE=16384", "LimitNOFILE=1024", "LimitNOFILE is below SIGAP_CONNECTIONS"),
    ],
)
def test_a_unit_that_is_made_worse_is_noticed(line: str, instead: str, said: str) -> None:
    text = (SYSTEMD / "sigap.service").read_text()
    worse, changes = re.subn(f"^{re.escape(line)}$", instead, text, flags=re.MULTILINE)
    assert changes == 1
    assert list(faults(read(worse), WRITTEN["sigap.service"], DRAIN)) == [said]


def test_what_units_and_commands_name_is_in_the_sources() -> None:
    named = [word for name in WRITTEN for word in command(unit(name)) if word.startswith("/")]
    named += re.findall(rf"{INSTALLED}/\S+", (SYSTEMD / "sigap").read_text())
    assert {ours(word).is_file() for word in named} == {True}
    assert {
        path for path in SYSTEMD.iterdir() if path.read_bytes().startswith(b"#!") and not os.access(path, os.X_OK)
    } == set()


def ours(installed: str) -> Path:
    """The file of this checkout for one of an installed host. What lies in its .venv lies in that of the tests."""
    rest = installed.removeprefix(f"{INSTALLED}/")
    in_environment = rest.removeprefix(".venv/bin/")
    return Path(sys.executable).parent / in_environment if in_environment != rest else ROOT / rest


@analyze
@pytest.mark.parametrize("name", ["sigap.service", "sigap-backup.service", "sigap-backup.timer"])
def test_systemd_understands_the_unit(name: str, tmp_path: Path) -> None:
    for file in SYSTEMD.glob("sigap*.*"):
        text = file.read_text().replace(f"{INSTALLED}/.venv/bin/", f"{Path(sys.executable).parent}/")
        (tmp_path / file.name).write_text(text.replace(INSTALLED, str(ROOT)))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")


@analyze
@pytest.mark.parametrize(("name", "most"), [("sigap.service", 1.5), ("sigap-backup.service", 0.7)])
def test_systemd_finds_little_exposed(name: str, most: float) -> None:
    # It knows the level in tenths, and takes the threshold in the same.
    asked = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={most * 10:.0f}"]
    said = subprocess.run([*asked, SYSTEMD / name], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-2000:]


def allowed_calls(folder: Path, of: Unit) -> str:
    """A file with the calls that the unit allows, as systemd lists them; `-` on a machine without systemd."""
    try:
        ctypes.CDLL(LIBSECCOMP)
        allowed = {call for value in of["SystemCallFilter"] if value[0] != "~" for call in listed(value)}
        refused = {call for value in of["SystemCallFilter"] if value[0] == "~" for call in listed(value[1:])}
    except OSError:
        return "-"
    (folder / "calls").write_text("\n".join(allowed - refused))
    return str(folder / "calls")


def listed(group: str) -> set[str]:
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    names = {line.strip() for line in said.stdout.splitlines()[1:] if line.strip() and not line.strip().startswith("#")}
    return {call for name in names for call in (listed(name) if name.startswith("@") else {name})}


@contextmanager
def started(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The unit's command with its own settings, but for folder and port, as confined as the unit is."""
    service = unit("sigap.service")
    program, *arguments = command(service)
    limits = [service["LimitNOFILE"][-1], service["UMask"][-1], allowed_calls(folder, service)]
    confined: list[str | Path] = [
        sys.executable,
        "-m",
        "tests.deploy.confined",
        *limits,
        "--",
        ours(program),
        *arguments,
    ]
    with bounded(spawn(confined, folder / "log", env=variables(folder, port) | {"PYTHONPATH": str(ROOT)})) as process:
        yield process


def test_what_confines_the_command_does_so(tmp_path: Path) -> None:
    service = unit("sigap.service")
    if (calls := allowed_calls(tmp_path, service)) == "-":
        pytest.skip("no systemd and libseccomp to confine it with")
    # TRACEME is allowed to everybody, and belongs to no group of the unit's.
    tried = "import ctypes; print(ctypes.CDLL(None).ptrace(0, 0, 0, 0))"
    free = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True)
    words = [sys.executable, "-m", "tests.deploy.confined", "1024", "0077", calls, "--", sys.executable, "-c", tried]
    confined = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (free.stdout, confined.stdout) == ("0\n", "-1\n")


def variables(folder: Path, port: int) -> dict[str, str]:
    given = environment(unit("sigap.service")) | EXAMPLE
    url = f"http://127.0.0.1:{port}"
    own = {"SIGAP_DATA_DIR": str(folder / "data"), "SIGAP_PORT": str(port), "SIGAP_AGENCY_GATEWAY_SELF_URL": url}
    return {"PATH": os.environ["PATH"], **given, **own}


def sigap(folder: Path, port: int, *words: str, **options: str) -> str:
    said = subprocess.run(
        [ours(f"{INSTALLED}/.venv/bin/sigap"), *words],
        env=variables(folder, port) | ACCOUNT | {"SIGAP_URL": f"http://127.0.0.1:{port}"},
        capture_output=True,
        text=True,
        check=False,
        input=options.get("typed"),
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


async def test_the_units_command_carries_a_drill_and_a_backup_and_drains_in_time(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as process, httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as host:
        await eventually(lambda: is_ready(host, process), within=90)
        roles = [word for role in ("admin", "operator", "dispatcher", "supervisor") for word in ("--role", role)]
        sigap(
            tmp_path,
            port,
            "user",
            "add",
            "admin",
            *roles,
            "--regency",
            "*",
            "--password-stdin",
            typed=ACCOUNT["SIGAP_PASSWORD"],
        )
        sigap(tmp_path, port, "regency", "apply", str(ROOT / "regencies/17.71-bengkulu.yaml"))
        assert "acknowledgement came back" in sigap(tmp_path, port, "drill", "--regency", "17.71")
        backed_up(tmp_path, port)
        answer = host.post(
            "/v1/auth/token", json={"username": "admin", "password": ACCOUNT["SIGAP_PASSWORD"]}, timeout=patience(10)
        )
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        with host.stream("GET", "/v1/queue/stream", headers=headers, timeout=patience(30)) as stream:
            assert stream.status_code == 200
            process.send_signal(signal.SIGTERM)
            assert "event: stopping" in stream.read().decode()
        assert process.wait(patience(seconds(unit("sigap.service")["TimeoutStopSec"][-1]))) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "calls") == ["backups", "data", "log"]


def is_ready(host: httpx.Client, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "it ended by itself"
    try:
        return host.get("/readyz").is_success
    except httpx.TransportError:
        return False


def backed_up(folder: Path, port: int) -> None:
    """The backup unit's command: old backups go, and those that broke off; the new one can be restored."""
    backups = folder / "backups"
    for name, whole, days in (
        ("2024-01-01T023000Z", True, 20),
        ("2024-01-20T023000Z", True, 2),
        ("2024-01-21T023000Z", False, 0),
        ("by-hand", False, 90),
    ):
        (backups / name).mkdir(parents=True)
        if whole:
            (backups / name / "backup.json").write_text("{}")
        subprocess.run(["touch", "-d", f"{days} days ago", backups / name], check=True)
    made = run_backup(backups, folder / "data", variables(folder, port))
    assert made.returncode == 0, made.stderr
    old, *new = sorted((path.name for path in backups.iterdir()), key=lambda name: (name != "by-hand", name))
    assert (old, new[0], len(new)) == ("by-hand", "2024-01-20T023000Z", 2)
    again = backups / "by-hand/again"
    assert "events to read" in sigap(folder, port, "restore", str(backups / new[1]), "--data-dir", str(again))


def run_backup(backups: Path, data: Path, given: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs the backup unit's command with its own settings beside these."""
    service = unit("sigap-backup.service")
    program, *words = command(service)
    return subprocess.run(
        [ours(program), *(ours(word) for word in words)],
        env=given | environment(service) | {"SIGAP_DATA_DIR": str(data), "BACKUPS": str(backups)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_that_fails_deletes_nothing(tmp_path: Path) -> None:
    (tmp_path / "backups/2020-01-01T023000Z").mkdir(parents=True)
    made = run_backup(tmp_path / "backups", tmp_path / "nothing", {"PATH": os.environ["PATH"]})
    assert made.returncode != 0
    assert (tmp_path / "backups/2020-01-01T023000Z").is_dir()


NEWER = "A new version"
BUILT = """#!/bin/sh
[ ! -e "$(dirname "$0")/broken" ] || exit 1
echo "build $(cat "$(dirname "$0")/version") while $(readlink {link})" >> {told}
"""
"""Stands for the build of one version: only where it is done matters here."""
TELLS = """#!/bin/sh
echo "{name} $* while $(readlink {link})" >> {told}
"""


class Upgraded:
    """A host, in a folder, on which the steps of docs/host.md are carried out with two versions."""

    def __init__(self, folder: Path) -> None:
        self.opt, self.told, self._programs = folder / "opt", folder / "told", folder / "bin"
        self._units, self._upstream = folder / "units", folder / "upstream"
        for one in (self.opt, self._programs, self._units, self._upstream):
            one.mkdir()
        for name in ("systemctl", "nginx"):
            self._write(self._programs / name, TELLS, name=name)
        self._git(self._upstream, "init", "--quiet")
        self.release("0.1.0")
        self._git(self.opt, "clone", "--quiet", str(self._upstream), "sigap-source")
        [install] = [one for one in page_blocks("Install") if "VERSION=" in one]
        steps = [line for line in install.splitlines() if "VERSION" in line]
        assert self.run("\n".join(steps)) == 0

    def _write(self, path: Path, text: str, **values: str) -> None:
        path.write_text(text.format(link=self.opt / "sigap", told=self.told, **values))
        path.chmod(0o755)

    @staticmethod
    def _git(folder: Path, *words: str) -> None:
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)

    def release(self, version: str, *, broken: bool = False) -> None:
        folder = self._upstream / "deploy/systemd"
        folder.mkdir(parents=True, exist_ok=True)
        self._write(folder / "build.sh", BUILT)
        for name in ("version", "sigap.service", "sigap-backup.service", "sigap-backup.timer"):
            (folder / name).write_text(version)
        if broken:
            (folder / "broken").touch()
        self._git(self._upstream, "add", ".")
        self._git(self._upstream, "commit", "--quiet", "-m", version)
        self._git(self._upstream, "tag", version)

    def runs_from_a_clone(self) -> None:
        """Puts the repository itself in the place of the link, as on older hosts."""
        (self.opt / "sigap").unlink()
        self._git(self.opt, "clone", "--quiet", str(self._upstream), "sigap")

    def run(self, steps: str) -> int:
        steps = steps.replace("/opt/uv", "/uv").replace("/opt/", f"{self.opt}/")
        steps = steps.replace("/etc/systemd/system", str(self._units))
        path = f"{self._programs}:{os.environ['PATH']}"
        given = {"PATH": path, "HOME": str(self.opt)}
        return subprocess.run(["sh", "-euc", steps], env=given, capture_output=True, check=False).returncode

    def running(self) -> str:
        """The version to which the link leads."""
        return (self.opt / "sigap/deploy/systemd/version").read_text()


def build_switch_and_move() -> tuple[str, str, str]:
    """The steps to a new version: to build it, to switch to it, and to move a repository that lies at the link's
    place.
    """
    build, switch, move = page_blocks(NEWER)
    return build, switch, move


def page_blocks(heading: str) -> list[str]:
    return blocks_in(section(ROOT / "docs/host.md", heading), "sh")


def test_a_new_version_is_built_beside_the_one_that_runs(tmp_path: Path) -> None:
    host = Upgraded(tmp_path)
    assert host.running() == "0.1.0"
    host.release("0.2.0")
    build, switch, _ = build_switch_and_move()
    assert host.run(f"{build}\n{switch}") == 0
    assert host.running() == "0.2.0"
    before, after = (host.opt / f"sigap-{version}" for version in ("0.1.0", "0.2.0"))
    assert (before / "deploy/systemd/version").read_text() == "0.1.0"
    assert {one.read_text() for one in (tmp_path / "units").iterdir()} == {"0.2.0"}
    assert host.told.read_text().splitlines()[1:] == [
        f"systemctl start sigap-backup.service while {before}",
        f"build 0.2.0 while {before}",
        f"systemctl daemon-reload while {after}",
        f"systemctl restart sigap while {after}",
        f"nginx -t while {after}",
        f"systemctl reload nginx while {after}",
    ]


def test_a_version_that_cannot_be_built_changes_nothing(tmp_path: Path) -> None:
    host = Upgraded(tmp_path)
    host.release("0.2.0", broken=True)
    build, switch, _ = build_switch_and_move()
    assert host.run(f"{build}\n{switch}") != 0
    assert host.running() == "0.1.0"
    assert list((tmp_path / "units").iterdir()) == []
    assert "restart" not in host.told.read_text()


def test_a_host_that_runs_from_the_repository_itself_has_a_version_at_every_step(tmp_path: Path) -> None:
    host = Upgraded(tmp_path)
    host.runs_from_a_clone()
    host.release("0.2.0")
    build, switch, move = build_switch_and_move()
    assert host.run(f"{build}\n{move}") == 0
    assert host.running() == "0.1.0"
    assert host.run(f"VERSION=0.2.0\n{switch}") == 0
    assert host.running() == "0.2.0"
    assert (host.opt / "sigap-before/deploy/systemd/version").read_text() == "0.1.0"


def test_backups_of_each_hour_take_the_place_of_those_of_each_night(tmp_path: Path) -> None:
    [steps] = [one for one in page_blocks("Backups") if "hourly" in one]
    steps = steps.replace("/etc/systemd/system", str(tmp_path)).replace("systemctl", "true")
    subprocess.run(["sh", "-euc", steps], check=True)

    def changed(name: str) -> Unit:
        [more] = (tmp_path / f"{name}.d").iterdir()
        return read((SYSTEMD / name).read_text() + more.read_text())

    assert changed("sigap-backup.timer")["OnCalendar"] == ["", "hourly"]
    assert environment(changed("sigap-backup.service"))["BACKUP_DAYS"] == "2"

"""Whatever a data folder holds is its owner's alone."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx

from sigap_common.core.private_folder import make_private
from sigap_testing.eventually import eventually
from sigap_testing.parts import end, free_port
from sigap_testing.patience import patience

SIGAP = [sys.executable, "-m", "sigap_cli.main"]


def open_to_others(folder: Path) -> list[str]:
    found = [folder, *folder.rglob("*")]
    return [f"{path}: {stat.filemode(path.lstat().st_mode)}" for path in found if path.lstat().st_mode & 0o077]


def told(folder: Path) -> dict[str, str]:
    return {**os.environ, "SIGAP_DATA_DIR": str(folder), "SIGAP_PORT": str(free_port())}


async def test_all_that_a_host_makes_is_private_and_an_older_folder_becomes_so(tmp_path: Path) -> None:
    folder, old = tmp_path / "data", os.umask(0o022)
    try:
        folder.mkdir()
        for name in ("keys", "intake.sqlite3-wal", "theirs.txt"):
            (folder / name).write_text("")
        (folder / "keys").unlink()
        (folder / "secrets").mkdir()
        (folder / "secrets" / "99.01-fire").write_text("")
        environment = told(folder)
        with (tmp_path / "log").open("wb") as output:
            host = subprocess.Popen([*SIGAP, "run"], env=environment, stdout=output, stderr=output)
        url = f"http://127.0.0.1:{environment['SIGAP_PORT']}/readyz"
        await eventually(lambda: answers(url), within=60)
        made = {path.name for path in folder.iterdir()}
        assert {
            "bus.sqlite3",
            "bus.sqlite3-wal",
            "dispatch.sqlite3",
            "dispatch.sqlite3-shm",
            "keys",
            "issuer.pem",
        } <= made
        assert open_to_others(folder) == [f"{folder / 'theirs.txt'}: -rw-r--r--"]
    finally:
        os.umask(old)
        end(host, signal.SIGTERM, within=20)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=patience(5)).status_code == 200
    except httpx.TransportError:
        return False


def test_commands_that_write_in_place_make_private_files(tmp_path: Path) -> None:
    add = ["user", "add", "siti", "--role", "operator", "--regency", "99.01", "--password-stdin"]
    for command in (["migrate"], add):
        folder, old = tmp_path / "data", os.umask(0o022)
        try:
            password = os.urandom(12).hex() + "\n"
            done = subprocess.run(
                [*SIGAP, *command], env=told(folder), input=password, capture_output=True, text=True, check=False
            )
        finally:
            os.umask(old)
        assert done.returncode == 0, done.stderr
        assert len(list(folder.iterdir())) >= 2
        assert open_to_others(folder) == []


def test_what_is_everybodys_stays_so(tmp_path: Path) -> None:
    shared, target = tmp_path / "shared", tmp_path / "target"
    shared.mkdir()
    shared.chmod(0o1777)
    target.write_text("")
    target.chmod(0o644)
    (shared / "keys").symlink_to(target)
    make_private(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert stat.S_IMODE(target.stat().st_mode) == 0o644

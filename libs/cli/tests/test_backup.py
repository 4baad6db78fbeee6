"""A backup of a single host that works meanwhile, put back into an empty folder."""

import asyncio
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from sigap_cli.console import DONE, NOT_ACHIEVED
from sigap_common.app.gauges import LAST_BACKUP, last_backup
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.parts import NotHere
from sigap_testing.patience import patience
from sigap_testing.plugin import missing

from .conftest import REGENCIES, Sigap, speak

REGENCY = "17.71"


@contextmanager
def calling(url: str, token: str) -> Iterator[list[str]]:
    """Calls arrive without a pause, until the end of the block; their ids."""
    headers = {"Authorization": f"Bearer {token}"}
    entered: list[str] = []
    over = threading.Event()

    def call() -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=patience(30), trust_env=False) as client:
            while not over.is_set():
                body = {"regency": REGENCY, "channel": "telephone", "number": "+6281200000001"}
                key = {"Idempotency-Key": f"call-{len(entered)}-{threading.get_ident()}"}
                answer = client.post("/v1/calls", json=body, headers=key)
                assert answer.status_code == 201, answer.text
                entered.append(answer.json()["id"])

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield entered
    finally:
        over.set()
        thread.join()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


async def test_what_is_backed_up_under_load_goes_on_in_an_empty_folder(tmp_path: Path, speak_to: Sigap) -> None:
    saved, keys, again = tmp_path / "saved", tmp_path / "keys", tmp_path / "again"
    with SingleHost(folder=tmp_path / "host") as host:
        data = tmp_path / "host/data"
        code, _, err = await asyncio.to_thread(
            speak, host.url, "regency", "apply", str(next(REGENCIES.glob(f"{REGENCY}-*")))
        )
        assert code == DONE, err
        _, token, _ = await asyncio.to_thread(speak, host.url, "token", "--role", "operator")
        with calling(host.url, token.strip()) as entered:
            await eventually(lambda: len(entered) > 20, within=60)
            before = len(entered)
            code, out, err = speak_to("", "backup", str(saved), "--keys", str(keys), SIGAP_DATA_DIR=str(data))
            assert (code, "keys" in out) == (DONE, True), err
            assert last_backup(data) > 0
            assert stat.S_IMODE((data / LAST_BACKUP).stat().st_mode) == 0o600
            after = len(entered)
            await eventually(lambda: len(entered) > after + 5, within=60)
    assert not list(saved.glob("keys*")) + list(saved.glob("*.pem"))
    code, out, err = speak_to("", "restore", str(saved), "--keys", str(keys), SIGAP_DATA_DIR=str(again))
    assert code == DONE, err
    assert "events to read" in out
    restored = {str(found) for (found,) in rows(again / "intake.sqlite3", "SELECT id FROM calls")}
    assert {one.replace("-", "") for one in entered[:before]} <= {one.replace("-", "") for one in restored}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in again.iterdir() if path.is_file()}
    assert modes == {0o600}
    # Nothing is lost. What was in the log, and still in the outbox at that moment, is published again under its id, and
    # its readers handle it once.
    with SingleHost(folder=tmp_path / "second", settings={"SIGAP_DATA_DIR": str(again)}) as second:
        await eventually(lambda: rows(again / "intake.sqlite3", "SELECT 1 FROM outbox LIMIT 1") == [], within=60)
        query = "SELECT count(DISTINCT key) FROM log WHERE headers LIKE '%CallReceived%'"
        [(calls,)] = rows(again / "bus.sqlite3", query)
        assert calls == len(restored)
        _, token, _ = await asyncio.to_thread(speak, second.url, "token", "--role", "supervisor")
        headers = {"Authorization": f"Bearer {token.strip()}"}
        shown = httpx.get(f"{second.url}/v1/calls/{entered[0]}", headers=headers, trust_env=False).json()
        assert shown["number"] == "+6281200000001"  # the keys open it


@pytest.fixture
def saved(tmp_path: Path, speak_to: Sigap) -> Path:
    """A backup of a host that never ran."""
    assert speak_to("", "migrate", SIGAP_DATA_DIR=str(tmp_path / "data"))[0] == DONE
    code, _, err = speak_to("", "backup", str(tmp_path / "saved"), SIGAP_DATA_DIR=str(tmp_path / "data"))
    assert (code, "The keys are not in it" in err) == (DONE, True)
    return tmp_path / "saved"


def damage(saved: Path) -> None:
    with (saved / "intake.sqlite3").open("r+b") as file:
        file.seek(5000)
        file.write(b"damaged")


def go_ahead(saved: Path) -> None:
    """A database that is younger than the bus, as copies of files one after the other would be."""
    path = saved / "analytics.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO positions VALUES ('sigap.calls', 0, 7)")
        connection.commit()
    manifest = json.loads((saved / "backup.json").read_text())
    del manifest["files"]["analytics.sqlite3"]
    (saved / "backup.json").write_text(json.dumps(manifest))


def lead_outside(saved: Path) -> None:
    (saved / "backup.json").write_text(json.dumps({"at": "now", "files": {"../data/keys": "0"}}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damage, "damaged: intake.sqlite3"),
        (lambda saved: (saved / "backup.json").unlink(), "is no whole backup"),
        (lambda saved: (saved / "bus.sqlite3").unlink(), "incomplete: bus.sqlite3"),
        (go_ahead, "analytics has read more of sigap.calls than the bus holds"),
        (lead_outside, "outside of the backup"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_written(
    saved: Path, tmp_path: Path, speak_to: Sigap, spoil: object, said: str
) -> None:
    assert callable(spoil)
    spoil(saved)
    code, _, err = speak_to("", "restore", str(saved), SIGAP_DATA_DIR=str(tmp_path / "again"))
    assert code == NOT_ACHIEVED
    assert said in err.replace("\n", " ")
    assert list((tmp_path / "again").iterdir()) == []


def test_nothing_is_written_over_and_a_cluster_is_told_where_to_look(
    saved: Path, tmp_path: Path, speak_to: Sigap
) -> None:
    data = str(tmp_path / "data")
    for command in (("backup", str(saved)), ("restore", str(saved))):
        code, _, err = speak_to("", *command, SIGAP_DATA_DIR=data)
        assert (code, "is not empty" in err) == (NOT_ACHIEVED, True)
    code, _, err = speak_to("", "backup", str(tmp_path / "x"), SIGAP_DATA_DIR=data, SIGAP_BUS_URL="kafka://h:1")
    assert (code, "for the single host" in err) == (NOT_ACHIEVED, True)
    code, _, err = speak_to("", "backup", str(tmp_path / "x"), SIGAP_DATA_DIR=str(tmp_path / "nothing"))
    assert (code, "nothing to back up" in err) == (NOT_ACHIEVED, True)


SMALL = "mount -t tmpfs -o {options} none {folder} && exec {python} -m sigap_cli.main backup {folder}/saved {more}"


def on_a_small_disk(folder: Path, options: str, data: Path, *more: str) -> tuple[int, str, list[str]]:
    """`sigap backup` into a folder of a file system of its own: exit code, what it said, and what it left there."""
    folder.mkdir()
    command = SMALL.format(options=options, folder=folder, python=sys.executable, more=" ".join(more))
    listed = f"({command}); code=$?; ls -A {folder}/saved; exit $code"
    alone = ["unshare", "--map-root-user", "--mount", "sh", "-c", listed]
    done = subprocess.run(alone, env={**os.environ, "SIGAP_DATA_DIR": str(data)}, capture_output=True, text=True)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        missing(NotHere(f"no file system of its own: {done.stderr}"))
    return done.returncode, done.stderr, done.stdout.split()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("size=100k", "are needed and 0.1 MB are free"),
        # There seems to be room, and then there is none for one more file.
        ("size=100m,nr_inodes=5", "it became full in the middle"),
    ],
)
def test_a_full_disk_is_named_nothing_stays_on_it_and_nothing_is_lost(
    saved: Path, tmp_path: Path, speak_to: Sigap, options: str, said: str
) -> None:
    data, before = tmp_path / "data", last_backup(tmp_path / "data")
    code, err, left = on_a_small_disk(tmp_path / "small", options, data)
    assert (code, left) == (NOT_ACHIEVED, [])
    assert said in err
    assert "earlier backups are as they were" in err
    assert last_backup(data) == before  # the alert goes on saying that there is none
    assert speak_to("", "restore", str(saved), SIGAP_DATA_DIR=str(tmp_path / "again"))[0] == DONE
    assert speak_to("", "backup", str(tmp_path / "roomy"), SIGAP_DATA_DIR=str(data))[0] == DONE

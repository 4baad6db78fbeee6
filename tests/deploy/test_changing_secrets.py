"""The steps of the platform's page that change secrets, at a kubectl whose calls may fail."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigap_common.app.manifest import services
from sigap_common.personal_data import KeyRing
from sigap_common.personal_data.sealed import CannotOpen

from .kubernetes import ROOT, rendered
from .manifest_rules import ENDING, workloads
from .test_pages import PAGES, blocks_in, section

A, B, C = ("A" * 43 + "=", "B" * 43 + "=", "C" * 43 + "=")
CALLS = 8
"""Of kubectl and `sleep`, from reading the ring to the last pod that seals with the new key."""
SAFE_PLACE = "/media/safe"


def steps_of(what: str) -> str:
    """The commands of the page, of the passwords or of the key ring."""
    all_ = blocks_in(section(PAGES[0], "Changing secrets"), "sh")
    other = {"passwords": "rotate-key", "key ring": "password"}[what]
    return "\n".join(block for block in all_ if other not in block)


class Cluster:
    """One whose Secret holds a key ring, and a machine beside it on which the page's commands are typed."""

    def __init__(self, folder: Path, ring: str) -> None:
        self._file, self._bin, self.safe = folder / "cluster.json", folder / "bin", folder / "safe"
        self._file.write_text(json.dumps({"ring": ring, "version": 7, "calls": 0, "told": []}))
        self._bin.mkdir()
        self.safe.mkdir()
        for name, first in (("kubectl", ""), ("sleep", "sleep")):
            self._write(name, f'exec {sys.executable} {Path(__file__).parent / "one_secret.py"} {first} "$@"')
        self.set_clock(1_800_000_000, ticks=True)

    def _write(self, name: str, script: str) -> None:
        (self._bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self._bin / name).chmod(0o755)

    def set_clock(self, seconds: int, *, ticks: bool) -> None:
        """`ticks`: it goes on by a second each time that it is asked."""
        now = self._bin / "now"
        now.write_text(str(seconds))
        tick = f"echo $((now + {int(ticks)})) > {now}"
        self._write("date", f'now=$(cat {now}); {tick}; exec {shutil.which("date")} -d "@$now" "$@"')

    def typed(self, commands: str, *, fails: int = 0, once_done: bool = False, meanwhile: str = "") -> int:
        """The result of these commands, as a shell says it to whoever typed them. `fails`: the number of the call that
        does; `once_done`: after it was done.
        """
        self._file.write_text(json.dumps({**self._stored, "calls": 0}))
        environment = {
            **os.environ,
            "PATH": f"{self._bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "CLUSTER": str(self._file),
            "FAILS": str(fails),
            "ONCE_DONE": "yes" if once_done else "",
            "MEANWHILE": meanwhile,
        }
        script = commands.replace(SAFE_PLACE, str(self.safe))
        return subprocess.run(["sh", "-c", script], cwd=ROOT, env=environment, check=False).returncode

    @property
    def _stored(self) -> Any:
        return json.loads(self._file.read_text())

    @property
    def ring(self) -> str:
        return str(self._stored["ring"])

    @property
    def told(self) -> list[tuple[str, str]]:
        """What was done, in order: a ring put, pods restarted (`restart`), all new ones ready (`status`), time given to
        those that go (`sleep`).
        """
        return [(what, of) for what, of in self._stored["told"]]

    @property
    def rings_put(self) -> list[str]:
        return [of for what, of in self.told if what == "put"]

    def side_by_side(self, before: str) -> Iterator[list[KeyRing]]:
        """The rings that pods have at one time: a pod may begin at any moment, and those of before a restart are still
        there for a while when all others are new.
        """
        rings = [before]
        for what, of in self.told:
            rings = [*rings, of] if what == "put" else rings[-1:] if what == "sleep" else rings
            yield [KeyRing.parse(text) for text in rings]


def assert_read_each_other(one: KeyRing, other: KeyRing) -> None:
    assert one.open(other.seal("0812", "number/1"), "number/1") == "0812"
    assert other.open(one.seal("0812", "number/1"), "number/1") == "0812"
    assert one.lookup("0812") == other.lookup("0812")


BEFORE = [f"k1:{A}", f"k2:{B},k1:{A}", f"k2:{B},k1:{A},lookup:{A}", f"k2:{B}, mylookup:{C}, k1:{A}"]


@pytest.mark.parametrize("before", BEFORE)
def test_pods_read_each_other_and_find_numbers_while_the_key_ring_is_changed(before: str, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, before)
    assert cluster.typed(steps_of("key ring")) == 0
    rings = [KeyRing.parse(text) for text in (before, *cluster.rings_put)]
    assert len(rings) == 3
    for older, newer in pairwise(rings):
        assert_read_each_other(older, newer)
    with pytest.raises(CannotOpen):  # in one step they would not
        rings[0].open(rings[2].seal("0812", "number/1"), "number/1")
    step = ["put", "restart", "status"]
    assert [what for what, _ in cluster.told] == [*step, "sleep", *step]
    pods = [template["spec"] for one, template in workloads(rendered("city")) if one["kind"] not in ENDING]
    assert int(dict(cluster.told)["sleep"]) >= max(one["terminationGracePeriodSeconds"] for one in pods)


@pytest.mark.parametrize("once_done", [False, True])
@pytest.mark.parametrize("fails", range(1, CALLS + 1))
def test_whatever_fails_no_pod_is_left_without_a_key_and_another_run_ends_it(
    fails: int, once_done: bool, tmp_path: Path
) -> None:
    before = f"k2:{B},k1:{A}"
    cluster = Cluster(tmp_path, before)
    assert cluster.typed(steps_of("key ring"), fails=fails, once_done=once_done) != 0
    assert cluster.typed(steps_of("key ring")) == 0
    assert cluster.told[-1] == ("status", "")
    for rings in cluster.side_by_side(before):
        for one, other in combinations(rings, 2):
            assert_read_each_other(one, other)
    with pytest.raises(CannotOpen):  # a new key seals
        KeyRing.parse(before).open(KeyRing.parse(cluster.ring).seal("0812", "number/1"), "number/1")


@pytest.mark.parametrize("fails", range(1, CALLS + 1))
def test_after_the_call_that_fails_nothing_else_is_done(fails: int, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, f"k1:{A}")
    cluster.typed(steps_of("key ring"), fails=fails)
    assert len(cluster.told) == max(0, fails - 2)  # reading is not told, and what failed was not done


def test_keys_of_one_day_have_names_of_their_own(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, f"k1:{A}")
    for _ in range(3):
        assert cluster.typed(steps_of("key ring")) == 0
    KeyRing.parse(cluster.ring)
    assert cluster.ring.count(":") == 1 + 3 + 1  # with the one for hashes
    cluster.set_clock(1_700_000_000, ticks=False)
    assert cluster.typed(steps_of("key ring")) == 0
    ring = cluster.ring
    assert cluster.typed(steps_of("key ring")) != 0  # within the same second
    assert cluster.ring == ring


@pytest.mark.parametrize("lacking", ["", "\n"])
def test_a_secret_without_a_ring_stays_as_it_is(lacking: str, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, lacking)
    assert cluster.typed(steps_of("key ring")) != 0
    assert (cluster.ring, cluster.told) == (lacking, [])


def test_what_somebody_else_has_put_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    cluster, theirs = Cluster(tmp_path, f"k1:{A}"), f"k2:{B},k1:{A},lookup:{A}"
    assert cluster.typed(steps_of("key ring"), meanwhile=theirs) != 0
    assert cluster.told == [("put", theirs)]


def test_the_safe_place_has_the_new_key_before_the_cluster_and_for_its_owner_alone(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, f"k1:{A}")
    assert cluster.typed(steps_of("key ring")) == 0
    [copy] = cluster.safe.iterdir()
    secret = yaml.safe_load(copy.read_text())
    assert (secret["kind"], secret["metadata"]["name"]) == ("Secret", "sigap-keys")
    assert secret["stringData"] == {"SIGAP_KEY_RING": cluster.ring}
    assert copy.stat().st_mode & 0o777 == 0o600

    cluster.safe.rename(tmp_path / "elsewhere")
    ring = cluster.ring
    assert cluster.typed(steps_of("key ring")) != 0
    assert cluster.ring == ring


def test_passwords_change_once_cloudnativepg_looks_at_them_and_a_restart_that_fails_is_told(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, f"k1:{A}")
    assert cluster.typed(steps_of("passwords")) == 0
    databases = {f"{service.name}-database" for service in services()}
    labelled, patched = cluster.told[: len(databases)], cluster.told[len(databases) : -2]
    assert {*labelled} == {("labelled", name) for name in databases}
    assert {*patched} == {("patched", name) for name in databases}
    assert cluster.told[-2:] == [("restart", ""), ("status", "")]
    restarting = 1 + len(databases) + 1
    for call in (restarting, restarting + 1):
        assert cluster.typed(steps_of("passwords"), fails=call) != 0

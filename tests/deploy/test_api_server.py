"""Every overlay, and a city whose databases are put back, applied at a real API server. Optional:
SIGAP_KUBE_APISERVER names the folder of its binaries.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigap_common.app.manifest import services

from .api_server import BINARIES, ApiServer, api_server
from .kubernetes import OVERLAYS, RESTORE, ROOT, rendered, text_of
from .manifest_rules import containers, workloads
from .test_changing_secrets import SAFE_PLACE
from .test_pages import OWN_FOLDER, PAGES, archives, blocks_in, commands, of_the_reader, of_the_restore, section

NEXT = "0.2.0"
WITH_PODS = {"wait", "logs"}
"""What kubectl can do only if there are nodes."""
PAUSED = "autoscaling.keda.sh/paused-replicas"


@pytest.fixture(params=[*OVERLAYS, RESTORE])
def overlay(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    binaries = os.environ.get(BINARIES)
    if binaries is None:
        pytest.skip(f"{BINARIES} names no folder with kube-apiserver and etcd")
    with api_server(Path(binaries), tmp_path) as running:
        yield running


@pytest.mark.timeout(600)
def test_an_overlay_is_taken_twice_without_a_change_then_with_a_new_version(server: ApiServer, overlay: str) -> None:
    manifests = text_of(overlay)
    namespace = next(one for one in rendered(overlay) if one["kind"] == "Namespace")
    server.apply(yaml.safe_dump(namespace))
    dry = server.apply(manifests, "--dry-run=server")
    assert len(dry) == len(rendered(overlay))
    server.apply(manifests)
    first = server.contents()
    assert len(first) >= len(rendered(overlay)) - 1
    server.apply(manifests)
    assert server.contents() == first
    server.apply(manifests.replace("0.1.0", NEXT))
    second = server.contents()
    changed = {name for name, content in second.items() if first.get(name) != content}
    ours = {
        f"{one['kind']} {one['metadata']['name']}".replace("0.1.0", NEXT)
        for one, template in workloads(rendered(overlay))
        if any(container["image"].endswith("/sigap:0.1.0") for container in containers(template))
    }
    assert len(ours) >= 7
    assert changed == ours


@pytest.mark.timeout(600)
def test_restores_and_the_drill_go_as_their_page_says_and_leave_the_city_as_it_was(
    server: ApiServer, tmp_path: Path
) -> None:
    """All commands of docs/restore.md, on a reader's own city that was applied as its page says."""
    reader = tmp_path / "reader"
    of_the_reader(reader)
    of_the_restore(reader, "sed")

    def kubectl(*words: str) -> str:
        done = server.kubectl(*words, folder=reader)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def stored(kind: str) -> dict[str, Any]:
        listed = json.loads(kubectl("-n", "sigap", "get", kind, "-o", "json"))["items"]
        return {one["metadata"]["name"]: one for one in listed}

    def paused() -> set[str]:
        scaled = stored("scaledobject")
        return {name for name, one in scaled.items() if one["metadata"]["annotations"].get(PAUSED) == "0"}

    server.apply(yaml.safe_dump({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-2"}}))
    kubectl("apply", "-k", OWN_FOLDER)
    before = server.contents()
    for _, *words in (words for words in commands(ROOT / "docs/restore.md") if words[0] == "kubectl"):
        if WITH_PODS & set(words):
            continue
        kubectl(*words)
        clusters = stored("cluster.postgresql.cnpg.io")
        if words[-1] == "deploy/k8s/restore":
            assert paused() == {service.name for service in services()}
            assert "recovery" in clusters["postgres"]["spec"]["bootstrap"]
            of_the_restore(reader, "cp", "echo")  # which stand before the next apply
        if words[-1] == "deploy/k8s/drill":
            assert clusters.keys() == {"postgres", "postgres-drill"}
    after = server.contents()
    assert paused() == set()
    assert archives([clusters["postgres"]]) == ("postgres", "postgres-2")
    anew = {"Cluster postgres", "KafkaNodePool brokers", "StatefulSet intake"}
    assert {name for name in before if before[name] != after.get(name)} == anew
    [made] = after.keys() - before.keys()
    assert made.startswith("Backup postgres-")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("overlay", ["city"], indirect=True)
def test_passwords_and_the_key_ring_are_changed_as_the_page_says(
    server: ApiServer, overlay: str, tmp_path: Path
) -> None:
    made = subprocess.run(
        ["sh", "deploy/k8s/secrets.sh", overlay], cwd=ROOT, capture_output=True, text=True, check=True
    )
    server.apply(text_of(overlay))
    assert server.kubectl("create", "-n", "sigap", "-f", "-", given=made.stdout).returncode == 0
    before = server.contents()
    steps = "\n".join(blocks_in(section(PAGES[0], "Changing secrets"), "sh")).replace(SAFE_PLACE, str(tmp_path))
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    restart = tmp_path / "deploy/k8s/restart.sh"
    # There are no pods, so it would wait for them in vain.
    restart.write_text(restart.read_text().replace("--timeout=15m", "--timeout=2s || :"))
    rotate = tmp_path / "deploy/k8s/rotate-key.sh"
    rotate.write_text(rotate.read_text().replace("sleep 45", ":"))
    said = server.run(steps, tmp_path)
    assert set(said.splitlines()) == {"timed out waiting for the condition"}
    after = server.contents()
    changed = {name for name in before if before[name] != after[name]}
    passwords = {f"Secret {service.name}-database" for service in services()}
    pods = {name for name in before if name.startswith(("Deployment ", "StatefulSet "))}
    assert changed == {"Secret sigap-keys", *passwords, *pods}
    overtaken = 'metadata: {resourceVersion: "1"}\nstringData: {SIGAP_KEY_RING: "k1:"}\n'
    patch = ("-n", "sigap", "patch", "secret", "sigap-keys", "--patch-file", "/dev/stdin")
    assert "the object has been modified" in server.kubectl(*patch, given=overtaken).stderr
    assert server.contents() == after


@pytest.mark.timeout(600)
@pytest.mark.parametrize("overlay", ["city"], indirect=True)
def test_what_is_wrong_is_refused(server: ApiServer, overlay: str) -> None:
    manifests = text_of(overlay)
    server.apply(manifests)
    for wrong, said in (
        (manifests.replace("registry.example.go.id/sigap:0.1.0", "registry.example.go.id/sigap:0.2.0"), "immutable"),
        (manifests.replace("memory: 256Mi", "memory: 256Mb"), "quantities must match"),
        (manifests.replace("terminationGracePeriodSeconds", "terminationGraceSeconds"), "terminationGraceSeconds"),
        (
            manifests.replace("        name: http\n", "        name: this-name-is-too-long-for-a-port\n"),
            "no more than 15",
        ),
    ):
        assert wrong != manifests, said
        arguments = ("apply", "--server-side", "--validate=strict", "--dry-run=server", "-f", "-")
        done = server.kubectl(*arguments, given=wrong)
        assert done.returncode != 0
        assert said in done.stderr

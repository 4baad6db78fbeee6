"""Every overlay, and a city whose databases are put back, applied at a real API server. Optional:
SIGAP_KUBE_APISERVER names the folder of its binaries.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigap_common.app.manifest import services

from .api_server import BINARIES, ApiServer, api_server
from .kubernetes import OVERLAYS, RESTORE, ROOT, rendered, text_of
from .manifest_rules import containers, workloads
from .test_pages import commands

NEXT = "0.2.0"
WITH_PODS = {"wait", "logs"}
"""What kubectl can do only if there are nodes."""
LAST_STEP = ["-n", "sigap", "delete", "serviceaccount", "reconcile"]
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
def test_a_restore_goes_as_its_page_says_and_leaves_the_city_as_it_was(server: ApiServer) -> None:
    """The commands of docs/restore.md until the services start again, on a city that was applied as its page says."""

    def kubectl(*words: str) -> str:
        done = server.kubectl(*words, folder=ROOT)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def stored(kind: str) -> dict[str, Any]:
        listed = json.loads(kubectl("-n", "sigap", "get", kind, "-o", "json"))["items"]
        return {one["metadata"]["name"]: one for one in listed}

    def paused() -> set[str]:
        scaled = stored("scaledobject")
        return {name for name, one in scaled.items() if one["metadata"]["annotations"].get(PAUSED) == "0"}

    kubectl("apply", "-k", "deploy/k8s/overlays/city")
    before, cluster = server.contents(), stored("cluster.postgresql.cnpg.io")["postgres"]["spec"]
    steps = [words[1:] for words in commands(ROOT / "docs/restore.md") if words[0] == "kubectl"]
    for words in steps[: steps.index(LAST_STEP) + 1]:
        if not WITH_PODS & set(words):
            kubectl(*words)
        if words[-1] == "deploy/k8s/restore":
            assert paused() == {service.name for service in services()}
            assert "recovery" in stored("cluster.postgresql.cnpg.io")["postgres"]["spec"]["bootstrap"]
    after = server.contents()
    assert paused() == set()
    assert stored("cluster.postgresql.cnpg.io")["postgres"]["spec"] == cluster
    assert {name for name in before if before[name] != after.get(name)} == {"Cluster postgres"}  # it is another one
    assert after.keys() - before.keys() == {"Job look", "Job agree", "Job look-again"}


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

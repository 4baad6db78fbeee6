"""Every overlay, applied at a real API server. Optional: SIGAP_KUBE_APISERVER names the folder of its binaries."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .api_server import BINARIES, ApiServer, api_server
from .kubernetes import OVERLAYS, rendered, text_of

NEXT = "0.2.0"


@pytest.fixture(params=OVERLAYS)
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
    deployed = {f"Deployment {name}" for name in ("agency-gateway", "analytics", "console", "dispatch", "roster")}
    assert changed == {f"Job migrate-{NEXT}", "StatefulSet intake", *deployed}


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

"""A real Kubernetes API server, without nodes: etcd and kube-apiserver on loopback.

The folder of both binaries is named by SIGAP_KUBE_APISERVER. They can be built with Go from the modules
k8s.io/kubernetes and go.etcd.io/etcd/server/v3, by a go.mod that replaces each k8s.io module of version v0.0.0 by its
release.
"""

import json
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sigap_testing.certificates import Authority
from sigap_testing.parts import end, free_port, spawn
from sigap_testing.patience import patience

from .custom_resources import definitions
from .kubernetes import kubectl

DOTTED = "a DNS label is recommended: [must not contain dots]"
"""A warning that we accept: the migration's name carries the version, and nobody reaches its pods by their names."""
BINARIES, RELEASED = "SIGAP_KUBE_APISERVER", "SIGAP_KUBE_CRDS"


class ApiServer:
    """One that runs, and kubectl at it, as an administrator."""

    def __init__(self, folder: Path, url: str, authority: Authority) -> None:
        self._environment = {**os.environ, "KUBECONFIG": str(folder / "kubeconfig")}
        cluster = {"server": url, "certificate-authority": str(authority.certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": "admin"}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
            "current-context": "here",
        }
        (folder / "kubeconfig").write_text(yaml.safe_dump(config))

    def kubectl(
        self, *arguments: str, given: str | None = None, folder: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """`folder`: in which it runs."""
        command = [kubectl(), *arguments]
        return subprocess.run(
            command,
            input=given,
            cwd=folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=patience(90),
        )

    def run(self, script: str, folder: Path) -> str:
        """What a script of the shell that calls kubectl says of errors. If it ends with one, that fails. `folder`: in
        which it runs.
        """
        path = f"{Path(kubectl()).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        environment = {**self._environment, "PATH": path}
        done = subprocess.run(
            ["sh", "-euc", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=patience(90),
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    def apply(self, manifests: str, *options: str) -> list[str]:
        """What it says of each object, such as `job.batch/migrate-0.1.0 created`. A warning or an error fails."""
        done = self.kubectl("apply", "--server-side", "--validate=strict", *options, "-f", "-", given=manifests)
        warned = [line for line in done.stderr.splitlines() if DOTTED not in line]
        assert (done.returncode, warned) == (0, []), done.stderr
        return done.stdout.splitlines()

    def contents(self) -> dict[str, str]:
        """What is stored of everything in the namespace, by kind and name, without the server's own notes."""
        kinds = self.kubectl("api-resources", "--namespaced", "--verbs=list", "-o", "name").stdout.split()
        wanted = ",".join(kind for kind in kinds if not kind.startswith(("events", "endpoint")))
        listed: dict[str, Any] = json.loads(self.kubectl("get", "-n", "sigap", "-o", "json", wanted).stdout)
        for one in listed["items"]:
            for note in ("resourceVersion", "managedFields"):
                one["metadata"].pop(note, None)
        return {f"{one['kind']} {one['metadata']['name']}": json.dumps(one, sort_keys=True) for one in listed["items"]}


@contextmanager
def api_server(binaries: Path, folder: Path) -> Iterator[ApiServer]:
    """Until the end of the block, with the custom resources' definitions."""
    authority = Authority(folder)
    certificate, key = authority.issue("apiserver")
    (folder / "tokens.csv").write_text('admin,admin,admin,"system:masters"\n')
    signing = folder / "accounts.key"
    signing.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    store, peer, port = free_port(), free_port(), free_port()
    etcd: list[str | Path] = [
        binaries / "etcd",
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{store}",
        f"--advertise-client-urls=http://127.0.0.1:{store}",
        f"--listen-peer-urls=http://127.0.0.1:{peer}",
        "--unsafe-no-fsync",
    ]
    server: list[str | Path] = [
        binaries / "kube-apiserver",
        f"--etcd-servers=http://127.0.0.1:{store}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={certificate}",
        f"--tls-private-key-file={key}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        f"--service-account-key-file={signing}",
        f"--service-account-signing-key-file={signing}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.43.0.0/16",
        "--authorization-mode=RBAC",
        "--endpoint-reconciler-type=none",
        # No controller makes accounts here.
        "--disable-admission-plugins=ServiceAccount",
    ]
    with _running(etcd, folder / "etcd.log"), _running(server, folder / "apiserver.log"):
        url = f"https://127.0.0.1:{port}"
        found = ApiServer(folder, url, authority)
        _wait_until_ready(url, authority, folder / "apiserver.log")
        _define(found)
        yield found


@contextmanager
def _running(command: list[str | Path], log: Path) -> Iterator[None]:
    process = spawn(command, log)
    try:
        yield
    finally:
        end(process, signal.SIGKILL, within=10)  # it keeps nothing


def _wait_until_ready(url: str, authority: Authority, log: Path) -> None:
    deadline = time.monotonic() + patience(120)
    while not _ready(url, authority):
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.2)


def _ready(url: str, authority: Authority) -> bool:
    context = ssl.create_default_context(cafile=authority.certificate)
    headers = {"Authorization": "Bearer admin"}
    try:
        return httpx.get(f"{url}/readyz", headers=headers, verify=context, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _define(server: ApiServer) -> None:
    """The definitions of custom resources: our own, or the released ones of the same names."""
    made = {one["metadata"]["name"]: one for one in definitions()}
    if folder := os.environ.get(RELEASED):
        released = _definitions_in(Path(folder))
        lacking = made.keys() - released.keys()
        assert not lacking, f"{RELEASED} names a folder without {sorted(lacking)}"
        made = {name: released[name] for name in made}
    server.apply(yaml.safe_dump_all(made.values()))
    waited = server.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", *made)
    assert waited.returncode == 0, waited.stderr


def _definitions_in(folder: Path) -> dict[str, Any]:
    """By name, whatever else the folder's files hold."""
    all_ = (one for path in sorted(folder.glob("**/*.yaml")) for one in yaml.safe_load_all(path.read_text()))
    found = (one for one in all_ if isinstance(one, dict) and one.get("kind") == "CustomResourceDefinition")
    return {one["metadata"]["name"]: one for one in found}

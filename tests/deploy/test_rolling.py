"""Every pod of a city is replaced while calls come: with the pods, settings and times that the manifests describe.

`make rolling`. Pods are processes of this machine; if SIGAP_IMAGE names an image that Docker has, they are its
containers too, with the manifests' limits. PostgreSQL and Kafka are real. Kubernetes is not here: the test does what
its controllers do, in their order, and before the pods stands a balancer that learns from their probes alone.
SIGAP_CALLS_A_SECOND: the rate, if this machine cannot bear 5.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from itertools import count, product
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.faults.campaign import calls_flowing
from tests.faults.checker import check, listed, reader
from tests.faults.regency import pack
from tests.faults.traffic import EVERYBODY, Traffic

from sigap_cli.api import Api
from sigap_cli.drill.command import drill_once
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import fetched
from sigap_common.outbound import no_cookies
from sigap_testing.cluster import HOST, Cluster, steady_port
from sigap_testing.eventually import eventually
from sigap_testing.parts import DidNotStart, docker_has
from sigap_testing.patience import patience
from sigap_testing.plugin import or_missing
from sigap_testing.supervised import Supervised

from .balancer import write_whole
from .pods import Pod, backends, pods
from .running_pods import IMAGE, AsContainer, AsProcess, RunningPod
from .screen import Screen, following
from .telling import REGENCY, SETTINGS, telling, wrong_calls

CALLS_A_SECOND = float(os.environ.get("SIGAP_CALLS_A_SECOND", "5"))
REGENCIES = ("99.92", REGENCY)
"""The traffic's and the exchange's."""
LED_WITHIN = 120.0
READY_WITHIN = 180.0
QUEUE, BOARD, DELIVERIES = "/v1/queue/stream", "/v1/incidents/stream", "/v1/forwardings/stream"
ELSE = {
    "SIGAP_ENVIRONMENT": "tokens are a demonstration's: this machine has no issuer",
    "SIGAP_AUTH_ISSUERS": "the same",
    "SIGAP_PUBLIC_URL": "the balancer's",
    "SIGAP_TRUSTED_PROXIES": "the balancer",
    "SIGAP_AGENCY_GATEWAY_SELF_URL": "the name of a Service",
    "SIGAP_BUS_URL": "a broker without TLS",
    "SIGAP_BUS_CA_FILE": "the same",
    "SIGAP_BUS_CERTIFICATE_FILE": "the same",
    "SIGAP_BUS_KEY_FILE": "the same",
    "PGSSLROOTCERT": "a PostgreSQL without TLS",
}
"""The settings of the manifests that are something else here, and why. All others hold."""

Make = Callable[[Pod, str, Path, Mapping[str, str]], RunningPod]


class City(Cluster):
    """The pods of the overlay `city`, and a balancer before them."""

    def __init__(self, folder: Path, make: Make) -> None:
        super().__init__(folder=folder, settings=SETTINGS)
        self.pods = {pod.name: pod for pod in pods("city")}
        self._backends = backends("city")
        self.running: dict[str, list[RunningPod]] = {name: [] for name in self.pods}
        self.ended: list[tuple[RunningPod, int]] = []
        """The pods that were replaced, with their exit codes."""
        self._make, self._made = make, count(1)
        self._leaving: list[RunningPod] = []
        self._addresses, self._ready = folder / "pods.json", folder / "ready.json"
        self._places = Path(tempfile.mkdtemp(prefix="sigap-pods-"))
        self._places.chmod(0o755)  # a container's user passes through it to its own volume
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        key = Ed25519PrivateKey.generate().private_bytes(pem, form, serialization.NoEncryption())
        self._issuer_key = key.decode()

    def replace(self, name: str) -> None:
        """Each pod of this name by a new one, as a Deployment (one more, none less) or a StatefulSet does it."""
        for old in list(self.running[name]):
            if self.pods[name].keeps_its_place:
                self._end(old)
                self._wait_for_ends()
                self._wait_until_ready(self._begin(name, old.place))
            else:
                self._wait_until_ready(self._begin(name))
                self._end(old)
        self._wait_for_ends()

    def _start(self) -> None:
        self._start_backends()
        for name, pod in self.pods.items():
            for _ in range(pod.replicas):
                self._begin(name)
        self._start_balancer()
        for running in self.running.values():
            for one in running:
                self._wait_until_ready(one)

    def _begin(self, name: str, place: Path | None = None) -> RunningPod:
        place = place or self._places / f"{name}-{next(self._made)}"
        begun = self._make(self.pods[name], f"{HOST}:{steady_port()}", place, self._settings_of(self.pods[name]))
        self.running[name].append(begun)
        self._tell_balancer()
        return begun

    def _wait_until_ready(self, pod: RunningPod) -> None:
        """By the balancer's probes, which are Kubernetes' own: then it sends requests there. Raises DidNotStart."""
        deadline = time.monotonic() + patience(READY_WITHIN)
        while pod.address not in json.loads(self._ready.read_text()):
            if pod.has_ended() or time.monotonic() > deadline:
                raise DidNotStart(f"{pod.pod.name}: {pod.log()[-4000:]}")
            time.sleep(0.1)

    def _end(self, old: RunningPod) -> None:
        """It stays among those that the balancer knows until it has ended."""
        old.begin_to_end()
        self.running[old.pod.name].remove(old)
        self._leaving.append(old)

    def _wait_for_ends(self) -> None:
        while self._leaving:
            self.ended.append((self._leaving[0], self._leaving[0].wait_for_end()))
            del self._leaving[0]
        self._tell_balancer()

    def _tell_balancer(self) -> None:
        there = [*self._leaving, *(one for running in self.running.values() for one in running)]
        addresses = {one.name: [pod.address for pod in there if pod.pod.name == one.pods] for one in self._backends}
        write_whole(self._addresses, addresses)

    def _settings_of(self, pod: Pod) -> dict[str, str]:
        """The manifest's but for ELSE, and this installation's addresses and keys."""
        kept = {name: value for name, value in pod.settings.items() if name not in ELSE}
        ours = self._environment()
        given = {name for name in ours if name in ELSE or name.endswith("_DATABASE_URL") or name == "SIGAP_KEY_RING"}
        demo = {"SIGAP_ENVIRONMENT": "demo", "SIGAP_DISPATCH_ISSUER_KEY": self._issuer_key}
        return {**kept, **{name: ours[name] for name in given}, **demo, **self._settings}

    def _start_balancer(self) -> None:
        [probe] = {pod.readiness for pod in self.pods.values()}
        alive = f"{HOST}:{steady_port()}"
        told = {
            "listen": f"{HOST}:{self.port}",
            "alive": alive,
            "owners": {path: one.name for one in self._backends for path in one.paths},
            "anyway": [one.name for one in self._backends if one.anyway],
            "pods": str(self._addresses),
            "ready": str(self._ready),
            "probe": asdict(probe),
        }
        write_whole(self._ready, [])
        file = self.folder / "balancer.json"
        file.write_text(json.dumps(told))
        command = [sys.executable, "-m", "tests.deploy.balancer", str(file)]
        log = self.folder / "logs" / "balancer"
        self.processes["balancer"] = Supervised("balancer", command, log, f"http://{alive}", dict(os.environ))
        self.processes["balancer"].start()
        self.processes["balancer"].wait_for_start()

    def _stop_parts(self) -> None:
        for running in self.running.values():
            for one in list(running):
                self._end(one)
        self._wait_for_ends()
        shutil.rmtree(self._places, ignore_errors=True)
        super()._stop_parts()


@pytest.fixture(params=[AsProcess, AsContainer])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    image = os.environ.get(IMAGE)
    if request.param is AsContainer and not (image and docker_has(image)):
        pytest.skip(f"{IMAGE} names no image that Docker has here")
    with or_missing():
        city = City(tmp_path, request.param)
    with city:
        yield city


async def operators_token(url: str) -> str:
    async with Api(url) as api:
        return await fetched(api, EVERYBODY)


async def take_packs(city: City) -> None:
    """Returns when they are in force in every pod that takes calls: one that did not hear of a pack itself looks for it
    once a second.
    """
    async with reader(city.url) as api:
        found = await plan(api, [Source(code, pack(code)) for code in REGENCIES])
        applied = await carry_out(api, found, within=60)
    assert all(one.ok for one in applied), applied
    signed = {"Authorization": f"Bearer {await operators_token(city.url)}"}
    async with httpx.AsyncClient(headers=signed, trust_env=False, cookies=no_cookies()) as http:
        for pod, code in product(city.running["intake"], REGENCIES):
            asked = f"http://{pod.address}/v1/zones/overlaps?regency={code}"

            async def known(url: str = asked) -> bool:
                return (await http.get(url)).is_success

            await eventually(known)


async def everything_said(traffic: Traffic) -> list[set[tuple[str, str]]]:
    """The messages without which a screen has missed something: of the queue, the board and the deliveries."""
    async with reader(traffic.url) as api:
        incidents = await listed(api, "/v1/incidents", traffic.regency)
    forwardings = {forwarding["id"] for one in incidents for forwarding in one["forwardings"]}
    return [
        {("CallReceived", call.id) for call in traffic.calls if call.id},
        {("IncidentCreated", one["id"]) for one in incidents},
        {("NotificationDelivered", forwarding) for forwarding in forwardings},
    ]


def all_came(traffic: Traffic, screens: list[Screen]) -> None:
    said = asyncio.run(everything_said(traffic))
    for screen, messages in zip(screens, said, strict=True):
        assert messages
        traffic.wait(partial(messages.issubset, screen.heard), 30)
        assert messages - screen.heard == set(), screen.path


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.timeout(1200)
def test_every_pod_is_replaced_while_calls_come_and_no_request_fails(city: City) -> None:
    asyncio.run(take_packs(city))
    token = asyncio.run(operators_token(city.url))
    with (
        following(city.url, token, QUEUE, BOARD, DELIVERIES) as screens,
        calls_flowing(city, CALLS_A_SECOND) as traffic,
    ):
        with telling(city.url) as exchange:
            for name in city.pods:
                city.replace(name)
        traffic.end(LED_WITHIN)
        findings = asyncio.run(check(traffic))
        told_wrong = asyncio.run(wrong_calls(exchange))
        print(f"{findings.calls} calls in {traffic.seconds:.0f} s, {traffic.client.answers}, {findings}")
        print(f"{exchange.told} events of {len(exchange.calls)} calls told by the exchange")
        assert {answer: n for answer, n in traffic.client.answers.items() if not answer.startswith("2")} == {}
        assert exchange.odd == []
        assert findings.wrong == []
        assert findings.repeats == 0  # no agency was told anything twice
        assert told_wrong == []
        all_came(traffic, screens)
        drill = drill_once(city.url, None, traffic.regency, to_agencies=False, within=30, as_json=True)
        assert asyncio.run(drill) == 0

    assert [odd for screen in screens for odd in screen.odd] == []
    assert min(screen.moves for screen in screens) >= 1
    assert len(city.ended) == sum(pod.replicas for pod in city.pods.values())
    assert {code for _, code in city.ended} == {0}
    for one, _ in city.ended:
        print(f"{one.pod.name}: {one.memory / 2**20:.0f} of {one.pod.memory / 2**20:.0f} MiB")
    assert [one.pod.name for one, _ in city.ended if not 0 < one.memory < one.pod.memory or one.overfull] == []

"""A broker that lets in only those whom it knows, by TLS."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sigap_common.app.carrier import bus_of
from sigap_common.bus import BusSecurity, BusUnavailable, Delivered, Malformed, TopicSpec, open_bus
from sigap_common.core.production import UnsafeSettings
from sigap_common.core.settings import CommonSettings
from sigap_testing.certificates import Authority
from sigap_testing.kafka import KafkaBroker
from sigap_testing.messages import a_message
from sigap_testing.parts import free_port
from sigap_testing.plugin import or_missing

PASSWORD = "a long one"


@dataclass(frozen=True)
class Guarded:
    """The broker, at one port for certificates and at one for passwords."""

    by_certificate: str
    by_password: str
    known: BusSecurity
    account: BusSecurity


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    certificate, key = authority.issue("broker")
    (folder / "keystore.pem").write_text(key.read_text() + certificate.read_text())
    ports = free_port(), free_port()
    listeners = f"SSL://127.0.0.1:{ports[0]},SASL_SSL://127.0.0.1:{ports[1]}"
    with or_missing():
        broker = KafkaBroker(
            port=ports[0],
            scram={"intake": PASSWORD},
            further={
                "listeners": f"{listeners},CONTROLLER://127.0.0.1:{(controller := free_port())}",
                "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
                "advertised.listeners": listeners,
                "listener.security.protocol.map": "SSL:SSL,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name": "SSL",
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": f"{folder / 'keystore.pem'}",
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": f"{authority.certificate}",
                "listener.name.ssl.ssl.client.auth": "required",
                "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                ),
            },
        )
        broker.start()
    known = BusSecurity(authority.certificate, *authority.issue("intake"))
    account = BusSecurity(authority.certificate, username="intake", password=PASSWORD)
    yield Guarded(f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[1]}", known, account)
    broker.remove()


@pytest.mark.kafka
@pytest.mark.parametrize("way", ["certificate", "password"])
async def test_by_certificate_or_password_all_of_the_bus_works(guarded: Guarded, way: str) -> None:
    place, security = {
        "certificate": (guarded.by_certificate, guarded.known),
        "password": (guarded.by_password, guarded.account),
    }[way]
    topic = f"calls-by-{way}"
    bus = open_bus(f"kafka+tls://{place}", data_dir=None, security=security)
    await bus.create_topics([TopicSpec(topic, partitions=1)])
    await bus.ready()
    await bus.publish([a_message(topic, "call-1")])
    assert await bus.end([topic]) == {(topic, 0): 1}
    async with bus.subscribe("group", [topic], {}) as subscription:
        fetched: list[Delivered | Malformed] = []
        async with asyncio.timeout(60):
            while not fetched:
                fetched = await subscription.fetch(1, 0.5)
    assert [(one.topic, one.offset) for one in fetched] == [(topic, 0)]
    await bus.stop()


@pytest.mark.kafka
async def test_nobody_else_is_let_in_and_a_broker_that_nobody_vouches_for_is_told_nothing(
    guarded: Guarded, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path)
    for place, security in (
        (guarded.by_certificate, replace(guarded.known, certificate_file=None, key_file=None)),
        (guarded.by_certificate, BusSecurity(guarded.known.ca_file, *stranger.issue("intake"))),
        (guarded.by_certificate, replace(guarded.known, ca_file=stranger.certificate)),
        (guarded.by_certificate, replace(guarded.known, ca_file=tmp_path / "nothing.pem")),
        (guarded.by_password, replace(guarded.account, password="another")),
    ):
        bus = open_bus(f"kafka+tls://{place}", data_dir=None, security=security)
        with pytest.raises(BusUnavailable):
            await bus.ready()
        with pytest.raises(BusUnavailable):
            await bus.create_topics([])
        await bus.stop()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"bus_url": "kafka://h:1", "bus_ca_file": "/ca.pem"}, "kafka+tls"),
        ({"bus_url": "kafka://h:1", "bus_username": "a", "bus_password": "b"}, "kafka+tls"),
        ({"bus_url": "kafka+tls://h:1", "bus_username": "a"}, "SIGAP_BUS_PASSWORD"),
        ({"bus_url": "kafka+tls://h:1", "bus_key_file": "/key.pem"}, "SIGAP_BUS_CERTIFICATE_FILE"),
        ({"bus_url": "redis://h:1"}, "kafka+tls"),
    ],
)
def test_settings_that_do_not_fit_each_other_are_refused_at_the_start(settings: dict[str, str], named: str) -> None:
    with pytest.raises(UnsafeSettings, match=named.replace("+", r"\+")):
        bus_of(CommonSettings.model_validate(settings))

"""A broker that lets in only those whom it knows, by TLS."""

import asyncio
import logging
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sigap_common.app.carrier import bus_of
from sigap_common.bus import BusSecurity, BusUnavailable, Delivered, Malformed, Subscription, TopicSpec, open_bus
from sigap_common.core.production import UnsafeSettings
from sigap_common.core.settings import CommonSettings
from sigap_testing.certificates import Authority
from sigap_testing.eventually import eventually
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


def certified(folder: Path) -> BusSecurity:
    """Intake's files of an authority that is new each time, and beside them the broker's. They take the places of those
    before.
    """
    authority = Authority(folder)
    certificate, key = authority.issue("broker")
    (folder / "keystore.pem").write_text(key.read_text() + certificate.read_text())
    return BusSecurity(authority.certificate, *authority.issue("intake"))


def broker_of(folder: Path, ports: tuple[int, int]) -> KafkaBroker:
    """With the files of this folder; at the first port by certificates, at the second one by passwords."""
    listeners = f"SSL://127.0.0.1:{ports[0]},SASL_SSL://127.0.0.1:{ports[1]}"
    return KafkaBroker(
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
            "ssl.truststore.location": f"{folder / 'ca.pem'}",
            "listener.name.ssl.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
        },
    )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("certificates")
    known, ports = certified(folder), (free_port(), free_port())
    with or_missing():
        broker = broker_of(folder, ports)
        broker.start()
    account = BusSecurity(known.ca_file, username="intake", password=PASSWORD)
    yield Guarded(f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[1]}", known, account)
    broker.remove()


async def first_of(subscription: Subscription) -> Delivered | Malformed:
    """What comes next, if the broker is away for a while too."""
    async with asyncio.timeout(60):
        while True:
            with suppress(BusUnavailable):
                if fetched := await subscription.fetch(1, 0.5):
                    return fetched[0]


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
        first = await first_of(subscription)
    assert (first.topic, first.offset) == (topic, 0)
    await bus.stop()


@pytest.mark.kafka
async def test_who_has_read_and_written_for_months_takes_renewed_certificates_when_a_broker_begins_anew(
    tmp_path: Path,
) -> None:
    topic, security, ports = "calls", certified(tmp_path), (free_port(), free_port())
    with or_missing():
        broker = broker_of(tmp_path, ports)
        broker.start()
    bus = open_bus(f"kafka+tls://127.0.0.1:{ports[0]}", data_dir=None, security=security)
    await bus.create_topics([TopicSpec(topic, partitions=1)])
    async with bus.subscribe("group", [topic], {}) as subscription:
        await bus.publish([a_message(topic, "call-1")])
        assert (await first_of(subscription)).offset == 0

        await asyncio.to_thread(broker.stop)
        certified(tmp_path)
        await asyncio.to_thread(broker.start)

        async def published() -> bool:
            with suppress(BusUnavailable):
                await bus.publish([a_message(topic, "call-2")])
                return True
            return False

        await eventually(published, within=60)
        assert (await first_of(subscription)).offset == 1
    await bus.stop()
    broker.remove()


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


def connected(context: ssl.SSLContext) -> ssl.SSLObject:
    """A connection that this context makes, before anything is sent."""
    return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was told since the last time."""
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    caplog.clear()
    return told


def test_files_that_cannot_be_read_are_told_once_and_those_before_are_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    security = certified(tmp_path)
    ca_file, certificate_file, key_file = (tmp_path / name for name in ("ca.pem", "intake.pem", "intake.key"))
    context = security.options()["ssl_context"]
    before = connected(context).context
    assert warnings_in(caplog) == []

    certificate = certificate_file.read_bytes()
    certificate_file.write_bytes(certificate[:100])
    assert [connected(context).context for _ in range(3)] == [before] * 3
    [told] = warnings_in(caplog)
    assert f"{certificate_file} or {key_file} cannot be read" in told
    assert "read before" in told

    ca_file.rename(tmp_path / "elsewhere.pem")  # another fault
    assert [connected(context).context for _ in range(3)] == [before] * 3
    [told] = warnings_in(caplog)
    assert f"{ca_file} cannot be read" in told

    (tmp_path / "elsewhere.pem").rename(ca_file)
    certificate_file.write_bytes(certificate)
    assert connected(context).context is not before
    assert warnings_in(caplog) == []

    key_file.unlink()
    connected(context)
    assert len(warnings_in(caplog)) == 1


def test_the_same_fault_is_told_again_if_the_files_were_read_meanwhile(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    security = certified(tmp_path)
    context, key_file, aside = security.options()["ssl_context"], tmp_path / "intake.key", tmp_path / "aside.key"
    for _ in range(2):
        key_file.rename(aside)
        connected(context)
        assert len(warnings_in(caplog)) == 1
        aside.rename(key_file)
        connected(context)
        assert warnings_in(caplog) == []


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

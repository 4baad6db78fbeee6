"""What we connect to: public addresses and allowed networks, however an address is written and whatever DNS says."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sigap_common.core.settings import CommonSettings
from sigap_common.outbound import (
    LOOPBACK,
    AllowedNetworks,
    AnswerTooLarge,
    OutboundAccess,
    is_refused_literal,
    read_limited,
    was_refused,
)
from sigap_testing.patience import patience
from sigap_testing.receiver import Receiver, Reply

INSIDE = (
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.1.2.3"),
    *("10.0.0.1", "100.64.0.1", "100.100.100.200", "172.16.0.1", "172.31.255.254", "192.168.1.1"),
    *("169.254.169.254", "169.254.170.2", "168.63.129.16", "192.0.0.192", "192.0.0.170"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "240.0.0.1"),
    "255.255.255.255",
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "103.28.14.1", "2606:4700:4700::1111", "2404:6800:4003::1")


def forms(text: str) -> Iterator[str]:
    """The ways to write an IPv4 address, or to wrap it in an IPv6 one, as the host of a URL."""
    number, parts = int(IPv4Address(text)), text.split(".")
    yield from (text, f"{text}.", str(number), hex(number), f"0{number:o}")
    yield ".".join(hex(int(part)) for part in parts)
    yield ".".join(f"0{int(part):o}" for part in parts)
    yield f"{parts[0]}.{number & 0xFFFFFF}"
    yield f"{parts[0]}.{parts[1]}.{number & 0xFFFF}"
    for prefix in ("::ffff:0:0", "::", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::", "2606:4700::5efe:0:0"):
        yield f"[{IPv6Address(int(IPv6Address(prefix)) | number)}]"
    yield f"[{IPv6Address((0x2002 << 112) | (number << 80) | 1)}]"  # 6to4
    yield f"[{IPv6Address((0x2001 << 112) | (0x0808_0808 << 64) | (number ^ 0xFFFF_FFFF))}]"  # Teredo


FORMS = [
    *(form for text in INSIDE for form in forms(text)),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]"),
    *("[fe80::1%25lo]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]"),
    *(
        "[3fff::1]",
        "[2001:2::1]",
        "[5f00::1]",
        "127.1",
        "0x7f.1",
        "0177.1",
        "0",
        "[::ffff:127.0.0.1]",
        "%31%32%37.0.0.1",
    ),
]


class Watch:
    """The host of every address that this process connects a socket to, as Python's own audit tells it."""

    def __init__(self) -> None:
        self.on, self.connected = False, list[str]()
        sys.addaudithook(self._hear)  # stays for the life of the process; `on` says whether it listens

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event == "socket.connect":
            address = arguments[1]
            self.connected.append(str(address[0] if isinstance(address, tuple) else address))


@pytest.fixture(scope="module")
def audited() -> Watch:
    return Watch()


@pytest.fixture
def watch(audited: Watch) -> Iterator[Watch]:
    audited.connected.clear()
    audited.on = True
    yield audited
    audited.on = False


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


class Names:
    """A name server of the test's own; an answer is used once, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers, self.asked = list(answers), list[str]()

    async def __call__(self, host: str, port: int) -> list[IPv4Address | IPv6Address]:
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [ip_address(text) for text in answer]


def port_of(receiver: Receiver) -> int:
    return int(receiver.url.rpartition(":")[2].partition("/")[0])


def test_there_are_forms_enough() -> None:
    assert len(set(FORMS)) > 400


async def test_no_form_of_an_inside_address_is_connected_to(receiver: Receiver, watch: Watch) -> None:
    access, connected = OutboundAccess(), []
    async with access.client(timeout=patience(5)) as client:
        for form in FORMS:
            try:
                await client.get(f"http://{form}:{port_of(receiver)}/112")
            except (httpx.HTTPError, httpx.InvalidURL):
                continue
            connected.append(form)
    assert (connected, receiver.received, watch.connected) == ([], [], [])
    access.close()


@pytest.mark.parametrize("form", [form for form in FORMS if "%" not in form])
def test_a_form_of_an_inside_address_is_seen_before_it_is_tried(form: str) -> None:
    assert is_refused_literal(form, AllowedNetworks())


@pytest.mark.parametrize("host", [*PUBLIC, "damkar.example.go.id", "localhost.example", "10.example"])
def test_a_public_address_or_another_name_is_not_refused(host: str) -> None:
    assert not is_refused_literal(host, AllowedNetworks())


async def test_a_name_that_leads_inside_is_not_connected_to(receiver: Receiver, watch: Watch) -> None:
    for text in (*INSIDE, "::1", "fd00::1", "::ffff:127.0.0.1"):
        async with OutboundAccess(resolve=Names([text])).client(timeout=patience(5)) as client:
            with pytest.raises(httpx.ConnectError) as refused:
                await client.get(f"http://agency.test:{port_of(receiver)}/")
            assert was_refused(refused.value)
    assert watch.connected == []


async def test_a_name_whose_second_answer_leads_inside_is_refused_then(receiver: Receiver, watch: Watch) -> None:
    """DNS rebinding: the name is public when it is checked, and ours when it is connected to."""
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    access = OutboundAccess(AllowedNetworks.parse(["127.0.0.1/32"]), names)
    receiver.otherwise = Reply(headers={"connection": "close"})
    url = f"http://agency.test:{port_of(receiver)}/112"
    async with access.client(timeout=patience(5), limits=httpx.Limits(max_keepalive_connections=0)) as client:
        assert (await client.get(url)).status_code == 200
        assert (names.asked, watch.connected) == (["agency.test"], ["127.0.0.1"])
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
    assert len(watch.connected) == len(receiver.received) == 1
    assert receiver.received[0].headers["host"] == f"agency.test:{port_of(receiver)}"


async def test_of_several_addresses_only_an_allowed_one_is_connected_to(receiver: Receiver, watch: Watch) -> None:
    access = OutboundAccess(AllowedNetworks.parse(["127.0.0.1/32"]), Names(["10.0.0.1", "127.0.0.2", "127.0.0.1"]))
    async with access.client(timeout=patience(5)) as client:
        assert (await client.get(f"http://agency.test:{port_of(receiver)}/")).status_code == 200
    assert watch.connected == ["127.0.0.1"]


async def test_the_next_address_is_tried_if_one_does_not_answer(receiver: Receiver) -> None:
    access = OutboundAccess(AllowedNetworks(LOOPBACK), Names(["127.0.0.9", "127.0.0.1"]))
    async with access.client(timeout=patience(5)) as client:
        assert (await client.get(f"http://agency.test:{port_of(receiver)}/")).status_code == 200


def test_an_inner_address_must_be_allowed_too() -> None:
    allowed = AllowedNetworks.parse(["64:ff9b::/96"])
    assert allowed.allow(ip_address("64:ff9b::808:808"))
    assert not allowed.allow(ip_address("64:ff9b::a00:1"))


async def test_an_origin_of_the_settings_may_be_private_but_nothing_else_on_its_host(receiver: Receiver) -> None:
    async with Receiver() as other, OutboundAccess().client(timeout=patience(5), named=[receiver.url]) as client:
        assert (await client.get(receiver.url)).status_code == 200
        with pytest.raises(httpx.ConnectError):
            await client.get(other.url)
        assert other.received == []


async def test_not_even_an_origin_of_the_settings_is_a_metadata_service(watch: Watch) -> None:
    url = "http://169.254.169.254/latest"
    async with OutboundAccess().client(timeout=patience(5), named=[url]) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
    assert watch.connected == []


async def test_neither_redirects_nor_cookies_are_followed_up(receiver: Receiver) -> None:
    receiver.will(Reply(302, {"location": "/else", "set-cookie": "session=1; Path=/"}))
    async with OutboundAccess(AllowedNetworks(LOOPBACK)).client(timeout=patience(5)) as client:
        assert (await client.get(receiver.url)).status_code == 302
        await client.get(receiver.url)
    assert ["cookie" in one.headers for one in receiver.received] == [False, False]
    assert {one.path for one in receiver.received} == {"/112"}


async def test_an_answer_is_read_to_its_limit_and_not_unpacked(receiver: Receiver) -> None:
    receiver.otherwise = Reply(body=b"x" * 1000)
    async with OutboundAccess(AllowedNetworks(LOOPBACK)).client(timeout=patience(5)) as client:
        async with client.stream("GET", receiver.url) as answer:
            assert len(await read_limited(answer, 1000)) == 1000
        async with client.stream("GET", receiver.url) as answer:
            with pytest.raises(AnswerTooLarge):
                await read_limited(answer, 999)
    assert receiver.received[0].headers["accept-encoding"] == "identity"


async def test_no_header_can_be_smuggled_in(receiver: Receiver) -> None:
    async with OutboundAccess(AllowedNetworks(LOOPBACK)).client(timeout=patience(5)) as client:
        for value in ("a\r\nx-evil: 1", "a\nx-evil: 1", "a\rx-evil: 1", "a\0b"):
            with pytest.raises(httpx.LocalProtocolError):
                await client.get(receiver.url, headers={"webhook-id": value})
    assert receiver.received == []


async def test_a_name_that_hangs_holds_up_no_other(receiver: Receiver) -> None:
    released = asyncio.Event()

    async def resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
        if host == "hangs.test":
            await released.wait()
        return [ip_address("127.0.0.1")]

    async with OutboundAccess(AllowedNetworks(LOOPBACK), resolve).client(timeout=0.2) as client:
        hanging = [asyncio.create_task(client.get("http://hangs.test/")) for _ in range(20)]
        assert (await client.get(f"http://agency.test:{port_of(receiver)}/", timeout=patience(30))).status_code == 200
        late = await asyncio.gather(*hanging, return_exceptions=True)
    assert {type(error) for error in late} == {httpx.ConnectTimeout}


async def test_tls_still_asks_for_the_name(tmp_path: Path) -> None:
    asked, heads = list[str | None](), list[bytes]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    serving, trusting = _tls("agency.test", tmp_path)
    serving.sni_callback = lambda _, name, __: asked.append(name)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=serving)
    port = server.sockets[0].getsockname()[1]
    access = OutboundAccess(AllowedNetworks(LOOPBACK), Names(["127.0.0.1"]), trusting)
    async with server, access.client(timeout=patience(5)) as client:
        assert (await client.get(f"https://agency.test:{port}/")).status_code == 204
        with pytest.raises(httpx.ConnectError):  # the certificate is not of this name
            await client.get(f"https://other.test:{port}/")
    assert asked == ["agency.test", "other.test"]
    assert f"host: agency.test:{port}".encode() in heads[0].lower()


def _tls(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server of that name, and for a client that trusts its certificate."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, path = serialization.Encoding.PEM, folder / "tls.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(pem))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    return serving, ssl.create_default_context(cadata=certificate.public_bytes(pem).decode())


def test_a_demonstration_allows_loopback_and_production_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = ip_address("127.0.0.1")
    assert CommonSettings(environment="demo").reachable_networks().allow(loopback)
    assert not CommonSettings(environment="production").reachable_networks().allow(loopback)
    monkeypatch.setenv("SIGAP_ALLOWED_NETWORKS", "10.20.0.0/16, fd00::/8")
    allowed = CommonSettings(environment="production").reachable_networks()
    assert [allowed.allow(ip_address(text)) for text in ("10.20.1.1", "10.21.1.1", "fd00::1")] == [True, False, True]
    monkeypatch.setenv("SIGAP_ALLOWED_NETWORKS", "10.20.0.1/16")
    with pytest.raises(ValueError, match="host bits set"):
        CommonSettings()

"""Where webhooks may go, as registration, packs and attempts see it; and what one receiver leaves for another."""

import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from ipaddress import ip_address
from os import urandom
from pathlib import Path

import pytest
from gateway_histories import DAMKAR, SECRET, VARIABLE, a_pack, carry_by, forwarded, hear

from sigap_agency_gateway.channels import Attempt
from sigap_agency_gateway.channels import Receiver as Where
from sigap_agency_gateway.channels.webhook import Webhook
from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.domain.delivery import Outcome
from sigap_agency_gateway.main import service
from sigap_agency_gateway.settings import GatewaySettings
from sigap_common.contracts.agencies import EndpointDisabled
from sigap_common.core.settings import CommonSettings
from sigap_common.outbound import AllowedNetworks, OutboundAccess
from sigap_testing.kit import Kit, started
from sigap_testing.receiver import Receiver, Reply

NOW = datetime(2024, 2, 19, 3, tzinfo=UTC)
HOOK = {"agency": DAMKAR, "name": "dua", "channel": "webhook", "url": "https://damkar.example.go.id/112"}


@pytest.fixture
async def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kit]:
    """A gateway of a production installation that allows no network."""
    monkeypatch.setenv(VARIABLE, f"whsec_{b64encode(urandom(32)).decode()}")  # production refuses the documents' secret
    common = CommonSettings(environment="production", data_dir=tmp_path)
    settings = GatewaySettings(attempt_seconds=10, connect_seconds=5)
    url = f"sqlite+aiosqlite:///{tmp_path / 'strict.sqlite3'}"
    async with started(service, url, tmp_path, settings=settings, common=common) as kit:
        yield kit


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/112",
        "http://2130706433/112",
        "https://0x7f.1/112",
        "http://localhost:8112/v1",
        "http://[::1]/112",
        "http://[::ffff:10.0.0.1]/112",
        "http://[64:ff9b::a9fe:a9fe]/latest",
        "http://169.254.169.254/latest/meta-data",
        "https://192.168.1.10/112",
    ],
)
async def test_a_private_address_is_refused_in_words_when_it_is_registered(strict: Kit, url: str) -> None:
    await strict.configure(a_pack("https://damkar.example.go.id/112"))
    details = []
    for language in ("id", "en"):
        headers = strict.bearer("admin") | {"Accept-Language": language}
        answer = await strict.client.post("/v1/endpoints", json=HOOK | {"url": url}, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("#/url", "webhook_address_refused")
        details.append(error["detail"])
    assert details[0] != details[1]
    assert all("SIGAP_ALLOWED_NETWORKS" in detail for detail in details)


async def test_a_public_name_is_registered_without_asking_its_name_server(strict: Kit) -> None:
    await strict.configure(a_pack("https://damkar.example.go.id/112"))
    answer = await strict.client.post("/v1/endpoints", json=HOOK, headers=strict.bearer("admin"))
    assert answer.status_code == 201, answer.text


async def test_a_pack_s_endpoint_with_a_private_address_is_disabled(strict: Kit) -> None:
    await strict.configure(a_pack("http://10.0.0.1/112"))
    (disabled,) = await strict.said(EndpointDisabled)
    assert (disabled.event.endpoint, disabled.event.reason) == ("utama", "definition-invalid")


async def test_a_name_that_leads_inside_is_not_connected_to_and_the_centre_sees_why(
    strict: Kit, receiver: Receiver
) -> None:
    name = name_of_this_machine()
    port = receiver.url.rpartition(":")[2]
    await strict.configure(a_pack(f"http://{name}:{port}"))
    await hear(strict, forwarded())
    await carry_by(Courier(strict.runtime))
    assert receiver.received == []
    headers = strict.bearer("supervisor")
    (listed,) = (await strict.client.get("/v1/deliveries", headers=headers)).json()["items"]
    shown = (await strict.client.get(f"/v1/deliveries/{listed['id']}", headers=headers)).json()
    assert (shown["error"], shown["log"][0]["in_words"][:16]) == ("address-refused", "Alamat penerima ")


def name_of_this_machine() -> str:
    """A name that a real resolver answers with an address of this machine's own."""
    name = socket.gethostname()
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    except OSError:
        pytest.skip(f"nobody knows the name of this machine, {name}")
    if any(AllowedNetworks().allow(ip_address(text.partition("%")[0])) for text in found):
        pytest.skip("this machine has a public address")
    return name


def attempt(url: str, *, ours: bool = False) -> Attempt:
    return Attempt(Where(url, SECRET, ours=ours), "msg_1", NOW, b"{}")


async def test_the_drill_door_may_be_private_and_an_agency_at_the_same_place_may_not(receiver: Receiver) -> None:
    webhook = Webhook(GatewaySettings().with_outbound(OutboundAccess()))
    assert (await webhook.deliver(attempt(receiver.url, ours=True))).status == 200
    assert (await webhook.deliver(attempt(receiver.url))).error == "address-refused"
    assert len(receiver.received) == 1
    await webhook.close()


async def test_what_one_receiver_sets_is_not_sent_to_another_on_its_host(receiver: Receiver) -> None:
    receiver.otherwise = Reply(headers={"set-cookie": "JSESSIONID=of-the-first; Path=/"})
    webhook = Webhook(GatewaySettings().with_outbound(OutboundAccess(CommonSettings().reachable_networks())))
    for path in ("/damkar", "/polres", "/damkar"):
        await webhook.deliver(attempt(receiver.url.replace("/112", path)))
    assert [("cookie" in got.headers, got.path) for got in receiver.received] == [
        (False, "/damkar"),
        (False, "/polres"),
        (False, "/damkar"),
    ]
    await webhook.close()


async def test_no_header_of_a_notice_can_bring_another(receiver: Receiver) -> None:
    webhook = Webhook(GatewaySettings().with_outbound(OutboundAccess(CommonSettings().reachable_networks())))
    evil = Attempt(Where(receiver.url, SECRET), "msg_1\r\nx-evil: 1", NOW, b"{}")
    assert await webhook.deliver(evil) == Outcome(error="broken")
    assert receiver.received == []
    await webhook.close()

"""Whose address a request comes from."""

import pytest
from pydantic import ValidationError

from sigap_common.core.networks import TrustedProxies, counted_as
from sigap_common.core.settings import CommonSettings

EDGE, INNER, STRANGER = "10.20.0.5", "10.20.0.6", "203.0.113.9"
PROXIES = TrustedProxies.parse(["10.20.0.0/29", "2001:db8:1::/64"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (EDGE, ["203.0.113.9"], STRANGER),
        (EDGE, ["192.0.2.1, 203.0.113.9"], STRANGER),  # the client wrote the first one itself
        (EDGE, ["10.20.0.6, 203.0.113.9"], STRANGER),
        (EDGE, ["192.0.2.1, 203.0.113.9, 10.20.0.6"], STRANGER),  # by way of another proxy
        (EDGE, ["192.0.2.1", "203.0.113.9, 10.20.0.6"], STRANGER),
        (EDGE, ["203.0.113.9", "", " , "], STRANGER),
        (EDGE, ["203.0.113.9:51000"], STRANGER),
        (EDGE, ["::ffff:203.0.113.9"], STRANGER),
        ("::ffff:10.20.0.5", ["203.0.113.9"], STRANGER),
        ("2001:db8:1::7", ["2001:db8:9::1"], "2001:db8:9::1"),
        (EDGE, ["[2001:db8:9::1]:51000"], "2001:db8:9::1"),
        (EDGE, ["[2001:DB8:9::1]"], "2001:db8:9::1"),
        (EDGE, ["10.20.0.6"], INNER),  # a proxy that asks for itself
        (EDGE, [], EDGE),
        (EDGE, [""], EDGE),
        (EDGE, ["203.0.113.9, unknown"], EDGE),
        (EDGE, ["203.0.113.9, 10.20.0.6, _hidden"], EDGE),
        (EDGE, ["evil, 10.20.0.6"], INNER),
        (EDGE, ["203.0.113.9.1"], EDGE),
        (EDGE, ["0x7f.1"], EDGE),
        (EDGE, ["[203.0.113.9"], EDGE),
        (EDGE, ["203.0.113.9:port"], EDGE),
        (EDGE, ["[2001:db8:9::1]evil"], EDGE),
        (EDGE, ["é" * 10_000], EDGE),
        (STRANGER, ["192.0.2.1"], STRANGER),  # no proxy of ours
        ("10.20.0.8", ["192.0.2.1"], "10.20.0.8"),  # beside the network
        ("", ["192.0.2.1"], ""),
    ],
)
def test_the_right_most_address_that_is_no_proxys_counts(peer: str, forwarded: list[str], client: str) -> None:
    assert PROXIES.client(peer, forwarded) == client


def test_without_a_setting_nobody_is_believed() -> None:
    assert CommonSettings().proxies().client("127.0.0.1", ["203.0.113.9"]) == "127.0.0.1"


def test_the_setting_names_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGAP_TRUSTED_PROXIES", "10.20.0.5/32, 2001:db8::/64,")
    assert CommonSettings().proxies() == TrustedProxies.parse(["10.20.0.5/32", "2001:db8::/64"])
    for wrong in ("edge", "10.20.0.5/24", "*"):
        monkeypatch.setenv("SIGAP_TRUSTED_PROXIES", wrong)
        with pytest.raises(ValidationError):
            CommonSettings()


def test_addresses_of_one_line_are_counted_together() -> None:
    assert counted_as("2001:db8:1:2::1") == counted_as("2001:db8:1:2:ffff::9") != counted_as("2001:db8:1:3::1")
    assert counted_as("::ffff:203.0.113.9") == counted_as("203.0.113.9") == "203.0.113.9"
    assert counted_as("testclient") == "testclient"

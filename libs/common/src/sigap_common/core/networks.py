"""Which IP addresses the product connects to: public ones, and those of networks that an administrator allowed. Also
the client's address of a request that came through proxies.
"""

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


LOOPBACK = _networks("127.0.0.0/8", "::1/128")
PRIVATE = _networks("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""Private networks of organisations, of providers' address translation and of container hosts."""

# The lists are written out, because the result of Python's `is_global` changes with patch versions of Python. The
# source is IANA's registries of special-purpose addresses.
REFUSED_V4 = (
    *_networks("127.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"),
    *_networks(
        "0.0.0.0/8",  # this host; Linux connects 0.0.0.0 to itself
        "169.254.0.0/16",  # link-local, with the metadata services of most clouds
        "168.63.129.16/32",  # the metadata service of Azure: a public address that only leads inside
        "192.0.0.0/24",  # protocol assignments, with the metadata service of Oracle's cloud
        "192.0.2.0/24",  # documentation, as the two below
        "198.51.100.0/24",
        "203.0.113.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",  # measurements
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, with the broadcast address
    ),
)
GLOBAL_V6 = IPv6Network("2000::/3")
"""All that is public in IPv6. Loopback, unique-local, link-local, mapped and NAT64 addresses lie outside of it."""
REFUSED_V6 = _networks(
    "2001::/23",  # protocol assignments, with Teredo
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "3fff::/20",  # documentation
)

NAT64 = _networks("64:ff9b::/96", "64:ff9b:1::/48")
MAPPED, COMPATIBLE = IPv6Network("::ffff:0:0/96"), IPv6Network("::/96")
TRANSLATED = IPv6Network("::ffff:0:0:0/96")
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


@dataclass(frozen=True, slots=True)
class AllowedNetworks:
    """Decides on addresses. `networks` are allowed beside what is public."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "AllowedNetworks":
        """Raises ValueError, which names the text that is no network, or has bits set behind its prefix."""
        return cls(tuple(ip_network(text) for text in texts))

    def allow(self, address: Address) -> bool:
        """Whether we may connect to it. An IPv4 address inside of an IPv6 one must be allowed itself, too."""
        inner = embedded(address)
        if inner is not None and not self.allow(inner):
            return False
        return is_public(address) or _within(address, self.networks)

    def with_private(self) -> "AllowedNetworks":
        """Also loopback and private networks, for a destination that the settings name."""
        return AllowedNetworks((*self.networks, *LOOPBACK, *PRIVATE))


def is_public(address: Address) -> bool:
    """Whether it is an address of one host on the Internet, in no special form."""
    if isinstance(address, IPv4Address):
        return not _within(address, REFUSED_V4)
    return address in GLOBAL_V6 and not _within(address, REFUSED_V6) and embedded(address) is None


def embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that is embedded in this IPv6 address, which packets to it may reach; None if there is none."""
    if isinstance(address, IPv4Address):
        return None
    number = int(address)
    if address.teredo is not None:
        return address.teredo[1]
    if address.sixtofour is not None:
        return address.sixtofour
    if (number >> 32) & 0xFFFF_FFFF in ISATAP:
        return IPv4Address(number & 0xFFFF_FFFF)
    if number > 1 and _within(address, (MAPPED, COMPATIBLE, TRANSLATED, *NAT64)):
        return IPv4Address(number & 0xFFFF_FFFF)
    return None


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def is_refused_literal(host: str, allowed: AllowedNetworks) -> bool:
    """Whether a URL's host is an address that we refuse, in any form that the system's resolver takes, or a name of
    this host. Asks no name server: another name is checked when it is connected to.

    `http://2130706433`, `http://0x7f.1` and `http://127.1` are all 127.0.0.1.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return not all(allowed.allow(ip_address(text)) for text in ("127.0.0.1", "::1"))
    found = numeric_address(name)
    return found is not None and not allowed.allow(found)


def numeric_address(text: str) -> Address | None:
    """The address that the text is, as the C library reads numbers; None for a name."""
    try:
        found = socket.getaddrinfo(text, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError, ValueError):
        return None
    return ip_address(str(found[0][4][0]).partition("%")[0])


def address_of(text: str) -> Address | None:
    """The address that the text is, with a port or without (`192.0.2.1:80`, `[2001:db8::1]:80`); None for anything
    else. An IPv4 address in its IPv6 form is that IPv4 address.
    """
    host, port = text.strip(), ":0"
    if host.startswith("["):
        host, closed, port = host[1:].partition("]")
        port = port or ":0" if closed else ""
    elif host.count(":") == 1:
        host, colon, port = host.partition(":")
        port = colon + port
    if not (port.startswith(":") and port[1:].isdecimal()):
        return None
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def counted_as(client: str) -> str:
    """The key by which one client's requests are counted: its IPv4 address, or the /64 of its IPv6 address, since a
    client with one address of a /64 has all of them. A text that is not an address is its own key.
    """
    address = address_of(client)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address) if address else client


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The trusted proxies, whose `X-Forwarded-For` is used."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "TrustedProxies":
        """Raises ValueError, which names the text that is no network, or has bits set behind its prefix."""
        return cls(tuple(ip_network(text) for text in texts))

    def trust(self, peer: str) -> bool:
        """Whether this address is one of theirs."""
        address = address_of(peer) if self.networks else None
        return address is not None and _within(address, self.networks)

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The address of the client of a request that came from `peer`, with these values of `X-Forwarded-For`.

        Each proxy adds the address that sent it the request, at the right end. So the right-most address that is not a
        trusted proxy's counts; the client may have written everything left of it. No trusted proxy writes a value that
        is not an address, so such a value and everything left of it are ignored.
        """
        found = peer
        for value in reversed(",".join(forwarded).split(",")):
            if not self.trust(found):
                break
            if not value.strip():
                continue
            address = address_of(value)
            if address is None:
                break
            found = str(address)
        return found

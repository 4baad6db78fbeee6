"""The network under httpx: resolves a name, checks the addresses, and connects to a checked one."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from time import monotonic

import httpcore
import httpx

from sigap_common.core.networks import Address, AllowedNetworks

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses of a host name. Raises OSError."""
Origin = tuple[str, int]
"""Host name in lower case, and port."""
LOOKUPS_AT_ONCE = 64


class AddressRefused(httpcore.ConnectError):
    """The host has no address that the product may connect to. httpx has it as the cause of its own ConnectError."""


def was_refused(error: BaseException) -> bool:
    """Whether AddressRefused is the reason of this error of httpx."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, AddressRefused):
            return True
        found = found.__cause__ or found.__context__
    return False


class Resolver:
    """The system's resolver, in threads of its own, one at a time for a name.

    asyncio's own lookups share a handful of threads with everything else in the process: the slow name servers of one
    agency would stop all others. Requests that come while a name is looked up wait for that lookup. Results are not
    cached.
    """

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._running: dict[tuple[str, int], asyncio.Future[list[Address]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        running = self._running.get((host, port))
        if running is None:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="lookup")
            running = asyncio.get_running_loop().run_in_executor(self._threads, _looked_up, host, port)
            self._running[host, port] = running
            running.add_done_callback(lambda done: self._ended((host, port), done))
        # Shielded: one that gives up must not end the lookup for the others.
        return await asyncio.shield(running)

    def _ended(self, key: tuple[str, int], done: "asyncio.Future[list[Address]]") -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # if nobody waits any more, nobody else fetches it, and asyncio would complain

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None


def _looked_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A scope such as `%eth0` belongs to link-local addresses, which are refused; without it they still are.
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to an address that was checked, never to a name: a second lookup could give another address.

    TLS still asks for the name (SNI), and the Host header still holds it: both come from the URL.
    `named`: origins that the settings name; they may also lie on loopback or in a private network.
    """

    def __init__(self, allowed: AllowedNetworks, resolve: Resolve, named: Collection[Origin] = ()) -> None:
        self._allowed, self._resolve, self._named = allowed, resolve, frozenset(named)
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises AddressRefused, httpcore.ConnectError, httpcore.ConnectTimeout. `timeout`: seconds for it all."""
        deadline = None if timeout is None else monotonic() + timeout
        addresses = await self._checked(host, port, timeout)
        for left in range(len(addresses), 0, -1):
            # Each address gets its share of the time, so that one that swallows packets does not use up all of it.
            share = None if deadline is None else max(deadline - monotonic(), 0.0) / left
            try:
                return await self._sockets.connect_tcp(
                    str(addresses[-left]), port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
        raise AssertionError

    async def _checked(self, host: str, port: int, timeout: float | None) -> list[Address]:
        allowed = self._allowed
        if (host.lower(), port) in self._named:
            allowed = allowed.with_private()
        try:
            async with asyncio.timeout(timeout):
                found = await self._resolve(host, port)
        except TimeoutError as late:
            raise httpcore.ConnectTimeout(f"{host} was not found in time") from late
        except (OSError, UnicodeError, ValueError) as error:
            raise httpcore.ConnectError(str(error)) from error
        checked = [address for address in found if allowed.allow(address)]
        if not checked:
            raise AddressRefused(f"{host} has no address that may be connected to")
        return checked

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("no URL leads to a socket of this host")

    async def sleep(self, seconds: float) -> None:
        await self._sockets.sleep(seconds)


class CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a CheckedNetwork. httpx itself has no parameter for the network under its pool."""

    def __init__(self, network: CheckedNetwork, trusted: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trusted,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=network,
        )


def origin_of(url: str) -> Origin:
    """The origin of a URL. Raises httpx.InvalidURL."""
    parsed = httpx.URL(url)
    return parsed.host.lower(), parsed.port or (443 if parsed.scheme == "https" else 80)

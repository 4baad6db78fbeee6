"""The HTTP client for all outgoing connections."""

import ssl
from collections.abc import Iterable
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from sigap_common.core.networks import AllowedNetworks
from sigap_common.outbound.transport import CheckedNetwork, CheckedTransport, Resolve, Resolver, origin_of


class AnswerTooLarge(httpx.HTTPError):
    """The answer has more bytes than its reader takes."""


def no_cookies() -> CookieJar:
    """A jar that takes no cookie: what one receiver sets must not be sent to another one on the same host."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


class OutboundAccess:
    """The addresses that a process may reach, and HTTP clients that enforce it. The clients share name lookups.

    `resolve`: how names become addresses; None: the system's resolver. `trusted`: the accepted certificate authorities;
    None: the public ones.
    """

    def __init__(
        self,
        allowed: AllowedNetworks | None = None,
        resolve: Resolve | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self.allowed = allowed or AllowedNetworks()
        self._resolver = Resolver()
        self._resolve: Resolve = resolve or self._resolver

        if trusted is not None:
            self.trusted = trusted

    @cached_property
    def trusted(self) -> ssl.SSLContext:
        """Made when it is first needed: it takes some 20 ms and a megabyte."""
        return httpx.create_ssl_context(trust_env=False)

    def client(
        self,
        *,
        timeout: httpx.Timeout | float,
        limits: httpx.Limits | None = None,
        named: Iterable[str] = (),
    ) -> httpx.AsyncClient:
        """A client that connects to allowed addresses only, follows no redirect, keeps no cookie and ignores proxies of
        the environment. The caller closes it.

        `named`: URLs of the settings, whose hosts may be private. Raises httpx.InvalidURL if one of them is not a URL.
        """
        network = CheckedNetwork(self.allowed, self._resolve, {origin_of(url) for url in named})
        return httpx.AsyncClient(
            transport=CheckedTransport(network, self.trusted, limits or httpx.Limits()),
            timeout=timeout,
            cookies=no_cookies(),
            # No compression: a small answer could become a very large one.
            headers={"accept-encoding": "identity"},
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        self._resolver.close()


async def read_limited(response: httpx.Response, most: int) -> bytes:
    """The body of a streamed answer as it was sent, at most `most` bytes. Raises AnswerTooLarge."""
    read = bytearray()
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) > most:
            raise AnswerTooLarge(f"more than {most} bytes")
    return bytes(read)

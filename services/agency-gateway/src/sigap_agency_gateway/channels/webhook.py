"""The webhook channel, by Standard Webhooks 1.0.0. It sends a signed POST. Only a status 2xx is success; a redirect is
not.
"""

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from sigap_agency_gateway.channels.port import Attempt, Complaint, Receiver
from sigap_agency_gateway.domain.delivery import Outcome
from sigap_agency_gateway.notice import Notice
from sigap_agency_gateway.settings import GatewaySettings
from sigap_common.core.signatures import InvalidSecret, sign
from sigap_common.outbound import is_refused_literal, was_refused

EXCERPT_BYTES = 1024
EXCERPT_SECONDS = 2.0
GONE = 410
THROTTLING = frozenset({429, 502, 503, 504})
LONGEST_URL = 2000
MOST_CLIENTS = 1000
KEPT_OPEN_SECONDS = 60.0


class Clients:
    """The HTTP clients, one for each receiver's origin. The MOST_CLIENTS that were used last are kept.

    At every request a client of httpx goes through all its connections, more than once. So one client for a thousand
    receivers would be slow.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._timeout = httpx.Timeout(settings.attempt_seconds, connect=settings.connect_seconds)
        self._outbound = settings.outbound
        self._by_origin: OrderedDict[tuple[str, bool], httpx.AsyncClient] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def of(self, receiver: Receiver) -> httpx.AsyncClient:
        """The client for a receiver. It keeps connections open between deliveries. The drill door never shares a client
        with an agency's endpoint.
        """
        key = ("{0.scheme}://{0.netloc}".format(urlsplit(receiver.url or "")), receiver.ours)
        if (known := self._by_origin.get(key)) is None:
            known = self._by_origin[key] = self._opened(key[0] if receiver.ours else None)
        self._by_origin.move_to_end(key)
        if len(self._by_origin) > MOST_CLIENTS:
            self._close_soon(self._by_origin.popitem(last=False)[1])
        return known

    def _opened(self, named: str | None) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=None, keepalive_expiry=KEPT_OPEN_SECONDS)
        return self._outbound.client(timeout=self._timeout, limits=limits, named=[named] if named else [])

    def _close_soon(self, client: httpx.AsyncClient) -> None:
        """Closes the client after a while, so that its requests in flight can end."""

        async def close() -> None:
            await asyncio.sleep(KEPT_OPEN_SECONDS)
            await client.aclose()

        task = asyncio.create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        for task in self._closing:
            task.cancel()
        clients = (client.aclose() for client in self._by_origin.values())
        await asyncio.gather(*self._closing, *clients, return_exceptions=True)


class Webhook:
    pushes = True
    signs = True

    def __init__(self, settings: GatewaySettings) -> None:
        self._seconds = settings.attempt_seconds
        self._clients = Clients(settings)
        self._allowed = settings.outbound.allowed

    def complaints(self, url: str | None, options: Mapping[str, Any]) -> Sequence[Complaint]:
        found = []
        if not url or not is_url(url):
            found.append(Complaint("url", "webhook_needs_url"))
        elif is_refused_literal(httpx.URL(url).host, self._allowed):
            found.append(Complaint("url", "webhook_address_refused"))
        return found + ([Complaint("options", "webhook_has_no_options")] if options else [])

    def render(self, notice: Notice) -> bytes:
        return notice.model_dump_json().encode()

    async def deliver(self, attempt: Attempt) -> Outcome:
        try:
            headers = headers_of(attempt)
        except InvalidSecret:
            return Outcome(error="secret-invalid")
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._post(attempt, headers)
        except TimeoutError:
            return Outcome(error="timeout")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            return Outcome(error=_in_words(error))
        return _outcome(response, await _beginning(response))

    async def _post(self, attempt: Attempt, headers: dict[str, str]) -> httpx.Response:
        """Sends the request. The response has status and headers; the body is not read yet."""
        url = attempt.receiver.url or ""
        client = self._clients.of(attempt.receiver)
        request = client.build_request("POST", url, content=attempt.body, headers=headers)
        return await client.send(request, stream=True)

    async def close(self) -> None:
        await self._clients.close()


def headers_of(attempt: Attempt) -> dict[str, str]:
    """The headers of an attempt, with its signature. Raises InvalidSecret."""
    timestamp = int(attempt.started_at.timestamp())
    signature = sign(attempt.receiver.secret or "", attempt.message_id, timestamp, attempt.body)
    headers = {
        "content-type": "application/json",
        "user-agent": "sigap-112",
        "accept-encoding": "identity",
        "webhook-id": attempt.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    if attempt.late:
        headers["sigap-late"] = "true"
    if attempt.traceparent:
        headers["traceparent"] = attempt.traceparent
    return headers


def _outcome(response: httpx.Response, excerpt: bytes) -> Outcome:
    status = response.status_code
    if 200 <= status < 300:
        return Outcome(status=status, excerpt=excerpt)
    asked = response.headers.get("retry-after") if status in THROTTLING else None
    error = "redirect" if 300 <= status < 400 else "status"
    return Outcome(error, status, excerpt, retry_after_of(asked), gone=status == GONE)


async def _beginning(response: httpx.Response) -> bytes:
    """The first kB of the answer's body. If the body comes slowly or breaks off, the attempt's status
    stays the same.
    """
    read = b""
    try:
        async with asyncio.timeout(EXCERPT_SECONDS):
            async for chunk in response.aiter_raw(EXCERPT_BYTES):
                read += chunk
                if len(read) >= EXCERPT_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError, OSError):
        pass
    finally:
        await response.aclose()
    return read[:EXCERPT_BYTES]


def retry_after_of(value: str | None, now: datetime | None = None) -> timedelta | None:
    """The pause that a Retry-After header asks for, in seconds or as a date (RFC 9110, 10.2.3); None if it is not
    valid.
    """
    if value is None:
        return None
    if value.isascii() and value.isdecimal():
        return timedelta(seconds=min(int(value[:9]), 86_400))
    try:
        until = parsedate_to_datetime(value)
        return max(until - (now or datetime.now(UTC)), timedelta())
    except (TypeError, ValueError, OverflowError):
        return None


def is_url(url: str) -> bool:
    """An http or https URL with a host, without user name, password or fragment."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        return False
    clean = parts.username is None and parts.password is None and not parts.fragment and port != 0
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and clean


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "connect-timeout"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "not-connected"),
    (httpx.NetworkError, "broken"),
    (httpx.ProtocolError, "broken"),
    (OSError, "broken"),
)


def _in_words(error: Exception) -> str:
    if was_refused(error):
        return "address-refused"
    return next((word for kind, word in _WORDS if isinstance(error, kind)), "not-sent")


def channel(settings: GatewaySettings) -> Webhook:
    return Webhook(settings)

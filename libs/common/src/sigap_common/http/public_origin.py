"""The one origin that clients see: the hosts that a request may name, and headers that protect answers.

Redirects and links are built from the public URL, never from the header Host, because the sender of a request chooses
Host. Here the public URL replaces Host, so all later code reads the public URL.
"""

from collections.abc import Collection, Iterable, Iterator
from re import IGNORECASE
from re import compile as regex
from urllib.parse import SplitResult, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sigap_common.core.demonstration import is_loopback
from sigap_common.core.errors import Problem
from sigap_common.core.settings import CommonSettings

# On each answer: the browser does not guess the media type, shows the answer in no frame, and sends its address to no
# other site (the address of a stream contains a ticket).
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
NO_STORE = {"Cache-Control": "no-store"}
"""On each answer of the API: it may hold personal data or a token, which no cache may keep."""

_OURS = {name.lower().encode(): value.encode() for name, value in PROTECTION.items()}
_OF_THE_API = _OURS | {name.lower().encode(): value.encode() for name, value in NO_STORE.items()}
_CACHED = b"cache-control"
_ASKS_AGAIN = (_CACHED, b"private, no-cache")
"""What an answer may say instead: only its own reader keeps it, and asks each time whether it is still so."""
_HOST = regex(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?", IGNORECASE)
_PORTS = {"http": 80, "https": 443}


class Misdirected(Problem):
    """The request names a host that is not ours."""

    status, slug = 421, "misdirected"


class PublicOrigin:
    """ASGI middleware around the whole application. `refused` answers a request for an unknown host.

    `internal` are paths that health checks request by IP address: for these every host is accepted.
    """

    def __init__(
        self, app: ASGIApp, refused: ASGIApp, common: CommonSettings, urls: Iterable[str], internal: Collection[str]
    ) -> None:
        """`urls`: further URLs of this process, such as those that other services of the cluster use."""
        self._app, self._refused, self._internal = app, refused, internal
        self._any_host = common.demo
        self._hosts = {*common.allowed_hosts, *_names([common.public_url, *urls])}
        public = urlsplit(common.public_url)
        self._scheme, self._netloc, self._server = public.scheme, public.netloc.encode(), _server(public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        known = self._any_host or scope["path"] in self._internal or self._knows(hosts)
        others = [header for header in scope["headers"] if header[0] != b"host"]
        settled = {
            **scope,
            "scheme": self._scheme,
            "server": self._server,
            "headers": [(b"host", self._netloc), *others],
        }
        answer = self._app if known else self._refused
        await answer(settled, receive, _protecting(send, api=scope["path"].startswith("/v1/")))

    def _knows(self, hosts: list[bytes]) -> bool:
        """Whether exactly one host is named, and it is known. The port is ignored, since a proxy may change it."""
        if len(hosts) != 1 or not (match := _HOST.fullmatch(hosts[0].decode("latin-1"))):
            return False
        name = match[1].lower().rstrip(".")
        return name in self._hosts or is_loopback(name)


def _protecting(send: Send, *, api: bool) -> Send:
    replaced = _OF_THE_API if api else _OURS
    added = list(replaced.items())

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [header for header in message["headers"] if header[0].lower() not in replaced]
            own = [(name, value) for name, value in message["headers"] if (name.lower(), value) == _ASKS_AGAIN]
            ours = [header for header in added if not own or header[0] != _CACHED]
            message = {**message, "headers": kept + own + ours}
        await send(message)

    return sending


def _names(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        host = urlsplit(url).hostname
        if host:
            yield f"[{host}]" if ":" in host else host


def _server(public: SplitResult) -> tuple[str, int]:
    return public.hostname or "", public.port or _PORTS.get(public.scheme, 80)

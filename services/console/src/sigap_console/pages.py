"""Serves the built files. By its policy a page loads files of this origin alone, and no script or style that is written
into the page.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from gzip import compress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from sigap_common.core.errors import MethodNotAllowed, NotFound
from sigap_common.http.content_tags import content_tag, not_modified
from sigap_common.http.problems import problem_response

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
HASHED = "assets"
"""The folder of the files whose names have a hash of their content: a browser keeps them for ever."""
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
NOT_BUILT = (
    "The console's files are not built. Run `make setup`, then start again.\n"
    "Berkas konsol belum dibuat. Jalankan `make setup`, lalu mulai lagi.\n"
)


@dataclass(frozen=True, slots=True)
class _Page:
    """One file as it is sent, also compressed."""

    body: bytes
    zipped: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, body: bytes, kind: str, cached: str, policy: str) -> "_Page":
        headers = {
            "Content-Type": kind,
            "Cache-Control": cached,
            "Vary": "Accept-Encoding",
            "Content-Security-Policy": policy,
            **HEADERS,
            **content_tag(body),
        }
        return cls(body, compress(body, mtime=0), headers)

    def response(self, asked: Headers) -> Response:
        """The response; 304 if the browser has this ETag already."""
        if known := not_modified(asked, self.headers):
            return known
        if "gzip" in asked.get("accept-encoding", "") and len(self.zipped) < len(self.body):
            return Response(self.zipped, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(self.body, headers=dict(self.headers))


class Pages:
    """The ASGI application of the built files below a prefix. All are read at the start: nothing that a request names
    becomes the path of a file. `providers`: URLs of the OIDC providers at which the page signs people in.
    """

    def __init__(self, prefix: str, folder: Path, settings: Mapping[str, Any], providers: Sequence[str] = ()) -> None:
        self._prefix = prefix
        rules = policy(providers)
        self._pages = _read(folder, rules)
        told = json.dumps(settings, ensure_ascii=False).encode()
        self._pages["settings.json"] = _Page.of(told, KINDS[".json"], ASK_AGAIN, rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            return problem_response(MethodNotAllowed(["GET", "HEAD"]), scope)
        name = scope["path"].removeprefix(self._prefix).removeprefix("/") or "index.html"
        if scope["path"] == self._prefix:
            return RedirectResponse(f"{self._prefix}/")
        if page := self._pages.get(name):
            return page.response(Headers(scope=scope))
        if name == "index.html":
            return PlainTextResponse(NOT_BUILT, 503)
        return problem_response(NotFound(), scope)


def policy(providers: Sequence[str]) -> str:
    """The Content-Security-Policy. Beside its own origin the page may ask those of the providers, and nobody else."""
    others = sorted({_origin(url) for url in providers})
    asked = " ".join(["'self'", *others])
    # A form is posted to a provider when somebody signs out; it leads back to the page.
    forms = asked if others else "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src {asked}; manifest-src 'self'; frame-ancestors 'none'; "
        f"base-uri 'none'; form-action {forms}"
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _read(folder: Path, policy: str) -> dict[str, _Page]:
    """The files by their paths below the folder; none if they are not built."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix in KINDS)
    pages = {}
    for path in files:
        name = path.relative_to(folder).as_posix()
        cached = FOR_EVER if name.startswith(f"{HASHED}/") else ASK_AGAIN
        pages[name] = _Page.of(path.read_bytes(), KINDS[path.suffix], cached, policy)
    return pages

"""The API's documentation. All files of its pages come from this origin, because a centre may have no Internet.

/, /docs/                             redirect to /docs
/openapi.json                         the document of all services of this process
/docs                                 the page of these services if they are all services; else a page of links
/docs/services/<name>                 one service's page, and below it its `openapi.json`
/docs/files/...                       Swagger UI's own files
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Scope

from sigap_common.core.demonstration import banner
from sigap_common.http.content_tags import content_tag, not_modified
from sigap_common.http.openapi import merged_openapi
from sigap_common.http.shared import Turns

DOCUMENT = "/openapi.json"
FILES = "/docs/files"
SERVICES = "/docs/services"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_STAYS = {"Cache-Control": "public, max-age=86400"}
_ASK_AGAIN = {"Cache-Control": "no-cache"}
"""A client may cache an answer, but must ask each time whether its ETag is still the same."""
# FastAPI writes the page's own script into the page. All other files come from this origin.
_ALONE = _ASK_AGAIN | {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer that is built once and sent to each client."""

    body: bytes
    media_type: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, body: bytes, media_type: str, headers: Mapping[str, str] = _ASK_AGAIN) -> "_Kept":
        return cls(body, media_type, {**headers, **content_tag(body)})

    def response(self, asked: Headers) -> Response:
        """The response; 304 if the client has this ETag already."""
        whole = Response(self.body, media_type=self.media_type, headers=dict(self.headers))
        return not_modified(asked, self.headers) or whole


class Documentation:
    """The documentation of a process that runs these services. Each answer is built at the first request and kept."""

    def __init__(self, apps: Sequence[FastAPI]) -> None:
        self._apps = {app.state.edge.service: app for app in apps}
        self._head = banner() if any(app.state.runtime.common.demo for app in apps) else ""
        self._installed = sorted(point.name for point in entry_points(group="sigap.services"))
        self._kept: dict[str, _Kept] = {}
        self._making = asyncio.Lock()
        self._turns = Turns()

    async def answer(self, path: str, scope: Scope) -> Response | None:
        """The answer; None if the path does not belong to the documentation. Raises Unavailable if very many ask at
        once.
        """
        if path in {"/", "/docs/"}:
            return RedirectResponse("/docs")
        if path != DOCUMENT and not path.startswith("/docs"):
            return None
        await self._turns.take()
        kept = self._kept.get(path) or await self._made(path)
        return kept.response(Headers(scope=scope)) if kept else None

    async def _made(self, path: str) -> _Kept | None:
        # One at a time: requests that wait for the same answer then find it kept, and FastAPI does not build in two
        # threads.
        async with self._making:
            if path not in self._kept:
                # A document takes a second; in a thread of its own it does not hold up the event loop for so long.
                made = await asyncio.to_thread(self._make, path)
                if made is None:
                    return None
                self._kept[path] = made
            return self._kept[path]

    def _make(self, path: str) -> _Kept | None:
        folder, _, name = path.rpartition("/")
        if path == DOCUMENT:
            return self._document(merged_openapi(list(self._apps.values())))
        if path == "/docs":
            whole = set(self._installed) <= self._apps.keys()
            return _page("Sigap 112", DOCUMENT, self._head) if whole else _links(self._installed, self._head)
        if folder == FILES:
            return _file(name)
        if folder == SERVICES and name in self._apps:
            return _page(f"Sigap 112: {name}", f"{path}/openapi.json", self._head)
        above, _, service = folder.rpartition("/")
        if name == "openapi.json" and above == SERVICES and service in self._apps:
            return self._document(self._apps[service].openapi())
        return None

    def _document(self, document: dict[str, Any]) -> _Kept:
        body = bytes(JSONResponse(document).body)
        for app in self._apps.values():
            app.openapi_schema = None  # the text is kept; the many objects that it was made of are not
        return _Kept.of(body, "application/json")


def _page(title: str, openapi_url: str, head: str) -> _Kept:
    page = get_swagger_ui_html(
        title=title,
        openapi_url=openapi_url,
        swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{FILES}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},
    )
    text = bytes(page.body).decode().replace("<body>", f"<body>{head}", 1)
    return _Kept.of(text.encode(), "text/html", _ALONE)


def _links(names: Sequence[str], head: str) -> _Kept:
    items = "".join(f'<li><a href="{SERVICES}/{name}">{name}</a></li>' for name in names)
    text = f'<!DOCTYPE html><html lang="en"><title>Sigap 112</title>{head}<h1>Sigap 112</h1><ul>{items}</ul></html>'
    return _Kept.of(text.encode(), "text/html", _ALONE)


def _file(name: str) -> _Kept | None:
    kind = _KINDS.get(PurePosixPath(name).suffix)
    file = files("fastapi_offline") / "static" / name
    return _Kept.of(file.read_bytes(), kind, _STAYS) if kind and file.is_file() else None

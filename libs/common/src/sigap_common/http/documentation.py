"""The API's documentation, as a page whose every file comes from this origin: a centre may have no Internet.

/, /docs/                             lead to /docs
/docs                                 what this process serves, if that is every service; else a page of links
/docs/services/<name>                 one service's page, and below it its `openapi.json`
/docs/files/...                       Swagger UI's own files
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import PurePosixPath

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sigap_common.core.demonstration import banner

FILES = "/docs/files"
SERVICES = "/docs/services"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_KEPT = {"Cache-Control": "public, max-age=86400"}
# The page's own script is written into it by FastAPI; nothing is asked of anybody else.
_ALONE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
}


def documentation(path: str, apps: Sequence[FastAPI]) -> Response | None:
    """The answer of a process that runs these services; None for a path that is none of the documentation's."""
    if path in {"/", "/docs/"}:
        return RedirectResponse("/docs")
    if not path.startswith("/docs"):
        return None
    ours = {app.state.edge.service: app for app in apps}
    installed = sorted(point.name for point in entry_points(group="sigap.services"))
    head = banner() if any(app.state.runtime.common.demo for app in apps) else ""
    if path == "/docs":
        whole = set(installed) <= ours.keys()
        return _page("Sigap 112", "/openapi.json", head) if whole else _links(installed, head)
    folder, _, name = path.rpartition("/")
    if folder == FILES:
        return _file(name)
    if folder == SERVICES and name in ours:
        return _page(f"Sigap 112: {name}", f"{path}/openapi.json", head)
    return _document(folder, ours) if name == "openapi.json" else None


def _document(folder: str, ours: Mapping[str, FastAPI]) -> Response | None:
    above, _, name = folder.rpartition("/")
    return JSONResponse(ours[name].openapi()) if above == SERVICES and name in ours else None


def _page(title: str, openapi_url: str, head: str) -> Response:
    page = get_swagger_ui_html(
        title=title,
        openapi_url=openapi_url,
        swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{FILES}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},
    )
    text = bytes(page.body).decode().replace("<body>", f"<body>{head}", 1)
    return HTMLResponse(text, headers=_ALONE)


def _links(names: Sequence[str], head: str) -> Response:
    items = "".join(f'<li><a href="{SERVICES}/{name}">{name}</a></li>' for name in names)
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><title>Sigap 112</title>{head}<h1>Sigap 112</h1><ul>{items}</ul></html>',
        headers=_ALONE,
    )


def _file(name: str) -> Response | None:
    kind = _KINDS.get(PurePosixPath(name).suffix)
    file = files("fastapi_offline") / "static" / name
    return Response(file.read_bytes(), media_type=kind, headers=_KEPT) if kind and file.is_file() else None

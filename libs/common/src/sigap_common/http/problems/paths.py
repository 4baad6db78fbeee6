"""An unknown path: 404, which names the path that was probably meant."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from sigap_common.core.errors import NotFound

_LONGEST = 100
"""A longer path is not a typing mistake, and the cost of comparing texts grows with the square of their length."""


def methods_of(app: FastAPI, template: str) -> set[str]:
    """The HTTP methods of a path, which may have several routes."""
    routes = [route for route in iter_route_contexts(app.routes) if route.path == template]
    return {method for route in routes for method in getattr(route, "methods", None) or ()}


def no_such_path(path: str, known: Iterable[str]) -> NotFound:
    """The problem for an unknown path. `known` are the templates of all paths, such as `/v1/calls/{call_id}`."""
    near = nearest(path, known)
    return NotFound("no-such-path", nearest=near) if near else NotFound()


def nearest(path: str, known: Iterable[str]) -> str | None:
    """The template of the same depth that is most similar to the path; a template's parameter matches any value."""
    if len(path) > _LONGEST:
        return None
    steps = path.rstrip("/").split("/")
    filled = {_filled(template.split("/"), steps): template for template in known}
    close = get_close_matches("/".join(steps), filled, n=1, cutoff=0.75)
    return filled[close[0]] if close else None


def _filled(template: list[str], steps: list[str]) -> str:
    if len(template) != len(steps):
        return "/".join(template)
    return "/".join(step if part.startswith("{") else part for part, step in zip(template, steps, strict=True))


def paths_of(app: FastAPI) -> Iterator[str]:
    """The templates of the paths in the app's OpenAPI."""
    for route in iter_route_contexts(app.routes):
        if route.path and getattr(route, "include_in_schema", False):
            yield route.path

"""Tells which requests are live streams. When the server stops, it ends them first."""

from starlette.types import Scope

STREAM_PATH = "/stream"
"""The end of every live stream's path."""


def is_stream(scope: Scope) -> bool:
    path: str = scope.get("path", "")
    return scope["type"] == "http" and path.endswith(STREAM_PATH)

"""Which requests are live streams: a stop of the server ends them first."""

from starlette.types import Scope

STREAM_PATH = "/stream"
"""What the path of every live stream ends with."""


def is_stream(scope: Scope) -> bool:
    path: str = scope.get("path", "")
    return scope["type"] == "http" and path.endswith(STREAM_PATH)

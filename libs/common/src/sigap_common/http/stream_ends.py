"""Live streams whose client has gone end without a fault in the log."""

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

STREAM_PATH = "/stream"
"""What the path of every live stream ends with."""


def is_stream(scope: Scope) -> bool:
    path: str = scope.get("path", "")
    return scope["type"] == "http" and path.endswith(STREAM_PATH)


class QuietStreamEnds:
    """Pure ASGI: swallows what FastAPI raises if a client leaves while a message is on its way to it.

    FastAPI hands messages on between two tasks. If it closes the end that reads while the other still writes, the
    writer raises BrokenResourceError: a traceback for each client that leaves at such a moment.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except ExceptionGroup as several:
            _, others = several.split(anyio.BrokenResourceError)
            if others is not None or not is_stream(scope):
                raise

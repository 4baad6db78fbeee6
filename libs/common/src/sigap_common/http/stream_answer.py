"""The answer that is a live stream: its headers, its beginning and end, and a client that leaves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.responses import StreamingResponse
from starlette.types import Receive, Send


class StreamAnswer(StreamingResponse):
    """The response of a live stream. FastAPI's own EventSourceResponse would need two more tasks, two queues and a
    timer for each listener.
    """

    media_type = "text/event-stream"

    def __init__(self) -> None:
        # For nginx: no buffering.
        super().__init__((), headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    @asynccontextmanager
    async def begun(self, receive: Receive, send: Send, left: Callable[[], object]) -> AsyncIterator[None]:
        """Begins the answer, and ends it after the block. `left` is called if the client leaves before that."""
        # Uvicorn swallows what is sent to a client that has left. Only `receive` tells of it.
        watching = asyncio.create_task(_watch_client(receive, left))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            yield
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watching.cancel()


async def _watch_client(receive: Receive, left: Callable[[], object]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    left()

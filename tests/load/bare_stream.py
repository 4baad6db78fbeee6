"""What a stream costs at least: a bare Starlette application that writes given bytes to all that listen.

PORT=20001 python tests/load/bare_stream.py
"""

import asyncio
import os
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


class Written:
    """The bytes that were written last, and the event that says that there are others."""

    def __init__(self) -> None:
        self.body, self.news = b"", asyncio.Event()

    async def listen(self) -> AsyncIterator[bytes]:
        yield b"event: open\n\n"
        while True:
            await self.news.wait()
            yield self.body

    def write(self, body: bytes) -> None:
        self.body, news = body, self.news
        self.news = asyncio.Event()
        news.set()


written = Written()


async def stream(_: Request) -> Response:
    return StreamingResponse(written.listen(), media_type="text/event-stream")


async def write(request: Request) -> Response:
    written.write(b"data: " + await request.body() + b"\n\n")
    return Response(b"{}", media_type="application/json")


app = Starlette(routes=[Route("/stream", stream), Route("/write", write, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", access_log=False)

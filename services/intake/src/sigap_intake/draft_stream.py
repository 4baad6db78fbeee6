"""The live stream of one call (Server-Sent Events), for those who look at it: its drafts, and that it has changed.

No event of the bus carries drafts: there would be one for each pause of typing. A stream reads them from the database,
at once when this process has kept one or changed the call, and every LOOK_SECONDS for what another replica did. Between
these it holds no connection. It ends with the token that opened it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from sigap_common.auth import Access
from sigap_common.core.errors import Forbidden, NotFound
from sigap_common.http.streams import HEARTBEAT, HEARTBEAT_SECONDS, LiveStream, stopping
from sigap_common.messaging.outages import AWAY
from sigap_intake.domain.drafts import Draft, by_field
from sigap_intake.draft_schemas import DraftedFieldOut
from sigap_intake.draft_watchers import Watcher
from sigap_intake.repository import IntakeService

LOOK_SECONDS = 1.0
LOOK_ALONE_SECONDS = 5.0
"""If there are no replicas. Clock and token are looked at in these intervals too."""


class DraftStream(StreamingResponse):
    """The answer that is such a stream."""

    media_type = "text/event-stream"

    def __init__(self, intake: IntakeService, stream: LiveStream, call_id: UUID, access: Access, seen: int) -> None:
        """`seen`: the version up to which the client knows the drafts. `stream`: whose places and end hold here too."""
        super().__init__((), headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        self._intake, self._stream, self._call_id, self._access, self._seen = intake, stream, call_id, access, seen
        self._version = 0
        """The version of the call that the client has, or reads after `ready`."""
        self._look_seconds = LOOK_ALONE_SECONDS if intake.database.is_sqlite else LOOK_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Raises TooManyRequests (429) before it answers anything."""
        watchers = self._intake.resources.draft_watchers
        with self._stream.places.taken(self._access.subject), watchers.watching(self._call_id) as watcher:
            # Uvicorn swallows what is sent to a client that has left. Only `receive` tells of it.
            leaving = asyncio.create_task(_watch_client(receive, watcher))
            try:
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                async for body in self._bodies(watcher):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            finally:
                leaving.cancel()

    async def _bodies(self, watcher: Watcher) -> AsyncIterator[bytes]:
        elapsed = self._intake.elapsed
        sent_at = elapsed()
        self._version = await self._call_version()
        yield format_sse_event(event="ready", data_str="{}")
        while not watcher.gone:
            if self._stream.is_closed:
                yield stopping()
                return
            if self._access.expires_at <= self._intake.clock():
                yield format_sse_event(event="expired", data_str="{}")
                return
            try:
                body = await self._news()
            except (NotFound, Forbidden):
                return
            except AWAY:
                body = b""
            if not body and elapsed() - sent_at >= HEARTBEAT_SECONDS:
                body = HEARTBEAT
            if body:
                sent_at = elapsed()
                yield body
            await watcher.called(self._look_seconds)

    async def _call_version(self) -> int:
        """0 if it cannot be read now: then the first look says that the call has changed."""
        try:
            async with self._intake.view() as view:
                return (await view.drafts.versions(self._call_id)).call
        except (NotFound, *AWAY):
            return 0

    async def _news(self) -> bytes:
        """The messages of what is new. Raises NotFound, Forbidden, Unavailable, LockHeld."""
        async with self._intake.view() as view:
            versions = await view.drafts.versions(self._call_id)
            is_new = versions.draft > self._seen
            drafts = await view.drafts.of_call(self._call_id, self._access) if is_new else []
        changed = b""
        if versions.call > self._version:
            self._version = versions.call
            changed = format_sse_event(event="call", data_str=json.dumps({"version": versions.call}))
        return changed + b"".join(self._shown(drafts))

    def _shown(self, drafts: list[Draft]) -> Iterator[bytes]:
        """A message for each field that changed, the oldest change first."""
        seen = self._seen
        for field in reversed(by_field(drafts)):
            if field.latest.version > seen:
                self._seen = field.latest.version
                data = DraftedFieldOut.of_field(field).model_dump_json()
                yield format_sse_event(event="draft", data_str=data, id=str(field.latest.version))


async def _watch_client(receive: Receive, watcher: Watcher) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watcher.leave()

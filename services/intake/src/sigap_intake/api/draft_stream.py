"""The live stream of one call (Server-Sent Events), for those who look at it: its drafts, and that it has changed.

No event of the bus carries drafts: there would be one for each pause of typing. A stream reads them from the database,
at once when this process has kept one or changed the call, and every LOOK_SECONDS for what another replica did.
"""

import json
from collections.abc import Iterator
from uuid import UUID

from fastapi.sse import format_sse_event

from sigap_common.auth import Access
from sigap_common.core.errors import NotFound
from sigap_common.http.streams import LiveStream
from sigap_common.http.watched_streams import WatchedStream
from sigap_common.messaging.outages import AWAY
from sigap_intake.domain.drafts import Draft, by_field
from sigap_intake.repository import IntakeService
from sigap_intake.schemas.drafts import DraftedFieldOut

LOOK_SECONDS = 1.0
LOOK_ALONE_SECONDS = 5.0
"""If there are no replicas."""


class DraftStream(WatchedStream):
    """The answer that is such a stream."""

    def __init__(self, intake: IntakeService, stream: LiveStream, call_id: UUID, access: Access, seen: int) -> None:
        """`seen`: the version up to which the client knows the drafts."""
        look_seconds = LOOK_ALONE_SECONDS if intake.database.is_sqlite else LOOK_SECONDS
        watching = intake.resources.draft_watchers.watching(call_id)
        super().__init__(intake, stream, access, watching, look_seconds)
        self._intake, self._call_id, self._seen = intake, call_id, seen
        self._version = 0
        """The version of the call that the client has, or reads after `ready`."""

    async def _begin(self) -> None:
        """The version stays 0 if it cannot be read now: then the first look says that the call has changed."""
        try:
            async with self._intake.view() as view:
                self._version = (await view.drafts.versions(self._call_id)).call
        except (NotFound, *AWAY):
            self._version = 0

    async def _news(self) -> bytes:
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

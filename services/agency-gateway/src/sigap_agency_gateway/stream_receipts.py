"""Receipts of live streams: revisions that a stream has sent to their agency. They are recorded as delivered later,
because a stream must not wait for the database.

If a process ends before that, its receipts are lost; the agency's next request for the list delivers the revision.
"""

import asyncio
from uuid import UUID

from sigap_agency_gateway.visibility import is_agency
from sigap_common.auth import Access
from sigap_common.contracts.agencies import ForwardingReceived, NotificationFailed
from sigap_common.messaging.received import ReceivedEvent

# When a delivery failed for good, the desk may replace it. All other events are about earlier deliveries or the
# agency's own answers.
_BRINGING = (ForwardingReceived, NotificationFailed)


class StreamReceipts:
    """The newest revision of each forwarding that a stream has sent to its agency and that is not recorded yet."""

    def __init__(self) -> None:
        self._revisions: dict[UUID, int] = {}
        self._news = asyncio.Event()

    def note(self, access: Access, heard: ReceivedEvent) -> None:
        """Notes an event that was sent. It is a receipt only if the stream belongs to the agency itself."""
        if isinstance(heard.event, _BRINGING) and is_agency(access, heard.event.agency):
            self.put(UUID(heard.envelope.subject), heard.event.revision)

    def put(self, forwarding_id: UUID, revision: int) -> None:
        self._revisions[forwarding_id] = max(revision, self._revisions.get(forwarding_id, 0))
        self._news.set()

    async def taken(self) -> dict[UUID, int]:
        """Takes all receipts, as soon as there is one."""
        await self._news.wait()
        self._news.clear()
        revisions, self._revisions = self._revisions, {}
        return revisions

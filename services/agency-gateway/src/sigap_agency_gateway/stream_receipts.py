"""What live streams have carried to agencies: it is written down as delivered behind them, for a stream waits for no
database.

What a process forgets when it ends was shown all the same; the agency's next list answer delivers it.
"""

import asyncio
from uuid import UUID

from sigap_agency_gateway.visibility import is_agency
from sigap_common.auth import Access
from sigap_common.contracts.agencies import ForwardingReceived, NotificationFailed
from sigap_common.messaging.received import ReceivedEvent

# After a failure for good the desk may stand in; all else tells of what was delivered before, or is the agency's own.
_BRINGING = (ForwardingReceived, NotificationFailed)


class StreamReceipts:
    """The newest revision of each forwarding that a stream has carried to its agency and nobody has written down."""

    def __init__(self) -> None:
        self._revisions: dict[UUID, int] = {}
        self._news = asyncio.Event()

    def note(self, access: Access, heard: ReceivedEvent) -> None:
        """An event was sent. If one of us watches the same stream, that is no receipt of the agency."""
        if isinstance(heard.event, _BRINGING) and is_agency(access, heard.event.agency):
            self.put(UUID(heard.envelope.subject), heard.event.revision)

    def put(self, forwarding_id: UUID, revision: int) -> None:
        self._revisions[forwarding_id] = max(revision, self._revisions.get(forwarding_id, 0))
        self._news.set()

    async def taken(self) -> dict[UUID, int]:
        """All of it, as soon as there is any."""
        await self._news.wait()
        self._news.clear()
        revisions, self._revisions = self._revisions, {}
        return revisions

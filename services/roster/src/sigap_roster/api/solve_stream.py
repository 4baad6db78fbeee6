"""The live stream of one search (Server-Sent Events): how far it is. It ends when the search is over.

The progress is in the database, where the search notes it once a second, perhaps in another replica.
"""

from contextlib import nullcontext
from uuid import UUID

from fastapi.sse import format_sse_event

from sigap_common.auth import Access
from sigap_common.http.streams import LiveStream
from sigap_common.http.watched_streams import WatchedStream, Watcher
from sigap_roster.domain import SolveState
from sigap_roster.repository import RosterService
from sigap_roster.schemas.solves import SolveSummary

LOOK_SECONDS = 1.0
UNDER_WAY = (SolveState.QUEUED, SolveState.RUNNING)


class SolveStream(WatchedStream):
    """The answer that is such a stream."""

    def __init__(
        self, service: RosterService, stream: LiveStream, access: Access, roster_id: UUID, solve_id: UUID
    ) -> None:
        super().__init__(service, stream, access, nullcontext(Watcher()), LOOK_SECONDS)
        self._roster, self._roster_id, self._solve_id = service, roster_id, solve_id
        self._told = ""

    async def _news(self) -> bytes:
        async with self._roster.view() as view:
            row = await view.solves.progress(self._roster_id, self._solve_id)
        summary = SolveSummary.of(row, row.ahead)
        self._is_over = summary.state not in UNDER_WAY
        data = summary.model_dump_json()
        if data == self._told:
            return b""
        self._told = data
        return format_sse_event(event="search", data_str=data)

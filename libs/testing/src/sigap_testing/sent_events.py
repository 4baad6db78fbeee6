"""Server-Sent Events as a browser reads them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One message of a live stream. `retry`: milliseconds; None: it says none."""

    id: str
    name: str
    data: str
    retry: int | None


async def sent_events(response: httpx.Response) -> AsyncIterator[SentEvent]:
    """The messages of a stream, without its comments, until it ends."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(":")
        if line and name:
            fields[name] = value.strip()
        elif "data" in fields:
            retry = int(fields["retry"]) if "retry" in fields else None
            yield SentEvent(fields.get("id", ""), fields.get("event", "message"), fields["data"], retry)
            fields = {}

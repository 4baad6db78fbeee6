"""The commands read a live stream's events whole, whatever signs people typed."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sigap_cli.api import _events

TYPED = "kiri \u2028 tengah \u0085 kanan 🔥"
TEXT = f': still here\n\nevent: IncidentUpdated\r\ndata: {{"text":"{TYPED}"}}\r\n\r\nevent: end\ndata: 1\n\n'


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_an_event_is_not_cut_where_unicode_ends_a_line(size: int) -> None:
    sent = TEXT.encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(sent), size):
            yield sent[start : start + size]

    heard = [event async for event in _events(httpx.Response(200, content=pieces()))]
    assert heard == [("IncidentUpdated", {"text": TYPED}), ("end", 1)]

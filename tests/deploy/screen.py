"""A screen that follows a live stream, and goes on elsewhere when a server tells it to."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import httpx
from anyio.from_thread import start_blocking_portal

from sigap_common.outbound import no_cookies
from sigap_testing.patience import patience
from sigap_testing.sent_events import SentEvent, sent_events

READ_SECONDS = 30.0
"""A stream says at least every 15 s that it is still there."""
BEGUN_WITHIN = 60.0
AGAIN_SECONDS = 1.0


class Screen:
    """Reads one stream as docs/frontends.md says: after `stopping` it goes on behind the last id that it got.

    `heard`: names and subjects of the messages that came; `odd`: answers and ends that no stop of a server explains;
    `moves`: how often a server sent it elsewhere.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.heard: set[tuple[str, str]] = set()
        self.odd: list[str] = []
        self.moves = 0
        self.begun = Event()
        self._last = ""

    async def follow(self, url: str, token: str) -> None:
        """Until it is cancelled."""
        signed = {"Authorization": f"Bearer {token}"}
        limits = {"timeout": READ_SECONDS, "trust_env": False, "cookies": no_cookies()}
        async with httpx.AsyncClient(base_url=url, headers=signed, **limits) as http:  # type: ignore[arg-type]
            while True:
                await asyncio.sleep(await self._read(http))

    async def _read(self, http: httpx.AsyncClient) -> float:
        """Follows the stream until it ends; then the seconds until the client may come again."""
        try:
            async with http.stream("GET", self.path, headers={"Last-Event-ID": self._last}) as response:
                if response.status_code != 200:
                    return self._note(str(response.status_code))
                async for event in sent_events(response):
                    if event.name == "stopping" and event.retry:
                        self.moves += 1
                        return event.retry / 1000
                    self._take(event)
        except httpx.TransportError as error:
            return self._note(type(error).__name__)
        return self._note("ended without a word")

    def _take(self, event: SentEvent) -> None:
        self._last = event.id or self._last
        if event.name == "ready":
            self.begun.set()
        elif event.name in ("reset", "expired"):
            self._note(event.name)
        else:
            self.heard.add((event.name, json.loads(event.data)["subject"]))

    def _note(self, odd: str) -> float:
        self.odd.append(f"{self.path}: {odd}")
        return AGAIN_SECONDS


@contextmanager
def following(url: str, token: str, *paths: str) -> Iterator[list[Screen]]:
    """A screen for each stream, until the end of the block, in a thread of their own. All have begun."""
    screens = [Screen(path) for path in paths]
    with start_blocking_portal() as portal:
        tasks = [portal.start_task_soon(screen.follow, url, token) for screen in screens]
        try:
            for screen in screens:
                assert screen.begun.wait(patience(BEGUN_WITHIN)), f"{screen.path} did not begin: {screen.odd}"
            yield screens
        finally:
            for task in tasks:
                task.cancel()

"""Calls that keep coming, whatever happens, and the agencies' systems that receive what becomes of them.

All of it runs in a thread of its own, so that who does the damage may wait meanwhile.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from tests.faults.agencies import Agencies, address_of
from tests.faults.client import StubbornClient, Unanswered
from tests.faults.regency import AGENCIES, KINDS, pack, scattered

from sigap_cli.api import Api, Patience
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import Who, fetched, signed_in
from sigap_testing.receiver import Receiver

EVERYBODY = Who(("admin", "supervisor", "operator", "dispatcher", "analyst"))
NOTE_EVERY = 3
"""Of so many calls one is noted on after its classification, which revises its forwardings."""
READY_SECONDS = 60.0


@dataclass(slots=True)
class Call:
    """`began`: when it was first posted, by the monotonic clock; `id`: since it was answered with 201. With a
    priority it is for the first agency, else each third is for another.
    """

    number: int
    began: float
    regency: str
    priority: int | None = None
    id: str | None = None
    led: bool = False

    @property
    def revised(self) -> bool:
        return self.number % NOTE_EVERY == 0

    @property
    def steps(self) -> list[tuple[str, dict[str, Any]]]:
        lat, lon = scattered(self.regency, self.number)
        where = {"lat": lat, "lon": lon, "uncertainty_m": 10, "address": address_of(self.number)}
        kind = KINDS[self.number % len(KINDS) if self.priority is None else 0]
        note = [("notes", {"text": "Api membesar"})] if self.revised else []
        return [
            ("answer", {}),
            ("location", where),
            ("classification", {"call_class": "emergency", "incident_type": kind, "priority": self.priority}),
            *note,
            ("end", {"ended_by": "operator"}),
        ]


class Traffic:
    """Open loop: `rate` calls a second arrive, answered or not. Use it as a context manager."""

    def __init__(self, url: str, rate: float, regency: str = "99.92") -> None:
        self.url, self.rate, self.regency = url, rate, regency
        self.calls: list[Call] = []
        self.lost: list[str] = []
        self.client: StubbornClient
        self.agencies: Agencies
        self.seconds = 0.0
        self._loop: asyncio.AbstractEventLoop
        self._ready, self._arriving, self._led = threading.Event(), threading.Event(), threading.Event()
        self._over: asyncio.Event
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(READY_SECONDS + 10) or self._failure:
            raise RuntimeError("the traffic did not start") from self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self._arriving.clear()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(30)

    def begin(self) -> None:
        self._arriving.set()
        asyncio.run_coroutine_threadsafe(self._arrive(), self._loop)

    def end(self, within: float) -> None:
        """No more calls; waits until those that came are led to their end. Raises AssertionError."""
        self._arriving.clear()
        assert self._led.wait(within), f"{sum(not call.led for call in self.calls)} calls are not led to their end"

    def lead(self, priorities: Sequence[int | None]) -> list[Call]:
        """A call for each, one after the other; returns when the last is classified and ended."""
        return asyncio.run_coroutine_threadsafe(self._lead_in_turn(priorities), self._loop).result()

    def hold_replies(self) -> None:
        """The agencies' systems take webhooks and answer nothing, until `release_replies`."""
        self._loop.call_soon_threadsafe(self.agencies.answering.clear)

    def release_replies(self) -> None:
        self._loop.call_soon_threadsafe(self.agencies.answering.set)

    def wait(self, condition: Callable[[], object], within: float) -> bool:
        """Whether it came true in time; what it looks at is changed by our thread."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as failure:
            self._failure = failure
        finally:
            self._ready.set()
            self._led.set()

    async def _main(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self.client = StubbornClient(self.url)
        self.agencies = Agencies(self.client)
        async with Receiver() as receiver:
            receiver.on_received = self.agencies.receive
            await self._prepare(receiver.url)
            self.receiver = receiver
            self._ready.set()
            await self._over.wait()
        await self.client.close()

    async def _prepare(self, door: str) -> None:
        async with signed_in(self.url, EVERYBODY, patience=Patience(READY_SECONDS)) as api:
            applied = await carry_out(
                api, await plan(api, [Source("the tests' pack", pack(self.regency))]), READY_SECONDS
            )
            assert applied[0].ok, applied[0]
            for code in AGENCIES:
                agency, url = f"{self.regency}/{code}", f"{door}/{code}"
                endpoint = {"agency": agency, "name": "system", "channel": "webhook", "url": url}
                self.agencies.secrets[code] = (await api.post("/v1/endpoints", endpoint))["secret"]
        async with Api(self.url) as api:
            self._token = await fetched(api, EVERYBODY)
            for code in AGENCIES:
                who = Who(("agency",), (self.regency,), f"{self.regency}/{code}")
                self.agencies.tokens[code] = await fetched(api, who)

    async def _arrive(self) -> None:
        began, leading = time.monotonic(), set[asyncio.Task[None]]()
        while self._arriving.is_set():
            leading.add(asyncio.create_task(self._lead(self._next())))
            due = began + len(self.calls) / self.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        self.seconds = time.monotonic() - began
        await asyncio.gather(*leading)
        self._led.set()

    async def _lead_in_turn(self, priorities: Sequence[int | None]) -> list[Call]:
        calls = []
        for priority in priorities:
            call = self._next(priority)
            await self._lead(call)
            calls.append(call)
        return calls

    def _next(self, priority: int | None = None) -> Call:
        call = Call(len(self.calls), time.monotonic(), self.regency, priority)
        self.calls.append(call)
        return call

    async def _lead(self, call: Call) -> None:
        body = {"regency": self.regency, "channel": "telephone", "number": f"+62812{call.number:08d}"}
        try:
            call.id = (await self.client.post("/v1/calls", body, self._token))["id"]
            for what, said in call.steps:
                await self.client.post(f"/v1/calls/{call.id}/{what}", said, self._token)
            call.led = True
        except (Unanswered, AssertionError) as failure:
            self.lost.append(f"call {call.number}: {failure}")

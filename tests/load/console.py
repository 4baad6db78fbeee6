"""The console in a real browser beside the single host: how soon an event is on the screen and a key has its echo while
calls flow, what the first load costs, whether a board of 500 open incidents scrolls, whether the heap stays flat.

Calls live their whole life at the stated rate, with agencies that answer. An operator types a note all the time, a
dispatcher's board is open. Browser and generator take their part of the same cores.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from statistics import median

from playwright.async_api import Browser, CDPSession, Page
from tests.console.browsers import Screen, add_account, browser, screen
from tests.faults.regency import scattered
from tests.load.life import KIND, Life
from tests.load.reference import Reference
from tests.load.report import Figure, percentile, show
from tests.load.setting import CODE, prepared

from sigap_cli.api import Api
from sigap_cli.tokens import Who, signed_in
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.receiver import Received, Receiver

OPEN = 500
LOADS = 7
AT_ONCE = 8
PROBE_SECONDS = 1.0
HEAP_SECONDS = 15.0
SENTENCE = "Asap tebal dari lantai dua, penghuni sudah keluar"
KEY_SECONDS = 0.08
WHEELS = 120

EVENT_MS, KEY_MS = 150.0, 50.0
FIRST_LOAD_KB, READY_MS = 300.0, 1000.0
LONG_TASK_MS, FRAME_MS = 50.0, 50.0
HEAP_GROWTH = 0.10
"""The bars. A frame's is that of its p99."""

_WATCH = """() => {
  const painted = (then) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => then(performance.timeOrigin + performance.now());
    port2.postMessage(0);
  });
  window.shown = {};
  window.echoes = [];
  new MutationObserver(() => {
    const fresh = [...document.querySelectorAll(".number")].map((one) => one.textContent)
      .filter((text) => text && !(text in window.shown));
    if (fresh.length === 0) return;
    for (const text of fresh) window.shown[text] = 0;
    painted((at) => { for (const text of fresh) window.shown[text] = at; });
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
  addEventListener("keydown", (event) => {
    const began = performance.timeOrigin + event.timeStamp;
    painted((at) => window.echoes.push(at - began));
  }, { capture: true });
}"""
"""Notes when each number (a call's reference, an incident's number) is first painted, and how long each key takes from
the press to the next painted frame.
"""
_READY = """new MutationObserver((_, observer) => {
  if (!document.querySelector("input[name=username]")) return;
  observer.disconnect();
  requestAnimationFrame(() => { window.readyAt = performance.now(); });
}).observe(document, { childList: true, subtree: true });"""
_FRAMES = """() => {
  window.frames_ = []; window.long_ = [];
  new PerformanceObserver((list) => list.getEntries().forEach((one) => window.long_.push(one.duration)))
    .observe({ type: "longtask" });
  let last = performance.now();
  const tick = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


@dataclass(slots=True)
class Seen:
    """Times in milliseconds, heaps in bytes."""

    loads_kb: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    rings: dict[str, float] = field(default_factory=dict)
    """When each probe's call was received, by its reference."""
    heaps: dict[str, list[float]] = field(default_factory=dict)


class Desks:
    """An operator with an open call, and a dispatcher."""

    def __init__(self, operator: Screen, dispatcher: Screen, heaps: dict[str, CDPSession]) -> None:
        self.operator, self.dispatcher, self._heaps = operator, dispatcher, heaps

    async def type_all_the_time(self) -> None:
        note = self.operator.page.get_by_label("Catatan C")
        while True:
            await note.press_sequentially(SENTENCE, delay=KEY_SECONDS * 1000)
            await note.fill("")

    async def weigh(self, seen: Seen) -> None:
        """The heap that is left after a collection, again and again."""
        while True:
            for name, session in self._heaps.items():
                await session.send("HeapProfiler.collectGarbage")
                heap = await session.send("Runtime.getHeapUsage")
                seen.heaps.setdefault(name, []).append(heap["usedSize"])
            await asyncio.sleep(HEAP_SECONDS)


@asynccontextmanager
async def _desks(running: Browser, host: SingleHost, api: Api) -> AsyncIterator[Desks]:
    async with screen(running, host.url) as operator, screen(running, host.url) as dispatcher:
        await operator.sign_in("ani")
        await dispatcher.sign_in("dewi")
        await api.post("/v1/calls", {"regency": CODE, "channel": "telephone"})
        await operator.take_first()
        heaps = {}
        for name, one in (("operator", operator), ("dispatcher", dispatcher)):
            heaps[name] = await one.context.new_cdp_session(one.page)
            await heaps[name].send("HeapProfiler.enable")
            await one.page.evaluate(_WATCH)
        yield Desks(operator, dispatcher, heaps)


async def _load(running: Browser, url: str, seen: Seen) -> None:
    """One first load: the bytes on the wire, and when the form to sign in is there."""
    async with screen(running, url) as one:
        session = await one.context.new_cdp_session(one.page)
        await session.send("Network.enable")
        sizes: list[float] = []
        await one.page.add_init_script(_READY)
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        await one.page.goto(f"{url}/console/", wait_until="commit")
        await one.page.locator("input[name=username]").wait_for()
        seen.ready.append(float(await one.page.evaluate("window.readyAt")))
        await one.page.wait_for_load_state("networkidle")
        seen.loads_kb.append(sum(sizes) / 1000)


async def _ring_again_and_again(api: Api, page: Page, seen: Seen) -> None:
    """Calls that nobody answers until they are on the screen."""
    while True:
        call = await api.post("/v1/calls", {"regency": CODE, "channel": "telephone"})
        reference = call["reference"]
        seen.rings[reference] = datetime.fromisoformat(call["received_at"]).timestamp() * 1000
        with suppress(AssertionError):  # one that is never seen counts as missed
            await eventually(partial(page.evaluate, "reference => window.shown[reference]", reference), 5, 0.1)
        path = f"/v1/calls/{call['id']}"
        await api.post(f"{path}/answer")
        await api.post(f"{path}/classification", {"call_class": "prank"})
        await api.post(f"{path}/end", {"ended_by": "operator"})
        await asyncio.sleep(PROBE_SECONDS)


async def _fill(api: Api) -> None:
    """Open incidents that nobody closes."""
    several = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        lat, lon = scattered(CODE, number)
        async with several:
            call = await api.post("/v1/calls", {"regency": CODE, "channel": "telephone"})
            path = f"/v1/calls/{call['id']}"
            await api.post(f"{path}/answer")
            await api.post(f"{path}/location", {"lat": lat, "lon": lon, "uncertainty_m": 10})
            await api.post(f"{path}/classification", {"call_class": "emergency", "incident_type": KIND})
            await api.post(f"{path}/end", {"ended_by": "operator"})

    await asyncio.gather(*(one(number) for number in range(OPEN)))


async def _scrolled(running: Browser, url: str) -> tuple[int, list[float], list[float]]:
    """How many rows there are; the frames and the long tasks while one scrolls, in milliseconds."""
    async with screen(running, url) as one:
        await one.sign_in("dewi")
        rows = one.page.locator(".incident-row")
        more = one.page.get_by_role("button", name="Tampilkan lebih banyak")

        async def all_there() -> bool:
            if await more.count():
                await more.click()
            return await rows.count() >= OPEN

        with suppress(AssertionError):
            await eventually(all_there, within=30, every=0.5)
        await rows.first.hover()
        await one.page.evaluate(_FRAMES)
        for _ in range(WHEELS):
            await one.page.mouse.wheel(0, 300)
            await one.page.evaluate("new Promise(requestAnimationFrame)")
        frames, long = await one.page.evaluate("[window.frames_.slice(1), window.long_]")
        return await rows.count(), frames, long


async def _flow(desks: Desks, life: Life, api: Api, seen: Seen, rate: float, seconds: float) -> None:
    beside = [
        asyncio.create_task(desks.type_all_the_time()),
        asyncio.create_task(desks.weigh(seen)),
        asyncio.create_task(_ring_again_and_again(api, desks.operator.page, seen)),
    ]
    await life.run(rate, seconds)
    for task in beside:
        if task.done():  # it goes on for ever unless it failed
            task.result()
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)


async def _to_pixel(desks: Desks, api: Api, seen: Seen) -> dict[str, tuple[list[float], int]]:
    """For each screen: the times from the fact to the pixel, and how many were looked for."""
    shown = await desks.operator.page.evaluate("window.shown")
    rings = [shown[reference] - at for reference, at in seen.rings.items() if shown.get(reference)]
    board, made = await desks.dispatcher.page.evaluate("window.shown"), 0
    incidents = []
    async for row in api.pages("/v1/incidents", regency=CODE, limit=200):
        made += 1
        if at := board.get(row["number"]):
            incidents.append(at - datetime.fromisoformat(row["created_at"]).timestamp() * 1000)
    return {"operator's queue": (rings, len(seen.rings)), "dispatcher's board": (incidents, made)}


async def _measured(host: SingleHost, rate: float, seconds: float) -> None:
    seen = Seen()
    add_account(host, "ani", "Ani Lestari", "operator", CODE)
    add_account(host, "dewi", "Dewi Kartika", "dispatcher", CODE)
    async with Receiver() as receiver, browser() as running, signed_in(host.url, _LEADER) as api:
        setting = await prepared(host.url, receiver.url)
        for _ in range(LOADS):
            await _load(running, host.url, seen)
        life = Life(host.url, setting)
        receiver.on_received = life.at_the_door
        async with _desks(running, host, api) as desks:
            with Reference() as reference:
                await _flow(desks, life, api, seen, rate, seconds)
            to_pixel = await _to_pixel(desks, api, seen)
            echoes = await desks.operator.page.evaluate("window.echoes")
        receiver.on_received = _ignored
        await _fill(api)
        rows, frames, long = await _scrolled(running, host.url)
    figures = [*_of_the_load(seen), *_of_the_flow(life, to_pixel, echoes), *_of_the_heaps(seen, seconds)]
    show(f"The console, {rate:g} calls/s for {seconds:g} s", [*figures, *_of_the_board(rows, frames, long)])
    print(reference)


_LEADER = Who(("admin", "supervisor", "operator", "dispatcher"), (CODE,))


async def _ignored(_: Received) -> None:
    pass


def _of_the_load(seen: Seen) -> list[Figure]:
    size, ready = max(seen.loads_kb), median(seen.ready)
    return [
        Figure("first load, on the wire", f"{size:.0f} kB", "at most 300 kB", size <= FIRST_LOAD_KB),
        Figure(f"ready, median of {LOADS}", f"{ready:.0f} ms", "at most 1,000 ms", ready <= READY_MS),
    ]


def _of_the_flow(life: Life, to_pixel: dict[str, tuple[list[float], int]], echoes: Sequence[float]) -> list[Figure]:
    figures = [
        Figure("calls closed / begun", f"{life.closed} / {len(life.calls)}", "all", life.closed == len(life.calls))
    ]
    for name, (times, made) in to_pixel.items():
        p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
        seen = f"p50 {p50:.0f}, p99 {p99:.0f} ms, {len(times)} of {made} seen"
        figures.append(Figure(f"event to pixel, {name}", seen, "p99 at most 150 ms", p99 <= EVENT_MS))
    p50, p99 = percentile(echoes, 0.5), percentile(echoes, 0.99)
    seen = f"p50 {p50:.0f}, p99 {p99:.0f} ms of {len(echoes)}"
    return [*figures, Figure("key to echo", seen, "p99 at most 50 ms", p99 <= KEY_MS)]


def _of_the_heaps(seen: Seen, seconds: float) -> list[Figure]:
    """The second quarter against the last: before that the page fills its lists."""
    figures = []
    for name, heaps in seen.heaps.items():
        quarter = max(1, len(heaps) // 4)
        early, late = median(heaps[quarter : 2 * quarter] or heaps), median(heaps[-quarter:])
        growth = late / early - 1
        told = f"{early / 1e6:.1f} to {late / 1e6:.1f} MB ({growth:+.0%}), {len(heaps)} times in {seconds / 60:.1f} min"
        figures.append(Figure(f"heap of the {name}'s page", told, "at most +10 %", growth <= HEAP_GROWTH))
    return figures


def _of_the_board(rows: int, frames: Sequence[float], long: Sequence[float]) -> list[Figure]:
    p99 = percentile(frames, 0.99)
    told = f"{len(long)}, longest {max(long, default=0):.0f} ms"
    return [
        Figure("rows of the board", f"{rows}", f"{OPEN}", rows >= OPEN),
        Figure("long tasks while it scrolls", told, "none above 50 ms", max(long, default=0.0) <= LONG_TASK_MS),
        Figure("frames while it scrolls", f"p99 {p99:.0f} ms of {len(frames)}", "p99 at most 50 ms", p99 <= FRAME_MS),
    ]


def measure(rate: float, seconds: float) -> None:
    with SingleHost() as host:
        asyncio.run(_measured(host, rate, seconds))

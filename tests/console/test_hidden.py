"""A tab that another one hides: browsers slow its timers down, and a call must ring in it all the same."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.patience import patience
from sigap_testing.plugin import or_missing

from .conftest import CODE, ring
from .tabs import Tab, tabbed_browser

SOON = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1"
"""So the browser wakes the timers of a hidden tab once in a minute alone after one minute; by default after 5."""
HIDDEN_MINUTES = 5
WAKE_GAP_MS = 5_000
"""A timer of 200 ms that is so late is woken once in a minute; before that, once in a second."""
RING_MS = 2_000

_LISTEN = """{
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) {
      window.ear = to.context.createAnalyser();
      connect.call(this, window.ear);
    }
    return connect.call(this, to, ...more);
  };
}"""
"""An ear at what the page gives to the loudspeaker."""
_LOUDNESS = """(() => {
  if (!window.ear || window.ear.context.state !== "running") return 0;
  const samples = new Float32Array(window.ear.fftSize);
  window.ear.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
})()"""
_TICK = """(() => {
  const tick = () => { window.ticked = performance.now(); setTimeout(tick, 200); };
  tick();
})()"""


@asynccontextmanager
async def hidden(desks: SingleHost, *options: str) -> AsyncIterator[Tab]:
    """Ani's desk, behind another tab of her window."""
    with or_missing():
        async with tabbed_browser(*options) as browser:
            ani = await browser.open(f"{desks.url}/console/", before=_LISTEN)
            await eventually(lambda: ani.value("document.querySelector('input[name=username]') !== null"))
            await ani.sign_in("ani")
            await eventually(lambda: ani.value("document.querySelector('.desk') !== null"))
            await ani.value(_TICK)
            await browser.open("about:blank")
            await eventually(lambda: ani.value("document.visibilityState === 'hidden'"))
            yield ani


async def is_slowed_down(tab: Tab) -> bool:
    return bool(await tab.value(f"performance.now() - window.ticked > {WAKE_GAP_MS}"))


async def rings_at_once(ani: Tab, api: Api) -> None:
    assert await ani.value(_LOUDNESS) == 0
    began = time.monotonic()
    await ring(api)
    await eventually(lambda: ani.value(f"{_LOUDNESS} > 0.05"), 70, every=0.05)
    waited = (time.monotonic() - began) * 1000
    assert await ani.value("document.visibilityState") == "hidden"
    assert (await ani.value("document.title")).startswith("(1)")
    print(f"heard after {waited:.0f} ms")
    assert waited < patience(RING_MS)


async def is_there(api: Api) -> bool:
    """Whether the room sees Ani, and her screen is heard of."""
    items = (await api.get("/v1/presence", regency=CODE))["items"]
    return any(one["operator"] == "ani" and not one["stale"] for one in items)


@pytest.mark.timeout(300)
async def test_a_call_rings_in_a_hidden_tab_whose_timers_are_slowed_down(desks: SingleHost, api: Api) -> None:
    async with hidden(desks, SOON) as ani:
        await eventually(lambda: is_slowed_down(ani), 150, every=1)
        assert await is_there(api)
        await rings_at_once(ani, api)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_call_rings_in_a_tab_that_was_hidden_for_five_minutes(desks: SingleHost, api: Api) -> None:
    """By the browser's own rules. The room never misses the screen meanwhile."""
    async with hidden(desks) as ani:
        began, seen = time.monotonic(), list[bool]()

        async def is_over() -> bool:
            seen.append(await is_there(api))
            return time.monotonic() - began > HIDDEN_MINUTES * 60

        await eventually(is_over, HIDDEN_MINUTES * 60 + 60, every=5)
        assert all(seen)
        await eventually(lambda: is_slowed_down(ani), 150, every=1)
        await rings_at_once(ani, api)

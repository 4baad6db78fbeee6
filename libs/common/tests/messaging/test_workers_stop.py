"""A worker that is told to stop stops, also if something wakes it at that very moment."""

import asyncio

import pytest

from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit
from sigap_testing.patience import patience


@pytest.mark.parametrize("turns", range(5))
async def test_retries_stop_though_an_event_wakes_them(kit: Kit, turns: int) -> None:
    """So many turns of the loop lie between the event that is stored and the word to stop; a wait that lets what it
    waits for win over a cancellation fails in one of them.
    """
    consumer = kit.runtime.consumer
    retry = asyncio.create_task(consumer.retry())
    await eventually(lambda: bool(consumer._stored._waiters), every=0)
    consumer._stored.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    retry.cancel()
    stopped, _ = await asyncio.wait([retry], timeout=patience(5))
    assert stopped == {retry}

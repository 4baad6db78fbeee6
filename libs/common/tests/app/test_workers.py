"""The workers of a running service outlive whatever happens to what they wait for."""

import asyncio

import pytest

from sigap_common.app.runtime import _kept_running
from sigap_common.bus import kafka_clients
from sigap_testing.eventually import eventually


async def test_a_worker_that_lets_a_foreign_cancellation_out_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigap_common.app.runtime.RESTART_SECONDS", 0.0)
    starts = 0

    async def worker() -> None:
        nonlocal starts
        starts += 1
        fetching = asyncio.create_task(asyncio.sleep(60))
        asyncio.get_running_loop().call_soon(fetching.cancel)
        await (fetching if starts == 1 else asyncio.sleep(60))

    running = asyncio.create_task(_kept_running(worker, "intake"))
    await eventually(lambda: starts == 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


class BreaksOff:
    """As aiokafka's consumer does when it is stopped while its fetches are under way."""

    def __init__(self) -> None:
        self.closed = False
        self._client = self

    async def stop(self) -> None:
        raise asyncio.CancelledError

    async def close(self) -> None:
        self.closed = True


async def test_a_kafka_consumer_whose_stop_breaks_off_is_closed_and_takes_nobody_with_it() -> None:
    consumer = BreaksOff()
    await kafka_clients.stop_client(consumer)
    assert consumer.closed

"""Additions to aiokafka's clients: closing one while the broker is away or hangs, and a pause after failed metadata."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from sigap_common.bus.port import BusUnavailable

UNREACHABLE = (KafkaError, OSError, TimeoutError)
_STOP_SECONDS = 12.0
_METADATA_PAUSE_SECONDS = 0.2


def patient(consumer: AIOKafkaConsumer) -> AIOKafkaConsumer:
    """Makes the consumer pause after it failed to get metadata. While a partition has no leader, aiokafka's fetcher
    asks again at once: if the broker is away, thousands of times a second, which takes a whole core.
    """
    client = consumer._client
    update = client._metadata_update

    async def patiently(*asked: Any) -> bool:
        updated: bool = await update(*asked)
        if not updated:
            await asyncio.sleep(_METADATA_PAUSE_SECONDS)
        return updated

    client._metadata_update = patiently
    return consumer


async def stop_client(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Closes the client within _STOP_SECONDS, whether the broker answers or not.

    Closing runs in a task of its own: a consumer's stop() raises the CancelledError of its own fetches, and the caller
    would end as if it had been cancelled itself.
    """
    closing = asyncio.create_task(_closed(client))
    try:
        await asyncio.wait([closing], timeout=_STOP_SECONDS)
    finally:
        closing.cancel()


async def _closed(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    connections = client.client if isinstance(client, AIOKafkaProducer) else client._client
    with suppress(*UNREACHABLE):
        try:
            if isinstance(client, AIOKafkaProducer) and (sending := client._sender.sender_task):
                # An idempotent producer tries for ever, and its stop() waits for that: there is no public way
                # out.
                sending.cancel()
                await asyncio.wait([sending])
                _fail_all(client._message_accumulator, KafkaError("the producer was thrown away"))
            await client.stop()
        finally:
            await connections.close()  # if stop() failed before it did this


def _fail_all(accumulator: Any, error: KafkaError) -> None:
    """The accumulator's own `fail_all`, without two errors that asyncio would report. A failed batch is removed from
    `_pending_batches`, where a batch that is to be sent again is missing. And nobody reads the exception of a
    `_drain_waiter`.
    """
    accumulator._pending_batches.update(batch for batches in accumulator._batches.values() for batch in batches)
    accumulator.fail_all(error)
    for batch in accumulator._pending_batches:
        let_go(batch._drain_waiter)


def let_go(future: "asyncio.Future[Any]") -> None:
    """Cancels a future that nobody waits for, or reads its exception, so that asyncio does not report it."""
    if not future.cancel() and not future.cancelled():
        future.exception()


@asynccontextmanager
async def running(
    client: AIOKafkaConsumer | AIOKafkaAdminClient, stop: Callable[[], Awaitable[None]]
) -> AsyncIterator[None]:
    """Starts the client, and stops it after the block, in which every error of the broker is raised as
    BusUnavailable.
    """
    try:
        await client.start()
        yield
    except UNREACHABLE as error:
        raise unavailable(error) from error
    finally:
        await stop()


def unavailable(error: BaseException) -> BusUnavailable:
    return error if isinstance(error, BusUnavailable) else BusUnavailable(f"{type(error).__name__}: {error}")

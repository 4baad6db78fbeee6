"""What aiokafka's clients need beside their own: to be closed while the broker is away or hangs, and to pause."""

import asyncio
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from sigap_common.bus.port import BusUnavailable

UNREACHABLE = (KafkaError, OSError, TimeoutError)
_STOP_SECONDS = 12.0
_METADATA_PAUSE_SECONDS = 0.2


def patient(consumer: AIOKafkaConsumer) -> AIOKafkaConsumer:
    """Pauses after metadata that could not be had. aiokafka's fetcher asks again at once while a partition has no
    leader: thousands of times a second where the broker is away, on a core of its own.
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
    """Closes it within a time, with the broker there or not.

    In a task of its own: a consumer's stop() lets the cancellation of its own fetches out, which would end whoever
    waits for it as if he were cancelled himself.
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
            await connections.close()  # where stop() broke off before it came to that


def _fail_all(accumulator: Any, error: KafkaError) -> None:
    """As its own `fail_all`, without what asyncio would report of it: a batch that was to be sent again is taken out of
    those on their way, where it is not, and whoever might have waited for its turn never takes the failure.
    """
    accumulator._pending_batches.update(batch for batches in accumulator._batches.values() for batch in batches)
    accumulator.fail_all(error)
    for batch in accumulator._pending_batches:
        let_go(batch._drain_waiter)


def let_go(future: "asyncio.Future[Any]") -> None:
    """Nobody waits for it any more: it is cancelled, or its failure taken, so that asyncio does not report it."""
    if not future.cancel() and not future.cancelled():
        future.exception()


def unavailable(error: BaseException) -> BusUnavailable:
    return error if isinstance(error, BusUnavailable) else BusUnavailable(f"{type(error).__name__}: {error}")

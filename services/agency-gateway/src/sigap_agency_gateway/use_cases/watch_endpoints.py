"""Checks disabled endpoints whose secret or channel was missing: the secret's file may have been added since."""

import asyncio
import logging

from sigap_agency_gateway.repository import GatewayService
from sigap_agency_gateway.use_cases.endpoints import CURABLE, enable_if_fit
from sigap_common.messaging.outages import AWAY, wait_out

LOOK_SECONDS = 10.0

log = logging.getLogger(__name__)


async def watch_endpoints(gateway: GatewayService) -> None:
    """The background worker. It runs in every replica; the lock of the row lets only one of them enable an endpoint."""
    while True:
        try:
            await look_again(gateway)
        except AWAY as away:
            await wait_out(log, "endpoints wait for their secrets", away)
        await asyncio.sleep(LOOK_SECONDS)


async def look_again(gateway: GatewayService) -> None:
    """Enables endpoints that can be used again. They then get the forwardings that their agency has not answered.

    Raises Unavailable, LockHeld.
    """
    async with gateway.view(by_worker=True) as view:
        disabled = await view.endpoints.disabled_for(*CURABLE)
    for endpoint_id in disabled:
        async with gateway.transaction(by_worker=True) as tx:
            await enable_if_fit(tx, endpoint_id)

"""Records as delivered what live streams have sent to agencies."""

import logging

from sigap_agency_gateway.repository import GatewayService
from sigap_agency_gateway.use_cases.answers import deliver_carried
from sigap_common.messaging.outages import AWAY, wait_out

log = logging.getLogger(__name__)


async def write_receipts(gateway: GatewayService) -> None:
    """The background worker. It runs in every replica, and records the receipts of that replica's streams."""
    receipts = gateway.resources.stream_receipts
    while True:
        for forwarding_id, revision in (await receipts.taken()).items():
            try:
                await deliver_carried(gateway, forwarding_id, revision)
            except AWAY as away:
                receipts.put(forwarding_id, revision)
                await wait_out(log, "what streams carried waits", away)
            except Exception:
                log.exception("a receipt of a stream cannot be recorded", extra={"forwarding_id": str(forwarding_id)})

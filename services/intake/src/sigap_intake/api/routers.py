"""The routers of intake, in the order of its OpenAPI."""

from sigap_intake.api import (
    blocks,
    call_transfers,
    callbacks,
    caller_data,
    calls,
    drafts,
    exchanges,
    places,
    presence,
    queue,
    reference,
    sop,
)

ROUTERS = (
    calls.router,
    exchanges.router,
    queue.router,
    reference.router,
    places.router,
    caller_data.router,
    drafts.router,
    sop.router,
    callbacks.router,
    blocks.router,
    presence.router,
    call_transfers.router,
)

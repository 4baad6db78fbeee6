"""Simulated agencies: each reads its forwardings and acknowledges them, like an agency at its desk."""

import asyncio
from collections.abc import Callable
from typing import Any

from sigap_cli.api import Api
from sigap_cli.errors import Refused
from sigap_cli.tokens import Who, token_of

LOOK_SECONDS = 0.5
AT_ONCE = 4
"""How many acknowledgements of one agency are sent at once."""
OPEN_STATE = "received"


async def answer_all(api: Api, regency: str, codes: list[str], on_acknowledged: Callable[[], None]) -> None:
    """Acknowledges all forwardings of a regency's agencies, until cancelled. Raises Refused, Unreachable."""
    async with asyncio.TaskGroup() as group:
        for code in codes:
            agency = f"{regency}/{code}"
            acting = api.acting(token_of(api, Who(("agency",), (regency,), agency)))
            group.create_task(_answer(acting, agency, on_acknowledged))


async def _answer(api: Api, agency: str, on_acknowledged: Callable[[], None]) -> None:
    while True:
        waiting = [f async for f in api.pages("/v1/forwardings", agency=agency, state=OPEN_STATE, limit=200)]
        limit = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for forwarding in waiting:
                group.create_task(_acknowledge(api, forwarding, limit, on_acknowledged))
        if not waiting:
            await asyncio.sleep(LOOK_SECONDS)


async def _acknowledge(
    api: Api, forwarding: dict[str, Any], limit: asyncio.Semaphore, on_acknowledged: Callable[[], None]
) -> None:
    key = f"acknowledge-{forwarding['id']}-{forwarding['revision']}"
    async with limit:
        try:
            await api.post(f"/v1/forwardings/{forwarding['id']}/acknowledge", {}, key=key)
        except Refused as refused:
            if refused.status != 409:
                raise
    on_acknowledged()

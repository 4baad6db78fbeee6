"""The drill door: the receiver of the drill agencies. It does the same as a real agency's receiver, over real HTTP.

It answers the delivery first, and then acknowledges by a request of its own: if the gateway waited for the
acknowledgement inside the delivery, it would wait for itself. The pending acknowledgement is kept only in memory and
tried a few times. If the process dies before an attempt succeeds, the drill is not acknowledged, and its result shows
that.
"""

import asyncio
import logging
from dataclasses import dataclass
from uuid import UUID

import httpx

from sigap_agency_gateway.domain.delivery import RETRY_SECONDS
from sigap_common.auth import Role, TokenIssuer
from sigap_common.observability import tracing
from sigap_common.outbound import no_cookies

TIMEOUT_SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Knock:
    """A notice that the door has to acknowledge."""

    forwarding_id: UUID
    revision: int
    agency: str


class DrillDoor:
    def __init__(self, origin: str, issuer: TokenIssuer) -> None:
        self._origin, self._issuer = origin, issuer
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def acknowledge_soon(self, knock: Knock) -> None:
        """Starts the acknowledgement, in the trace of the delivery."""
        task = asyncio.create_task(self._acknowledge(knock))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _acknowledge(self, knock: Knock) -> None:
        for pause in (*RETRY_SECONDS, None):
            if await self._tried(knock):
                return
            if pause is not None:
                await asyncio.sleep(pause)
        log.error("a drill was not acknowledged", extra={"forwarding_id": str(knock.forwarding_id)})

    async def _tried(self, knock: Knock) -> bool:
        """Makes one attempt. Returns whether no further attempt is needed."""
        url = f"{self._origin}/v1/forwardings/{knock.forwarding_id}/acknowledge"
        try:
            response = await self._http().post(
                url, json={"revision": knock.revision}, headers=self._headers(knock.agency)
            )
        except httpx.HTTPError as error:
            log.warning("the drill door cannot reach the gateway's API", extra={"reason": type(error).__name__})
            return False
        return response.status_code < 500

    def _headers(self, agency: str) -> dict[str, str]:
        regency = agency.partition("/")[0]
        token = self._issuer.issue("drill-door", [Role.agency], [regency], agency)
        headers = {"authorization": f"Bearer {token}"}
        return headers | ({"traceparent": here} if (here := tracing.current()) else {})

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, cookies=no_cookies())
        return self._client

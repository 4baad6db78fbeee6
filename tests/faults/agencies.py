"""The agencies' systems: they check each webhook, keep what came, and acknowledge by the API."""

import asyncio
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from tests.faults.client import StubbornClient, Unanswered

from sigap_testing.receiver import Received


@dataclass(frozen=True, slots=True)
class Arrival:
    """A webhook that came. `at`: by our monotonic clock; `call`: the number of the call it is about."""

    at: float
    webhook_id: str
    forwarding_id: str
    revision: int
    call: int
    digest: str


class Agencies:
    """`secrets` and `tokens` by agency code; the last step of the path says whose door it is."""

    def __init__(self, client: StubbornClient) -> None:
        self._client = client
        self.secrets: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.arrivals: list[Arrival] = []
        self.first_arrival: dict[int, float] = {}
        """When the first webhook of a call came."""
        self.wrong: list[str] = []
        self.answering = asyncio.Event()
        self.answering.set()
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def receive(self, received: Received) -> None:
        agency = received.path.rpartition("/")[2]
        try:
            Webhook(self.secrets[agency]).verify(received.body, dict(received.headers))
        except WebhookVerificationError as error:
            self.wrong.append(f"a webhook to {agency} was not signed: {error}")
            return
        notice = json.loads(received.body)
        arrival = _arrival(notice, received.headers, received.body)
        self.arrivals.append(arrival)
        self.first_arrival.setdefault(arrival.call, arrival.at)
        task = asyncio.create_task(self._acknowledge(agency, arrival))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)
        await self.answering.wait()

    async def _acknowledge(self, agency: str, arrival: Arrival) -> None:
        path = f"/v1/forwardings/{arrival.forwarding_id}/acknowledge"
        body = {"revision": arrival.revision}
        try:
            await self._client.post(path, body, self.tokens[agency], key=arrival.webhook_id)
        except (Unanswered, AssertionError) as failure:
            self.wrong.append(f"not acknowledged: {failure}")

    async def done(self) -> None:
        """Waits until every acknowledgement that was begun has been answered."""
        while self._acknowledging:
            await asyncio.wait(set(self._acknowledging))

    def ids_and_bodies(self) -> dict[tuple[str, int], tuple[set[str], set[str]]]:
        """By forwarding and revision: the webhook ids and the bodies' digests that came."""
        found: dict[tuple[str, int], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for arrival in self.arrivals:
            ids, digests = found[arrival.forwarding_id, arrival.revision]
            ids.add(arrival.webhook_id)
            digests.add(arrival.digest)
        return found

    @property
    def repeats(self) -> int:
        return len(self.arrivals) - len({arrival.webhook_id for arrival in self.arrivals})


def address_of(call: int) -> str:
    """What the emergency's address says, so that a webhook tells which call it is about."""
    return f"Jalan Uji {call}"


def _arrival(notice: dict[str, Any], headers: Mapping[str, str], body: bytes) -> Arrival:
    return Arrival(
        at=time.monotonic(),
        webhook_id=headers["webhook-id"],
        forwarding_id=notice["forwarding_id"],
        revision=notice["revision"],
        call=int(notice["incident"]["place"]["address"].rpartition(" ")[2]),
        digest=hashlib.sha256(body).hexdigest(),
    )

"""A telephone exchange that tells of calls, each event once: it repeats none that was not taken."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

import httpx
from anyio.from_thread import start_blocking_portal
from tests.exchange.checker import compare, once_each, settled
from tests.exchange.sip import KINDS, SipCall
from tests.faults.checker import reader

from sigap_common.core.signatures import new_secret, sign
from sigap_common.outbound import no_cookies

REGENCY = "99.93"
"""Another one than the traffic's: who checks that finds none of these calls there."""
NAME = f"{REGENCY}/pbx"
SECRET = new_secret()
SETTINGS = {"SIGAP_INTAKE_EXCHANGES": json.dumps({NAME: "SIGAP_SECRET_99_93_PBX"}), "SIGAP_SECRET_99_93_PBX": SECRET}
"""By which intake knows the exchange."""
TOLD_A_SECOND = 1.0
STEPS = (("invited", "ringing"), ("answered", "answered"), ("ending", "ended"))
STEP_SECONDS = 1.0
ANSWER_SECONDS = 10.0
IDLE_SECONDS = 2.0


class Exchange:
    """`calls`: those that it told of; `told`: how many events were taken; `odd`: what became of the others."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[SipCall] = []
        self.told = 0
        self.odd: list[str] = []
        self.over = asyncio.Event()
        limits = httpx.Limits(max_connections=None, keepalive_expiry=IDLE_SECONDS)
        self._http = httpx.AsyncClient(
            base_url=url, timeout=ANSWER_SECONDS, limits=limits, trust_env=False, cookies=no_cookies()
        )

    async def tell(self) -> None:
        """Of a call each second until it is over, and then of the ends of those that are left."""
        began = time.monotonic()
        async with self._http, asyncio.TaskGroup() as calls:
            for number in count():
                if self.over.is_set():
                    break
                calls.create_task(self._tell_of_one(number))
                due = began + (number + 1) / TOLD_A_SECOND
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _tell_of_one(self, number: int) -> None:
        call = SipCall(f"told-{number}", KINDS["caller_hangs_up"], f"+62821{number:08d}")
        self.calls.append(call)
        for moment, event in STEPS:
            call.at[moment] = time.time()
            by = {"ended_by": call.kind.ended_by} if event == "ended" else {}
            at = datetime.fromtimestamp(call.at[moment], UTC).isoformat()
            await self._post({"event": event, "call_id": call.id, "at": at, "number": call.number, **by})
            await asyncio.sleep(STEP_SECONDS)
        call.at["over"] = time.time()

    async def _post(self, document: dict[str, str | None]) -> None:
        body, message, now = json.dumps(document).encode(), uuid.uuid4().hex, int(time.time())
        signed = {"webhook-id": message, "webhook-timestamp": str(now)}
        signed |= {"webhook-signature": sign(SECRET, message, now, body), "content-type": "application/json"}
        try:
            answer = await self._http.post("/v1/cti/generic", params={"exchange": NAME}, content=body, headers=signed)
        except httpx.TransportError as error:
            self.odd.append(f"{document}: {type(error).__name__}")
            return
        if answer.status_code == 202:
            self.told += 1
        else:
            self.odd.append(f"{document}: {answer.status_code} {answer.text[:300]}")


@contextmanager
def telling(url: str) -> Iterator[Exchange]:
    """An exchange that tells until the end of the block, in a thread of its own."""
    with start_blocking_portal() as portal:
        exchange = portal.call(Exchange, url)
        task = portal.start_task_soon(exchange.tell)
        try:
            yield exchange
        finally:
            portal.call(exchange.over.set)
            task.result()


async def wrong_calls(exchange: Exchange) -> list[str]:
    """What is wrong with the calls that became of it, in words."""
    async with reader(exchange.url) as api:
        there = await settled(api, exchange.calls, REGENCY)
        return compare(exchange.calls, there) + await once_each(api, there)

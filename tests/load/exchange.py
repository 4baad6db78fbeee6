"""How soon an exchange is answered (`POST /v1/cti/generic`, signed), with intake's database there and with it away,
beside a bare FastAPI that writes the same lines to a file and waits for the disk.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from tests.load.receiving import wait_for
from tests.load.report import Figure, percentile, show
from tests.load.setting import CODE, prepared
from tests.load.usage import cpu_seconds
from tests.load.wire import Wire

from sigap_common.core.signatures import new_secret, sign
from sigap_testing.cluster import Cluster, steady_port
from sigap_testing.parts import end

HERE = Path(__file__).parent
EXCHANGE = f"{CODE}/pbx"
STEPS = ("ringing", "answered", "ended")
WARM_UP_SECONDS = 2.0
MOST_SECONDS = 0.05
"""Of the p99."""


class Exchange:
    """Tells of calls that ring, are answered and end, one event after the other."""

    def __init__(self, url: str, secret: str) -> None:
        place = urlsplit(url)
        assert place.hostname
        assert place.port
        self._wire, self._secret, self._told = Wire(place.hostname, place.port), secret, 0

    async def answered_after(self, rate: float, seconds: float) -> list[float]:
        """Seconds from each event to its answer; `rate` events a second, whether those before are answered or not."""
        began, telling = time.monotonic(), []
        for n in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
            telling.append(asyncio.create_task(self._tell()))
        return await asyncio.gather(*telling)

    async def _tell(self) -> float:
        number, step = divmod(self._told, len(STEPS))
        self._told += 1
        event = {"event": STEPS[step], "call_id": f"load-{number}", "number": f"+62812{number:08d}"}
        body, now, message = json.dumps(event).encode(), int(time.time()), uuid.uuid4().hex
        signature = sign(self._secret, message, now, body)
        headers = {"webhook-id": message, "webhook-timestamp": str(now), "webhook-signature": signature}
        began = time.monotonic()
        status, answer = await self._wire.send(f"/v1/cti/generic?exchange={EXCHANGE}", body, headers)
        took = time.monotonic() - began
        if status != 202:
            raise AssertionError(f"{status} {answer}")
        return took

    async def close(self) -> None:
        await self._wire.close()


def measure(rate: float = 30, seconds: float = 20) -> None:
    secret, events = new_secret(), rate * (WARM_UP_SECONDS + seconds)
    settings = {"SIGAP_INTAKE_EXCHANGES": json.dumps({EXCHANGE: "SIGAP_SECRET_LOAD"}), "SIGAP_SECRET_LOAD": secret}
    with Cluster(durable=True, services=("dispatch", "intake"), settings=settings) as cluster:
        asyncio.run(prepared(cluster.url, agencies=False))
        bare = _bare(cluster.folder / "bare.spool", secret, rate, seconds)
        intake = cluster.processes["intake"]
        used = cpu_seconds({intake.pid: "it"})["it"]
        there = asyncio.run(_measured(intake.url, secret, rate, seconds))
        used = cpu_seconds({intake.pid: "it"})["it"] - used
        cluster.postgres.stop()
        away = asyncio.run(_measured(intake.url, secret, rate, seconds))
        cluster.postgres.start()
    show(
        f"The answer to an exchange, {rate:g} events a second, each on the disk before it is answered",
        [
            Figure("bare FastAPI that appends to a file: p50, p99", _shown(bare)),
            _figure("with the database there: p50, p99", there),
            Figure("  intake's CPU an event, taking in included", f"{1000 * used / events:.2f} ms"),
            _figure("with the database away: p50, p99", away),
        ],
    )


def _bare(file: Path, secret: str, rate: float, seconds: float) -> list[float]:
    port = steady_port()
    environment = os.environ | {"BASELINE_FILE": str(file), "BASELINE_PORT": str(port)}
    process = subprocess.Popen([sys.executable, HERE / "bare_spool.py"], env=environment)
    try:
        wait_for(port)
        return asyncio.run(_measured(f"http://127.0.0.1:{port}", secret, rate, seconds))
    finally:
        end(process, signal.SIGTERM, within=10)


async def _measured(url: str, secret: str, rate: float, seconds: float) -> list[float]:
    exchange = Exchange(url, secret)
    await exchange.answered_after(rate, WARM_UP_SECONDS)
    took = await exchange.answered_after(rate, seconds)
    await exchange.close()
    return took


def _figure(name: str, took: list[float]) -> Figure:
    met = percentile(took, 0.99) <= MOST_SECONDS
    return Figure(name, _shown(took), f"p99 at most {1000 * MOST_SECONDS:g} ms", met)


def _shown(took: list[float]) -> str:
    return f"{1000 * percentile(took, 0.5):.1f} ms, {1000 * percentile(took, 0.99):.1f} ms"

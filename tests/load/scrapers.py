"""How much scrapers without pause slow an operator down, on one host.

An operator receives calls, one after the other: first alone, then beside 20 clients that ask for `/metrics` and
`/openapi.json` again as soon as they have the answer.
"""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE

from tests.load.report import Figure, percentile, show
from tests.load.setting import CODE, prepared
from tests.load.wire import Wire

from sigap_testing.cluster import SingleHost

SCRAPERS = 20
PATHS = ("/metrics", "/openapi.json")
ROUNDS = 2
MOST_MORE = 1.2
"""Of the p50 without scrapers."""


async def _received(wire: Wire, token: str, count: int) -> list[float]:
    """Seconds of each call's POST."""
    took = []
    for number in range(count):
        body = {"regency": CODE, "channel": "telephone", "number": f"+62812{number:08d}"}
        began = time.perf_counter()
        status, answer = await wire.post("/v1/calls", body, token)
        took.append(time.perf_counter() - began)
        assert status == 201, answer
    return took


async def _scrape(port: int, path: str, scraped: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    while True:
        writer.write(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length: ")[2].split("\r\n")[0]))
        scraped.append(int(head.split()[1]))


async def _scrape_until_told(port: int) -> None:
    """Says when all have an answer, and at the end how many answers came."""
    scraped = list[int]()
    scrapers = [asyncio.create_task(_scrape(port, PATHS[n % len(PATHS)], scraped)) for n in range(SCRAPERS)]
    while len(scraped) < SCRAPERS * 2:
        await asyncio.sleep(0.1)
    print("scraping", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for scraper in scrapers:
        scraper.cancel()
    await asyncio.gather(*scrapers, return_exceptions=True)
    print(len(scraped))


async def _compare(host: SingleHost, calls: int) -> tuple[list[float], list[float], int]:
    token = (await prepared(host.url, agencies=False)).leader
    wire, answers = Wire("127.0.0.1", host.port), 0
    alone, beside = list[float](), list[float]()
    await _received(wire, token, calls // 2)  # to warm up
    for _ in range(ROUNDS):  # in turn, so that the machine's own unrest meets both
        alone += await _received(wire, token, calls)
        # In a process of their own: in this one, their work would be measured as the host's.
        command = [sys.executable, "-m", __name__, str(host.port)]
        scrapers = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        assert scrapers.stdout is not None
        await asyncio.wait_for(scrapers.stdout.readline(), 60)  # the document is made by then
        beside += await _received(wire, token, calls)
        said, _ = await asyncio.wait_for(scrapers.communicate(b"\n"), 30)
        answers += int(said)
    await wire.close()
    return alone, beside, answers


def measure(calls: int = 300) -> None:
    with SingleHost() as host:
        alone, beside, answers = asyncio.run(_compare(host, calls))
    before, after = percentile(alone, 0.5), percentile(beside, 0.5)
    most = before * MOST_MORE
    show(
        f"{SCRAPERS} scrapers without pause ({answers} answers) beside an operator",
        [
            Figure("POST /v1/calls alone: p50", f"{before * 1000:.1f} ms"),
            Figure(
                "beside the scrapers: p50",
                f"{after * 1000:.1f} ms ({after / before - 1:+.0%})",
                f"at most {most * 1000:.1f} ms",
                after <= most,
            ),
        ],
    )


if __name__ == "__main__":
    asyncio.run(_scrape_until_told(int(sys.argv[1])))

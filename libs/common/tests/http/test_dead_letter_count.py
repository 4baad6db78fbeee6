"""`sigap_dead_letters` tells how many are parked now, whoever parked them."""

from sigap_common.bus import Malformed
from sigap_common.database import Database
from sigap_common.http.dead_letters import LOOK_SECONDS, DeadLetterCount
from sigap_common.http.operations import Exposed
from sigap_testing.kit import Kit
from sigap_testing.parts import free_port


async def scraped(kit: Kit) -> str:
    """The figure as Prometheus reads it."""
    answer = await kit.client.get("/metrics")
    assert "# TYPE sigap_dead_letters gauge" in answer.text
    return figure(answer.text)


def figure(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith("sigap_dead_letters{")]
    name, value = line.split()
    assert name == 'sigap_dead_letters{service="sample"}'
    return value


async def park(kit: Kit, offset: int) -> None:
    await kit.runtime.consumer.hear([Malformed("sigap.calls", 0, offset, [], b"k", b"\xff", "no event")])


async def letters(kit: Kit) -> list[str]:
    answer = await kit.client.get("/v1/ops/sample/dead-letters", headers=kit.bearer("admin"))
    return [letter["event_id"] for letter in answer.json()["items"]]


async def test_it_goes_up_when_events_are_parked_and_down_when_they_are_discarded(kit: Kit) -> None:
    assert await scraped(kit) == "0.0"
    await park(kit, 1)
    await park(kit, 2)
    kit.clock.advance(LOOK_SECONDS)
    assert await scraped(kit) == "2.0"
    for gone, left in enumerate(("1.0", "0.0")):
        (first, *others) = await letters(kit)
        assert len(others) == 1 - gone
        path = f"/v1/ops/sample/dead-letters/{first}/discard"
        assert (await kit.client.post(path, headers=kit.bearer("admin"))).status_code == 200
        kit.clock.advance(LOOK_SECONDS)
        assert await scraped(kit) == left


async def test_a_process_that_starts_tells_what_was_parked_before_it(kit: Kit) -> None:
    await park(kit, 1)
    kit.runtime.metrics.dead_letters.set(0)
    assert await scraped(kit) == "1.0"


async def test_the_table_is_read_every_few_seconds_at_most(kit: Kit) -> None:
    assert await scraped(kit) == "0.0"
    await park(kit, 1)
    kit.runtime.metrics.dead_letters.set(0)
    kit.clock.advance(LOOK_SECONDS - 0.1)
    assert await scraped(kit) == "0.0"
    kit.clock.advance(0.1)
    assert await scraped(kit) == "1.0"


async def test_a_database_that_is_away_is_told_as_not_known_and_metrics_are_answered(kit: Kit) -> None:
    runtime, away = kit.runtime, Database(f"postgresql+asyncpg://sigap@127.0.0.1:{free_port()}/no")
    count = DeadLetterCount(away, runtime.tables.waiting, runtime.metrics.dead_letters, kit.clock.elapsed)
    try:
        answer = await Exposed([("sample", runtime.metrics.registry)], [count]).response()
        assert figure(bytes(answer.body).decode()) == "NaN"
    finally:
        await away.close()
    kit.clock.advance(LOOK_SECONDS)
    assert await scraped(kit) == "0.0"

"""What a migration makes of facts that are there already."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from sigap_analytics.main import service
from sigap_common.app.migrations import upgrade
from sigap_testing.kit import Kit

History = Any

BEFORE_ON_BEHALF = (
    "ALTER TABLE forwardings DROP COLUMN on_behalf",
    "UPDATE alembic_version SET version_num = '0003'",
)


async def test_acknowledgements_from_before_are_told_from_the_agencys_own(
    kit: Kit, history: History, tell: Callable[..., Awaitable[None]], ask: Callable[..., Awaitable[Any]]
) -> None:
    incident = history.incident("10:00:00", answered="09:59:50")
    for channel in ("api", "telephone", "radio"):
        on_behalf = channel != "api"
        forwarding = history.forward(incident, "10:00:00")
        history.acknowledge(incident, forwarding, "10:00:10", channel=channel, on_behalf=on_behalf)
    history.forward(incident, "10:00:00")
    await tell(history)
    (written,) = await ask("forwardings")
    assert written["parts"] == {"acknowledged": 3, "acknowledged_on_behalf": 2, "open": 1}
    async with kit.runtime.database.write() as connection:
        for statement in BEFORE_ON_BEHALF:
            await connection.execute(text(statement))
    await upgrade(service, kit.runtime.database.url, "0004")
    assert await ask("forwardings") == [written]

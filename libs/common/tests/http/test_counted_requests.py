from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sigap_testing.kit import Kit, started
from sigap_testing.sample.main import service


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        yield kit


async def test_made_up_methods_are_counted_together(kit: Kit) -> None:
    """A label is kept for ever: a client could fill the memory with methods."""
    for number in range(20):
        await kit.client.request(f"ODD{number}", "/v1/nowhere")
    metrics = (await kit.client.get("/metrics")).text
    (line,) = [line for line in metrics.splitlines() if 'method="other"' in line and "requests_total" in line]
    assert line.endswith(" 20.0")
    assert "ODD" not in metrics

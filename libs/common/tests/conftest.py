"""The sample service, for the tests of the frame."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sigap_testing.kit import Kit, started
from sigap_testing.sample.main import service


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    """The sample service on an empty database of each kind."""
    async with started(service, database_url, tmp_path) as kit:
        yield kit

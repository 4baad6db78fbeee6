"""Dispatch on a real database of each kind, and an incident that begins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from services.dispatch.tests.dispatch_histories import Desk, History, a_pack

from sigap_dispatch.main import service
from sigap_testing.kit import started


@pytest.fixture
def history() -> History:
    return History(a_pack())


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with started(service, database_url, tmp_path) as kit:
        await kit.configure(a_pack())
        yield Desk(kit)

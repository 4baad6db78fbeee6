"""The inbox gives each event once, however many are asked for together."""

from pathlib import Path

import pytest

from sigap_common.ids import uuid7
from sigap_common.inbox import LARGEST, Inbox
from sigap_common.testing.kit import started
from sigap_common.testing.sample.main import service


@pytest.mark.parametrize("count", [2, 3, 8, 100, LARGEST])
async def test_of_many_events_those_are_new_that_were_not_there(database_url: str, tmp_path: Path, count: int) -> None:
    async with started(service, database_url, tmp_path) as kit:
        inbox = Inbox(kit.runtime.tables.inbox)
        ids = [uuid7() for _ in range(count)]
        async with kit.runtime.database.write() as connection:
            assert await inbox.is_new(connection, ids[0], kit.clock())
            assert await inbox.new_among(connection, ids, kit.clock()) == set(ids[1:])
        async with kit.runtime.database.write() as connection:
            assert await inbox.new_among(connection, ids, kit.clock()) == set()

"""The inbox gives each event once, however many are asked for together."""

from pathlib import Path
from uuid import UUID

import pytest

from sigap_common.core.ids import uuid7
from sigap_common.database import LARGEST, NotUnique
from sigap_common.messaging.inbox import Inbox
from sigap_testing.kit import Kit, started
from sigap_testing.sample.main import service


@pytest.mark.parametrize("count", [2, 3, 8, 100, LARGEST])
async def test_of_many_events_those_are_known_that_were_taken_down(
    database_url: str, tmp_path: Path, count: int
) -> None:
    async with started(service, database_url, tmp_path) as kit:
        inbox, ids = Inbox(kit.runtime.tables.inbox), [uuid7() for _ in range(count)]
        await take(kit, inbox, ids[0])
        assert await known(kit, inbox, ids) == set(ids[:1])
        await take(kit, inbox, *ids[1:])
        assert await known(kit, inbox, ids) == set(ids)
        for again in (ids, ids[-1:]):
            with pytest.raises(NotUnique) as refused:
                await take(kit, inbox, *again)
            assert inbox.has(refused.value)


async def take(kit: Kit, inbox: Inbox, *ids: UUID) -> None:
    async with kit.runtime.transaction() as tx:
        await inbox.take(tx, ids)


async def known(kit: Kit, inbox: Inbox, ids: list[UUID]) -> set[UUID]:
    async with kit.runtime.database.read() as connection:
        return await inbox.known_among(connection, ids)

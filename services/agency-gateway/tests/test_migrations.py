"""What a migration makes of rows that are there already."""

import pytest
from gateway_histories import FIRST, Ask, Json, closed, forwarded, hear, withdrawn
from sqlalchemy import select, text

from sigap_agency_gateway.main import service
from sigap_agency_gateway.models import forwardings
from sigap_common.app.migrations import upgrade
from sigap_common.contracts.base import Event
from sigap_testing.kit import Kit

PATH = f"/v1/forwardings/{FIRST}"
Answers = list[tuple[str, Json]]
BEFORE_CONCERN = (
    "DROP INDEX forwardings_open",
    "ALTER TABLE forwardings DROP COLUMN concern",
    "UPDATE alembic_version SET version_num = '0002'",
)


async def concern(kit: Kit) -> str:
    async with kit.runtime.database.read() as connection:
        found: str = (await connection.execute(select(forwardings.c.concern))).scalar_one()
    return found


async def migrated_again(kit: Kit) -> str:
    """The column anew, by the revision that brings it; later revisions do not touch it."""
    async with kit.runtime.database.write() as connection:
        for statement in BEFORE_CONCERN:
            await connection.execute(text(statement))
    await upgrade(service, kit.runtime.database.url, "0003")
    return await concern(kit)


@pytest.mark.parametrize(
    ("said_before", "ending", "said_after"),
    [
        ([], [], []),
        ([("decline", {"reason": "no_unit"})], [], []),
        ([], [closed()], []),
        ([], [withdrawn(2)], []),
        ([("acknowledge", {})], [withdrawn(2, stand_down=True)], []),
        ([("acknowledge", {})], [withdrawn(2, stand_down=True)], [("acknowledge", {})]),
        ([("acknowledge", {})], [withdrawn(2, stand_down=True)], [("progress", {"progress": "done"})]),
    ],
)
async def test_older_forwardings_concern_their_agency_as_new_ones_do(
    kit: Kit, ask: Ask, said_before: Answers, ending: list[Event], said_after: Answers
) -> None:
    await hear(kit, forwarded())
    for answer, body in said_before:
        assert (await ask("POST", f"{PATH}/{answer}", body)).status_code == 200
    if ending:
        await hear(kit, *ending, sequence=2)
    for answer, body in said_after:
        assert (await ask("POST", f"{PATH}/{answer}", body)).status_code == 200
    written = await concern(kit)
    assert await migrated_again(kit) == written

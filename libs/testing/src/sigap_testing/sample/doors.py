"""Doors of the sample service, for tests of the common library."""

from uuid import UUID

from sigap_common.core.ids import uuid7
from sigap_testing.kit import Kit
from sigap_testing.sample.main import Door

REGENCY = "17.71"


async def a_door(kit: Kit, door_id: UUID | None = None) -> UUID:
    """Opens a door in REGENCY, and returns its id."""
    door_id = door_id or uuid7()
    async with kit.runtime.transaction() as tx:
        tx.open_door(door_id, REGENCY)
    return door_id


async def the_door(kit: Kit, door_id: UUID) -> Door:
    """The door as the database has it. Raises NotFound."""
    async with kit.runtime.view() as view:
        door: Door = await view.doors.get(door_id, lock=False)
        return door

"""Doors of the sample service and the notes it hears of calls, for the tests of the frame."""

from uuid import UUID

from sqlalchemy import func, select

from sigap_common.contracts.calls import CallNoted
from sigap_common.core.ids import uuid7
from sigap_common.personal_data import Sealed
from sigap_testing.kit import Kit
from sigap_testing.sample.main import Door, doors

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


async def count_doors(kit: Kit) -> int:
    """How many doors the database has."""
    async with kit.runtime.database.read() as connection:
        found: int = (await connection.execute(select(func.count()).select_from(doors))).scalar_one()
        return found


async def knocks(kit: Kit, door_id: UUID) -> int:
    """How many there were at the door. Raises NotFound."""
    return (await the_door(kit, door_id)).knocks


def a_note(kit: Kit, words: str = "hello") -> CallNoted:
    """A note with these words, written at this moment of the service's clock."""
    now = kit.runtime.clock()
    return CallNoted(at=now, recorded_at=now, text=Sealed(words))


async def hear_note(
    kit: Kit,
    door_id: UUID,
    *words: str,
    sequence: int = 1,
    regency: str = REGENCY,
    event_id: UUID | None = None,
    need: str | None = None,
) -> None:
    """The service hears a note with each of these words, or one with any, of the call that has the door's id."""
    notes = [a_note(kit, each) for each in words] or [a_note(kit)]
    await kit.hear(*notes, subject=str(door_id), regency=regency, sequence=sequence, event_id=event_id, need=need)

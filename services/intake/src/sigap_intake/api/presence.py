"""`/v1/presence`: who is in the room, and what each does."""

from collections.abc import Sequence

from fastapi import APIRouter

from sigap_common.auth import Access
from sigap_common.http.listing import Filters, PageOf200
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import add_stream
from sigap_intake.api.parameters import Reader, Speaker, Tx, View
from sigap_intake.domain.presence import Presence
from sigap_intake.listings.room import ROOM, RoomFilters
from sigap_intake.repository import IntakeTransaction
from sigap_intake.schemas.operators import Heartbeat, HeartbeatOut, PresenceOut, Room, SignOff, SignOn
from sigap_intake.use_cases import presence as use_cases
from sigap_intake.visibility.calls import POLICY, READERS
from sigap_intake.visibility.room import ROOM_POLICY

router = APIRouter(tags=["presence"], route_class=UseCaseRoute)


@router.get("/v1/presence", summary="Who is signed on, and what each does", responses=problems(404))
async def read_room(view: View, access: Reader, filters: Filters[RoomFilters], page: PageOf200) -> Room:
    found = (await ROOM.page(view, access, filters, page)).map(view.presences.opened)
    return Room(items=await _shown(view, access, found.items), next=found.next)


@router.post("/v1/presence", summary="Sign on, or change your state", responses=problems(404))
async def sign_on(body: SignOn, tx: Tx, access: Speaker) -> PresenceOut:
    return await _one(tx, access, await use_cases.enter(tx, access, body.regency, body.state))


@router.post("/v1/presence/heartbeat", summary="Say that your screen is there", responses=problems(404, 409))
async def say_present(body: Heartbeat, tx: Tx, access: Speaker) -> HeartbeatOut:
    return HeartbeatOut(stale_at=await use_cases.beat(tx, access, body.regency))


@router.post("/v1/presence/sign-off", summary="Sign off", responses=problems(404, 409))
async def sign_off(body: SignOff, tx: Tx, access: Speaker) -> PresenceOut:
    left = await use_cases.leave(tx, access, body.regency, leave_calls=body.leave_calls)
    return await _one(tx, access, left)


add_stream(router, "/v1/presence", ROOM_POLICY, *READERS)


async def _one(tx: IntakeTransaction, access: Access, presence: Presence) -> PresenceOut:
    [shown] = await _shown(tx, access, [presence])
    return shown


async def _shown(tx: IntakeTransaction, access: Access, found: Sequence[Presence]) -> list[PresenceOut]:
    if not found:
        return []
    calls = await tx.presences.active_calls({one.regency for one in found}, {one.operator for one in found})
    opened = POLICY.opens(access)
    return [PresenceOut.of(one, calls.get((one.regency, one.operator), []), opened=opened) for one in found]

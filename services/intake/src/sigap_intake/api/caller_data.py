"""`/v1/calls/{id}`: who calls and from where."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_intake.api.parameters import Caller, Speaker, Tx
from sigap_intake.api.whole import whole
from sigap_intake.schemas.callers import DescribeCaller, PositionCaller
from sigap_intake.schemas.calls import CallOut
from sigap_intake.use_cases import caller_data

router = APIRouter(prefix="/v1/calls", tags=["calls"], route_class=UseCaseRoute)


@router.post("/{call_id}/caller", summary="Enter or correct who calls, at any time", responses=problems(404))
async def describe_caller(call_id: UUID, body: DescribeCaller, tx: Tx, access: Speaker) -> CallOut:
    call = await caller_data.describe_caller(tx, access, call_id, body.command(access.subject))
    return await whole(tx, access, call)


@router.post("/{call_id}/fixes", summary="A position of the caller, at any time", responses=problems(404))
async def position_caller(call_id: UUID, body: PositionCaller, tx: Tx, access: Caller) -> CallOut:
    """It is kept beside the others; the best of them is the caller's place (`caller_location`)."""
    place = body.place
    assert place is not None
    call = await caller_data.position_caller(
        tx, access, call_id, place, body.source, chosen=body.chosen, found_at=body.found_at, at=body.at
    )
    return await whole(tx, access, call)

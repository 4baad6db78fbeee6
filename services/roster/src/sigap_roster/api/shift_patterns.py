"""`/v1/shift-patterns`: the shifts of a regency's centre, from its pack."""

from typing import Annotated

from fastapi import APIRouter, Query

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_roster.api.parameters import Reader, View
from sigap_roster.schemas.shift_patterns import ShiftPatternOut, ShiftPatterns

router = APIRouter(tags=["shift patterns"], route_class=UseCaseRoute)


@router.get("/v1/shift-patterns", summary="The shifts of a regency", responses=problems(404))
async def list_shift_patterns(view: View, access: Reader, regency: Annotated[RegencyCode, Query()]) -> ShiftPatterns:
    view.require_known(access, regency)
    return ShiftPatterns(items=[ShiftPatternOut.of(view.packs.get(regency))])

"""`/v1/alarms`: what shouts, from every service."""

from fastapi import APIRouter

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import Cursor, Limit, Reader, Regency, View
from sigap_dispatch.schemas.alarms import AlarmList, AlarmOut

router = APIRouter(tags=["alarms"], route_class=UseCaseRoute)


@router.get("/v1/alarms", summary="Alarms that stand, the oldest first", responses=problems(404))
async def list_alarms(
    view: View, access: Reader, regency: Regency = None, cursor: Cursor = None, limit: Limit = 100
) -> AlarmList:
    view.require_known(access, regency)
    found, following = await view.alarms.page(access, regency, cursor, limit)
    items = [AlarmOut(**{name: getattr(alarm, name) for name in AlarmOut.model_fields}) for alarm in found]
    return AlarmList(items=items, next=following)

"""`/v1/alarms`: the alarms of all services."""

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageOf100
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import Reader, View
from sigap_dispatch.listings import AlarmFilters
from sigap_dispatch.schemas.alarms import AlarmList
from sigap_dispatch.use_cases.alarms import standing_alarms

router = APIRouter(tags=["alarms"], route_class=UseCaseRoute)


@router.get("/v1/alarms", summary="List alarms that are not cleared, oldest first", responses=problems(404))
async def list_alarms(view: View, access: Reader, filters: Filters[AlarmFilters], page: PageOf100) -> AlarmList:
    found = await standing_alarms(view, access, filters, page)
    return AlarmList.model_validate(found, from_attributes=True)

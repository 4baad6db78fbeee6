"""`/v1/alarms`: the alarms of all services, in groups."""

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageOf100
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import add_stream
from sigap_dispatch.api.parameters import Reader, View
from sigap_dispatch.listings import AlarmFilters
from sigap_dispatch.schemas.alarms import AlarmList, AlarmOut
from sigap_dispatch.use_cases import alarms
from sigap_dispatch.visibility import ALARM_POLICY, READERS

router = APIRouter(tags=["alarms"], route_class=UseCaseRoute)
add_stream(router, "/v1/alarms", ALARM_POLICY, *READERS)


@router.get("/v1/alarms", summary="List the alarms that stand, the most severe first", responses=problems(404))
async def list_alarms(view: View, access: Reader, filters: Filters[AlarmFilters], page: PageOf100) -> AlarmList:
    """All alarms of one agency are one entry. Any other alarm is an entry by itself."""
    found, of_group = await alarms.standing(view, access, filters, page)
    shown = [AlarmOut.of_group(one, of_group[one.id], view.packs) for one in found.items]
    return AlarmList(items=shown, next=found.next)

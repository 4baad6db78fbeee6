"""`/v1/queue`: who waits."""

from fastapi import APIRouter

from sigap_common.http.admission import Urgency, urgency
from sigap_common.http.listing import Filters, PageOf100
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import add_stream
from sigap_intake.api.parameters import Reader, View
from sigap_intake.listings import QUEUE, QueueFilters
from sigap_intake.schemas import CallList
from sigap_intake.visibility import POLICY, READERS

router = APIRouter(tags=["queue"], route_class=UseCaseRoute)


@router.get("/v1/queue", summary="Waiting calls, oldest first, drills last; no late entries", responses=problems(404))
@urgency(Urgency.HELP)
async def read_queue(view: View, access: Reader, filters: Filters[QueueFilters], page: PageOf100) -> CallList:
    found = await QUEUE.page(view, access, filters, page)
    return CallList.of(found.map(view.calls.of_row), opened=POLICY.opens(access))


add_stream(router, "/v1/queue", POLICY, *READERS)

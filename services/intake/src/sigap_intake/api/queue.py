"""`/v1/queue`: the calls that wait for an answer."""

from fastapi import APIRouter, Response

from sigap_common.http.admission import Urgency, urgency
from sigap_common.http.listing import Filters, PageOf100, answered
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import add_stream
from sigap_intake.api.parameters import Reader, View
from sigap_intake.listings.calls import QUEUE, QueueFilters
from sigap_intake.schemas.calls import CallList
from sigap_intake.visibility.calls import POLICY, READERS

router = APIRouter(tags=["queue"], route_class=UseCaseRoute)


@router.get(
    "/v1/queue",
    summary="Waiting calls, oldest first, drills last; no backfilled entries",
    response_model=CallList,
    responses=problems(404),
)
@urgency(Urgency.HELP)
async def read_queue(view: View, access: Reader, filters: Filters[QueueFilters], page: PageOf100) -> Response:
    found = await QUEUE.page(view, access, filters, page)
    return answered(await view.calls.entries(found.items, access), found.next)


add_stream(router, "/v1/queue", POLICY, *READERS)

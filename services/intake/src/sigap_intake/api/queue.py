"""`/v1/queue`: who waits."""

from fastapi import APIRouter

from sigap_common.http.admission import Urgency, urgency
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import add_stream
from sigap_intake.api.parameters import Cursor, Limit, Reader, Regency, View
from sigap_intake.domain import CallState
from sigap_intake.repository import AS_IN_QUEUE
from sigap_intake.schemas import CallList, CallOut
from sigap_intake.visibility import READERS, on_queue_screen, opens

router = APIRouter(tags=["queue"], route_class=UseCaseRoute)


@router.get("/v1/queue", summary="Waiting calls, oldest first, drills last; no late entries", responses=problems(404))
@urgency(Urgency.HELP)
async def read_queue(
    view: View, access: Reader, regency: Regency = None, cursor: Cursor = None, limit: Limit = 100
) -> CallList:
    view.require_known(access, regency)
    waiting = {"regency": regency, "state": CallState.WAITING, "backfilled": False}
    found, following = await view.calls.page(AS_IN_QUEUE, access, cursor, limit, **waiting)
    return CallList(items=[CallOut.of(call, opened=opens(access)) for call in found], next=following)


add_stream(router, "/v1/queue", on_queue_screen, *READERS)

"""`/v1/handovers`: a dispatcher hands incidents over to a named person."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageAsked, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.schemas import in_clear
from sigap_dispatch.api.parameters import Dispatcher, OneRegency, Tx, View
from sigap_dispatch.listings import HANDOVERS, BoardFilters, HandoverFilters
from sigap_dispatch.schemas.handovers import DeclineHandover, HandoverList, HandoverOut, LeavingOut, OfferHandover
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.use_cases import handovers, incidents

router = APIRouter(tags=["handovers"], route_class=UseCaseRoute)
MOST_SHOWN = 200


@router.get("/v1/handovers", summary="List handovers, newest first", responses=problems(404))
async def list_handovers(
    view: View, access: Dispatcher, filters: Filters[HandoverFilters], page: PageOf50
) -> HandoverList:
    found = (await HANDOVERS.page(view, access, filters, page)).map(view.handovers.of_row)
    return HandoverList(items=[HandoverOut.of(one) for one in found.items], next=found.next)


@router.get("/v1/handovers/leaving", summary="What you leave behind if you sign off now", responses=problems(404))
async def read_leaving(view: View, access: Dispatcher, regency: OneRegency) -> LeavingOut:
    """Intake's sign-off names the calls and callbacks that are left; this names the rest."""
    filters = BoardFilters(regency=regency, mine=True)
    asked = PageAsked(limit=MOST_SHOWN)
    found = await incidents.board_page(view, access, filters, asked)
    entries = await view.incidents.entries(found.items, access)
    shown = [
        IncidentOut.model_validate(entry) for entry in entries if not entry["hidden"] and entry["closed_at"] is None
    ]
    return LeavingOut.of(shown, await view.handovers.open_of(regency, access.subject))


@router.post(
    "/v1/handovers", status_code=201, summary="Hand incidents over to somebody who accepts", responses=problems(404)
)
async def offer_handover(body: OfferHandover, tx: Tx, access: Dispatcher) -> HandoverOut:
    """You stay responsible until it is accepted. It replaces your earlier offer, if nobody has accepted that one."""
    note = in_clear(body.note)
    return HandoverOut.of(await handovers.offer(tx, access, body.regency, body.to, body.incidents, note))


@router.get("/v1/handovers/{handover_id}", summary="Read a handover", responses=problems(404))
async def read_handover(handover_id: UUID, view: View, access: Dispatcher) -> HandoverOut:
    return HandoverOut.of(await view.handovers.visible(handover_id, access, lock=False))


@router.post("/v1/handovers/{handover_id}/accept", summary="Accept a handover", responses=problems(404, 409))
async def accept_handover(handover_id: UUID, tx: Tx, access: Dispatcher) -> HandoverOut:
    """The named person or a supervisor. Incidents that were closed or claimed meanwhile are left as they are."""
    return HandoverOut.of(await handovers.accept(tx, access, handover_id))


@router.post("/v1/handovers/{handover_id}/decline", summary="Decline a handover", responses=problems(404, 409))
async def decline_handover(handover_id: UUID, body: DeclineHandover, tx: Tx, access: Dispatcher) -> HandoverOut:
    """The incidents stay with the giver. It can still be accepted."""
    return HandoverOut.of(await handovers.decline(tx, access, handover_id, in_clear(body.reason)))


@router.post("/v1/handovers/{handover_id}/take-back", summary="Take a handover back", responses=problems(404, 409))
async def take_handover_back(handover_id: UUID, tx: Tx, access: Dispatcher) -> HandoverOut:
    return HandoverOut.of(await handovers.take_back(tx, access, handover_id))

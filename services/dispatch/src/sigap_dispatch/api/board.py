"""`/v1/incidents/board`: the live board in one request, and who is responsible for what is on it."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic_core import to_json

from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Dispatcher, Reader, Tx, View
from sigap_dispatch.board import add_deliveries
from sigap_dispatch.domain.responsibility import Claim
from sigap_dispatch.domain.taker import Taker
from sigap_dispatch.listings import BoardFilters
from sigap_dispatch.repository.board import counted
from sigap_dispatch.schemas.board import REASONS, BoardCountsOut, BoardOut
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.use_cases import incidents

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)
_REASONS = [reason.model_dump(mode="json") for reason in REASONS]


@router.get(
    "/v1/incidents/board",
    summary="The live board: what needs attention first",
    response_model=BoardOut,
    responses=problems(404),
)
async def read_board(view: View, access: Reader, filters: Filters[BoardFilters], page: PageOf50) -> Response:
    """Open incidents, and closed ones of which an agency has not confirmed that it stands down."""
    found = await incidents.board_page(view, access, filters, page)
    entries = await view.incidents.entries(found.items, access)
    add_deliveries(entries, await view.deliveries.of_page([row.id for row in found.items]))
    counts = BoardCountsOut.of(await counted(view, access, filters.regency, drill=bool(filters.drill)))
    board = {"items": entries, "next": found.next, "counts": counts.model_dump(), "reasons": _REASONS}
    return Response(to_json(board), media_type="application/json")


@router.post(
    "/v1/incidents/{incident_id}/claim", summary="Become responsible for an incident", responses=problems(404, 409)
)
async def claim_incident(incident_id: UUID, tx: Tx, access: Dispatcher, response: Response) -> IncidentOut:
    """It is no lock: everybody may go on giving orders. If somebody else was responsible, they are not any more."""
    claim = Claim(Taker(access.subject, access.name))
    return await shown(tx, access, await incidents.order(tx, access, incident_id, claim), response)

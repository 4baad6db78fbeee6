"""`/v1/transfers`: offers of incidents to other regencies."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.auth import Access
from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Dispatcher, Reader, Speaker, Tx, View
from sigap_dispatch.domain import Incident
from sigap_dispatch.listings import TRANSFERS, TransferFilters
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.transfers import DismissOffering, OfferIncident, RefuseOffer, TransferList, TransferOut
from sigap_dispatch.use_cases import incidents, transfers
from sigap_dispatch.visibility import POLICY

router = APIRouter(tags=["transfers"], route_class=UseCaseRoute)


@router.get(
    "/v1/transfers", summary="List offers from and to the token's regencies, newest first", responses=problems(404)
)
async def list_transfers(view: View, access: Reader, filters: Filters[TransferFilters], page: PageOf50) -> TransferList:
    """The stream of incidents tells the receiver of a new offer, and of its end, by the alarm `transfer_offered`."""
    found = await TRANSFERS.page(view, access, filters, page)
    sent = await view.incidents.unlocked([row.incident_id for row in found.items])
    items = [_shown(view, row, sent[row.incident_id], access) for row in found.items]
    return TransferList(items=items, next=found.next)


def _shown(view: DispatchTransaction, row: Any, sent: Incident, access: Access) -> TransferOut:
    """Of a protected incident its regency's people without need see that it was offered, and no more. The receiver's
    read the message, since they decide.
    """
    named = not sent.protected or (POLICY.sees(access, sent) and not POLICY.hides(sent, access, view.now()))
    opened = POLICY.opens(access) and (named or access.covers(row.to_regency))
    return TransferOut.of(row, sent, view.packs, opened=opened, named=named)


@router.post(
    "/v1/incidents/{incident_id}/transfers",
    status_code=201,
    summary="Offer an incident to another regency",
    responses=problems(404, 409),
)
async def offer_incident(
    incident_id: UUID, body: OfferIncident, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """This regency stays responsible until an agency of the other one has the incident. Its agencies can be told
    meanwhile. If nobody accepts within the pack's `transfer_limit_s`, the offer comes back with an alarm. A protected
    incident is offered by a supervisor only.
    """
    return await shown(tx, access, await transfers.offer(tx, access, incident_id, body.command()), response)


@router.post(
    "/v1/incidents/{incident_id}/transfers/dismiss",
    summary="Keep an incident whose place lies in another regency",
    responses=problems(404, 409),
)
async def dismiss_transfer(
    incident_id: UUID, body: DismissOffering, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """Ends `proposed_transfer`. If the place is corrected to that of a further regency, that one is proposed."""
    return await shown(tx, access, await incidents.order(tx, access, incident_id, body.command()), response)


@router.post(
    "/v1/transfers/{transfer_id}/accept", summary="Take an offered incident over", responses=problems(404, 409)
)
async def accept_transfer(transfer_id: UUID, tx: Tx, access: Speaker, response: Response) -> IncidentOut:
    """Opens an incident of the receiver, with its own number, plan and agencies. A repeat answers the same incident."""
    return await shown(tx, access, await transfers.accept(tx, access, transfer_id), response)


@router.post(
    "/v1/transfers/{transfer_id}/refuse", status_code=204, summary="Refuse an offer", responses=problems(404, 409)
)
async def refuse_transfer(transfer_id: UUID, body: RefuseOffer, tx: Tx, access: Speaker) -> None:
    await transfers.refuse(tx, access, body.command(transfer_id))


@router.post(
    "/v1/transfers/{transfer_id}/take-back", summary="Keep an incident that was offered", responses=problems(404, 409)
)
async def take_back_transfer(transfer_id: UUID, tx: Tx, access: Dispatcher, response: Response) -> IncidentOut:
    """Also for an offer that was refused or not accepted in time: that ends the alarm `transfer_returned`."""
    return await shown(tx, access, await transfers.take_back(tx, access, transfer_id), response)

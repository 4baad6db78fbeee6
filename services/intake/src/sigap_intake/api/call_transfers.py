"""`/v1/call-transfers`: offers of calls to other regencies."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_intake.api.parameters import Reader, Speaker, Tx, View
from sigap_intake.api.whole import whole
from sigap_intake.listings.call_transfers import CALL_TRANSFERS, CallTransferFilters
from sigap_intake.schemas.call_transfers import CallTransferList, CallTransferOut, OfferCallToRegency, RefuseOfferedCall
from sigap_intake.schemas.calls import CallOut
from sigap_intake.use_cases import call_transfers
from sigap_intake.visibility.calls import POLICY

router = APIRouter(tags=["call transfers"], route_class=UseCaseRoute)


@router.get(
    "/v1/call-transfers", summary="List calls offered from and to the token's regencies", responses=problems(404)
)
async def list_call_transfers(
    view: View, access: Reader, filters: Filters[CallTransferFilters], page: PageOf50
) -> CallTransferList:
    """The newest first. The room's stream tells the receiver of a new offer, and of its end, by the alarm
    `call_offered`.
    """
    found = await CALL_TRANSFERS.page(view, access, filters, page)
    sent = await view.calls.unlocked([row.call_id for row in found.items])
    protected = await view.protected_calls.protected_among(sent)
    concerned = await call_transfers.concerned(view, access, [row for row in found.items if row.call_id in protected])
    items = [
        CallTransferOut.of(
            row,
            sent[row.call_id],
            protected=row.call_id in protected,
            opened=POLICY.opens(access) and (row.call_id not in protected or row.id in concerned),
        )
        for row in found.items
    ]
    return CallTransferList(items=items, next=found.next)


@router.post(
    "/v1/calls/{call_id}/transfers",
    status_code=201,
    summary="Offer a call to another regency",
    responses=problems(404, 409),
)
async def offer_call_to_regency(call_id: UUID, body: OfferCallToRegency, tx: Tx, access: Speaker) -> CallOut:
    """For a caller of the other regency. This regency stays responsible until an operator of the other one accepts; if
    nobody does within the pack's `transfer_limit_s`, the offer comes back with an alarm. An emergency is classified,
    and its incident offered (`POST /v1/incidents/{incident_id}/transfers`).
    """
    return await whole(tx, access, await call_transfers.offer(tx, access, call_id, body.to, body.message))


@router.post(
    "/v1/call-transfers/{call_transfer_id}/accept", summary="Take an offered call on", responses=problems(404, 409)
)
async def accept_offered_call(call_transfer_id: UUID, tx: Tx, access: Speaker) -> CallOut:
    """Answers the call of the receiver, in which the operator goes on. A repeat answers the same call."""
    return await whole(tx, access, await call_transfers.accept(tx, access, call_transfer_id))


@router.post(
    "/v1/call-transfers/{call_transfer_id}/refuse",
    status_code=204,
    summary="Refuse an offered call",
    responses=problems(404, 409),
)
async def refuse_offered_call(call_transfer_id: UUID, body: RefuseOfferedCall, tx: Tx, access: Speaker) -> None:
    await call_transfers.refuse(tx, access, call_transfer_id, body.reason)


@router.post(
    "/v1/call-transfers/{call_transfer_id}/take-back",
    summary="Keep a call that was offered",
    responses=problems(404, 409),
)
async def keep_offered_call(call_transfer_id: UUID, tx: Tx, access: Speaker) -> CallOut:
    """Also for an offer that was refused or not accepted in time: that ends the alarm `call_returned`."""
    return await whole(tx, access, await call_transfers.keep(tx, access, call_transfer_id))

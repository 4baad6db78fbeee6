"""`/v1/shares` and `/v1/shared-incidents`: what regencies show each other of their incidents."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from sigap_common.auth import Access
from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import Dispatcher, Reader, Speaker, Tx, View
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.share import Share
from sigap_dispatch.listings import SHARES, SharedFilters, ShareFilters
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.schemas.shares import (
    AgreeToShareBody,
    AskForShareBody,
    EndShareBody,
    HiddenSharedIncidentOut,
    RefuseShareBody,
    SharedIncidentList,
    SharedIncidentOut,
    ShareIncidentBody,
    ShareList,
    ShareOut,
)
from sigap_dispatch.use_cases import shares
from sigap_dispatch.visibility import POLICY, RECEIVED_POLICY

router = APIRouter(tags=["shares"], route_class=UseCaseRoute)


@router.get(
    "/v1/shares", summary="List shares with and of the token's regencies, newest first", responses=problems(404)
)
async def list_shares(view: View, access: Reader, filters: Filters[ShareFilters], page: PageOf50) -> ShareList:
    """Requests too, answered or not. The alarm `share_asked` tells a regency that it is asked."""
    found = await SHARES.page(view, access, filters, page)
    of = await view.incidents.unlocked([row.incident_id for row in found.items])
    items = [_share(view, access, row, of.get(row.incident_id)) for row in found.items]
    return ShareList(items=items, next=found.next)


@router.post(
    "/v1/shares", status_code=201, summary="Ask another regency to share an incident", responses=problems(404, 409)
)
async def ask_for_share(body: AskForShareBody, tx: Tx, access: Dispatcher) -> ShareOut:
    """The answer is the same whether or not there is an incident with this number: a person of the other regency
    answers.
    """
    tx.require_known(access, body.regency)
    return await _of(tx, access, await shares.ask(tx, access, body.owner, body.number, body.command()))


@router.post(
    "/v1/incidents/{incident_id}/shares",
    status_code=201,
    summary="Share an incident with another regency",
    responses=problems(404, 409),
)
async def share_incident(incident_id: UUID, body: ShareIncidentBody, tx: Tx, access: Dispatcher) -> ShareOut:
    """A protected incident is shared by a supervisor only, and at the other regency only supervisors see it. If an
    incident becomes protected, its shares end.
    """
    command = body.command(known=shares.works_here(tx, body.to))
    return await _newest(tx, access, await shares.share(tx, access, incident_id, command), body.to)


@router.post("/v1/shares/{share_id}/agree", summary="Share an incident as asked for", responses=problems(404, 409))
async def agree_to_share(share_id: UUID, body: AgreeToShareBody, tx: Tx, access: Dispatcher) -> ShareOut:
    """With another profile or another end than asked for, if you name them. A repeat changes nothing."""
    incident = await shares.agree(tx, access, body.command(share_id))
    return await _of(tx, access, share_id, incident)


@router.post(
    "/v1/shares/{share_id}/refuse", status_code=204, summary="Refuse to share an incident", responses=problems(404, 409)
)
async def refuse_share(share_id: UUID, body: RefuseShareBody, tx: Tx, access: Dispatcher) -> None:
    await shares.refuse(tx, access, body.command(share_id))


@router.post(
    "/v1/shares/{share_id}/end",
    status_code=204,
    summary="End a share, or a request for one",
    responses=problems(404, 409),
)
async def end_share(share_id: UUID, body: EndShareBody, tx: Tx, access: Dispatcher) -> None:
    """Either regency does. From this moment on the other regency is shown nothing."""
    await shares.end(tx, access, body.command(share_id))


@router.get("/v1/shares/{share_id}/incident", summary="Read an incident of another regency", responses=problems(404))
async def read_shared_incident(
    share_id: UUID, view: View, access: Speaker
) -> SharedIncidentOut | HiddenSharedIncidentOut:
    """As far as the share's profile shows it, until the share ends. Its timeline stays with its regency."""
    return _shown(view, access, *await shares.shown(view, access, share_id))


@router.get(
    "/v1/shared-incidents",
    summary="List incidents that other regencies share, the newest share first",
    responses=problems(404),
)
async def list_shared_incidents(
    view: View, access: Speaker, filters: Filters[SharedFilters], page: PageOf50
) -> SharedIncidentList:
    """The stream of incidents says ShareChanged (subject: the share) when one of them changes, begins or ends."""
    found = await shares.shown_page(view, access, filters, page)
    return SharedIncidentList(items=[_shown(view, access, *pair) for pair in found.items], next=found.next)


def _shown(
    view: DispatchTransaction, access: Access, share: Share, incident: Incident
) -> SharedIncidentOut | HiddenSharedIncidentOut:
    hidden = RECEIVED_POLICY.hides(incident, access, view.now())
    return HiddenSharedIncidentOut.of(share, incident) if hidden else SharedIncidentOut.of(share, incident, view.packs)


def _share(view: DispatchTransaction, access: Access, row: Any, incident: Incident | None) -> ShareOut:
    if incident is None:
        return ShareOut.of_request(row, view.shares.request_of(row), opened=POLICY.opens(access))
    own = access.covers(incident.regency)
    hidden = (POLICY if own else RECEIVED_POLICY).hides(incident, access, view.now())
    return ShareOut.of(row, incident, own=own, hidden=hidden, opened=POLICY.opens(access))


async def _newest(tx: DispatchTransaction, access: Access, incident: Incident, to: str) -> ShareOut:
    return await _of(tx, access, next(share.id for share in incident.shares if share.to == to), incident)


async def _of(tx: DispatchTransaction, access: Access, share_id: UUID, incident: Incident | None = None) -> ShareOut:
    await tx.flush()
    row = await tx.shares.find(share_id)
    assert row is not None
    return _share(tx, access, row, incident or await tx.incidents.find(row.incident_id, lock=False))

"""`/v1/forwardings`: an agency's forwardings, and its answers."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from sigap_agency_gateway.api.parameters import Agency, Reader, Running, Tx
from sigap_agency_gateway.domain.answers import Command
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_agency_gateway.listings import ForwardingFilters
from sigap_agency_gateway.repository import GatewayService, GatewayTransaction
from sigap_agency_gateway.schemas.answers import AcknowledgeForwarding, DeclineForwarding, ReportProgress
from sigap_agency_gateway.schemas.forwardings import ForwardingList, ForwardingOut
from sigap_agency_gateway.use_cases import answers
from sigap_agency_gateway.visibility import POLICY, READERS
from sigap_common.app.running import running
from sigap_common.auth import Access
from sigap_common.http.listing import Filters, PageOf50, answered
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import OnSent, add_stream
from sigap_common.regency.in_force import PacksInForce

router = APIRouter(prefix="/v1/forwardings", tags=["forwardings"], route_class=UseCaseRoute)


def _noting_receipts(request: Request) -> OnSent:
    gateway: GatewayService = running(request)
    return gateway.resources.stream_receipts.note


add_stream(router, "", POLICY, *READERS, on_sent=_noting_receipts)


@router.get("", summary="List forwardings, newest first", response_model=ForwardingList, responses=problems(404))
async def list_forwardings(
    gateway: Running, access: Reader, filters: Filters[ForwardingFilters], page: PageOf50
) -> Response:
    """If the token belongs to the agency itself, this answer delivers forwardings that wait at the desk."""
    found = await answers.page(gateway, access, filters, page)
    return answered(found.items, found.next)


@router.get("/{forwarding_id}", summary="Read a forwarding", responses=problems(404))
async def read_forwarding(forwarding_id: UUID, gateway: Running, access: Reader) -> ForwardingOut:
    return _out(gateway.packs, await answers.show(gateway, access, forwarding_id))


@router.post("/{forwarding_id}/acknowledge", summary="Acknowledge: the agency acts", responses=problems(404, 409))
async def acknowledge_forwarding(
    forwarding_id: UUID, tx: Tx, access: Agency, body: AcknowledgeForwarding = AcknowledgeForwarding()
) -> ForwardingOut:
    """A repeat has no effect, but another text is kept as a further answer. The acknowledgement of a stand-down
    confirms that the unit stands down. Revisions that the agency has seen are no longer delivered.
    """
    return await _answered(tx, access, forwarding_id, body.command(access.subject))


@router.post("/{forwarding_id}/decline", summary="Decline: the agency does not come", responses=problems(404, 409))
async def decline_forwarding(forwarding_id: UUID, body: DeclineForwarding, tx: Tx, access: Agency) -> ForwardingOut:
    return await _answered(tx, access, forwarding_id, body.command(access.subject))


@router.post("/{forwarding_id}/progress", summary="Report progress", responses=problems(404, 409))
async def report_progress(forwarding_id: UUID, body: ReportProgress, tx: Tx, access: Agency) -> ForwardingOut:
    """Progress also acknowledges, if the agency has not done so before."""
    return await _answered(tx, access, forwarding_id, body.command(access.subject))


async def _answered(tx: GatewayTransaction, access: Access, forwarding_id: UUID, command: Command) -> ForwardingOut:
    return _out(tx.packs, await answers.answer(tx, access, forwarding_id, command))


def _out(packs: PacksInForce, forwarding: Forwarding) -> ForwardingOut:
    return ForwardingOut.of(forwarding, packs.find(forwarding.regency))

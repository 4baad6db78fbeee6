"""`/v1/referrals`: non-emergency reports, which go to one agency or to the city's complaints desk."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.auth import Access
from sigap_common.http import timelines
from sigap_common.http.etags import IfMatchIfAny, etag
from sigap_common.http.listing import Filters, PageOf50, PageOf200
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import Reader, Speaker, Tx, View
from sigap_dispatch.domain.referral import Answer, Close, Referral, receiver_name
from sigap_dispatch.listings import REFERRALS, ReferralFilters
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.schemas.incidents import IncidentTimeline
from sigap_dispatch.schemas.referrals import AnswerReferral, PassReferralOn, ReferralList, ReferralOut
from sigap_dispatch.timeline_words import WORDS
from sigap_dispatch.use_cases import referrals
from sigap_dispatch.visibility import POLICY, PROTECTED_REFERRAL_POLICY

router = APIRouter(tags=["referrals"], route_class=UseCaseRoute)


@router.get("/v1/referrals", summary="List referrals, newest first", responses=problems(404))
async def list_referrals(view: View, access: Reader, filters: Filters[ReferralFilters], page: PageOf50) -> ReferralList:
    found = (await REFERRALS.page(view, access, filters, page)).map(view.referrals.of_row)
    return ReferralList(items=[_out(view, access, one) for one in found.items], next=found.next)


@router.get("/v1/referrals/{referral_id}", summary="Read a referral", responses=problems(404))
async def read_referral(referral_id: UUID, view: View, access: Reader, response: Response) -> ReferralOut:
    return _shown(view, access, await view.referrals.visible(referral_id, access, lock=False), response)


@router.get(
    "/v1/referrals/{referral_id}/timeline", summary="What happened to a referral, in order", responses=problems(404)
)
async def read_referral_timeline(referral_id: UUID, view: View, access: Reader, page: PageOf200) -> IncidentTimeline:
    referral = await view.referrals.visible(referral_id, access, lock=False)
    policy = PROTECTED_REFERRAL_POLICY if referral.protected else POLICY
    found = await timelines.page(view.referrals, referral, access, page, WORDS, policy=policy)
    return IncidentTimeline.model_validate(found, from_attributes=True)


@router.post(
    "/v1/referrals/{referral_id}/pass-on",
    summary="Send a referral to another agency",
    responses=problems(404, 409, 412),
)
async def pass_referral_on(
    referral_id: UUID, body: PassReferralOn, tx: Tx, access: Speaker, expected: IfMatchIfAny, response: Response
) -> ReferralOut:
    """With If-Match, of two who send it to different agencies at once the second is refused (412)."""
    return _shown(tx, access, await referrals.pass_on(tx, access, referral_id, body.agency, expected), response)


@router.post(
    "/v1/referrals/{referral_id}/answers", summary="Record an answer to a referral", responses=problems(404, 409)
)
async def answer_referral(
    referral_id: UUID, body: AnswerReferral, tx: Tx, access: Speaker, response: Response
) -> ReferralOut:
    """Whoever takes the next call of this number sees it in the first look, and reads it to the caller."""
    return _shown(tx, access, await referrals.order(tx, access, referral_id, Answer(body.text.clear)), response)


@router.post("/v1/referrals/{referral_id}/close", summary="Close a referral", responses=problems(404, 409))
async def close_referral(referral_id: UUID, tx: Tx, access: Speaker, response: Response) -> ReferralOut:
    return _shown(tx, access, await referrals.order(tx, access, referral_id, Close("done")), response)


def _shown(tx: DispatchTransaction, access: Access, referral: Referral, response: Response) -> ReferralOut:
    response.headers.update(etag(referral.version))
    return _out(tx, access, referral)


def _out(tx: DispatchTransaction, access: Access, referral: Referral) -> ReferralOut:
    pack = tx.packs.find(referral.regency)
    to_name = receiver_name(pack, referral.to) if pack else None
    return ReferralOut.of(referral, to_name, opened=POLICY.opens(access))

"""`/v1/guidance`, and the steps of the SOP under `/v1/calls`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from sigap_common.http.etags import is_known, tag
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_intake.api.parameters import Reader, Speaker, Tx, View
from sigap_intake.api.whole import whole
from sigap_intake.schemas.calls import CallOut
from sigap_intake.schemas.sop import GuidanceOut
from sigap_intake.schemas.sop_bodies import AnswerTriage, MarkCaller, TakeSilentStep, TellWords
from sigap_intake.use_cases import sop as use_cases

router = APIRouter(tags=["sop"], route_class=UseCaseRoute)

UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "The client has this version already"}}


@router.get(
    "/v1/guidance",
    summary="What to ask and tell: classes, questions, words, the procedure for silent calls",
    response_model=GuidanceOut,
    responses={**UNCHANGED, **problems(404)},
)
async def read_guidance(
    view: View,
    access: Reader,
    regency: Annotated[RegencyCode, Query(description="Whose guidance")],
    if_none_match: Annotated[str | None, Header(description="The ETag that was read last", max_length=1000)] = None,
) -> Response:
    view.require_known(access, regency)
    guidance = view.guidance(regency)
    headers = {"ETag": tag(guidance.version), "Cache-Control": "no-cache"}
    if is_known(if_none_match, guidance.version):
        return Response(status_code=304, headers=headers)
    body = GuidanceOut.of(view.packs.get(regency), guidance).model_dump_json()
    return Response(body, media_type="application/json", headers=headers)


@router.post("/v1/calls/{call_id}/triage", summary="Answers to the questions", responses=problems(404, 409))
async def answer_triage(call_id: UUID, body: AnswerTriage, tx: Tx, access: Speaker) -> CallOut:
    call = await use_cases.answer_triage(tx, access, call_id, body.answers, body.how)
    return await whole(tx, access, call)


@router.post("/v1/calls/{call_id}/words", summary="Words that the caller was told", responses=problems(404, 409))
async def tell_words(call_id: UUID, body: TellWords, tx: Tx, access: Speaker) -> CallOut:
    call = await use_cases.tell_words(
        tx, access, call_id, body.incident_type, body.step, is_told=body.told, how=body.how
    )
    return await whole(tx, access, call)


@router.post(
    "/v1/calls/{call_id}/silent-steps",
    summary="A step of the procedure for silent calls, and what was heard",
    responses=problems(404, 409),
)
async def take_silent_step(call_id: UUID, body: TakeSilentStep, tx: Tx, access: Speaker) -> CallOut:
    """A key press opens a protected incident at once."""
    call = await use_cases.take_silent_step(tx, access, call_id, body.step, body.heard, body.how)
    return await whole(tx, access, call)


@router.post("/v1/calls/{call_id}/child", summary="Mark the caller as probably a child", responses=problems(404, 409))
async def mark_caller(call_id: UUID, body: MarkCaller, tx: Tx, access: Speaker) -> CallOut:
    call = await use_cases.mark_caller(tx, access, call_id, probably_child=body.probably_child, at=body.at)
    return await whole(tx, access, call)

"""`/v1/blocks`: numbers that play pranks, proposed to be blocked and blocked; and the key that ends a screening."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from sigap_common.auth import Access
from sigap_common.http import timelines
from sigap_common.http.admission import Urgency, urgency
from sigap_common.http.etags import etag
from sigap_common.http.guards import allowed
from sigap_common.http.listing import Filters, PageOf50, PageOf200
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import add_stream
from sigap_intake.api.parameters import Caller, Speaker, Tx, View
from sigap_intake.api.whole import whole
from sigap_intake.domain.block import Block
from sigap_intake.domain.block_decisions import Lift, LodgeAppeal, Refuse, Review
from sigap_intake.listings.blocks import BLOCKS, BlockFilters
from sigap_intake.schemas.blocks import (
    AppealBlock,
    ApproveBlock,
    BlockList,
    BlockOut,
    BlockTimeline,
    DecideBlock,
    DossierOut,
    ExtendBlock,
    MakeDossier,
)
from sigap_intake.schemas.calls import CallOut
from sigap_intake.timeline_words import WORDS
from sigap_intake.use_cases import blocks as use_cases
from sigap_intake.use_cases.screening import press_key
from sigap_intake.visibility.blocks import BLOCK_POLICY, DECIDERS, READERS

router = APIRouter(tags=["blocks"], route_class=UseCaseRoute)

Reader = Annotated[Access, Depends(allowed(*READERS))]
Decider = Annotated[Access, Depends(allowed(*DECIDERS))]


@router.get("/v1/blocks", summary="List blocks of numbers, newest first", responses=problems(404))
async def list_blocks(view: View, access: Reader, filters: Filters[BlockFilters], page: PageOf50) -> BlockList:
    found = await BLOCKS.page(view, access, filters, page)
    opened = BLOCK_POLICY.opens(access)
    items = [BlockOut.of(view.blocks.of_row(row), opened=opened) for row in found.items]
    return BlockList(items=items, next=found.next)


# Before what a block's id follows: `stream` is none.
add_stream(router, "/v1/blocks", BLOCK_POLICY, *READERS)


@router.get("/v1/blocks/{block_id}", summary="Read a block", responses=problems(404))
async def read_block(block_id: UUID, view: View, access: Reader, response: Response) -> BlockOut:
    return _shown(response, await view.blocks.visible(block_id, access, lock=False), access)


@router.get("/v1/blocks/{block_id}/timeline", summary="What happened to a block, in order", responses=problems(404))
async def read_block_timeline(block_id: UUID, view: View, access: Reader, page: PageOf200) -> BlockTimeline:
    block = await view.blocks.visible(block_id, access, lock=False)
    found = await timelines.page(view.blocks, block, access, page, WORDS)
    return BlockTimeline.model_validate(found, from_attributes=True)


@router.post("/v1/blocks/{block_id}/approval", summary="Approve a proposed block", responses=problems(404, 409))
async def approve_block(block_id: UUID, body: ApproveBlock, tx: Tx, access: Decider, response: Response) -> BlockOut:
    block = await use_cases.approve(tx, access, block_id, body.ends_at, body.reason)
    return _shown(response, block, access)


@router.post("/v1/blocks/{block_id}/refusal", summary="Refuse a proposed block", responses=problems(404, 409))
async def refuse_block(block_id: UUID, body: DecideBlock, tx: Tx, access: Decider, response: Response) -> BlockOut:
    refused = Refuse(by=access.subject, reason=body.reason)
    return _shown(response, await use_cases.take_step(tx, access, block_id, refused), access)


@router.post("/v1/blocks/{block_id}/review", summary="Review a block: it ends as planned", responses=problems(404, 409))
async def review_block(block_id: UUID, body: DecideBlock, tx: Tx, access: Decider, response: Response) -> BlockOut:
    reviewed = Review(by=access.subject, reason=body.reason)
    return _shown(response, await use_cases.take_step(tx, access, block_id, reviewed), access)


@router.post("/v1/blocks/{block_id}/extension", summary="Set a later end of a block", responses=problems(404, 409))
async def extend_block(block_id: UUID, body: ExtendBlock, tx: Tx, access: Decider, response: Response) -> BlockOut:
    block = await use_cases.extend(tx, access, block_id, body.ends_at, body.reason)
    return _shown(response, block, access)


@router.post("/v1/blocks/{block_id}/lifting", summary="End a block now", responses=problems(404, 409))
async def lift_block(block_id: UUID, body: DecideBlock, tx: Tx, access: Decider, response: Response) -> BlockOut:
    lifted = Lift(by=access.subject, reason=body.reason)
    return _shown(response, await use_cases.take_step(tx, access, block_id, lifted), access)


@router.post("/v1/blocks/{block_id}/appeals", summary="The caller disputes the block", responses=problems(404, 409))
async def appeal_block(block_id: UUID, body: AppealBlock, tx: Tx, access: Speaker, response: Response) -> BlockOut:
    appeal = LodgeAppeal(by=access.subject, text=body.text)
    return _shown(response, await use_cases.take_step(tx, access, block_id, appeal), access)


@router.post(
    "/v1/blocks/{block_id}/dossiers",
    status_code=201,
    summary="Take out a dossier about the number, for the police",
    responses=problems(403, 404),
)
async def make_block_dossier(block_id: UUID, body: MakeDossier, tx: Tx, access: Decider) -> DossierOut:
    """The number's pranks and screened calls with times and places, and who decided what. That it was taken out, by
    whom and why, stands in the block's timeline.
    """
    return DossierOut.of(await use_cases.make_dossier(tx, access, block_id, body.recipient, body.reason))


@router.post(
    "/v1/calls/{call_id}/key-press",
    summary="The caller of a blocked number pressed a key during the recorded message",
    responses=problems(404, 409),
)
@urgency(Urgency.CALLS)
async def press_call_key(call_id: UUID, tx: Tx, access: Caller) -> CallOut:
    return await whole(tx, access, await press_key(tx, access, call_id))


def _shown(response: Response, block: Block, access: Access) -> BlockOut:
    response.headers.update(etag(block.version))
    return BlockOut.of(block, opened=BLOCK_POLICY.opens(access))

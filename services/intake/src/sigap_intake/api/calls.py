"""`/v1/calls`: the steps of a call, from its arrival to its end."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http import timelines
from sigap_common.http.admission import Urgency, urgency
from sigap_common.http.listing import Filters, PageOf50, PageOf200, answered
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_intake.api.parameters import Caller, Reader, Speaker, Tx, View
from sigap_intake.api.whole import as_seen, whole
from sigap_intake.domain import DeclineOffer, Offer
from sigap_intake.listings.calls import CallFilters, calls_page
from sigap_intake.schemas.call_bodies import AddNote, AnswerCall, ClassifyCall, EndCall, LocateEmergency, ReceiveCall
from sigap_intake.schemas.calls import CallList, CallOut, Timeline
from sigap_intake.schemas.first_look import FirstLookOut
from sigap_intake.schemas.operators import OfferToPerson, TakeOverCall
from sigap_intake.schemas.protected_calls import HiddenCallOut
from sigap_intake.timeline_words import WORDS
from sigap_intake.use_cases import calls as use_cases
from sigap_intake.use_cases import presence
from sigap_intake.use_cases.first_look import first_look
from sigap_intake.visibility.calls import is_exchange

router = APIRouter(prefix="/v1/calls", tags=["calls"], route_class=UseCaseRoute)

KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": CallOut, "description": "A call with this exchange_id exists already: that call"}
}


@router.post("", status_code=201, summary="A call arrives", responses={**KNOWN, **problems(404, 409)})
@urgency(Urgency.CALLS)
async def receive_call(body: ReceiveCall, tx: Tx, access: Caller, response: Response) -> CallOut:
    command = body.command(access.subject, by_exchange=is_exchange(access))
    call, new = await use_cases.receive_call(tx, access, body.regency, command)
    response.status_code = 201 if new else 200
    return await whole(tx, access, call)


@router.get("", summary="List calls, newest first", response_model=CallList, responses=problems(404))
async def list_calls(view: View, access: Reader, filters: Filters[CallFilters], page: PageOf50) -> Response:
    found = await calls_page(view, access, filters, page)
    return answered(await view.calls.entries(found.items, access), found.next)


@router.get("/{call_id}", summary="Read a call", responses=problems(404))
async def read_call(call_id: UUID, view: View, access: Reader) -> CallOut | HiddenCallOut:
    return await as_seen(view, access, await view.calls.covered(call_id, access, lock=False))


@router.get("/{call_id}/first-look", summary="What to know of a call as one answers it", responses=problems(404))
@urgency(Urgency.CALLS)
async def take_first_look(call_id: UUID, view: View, access: Speaker) -> FirstLookOut:
    look = await first_look(view, access, call_id)
    return FirstLookOut.of(look, view.guidance(look.call.regency))


@router.get("/{call_id}/timeline", summary="What happened to a call, in order", responses=problems(404))
async def read_timeline(call_id: UUID, view: View, access: Reader, page: PageOf200) -> Timeline:
    call = await view.calls.visible(call_id, access, lock=False)
    found = await timelines.page(view.calls, call, access, page, WORDS, by_moment=True)
    return Timeline.model_validate(found, from_attributes=True)


@router.post("/{call_id}/answer", summary="Answer a call", responses=problems(404, 409))
@urgency(Urgency.CALLS)
async def answer_call(call_id: UUID, tx: Tx, access: Speaker, body: AnswerCall = AnswerCall()) -> CallOut:
    command = body.command(access.subject, access.name)
    return await whole(tx, access, await use_cases.answer(tx, access, call_id, command))


@router.post("/{call_id}/location", summary="Say where the emergency is", responses=problems(404, 409))
async def locate_emergency(call_id: UUID, body: LocateEmergency, tx: Tx, access: Speaker) -> CallOut:
    call = await use_cases.locate(tx, access, call_id, body.place, body.at, body.source)
    return await whole(tx, access, call)


@router.post("/{call_id}/notes", summary="Write down what is said", responses=problems(404, 409))
async def add_note(call_id: UUID, body: AddNote, tx: Tx, access: Speaker) -> CallOut:
    call = await use_cases.note(tx, access, call_id, body.command(access.subject))
    return await whole(tx, access, call)


@router.post("/{call_id}/classification", summary="Classify a call, or correct it", responses=problems(404, 409))
async def classify_call(call_id: UUID, body: ClassifyCall, tx: Tx, access: Speaker) -> CallOut:
    call = await use_cases.classify(tx, access, call_id, body.command(access.subject))
    return await whole(tx, access, call)


@router.post("/{call_id}/end", summary="The call ends", responses=problems(404, 409))
@urgency(Urgency.CALLS)
async def end_call(call_id: UUID, body: EndCall, tx: Tx, access: Caller) -> CallOut:
    command = body.command(access.subject, by_exchange=is_exchange(access))
    call = await use_cases.end(tx, access, call_id, command)
    return await whole(tx, access, call)


@router.post("/{call_id}/take-over", summary="Take an answered call over", responses=problems(404, 409))
async def take_over_call(call_id: UUID, body: TakeOverCall, tx: Tx, access: Speaker) -> CallOut:
    command = body.command(access.subject, access.name)
    return await whole(tx, access, await presence.carry_out(tx, access, call_id, command))


@router.post("/{call_id}/offer", summary="Offer a call to another operator", responses=problems(404, 409))
async def offer_call(call_id: UUID, body: OfferToPerson, tx: Tx, access: Speaker) -> CallOut:
    return await whole(tx, access, await presence.carry_out(tx, access, call_id, Offer(by=access.subject, to=body.to)))


@router.post("/{call_id}/offer/decline", summary="Do not take an offered call", responses=problems(404, 409))
async def decline_offered_call(call_id: UUID, tx: Tx, access: Speaker) -> CallOut | HiddenCallOut:
    return await as_seen(tx, access, await presence.carry_out(tx, access, call_id, DeclineOffer(by=access.subject)))

"""`/v1/callbacks`: dropped calls, from the most to the least likely to be real; and how a number may be called back."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.auth import Access
from sigap_common.contracts.callbacks import CallbackOutcome, RankReason
from sigap_common.http import timelines
from sigap_common.http.listing import Filters, PageOf50, PageOf200, answered
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import add_stream
from sigap_intake.api.parameters import Anybody, Reader, Speaker, Tx, View
from sigap_intake.domain import DeclineOffer, Offer, caller_contact
from sigap_intake.domain.callback import Callback
from sigap_intake.domain.callback_decisions import WriteCallbackNote
from sigap_intake.listings.callbacks import CALLBACKS, ENDED_CALLBACKS, CallbackFilters, EndedFilters
from sigap_intake.schemas.callbacks import (
    AddCallbackNote,
    CallbackList,
    CallbackOut,
    CallbackTimeline,
    ContactOut,
    RecordAttempt,
    SayContact,
    Words,
)
from sigap_intake.schemas.operators import OfferToPerson
from sigap_intake.timeline_words import WORDS
from sigap_intake.use_cases import callbacks as use_cases
from sigap_intake.visibility.callbacks import CALLBACK_POLICY
from sigap_intake.visibility.calls import READERS

router = APIRouter(tags=["callbacks"], route_class=UseCaseRoute)


@router.get(
    "/v1/callbacks",
    summary="Dropped calls that are still to be called back, the most likely real ones first",
    response_model=CallbackList,
    responses=problems(404),
)
async def list_callbacks(view: View, access: Reader, filters: Filters[CallbackFilters], page: PageOf50) -> Response:
    """Cut-off calls come first, then by points; then those that expired and were drawn for the sample; drills last."""
    found = await CALLBACKS.page(view, access, filters, page)
    return answered(await view.callbacks.entries(found.items, access), found.next)


@router.get(
    "/v1/callbacks/ended",
    summary="Dropped calls that are over, the last dropped first",
    response_model=CallbackList,
    responses=problems(404),
)
async def list_ended_callbacks(view: View, access: Reader, filters: Filters[EndedFilters], page: PageOf50) -> Response:
    """What calling back came to, or why nobody called: `state`, `outcome`, `resolved_how`."""
    found = await ENDED_CALLBACKS.page(view, access, filters, page)
    return answered(await view.callbacks.entries(found.items, access), found.next)


add_stream(router, "/v1/callbacks", CALLBACK_POLICY, *READERS)


@router.get("/v1/callbacks/reasons", summary="What raises or lowers a callback, in words", responses=problems())
async def list_callback_reasons(_: Anybody) -> Words:
    return Words.of("callback_reasons", RankReason)


@router.get("/v1/callbacks/outcomes", summary="What calling back can come to, in words", responses=problems())
async def list_callback_outcomes(_: Anybody) -> Words:
    return Words.of("callback_outcomes", CallbackOutcome)


@router.get("/v1/callbacks/{callback_id}", summary="Read a callback", responses=problems(404))
async def read_callback(callback_id: UUID, view: View, access: Reader) -> CallbackOut:
    return _shown(await view.callbacks.visible(callback_id, access, lock=False), access)


@router.get(
    "/v1/callbacks/{callback_id}/timeline", summary="What happened to a callback, in order", responses=problems(404)
)
async def read_callback_timeline(callback_id: UUID, view: View, access: Reader, page: PageOf200) -> CallbackTimeline:
    callback = await view.callbacks.visible(callback_id, access, lock=False)
    found = await timelines.page(view.callbacks, callback, access, page, WORDS)
    return CallbackTimeline.model_validate(found, from_attributes=True)


@router.post("/v1/callbacks/{callback_id}/claim", summary="Take a callback on", responses=problems(404, 409))
async def claim_callback(callback_id: UUID, tx: Tx, access: Speaker) -> CallbackOut:
    """Of several, one has it. The colleague to whom it is offered accepts it by this. It is refused if the number may
    not be called as it is.
    """
    return _shown(await use_cases.claim(tx, access, callback_id), access)


@router.post("/v1/callbacks/{callback_id}/release", summary="Give a callback back", responses=problems(404, 409))
async def release_callback(callback_id: UUID, tx: Tx, access: Speaker) -> CallbackOut:
    return _shown(await use_cases.release(tx, access, callback_id), access)


@router.post(
    "/v1/callbacks/{callback_id}/offer", summary="Offer a callback to a colleague", responses=problems(404, 409)
)
async def offer_callback(callback_id: UUID, body: OfferToPerson, tx: Tx, access: Speaker) -> CallbackOut:
    """It stays claimed by the person who offers it until the colleague claims it."""
    return _shown(await use_cases.carry_out(tx, access, callback_id, Offer(by=access.subject, to=body.to)), access)


@router.post(
    "/v1/callbacks/{callback_id}/offer/decline",
    summary="Do not take an offered callback",
    responses=problems(404, 409),
)
async def decline_offered_callback(callback_id: UUID, tx: Tx, access: Speaker) -> CallbackOut:
    return _shown(await use_cases.carry_out(tx, access, callback_id, DeclineOffer(by=access.subject)), access)


@router.post(
    "/v1/callbacks/{callback_id}/attempts", summary="Record what calling back came to", responses=problems(404, 409)
)
async def record_attempt(callback_id: UUID, body: RecordAttempt, tx: Tx, access: Speaker) -> CallbackOut:
    """`real` is never refused: it opens a call with its emergency (`opened_call`), once."""
    emergency = use_cases.emergency_of(body.incident_type, body.priority, body.same_incident)
    done = await use_cases.record_attempt(tx, access, callback_id, body.outcome, body.text, emergency)
    return _shown(done, access)


@router.post("/v1/callbacks/{callback_id}/notes", summary="Write a note on a callback", responses=problems(404))
async def add_callback_note(callback_id: UUID, body: AddCallbackNote, tx: Tx, access: Speaker) -> CallbackOut:
    command = WriteCallbackNote(by=access.subject, text=body.text)
    return _shown(await use_cases.carry_out(tx, access, callback_id, command), access)


@router.get("/v1/calls/{call_id}/contact", summary="Whether a number may be called back", responses=problems(404))
async def read_contact(call_id: UUID, view: View, access: Speaker) -> ContactOut:
    contact, protected = await use_cases.read_contact(view, access, call_id)
    return ContactOut.of(contact, protected=protected)


@router.post(
    "/v1/calls/{call_id}/contact",
    summary="Say whether and how a number may be called back",
    responses=problems(404, 409),
)
async def say_contact(call_id: UUID, body: SayContact, tx: Tx, access: Speaker) -> ContactOut:
    command = caller_contact.SayContact(call_id=call_id, by=access.subject, **dict(body))
    return ContactOut.of(await use_cases.say_contact(tx, access, call_id, command))


def _shown(callback: Callback, access: Access) -> CallbackOut:
    opened = CALLBACK_POLICY.opens(access)
    return CallbackOut.of(callback, opened=opened, with_number=CALLBACK_POLICY.opens_number(callback, access))

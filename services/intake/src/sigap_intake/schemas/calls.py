"""The HTTP schemas of calls: what is answered."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.calls import CallClass, Channel, Complaint, Unscreened
from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import NoteOut, PlaceOut, in_clear, like
from sigap_common.http.timelines import TimelineEntryOut
from sigap_common.http.zones import ZoneOut
from sigap_intake.domain import (
    Call,
    CallerHistory,
    CallState,
    Classification,
)
from sigap_intake.domain.queue import PositionReason, position_reasons
from sigap_intake.domain.references import reference_of
from sigap_intake.examples import calls as examples
from sigap_intake.schemas.call_transfers import OfferedToOut, TransferredFromOut
from sigap_intake.schemas.callers import FixOut
from sigap_intake.schemas.protected_calls import HiddenCallOut
from sigap_intake.schemas.reference import Label
from sigap_intake.schemas.sop import SopOut

_TEXTS = Texts.load("sigap_intake")


class HistoryOut(BaseModel):
    """Earlier calls of the number in this regency, or without a number of the IMEI. At most the newest 200 are
    counted.
    """

    count: int
    by_class: dict[CallClass, int] = Field(description="How many of them have each class")
    last_at: datetime | None
    last_class: CallClass | None

    @classmethod
    def of(cls, history: CallerHistory | None) -> Self | None:
        return cls.model_validate(history, from_attributes=True) if history else None


class ComplaintOut(BaseModel):
    """A complaint about one optional field of a request. The request was carried out without the field, or with the
    part that could be read.
    """

    pointer: str = Field(description="Which field: a JSON pointer")
    code: str = Field(description="What was wrong with it: a `code` as in the errors of a refusal")
    value: str | None = Field(description="The field's value; null if the token may not see personal data")

    @classmethod
    def of(cls, complaint: Complaint, *, opened: bool) -> Self:
        value = in_clear(complaint.value) if opened else None
        return cls(pointer=complaint.pointer, code=complaint.code, value=value)


class MessageOut(BaseModel):
    """A recorded message for the caller of a blocked number: its words in each language."""

    id: str
    en: str


class PositionReasonOut(BaseModel):
    """A reason for a place in the queue that the arrival does not explain."""

    code: str = Field(description="`open_incident` or `lowered`")
    seconds: int = Field(description="So much later; negative: earlier")
    label: Label

    @classmethod
    def of(cls, reason: PositionReason) -> Self:
        said = {"seconds": abs(reason.seconds)}
        words = {spoken: _TEXTS.get(f"position_reasons.{reason.code}", spoken, **said) for spoken in LANGUAGES}
        return cls(code=reason.code, seconds=reason.seconds, label=Label(**words))


class CallOut(BaseModel):
    """A call. Personal data of the caller is null unless the token may see personal data (`opened`)."""

    model_config = like(examples.CALL)

    id: UUID
    regency: str
    version: int
    reference: str = Field(description="How people name the call; read off its id")
    state: CallState
    channel: Channel
    exchange_id: str | None = Field(description="The exchange's own id; null if the token may not see personal data")
    drill: bool
    backfilled: bool
    notify: bool
    with_agencies: bool
    received_at: datetime
    answered_at: datetime | None
    answered_by: str | None = Field(description="The subject of the operator's token")
    on_hold: bool = Field(default=False, description="The exchange has put the caller on hold")
    ended_at: datetime | None
    ended_by: str | None
    cut_off: bool = Field(description="The call was answered, but ended before it had a place or a class")
    call_class: CallClass | None
    incident_type: str | None
    priority: int | None
    same_incident: UUID | None
    zone: ZoneOut | None = Field(description="The regencies in whose area the emergency may lie")
    complaints: list[ComplaintOut] = Field(default=[], description="Complaints about optional fields")
    opened: bool
    operator: str | None = Field(default=None, description="The operator's name, if the token has it")
    number: str | None = None
    imei: str | None = Field(default=None, description="The caller's telephone, if the exchange told it")
    caller_name: str | None = None
    caller_location: PlaceOut | None = Field(default=None, description="Where the caller is: a hint")
    location: PlaceOut | None = Field(default=None, description="Where the emergency is")
    notes: list[NoteOut] = Field(default=[], description="The newest 50; the timeline has all")
    caller_zone: ZoneOut | None = Field(default=None, description="Whose area the caller is in: a hint")
    callback_id: UUID | None = Field(default=None, description="The callback that proved real and became this call")
    history: HistoryOut | None = Field(default=None, description="None without number and IMEI, and in lists")
    block_id: UUID | None = Field(default=None, description="The block of its number when the call arrived")
    unscreened: Unscreened | None = Field(
        default=None, description="Why a call from a blocked number went past the recorded message"
    )
    lowered_by_seconds: int = Field(default=0, description="So much later than it arrived it counts in the queue")
    message: MessageOut | None = Field(
        default=None, description="To be played to the caller now (state `screening`); null in lists"
    )
    sop: SopOut | None = Field(default=None, description="What was done of the SOP; none: nothing yet; none in lists")
    callback_number: str | None = Field(default=None, description="Where the caller can be called back, E.164")
    language: str | None = Field(default=None, description="The language that the caller speaks: its ISO 639 code")
    fixes: list[FixOut] | None = Field(
        default=None,
        description="The places that were found, in the order in which they came; empty until one is told beside"
        " the one that came with the call; null in lists",
    )
    claimed_at: datetime | None = Field(
        default=None,
        description="When the operator who has the call took it: 20 s long others need no reason to take over",
    )
    operator_gone: bool = Field(
        default=False, description="Alarm: the operator is gone, anybody may take the call over"
    )
    offered_to: str | None = Field(
        default=None, description="The operator who is asked to take the call; accepts by taking it over"
    )
    waits_long: bool = Field(default=False, description="Alarm: it waits, and has rung further")
    position_reasons: list[PositionReasonOut] = Field(
        default=[], description="Why the queue has it elsewhere than by its arrival"
    )
    transfer: OfferedToOut | None = Field(default=None, description="The newest offer to another regency")
    transferred_from: TransferredFromOut | None = Field(
        default=None, description="The call of another regency that this one goes on with"
    )
    came_back: bool = Field(default=False, description="Alarm: no regency accepted the offer, decide what follows")
    hidden: Literal[False] = False

    @classmethod
    def of(cls, call: Call, *, opened: bool, **beside: Any) -> Self:
        said = call.classification.model_dump() if call.classification else _UNCLASSIFIED
        facts = {name: getattr(call, name) for name in _FACTS}
        facts |= {"exchange_id": None, "zone": ZoneOut.of(call.zone), "reference": reference_of(call.id)}
        facts["transfer"] = OfferedToOut.of(call.transfer, opened=opened)
        facts["transferred_from"] = TransferredFromOut.of(call.transferred_from)
        facts["position_reasons"] = [PositionReasonOut.of(reason) for reason in position_reasons(call)]
        personal = personal_of(call) if opened else {"complaints": _complaints(call, opened=False)}
        return cls(**facts | personal, **said, opened=opened, **beside)


_UNCLASSIFIED = dict.fromkeys(Classification.model_fields)
_FACTS = CallOut.model_fields.keys() & (Call.model_fields.keys() | {"on_hold"}) - {
    "operator",
    "number",
    "imei",
    "caller_name",
    "caller_zone",
    "sop",
    "zone",
    "notes",
    "complaints",
    "callback_number",
    "language",
    "fixes",
    "transfer",
    "transferred_from",
}


def exchange_id_of(call: Call) -> str | None:
    """The exchange's id in clear. Older versions stored it in `exchange_id`, which holds the hash today."""
    return call.exchange_reference.clear if call.exchange_reference else call.exchange_id


def personal_of(call: Call) -> dict[str, Any]:
    """The fields of CallOut that hold personal data, in clear."""
    return {
        "exchange_id": exchange_id_of(call),
        "operator": in_clear(call.operator),
        "number": in_clear(call.number),
        "imei": in_clear(call.imei),
        "caller_name": in_clear(call.caller_name),
        "callback_number": in_clear(call.callback_number),
        "language": in_clear(call.language),
        "caller_location": PlaceOut.of(call.caller_place),
        "caller_zone": ZoneOut.of(call.caller_zone),
        "location": PlaceOut.of(call.place),
        "notes": [NoteOut(at=note.at, by=note.by, text=note.text.clear) for note in call.notes],
        "complaints": _complaints(call, opened=True),
    }


def _complaints(call: Call, *, opened: bool) -> list[ComplaintOut]:
    return [ComplaintOut.of(complaint, opened=opened) for complaint in call.complaints]


class CallList(BaseModel):
    items: list[CallOut | HiddenCallOut]
    next: str | None


class TimelineEntry(TimelineEntryOut):
    model_config = like(examples.TIMELINE_ENTRY)


class Timeline(BaseModel):
    items: list[TimelineEntry]
    next: str | None


_MESSAGE = MessageOut(**Texts.load("sigap_intake").labels("screening_message"))


def message_for(call: Call) -> MessageOut | None:
    """The message that the caller is to hear now."""
    return _MESSAGE if call.state is CallState.SCREENING else None

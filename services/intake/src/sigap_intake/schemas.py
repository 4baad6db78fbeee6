"""The HTTP schemas of calls."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.calls import CallClass, Channel, Complaint, Unscreened
from sigap_common.contracts.fixes import FixSource
from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import Body, MaybeWhere, NoteOut, PlaceOut, Where, in_clear, like
from sigap_common.http.timelines import TimelineEntryOut
from sigap_common.http.types import Code, Personal, PersonalLine, PersonalText, RegencyCode, ShortText, Utc
from sigap_common.http.zones import ZoneOut
from sigap_common.personal_data import Sealed
from sigap_intake import examples
from sigap_intake.call_transfer_schemas import OfferedToOut, TransferredFromOut
from sigap_intake.caller_schemas import FixOut
from sigap_intake.domain import (
    Answer,
    Call,
    CallerHistory,
    CallState,
    Classification,
    Classify,
    End,
    Receive,
    WriteNote,
)
from sigap_intake.domain.queue import PositionReason, position_reasons
from sigap_intake.domain.references import reference_of
from sigap_intake.odd_values import Forgiving, complaint_of, forgiving, text_of
from sigap_intake.protected_call_schemas import HiddenCallOut
from sigap_intake.reference_schemas import Label
from sigap_intake.sop_schemas import SopOut

_TEXTS = Texts.load("sigap_intake")
LONGEST_NUMBER = 100
LOOKED_AT = 10 * LONGEST_NUMBER
"""So many characters of a number field are read. A longer text is not a number."""


def _as_told(number: object) -> object:
    """The field as text without control characters, cut to LONGEST_NUMBER: a call must not be lost because of an odd
    number. A client may send digits as a JSON number.
    """
    if isinstance(number, int | float) and not isinstance(number, bool):
        number = f"{number:d}" if isinstance(number, int) else f"{number:.0f}"
    if not isinstance(number, str):
        return number
    number = number[:LOOKED_AT]
    if number.isprintable():
        return number.strip()[:LONGEST_NUMBER] or None
    signs = (sign if sign.isprintable() else " " if sign.isspace() else "" for sign in number)
    return "".join(signs).strip()[:LONGEST_NUMBER] or None


Number = Annotated[
    Annotated[Sealed, Personal(LONGEST_NUMBER)] | None,
    BeforeValidator(_as_told),
    Field(description="The caller's number in any notation; null if the call has none"),
]
Imei = Annotated[
    Annotated[Sealed, Personal(LONGEST_NUMBER)] | None,
    BeforeValidator(_as_told),
    Field(description="The IMEI of the caller's telephone: 15 digits, or its URN. For callers without a number"),
]
At = Annotated[Utc | None, Field(description="When it happened; for a backfilled call only")]


class CallerLocation(Where):
    pass  # a subclass only so that it has a name of its own in the OpenAPI


class ReceiveCall(Forgiving):
    """A call arrives. If an optional field is wrong, the call is recorded without that field, and has a complaint
    (`complaints`) about it.
    """

    model_config = forgiving(examples.RECEIVE_CALL)
    REPAIRS: ClassVar = {
        ("caller_name",): text_of(200, one_line=True),
        ("caller_location", "address"): text_of(4000),
    }

    regency: RegencyCode = Field(description="The regency whose queue the call entered")
    channel: Channel
    number: Number = None
    imei: Imei = None
    caller_name: PersonalLine | None = None
    caller_location: CallerLocation | None = Field(default=None, description="Where the caller is: a hint")
    exchange_id: ShortText | None = Field(
        default=None,
        description="The exchange's own id. Until an hour after the call's end the same id names the same call, unless "
        "number or time contradict",
    )
    received_at: Utc | None = Field(default=None, description="When the call reached our first queue; null: now")
    backfilled: bool = Field(default=False, description="A backfilled entry with its own times (supervisor, admin)")
    notify: bool | None = Field(default=None, description="Whether a backfilled entry is sent to agencies; null: no")
    drill: bool = Field(default=False, description="A call for practice")
    with_agencies: bool = Field(default=False, description="A drill that is sent to the real agencies (supervisor)")

    def command(self, by: str, *, by_exchange: bool) -> Receive:
        """The command. Raises Invalid if a person sent an unknown field."""
        if not by_exchange:
            self.refuse_unknown_fields()
        where, complaints = self.caller_location, self.complaints
        if where and where.is_null_island:
            complaints = (*complaints, complaint_of(["caller_location"], "position_null", [where.lat, where.lon]))
        return Receive(
            by=by,
            by_exchange=by_exchange,
            at=self.received_at,
            caller_place=where.place if where else None,
            complaints=complaints,
            **{name: getattr(self, name) for name in _AS_THEY_ARE},
        )


_AS_THEY_ARE = ReceiveCall.model_fields.keys() - {"regency", "received_at", "caller_location"}


class AnswerCall(Body):
    at: At = None

    def command(self, by: str, name: str | None) -> Answer:
        return Answer(by=by, at=self.at, operator=Sealed(name) if name else None)


class LocateEmergency(MaybeWhere):
    model_config = like(examples.LOCATE_EMERGENCY)

    same_as_caller: bool = Field(default=False, description="The emergency is where the caller is")
    at: At = None
    source: FixSource | None = Field(default=None, description="What the place was found by; null: not told")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.place is None) != self.same_as_caller:
            raise PydanticCustomError("place_or_same", "Give a place or same_as_caller, not both")
        return self


class AddNote(Body):
    model_config = like(examples.ADD_NOTE)

    text: PersonalText
    at: At = None

    def command(self, by: str) -> WriteNote:
        return WriteNote(by=by, at=self.at, text=self.text)


class ClassifyCall(Body):
    model_config = like(examples.CLASSIFY_CALL)

    call_class: CallClass
    incident_type: Code | None = Field(
        default=None, description="A code of the regency's list; an emergency can be classified without one"
    )
    priority: Annotated[int, Field(ge=1, le=5)] | None = Field(
        default=None, description="1 is the most urgent; null: the priority of the incident type"
    )
    same_incident: UUID | None = Field(default=None, description="The open incident that the call reports again")
    reason: PersonalText | None = Field(default=None, description="Why the earlier class was wrong")
    at: At = None

    def command(self, by: str) -> Classify:
        said = {name: getattr(self, name) for name in Classification.model_fields}
        return Classify(by=by, at=self.at, classification=Classification(**said), reason=self.reason)


class EndCall(Forgiving):
    model_config = forgiving(examples.END_CALL)

    ended_by: Literal["caller", "operator", "exchange"]
    at: At = None

    def command(self, by: str, *, by_exchange: bool) -> End:
        """The command. Raises Invalid if a person sent an unknown field."""
        if not by_exchange:
            self.refuse_unknown_fields()
        return End(by=by, by_exchange=by_exchange, at=self.at, ended_by=self.ended_by, complaints=self.complaints)


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

"""The HTTP schemas of callbacks."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.callbacks import CallbackOutcome, Drop, RankReason
from sigap_common.contracts.calls import Channel
from sigap_common.core.texts import Texts
from sigap_common.http.schemas import Body, NoteOut, PlaceOut, in_clear, like
from sigap_common.http.timelines import TimelineEntryOut
from sigap_common.http.types import Code, PersonalText
from sigap_intake.domain.callback import Attempt, Callback, CallbackState
from sigap_intake.domain.caller_contact import CallerContact
from sigap_intake.examples import callbacks as examples
from sigap_intake.schemas.reference import Label

_TEXTS = Texts.load("sigap_intake")


class RecordAttempt(Body):
    """The outcome of a call back. `incident_type`, `priority` and `same_incident` are of a real emergency alone."""

    model_config = like(examples.RECORD_ATTEMPT)

    outcome: CallbackOutcome
    text: PersonalText | None = Field(default=None, description="What was said")
    incident_type: Code | None = Field(default=None, description="Of the regency's list; an emergency needs none")
    priority: Annotated[int, Field(ge=1, le=5)] | None = Field(
        default=None, description="1 is the most urgent; none: the type's own"
    )
    same_incident: UUID | None = Field(default=None, description="The open incident that it reports again")


class AddCallbackNote(Body):
    model_config = like(examples.ADD_NOTE)

    text: PersonalText


class SayContact(Body):
    """A field that is left out stays as it is."""

    model_config = like(examples.SAY_CONTACT)

    contact_note: PersonalText | None = Field(default=None, description="How the number can be called safely")
    declined: bool | None = Field(default=None, description="The caller says not to call back")
    guarded: Literal[False] | None = Field(
        default=None, description="False: the number is guarded no more (supervisor)"
    )


class ContactOut(BaseModel):
    """Whether and how the number of a call may be called back."""

    model_config = like(examples.CONTACT)

    guarded: bool = Field(description="The number had a silent or a protected call")
    declined: bool = Field(description="Its caller has said not to call back")
    contact_note: str | None = Field(description="How the number can be called safely")
    withheld: bool = Field(description="Whether operators may not call it as it is")

    @classmethod
    def of(cls, contact: CallerContact | None, *, protected: bool = False) -> Self:
        """`protected`: the number reported a protected incident, which guards it until a supervisor lifts that."""
        guarded = contact.guarded or (protected and not contact.lifted) if contact else protected
        declined, note = (contact.declined, in_clear(contact.contact_note)) if contact else (False, None)
        withheld = declined or (guarded and note is None)
        return cls(guarded=guarded, declined=declined, contact_note=note, withheld=withheld)


class DroppedCallOut(BaseModel):
    call_id: UUID
    drop: Drop
    channel: Channel
    received_at: datetime
    ended_at: datetime


class RankPartOut(BaseModel):
    reason: RankReason
    points: int
    count: int


class AttemptOut(BaseModel):
    at: datetime
    by: str | None
    outcome: CallbackOutcome
    text: str | None

    @classmethod
    def of(cls, attempt: Attempt, *, opened: bool) -> Self:
        text = in_clear(attempt.text) if opened else None
        return cls(at=attempt.at, by=attempt.by, outcome=attempt.outcome, text=text)


class CallbackOut(BaseModel):
    """Dropped calls of one number, or without a number of one telephone (IMEI) or place, as work to do. Who called and
    what was said is null unless the token is shown personal data (`opened`).
    """

    model_config = like(examples.CALLBACK)

    id: UUID
    regency: str
    version: int
    state: CallbackState
    drill: bool
    joined_by: Literal["number", "device", "place", "nothing"] = Field(
        description="What its calls have in common. `device`: they have no number, but the same IMEI. `nothing`:"
        " there is one call alone"
    )
    cut_off: bool = Field(description="A call was cut off after the answer: these are first in the list")
    points: int = Field(description="How likely it is that they were real: the sum of `parts`")
    parts: list[RankPartOut] = Field(description="Why; `GET /v1/callbacks/reasons` has the words")
    calls: list[DroppedCallOut] = Field(description="The newest 50, the last told last")
    call_count: int
    last_dropped_at: datetime
    expires_at: datetime = Field(description="When it ends if nobody calls; later if a further call is dropped")
    first_for: str | None = Field(description="The operator whose call was cut off: until `first_until` only this one")
    first_until: datetime | None
    claimed_by: str | None = Field(description="The subject of the token")
    claimed_at: datetime | None
    claimed_until: datetime | None = Field(description="When the claim lapses if no attempt is recorded")
    offered_to: str | None = Field(
        default=None, description="The colleague who is asked to take it; accepts by claiming it"
    )
    tried: int = Field(description="Calls that nobody answered")
    outcome: CallbackOutcome | None = Field(description="The outcome of the last call back, if it ended the callback")
    opened_call: UUID | None = Field(description="Of a real emergency: the call that it became")
    resolved_how: str | None = Field(
        description="`contact`: the number was answered since; `handed_on`: another regency goes on with the caller;"
        " `classified`; `joined`"
    )
    resolved_by_call: UUID | None
    sampled: bool = Field(description="It expired, and was drawn to be called all the same, by `call_by`")
    call_by: datetime | None
    ended_at: datetime | None
    guarded: bool = Field(description="The number had a silent or a protected call")
    declined: bool = Field(description="The caller has said not to call back")
    withheld: bool = Field(description="The number may not be called as it is, and is shown to supervisors alone")
    opened: bool
    number: str | None = None
    operator: str | None = Field(default=None, description="The name of who claimed it, if the token has it")
    location: PlaceOut | None = Field(default=None, description="Where the caller was: a hint")
    contact_note: str | None = Field(default=None, description="How the number can be called safely")
    attempts: list[AttemptOut] = Field(description="The newest 50")
    notes: list[NoteOut] = Field(default=[], description="The newest 50")

    @classmethod
    def of(cls, callback: Callback, *, opened: bool, with_number: bool) -> Self:
        """`with_number`: with the number, and where the caller was."""
        facts = {name: getattr(callback, name) for name in _FACTS}
        ranked, claim = callback.ranked, callback.claim
        facts |= {
            "joined_by": _joined_by(callback),
            "points": ranked.points,
            "parts": [part.model_dump() for part in ranked.parts],
            "calls": [call.model_dump() for call in callback.calls],
            "claimed_by": claim.by if claim else None,
            "claimed_at": claim.at if claim else None,
            "claimed_until": claim.until if claim else None,
            "attempts": [AttemptOut.of(attempt, opened=False) for attempt in callback.attempts],
        }
        return cls(**facts | (personal_of(callback, with_number=with_number) if opened else {}), opened=opened)


_READ_OFF = {"withheld", "last_dropped_at", "offered_to"}
_FACTS = CallbackOut.model_fields.keys() & (Callback.model_fields.keys() | _READ_OFF) - {
    "number",
    "location",
    "contact_note",
    "attempts",
    "notes",
    "calls",
}


def _joined_by(callback: Callback) -> str:
    if callback.number is not None or callback.caller_hash is not None:
        return "number" if callback.number is not None else "device"
    return "place" if callback.place is not None and callback.place.cell else "nothing"


def personal_of(callback: Callback, *, with_number: bool) -> dict[str, Any]:
    """The fields of CallbackOut that personal data changes, with it."""
    number, place = (callback.number, callback.place) if with_number else (None, None)
    claim = callback.claim
    return {
        "number": in_clear(number),
        "location": PlaceOut.of(place),
        "operator": in_clear(claim.operator) if claim else None,
        "contact_note": in_clear(callback.contact_note),
        "attempts": [AttemptOut.of(attempt, opened=True) for attempt in callback.attempts],
        "notes": [NoteOut(at=note.at, by=note.by, text=note.text.clear) for note in callback.notes],
    }


class CallbackList(BaseModel):
    items: list[CallbackOut]
    next: str | None


class CallbackTimelineEntry(TimelineEntryOut):
    model_config = like(examples.TIMELINE_ENTRY)


class CallbackTimeline(BaseModel):
    items: list[CallbackTimelineEntry]
    next: str | None


class WordOut(BaseModel):
    model_config = like(examples.REASON)

    code: str
    label: Label


class Words(BaseModel):
    items: list[WordOut]
    next: None = None

    @classmethod
    def of(cls, section: str, codes: type[RankReason] | type[CallbackOutcome]) -> Self:
        labels = {code.value: Label(**_TEXTS.labels(f"{section}.{code.value}")) for code in codes}
        return cls(items=[WordOut(code=code, label=label) for code, label in labels.items()])

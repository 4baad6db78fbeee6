"""The HTTP schemas of referrals."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.calls import Note
from sigap_common.http.schemas import Body, NoteOut, PlaceOut, in_clear, like
from sigap_common.http.types import AgencyPath, PersonalText
from sigap_dispatch import examples
from sigap_dispatch.domain.referral import Referral, ReferralState


class PassReferralOn(Body):
    model_config = like(examples.PASS_ON)

    agency: AgencyPath | None = Field(description="Null: to the city's complaints desk")


class AnswerReferral(Body):
    model_config = like(examples.ANSWER_REFERRAL)

    text: PersonalText = Field(description="What the agency or the desk answered")


class ReferralOut(BaseModel):
    model_config = like(examples.REFERRAL)

    id: UUID
    regency: str
    version: int
    number: str = Field(description="Tell it to the caller")
    state: ReferralState
    call_id: UUID
    to: str | None = Field(description="`<regency>/<code>`; null: the city's complaints desk")
    to_name: str | None = Field(description="The name of the agency or of the complaints desk, as the pack has it now")
    received_at: datetime
    opened_at: datetime
    protected: bool = Field(description="Of a protected call: nothing of its caller is shown")
    backfilled: bool
    drill: bool
    closed_at: datetime | None
    closed_how: str | None = Field(description="done, or reclassified: its call got another class")
    caller_number: str | None
    caller_name: str | None
    place: PlaceOut | None
    notes: list[NoteOut]
    answers: list[NoteOut] = Field(description="The newest 20, the oldest first")
    opened: bool = Field(description="Whether the token may see personal data")

    @classmethod
    def of(cls, referral: Referral, to_name: str | None, *, opened: bool) -> Self:
        shown = {name: getattr(referral, name) for name in _OF_REFERRAL}
        personal = {
            "caller_number": in_clear(referral.caller_number) if opened else None,
            "caller_name": in_clear(referral.caller_name) if opened else None,
            "place": PlaceOut.of(referral.place) if opened else None,
            "notes": _shown(referral.notes) if opened else [],
            "answers": _shown(referral.answers) if opened else [],
        }
        return cls(**shown, **personal, to_name=to_name, opened=opened)


def _shown(notes: tuple[Note, ...]) -> list[NoteOut]:
    return [NoteOut(at=note.at, by=note.by, text=note.text.clear) for note in notes]


_PERSONAL = ("caller_number", "caller_name", "place", "notes", "answers", "opened", "to_name")
_OF_REFERRAL = tuple(name for name in ReferralOut.model_fields if name not in _PERSONAL)


class ReferralList(BaseModel):
    items: list[ReferralOut]
    next: str | None

"""The HTTP schemas of the first look at a call."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.calls import CallClass, Channel
from sigap_common.http.schemas import NoteOut, PlaceOut, like
from sigap_common.regency import Guidance
from sigap_intake.domain import CallState
from sigap_intake.domain.block import Block, BlockState
from sigap_intake.domain.closed_incident import ClosedIncident
from sigap_intake.domain.first_look import FirstLook, Likeness, OtherLine
from sigap_intake.domain.known_referral import KnownReferral
from sigap_intake.domain.likely_type import LikelyBecause, likely_type, questions_to_ask
from sigap_intake.domain.open_incident import NearIncident, OpenIncident
from sigap_intake.examples import first_look as examples
from sigap_intake.schemas.callbacks import ContactOut
from sigap_intake.schemas.callers import FixOut
from sigap_intake.schemas.calls import CallOut, HistoryOut
from sigap_intake.schemas.sop import QuestionOut, SopOut, WordsOut

NOTES_SHOWN = 3


class EarlierCallOut(BaseModel):
    """An earlier call of the same number. `GET /v1/calls/{id}` has all of it."""

    id: UUID
    received_at: datetime
    channel: Channel
    state: CallState
    cut_off: bool
    call_class: CallClass | None
    incident_type: str | None
    answered_by: str | None
    operator: str | None
    notes: list[NoteOut] = Field(description="The newest 3")

    @classmethod
    def of(cls, entry: dict[str, Any]) -> Self:
        told = {name: entry[name] for name in cls.model_fields}
        return cls.model_validate(told | {"notes": entry["notes"][-NOTES_SHOWN:]})


class OpenIncidentOut(BaseModel):
    """An incident that is open, as intake knows it from dispatch. Of a protected one only that it is open."""

    id: UUID
    protected: bool
    number: str | None = None
    incident_type: str | None = None
    priority: int | None = None
    opened_at: datetime | None = None
    metres: float | None = Field(default=None, description="How far from the call's place; none: unknown")

    @classmethod
    def of(cls, incident: OpenIncident, metres: float | None = None) -> Self:
        if incident.protected:
            return cls(id=incident.id, protected=True)
        names = ("id", "protected", "number", "incident_type", "priority", "opened_at")
        return cls(**{name: getattr(incident, name) for name in names}, metres=metres)

    @classmethod
    def near(cls, one: NearIncident) -> Self:
        return cls.of(one.incident, round(one.metres))


class ClosedIncidentOut(BaseModel):
    """An incident that was closed lately. Of a protected one only that it can be reopened."""

    id: UUID
    protected: bool
    reopen_until: datetime = Field(description="Until then you reopen it in one step")
    number: str | None = None
    incident_type: str | None = None
    closed_at: datetime | None = None

    @classmethod
    def of(cls, incident: ClosedIncident, *, hidden: bool) -> Self:
        """`hidden`: the number is protected, so nothing is said of its incidents."""
        if hidden or incident.protected:
            return cls(id=incident.id, protected=True, reopen_until=incident.reopen_until)
        return cls(**{name: getattr(incident, name) for name in cls.model_fields})


class KnownReferralOut(BaseModel):
    """A non-emergency report of the number. `GET /v1/referrals/{id}` has all of it."""

    id: UUID
    number: str
    to: str | None = Field(description="`<regency>/<code>`; null: the city's complaints desk")
    opened_at: datetime
    is_open: bool
    answer: str | None = Field(description="The newest answer: read it to the caller")
    answered_at: datetime | None

    @classmethod
    def of(cls, referral: KnownReferral) -> Self:
        return cls(**{name: getattr(referral, name) for name in cls.model_fields})


class KnownBlockOut(BaseModel):
    """A block of the number. Supervisors have all of it at `GET /v1/blocks/{id}`."""

    id: UUID
    state: BlockState = Field(description="`proposed` and `active`; any other one stood when the call arrived")
    proposed_at: datetime
    decide_by: datetime = Field(description="An undecided proposal lapses then")
    ends_at: datetime | None = Field(description="When it ends, or was to end; null: it was never approved")
    over_at: datetime | None = Field(description="When it was lifted or ended; null: it stands or is proposed")
    appealed_at: datetime | None = Field(description="When the caller disputed it last; null: never")

    @classmethod
    def of(cls, block: Block) -> Self:
        appealed_at = block.appeals[-1].at if block.appeals else None
        facts = {name: getattr(block, name) for name in cls.model_fields.keys() - {"appealed_at"}}
        return cls(**facts, appealed_at=appealed_at)


class OtherLineOut(BaseModel):
    """Another call that somebody speaks on now and that may be about the same event."""

    id: UUID
    because: Likeness
    metres: float | None
    received_at: datetime
    answered_by: str | None
    operator: str | None
    call_class: CallClass | None
    incident_type: str | None
    same_incident: UUID | None
    location: PlaceOut | None
    notes: list[NoteOut] = Field(description="The newest 3")

    @classmethod
    def of(cls, line: OtherLine) -> Self:
        entry = line.entry
        told = {name: entry[name] for name in cls.model_fields.keys() & entry.keys()}
        told |= {"notes": entry["notes"][-NOTES_SHOWN:], "because": line.because}
        return cls.model_validate(told | {"metres": None if line.metres is None else round(line.metres)})


class FirstTriageOut(BaseModel):
    """The triage of the type that the call is most likely about. It is a hint: the caller says what happened."""

    guidance: str = Field(description="The version in force; answers are posted with it")
    incident_type: str | None = Field(description="The likely type; null: nothing speaks for one")
    because: LikelyBecause | None = Field(
        description="By what it is likely: the class given, the answers given, an open incident of the caller, another"
        " call of the same caller or incident, an incident of the caller closed lately, an incident or call near by"
    )
    questions: list[QuestionOut] = Field(
        description="The first is to be asked next, then the `next` of the answer. If no type is likely, or it has none"
        " of its own: those that open the tree, until the ways part"
    )
    words: list[WordsOut] = Field(description="What to tell the caller if it is this type")

    @classmethod
    def of(cls, look: FirstLook, guidance: Guidance) -> Self:
        likely = likely_type(look, guidance)
        words = guidance.words.get(likely.incident_type, {}) if likely else {}
        asked = questions_to_ask(look, guidance, likely)
        return cls(
            guidance=guidance.version,
            incident_type=likely.incident_type if likely else None,
            because=likely.because if likely else None,
            questions=[QuestionOut.of(one, dict(guidance.answers[code])) for code, one in asked.items()],
            words=[WordsOut.of(code, one) for code, one in words.items()],
        )


class FirstLookOut(BaseModel):
    """All that an operator should see when a call is answered."""

    model_config = like(examples.FIRST_LOOK)

    call: CallOut
    protected: bool = Field(
        description="The number reported a protected incident: what it said before is not shown here"
    )
    earlier: list[EarlierCallOut] = Field(description="The number's earlier calls in this regency, the newest 20")
    of_number: list[OpenIncidentOut] = Field(description="Open incidents that this number reported: first of all")
    closed_lately: list[ClosedIncidentOut] = Field(
        description="The newest 5 incidents that this number reported, if they were closed within the pack's"
        " `reopen_window_minutes`: perhaps one of them goes on"
    )
    near: list[OpenIncidentOut] = Field(
        description="Other open incidents within 1 km and the place's uncertainty, the nearest first"
    )
    on_the_line: list[OtherLineOut] = Field(
        description="Other calls that go on now and have the same number, the same incident or a place near by"
    )
    blocks: list[KnownBlockOut] = Field(
        description="The number's proposed or active block as it is now, and the block that stood when the call"
        " arrived (`block_id` of the call); the newest first. Of a protected number none"
    )
    referrals: list[KnownReferralOut] = Field(description="The number's newest 5 referrals, with their answers")
    triage: FirstTriageOut
    contact: ContactOut = Field(description="How the number may be called back: also of a protected one")

    @classmethod
    def of(cls, look: FirstLook, guidance: Guidance) -> Self:
        sop = SopOut.of(look.call.sop, guidance) if look.call.sop else None
        return cls(
            call=CallOut.of(
                look.call, opened=True, history=HistoryOut.of(look.history), sop=sop, fixes=FixOut.all_of(look.call)
            ),
            protected=look.protected,
            earlier=[EarlierCallOut.of(entry) for entry in look.earlier],
            of_number=[OpenIncidentOut.of(incident) for incident in look.of_number],
            closed_lately=[ClosedIncidentOut.of(one, hidden=look.protected) for one in look.closed_lately],
            near=[OpenIncidentOut.near(one) for one in look.near],
            on_the_line=[OtherLineOut.of(line) for line in look.on_the_line],
            blocks=[KnownBlockOut.of(one) for one in look.blocks],
            referrals=[KnownReferralOut.of(one) for one in look.referrals],
            triage=FirstTriageOut.of(look, guidance),
            contact=ContactOut.of(look.contact, protected=look.protected and not look.call.drill),
        )

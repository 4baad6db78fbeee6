"""The HTTP schemas of blocks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.calls import CallClass, Channel
from sigap_common.http.schemas import Body, PlaceOut, in_clear, like
from sigap_common.http.timelines import TimelineEntryOut
from sigap_common.http.types import PersonalText, ShortText, Utc
from sigap_intake.domain import Call, CallState
from sigap_intake.domain.block import Block, BlockState
from sigap_intake.examples import blocks as examples
from sigap_intake.repository.timelines import Said
from sigap_intake.use_cases.blocks import Dossier


class ApproveBlock(Body):
    model_config = like(examples.APPROVE)

    ends_at: Utc | None = Field(
        default=None, description="24 to 72 hours from now; none: after the hours of the pack's rule"
    )
    reason: PersonalText | None = None


class DecideBlock(Body):
    model_config = like(examples.DECIDE)

    reason: PersonalText


class ExtendBlock(DecideBlock):
    model_config = like(examples.EXTEND)

    ends_at: Utc = Field(description="After the end that was planned, at most 72 hours from now")


class AppealBlock(Body):
    model_config = like(examples.APPEAL)

    text: PersonalText = Field(description="What the caller says")


class MakeDossier(Body):
    model_config = like(examples.MAKE_DOSSIER)

    recipient: ShortText = Field(description="Which authority it is for")
    reason: PersonalText = Field(description="Why, such as the number of the police's file")


class BlockRuleOut(BaseModel):
    """The pack's rule by which the block was proposed."""

    pranks: int
    within_days: int
    hours: int
    approval: str


class PrankCallOut(BaseModel):
    call_id: UUID
    at: datetime = Field(description="When the call arrived")


class AppealOut(BaseModel):
    at: datetime
    by: str | None
    text: str | None = Field(description="Null unless the token is shown personal data")


class DoubtOut(BaseModel):
    """The doubts about the block."""

    at: datetime
    why: str = Field(
        description="`fact_corrected`: one of its pranks got another class; `genuine_call`: a later call was no prank"
    )
    call_id: UUID | None = Field(description="Null: a protected call")
    call_class: CallClass | None


class BlockOut(BaseModel):
    """A block of a number. The number and what people wrote is null unless the token is shown personal data."""

    model_config = like(examples.BLOCK)

    id: UUID
    regency: str
    version: int
    state: BlockState
    rule: BlockRuleOut
    score: float = Field(description="The number's prank score when the block was proposed")
    facts: list[PrankCallOut] = Field(description="The pranks that are the reason, the oldest first")
    proposed_at: datetime
    decide_by: datetime = Field(description="An undecided proposal lapses then")
    decided_at: datetime | None
    decided_by: str | None = Field(description="Null of a decided block: the pack's rule approved it")
    ends_at: datetime | None
    review_at: datetime | None = Field(description="By then somebody should review it")
    review_due: bool = Field(description="The review is an alarm now")
    reviewed_at: datetime | None
    reviewed_by: str | None
    extensions: int
    over_at: datetime | None
    dossiers: int = Field(description="How many were taken out; the timeline says by whom and why")
    doubts: list[DoubtOut]
    opened: bool
    number: str | None = None
    reason: str | None = Field(default=None, description="Of the latest decision")
    appeals: list[AppealOut] = Field(default=[], description="The newest 50")

    @classmethod
    def of(cls, block: Block, *, opened: bool) -> Self:
        facts = {name: getattr(block, name) for name in _FACTS}
        appeals = [
            AppealOut(at=one.at, by=one.by, text=in_clear(one.text) if opened else None) for one in block.appeals
        ]
        personal: dict[str, Any] = {}
        if opened:
            personal = {"number": in_clear(block.number), "reason": in_clear(block.reason)}
        told = {**facts, **personal, "appeals": appeals, "review_due": block.alarm is not None, "opened": opened}
        return cls.model_validate(told, from_attributes=True)


_FACTS = BlockOut.model_fields.keys() & Block.model_fields.keys() - {"number", "reason", "appeals"}


class BlockList(BaseModel):
    items: list[BlockOut]
    next: str | None


class BlockTimelineEntry(TimelineEntryOut):
    model_config = like(examples.TIMELINE_ENTRY)


class BlockTimeline(BaseModel):
    items: list[BlockTimelineEntry]
    next: str | None


class SaidOut(BaseModel):
    at: datetime
    what: str = Field(description="The event, as in docs/events.md")
    by: str | None = Field(description="The subject of the token; null: the product itself")
    call_class: CallClass | None

    @classmethod
    def of_all(cls, said: Sequence[Said]) -> list[Self]:
        return [cls.model_validate(one, from_attributes=True) for one in said]


class DossierCallOut(BaseModel):
    id: UUID
    channel: Channel
    received_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    state: CallState
    call_class: CallClass | None
    answered_by: str | None
    caller_location: PlaceOut | None = Field(description="Where the caller was, as far as it is known")
    location: PlaceOut | None = Field(description="Where the caller said that it happened")
    history: list[SaidOut]

    @classmethod
    def of(cls, call: Call, said: Sequence[Said]) -> Self:
        facts = {name: getattr(call, name) for name in _CALL_FACTS}
        call_class = call.classification.call_class if call.classification else None
        places = {"caller_location": PlaceOut.of(call.caller_place), "location": PlaceOut.of(call.place)}
        return cls(**facts, **places, call_class=call_class, history=SaidOut.of_all(said))


_CALL_FACTS = ("id", "channel", "received_at", "answered_at", "ended_at", "state", "answered_by")


class DossierOut(BaseModel):
    """A number's pranks and screened calls, oldest first, the newest 200. Other calls of the number are not in it."""

    model_config = like(examples.DOSSIER)

    regency: str
    made_at: datetime
    made_by: str
    recipient: str
    reason: str | None
    number: str | None
    block: BlockOut
    block_history: list[SaidOut]
    calls: list[DossierCallOut]

    @classmethod
    def of(cls, dossier: Dossier) -> Self:
        block, said = dossier.block, dossier.said
        return cls(
            regency=block.regency,
            made_at=dossier.made_at,
            made_by=dossier.made_by,
            recipient=dossier.recipient,
            reason=in_clear(dossier.reason),
            number=in_clear(block.number),
            block=BlockOut.of(block, opened=True),
            block_history=SaidOut.of_all(said.get(block.id, ())),
            calls=[DossierCallOut.of(call, said.get(call.id, ())) for call in dossier.calls],
        )

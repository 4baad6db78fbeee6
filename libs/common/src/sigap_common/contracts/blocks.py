"""Events that intake publishes about blocks of numbers that play pranks. Subject: the block's id."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.contracts.calls import CallClass
from sigap_common.personal_data import Sealed


class PrankCall(Contract):
    """A call that was classified as a prank."""

    call_id: UUID
    at: datetime = Field(description="When the call arrived")


class BlockRule(Contract):
    """The pack's rule by which a block was proposed. It holds for this block, also if the pack changes."""

    pranks: int = Field(description="That many calls classified as prank")
    within_days: int = Field(description="within that many days")
    hours: int = Field(description="Hours that a block lasts, unless a supervisor says another end")
    approval: Literal["supervisor", "automatic"]

    @property
    def name(self) -> str:
        """The name of the rule in figures, such as `3-in-7d-24h-supervisor`."""
        return f"{self.pranks}-in-{self.within_days}d-{self.hours}h-{self.approval}"


class BlockProposed(Event):
    """A number has played so many pranks that the pack's rule proposes a block."""

    topic: ClassVar[str] = topics.CALLS
    number: Sealed
    caller_hash: str | None = Field(default=None, description="Keyed hash of the E.164 number")
    facts: tuple[PrankCall, ...] = Field(description="The pranks that are the reason, the oldest first")
    score: float = Field(description="The number's prank score at that moment")
    rule: BlockRule
    decide_by: datetime = Field(description="Undecided until then, it lapses")


class BlockApproved(Event):
    """The number is blocked until `ends_at`. Without `by`, the pack's rule approved it."""

    topic: ClassVar[str] = topics.CALLS
    ends_at: datetime
    review_at: datetime = Field(description="By then somebody should review the block; after it, that is an alarm")
    reason: Sealed | None = None


class BlockRefused(Event):
    """A supervisor refused a proposal. The same pranks do not propose a block again."""

    topic: ClassVar[str] = topics.CALLS
    reason: Sealed


class BlockLapsed(Event):
    """A proposal ended without a decision."""

    topic: ClassVar[str] = topics.CALLS
    why: Literal["not_decided", "facts_corrected"] = Field(
        description="Nobody decided in time, or so many of its pranks got another class that the rule no longer holds"
    )


class BlockDoubted(Event):
    """Something speaks against the block. An active one is to be reviewed at once; only a person lifts it."""

    topic: ClassVar[str] = topics.CALLS
    why: Literal["fact_corrected", "genuine_call"] = Field(
        description="One of its pranks got another class, or a later call of the number was no prank"
    )
    call_id: UUID | None = Field(description="None: a protected call, which is not named")
    call_class: CallClass | None = Field(description="The call's class now; none: a protected call's")


class BlockAppealed(Event):
    """The caller disputes the block. An active one is to be reviewed at once."""

    topic: ClassVar[str] = topics.CALLS
    text: Sealed


class BlockReviewed(Event):
    """A supervisor reviewed the block: it stays as it is and ends as planned."""

    topic: ClassVar[str] = topics.CALLS
    reason: Sealed


class BlockExtended(Event):
    """A supervisor reviewed the block and set a later end."""

    topic: ClassVar[str] = topics.CALLS
    ends_at: datetime
    review_at: datetime
    reason: Sealed


class BlockLifted(Event):
    """A supervisor ended the block before its time. The pranks until then do not propose a block again."""

    topic: ClassVar[str] = topics.CALLS
    reason: Sealed


class BlockEnded(Event):
    """The block's time is over."""

    topic: ClassVar[str] = topics.CALLS
    reviewed: bool = Field(description="Whether somebody reviewed it before")


class BlockDossierMade(Event):
    """A supervisor took out a dossier about the number, to refer it to the police: the access is logged by this."""

    topic: ClassVar[str] = topics.CALLS
    recipient: str = Field(description="Which authority it is for")
    reason: Sealed = Field(description="Why, such as the number of the police's file")
    calls: tuple[UUID, ...] = Field(description="The calls that are in it")

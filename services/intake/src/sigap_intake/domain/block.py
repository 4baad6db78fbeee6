"""A block of a number: proposed, decided, reviewed, ended. How its state follows from its events."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from sigap_common.contracts import Contract, Event
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.blocks import (
    BlockAppealed,
    BlockApproved,
    BlockDossierMade,
    BlockDoubted,
    BlockEnded,
    BlockExtended,
    BlockLapsed,
    BlockLifted,
    BlockProposed,
    BlockRefused,
    BlockReviewed,
    BlockRule,
    PrankCall,
)
from sigap_common.contracts.calls import CallClass
from sigap_common.contracts.decision import NoBranch
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed

KEPT = 50
"""Appeals and doubts, the newest; the timeline has all."""


class BlockState(StrEnum):
    """The state of a block."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    REFUSED = "refused"
    LAPSED = "lapsed"
    LIFTED = "lifted"
    ENDED = "ended"


class Appeal(Contract):
    """The caller's appeals against the block."""

    at: datetime
    by: str | None
    text: Sealed


class Doubt(Contract):
    """The calls that speak against the block. A protected call is not named."""

    at: datetime
    why: Literal["fact_corrected", "genuine_call"]
    call_id: UUID | None = None
    call_class: CallClass | None = None


class Block(Aggregate):
    state: BlockState
    number: Sealed | None
    caller_hash: str | None
    facts: tuple[PrankCall, ...]
    score: float
    rule: BlockRule
    proposed_at: datetime
    decide_by: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    """None of a decided block: the pack's rule approved it."""
    reason: Sealed | None = None
    """Of the latest decision."""
    ends_at: datetime | None = None
    review_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    over_at: datetime | None = None
    """When it was refused, lapsed, was lifted or ended."""
    extensions: int = 0
    appeals: tuple[Appeal, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    dossiers: int = 0
    alarm: UUID | None = None
    """The alarm that the review is due, as long as it stands."""
    alarms: int = 0

    @property
    def due_at(self) -> datetime | None:
        """When a proposal lapses; when an active block's review is due, and after that, when it ends."""
        if self.state is BlockState.PROPOSED:
            return self.decide_by
        if self.state is not BlockState.ACTIVE:
            return None
        return self.ends_at if self.reviewed_at or self.alarm else self.review_at

    def blocks(self, now: datetime) -> bool:
        """Whether the number is blocked at this moment. Its deadline may be handled a little later."""
        return self.state is BlockState.ACTIVE and self.ends_at is not None and now < self.ends_at


def evolve(block: Aggregate, event: Event) -> Block:
    """The block after the event; a BlockProposed begins one."""
    if isinstance(event, BlockProposed):
        return _proposed(block, event)
    if not isinstance(block, Block):
        raise TypeError("a block begins with BlockProposed")
    return block.model_copy(update=_changed(block, event))


def _proposed(begun: Aggregate, event: BlockProposed) -> Block:
    told = {name: getattr(event, name) for name in ("number", "caller_hash", "facts", "score", "rule", "decide_by")}
    return Block(
        id=begun.id, regency=begun.regency, drill=begun.drill, state=BlockState.PROPOSED, proposed_at=event.at, **told
    )


def _changed(block: Block, event: Event) -> dict[str, Any]:
    match event:
        case BlockApproved():
            until = {"ends_at": event.ends_at, "review_at": event.review_at}
            return {"state": BlockState.ACTIVE, "reason": event.reason, **_decided(event), **until}
        case BlockRefused():
            return {"reason": event.reason, **_decided(event), **_over(BlockState.REFUSED, event)}
        case BlockLapsed():
            return _over(BlockState.LAPSED, event)
        case BlockLifted():
            return {"reason": event.reason, **_reviewed(event), **_over(BlockState.LIFTED, event)}
        case BlockEnded():
            return _over(BlockState.ENDED, event)
        case BlockReviewed():
            return {"reason": event.reason, **_reviewed(event)}
        case BlockExtended():
            anew = {"reviewed_at": None, "reviewed_by": None, "extensions": block.extensions + 1}
            return {"reason": event.reason, "ends_at": event.ends_at, "review_at": event.review_at, **anew}
        case BlockAppealed():
            appeal = Appeal(at=event.at, by=event.by, text=event.text)
            return {"appeals": (*block.appeals, appeal)[-KEPT:], **_review_at_once(event)}
        case BlockDoubted():
            doubt = Doubt(at=event.at, why=event.why, call_id=event.call_id, call_class=event.call_class)
            return {"doubts": (*block.doubts, doubt)[-KEPT:], **_facts(block, event), **_review_at_once(event)}
        case BlockDossierMade():
            return {"dossiers": block.dossiers + 1}
        case AlarmRaised():
            return {"alarm": event.alarm_id, "alarms": block.alarms + 1}
        case AlarmCleared():
            return {"alarm": None}
    raise NoBranch(event)


def _decided(event: Event) -> dict[str, Any]:
    return {"decided_at": event.at, "decided_by": event.by}


def _reviewed(event: Event) -> dict[str, Any]:
    return {"reviewed_at": event.at, "reviewed_by": event.by}


def _over(state: BlockState, event: Event) -> dict[str, Any]:
    return {"state": state, "over_at": event.at}


def _review_at_once(event: Event) -> dict[str, Any]:
    """An extended block has to be reviewed again."""
    return {"review_at": event.at, "reviewed_at": None, "reviewed_by": None}


def _facts(block: Block, event: BlockDoubted) -> dict[str, Any]:
    if event.why != "fact_corrected":
        return {}
    return {"facts": tuple(fact for fact in block.facts if fact.call_id != event.call_id)}

"""The decisions about a block: which events follow from a command, or why the command is refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, assert_never
from uuid import UUID, uuid5

from sigap_common.contracts import Event
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
    PrankCall,
)
from sigap_common.contracts.calls import CallClass
from sigap_common.contracts.decision import Decision
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import BlockingPolicy
from sigap_common.regency.parts.blocking import LONGEST_BLOCK_HOURS, SHORTEST_BLOCK_HOURS
from sigap_intake.domain.block import Block, BlockState, evolve
from sigap_intake.domain.pranks import rule_of

REVIEW_DUE = "block_review_due"
SHORTEST, LONGEST = timedelta(hours=SHORTEST_BLOCK_HOURS), timedelta(hours=LONGEST_BLOCK_HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """`ends_at`: None: after the rule's hours. `review_before`: so long before the end somebody should review it."""

    by: str | None
    review_before: timedelta
    ends_at: datetime | None = None
    reason: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    by: str
    reason: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    by: str
    reason: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    by: str
    reason: Sealed
    ends_at: datetime
    review_before: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    by: str
    reason: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgeAppeal:
    by: str
    text: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseDoubt:
    """A call of the number got a class that speaks against the block. `call_id` and `call_class` are None of a
    protected call.
    """

    why: Literal["fact_corrected", "genuine_call"]
    call_id: UUID | None
    call_class: CallClass | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDossier:
    by: str
    recipient: str
    reason: Sealed
    calls: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PassTime:
    """A deadline of the block may be over."""


BlockCommand = Approve | Refuse | Review | Extend | Lift | LodgeAppeal | RaiseDoubt | MakeDossier | PassTime


def propose(
    begun: Aggregate,
    number: Sealed,
    caller_hash: str,
    facts: tuple[PrankCall, ...],
    score: float,
    policy: BlockingPolicy,
    now: datetime,
) -> Decision[Block]:
    """The pack's rule proposes a block, and approves it if the pack says so; `begun` has its id. An undecided proposal
    lapses when the pranks would no longer propose one.
    """
    proposed = BlockProposed(
        at=now,
        recorded_at=now,
        number=number,
        caller_hash=caller_hash,
        facts=facts,
        score=round(score, 3),
        rule=rule_of(policy),
        decide_by=now + timedelta(days=policy.within_days),
    )
    decision = Decision(begun, evolve, [proposed])
    if policy.approval == "automatic":
        block = decision.after
        assert isinstance(block, Block)
        by_rule = Approve(by=None, review_before=timedelta(hours=policy.review_before_hours))
        for event in _events(block, by_rule, now):
            decision.emit(event)
    return decision


def decide(block: Block, command: BlockCommand, now: datetime) -> Decision[Block]:
    """What follows from a command; nothing if the same person said the same before.

    Raises NotAllowed if the block's state forbids it, Invalid for an end that cannot be.
    """
    return Decision(block, evolve, _events(block, command, now))


def _events(block: Block, command: BlockCommand, now: datetime) -> list[Event]:
    match command:
        case Approve():
            return _approve(block, command, now)
        case Refuse():
            if _said_before(block, BlockState.REFUSED, command.by):
                return []
            _require(block, BlockState.PROPOSED)
            return [BlockRefused(**_moment(command.by, now), reason=command.reason)]
        case Review():
            _require(block, BlockState.ACTIVE)
            return [BlockReviewed(**_moment(command.by, now), reason=command.reason), *_clear_alarm(block, now)]
        case Extend():
            return _extend(block, command, now)
        case Lift():
            if block.state is BlockState.LIFTED:
                return []
            _require(block, BlockState.ACTIVE)
            return [BlockLifted(**_moment(command.by, now), reason=command.reason), *_clear_alarm(block, now)]
        case LodgeAppeal():
            _require(block, BlockState.PROPOSED, BlockState.ACTIVE)
            return [BlockAppealed(**_moment(command.by, now), text=command.text), *_raise_alarm(block, now)]
        case RaiseDoubt():
            return list(_doubt(block, command, now))
        case MakeDossier():
            told = {"recipient": command.recipient, "reason": command.reason, "calls": command.calls}
            return [BlockDossierMade(**_moment(command.by, now), **told)]
        case PassTime():
            return list(_pass_time(block, now))
        case _:
            assert_never(command)


def _approve(block: Block, command: Approve, now: datetime) -> list[Event]:
    if _said_before(block, BlockState.ACTIVE, command.by):
        return []
    _require(block, BlockState.PROPOSED)
    ends_at = command.ends_at or now + timedelta(hours=block.rule.hours)
    _check_end(block, ends_at, now, now + SHORTEST)
    until = {"ends_at": ends_at, "review_at": ends_at - command.review_before}
    return [BlockApproved(**_moment(command.by, now), **until, reason=command.reason)]


def _extend(block: Block, command: Extend, now: datetime) -> list[Event]:
    _require(block, BlockState.ACTIVE)
    if command.ends_at == block.ends_at:
        return []
    assert block.ends_at is not None
    _check_end(block, command.ends_at, block.ends_at, block.ends_at)
    if command.ends_at > now + LONGEST:
        raise _wrong_end("block_length")
    until = {"ends_at": command.ends_at, "review_at": max(command.ends_at - command.review_before, now)}
    extended = BlockExtended(**_moment(command.by, now), **until, reason=command.reason)
    return [extended, *_clear_alarm(block, now)]


def _check_end(block: Block, ends_at: datetime, begins_at: datetime, earliest: datetime) -> None:
    if ends_at <= begins_at:
        raise _wrong_end("block_ends_first", begins_at=begins_at, regency=block.regency)
    if not earliest <= ends_at <= begins_at + LONGEST:
        raise _wrong_end("block_length")


def _wrong_end(kind: str, **known: Any) -> Invalid:
    limits = {"least": SHORTEST_BLOCK_HOURS, "most": LONGEST_BLOCK_HOURS}
    return Invalid(errors=[Fault(("body", "ends_at"), kind, limits | known)])


def _doubt(block: Block, command: RaiseDoubt, now: datetime) -> Iterator[Event]:
    """A proposal whose pranks no longer suffice lapses: no person has decided anything yet."""
    if block.state not in (BlockState.PROPOSED, BlockState.ACTIVE) or _is_known(block, command):
        return
    told = {"why": command.why, "call_id": command.call_id, "call_class": command.call_class}
    doubted = BlockDoubted(**_moment(None, now), **told)
    yield doubted
    yield from _raise_alarm(block, now)
    if block.state is BlockState.PROPOSED and len(evolve(block, doubted).facts) < block.rule.pranks:
        yield BlockLapsed(**_moment(None, now), why="facts_corrected")


def _is_known(block: Block, command: RaiseDoubt) -> bool:
    said = (command.why, command.call_id, command.call_class)
    return command.call_id is not None and said in {(one.why, one.call_id, one.call_class) for one in block.doubts}


def _pass_time(block: Block, now: datetime) -> Iterator[Event]:
    if block.due_at is None or not is_over(block.due_at, block.decided_at or block.proposed_at, now):
        return
    if block.state is BlockState.PROPOSED:
        yield BlockLapsed(**_moment(None, now), why="not_decided")
    elif block.due_at == block.ends_at:
        yield BlockEnded(**_moment(None, now), reviewed=block.reviewed_at is not None)
        yield from _clear_alarm(block, now)
    else:
        yield from _raise_alarm(block, now)


def _raise_alarm(block: Block, now: datetime) -> list[Event]:
    """Of a proposal there is none: it waits for a person anyway, and blocks nobody."""
    if block.state is not BlockState.ACTIVE or block.alarm is not None:
        return []
    alarm_id = uuid5(block.id, f"{REVIEW_DUE}/{block.alarms}")
    return [AlarmRaised(**_moment(None, now), alarm_id=alarm_id, **_alarm(block))]


def _clear_alarm(block: Block, now: datetime) -> list[Event]:
    if block.alarm is None:
        return []
    return [AlarmCleared(**_moment(None, now), alarm_id=block.alarm, **_alarm(block))]


def _alarm(block: Block) -> dict[str, Any]:
    return {"kind": REVIEW_DUE, "about": f"blocks/{block.id}"}


def _said_before(block: Block, state: BlockState, by: str | None) -> bool:
    return block.state is state and block.decided_by == by and not block.extensions


def _require(block: Block, *possible: BlockState) -> None:
    if block.state not in possible:
        raise NotAllowed("block-decided", state=block.state, decided_by=block.decided_by, decided_at=block.decided_at)


def _moment(by: str | None, now: datetime) -> dict[str, Any]:
    return {"at": now, "recorded_at": now, "by": by}

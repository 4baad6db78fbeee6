"""The consequences of a call's class: the score of its number, a proposal to block it, a doubt about a block."""

from datetime import timedelta
from typing import Literal

from sigap_common.contracts.calls import CallClass
from sigap_common.core.aggregate import Aggregate
from sigap_common.regency import BlockingPolicy
from sigap_intake.domain import Call, Classification
from sigap_intake.domain.block import Block
from sigap_intake.domain.block_decisions import RaiseDoubt, decide, propose
from sigap_intake.domain.pranks import GENUINE, ClassifiedCall, facts, score
from sigap_intake.repository import IntakeTransaction
from sigap_intake.use_cases.blocks import record

Why = Literal["fact_corrected", "genuine_call"]


async def weigh(tx: IntakeTransaction, before: Classification | None, call: Call) -> None:
    """The call got a class, or another one. Nothing follows without number and IMEI, without a rule of the pack, from
    drills and from backfilled entries.
    """
    policy = tx.packs.get(call.regency).blocking
    if policy is None or call.caller_hash is None or call.drill or call.backfilled or call.classification is None:
        return
    if call.classification == before:
        return
    block = await tx.blocks.open_of(call.regency, call.caller_hash)
    is_protected = await _is_protected(tx, call, call.caller_hash)
    if block is not None:
        _doubt(tx, block, call, is_protected)
    is_prank = call.classification.call_class is CallClass.PRANK
    has_score = await tx.prank_scores.lock(call.regency, call.caller_hash)
    if not is_prank and not has_score:
        return
    history = [] if is_protected else await _history(tx, call, call.caller_hash)
    _keep_score(tx, call, score(history, policy, tx.now()), policy, is_new=not has_score)
    if is_prank and block is None:
        await _propose(tx, call, history, policy)


async def _is_protected(tx: IntakeTransaction, call: Call, caller_hash: str) -> bool:
    """Whether the number has a protected call. Dispatch's word on this very call may still be on its way."""
    said = call.classification.incident_type if call.classification else None
    if call.protected or tx.packs.get(call.regency).is_protected(said):
        return True
    return await tx.protected_callers.includes(call.regency, caller_hash)


async def _history(tx: IntakeTransaction, call: Call, caller_hash: str) -> list[ClassifiedCall]:
    """The number's classified calls, this one as it is now."""
    earlier = await tx.prank_scores.history(call.regency, caller_hash, without=call.id)
    assert call.classification is not None
    return [*earlier, ClassifiedCall(call.id, call.received_at, call.classification.call_class)]


def _keep_score(tx: IntakeTransaction, call: Call, value: float, policy: BlockingPolicy, *, is_new: bool) -> None:
    assert call.caller_hash is not None
    number = (call.regency, call.caller_hash)
    kept_for = timedelta(days=tx.packs.get(call.regency).retention.calls_days)
    lowers = tx.prank_scores.keep(number, value, policy, kept_for, is_new=is_new)
    now = tx.now()

    async def keep() -> None:
        tx.resources.watched.keep_score(number, lowers, now)

    tx.after_commit(keep)


async def _propose(tx: IntakeTransaction, call: Call, history: list[ClassifiedCall], policy: BlockingPolicy) -> None:
    assert call.caller_hash is not None
    known = await tx.blocks.considered(call.regency, call.caller_hash)
    pranks = facts(history, policy, known, tx.now())
    if not pranks or call.number is None:
        return
    begun = Aggregate(id=tx.new_id(), regency=call.regency)
    value = score(history, policy, tx.now())
    record(tx, propose(begun, call.number, call.caller_hash, pranks, value, policy, tx.now()))


def _doubt(tx: IntakeTransaction, block: Block, call: Call, is_protected: bool) -> None:
    why = _why(block, call)
    if why is None or call.classification is None:
        return
    named = None if is_protected else call.id
    call_class = None if is_protected else call.classification.call_class
    record(tx, decide(block, RaiseDoubt(why=why, call_id=named, call_class=call_class), tx.now()))


def _why(block: Block, call: Call) -> Why | None:
    assert call.classification is not None
    call_class = call.classification.call_class
    if call_class is not CallClass.PRANK and call.id in {fact.call_id for fact in block.facts}:
        return "fact_corrected"
    return "genuine_call" if call_class in GENUINE and call.received_at >= block.proposed_at else None

"""Blocks of numbers: decided, reviewed, appealed against, and a dossier for the police."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.blocks import BlockLifted
from sigap_common.contracts.calls import Unscreened
from sigap_common.contracts.decision import Decision
from sigap_common.core.errors import Forbidden, NotFound
from sigap_common.personal_data import Sealed
from sigap_intake.domain import Call, CallState, EndScreening
from sigap_intake.domain import decide as decide_call
from sigap_intake.domain.block import Block, BlockState
from sigap_intake.domain.block_decisions import Approve, BlockCommand, Extend, MakeDossier, PassTime, decide
from sigap_intake.models import tables
from sigap_intake.repository import IntakeTransaction
from sigap_intake.repository.timelines import Said, said_of

REVIEW_BEFORE = timedelta(hours=6)
"""If the regency's pack has no rule for blocks any more."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is handed over: the block after it was taken out, the number's pranks and screened calls, oldest first,
    and who decided what about each of them and about the block.
    """

    block: Block
    calls: Sequence[Call]
    said: Mapping[UUID, Sequence[Said]]
    recipient: str
    reason: Sealed
    made_at: datetime
    made_by: str


async def approve(
    tx: IntakeTransaction, access: Access, block_id: UUID, ends_at: datetime | None, reason: Sealed | None
) -> Block:
    block = await tx.blocks.visible(block_id, access)
    before = _review_before(tx, block)
    command = Approve(by=access.subject, ends_at=ends_at, reason=reason, review_before=before)
    return record(tx, decide(block, command, tx.now()))


async def extend(tx: IntakeTransaction, access: Access, block_id: UUID, ends_at: datetime, reason: Sealed) -> Block:
    block = await tx.blocks.visible(block_id, access)
    command = Extend(by=access.subject, reason=reason, ends_at=ends_at, review_before=_review_before(tx, block))
    return record(tx, decide(block, command, tx.now()))


async def take_step(tx: IntakeTransaction, access: Access, block_id: UUID, command: BlockCommand) -> Block:
    """Any other step. The calls that hear the message when a block is lifted wait in the queue from then on."""
    block = await tx.blocks.visible(block_id, access)
    after = record(tx, decide(block, command, tx.now()))
    if after.state is BlockState.LIFTED and block.state is not BlockState.LIFTED:
        for call_id in await tx.blocks.screening(after):
            call = await tx.calls.get(call_id)
            over = EndScreening(by=access.subject, why=Unscreened.BLOCK_OVER)
            tx.calls.record(decide_call(call, over, tx.now()))
    return after


async def end_messages(tx: IntakeTransaction, event: BlockLifted, envelope: Envelope) -> None:
    """The block was lifted: the calls that somebody else was changing at that moment end their message now."""
    block = await tx.blocks.get(UUID(envelope.subject), lock=False)
    for call_id in await tx.blocks.screening(block, lock=False):
        call = await tx.calls.get(call_id)
        if call.state is CallState.SCREENING and call.block_id == block.id:
            tx.calls.record(decide_call(call, EndScreening(by=event.by, why=Unscreened.BLOCK_OVER), tx.now()))


async def pass_time(tx: IntakeTransaction, block_id: UUID) -> None:
    """A deadline of the block may be over."""
    record(tx, decide(await tx.blocks.get(block_id), PassTime(), tx.now()))


async def make_dossier(
    tx: IntakeTransaction, access: Access, block_id: UUID, recipient: str, reason: Sealed
) -> Dossier:
    """Raises NotFound, also if the number is erased by now; Forbidden if the number has a protected call."""
    block = await tx.blocks.visible(block_id, access)
    if block.caller_hash is None or block.number is None or block.number.erased:
        raise NotFound("number-erased")
    if await tx.protected_callers.includes(block.regency, block.caller_hash):
        raise Forbidden("number-protected")
    calls = [tx.calls.of_row(row) for row in await tx.blocks.pranks_of(block.regency, block.caller_hash)]
    ids = tuple(call.id for call in calls)
    made = MakeDossier(by=access.subject, recipient=recipient, reason=reason, calls=ids)
    after = record(tx, decide(block, made, tx.now()))
    await tx.flush()
    said = await said_of(tx.connection, tables.timeline, [block.id, *ids])
    return Dossier(after, calls, said, recipient, reason, tx.now(), access.subject)


def record(tx: IntakeTransaction, decision: Decision[Block]) -> Block:
    """Records it, and lets this process know at once whether the number is blocked."""
    after = tx.blocks.record(decision)
    if after.caller_hash is not None and decision.events:
        number = (after.regency, after.caller_hash)
        block_id = after.id if after.state is BlockState.ACTIVE else None

        async def keep() -> None:
            tx.resources.watched.keep_block(number, block_id)

        tx.after_commit(keep)
    return after


def _review_before(tx: IntakeTransaction, block: Block) -> timedelta:
    policy = tx.packs.get(block.regency).blocking
    return timedelta(hours=policy.review_before_hours) if policy else REVIEW_BEFORE

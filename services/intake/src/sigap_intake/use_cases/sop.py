"""The SOP of a call: answers to the triage, words told, the procedure for silent calls, the mark of a child."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.calls import CallClass, Channel, Heard
from sigap_common.core.errors import NotAllowed
from sigap_common.regency import require_incident_type
from sigap_intake.domain import (
    AnswerTriage,
    Call,
    Classify,
    MarkCaller,
    TakeSilentStep,
    TellWords,
    decide,
    silent_steps_left,
)
from sigap_intake.repository import IntakeTransaction
from sigap_intake.use_cases.pranks import weigh


@dataclass(frozen=True, slots=True)
class How:
    """When, of a backfilled call, and by which version of the guidance."""

    at: datetime | None
    read: str | None


async def answer_triage(
    tx: IntakeTransaction, access: Access, call_id: UUID, answers: dict[str, str | None], how: How
) -> Call:
    call = await tx.calls.visible(call_id, access)
    guidance = tx.guidance(call.regency)
    command = AnswerTriage(by=access.subject, at=how.at, read=how.read, guidance=guidance, answers=answers)
    return tx.calls.record(decide(call, command, tx.now()))


async def tell_words(
    tx: IntakeTransaction,
    access: Access,
    call_id: UUID,
    incident_type: str | None,
    step: str,
    *,
    is_told: bool,
    how: How,
) -> Call:
    call = await tx.calls.visible(call_id, access)
    guidance = tx.guidance(call.regency)
    command = TellWords(
        by=access.subject,
        at=how.at,
        read=how.read,
        guidance=guidance,
        incident_type=incident_type,
        step=step,
        told=is_told,
    )
    if not command.is_outdated:
        require_incident_type(incident_type, [tx.packs.get(call.regency)])
    return tx.calls.record(decide(call, command, tx.now()))


async def take_silent_step(
    tx: IntakeTransaction, access: Access, call_id: UUID, step: str, heard: Heard, how: How
) -> Call:
    call = await tx.calls.visible(call_id, access)
    guidance = tx.guidance(call.regency)
    command = TakeSilentStep(by=access.subject, at=how.at, read=how.read, guidance=guidance, step=step, heard=heard)
    after = tx.calls.record(decide(call, command, tx.now()))
    await weigh(tx, call.classification, after)  # a key press makes it an emergency
    return after


async def mark_caller(
    tx: IntakeTransaction, access: Access, call_id: UUID, *, probably_child: bool, at: datetime | None
) -> Call:
    call = await tx.calls.visible(call_id, access)
    command = MarkCaller(by=access.subject, at=at, probably_child=probably_child)
    return tx.calls.record(decide(call, command, tx.now()))


def require_silent_procedure(tx: IntakeTransaction, call: Call, command: Classify) -> None:
    """Raises NotAllowed for the class silent while steps of the procedure for silent calls are missing, and without a
    reason if the caller pressed a key for help: whoever classifies may not have seen it.

    It is for voices: a text, a visitor and a log of the past are classified without it.
    """
    said = command.classification
    if said.call_class is not CallClass.SILENT or said == call.classification:
        return
    if call.channel is not Channel.TELEPHONE or call.backfilled or call.answered_at is None:
        return
    if call.protected and command.reason is None:
        raise NotAllowed("silent-caller-pressed-a-key", state=call.state)
    if left := silent_steps_left(call.guided, tx.guidance(call.regency)):
        raise NotAllowed("silent-procedure-first", state=call.state, steps=left)

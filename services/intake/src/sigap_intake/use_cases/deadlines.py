"""Deadlines of calls."""

from uuid import UUID

from sigap_common.contracts.calls import Unscreened
from sigap_intake.domain import CallState, EndScreening, MissTransfer, decide
from sigap_intake.repository import IntakeTransaction
from sigap_intake.use_cases.calls import miss_class


async def pass_time(tx: IntakeTransaction, call_id: UUID) -> None:
    """A deadline of the call may be over: that of the recorded message, of an offer to another regency, or of its
    class.
    """
    call = await tx.calls.get(call_id)
    if call.state is CallState.SCREENING:
        tx.calls.record(decide(call, EndScreening(by=None, why=Unscreened.NOTHING_HEARD), tx.now()))
        return
    tx.calls.record(decide(call, MissTransfer(), tx.now()))
    await miss_class(tx, call_id)

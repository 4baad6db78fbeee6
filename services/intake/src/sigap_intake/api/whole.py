"""A call as single reads and steps answer it."""

from sigap_common.auth import Access, Role
from sigap_intake.domain import Call
from sigap_intake.repository import IntakeTransaction
from sigap_intake.schemas.callers import FixOut
from sigap_intake.schemas.calls import CallOut, HistoryOut, exchange_id_of, message_for
from sigap_intake.schemas.protected_calls import HiddenCallOut
from sigap_intake.schemas.sop import SopOut
from sigap_intake.visibility.calls import POLICY


async def whole(tx: IntakeTransaction, access: Access, call: Call) -> CallOut:
    """With what is known of the caller; an exchange is told nothing of it."""
    if not POLICY.opens(access):
        own_id = {"exchange_id": exchange_id_of(call)} if access.may(Role.cti) else {}
        return CallOut.of(call, opened=False, message=message_for(call)).model_copy(update=own_id)
    history = HistoryOut.of(await tx.calls.history(call))
    return CallOut.of(
        call, opened=True, history=history, sop=sop_of(tx, call), fixes=FixOut.all_of(call), message=message_for(call)
    )


async def as_seen(tx: IntakeTransaction, access: Access, call: Call) -> CallOut | HiddenCallOut:
    """The call as `whole` shows it; of one that is hidden from the token's owner, that it is there."""
    return HiddenCallOut.of(call) if await tx.calls.hides(call, access) else await whole(tx, access, call)


def sop_of(tx: IntakeTransaction, call: Call) -> SopOut | None:
    """The steps of the SOP that were taken, and the next question; None if none was taken."""
    return SopOut.of(call.sop, tx.guidance(call.regency)) if call.sop else None

"""What intake erases: calls, blocks of numbers, callbacks, and what is known about calling numbers back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.retention import CALL_PERIODS, CHILD_PERIODS, Period
from sigap_common.database import Connection
from sigap_common.messaging.retention import Erasable
from sigap_intake.domain.callback import WORK
from sigap_intake.models import tables
from sigap_intake.models.blocks import blocks
from sigap_intake.models.callbacks import callbacks, caller_contacts
from sigap_intake.models.calls import caller_terms, calls, drafts
from sigap_intake.models.incidents import incident_calls
from sigap_intake.repository.blocks import forget_faint
from sigap_intake.repository.closed_incidents import forget_closed
from sigap_intake.repository.open_incidents import forget_incidents, forget_their_calls
from sigap_intake.repository.presence import forget_presences
from sigap_intake.repository.protected_callers import ProtectedCallerErasure
from sigap_intake.repository.referrals import forget_referrals
from sigap_intake.repository.standing_alarms import forget_rung, forget_unheard
from sigap_intake.repository.unacknowledged import forget_forwardings


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["received_at"])


async def _since_block_over(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """The period begins when the block is over: until then its number must be known."""
    return datetime.fromisoformat(document["over_at"]) if document["over_at"] else None


BLOCKS = Erasable(blocks, tables.timeline, CALL_PERIODS, _since_block_over, {"calls": ("caller_hash",)})


def _periods(document: Mapping[str, Any]) -> tuple[Period, ...]:
    is_child = (document.get("sop") or {}).get("probably_child", False)
    return CHILD_PERIODS if is_child else CALL_PERIODS


ROWS = {"calls": (caller_terms.c.call_id, drafts.c.call_id, incident_calls.c.call_id)}
CALLS = Erasable(
    calls, tables.timeline, CALL_PERIODS, _since, {"calls": ("caller_hash",)}, rows=ROWS, periods_of=_periods
)


async def _since_over(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """From its first call, once it is over: until then somebody may want the number."""
    is_work = document["state"] in WORK
    return None if is_work else datetime.fromisoformat(document["opened_at"])


async def _since_change(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["changed_at"])


CALLBACKS = Erasable(callbacks, tables.timeline, CALL_PERIODS, _since_over, {"calls": ("caller_hash",)})
CALLER_CONTACTS = Erasable(caller_contacts, tables.timeline, CALL_PERIODS, _since_change, {"calls": ("caller_hash",)})

SWEEPS = (
    forget_incidents,
    forget_their_calls,
    forget_closed,
    forget_forwardings,
    ProtectedCallerErasure,
    forget_faint,
    forget_presences,
    forget_referrals,
    forget_unheard,
    forget_rung,
)
"""For the rows that have no document. Each sweep says when it deletes its own."""

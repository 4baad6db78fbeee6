"""What intake erases: calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.retention import CALL_PERIODS, CHILD_PERIODS, Period
from sigap_common.database import Connection
from sigap_common.messaging.retention import Erasable
from sigap_intake.models import caller_terms, calls, drafts, tables


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["received_at"])


def _periods(document: Mapping[str, Any]) -> tuple[Period, ...]:
    is_child = (document.get("sop") or {}).get("probably_child", False)
    return CHILD_PERIODS if is_child else CALL_PERIODS


ROWS = {"calls": (caller_terms.c.call_id, drafts.c.call_id)}
CALLS = Erasable(
    calls, tables.timeline, CALL_PERIODS, _since, {"calls": ("caller_hash",)}, rows=ROWS, periods_of=_periods
)

"""What intake erases: calls, and blocks of numbers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.retention import CALL_PERIODS
from sigap_common.database import Connection
from sigap_common.messaging.retention import Erasable
from sigap_intake.block_models import blocks
from sigap_intake.models import calls, tables


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["received_at"])


CALLS = Erasable(calls, tables.timeline, CALL_PERIODS, _since, {"calls": ("caller_hash",)})


async def _since_over(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """The period begins when the block is over: until then its number must be known."""
    return datetime.fromisoformat(document["over_at"]) if document["over_at"] else None


BLOCKS = Erasable(blocks, tables.timeline, CALL_PERIODS, _since_over, {"calls": ("caller_hash",)})

"""Intake erases the personal data of calls when their periods are over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.retention import CALL_PERIODS
from sigap_common.database import Connection
from sigap_common.messaging.retention import Erasable
from sigap_intake.models import calls, tables


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(document["received_at"])


CALLS = Erasable(calls, tables.timeline, CALL_PERIODS, _since, {"calls": ("caller_hash",)})

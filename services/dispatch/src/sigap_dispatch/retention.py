"""Dispatch erases the personal data of incidents when their periods are over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.retention import INCIDENT_PERIODS
from sigap_common.database import Connection
from sigap_common.messaging.retention import Erasable
from sigap_dispatch.models import audited, incidents, tables


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """The incident's start; None while it is open, because an open incident keeps all values."""
    return datetime.fromisoformat(document["started_at"]) if document.get("closed_at") else None


INCIDENTS = Erasable(
    incidents,
    tables.timeline,
    INCIDENT_PERIODS,
    _since,
    {},
    # With the salt of its digest, a caller's hash could be tried out after it is erased.
    rows={"calls": (audited.tables.salts.c.subject,)},
)

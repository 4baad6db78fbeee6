"""What dispatch erases: incidents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.retention import INCIDENT_PERIODS
from sigap_common.database import Connection
from sigap_common.messaging.retention import Erasable
from sigap_dispatch.models import incidents, tables


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """From its start; an open incident keeps all that it has."""
    return datetime.fromisoformat(document["started_at"]) if document.get("closed_at") else None


INCIDENTS = Erasable(incidents, tables.timeline, INCIDENT_PERIODS, _since, {})

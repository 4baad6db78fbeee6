"""Dispatch erases the personal data of incidents when their periods are over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.retention import INCIDENT_PERIODS
from sigap_common.database import Connection
from sigap_common.messaging.retention import Erasable
from sigap_dispatch.models import audited, handovers, incident_terms, incidents, referrals, tables


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """The incident's start; None while it is open, because an open incident keeps all values."""
    return datetime.fromisoformat(document["started_at"]) if document.get("closed_at") else None


# The terms are of callers and places together: they go with whichever is erased first.
_TERMS = {period.name: (incident_terms.c.incident_id,) for period in INCIDENT_PERIODS}
# With the salt of its digest, a caller's hash could be tried out after it is erased.
_ROWS = _TERMS | {"calls": (*_TERMS["calls"], audited.tables.salts.c.subject)}
INCIDENTS = Erasable(incidents, tables.timeline, INCIDENT_PERIODS, _since, {}, rows=_ROWS)


async def _since_handed_over(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """The end of the handover; None while somebody may still accept it."""
    return datetime.fromisoformat(document["ended_at"]) if document.get("ended_at") else None


HANDOVERS = Erasable(handovers, tables.timeline, INCIDENT_PERIODS, _since_handed_over, {})


async def _since_received(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime:
    """From its call on, also while it is open: nobody need ever close it."""
    return datetime.fromisoformat(document["received_at"])


REFERRALS = Erasable(referrals, tables.timeline, INCIDENT_PERIODS, _since_received, {})

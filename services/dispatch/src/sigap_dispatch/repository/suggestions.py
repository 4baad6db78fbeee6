"""Which incidents were suggested to which, so that the suggestion ends when one of them becomes protected."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sigap_common.contracts.duplicates import DuplicateSuggested
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import suggested_incidents

_KEEP = CompiledStatement(insert_if_new(suggested_incidents), ["other", "incident_id"])


def keep_suggested(tx: Transaction[Any], incident_id: UUID, events: Iterable[object]) -> None:
    """Keeps the incidents that these events suggest to this one."""
    others = [event.other for event in events if isinstance(event, DuplicateSuggested)]
    tx.later(_KEEP, [{"other": other, "incident_id": incident_id} for other in others])

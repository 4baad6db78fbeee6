"""What can be listed: in which order, and by which filters."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from sqlalchemy import false, literal_column, select

from sigap_common.contracts.calls import CallClass
from sigap_common.contracts.operators import PresenceState
from sigap_common.http.listing import Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_common.messaging.list_entries import LIST_ENTRY
from sigap_intake.domain import CallState
from sigap_intake.models import calls, presences
from sigap_intake.visibility import POLICY


@dataclass(frozen=True, kw_only=True)
class CallFilters:
    regency: Regency = None
    state: CallState | None = None
    call_class: CallClass | None = None
    drill: Annotated[bool | None, Query(description="Only drills, or none; none: both")] = None


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    regency: Regency = None


@dataclass(frozen=True, kw_only=True)
class RoomFilters:
    regency: Regency = None
    state: PresenceState | None = None


_ROWS = select(*(calls.c[name] for name in ("id", "version", "drill", "received_at", "queue_at", *LIST_ENTRY)))
"""What is read of a row: not its document."""
# A bound value would keep both databases from using the partial index.
_IS_WAITING = calls.c.state == literal_column(f"'{CallState.WAITING.value}'")
CALLS = Listing(
    calls,
    order=Keyset(calls.c.received_at, calls.c.id, newest_first=True),
    policy=POLICY,
    filters=CallFilters,
    source=_ROWS,
)
QUEUE = Listing(
    calls,
    order=Keyset(calls.c.drill, calls.c.queue_at, calls.c.id),
    policy=POLICY,
    filters=QueueFilters,
    source=_ROWS,
    always=(_IS_WAITING, calls.c.backfilled == false()),
)
ROOM = Listing(
    presences,
    order=Keyset(presences.c.regency, presences.c.operator),
    policy=POLICY,
    filters=RoomFilters,
    always=(presences.c.state.is_not(None),),
)

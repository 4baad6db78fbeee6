"""Dead letters: events that could not be handled. An admin lists, reads, replays or discards them.

An admin sees the dead letters of the token's regencies. A record that is not a readable event has no regency, so only a
token for all regencies sees it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from math import nan
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from prometheus_client import Gauge
from pydantic import BaseModel, Field
from sqlalchemy import Table, func, select

from sigap_common.auth import Access, Role
from sigap_common.core.clock import Elapsed
from sigap_common.core.errors import NotFound
from sigap_common.database import Database, LockHeld, Unavailable
from sigap_common.http.guards import allowed
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute, transaction, view
from sigap_common.http.schemas import like
from sigap_common.messaging.inbox import Inbox
from sigap_common.messaging.transaction import Transaction
from sigap_common.messaging.visibility import regencies_of
from sigap_common.messaging.waiting_store import WaitingStore, envelope_of

Admin = Annotated[Access, Depends(allowed(Role.admin))]
Tx = Annotated[Transaction[Any], transaction]
View = Annotated[Transaction[Any], view]

LOOK_SECONDS = 5.0
"""The least time between two counts of dead letters, however often metrics are read."""
LOOK_WITHIN_SECONDS = 2.0

EXAMPLE = {
    "event_id": "0190f5a2-7b1c-7cc0-a1b2-c3d4e5f60718",
    "topic": "sigap.calls",
    "type": "sigap.CallClassified.v1",
    "subject": "0190f5a2-7b1c-7cc0-a1b2-c3d4e5f60711",
    "reason": "NotYet: the forwarding has not arrived",
    "tries": 21,
    "first_at": "2024-02-19T03:23:00Z",
    "parked_at": "2024-02-19T03:38:00Z",
}


class DeadLetter(BaseModel):
    """An event that could not be handled, with the reason. Personal data in `event` stays sealed."""

    model_config = like(EXAMPLE)

    event_id: UUID
    topic: str
    type: str | None = Field(description="None: the record was not a readable event")
    subject: str | None
    reason: str
    tries: int
    first_at: datetime
    parked_at: datetime
    event: str | None = Field(
        default=None, description="The event as it came, if one is asked for; null if it is of something protected"
    )


class DeadLetters(BaseModel):
    items: list[DeadLetter]
    next: str | None


def dead_letters_router(service: str, store: WaitingStore, inbox: Inbox) -> APIRouter:
    """The routes under `/v1/ops/<service>/dead-letters`."""
    router = APIRouter(
        prefix=f"/v1/ops/{service}/dead-letters",
        tags=["operations"],
        route_class=UseCaseRoute,
        responses=problems(),
    )
    whose = service.replace("-", "_")

    @router.get("", name=f"list_{whose}_dead_letters", summary="List events that could not be handled")
    async def list_dead_letters(
        view: View, access: Admin, cursor: UUID | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> DeadLetters:
        found = await store.parked_page(view.connection, cursor, limit + 1, regencies_of(access))
        items = [_letter(row) for row in found[:limit]]
        return DeadLetters(items=items, next=str(items[-1].event_id) if len(found) > limit else None)

    @router.get("/{event_id}", name=f"show_{whose}_dead_letter", summary="Read one", responses=problems(404))
    async def show_dead_letter(event_id: UUID, view: View, access: Admin) -> DeadLetter:
        row = await _parked(store, view, event_id, access)
        return _letter(row).model_copy(update={"event": None if _is_protected(row) else row.data})

    @router.post(
        "/{event_id}/replay",
        name=f"replay_{whose}_dead_letter",
        status_code=202,
        summary="Handle it again",
        responses=problems(404),
    )
    async def replay_dead_letter(event_id: UUID, tx: Tx, access: Admin) -> DeadLetter:
        row = await _parked(store, tx, event_id, access)
        await store.release(tx.connection, event_id, tx.now())
        return _letter(row)

    @router.post(
        "/{event_id}/discard",
        name=f"discard_{whose}_dead_letter",
        summary="Count it as handled",
        responses=problems(404),
    )
    async def discard_dead_letter(event_id: UUID, tx: Tx, access: Admin) -> DeadLetter:
        row = await _parked(store, tx, event_id, access)
        if not await inbox.known_among(tx.connection, [event_id]):
            await inbox.take(tx, [event_id])
        await store.remove(tx.connection, event_id)
        return _letter(row)

    return router


class DeadLetterCount:
    """Keeps the gauge `sigap_dead_letters` equal to the number of dead letters in the table, also of those that another
    replica or an earlier process parked.
    """

    def __init__(
        self,
        database: Database,
        waiting: Table,
        gauge: Gauge,
        elapsed: Elapsed,
        without_database: Callable[[], bool] = lambda: False,
    ) -> None:
        """`without_database`: whether the service still waits for its database, which may have no tables."""
        self._database, self._waiting, self._gauge, self._elapsed = database, waiting, gauge, elapsed
        self._without_database = without_database
        self._looked_at: float | None = None

    async def look(self) -> None:
        """Counts again if the last count is older than LOOK_SECONDS. The gauge is NaN while the database does not
        answer.
        """
        now = self._elapsed()
        if self._looked_at is not None and now - self._looked_at < LOOK_SECONDS:
            return
        self._gauge.set(await self._count())
        self._looked_at = now

    async def _count(self) -> float:
        if self._without_database():
            return nan
        waiting = self._waiting
        statement = select(func.count()).select_from(waiting).where(waiting.c.parked_at.is_not(None))
        try:
            async with asyncio.timeout(LOOK_WITHIN_SECONDS), self._database.read() as connection:
                return float(await connection.scalar(statement) or 0)
        except (Unavailable, LockHeld, TimeoutError):
            return nan


async def _parked(store: WaitingStore, tx: Transaction[Any], event_id: UUID, access: Access) -> Any:
    """The row. Raises NotFound, also for an event of a regency outside of the token."""
    row = await store.parked_one(tx.connection, event_id)
    if row is None or not _is_for(access, row):
        raise NotFound()
    return row


def _is_for(access: Access, row: Any) -> bool:
    return access.everywhere or (bool(row.envelope) and access.covers(envelope_of(row).regency))


def _is_protected(row: Any) -> bool:
    """Whether the event is of something protected: then its number and type are for nobody who keeps the system."""
    return bool(row.envelope) and envelope_of(row).need is not None


def _letter(row: Any) -> DeadLetter:
    envelope = envelope_of(row) if row.envelope else None
    return DeadLetter(
        event_id=row.event_id,
        topic=row.topic,
        type=envelope.type if envelope else None,
        subject=envelope.subject if envelope else None,
        reason=row.reason,
        tries=row.tries,
        first_at=row.first_at,
        parked_at=row.parked_at,
    )

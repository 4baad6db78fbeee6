"""Background workers that more than one service names in its manifest."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Column, Table

from sigap_common.app.running import RunningService
from sigap_common.messaging.timers import OnDue, OnDueTogether, Timers, one_by_one
from sigap_common.messaging.transaction import Transaction

AT_A_TIME = 32
"""So few rows in one transaction that a request waits for it no longer than for a batch of events."""

T = TypeVar("T", bound=Transaction[Any])


def timers(
    service: RunningService[Any, Any, T], table: Table, on_due: OnDue[T], shortest: timedelta = timedelta()
) -> Timers[T]:
    """The timers of `table` in a running service; `shortest` is the shortest deadline that is set in it."""
    return timers_together(service, table, one_by_one(on_due), shortest, at_a_time=1)


def timers_together(
    service: RunningService[Any, Any, T],
    table: Table,
    on_due: OnDueTogether[T],
    shortest: timedelta = timedelta(),
    *,
    at_a_time: int = AT_A_TIME,
    urgency: Column[Any] | None = None,
) -> Timers[T]:
    """The same with several rows in one transaction; `urgency`: see Timers."""

    def begin(_: object) -> AbstractAsyncContextManager[T]:
        return service.transaction(by_worker=True)

    return Timers(
        table,
        on_due,
        shortest,
        service.workers,
        begin,
        service.lease,
        service.clock,
        at_a_time,
        urgency,
        service.elapsed,
    )


def watch_due(
    table: Table, on_due: OnDue[T], shortest: timedelta
) -> Callable[[RunningService[Any, Any, T]], Awaitable[None]]:
    """A worker that calls `on_due` for each row of `table` whose `due_at` has come; `shortest`: see Timers."""

    async def watch(service: RunningService[Any, Any, T]) -> None:
        await timers(service, table, on_due, shortest).run()

    return watch


def watch_due_together(
    table: Table, on_due: OnDueTogether[T], shortest: timedelta, urgency: Column[Any]
) -> Callable[[RunningService[Any, Any, T]], Awaitable[None]]:
    """The same for a table in which very many deadlines may be over at once: several rows share a transaction, and the
    row with the lowest `urgency` comes first.
    """

    async def watch(service: RunningService[Any, Any, T]) -> None:
        await timers_together(service, table, on_due, shortest, urgency=urgency).run()

    return watch

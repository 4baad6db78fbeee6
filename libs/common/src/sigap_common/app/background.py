"""Background workers that more than one service names in its manifest."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Table

from sigap_common.app.running import RunningService
from sigap_common.messaging.timers import OnDue, Timers
from sigap_common.messaging.transaction import Transaction

T = TypeVar("T", bound=Transaction[Any])


def timers(
    service: RunningService[Any, Any, T], table: Table, on_due: OnDue[T], shortest: timedelta = timedelta()
) -> Timers[T]:
    """The timers of `table` in a running service; `shortest` is the shortest deadline that is set in it."""

    def begin(_: object) -> AbstractAsyncContextManager[T]:
        return service.transaction(by_worker=True)

    return Timers(table, on_due, shortest, service.workers, begin, service.lease, service.clock)


def watch_due(
    table: Table, on_due: OnDue[T], shortest: timedelta
) -> Callable[[RunningService[Any, Any, T]], Awaitable[None]]:
    """A worker that calls `on_due` for each row of `table` whose `due_at` has come; `shortest`: see Timers."""

    async def watch(service: RunningService[Any, Any, T]) -> None:
        await timers(service, table, on_due, shortest).run()

    return watch

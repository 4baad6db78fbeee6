"""Jobs: work that goes on beside requests, in small steps, and survives a crash.

Each job has a row: when it begins next, its progress and its result. One step is one transaction, which also writes the
row: after a crash the job goes on after its last step. Sweeps are jobs that begin again every EVERY; see
docs/adr/0012-jobs.md for what other kinds of jobs will add.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, MetaData, String, Table, Text, Update, delete, select, tuple_, update

from sigap_common.core.clock import Clock
from sigap_common.database import Connection, Database, Json, insert_if_new
from sigap_common.database.types import Utc
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.outages import AWAY
from sigap_common.observability.metrics import Metrics

EVERY = timedelta(minutes=10)
ROWS_A_STEP = 1000
"""Rows that one step deletes. Other writers of SQLite wait for a step."""

log = logging.getLogger(__name__)


def jobs_table(metadata: MetaData) -> Table:
    """The table of a service's jobs: progress and result of each."""
    return Table(
        "jobs",
        metadata,
        Column("name", String, primary_key=True),
        Column("state", String, nullable=False),
        Column("next_at", Utc, nullable=False),
        Column("started_at", Utc),
        Column("ended_at", Utc),
        Column("progress", Json, nullable=False),
        Column("done", Json, nullable=False),
        Column("failure", Text),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did: counts by name, where the next one goes on, and whether it was the last."""

    done: Mapping[str, int]
    is_last: bool
    progress: Mapping[str, Any] = field(default_factory=dict)
    """The progress, which the job's row keeps. The next step gets it, even if that step belongs to the next run."""


class Sweep(Protocol):
    """A job that begins again every EVERY."""

    @property
    def name(self) -> str: ...

    async def step(self, connection: Connection, now: datetime, progress: Mapping[str, Any]) -> Step:
        """Does a bounded part of the work in the given transaction. Repeating a step does no harm."""
        ...


@dataclass(frozen=True, slots=True)
class DeletionSweep:
    """Deletes rows of a table that are no longer needed."""

    name: str
    table: Table
    is_old: Callable[[datetime], ColumnElement[bool]]
    repair: Callable[[datetime], Update] | None = None
    """Sets moments that lie in the future, because a clock was ahead, to now. Otherwise those rows could stay for
    years.
    """

    async def step(self, connection: Connection, now: datetime, _: Mapping[str, Any]) -> Step:
        if self.repair is not None:
            await connection.execute(self.repair(now))
        key = tuple_(*self.table.primary_key.columns)
        old = select(*self.table.primary_key.columns).where(self.is_old(now)).limit(ROWS_A_STEP)
        gone = (await connection.execute(delete(self.table).where(key.in_(old)))).rowcount
        return Step({self.name: gone}, is_last=gone < ROWS_A_STEP)


class Jobs:
    """Runs the sweeps of one service that are due, in the replica that holds the lease."""

    def __init__(
        self, sweeps: Sequence[Sweep], table: Table, database: Database, lease: Holding, clock: Clock, metrics: Metrics
    ) -> None:
        """Raises ValueError if two sweeps have one name: they would share a row, and one of them would never be due."""
        names = Counter(sweep.name for sweep in sweeps)
        if twice := [name for name, count in names.items() if count > 1]:
            raise ValueError(f"several sweeps have the name {', '.join(twice)}")
        self._sweeps, self._table, self._database = tuple(sweeps), table, database
        self._lease, self._clock, self._metrics = lease, clock, metrics

    async def run_due(self) -> int:
        """Takes steps until no sweep is due, and returns how many changed something. Raises Unavailable, LockHeld."""
        changed = 0
        for sweep in self._sweeps:
            while await self._lease.held() and (step := await self._step(sweep)) is not None:
                changed += any(step.done.values())
                if step.is_last:
                    break
                await asyncio.sleep(0)  # a request that waits for SQLite's one writer goes first
        return changed

    async def _step(self, sweep: Sweep) -> Step | None:
        """One step; None if the sweep is not due, or failed and waits for its next time."""
        try:
            async with self._database.write() as connection:
                step = await self._step_within(connection, sweep)
        except AWAY:
            raise
        except Exception as failure:
            log.exception("a job failed", extra={"job": sweep.name})
            await self._note_failure(sweep, failure)
            return None
        for what, count in step.done.items() if step else ():
            self._metrics.swept.labels(sweep.name, what).inc(count)
        return step

    async def _step_within(self, connection: Connection, sweep: Sweep) -> Step | None:
        now = self._clock()
        row = await self._locked(connection, sweep.name, now)
        if row.state != "running" and row.next_at > now:
            return None
        begins = row.state != "running"
        step = await sweep.step(connection, now, row.progress)
        done = Counter({} if begins else row.done)
        done.update(step.done)
        values: dict[str, Any] = {"done": dict(done), "progress": dict(step.progress), "failure": None}
        if begins:
            values |= {"started_at": now}
        values["state"] = "running"
        if step.is_last:
            values |= {"state": "waiting", "ended_at": now, "next_at": now + EVERY}
        await self._change(connection, sweep.name, values)
        return step

    async def _locked(self, connection: Connection, name: str, now: datetime) -> Any:
        t = self._table
        new = {"name": name, "state": "waiting", "next_at": now, "progress": {}, "done": {}}
        await connection.execute(insert_if_new(t).values(new))
        # Two replicas may both believe for a moment that they hold the lease: the second waits here.
        return (await connection.execute(select(t).where(t.c.name == name).with_for_update())).one()

    async def _note_failure(self, sweep: Sweep, failure: Exception) -> None:
        now = self._clock()
        values = {"state": "failed", "failure": type(failure).__name__, "ended_at": now, "next_at": now + EVERY}
        async with self._database.write() as connection:
            await self._locked(connection, sweep.name, now)
            await self._change(connection, sweep.name, values)

    async def _change(self, connection: Connection, name: str, values: dict[str, Any]) -> None:
        await connection.execute(update(self._table).where(self._table.c.name == name).values(values))

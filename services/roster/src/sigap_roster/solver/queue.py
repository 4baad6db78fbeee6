"""Works off the queue of searches: one at a time, in the replica that holds the lease."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.core.workers import PLANS
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_roster.domain import Breach, Circumstances, Roster, SolveState, check, plan
from sigap_roster.domain.hours import spread
from sigap_roster.domain.program import (
    Existing,
    Tier,
    Written,
    shortages,
    written,
)
from sigap_roster.domain.rules import SEATS_FILLED
from sigap_roster.domain.rules.of_persons import planned_overtime
from sigap_roster.domain.rules.of_shifts import OF_DEMAND
from sigap_roster.domain.rules.work import facts_of
from sigap_roster.models import SolveRow
from sigap_roster.repository import RosterService
from sigap_roster.service import circumstances, with_history
from sigap_roster.solver.explanation import Explanation
from sigap_roster.solver.process import EXPLAIN, SolverFailed, found_by_solver
from sigap_roster.solver.wire import Effort, lines_of, question_lines

LOOK_SECONDS = 1.0
"""Between looks at the queue, and between notes of a search's progress."""
CLOCK_FACTOR = 2
"""A slow machine may take so many times the seconds that were asked for to do the steps that they stand for."""

EXPLAIN_SECONDS = 10
"""How long to look for what cannot hold together, in the solver's own steps."""

RULES = Tier.RULES.name.lower()
"""The name of the tier of soft rules, wishes and shares, as the solver tells it."""

log = logging.getLogger(__name__)


async def work_off(service: RosterService) -> None:
    """Until cancelled. The search that is under way then ends with it."""
    while True:
        try:
            busy = await service.lease.held() and await solve_next(service)
        except AWAY as away:
            await wait_out(log, "searches for plans wait", away)
            continue
        if not busy:
            await asyncio.sleep(LOOK_SECONDS)


async def solve_next(service: RosterService) -> bool:
    """Does the search that waits longest; whether there was one. Raises Unavailable, LockHeld."""
    search = await _begun(service)
    if search is None:
        return False
    try:
        await search.run()
    except SolverFailed as failed:
        log.warning("a search for a plan failed", extra={"solve": str(search.id), "status": failed.status})
        await search.end(SolveState.FAILED, failure="crashed")
    return True


@dataclass(frozen=True, slots=True)
class Asked:
    row: SolveRow
    roster: Roster
    around: Circumstances
    now: datetime


async def _begun(service: RosterService) -> "Search | None":
    """The search that waits longest, now running. One that runs already was begun by a process that is gone."""
    async with service.transaction(by_worker=True) as tx:
        for solve_id in await tx.solves.interrupted():
            over = {"state": SolveState.FAILED, "failure": "interrupted", "ended_at": tx.now()}
            await tx.solves.change(solve_id, SolveState.RUNNING, **over)
        row = await tx.solves.first_queued()
        if row is None:
            return None
        roster = await tx.rosters.get(row.roster_id, lock=False)
        people = await tx.staff.of_regency(roster.regency)
        around = await with_history(tx, roster, await circumstances(tx, roster, people, everybody=True))
        begins = {"state": SolveState.RUNNING, "started_at": tx.now(), "roster_version": roster.version}
        await tx.solves.change(row.id, SolveState.QUEUED, **begins)
        return Search(service, Asked(row, roster, around, tx.now()))


class Search:
    """One search that is running."""

    def __init__(self, service: RosterService, asked: Asked) -> None:
        self._service, self._asked = service, asked
        self.id: UUID = asked.row.id
        self._known: dict[str, Any] = {}
        """Progress, assignments and explanation, as far as they are known."""
        self._gaps: Sequence[Breach] = ()
        """What the best plan lacks: seats, and what hard rules want on a shift."""

    async def run(self) -> None:
        """Until it is over, or somebody cancels it. Raises SolverFailed."""
        reading = asyncio.create_task(self._read())
        try:
            while not reading.done():
                await asyncio.wait((reading,), timeout=LOOK_SECONDS)
                if not await self._note():
                    return
            reading.result()
        finally:
            reading.cancel()
            await asyncio.wait((reading,))
        await self.end(SolveState.DONE if self._known.get("assignments") else SolveState.FAILED)

    async def end(self, state: SolveState, failure: str | None = None) -> None:
        """Nothing if it was cancelled meanwhile."""
        if state is SolveState.FAILED and failure is None:
            failure = "nothing_found"
        async with self._service.transaction(by_worker=True) as tx:
            told = {"state": state, "failure": failure, "ended_at": tx.now(), **self._known}
            await tx.solves.change(self.id, SolveState.RUNNING, **told)

    async def _note(self) -> bool:
        """Keeps what is known; whether the search is still wanted."""
        try:
            async with self._service.transaction(by_worker=True) as tx:
                return await tx.solves.change(self.id, SolveState.RUNNING, **(self._known or {"failure": None}))
        except AWAY as away:
            await wait_out(log, "the note of a search waits", away)
            return True

    async def _read(self) -> None:
        asked, row = self._asked, self._asked.row
        await self._count_hours()
        program = await PLANS.run_always(written, asked.roster, asked.around, asked.now, Existing(row.existing))
        effort = Effort(steps=row.seconds, seconds=row.seconds * CLOCK_FACTOR, seed=row.seed)
        lines = await PLANS.run_always(lines_of, program.program, effort)
        async with aclosing(found_by_solver(lines)) as all_told:
            async for told in all_told:
                if "chosen" in told:
                    known, self._gaps = await PLANS.run_always(_known, asked, program, told)
                    progress = {**self._known.get("progress", {}), **known["progress"]}
                    self._known = {**self._known, **known, "progress": progress}
                else:
                    progress = {**self._known.get("progress", {}), **_better(told)}
                    self._known = {**self._known, "progress": progress}
        if self._gaps:
            await self._explain()

    async def _count_hours(self) -> None:
        asked = self._asked
        lacking = await PLANS.run_always(shortages, asked.roster, asked.around, asked.now)
        if lacking:
            told = [{**asdict(one), "week": str(one.week)} for one in lacking]
            self._known = {"explanation": {"shortages": told}}

    async def _explain(self) -> None:
        """Looks for what cannot hold together. If its process fails, what was found until then is kept."""
        asked, row = self._asked, self._asked.row
        existing = Existing(row.existing)
        explanation = await PLANS.run_always(Explanation, asked.roster, asked.around, asked.now, existing, self._gaps)
        self._tell(explanation)
        effort = Effort(EXPLAIN_SECONDS, EXPLAIN_SECONDS * CLOCK_FACTOR, row.seed)
        lines = await PLANS.run_always(question_lines, explanation.question(), effort)
        try:
            async with aclosing(found_by_solver(lines, EXPLAIN)) as all_told:
                async for told in all_told:
                    explanation.take(told)
                    self._tell(explanation)
        except SolverFailed as failed:
            log.warning("a search was not explained", extra={"solve": str(self.id), "status": failed.status})

    def _tell(self, explanation: Explanation) -> None:
        told = {**self._known.get("explanation", {}), **explanation.told()}
        self._known = {**self._known, "explanation": told}


def _better(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of a better answer: when it was found, and what its soft rules cost once the seats are settled."""
    costs = ("cost", "bound") if told["tier"] == RULES else ()
    return {name: told[name] for name in ("seconds", *costs)}


def _known(asked: Asked, program: Written, told: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[Breach]]:
    """What the rules say of the plan that was found, with the plan; and what it lacks."""
    planned = program.plan(told["chosen"])
    planned_roster = plan(asked.roster, planned)
    found = check(planned_roster, asked.around, asked.now)
    without = [breach for breach in found if breach.rule == SEATS_FILLED]
    facts = facts_of(planned_roster, asked.around, asked.now)
    progress = {
        "spread": spread(facts),
        "overtime_hours": planned_overtime(facts),
        "open_seats": sum(breach.params["open"] for breach in without),
        "below_minimum": sum(breach.params["below"] for breach in without),
        "hard": sum(breach.strength == "hard" for breach in found),
        "soft": sum(breach.strength == "soft" for breach in found),
        "proven": told["proven"] and told["is_last"],
        "costs": told["costs"],
        **told["costs"].get(RULES, {}),
    }
    known = {"progress": progress, "assignments": [one.model_dump(mode="json") for one in planned]}
    of_shifts = [breach for breach in found if breach.rule in OF_DEMAND and breach.strength == "hard"]
    return known, [*without, *of_shifts]

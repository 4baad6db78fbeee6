"""Works off the queue of searches: one at a time on each machine.

A process claims a search, and moves the claim on while it searches. If the claim lapses, that process is gone, and the
replica that holds the lease ends the search as interrupted.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
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
from sigap_roster.repository import RosterService, RosterTransaction
from sigap_roster.solver.explanation import Explanation
from sigap_roster.solver.process import EXPLAIN, SolverFailed, found_by_solver
from sigap_roster.solver.wire import Effort, lines_of, question_lines
from sigap_roster.use_cases.circumstances import circumstances, with_history

LOOK_SECONDS = 1.0
"""Between looks at the queue, and between notes of a search's progress."""
CLAIM = timedelta(seconds=15)
"""How long a claim holds after the last note: a pause of a few seconds, or of the database, ends no search."""
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
            busy = await solve_next(service)
        except AWAY as away:
            await wait_out(log, "searches for plans wait", away)
            continue
        if not busy:
            await asyncio.sleep(LOOK_SECONDS)


async def watch_claims(service: RosterService) -> None:
    """Ends the searches whose processes are gone, until cancelled."""
    while True:
        try:
            if await service.lease.held():
                await end_abandoned(service)
        except AWAY as away:
            # While the database was away, nobody could move a claim on.
            await wait_out(log, "the watch over searches waits", away, CLAIM.total_seconds())
        else:
            await asyncio.sleep(LOOK_SECONDS)


async def end_abandoned(service: RosterService) -> None:
    """Ends the searches whose processes are gone. Raises Unavailable, LockHeld."""
    async with service.view(by_worker=True) as view:
        abandoned = await view.solves.abandoned(CLAIM)
    if abandoned:
        log.warning("searches for plans were interrupted", extra={"solves": [str(one) for one in abandoned]})
        async with service.transaction(by_worker=True) as tx:
            await tx.solves.fail_abandoned(CLAIM)


async def solve_next(service: RosterService) -> bool:
    """Does the search whose turn it is; whether there was one for this machine. Raises Unavailable, LockHeld."""
    row = await _claimed(service)
    if row is None:
        return False
    search = Search(service, row)
    try:
        await search.run()
    except SolverFailed as failed:
        log.warning("a search for a plan failed", extra={"solve": str(search.id), "status": failed.status})
        await search.end(SolveState.FAILED, failure="crashed")
    except asyncio.CancelledError:  # the service stops
        with suppress(*AWAY):
            await search.end_if_possible(SolveState.FAILED, failure="interrupted")
        raise
    except Exception:  # it must not come again and again, while the others wait
        log.exception("a search for a plan failed", extra={"solve": str(search.id)})
        await search.end(SolveState.FAILED, failure="error")
    return True


@dataclass(frozen=True, slots=True)
class Asked:
    roster: Roster
    around: Circumstances
    now: datetime


async def _claimed(service: RosterService) -> SolveRow | None:
    """The search whose turn it is, now running."""
    async with service.view(by_worker=True) as view:
        if not await view.solves.anyone_waits():
            return None
    async with service.transaction(by_worker=True) as tx:
        return await tx.solves.claim(service.settings.machine_name, CLAIM)


class Search:
    """One search that is running."""

    def __init__(self, service: RosterService, row: SolveRow) -> None:
        self._service, self._row = service, row
        self.id: UUID = row.id
        self._most_bytes = service.settings.solver_bytes
        self._known: dict[str, Any] = {}
        """The roster's version, progress, assignments and explanation, as far as they are known."""
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
        """Waits while the database is away. Nothing if it was cancelled or ended meanwhile."""
        while True:
            try:
                return await self.end_if_possible(state, failure)
            except AWAY as away:
                await wait_out(log, "the end of a search waits", away)

    async def end_if_possible(self, state: SolveState, failure: str | None = None) -> None:
        """The same without waiting. Raises Unavailable, LockHeld."""
        if state is SolveState.FAILED and failure is None:
            failure = "nothing_found"
        async with self._service.transaction(by_worker=True) as tx:
            told = {"state": state, "failure": failure, "ended_at": tx.now(), **self._known}
            await tx.solves.change(self.id, SolveState.RUNNING, **told)

    async def _note(self) -> bool:
        """Keeps what is known; whether the search is still wanted."""
        try:
            async with self._service.transaction(by_worker=True) as tx:
                claim = {"claimed_until": tx.now() + CLAIM}
                return await tx.solves.change(self.id, SolveState.RUNNING, **claim, **self._known)
        except AWAY as away:
            await wait_out(log, "the note of a search waits", away)
            return True

    async def _read(self) -> None:
        row, asked = self._row, await self._asked_for()
        self._known = {"roster_version": asked.roster.version}
        await self._count_hours(asked)
        program = await PLANS.run_always(written, asked.roster, asked.around, asked.now, Existing(row.existing))
        effort = Effort(steps=row.seconds, seconds=row.seconds * CLOCK_FACTOR, seed=row.seed)
        lines = await PLANS.run_always(lines_of, program.program, effort)
        async with aclosing(found_by_solver(lines, most_bytes=self._most_bytes)) as all_told:
            async for told in all_told:
                if "chosen" in told:
                    known, self._gaps = await PLANS.run_always(_known, asked, program, told)
                    progress = {**self._known.get("progress", {}), **known["progress"]}
                    self._known = {**self._known, **known, "progress": progress}
                else:
                    progress = {**self._known.get("progress", {}), **_better(told)}
                    self._known = {**self._known, "progress": progress}
        if self._gaps:
            await self._explain(asked)

    async def _asked_for(self) -> Asked:
        """What the search is about, as it is now."""
        while True:
            try:
                async with self._service.view(by_worker=True) as view:
                    return await _read_from(view, self._row.roster_id)
            except AWAY as away:
                await wait_out(log, "a search for a plan waits", away)

    async def _count_hours(self, asked: Asked) -> None:
        lacking = await PLANS.run_always(shortages, asked.roster, asked.around, asked.now)
        if lacking:
            told = [{**asdict(one), "week": str(one.week)} for one in lacking]
            self._known = {**self._known, "explanation": {"shortages": told}}

    async def _explain(self, asked: Asked) -> None:
        """Looks for what cannot hold together. If its process fails, what was found until then is kept."""
        existing = Existing(self._row.existing)
        explanation = await PLANS.run_always(Explanation, asked.roster, asked.around, asked.now, existing, self._gaps)
        self._tell(explanation)
        effort = Effort(EXPLAIN_SECONDS, EXPLAIN_SECONDS * CLOCK_FACTOR, self._row.seed)
        lines = await PLANS.run_always(question_lines, explanation.question(), effort)
        try:
            async with aclosing(found_by_solver(lines, EXPLAIN, most_bytes=self._most_bytes)) as all_told:
                async for told in all_told:
                    explanation.take(told)
                    self._tell(explanation)
        except SolverFailed as failed:
            log.warning("a search was not explained", extra={"solve": str(self.id), "status": failed.status})

    def _tell(self, explanation: Explanation) -> None:
        told = {**self._known.get("explanation", {}), **explanation.told()}
        self._known = {**self._known, "explanation": told}


async def _read_from(view: RosterTransaction, roster_id: UUID) -> Asked:
    roster = await view.rosters.get(roster_id, lock=False)
    people = await view.staff.of_regency(roster.regency)
    around = await with_history(view, roster, await circumstances(view, roster, people, everybody=True))
    return Asked(roster, around, view.now())


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

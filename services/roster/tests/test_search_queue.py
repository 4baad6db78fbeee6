"""The queue of searches for plans: whose turn it is, one at a time on a machine, and what becomes of a search whose
process is gone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from sigap_roster.domain.program import Program, Tier
from sigap_roster.domain.program.limits import Limit, Price
from sigap_roster.main import service
from sigap_roster.models import SolveRow, solves
from sigap_roster.repository import RosterTransaction
from sigap_roster.solver.process import SolverFailed, found_by_solver
from sigap_roster.solver.queue import CLAIM, end_abandoned, solve_next
from sigap_roster.solver.wire import Effort, lines_of
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, another_process

from .conftest import Desk, Draft, Enter
from .test_solves import asked, solving_process

LENGTH = CLAIM.total_seconds()


async def waiting(desk: Desk, draft: Draft, regency: str = "99.01") -> str:
    """Asks for a plan for a new roster; the address of the search."""
    who = {"regencies": (regency,)}
    roster = await draft(regency=regency, **who)
    answer = await desk("POST", f"/v1/rosters/{roster['id']}/solves", {"seconds": 1}, **who)
    assert answer.status_code == 201, answer.text
    return f"/v1/rosters/{roster['id']}/solves/{answer.json()['id']}"


async def claimed(kit: Kit, machine: str) -> SolveRow | None:
    async with kit.runtime.transaction() as tx:
        row: SolveRow | None = await _claim(tx, machine)
        return row


async def _claim(tx: RosterTransaction, machine: str) -> SolveRow | None:
    return await tx.solves.claim(machine, CLAIM)


async def ahead(desk: Desk, *paths: str) -> list[int | None]:
    return [(await desk("GET", path, regencies=("99.01", "99.02"))).json()["ahead"] for path in paths]


async def test_a_regency_with_many_searches_lets_the_others_have_their_turn(kit: Kit, desk: Desk, draft: Draft) -> None:
    mine = [await waiting(desk, draft) for _ in range(4)]
    assert await ahead(desk, *mine) == [0, 1, 2, 3]
    theirs = await waiting(desk, draft, "99.02")
    assert await ahead(desk, *mine, theirs) == [0, 2, 3, 4, 1]
    order = [await claimed(kit, f"machine {n}") for n in range(2)]
    assert [str(row.id) for row in order if row] == [path.rpartition("/")[2] for path in (mine[0], theirs)]
    again = await waiting(desk, draft, "99.02")
    assert await ahead(desk, *mine, theirs, again) == [None, 0, 2, 3, None, 1]
    third = await claimed(kit, "machine 3")
    assert third is not None
    assert str(third.id) in mine[1]


async def test_searches_that_were_cancelled_before_they_began_use_up_no_turn(
    kit: Kit, desk: Desk, draft: Draft
) -> None:
    for path in [await waiting(desk, draft) for _ in range(3)]:
        await desk("POST", f"{path}/cancel")
    mine, theirs = await waiting(desk, draft), await waiting(desk, draft, "99.02")
    assert await ahead(desk, mine, theirs) == [0, 1]


async def test_the_list_says_how_many_are_ahead_and_the_answer_too(desk: Desk, draft: Draft) -> None:
    await waiting(desk, draft)
    roster = await draft()
    answer = await desk("POST", f"/v1/rosters/{roster['id']}/solves", {"seconds": 1})
    listed = (await desk("GET", f"/v1/rosters/{roster['id']}/solves")).json()["items"]
    assert [answer.json()["ahead"], *(one["ahead"] for one in listed)] == [1, 1]
    cancelled = await desk("POST", f"/v1/rosters/{roster['id']}/solves/{answer.json()['id']}/cancel")
    assert cancelled.json()["ahead"] is None


async def test_a_machine_does_one_search_at_a_time_and_two_machines_never_the_same(
    kit: Kit, desk: Desk, draft: Draft
) -> None:
    for _ in range(3):
        await waiting(desk, draft)
    async with another_process(kit, service) as other:
        taken = await asyncio.gather(*(claimed(one, "here") for one in (kit, other)))
        assert [row is None for row in taken].count(False) == 1, "one of the two processes has it"
        elsewhere = await claimed(other, "there")
    first = next(row for row in taken if row)
    assert elsewhere is not None
    assert elsewhere.id != first.id
    assert await claimed(kit, "here") is None


async def test_a_search_whose_claim_lapses_was_interrupted_and_its_machine_is_free(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    path = await asked(desk, roster)
    assert await claimed(kit, "here")
    kit.clock.advance(LENGTH)
    await end_abandoned(kit.runtime)
    assert (await desk("GET", path)).json()["state"] == "running", "its process may live"
    kit.clock.advance(1)
    await end_abandoned(kit.runtime)
    found = (await desk("GET", path)).json()
    assert found["state"] == "failed"
    assert found["failure"]["en"].startswith("The search was interrupted")
    after = (await desk("GET", f"/v1/rosters/{roster['id']}")).json()
    assert after["assignments"] == roster["assignments"]
    again = await waiting(desk, draft)
    following = await claimed(kit, "here")
    assert following is not None
    assert str(following.id) in again


@pytest.mark.parametrize("sets", [{"claimed_until": None}, {}])
async def test_a_claim_without_an_end_or_by_a_clock_that_was_ahead_is_none(
    kit: Kit, desk: Desk, draft: Draft, sets: dict[str, Any]
) -> None:
    """The release before sets no claim. The clock of a process that is gone may have been an hour ahead."""
    path = await waiting(desk, draft)
    kit.clock.advance(3600)
    row = await claimed(kit, "here")
    kit.clock.put_back(3600)
    assert row is not None
    async with kit.runtime.database.write() as connection:
        await connection.execute(solves.update().values(**{"claimed_until": row.claimed_until, **sets}))
    await end_abandoned(kit.runtime)
    assert (await desk("GET", path)).json()["state"] == "failed"


@asynccontextmanager
async def searching(kit: Kit) -> AsyncIterator["asyncio.Task[bool]"]:
    """A search whose solving process runs."""
    search = asyncio.create_task(solve_next(kit.runtime))
    try:
        await eventually(solving_process)
        yield search
    finally:
        search.cancel()
        await asyncio.gather(search, return_exceptions=True)


async def test_a_running_search_is_cancelled_and_its_process_ends(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    path = await asked(desk, roster, seconds=600)
    async with searching(kit) as search:
        answer = (await desk("POST", f"{path}/cancel")).json()
        assert (answer["state"], answer["ended_at"] is None) == ("cancelled", False)
        assert await search
    assert solving_process() is None
    assert (await desk("GET", path)).json() == answer, "nothing is noted any more"
    assert (await desk("GET", f"/v1/rosters/{roster['id']}")).json()["assignments"] == roster["assignments"]


async def test_a_running_search_keeps_its_claim(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    await enter("Budi")
    path = await asked(desk, await draft(), seconds=600)

    async def claimed_until() -> datetime:
        async with kit.runtime.database.read() as connection:
            until: datetime = (await connection.execute(select(solves.c.claimed_until))).scalar_one()
            return until

    async with searching(kit):
        kit.clock.advance(LENGTH - 1)
        moved = kit.clock() + CLAIM

        async def is_moved() -> bool:
            return await claimed_until() == moved

        await eventually(is_moved)
        kit.clock.advance(LENGTH - 1)
        await end_abandoned(kit.runtime)
        assert (await desk("GET", path)).json()["state"] == "running"


async def test_a_service_that_stops_ends_its_search_as_interrupted_at_once(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    await enter("Budi")
    path = await asked(desk, await draft(), seconds=600)
    async with searching(kit) as search:
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
    assert solving_process() is None
    found = (await desk("GET", path)).json()
    assert (found["state"], found["failure"]["en"][:26]) == ("failed", "The search was interrupted")


async def test_a_roster_that_cannot_be_read_holds_up_no_other_search(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    await enter("Budi")
    broken, sound = await waiting(desk, draft), await asked(desk, await draft(), seconds=1)
    async with kit.runtime.database.write() as connection:
        rosters = kit.runtime.service.metadata.tables["rosters"]
        await connection.execute(rosters.delete().where(rosters.c.id == UUID(broken.split("/")[3])))
    assert await solve_next(kit.runtime)
    assert await solve_next(kit.runtime)
    assert (await desk("GET", sound)).json()["state"] == "done"
    async with kit.runtime.database.read() as connection:
        (failed,) = await connection.execute(select(solves).where(solves.c.id == UUID(broken.rpartition("/")[2])))
    assert (failed.state, failed.failure) == ("failed", "error")


def a_program(variables: int) -> Program:
    """Each variable is limited beside each of the fifty before it."""
    pairs = [(low, high) for high in range(variables) for low in range(max(0, high - 50), high)]
    limits = [Limit(((low, 1), (high, 1)), 1, Price(1, tier=Tier.RULES)) for low, high in pairs]
    return Program([1] * variables, limits, [], [0] * variables, [0] * variables, [*range(variables)])


async def told_within(program: Program, most_bytes: int) -> list[dict[str, Any]]:
    lines = lines_of(program, Effort(1, 60))
    return [told async for told in found_by_solver(lines, most_bytes=most_bytes)]


async def test_a_program_that_needs_more_memory_than_it_may_have_ends_and_a_small_one_is_solved() -> None:
    assert await told_within(a_program(10), 300_000_000)
    with pytest.raises(SolverFailed):
        await told_within(a_program(3000), 300_000_000)


async def test_a_search_that_lacks_memory_says_so_and_the_draft_is_kept(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    path = await asked(desk, roster)
    async with another_process(kit, service, {"solver_bytes": 50_000_000}) as narrow:
        assert await solve_next(narrow.runtime)
    found = (await desk("GET", path)).json()
    assert (found["state"], found["assignments"]) == ("failed", [])
    assert "lacked memory" in found["failure"]["en"]
    assert (await desk("GET", f"/v1/rosters/{roster['id']}")).json()["assignments"] == roster["assignments"]


async def test_a_roster_with_too_many_choices_is_refused_with_its_numbers(desk: Desk, enter: Enter) -> None:
    """By 366 days of three shifts, 45 people have 49,410 choices, and 46 have 50,508."""
    body = {"regency": "99.01", "first_day": "2024-03-01", "last_day": "2025-03-01"}
    roster = (await desk("POST", "/v1/rosters", body)).json()
    for number in range(45):
        await enter(f"Budi {number}")
    await asked(desk, roster)
    await enter("Siti")
    refused = await desk("POST", f"/v1/rosters/{roster['id']}/solves", {"seconds": 5})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["code"] == "solve_too_large"
    assert "50508" in error["detail"]
    assert "50000" in error["detail"]

"""Days off, and searches for plans: over HTTP, done by the solving process."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from sigap_roster.models import absences, solves
from sigap_roster.solver.process import SolverFailed, found_by_solver
from sigap_roster.solver.queue import solve_next
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit

from .conftest import As, Desk, Draft, Enter
from .test_swaps import duty_of, offered


async def asked(desk: Desk, roster: dict[str, Any], **told: Any) -> str:
    answer = await desk("POST", f"/v1/rosters/{roster['id']}/solves", {"seconds": 5, **told})
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "queued"
    return f"/v1/rosters/{roster['id']}/solves/{answer.json()['id']}"


async def away(desk: Desk, staff_id: str, day: str, kind: str = "leave") -> str:
    body = {"staff_id": staff_id, "kind": kind, "first_day": day, "last_day": day}
    answer = await desk("POST", "/v1/absences", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_plan_is_searched_looked_at_and_taken(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    for name in ("Budi", "Siti", "Joko", "Rina", "Wati"):
        await enter(name)
    budi = await enter("Bayu")
    await away(desk, budi, "2024-02-21")
    roster = await draft((budi, 20, "pagi"), (budi, 21, "pagi"))
    path = await asked(desk, roster)
    assert await solve_next(kit.runtime)
    found = (await desk("GET", path)).json()
    assert (found["state"], found["found"]["hard"]) == ("done", 0)
    assert found["found"]["open_seats"] == 2, "those of the shift that has begun"
    planned = [(one["staff_id"], one["day"], one["shift"]) for one in found["assignments"]]
    assert (budi, "2024-02-20", "pagi") in planned, "what stands in the draft is kept"
    assert not [one for one in planned if one[:2] == (budi, "2024-02-21")], "but nobody who is on leave"
    assert not [one for one in planned if one[1] == "2024-02-19" and one[2] == "pagi"], "that shift has begun"
    assert (await desk("GET", f"/v1/rosters/{roster['id']}")).json()["version"] == roster["version"]
    taken = await desk("POST", f"{path}/take", version=roster["version"])
    assert taken.status_code == 200, taken.text
    assert (taken.json()["state"], len(taken.json()["assignments"])) == ("draft", len(planned))
    listed = (await desk("GET", f"/v1/rosters/{roster['id']}/solves")).json()
    assert [one["id"] for one in listed["items"]] == [found["id"]]


async def test_a_plan_that_undoes_a_swap_of_the_meantime_is_not_taken(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    """The plan of a search may be taken hours later. By then Siti has Budi's night for her morning: what the planner
    publishes next must not undo it unseen.
    """
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "malam"), (siti, 23, "pagi"))

    async def take(path: str) -> Any:
        version = (await desk("GET", f"/v1/rosters/{roster['id']}")).json()["version"]
        return await desk("POST", f"{path}/take", version=version)

    path = await asked(desk, roster, existing="keep")
    assert await solve_next(kit.runtime)
    kit.clock.advance(3600)
    duties = [await duty_of(desk, one, day) for one, day in ((budi, 21), (siti, 23))]
    swap = await offered(desk, staff, "budi", duties[0], return_duty_id=duties[1])
    await staff("siti", "POST", f"{swap}/accept")
    assert (await desk("POST", f"{swap}/approve")).json()["state"] == "done"
    refused = await take(path)
    assert refused.status_code == 422, refused.text
    told = {(error["code"], error["detail"].partition(" (")[0]) for error in refused.json()["errors"]}
    assert {("gave_since", "Budi"), ("gave_since", "Siti")} <= told
    # A search that begins at the very moment of the swap, and has read it, undoes nothing.
    again = await asked(desk, roster, existing="keep")
    assert await solve_next(kit.runtime)
    assert (await take(again)).status_code == 200


async def test_what_the_planner_drafted_against_a_swap_stays_the_planners(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    """Siti has Budi's night by a swap, but the planner took the night out of the draft afterwards: the plan that was
    found takes nothing from anybody.
    """
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "malam"), (siti, 23, "pagi"))
    path = await asked(desk, roster, existing="keep")
    assert await solve_next(kit.runtime)
    swap = await offered(desk, staff, "budi", await duty_of(desk, budi, 21), to_staff_id=siti)
    await staff("siti", "POST", f"{swap}/accept")
    assert (await desk("POST", f"{swap}/approve")).json()["state"] == "done"
    found = [
        {name: one[name] for name in ("staff_id", "day", "shift")}
        for one in (await desk("GET", path)).json()["assignments"]
    ]
    of_roster = f"/v1/rosters/{roster['id']}"
    version = (await desk("GET", of_roster)).json()["version"]
    drafted = (await desk("PUT", f"{of_roster}/assignments", found, version=version)).json()
    assert (await desk("POST", f"{path}/take", version=drafted["version"])).status_code == 200


async def test_a_plan_that_takes_an_open_shift_from_who_got_it_is_not_taken(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    """Siti is on leave until the search is done; then she takes a night after all."""
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "pagi"))
    leave = await away(desk, siti, "2024-02-22")
    path = await asked(desk, roster, existing="keep")
    assert await solve_next(kit.runtime)
    kit.clock.advance(3600)
    await desk("DELETE", f"/v1/absences/{leave}")
    wanted = {"roster_id": roster["id"], "day": "2024-02-22", "shift": "malam"}
    seat = (await staff("siti", "POST", "/v1/pickups", wanted)).json()
    assert (await desk("POST", f"/v1/pickups/{seat['id']}/approve")).json()["state"] == "done"
    version = (await desk("GET", f"/v1/rosters/{roster['id']}")).json()["version"]
    refused = await desk("POST", f"{path}/take", version=version)
    assert [error["code"] for error in refused.json()["errors"]] == ["got_since"], refused.text
    assert "Siti (OP-Siti)" in refused.json()["errors"][0]["detail"]


async def test_a_search_that_is_cancelled_or_followed_by_another_has_no_plan(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    await enter("Budi")
    roster = await draft()
    first, second = await asked(desk, roster), await asked(desk, roster)
    assert (await desk("GET", first)).json()["state"] == "cancelled"
    assert (await desk("POST", f"{second}/cancel")).json()["state"] == "cancelled"
    assert not await solve_next(kit.runtime)
    refused = await desk("POST", f"{second}/take", version=roster["version"])
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-allowed-in-state")


async def test_a_solver_that_ends_without_an_answer_is_told_of() -> None:
    with pytest.raises(SolverFailed):
        [told async for told in found_by_solver(b"{}\n")]


def solving_process() -> int | None:
    """The number of the solving process that this one began."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"sigap_roster.solver" in (path / "cmdline").read_bytes():
                return int(path.name)
    return None


async def test_a_solver_that_is_killed_fails_the_search_and_the_draft_is_kept(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    budi = await enter("Budi")
    roster = await draft((budi, 20, "pagi"))
    path = await asked(desk, roster)
    search = asyncio.create_task(solve_next(kit.runtime))
    os.kill(await eventually(solving_process), signal.SIGKILL)
    assert await search
    found = (await desk("GET", path)).json()
    assert (found["state"], found["found"]["open_seats"]) == ("failed", None)
    assert "lacked memory" in found["failure"]["en"]
    after = (await desk("GET", f"/v1/rosters/{roster['id']}")).json()
    assert after["assignments"] == roster["assignments"]
    again = await asked(desk, roster)
    assert await solve_next(kit.runtime)
    assert (await desk("GET", again)).json()["state"] == "done"


async def test_what_happens_during_a_search_is_not_lost(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    """The planner publishes and grants leave meanwhile: what was found is looked at by what is known then."""
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await draft((budi, 20, "pagi"))
    path, at = await asked(desk, roster), f"/v1/rosters/{roster['id']}"
    search = asyncio.create_task(solve_next(kit.runtime))
    await eventually(solving_process)
    assert (await desk("POST", f"{at}/publish", version=roster["version"])).status_code == 200
    await away(desk, siti, "2024-02-22")
    assert await search
    planned = (await desk("GET", path)).json()["assignments"]
    assert {one["staff_id"] for one in planned if one["day"] == "2024-02-22"} == {budi, siti}
    stale = await desk("POST", f"{path}/take", version=roster["version"])
    assert stale.status_code == 412, "the planner published meanwhile"
    now = (await desk("GET", at)).json()
    assert now["assignments"] == roster["assignments"]
    taken = await desk("POST", f"{path}/take", version=now["version"])
    assert taken.status_code == 200
    found = (await desk("GET", f"{at}/breaches")).json()["items"]
    on_leave = [one for one in found if one["rule"] == "available"]
    assert {(one["staff_id"], one["day"]) for one in on_leave} == {(siti, "2024-02-22")}
    refused = await desk("POST", f"{at}/publish", version=taken.json()["version"])
    assert refused.status_code == 422
    assert [one["day"] for one in (await desk("GET", "/v1/duties?from=2024-02-19")).json()["items"]] == ["2024-02-20"]


async def test_who_is_on_leave_is_not_available_and_a_wish_is_soft(desk: Desk, enter: Enter, draft: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    await away(desk, budi, "2024-02-20")
    await away(desk, siti, "2024-02-20", "wish")
    roster = await draft((budi, 20, "pagi"), (siti, 20, "pagi"), (budi, 21, "pagi"))
    found = (await desk("GET", f"/v1/rosters/{roster['id']}/breaches")).json()["items"]
    told = [(one["rule"], one["strength"], one["staff_id"]) for one in found if one["rule"] != "seats-filled"]
    assert told == [("available", "hard", budi), ("wishes", "soft", siti)]


async def test_days_off_are_listed_and_removed(desk: Desk, enter: Enter) -> None:
    budi = await enter("Budi")
    leave, wish = await away(desk, budi, "2024-02-20"), await away(desk, budi, "2024-03-20", "wish")
    listed = (await desk("GET", "/v1/absences?regency=99.01")).json()["items"]
    assert [one["id"] for one in listed] == [leave, wish]
    for query in ("kind=wish", "from=2024-02-21", f"staff={budi}&from=2024-03-20&to=2024-03-20"):
        assert [one["id"] for one in (await desk("GET", f"/v1/absences?{query}")).json()["items"]] == [wish]
    assert (await desk("DELETE", f"/v1/absences/{wish}")).json()["id"] == wish
    assert (await desk("DELETE", f"/v1/absences/{wish}")).status_code == 404
    assert [one["id"] for one in (await desk("GET", "/v1/absences")).json()["items"]] == [leave]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"last_day": "2024-02-01"}, "before_first_day"), ({"last_day": "2025-09-01"}, "absence_too_long")],
)
async def test_days_off_that_cannot_be(desk: Desk, enter: Enter, change: dict[str, str], code: str) -> None:
    body = {"staff_id": await enter("Budi"), "kind": "leave", "first_day": "2024-02-20", "last_day": "2024-02-20"}
    answer = await desk("POST", "/v1/absences", {**body, **change})
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["errors"]] == [code]


async def test_days_off_and_searches_of_another_regency_are_not_there(desk: Desk, enter: Enter, draft: Draft) -> None:
    budi = await enter("Budi")
    leave, path = await away(desk, budi, "2024-02-20"), await asked(desk, await draft())
    other = {"regencies": ("99.02",)}
    assert (await desk("DELETE", f"/v1/absences/{leave}", **other)).status_code == 404
    assert (await desk("GET", path, **other)).status_code == 404
    assert (await desk("GET", path, None, "staff")).status_code == 403
    assert (await desk("GET", "/v1/absences", **other)).json()["items"] == []


async def test_old_days_off_and_searches_are_deleted(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    budi = await enter("Budi")
    await away(desk, budi, "2024-02-20")
    kept = await away(desk, budi, "2025-02-20")
    cancelled = await asked(desk, await draft())
    await desk("POST", f"{cancelled}/cancel")
    await asked(desk, await draft())
    kit.clock.advance(370 * 86_400)
    await kit.runtime.sweeps.sweep()
    async with kit.runtime.database.read() as connection:
        assert [str(row.id) for row in await connection.execute(select(absences))] == [kept]
        assert await connection.scalar(select(func.count()).select_from(solves)) == 1


def test_a_service_does_not_load_the_solver() -> None:
    program = "import sys, sigap_roster.main; print('ortools' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"

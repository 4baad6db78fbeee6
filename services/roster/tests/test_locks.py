"""Cells that the planner locked: the solver keeps them, the rules say where a plan departs from them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from services.roster.tests.roster_histories import BEFORE, a_draft, around, on, person, who
from services.roster.tests.test_explanations import all_seats, explained
from services.roster.tests.test_program import a_roster, filled, one_seat, rule

from sigap_common.core.errors import Fault, Invalid
from sigap_roster.domain import Amendment, Circumstances, Planned, Taken, check, decide_amendments, plan
from sigap_roster.domain.locking import broken_by, refusals
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.program import Existing, requirements
from sigap_roster.domain.shifts import Span
from sigap_roster.domain.stand_ins import stand_ins
from sigap_roster.domain.teams import Team, rotated
from sigap_roster.domain.why import ReasonKind, why
from sigap_roster.solver.queue import solve_next
from sigap_testing.kit import Kit

from .conftest import As, Desk, Draft, Enter
from .roster_histories import published
from .test_solves import away

REST = rule("rest-between-shifts", hours=11)
PEOPLE = (person("budi"), person("siti"))


def lock(name: str, day: int, shift: str | None = None) -> Lock:
    return Lock(who(name), date(2027, 3, day), shift)


def locked(*locks: Lock, **told: Any) -> Circumstances:
    people = told.pop("people", PEOPLE)
    return around(*people, pattern=one_seat("pagi", "malam"), locks=frozenset(locks), **told)


def kinds(*planned: Planned, circumstances: Circumstances) -> list[tuple[str, str]]:
    found = check(a_draft(*planned), circumstances, BEFORE)
    return [(one.kind, one.strength) for one in found if one.rule == "locked"]


# --- what a plan says of locks


def test_a_locked_shift_that_is_missing_and_a_day_that_is_not_free_are_told_as_hard() -> None:
    told = locked(lock("budi", 2, "malam"), lock("siti", 3))
    assert kinds(circumstances=told) == [("locked_shift_missing", "hard")]
    assert kinds(on("budi", 2, "malam"), on("siti", 3), circumstances=told) == [("locked_day_not_free", "hard")]
    assert not kinds(on("budi", 2, "malam"), on("siti", 4), circumstances=told)


def test_a_lock_holds_no_more_once_its_person_is_on_leave_or_inactive_or_its_shift_is_gone() -> None:
    wanted = lock("budi", 2, "malam")
    assert locked(wanted).holds(wanted)
    for other in (
        locked(wanted, leave={who("budi"): {date(2027, 3, 2)}}),
        locked(wanted, people=(person("budi", active=False), person("siti"))),
        replace(locked(wanted), pattern=one_seat("pagi")),
    ):
        assert not other.holds(wanted)
        assert not kinds(circumstances=other)


def test_who_is_locked_as_free_is_barred_as_a_stand_in() -> None:
    told = locked(lock("siti", 2))
    (siti,) = stand_ins(a_draft(on("budi", 2)), told, BEFORE, date(2027, 3, 2), "pagi")
    assert [one.rule for one in siti.barred_by] == ["locked"]


def test_a_swap_does_not_undo_what_the_planner_locked() -> None:
    roster, _ = published(on("budi", 2, "malam"))
    change = Amendment(roster=roster, around=locked(), takers={on("budi", 2, "malam"): who("siti")})
    assert decide_amendments([change], "siti", BEFORE)
    for one in (lock("budi", 2, "malam"), lock("siti", 2)):
        with pytest.raises(Invalid) as refused:
            decide_amendments([replace(change, around=locked(one))], "siti", BEFORE)
        assert [fault.params["rule"] for fault in refused.value.errors if isinstance(fault, Fault)] == ["locked"]


def test_a_cycle_leaves_the_locked_days_of_a_person_as_they_are() -> None:
    team = Team("Regu A", ["pagi"], date(2027, 3, 1), [who("budi"), who("siti")])
    told = locked(lock("budi", 2, "malam"), lock("siti", 3))
    roster = rotated(a_draft(on("budi", 2, "malam")), [team], told, BEFORE)
    assert on("budi", 2, "malam") in roster.planned
    assert {on("budi", 2), on("siti", 3)}.isdisjoint(roster.planned)
    assert {on("budi", 3), on("siti", 2)} <= {*roster.planned}


# --- what can be locked


def refused(one: Lock, *others: Lock, **told: Any) -> list[tuple[str, str]]:
    return [(field, kind) for field, kind, _ in refusals(one, locked(*others, **told), BEFORE)]


def test_what_cannot_be_is_not_locked() -> None:
    assert not refused(lock("budi", 2, "malam"))
    assert refused(lock("nobody", 2)) == [("staff_id", "not_active_staff")]
    assert refused(lock("budi", 2), people=(person("budi", active=False),)) == [("staff_id", "not_active_staff")]
    leave = {who("budi"): {date(2027, 3, 2)}}
    assert refused(lock("budi", 2, "malam"), leave=leave) == [("day", "locked_on_leave")]
    assert not refused(lock("budi", 2), leave=leave)
    later = BEFORE + timedelta(days=20)
    (begun,) = refusals(lock("budi", 2, "malam"), locked(), later)
    assert begun[:2] == ("day", "shift_has_begun")


def test_a_day_that_is_over_is_not_locked_as_free() -> None:
    """In Jakarta 3 March begins on 2 March at 17:00 UTC."""
    for now, kinds in (
        (datetime(2027, 3, 2, 16, 59, tzinfo=UTC), []),
        (datetime(2027, 3, 2, 17, 0, tzinfo=UTC), ["day_is_over"]),
    ):
        assert [kind for _, kind, _ in refusals(lock("budi", 2), locked(), now)] == kinds


def test_a_shift_is_not_locked_over_a_duty_of_another_roster() -> None:
    begins = datetime(2027, 3, 2, 14, tzinfo=UTC)
    duty = Taken(who("budi"), date(2027, 3, 2), "malam", Span(begins, begins + timedelta(hours=10)))
    assert refused(lock("budi", 2, "malam"), elsewhere=(duty,)) == [("shift", "overlapping_elsewhere")]
    assert not refused(lock("budi", 3, "malam"), elsewhere=(duty,))
    assert not refused(lock("siti", 2, "malam"), elsewhere=(duty,))


def test_one_cell_is_not_locked_in_two_ways() -> None:
    assert refused(lock("budi", 2), lock("budi", 2, "malam")) == [("shift", "locked_otherwise")]
    assert refused(lock("budi", 2, "malam"), lock("budi", 2)) == [("shift", "locked_free_already")]
    assert not refused(lock("budi", 2, "malam"), lock("siti", 2), lock("budi", 3))


def test_two_shifts_that_overlap_are_not_both_locked() -> None:
    told = around(*PEOPLE, pattern=one_seat("malam", "dini"), locks=frozenset({lock("budi", 2, "malam")}))
    found = [kind for _, kind, _ in refusals(lock("budi", 3, "dini"), told, BEFORE)]
    assert found == ["locked_otherwise"]


def test_a_lock_that_breaks_a_law_is_said_and_one_that_only_lacks_more_work_is_not() -> None:
    rules = (REST, rule("min-hours-in-plan", hours=20), rule("min-days-in-a-row", days=3))
    night, morning = lock("budi", 2, "malam"), lock("budi", 3, "pagi")
    told = locked(night, policies=rules)
    assert not broken_by(a_draft(), told, BEFORE, [night])
    (found,) = broken_by(a_draft(), told, BEFORE, [night, morning])
    assert (found.rule, found.staff_id) == ("rest-between-shifts", who("budi"))


def test_a_single_day_off_between_two_locks_is_no_breach_since_work_on_it_mends_that() -> None:
    first, third = lock("budi", 2, "pagi"), lock("budi", 4, "pagi")
    told = locked(first, third, policies=(rule("min-days-off-in-a-row", days=2),))
    both = (on("budi", 2), on("budi", 4))
    assert [one.kind for one in check(a_draft(*both), told, BEFORE) if one.strength == "hard"] == ["too_few_days_off"]
    assert not broken_by(a_draft(), told, BEFORE, [first, third])


# --- what the solver does


@pytest.mark.parametrize("existing", Existing)
def test_the_solver_keeps_what_is_locked(existing: Existing) -> None:
    told = locked(lock("siti", 1, "pagi"), lock("siti", 2), policies=(REST,))
    drafted = a_roster(on("budi", 1), on("siti", 2), days=(1, 2))
    answer = filled(drafted, told, existing)
    assert on("siti", 1) in answer
    assert not [one for one in answer if (one.staff_id, one.day.day) == (who("siti"), 2)]


def test_a_lock_against_the_law_is_kept_and_said() -> None:
    told = locked(lock("budi", 1, "malam"), lock("budi", 2, "pagi"), policies=(REST,))
    roster = a_roster(days=(1, 2))
    answer = plan(roster, filled(roster, told))
    assert {on("budi", 1, "malam"), on("budi", 2)} <= {*answer.planned}
    assert [one.rule for one in check(answer, told, BEFORE) if one.strength == "hard"] == ["rest-between-shifts"]


def test_leave_that_is_granted_later_goes_before_a_lock() -> None:
    told = locked(lock("budi", 1, "pagi"), leave={who("budi"): {date(2027, 3, 1)}})
    assert on("siti", 1) in filled(a_roster(days=(1,)), told)


def test_why_names_the_lock() -> None:
    found = why(a_draft(on("budi", 2)), locked(lock("budi", 2, "pagi")), BEFORE, on("budi", 2), ())
    told = [one.kind for one in found.reasons]
    assert ReasonKind.LOCKED in told
    assert "locked" not in [one.breach.rule for one in found.reasons if one.breach]


def test_an_explanation_names_the_locks_that_keep_a_seat_open() -> None:
    told = replace(locked(lock("budi", 1)), pattern=one_seat("pagi"), people={who("budi"): person("budi")})
    wanted = requirements(a_roster(days=(1,)), told, BEFORE, Existing.REPLACE)
    ((members, irreducible),) = explained(wanted, all_seats(wanted))
    assert irreducible
    assert [(wanted.all[n].kind, wanted.all[n].staff_id) for n in sorted(members)] == [
        ("locked", who("budi")),
        ("seats", None),
    ]


# --- over HTTP


async def cell(desk: Desk, roster: dict[str, Any], staff_id: str, day: int, shift: str | None = None) -> Any:
    body = {"staff_id": staff_id, "day": f"2024-02-{day:02}", "shift": shift}
    return await desk("POST", f"/v1/rosters/{roster['id']}/locks", body)


async def test_a_planner_locks_a_cell_searches_and_frees_it(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await draft((budi, 20, "pagi"))
    made = await cell(desk, roster, siti, 21, "malam")
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["holds"], made.json()["breaks"]) == ("Siti", True, [])
    again = await cell(desk, roster, siti, 21, "malam")
    assert again.json()["id"] == made.json()["id"]
    free = await cell(desk, roster, budi, 21)
    assert (await cell(desk, roster, budi, 21)).json()["id"] == free.json()["id"]
    path = f"/v1/rosters/{roster['id']}"
    asked = await desk("POST", f"{path}/solves", {"existing": "replace", "seconds": 2})
    assert await solve_next(kit.runtime)
    took = await desk("POST", f"{path}/solves/{asked.json()['id']}/take", version=roster["version"])
    planned = {(one["staff_id"], one["day"][-2:], one["shift"]) for one in took.json()["assignments"]}
    assert (siti, "21", "malam") in planned
    assert not [one for one in planned if one[:2] == (budi, "21")]
    listed = (await desk("GET", f"{path}/locks", None, "supervisor")).json()
    assert [(one["staff_id"], one["shift"]) for one in listed["items"]] == [(siti, "malam"), (budi, None)]
    freed = await desk("DELETE", f"{path}/locks/{made.json()['id']}")
    assert freed.json()["id"] == made.json()["id"]
    assert (await desk("DELETE", f"{path}/locks/{made.json()['id']}")).status_code == 404
    assert len((await desk("GET", f"{path}/locks")).json()["items"]) == 1


async def test_a_cell_that_is_locked_after_the_search_is_not_lost_by_taking_the_plan(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    budi = await enter("Budi")
    roster = await draft()
    path = f"/v1/rosters/{roster['id']}"
    asked = await desk("POST", f"{path}/solves", {"existing": "replace", "seconds": 1})
    assert await solve_next(kit.runtime)
    plan_found = (await desk("GET", f"{path}/solves/{asked.json()['id']}")).json()["assignments"]
    day = int(plan_found[0]["day"][-2:])
    await cell(desk, roster, budi, day)
    took = await desk("POST", f"{path}/solves/{asked.json()['id']}/take", version=roster["version"])
    assert took.status_code == 422
    assert "locked_day_not_free" in [one["code"] for one in took.json()["errors"]]
    assert (await desk("GET", path)).json()["assignments"] == []


async def test_what_is_locked_wrongly_is_named_all_at_once(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    budi = await enter("Budi")
    roster = await draft()
    body = {"staff_id": roster["id"], "day": "2024-03-20", "shift": "sore"}
    path = f"/v1/rosters/{roster['id']}/locks"
    wrong = await desk("POST", path, body)
    assert [one["code"] for one in wrong.json()["errors"]] == ["not_in_plan", "shift_unknown", "not_active_staff"]
    await away(desk, budi, "2024-02-21")
    on_leave = await cell(desk, roster, budi, 21, "pagi")
    assert [one["code"] for one in on_leave.json()["errors"]] == ["locked_on_leave"]
    other = await desk("POST", path, body | {"day": "2024-02-31"})
    assert other.status_code == 422
    for role, method, status in (("supervisor", "POST", 403), ("staff", "GET", 403), ("operator", "GET", 403)):
        answer = await desk(method, path, body if method == "POST" else None, role)
        assert answer.status_code == status


async def test_a_cell_is_not_locked_while_its_person_has_a_duty_of_another_roster(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft, publish: Draft
) -> None:
    budi = await enter("Budi")
    await publish((budi, 21, "malam"))
    roster = await draft()
    wrong = await cell(desk, roster, budi, 21, "malam")
    assert [one["code"] for one in wrong.json()["errors"]] == ["overlapping_elsewhere"]
    assert (await cell(desk, roster, budi, 22, "malam")).status_code == 201
    over = await cell(desk, roster, budi, 18)
    assert [one["code"] for one in over.json()["errors"]] == ["not_in_plan", "day_is_over"]


async def test_staff_do_not_take_an_open_seat_on_a_day_that_the_planner_keeps_free(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 20, "malam"))
    await cell(desk, roster, siti, 21)
    seat = {"roster_id": roster["id"], "day": "2024-02-21", "shift": "malam"}
    taken = await staff("siti", "POST", "/v1/pickups", seat)
    assert taken.status_code == 422
    assert (await staff("siti", "POST", "/v1/pickups", seat | {"day": "2024-02-22"})).status_code == 201


async def test_a_plan_that_leaves_out_a_locked_person_is_published_with_a_reason_alone(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    """Siti is nowhere in the draft: the lock is broken as much as if she were on another day."""
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await draft((budi, 20, "pagi"))
    await cell(desk, roster, siti, 21, "malam")
    path = f"/v1/rosters/{roster['id']}"
    checked = (await desk("GET", f"{path}/breaches")).json()
    assert [one["rule"] for one in checked["items"] if one["strength"] == "hard"] == ["locked"]
    without = await desk("POST", f"{path}/publish", version=roster["version"])
    assert without.status_code == 422
    reasons = {"accepted": [{"rule": "locked", "reason": "Siti meminta hari lain."}]}
    published = await desk("POST", f"{path}/publish", reasons, version=roster["version"])
    assert [(one["rule"], one["count"]) for one in published.json()["accepted"]] == [("locked", 1)]


async def test_locks_are_deleted_a_year_after_their_day(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    budi = await enter("Budi")
    roster = await draft()
    await cell(desk, roster, budi, 21)
    kit.clock.advance(360 * 86_400)
    await kit.runtime.sweeps.sweep()
    path = f"/v1/rosters/{roster['id']}/locks"
    assert len((await desk("GET", path)).json()["items"]) == 1
    kit.clock.advance(20 * 86_400)
    await kit.runtime.sweeps.sweep()
    assert (await desk("GET", path)).json()["items"] == []

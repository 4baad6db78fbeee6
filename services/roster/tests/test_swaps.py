"""Staff give duties away or swap them: their own only, by the rules, with or without the planner."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from services.roster.tests.roster_histories import (
    BEFORE,
    JAKARTA,
    around,
    on,
    person,
    planning,
    publish,
    published,
    who,
)
from services.roster.tests.test_program import rule

from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid
from sigap_common.regency import Pack, RosterPolicy
from sigap_roster.domain import (
    Amendment,
    Circumstances,
    Planned,
    Roster,
    Skill,
    Taken,
    decide_amendments,
    draft,
    plan,
    span_of,
)
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.rules import check
from sigap_testing.kit import Kit

from .conftest import SHIFTS, As, Desk, Draft, Enter, on_duty

APRIL = UUID("018dc000-0000-7000-8000-000000000002")
REST = rule("rest-between-shifts", hours=11)
RULES = [{"code": "rest-between-shifts", "strength": "hard", "source": "test", "params": {"hours": 11}}]


# --- the decision


def swapped(roster: Roster, known: Circumstances, takers: dict[Planned, UUID]) -> Any:
    """The roster once these people have taken these assignments."""
    (decision,) = decide_amendments([Amendment(roster=roster, around=known, takers=takers)], "siti", BEFORE)
    return decision.after


def test_a_swap_changes_two_assignments_and_leaves_the_draft_of_the_planner_alone() -> None:
    roster, _ = published(on("budi", 1), on("siti", 2))
    drafted = plan(roster, (on("budi", 1), on("siti", 2), on("budi", 5)))
    takers = {on("budi", 1): who("siti"), on("siti", 2): who("budi")}
    after = swapped(drafted, around(), takers)
    assert {(one.staff_id, one.day.day) for one in after.published} == {(who("siti"), 1), (who("budi"), 2)}
    assert after.planned == (on("siti", 1), on("budi", 2), on("budi", 5))
    assert after.published_version == 2
    assert {one.subject for one in after.published if one.day.day == 1} == {"siti"}


def test_a_swap_breaks_no_hard_rule() -> None:
    roster, _ = published(on("budi", 2), on("siti", 1, "malam"))
    with pytest.raises(Invalid) as refused:
        swapped(roster, around(policies=(REST,)), {on("budi", 2): who("siti")})
    assert [fault.kind for fault in refused.value.errors if isinstance(fault, Fault)] == ["rest_too_short"]


def test_what_was_broken_before_may_stay_but_gets_no_worse() -> None:
    """The planner published too long a week with a reason: to give a part of it away helps, to add to it does not."""
    hours = rule("weekly-hours", hours=10)
    roster, _ = published(on("budi", 1), on("budi", 3), on("budi", 5), on("siti", 8))
    known = around(policies=(hours,))
    swapped(roster, known, {on("budi", 5): who("siti")})
    more, _ = published(on("budi", 1), on("budi", 3), on("siti", 5))
    with pytest.raises(Invalid):
        swapped(more, known, {on("siti", 5): who("budi")})


def test_the_only_leader_cannot_leave_a_shift() -> None:
    people = (person("budi", skills=(Skill(code="leader"),)), person("siti"))
    roster, _ = published(on("budi", 1))
    known = around(*people, policies=(rule("skill-on-shift", skill="leader", at_least=1),))
    with pytest.raises(Invalid) as refused:
        swapped(roster, known, {on("budi", 1): who("siti")})
    assert [fault.kind for fault in refused.value.errors if isinstance(fault, Fault)] == ["too_few_with_skill"]


def test_a_swap_keeps_the_times_that_were_published_and_the_planners_reasons() -> None:
    """The pack has other hours since, and no night any more."""
    roster, _ = published(on("budi", 1), on("siti", 2, "malam"))
    morning, noon, _ = around().pattern.shifts
    shifts = (morning.model_copy(update={"end": "13:00"}), noon)
    known = around(pattern=around().pattern.model_copy(update={"shifts": shifts}))
    after = swapped(roster, known, {on("budi", 1): who("siti")})
    times = [(one.starts_at, one.ends_at) for one in roster.published]
    assert [(one.starts_at, one.ends_at) for one in after.published] == times
    assert after.accepted == roster.accepted


def april_of(*planned: Planned) -> Roster:
    """The roster after that of March, published."""
    begun = draft(Aggregate(id=APRIL, regency="17.71"), date(2027, 4, 1), date(2027, 4, 30))
    drafted = plan(begun, planned)
    (event,) = publish(drafted)
    return planning.after(drafted, [event])


def elsewhere(*planned: Planned) -> list[Taken]:
    shifts = {shift.code: shift for shift in around().pattern.shifts}
    return [Taken(one.staff_id, one.day, one.shift, span_of(shifts[one.shift], one.day, JAKARTA)) for one in planned]


def between_months(given: Planned, wanted: Planned, *rules: RosterPolicy, also: tuple[Planned, ...] = ()) -> list[Any]:
    """Budi gives a duty of March away and takes one of Siti in April; both rosters after it. `also`: what stays."""
    march, _ = published(given)
    april = april_of(wanted, *also)
    amendments = [
        Amendment(
            roster=march,
            around=around(policies=rules, elsewhere=elsewhere(wanted, *also)),
            takers={given: who("siti")},
        ),
        Amendment(
            roster=april,
            around=around(policies=rules, elsewhere=elsewhere(given)),
            takers={wanted: who("budi")},
        ),
    ]
    return [decision.after for decision in decide_amendments(amendments, "siti", BEFORE)]


def test_a_swap_between_two_rosters_changes_both() -> None:
    april_1 = Planned(staff_id=who("siti"), day=date(2027, 4, 1), shift="pagi")
    march, april = between_months(on("budi", 31, "malam"), april_1, REST)
    assert [one.staff_id for one in march.published] == [who("siti")]
    assert [one.staff_id for one in april.published] == [who("budi")]
    assert (march.published_version, april.published_version) == (2, 2)


def test_a_swap_between_two_rosters_is_checked_by_what_both_are_after_it() -> None:
    """Each has a single day before and after. With the duty that is given away it would be two in a row."""
    days = rule("max-days-in-a-row", days=1)
    april_1 = Planned(staff_id=who("siti"), day=date(2027, 4, 1), shift="pagi")
    march, _ = between_months(on("budi", 31), april_1, days)
    assert [one.staff_id for one in march.published] == [who("siti")]


def test_a_swap_between_two_rosters_breaks_no_hard_rule() -> None:
    """Siti keeps the morning after the night that she takes."""
    keeps, gives = [Planned(staff_id=who("siti"), day=date(2027, 4, day), shift="pagi") for day in (1, 5)]
    between_months(on("budi", 31, "siang"), gives, rule("rest-between-shifts", hours=10), also=(keeps,))
    with pytest.raises(Invalid) as refused:
        between_months(on("budi", 31, "malam"), gives, REST, also=(keeps,))
    assert {fault.kind for fault in refused.value.errors if isinstance(fault, Fault)} == {"rest_too_short"}


def test_a_breach_that_is_the_same_is_not_new() -> None:
    roster, _ = published(on("budi", 1, "malam"), on("budi", 2))
    found = check(roster, around(policies=(REST,)), BEFORE)
    assert [one for one in newly_broken(found, found) if one.strength == "hard"] == []


# --- over HTTP


async def duty_of(desk: Desk, staff_id: str, day: int) -> str:
    path = f"/v1/duties?staff={staff_id}&from=2024-02-{day:02}&to=2024-02-{day:02}"
    (duty,) = (await desk("GET", path)).json()["items"]
    return str(duty["id"])


async def offered(desk: Desk, staff: As, name: str, duty_id: str, **told: Any) -> str:
    answer = await staff(name, "POST", "/v1/swaps", {"duty_id": duty_id, **told})
    assert (answer.status_code, answer.json().get("state")) == (201, "offered"), answer.text
    return f"/v1/swaps/{answer.json()['id']}"


async def test_two_people_swap_and_the_planner_approves(desk: Desk, staff: As, enter: Enter, publish: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "pagi"), (siti, 22, "malam"))
    wanted = await duty_of(desk, siti, 22)
    path = await offered(desk, staff, "budi", await duty_of(desk, budi, 21), return_duty_id=wanted)
    seen = (await staff("siti", "GET", path)).json()
    assert (seen["name"], seen["to_name"], seen["return_day"]) == ("Budi", "Siti", "2024-02-22")
    accepted = await staff("siti", "POST", f"{path}/accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted"), accepted.text
    assert ("Budi", "21", "pagi") in await on_duty(desk), "the planner has not approved"
    assert (await staff("siti", "POST", f"{path}/approve")).status_code == 403
    assert (await desk("POST", f"{path}/approve")).json()["state"] == "done"
    assert await on_duty(desk) == [("Siti", "21", "pagi"), ("Budi", "22", "malam")]
    after = (await desk("GET", f"/v1/rosters/{roster['id']}")).json()
    assert (after["published_version"], after["changed"]) == (2, False)
    assert (await desk("POST", f"{path}/approve")).status_code == 409, "it is done"


async def test_a_duty_of_this_roster_is_swapped_for_one_of_the_next(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 25, "pagi"))
    days = {"regency": "99.01", "first_day": "2024-02-26", "last_day": "2024-03-03"}
    other = (await desk("POST", "/v1/rosters", days)).json()["id"]
    plan = [{"staff_id": siti, "day": "2024-02-27", "shift": "siang"}]
    assert (await desk("PUT", f"/v1/rosters/{other}/assignments", plan, version=1)).status_code == 200
    assert (await desk("POST", f"/v1/rosters/{other}/publish", version=2)).status_code == 200
    wanted = await duty_of(desk, siti, 27)
    path = await offered(desk, staff, "budi", await duty_of(desk, budi, 25), return_duty_id=wanted)
    seen = (await staff("siti", "GET", path)).json()
    assert (seen["roster_id"], seen["return_roster_id"], seen["to_name"]) == (roster["id"], other, "Siti")
    assert (await staff("siti", "POST", f"{path}/accept")).json()["state"] == "accepted"
    assert (await desk("POST", f"{path}/approve")).json()["state"] == "done"
    for staff_id, day in ((siti, 25), (budi, 27)):
        assert await duty_of(desk, staff_id, day)
    for roster_id in (roster["id"], other):
        after = (await desk("GET", f"/v1/rosters/{roster_id}")).json()
        assert (after["published_version"], after["changed"]) == (2, False)


async def test_a_swap_ends_if_the_planner_takes_its_duty_out_of_the_plan(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "pagi"), (siti, 22, "pagi"))
    path = await offered(desk, staff, "budi", await duty_of(desk, budi, 21))
    plan = [{"staff_id": siti, "day": "2024-02-22", "shift": "pagi"}]
    changed = await desk("PUT", f"/v1/rosters/{roster['id']}/assignments", plan, version=roster["version"])
    assert (await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=changed.json()["version"])).is_success
    assert (await staff("budi", "GET", path)).json()["state"] == "overtaken"


async def test_a_give_away_changes_the_plan_at_once_if_the_pack_says_so(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", shifts={**SHIFTS, "swap_approval": "automatic"}, policies=RULES), version=2)
    budi, siti, joko = [await enter(name) for name in ("Budi", "Siti", "Joko")]
    await publish((budi, 21, "malam"), (siti, 22, "pagi"))
    path = await offered(desk, staff, "budi", await duty_of(desk, budi, 21))
    refused = await staff("siti", "POST", f"{path}/accept")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "rest_too_short"), refused.text
    assert "OP-Siti" not in refused.text, "staff read names alone"
    assert (await staff("joko", "GET", path)).json()["state"] == "offered", "still anybody's"
    taken = (await staff("joko", "POST", f"{path}/accept")).json()
    assert (taken["state"], taken["to_staff_id"]) == ("done", joko)
    assert ("Joko", "21", "malam") in await on_duty(desk)


async def test_of_two_who_take_one_duty_at_once_one_gets_it(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", shifts={**SHIFTS, "swap_approval": "automatic"}), version=2)
    budi, siti, joko = [await enter(name) for name in ("Budi", "Siti", "Joko")]
    await publish((budi, 21, "pagi"), (siti, 22, "pagi"), (joko, 23, "pagi"))
    duty = await duty_of(desk, budi, 21)
    one = await offered(desk, staff, "budi", duty, to_staff_id=siti)
    other = await offered(desk, staff, "budi", duty, to_staff_id=joko)
    answers = await asyncio.gather(staff("siti", "POST", f"{one}/accept"), staff("joko", "POST", f"{other}/accept"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (lost,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert lost["state"] == "overtaken"
    assert len([one for one in await on_duty(desk) if one[1] == "21"]) == 1


async def test_who_is_slower_to_take_what_anybody_may_take_is_told_so(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, *_ = [await enter(name) for name in ("Budi", "Siti", "Joko")]
    await publish((budi, 21, "pagi"))
    path = await offered(desk, staff, "budi", await duty_of(desk, budi, 21))
    answers = {name: await staff(name, "POST", f"{path}/accept") for name in ("siti", "joko")}
    assert (answers["siti"].status_code, answers["joko"].status_code) == (200, 409)
    lost = answers["joko"].json()
    assert (lost["state"], lost["detail"][-38:]) == ("accepted", "statusnya diambil, menunggu perencana.")
    assert (await staff("joko", "GET", path)).status_code == 404, "who took it is not theirs to read"
    assert (await staff("stranger", "POST", f"{path}/accept")).status_code == 404


async def test_of_an_offer_to_one_person_the_others_learn_nothing(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti, _ = [await enter(name) for name in ("Budi", "Siti", "Joko")]
    await publish((budi, 21, "pagi"))
    path = await offered(desk, staff, "budi", await duty_of(desk, budi, 21), to_staff_id=siti)
    assert (await staff("joko", "POST", f"{path}/accept")).status_code == 404
    assert (await staff("siti", "POST", f"{path}/accept")).json()["state"] == "accepted"
    assert (await staff("joko", "POST", f"{path}/accept")).status_code == 404, "nor that it is taken"


async def test_leave_that_is_granted_meanwhile_bars_the_taker(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    await publish((budi, 21, "pagi"))
    path = await offered(desk, staff, "budi", await duty_of(desk, budi, 21), to_staff_id=siti)
    assert (await staff("siti", "POST", f"{path}/accept")).json()["state"] == "accepted"
    leave = {"staff_id": siti, "kind": "leave", "first_day": "2024-02-21", "last_day": "2024-02-21"}
    assert (await desk("POST", "/v1/absences", leave)).status_code == 201
    refused = await desk("POST", f"{path}/approve")
    assert [one["code"] for one in refused.json()["errors"]] == ["not_available"]


async def test_nobody_acts_for_others_and_what_is_over_stays_over(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti, joko = [await enter(name) for name in ("Budi", "Siti", "Joko")]
    await publish((budi, 21, "pagi"), (budi, 19, "pagi"))
    duty = await duty_of(desk, budi, 21)
    assert (await staff("siti", "POST", "/v1/swaps", {"duty_id": duty})).status_code == 403
    path = await offered(desk, staff, "budi", duty, to_staff_id=siti)
    assert (await staff("joko", "GET", path)).status_code == 404
    for step in ("accept", "decline", "cancel"):
        assert (await staff("joko", "POST", f"{path}/{step}")).status_code == 404, step
    assert (await staff("siti", "POST", f"{path}/cancel")).status_code == 403
    assert (await staff("budi", "POST", f"{path}/decline")).status_code == 403
    assert (await staff("siti", "POST", f"{path}/decline")).json()["state"] == "declined"
    over = await staff("budi", "POST", f"{path}/cancel")
    assert (over.status_code, over.json()["state"]) == (409, "declined")
    assert over.json()["detail"].endswith("statusnya ditolak."), "in words"
    begun = await staff("budi", "POST", "/v1/swaps", {"duty_id": await duty_of(desk, budi, 19)})
    assert (begun.status_code, begun.json()["state"]) == (409, "planned")
    assert "sudah mulai" in begun.json()["detail"]
    for_joko = (await desk("POST", "/v1/swaps", {"duty_id": duty})).json()
    taken = await desk("POST", f"/v1/swaps/{for_joko['id']}/accept", {"staff_id": joko})
    assert (taken.json()["state"], taken.json()["to_name"]) == ("accepted", "Joko"), "by telephone, through the planner"


async def test_what_cannot_be_swapped_is_refused(desk: Desk, staff: As, enter: Enter, publish: Draft) -> None:
    budi, siti, gone = await enter("Budi"), await enter("Siti"), await enter("Rina", active=False)
    await publish((budi, 21, "pagi"), (siti, 22, "pagi"))
    duty, hers = await duty_of(desk, budi, 21), await duty_of(desk, siti, 22)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"to_staff_id": gone}, "not_active_staff"),
        ({"to_staff_id": budi}, "swap_with_oneself"),
        ({"to_staff_id": None, "return_duty_id": duty}, "swap_with_oneself"),
    ]
    for told, code in cases:
        answer = await staff("budi", "POST", "/v1/swaps", {"duty_id": duty, **told})
        assert [one["code"] for one in answer.json()["errors"]] == [code]
    joko = await enter("Joko")
    other = await staff("budi", "POST", "/v1/swaps", {"duty_id": duty, "to_staff_id": joko, "return_duty_id": hers})
    assert [one["code"] for one in other.json()["errors"]] == ["duty_of_somebody_else"]
    own = await offered(desk, staff, "budi", duty)
    assert (await staff("budi", "POST", f"{own}/accept")).status_code == 422
    assert (await staff("nobody", "POST", f"{own}/accept")).json()["type"] == "/problems/forbidden"


async def test_swaps_are_listed_for_those_whom_they_concern_and_deleted_after_a_year(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti, joko = [await enter(name) for name in ("Budi", "Siti", "Joko")]
    await publish((budi, 21, "pagi"), (budi, 22, "pagi"))
    asked = await offered(desk, staff, "budi", await duty_of(desk, budi, 21), to_staff_id=siti)
    anybody = await offered(desk, staff, "budi", await duty_of(desk, budi, 22))

    async def listed(name: str) -> list[str]:
        return [f"/v1/swaps/{one['id']}" for one in (await staff(name, "GET", "/v1/swaps")).json()["items"]]

    assert [await listed(name) for name in ("budi", "siti", "joko")] == [[anybody, asked], [anybody, asked], [anybody]]
    of_siti = (await desk("GET", f"/v1/swaps?staff={siti}&state=offered")).json()["items"]
    assert [one["day"] for one in of_siti] == [str(date(2024, 2, 21))]
    assert (await desk("GET", "/v1/swaps", None, regencies=("99.02",))).json()["items"] == []
    assert joko
    kit.clock.advance(375 * 86_400)
    await kit.runtime.sweeps.sweep()
    assert (await desk("GET", "/v1/swaps")).json()["items"] == []

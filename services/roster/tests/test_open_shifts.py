"""Seats that a published plan leaves open: staff see those that they could take, and take them."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from services.roster.tests.roster_histories import (
    BEFORE,
    a_draft,
    around,
    on,
    person,
    planning,
    publish,
    published,
    who,
)
from services.roster.tests.test_program import rule

from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_roster.domain import Amendment, Circumstances, Roster, Skill, decide_amendments, plan
from sigap_roster.domain.open_shifts import offered_to, open_seats
from sigap_testing.kit import Kit

from .conftest import SHIFTS, As, Desk, Draft, Enter, on_duty

REST = rule("rest-between-shifts", hours=11)
RULES = [{"code": "rest-between-shifts", "strength": "hard", "source": "test", "params": {"hours": 11}}]


# --- the decision


def one_day(*codes: str) -> Any:
    """Shifts of which only these have a seat, on 1 and 2 March alone."""
    shifts = [one.model_copy(update={"seats": int(one.code in codes)}) for one in around().pattern.shifts]
    return around().pattern.model_copy(update={"shifts": tuple(shifts)})


def seats_for(name: str, roster: Roster, known: Circumstances) -> set[tuple[int, str]]:
    return {(one.day.day, one.shift) for one in offered_to(who(name), roster, known, BEFORE) if one.day.day <= 3}


def taking(roster: Roster, known: Circumstances, name: str, day: int, shift: str = "pagi") -> Any:
    change = Amendment(roster=roster, around=known, added=(on(name, day, shift),))
    (decision,) = decide_amendments([change], name, BEFORE)
    return decision.after


def test_open_seats_are_those_of_the_published_plan_that_are_to_come() -> None:
    roster, _ = published(on("budi", 1))
    drafted = plan(roster, (on("budi", 1), on("siti", 2)))
    known = around(pattern=one_day("pagi"))
    found = open_seats(drafted, known, BEFORE)
    assert (date(2027, 3, 1), "pagi") not in found
    assert found[date(2027, 3, 2), "pagi"] == 1, "nobody was told of the draft"
    assert len(found) == 30
    assert open_seats(a_draft(on("budi", 1)), known, BEFORE) == {}


def test_a_seat_is_offered_to_those_whom_no_hard_rule_bars() -> None:
    roster, _ = published(on("budi", 1, "malam"), on("siti", 3))
    known = around(
        person("budi"),
        person("siti", no_nights_until=Sealed("2027-12-31")),
        person("joko", active=False),
        pattern=one_day("pagi", "malam"),
        policies=(REST, rule("fair-shares")),
        leave={who("siti"): {date(2027, 3, 1)}},
    )
    assert seats_for("budi", roster, known) == {(2, "malam"), (3, "malam")}
    assert seats_for("siti", roster, known) == {(2, "pagi")}
    assert seats_for("joko", roster, known) == set()


def test_a_seat_that_only_a_leader_may_take_is_offered_to_leaders() -> None:
    roster, _ = published(on("budi", 31))
    leader = (Skill(code="leader"),)
    known = around(
        person("budi", skills=leader),
        person("siti"),
        pattern=one_day("pagi"),
        policies=(rule("skill-on-shift", skill="leader", at_least=1),),
    )
    assert seats_for("budi", roster, known) == {(1, "pagi"), (2, "pagi"), (3, "pagi")}
    assert seats_for("siti", roster, known) == set()


def test_a_shift_that_nobody_leads_bars_nobody_from_its_seats_whoever_of_it_is_away() -> None:
    """The shift of 1 March was published without a leader, for a reason, and Siti falls ill. That of the 2nd has Budi,
    who leads and falls ill too: in his place a leader is wanted, or the planner's reason.
    """
    people = (person("budi", skills=(Skill(code="leader"),)), person("siti"), person("joko"), person("rina"))
    roster = a_draft(on("siti", 1), on("budi", 2))
    (event,) = publish(roster, around(*people))
    roster = planning.after(roster, [event])
    leave = {who("siti"): {date(2027, 3, 1)}, who("budi"): {date(2027, 3, 2)}}
    policy = rule("skill-on-shift", skill="leader", at_least=1)
    known = around(*people, pattern=one_day("pagi"), policies=(policy,), leave=leave)
    assert (1, "pagi") in seats_for("joko", roster, known)
    assert (2, "pagi") not in seats_for("joko", roster, known)
    assert [one.staff_id for one in taking(roster, known, "joko", 1).published if one.day.day == 1] == [who("joko")]
    with pytest.raises(Invalid):
        taking(roster, known, "joko", 2)


def test_to_take_a_seat_publishes_the_plan_and_leaves_the_draft_of_the_planner_alone() -> None:
    roster, _ = published(on("budi", 1))
    drafted = plan(roster, (on("budi", 1), on("budi", 5)))
    after = taking(drafted, around(), "siti", 2)
    assert {(one.staff_id, one.day.day, one.subject) for one in after.published} == {
        (who("budi"), 1, "budi"),
        (who("siti"), 2, "siti"),
    }
    assert after.planned == (on("budi", 1), on("budi", 5), on("siti", 2))
    same = taking(plan(roster, (on("budi", 1), on("siti", 2))), around(), "siti", 2)
    assert same.planned == (on("budi", 1), on("siti", 2)), "the planner had drafted it"


def test_the_seat_of_a_person_who_is_away_is_open_and_is_left_to_the_one_who_takes_it() -> None:
    """Budi is on leave on the 1st, and Joko has left. Siti comes on the 3rd."""
    everybody = (person("budi"), person("siti"), person("joko"))
    roster = a_draft(on("budi", 1), on("joko", 2), on("siti", 3))
    (event,) = publish(roster, around(*everybody))
    roster = planning.after(roster, [event])
    known = around(
        person("budi"),
        person("siti"),
        person("joko", active=False),
        pattern=one_day("pagi"),
        leave={who("budi"): {date(2027, 3, 1)}},
    )
    assert seats_for("siti", roster, known) == {(1, "pagi"), (2, "pagi")}
    after = taking(taking(roster, known, "siti", 1), known, "siti", 2)
    assert [(one.staff_id, one.day.day) for one in after.published] == [(who("siti"), day) for day in (1, 2, 3)]
    assert set(after.planned) == {on("siti", day) for day in (1, 2, 3)}
    with pytest.raises(NotAllowed):
        taking(after, known, "budi", 3)


def test_who_is_away_stays_on_a_shift_that_has_a_seat_for_another() -> None:
    """A planner may take the leave back: nobody is taken off a shift for a seat that is open anyway."""
    roster, _ = published(on("budi", 1))
    two = one_day("pagi")
    two = two.model_copy(update={"shifts": tuple(one.model_copy(update={"seats": 2}) for one in two.shifts)})
    after = taking(roster, around(pattern=two, leave={who("budi"): {date(2027, 3, 1)}}), "siti", 1)
    assert {one.staff_id for one in after.published} == {who("budi"), who("siti")}


def test_nobody_takes_the_seat_that_they_leave_by_being_away() -> None:
    """Budi is ill on the 1st: the seat is for others, however much the published plan breaks the rule already."""
    roster, _ = published(on("budi", 1))
    known = around(person("budi"), person("siti"), pattern=one_day("pagi"), leave={who("budi"): {date(2027, 3, 1)}})
    assert (1, "pagi") in seats_for("siti", roster, known)
    assert (1, "pagi") not in seats_for("budi", roster, known)
    with pytest.raises(Invalid) as refused:
        taking(roster, known, "budi", 1)
    assert [fault.kind for fault in refused.value.errors if isinstance(fault, Fault)] == ["not_available"]


def test_who_has_a_seat_of_a_shift_is_not_offered_another_of_it() -> None:
    roster, _ = published(on("budi", 1))
    two = one_day("pagi")
    two = two.model_copy(update={"shifts": tuple(one.model_copy(update={"seats": 2}) for one in two.shifts)})
    assert (1, "pagi") not in seats_for("budi", roster, around(pattern=two))
    assert (1, "pagi") in seats_for("siti", roster, around(pattern=two))


def test_a_seat_that_is_not_open_or_not_for_the_person_is_refused() -> None:
    roster, _ = published(on("budi", 1, "malam"))
    known = around(policies=(REST,))
    for day, shift in ((1, "malam"), (1, "noon")):
        with pytest.raises(NotAllowed):
            taking(roster, known, "siti", day, shift)
    with pytest.raises(Invalid) as refused:
        taking(roster, known, "budi", 2)
    assert [fault.kind for fault in refused.value.errors if isinstance(fault, Fault)] == ["rest_too_short"]


# --- over HTTP


async def shown(staff: As, name: str) -> set[tuple[str, str]]:
    answer = await staff(name, "GET", "/v1/open-shifts?regency=99.01")
    assert answer.status_code == 200, answer.text
    return {(one["day"][-2:], one["shift"]) for one in answer.json()["items"]}


def seat(roster: dict[str, Any], day: int, shift: str, **told: Any) -> dict[str, Any]:
    return {"roster_id": roster["id"], "day": f"2024-02-{day:02}", "shift": shift, **told}


async def test_staff_take_an_open_seat_and_the_planner_approves(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", shifts=SHIFTS, policies=RULES), version=2)
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "malam"), (siti, 23, "pagi"))
    assert ("22", "pagi") in await shown(staff, "siti")
    assert ("22", "pagi") not in await shown(staff, "budi"), "it begins when the night ends"
    assert ("21", "malam") not in await shown(staff, "siti"), "it is filled"
    refused = await staff("budi", "POST", "/v1/pickups", seat(roster, 22, "pagi"))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "rest_too_short"), refused.text
    asked = await staff("siti", "POST", "/v1/pickups", seat(roster, 22, "pagi"))
    assert (asked.status_code, asked.json()["state"], asked.json()["name"]) == (201, "accepted", "Siti")
    again = await staff("siti", "POST", "/v1/pickups", seat(roster, 22, "pagi"))
    assert again.json()["id"] == asked.json()["id"]
    path = f"/v1/pickups/{asked.json()['id']}"
    assert (await staff("siti", "POST", f"{path}/approve")).status_code == 403
    assert (await staff("budi", "GET", path)).status_code == 404
    assert (await desk("POST", f"{path}/approve")).json()["state"] == "done"
    assert ("Siti", "22", "pagi") in await on_duty(desk)
    after = (await desk("GET", f"/v1/rosters/{roster['id']}")).json()
    assert (after["published_version"], after["changed"]) == (2, False)
    over = await desk("POST", f"{path}/decline")
    assert (over.status_code, over.json()["state"]) == (409, "done")


async def test_granted_leave_offers_the_seat_and_the_plan_then_has_the_one_who_took_it(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", shifts={**SHIFTS, "swap_approval": "automatic"}), version=2)
    budi, _ = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "malam"), (budi, 23, "malam"))
    assert ("21", "malam") not in await shown(staff, "siti")
    leave = {"staff_id": budi, "kind": "leave", "first_day": "2024-02-21", "last_day": "2024-02-21"}
    await desk("POST", "/v1/absences", leave)
    assert ("21", "malam") in await shown(staff, "siti")
    everybody = (await desk("GET", "/v1/open-shifts?regency=99.01")).json()["items"]
    assert ("2024-02-21", "malam") in {(one["day"], one["shift"]) for one in everybody}

    async def expected() -> dict[tuple[str, str], bool]:
        found = await desk("GET", "/v1/duties?regency=99.01&from=2024-02-19&to=2024-02-25", None, "operator")
        return {(one["name"], one["day"][-2:]): one["available"] for one in found.json()["items"]}

    assert await expected() == {("Budi", "21"): False, ("Budi", "23"): True}
    taken = await staff("siti", "POST", "/v1/pickups", seat(roster, 21, "malam"))
    assert (taken.status_code, taken.json()["state"]) == (201, "done"), taken.text
    assert await expected() == {("Siti", "21"): True, ("Budi", "23"): True}
    gone = {"name": "Budi", "number": "OP-Budi", "subject": "budi", "active": False}
    await desk("PUT", f"/v1/staff/{budi}", gone, version=1)
    assert await expected() == {("Siti", "21"): True, ("Budi", "23"): False}
    assert ("23", "malam") in await shown(staff, "siti")


async def test_who_is_ill_cannot_take_the_own_seat_from_those_who_would(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    """The rules alone approve: a request of the one who is ill would end all others and leave the seat open."""
    await kit.configure(pack("99.01", shifts={**SHIFTS, "swap_approval": "automatic"}), version=2)
    budi, _ = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "malam"))
    leave = {"staff_id": budi, "kind": "leave", "first_day": "2024-02-21", "last_day": "2024-02-21"}
    await desk("POST", "/v1/absences", leave)
    assert ("21", "malam") not in await shown(staff, "budi")
    own = await staff("budi", "POST", "/v1/pickups", seat(roster, 21, "malam"))
    assert (own.status_code, own.json()["errors"][0]["code"]) == (422, "not_available"), own.text
    taken = await staff("siti", "POST", "/v1/pickups", seat(roster, 21, "malam"))
    assert (taken.status_code, taken.json()["state"]) == (201, "done"), taken.text


async def test_who_has_started_is_there_whatever_leave_is_granted_for_the_day(
    desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi = await enter("Budi")
    await publish((budi, 19, "pagi"), (budi, 20, "pagi"))
    query = "/v1/duties?regency=99.01&from=2024-02-19&to=2024-02-25"
    first, second = (one["id"] for one in (await desk("GET", query)).json()["items"])
    leave = {"staff_id": budi, "kind": "leave", "first_day": "2024-02-19", "last_day": "2024-02-20"}
    assert (await desk("POST", f"/v1/duties/{first}/start", {})).json()["available"]
    assert (await desk("POST", "/v1/absences", leave)).is_success
    found = {one["id"]: one["available"] for one in (await desk("GET", query)).json()["items"]}
    assert found == {first: True, second: False}
    assert (await desk("POST", f"/v1/duties/{first}/end", {})).json()["available"]


async def test_of_two_who_take_one_seat_at_once_one_gets_it(
    kit: Kit, desk: Desk, staff: As, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", shifts={**SHIFTS, "swap_approval": "automatic"}), version=2)
    budi, _, _ = [await enter(name) for name in ("Budi", "Siti", "Joko")]
    roster = await publish((budi, 21, "siang"))
    body = seat(roster, 22, "malam")
    answers = await asyncio.gather(*(staff(name, "POST", "/v1/pickups", body) for name in ("siti", "joko")))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (lost,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert (lost["type"], lost["state"]) == ("/problems/not-allowed-in-state", "published")
    assert len([one for one in await on_duty(desk) if one[1:] == ("22", "malam")]) == 1


async def test_a_request_ends_if_the_plan_fills_its_seat(desk: Desk, staff: As, enter: Enter, publish: Draft) -> None:
    budi, _ = [await enter(name) for name in ("Budi", "Siti")]
    roster = await publish((budi, 21, "pagi"))
    lost = (await staff("siti", "POST", "/v1/pickups", seat(roster, 22, "malam"))).json()["id"]
    stays = (await staff("siti", "POST", "/v1/pickups", seat(roster, 23, "malam"))).json()["id"]
    plan = [{"staff_id": budi, "day": f"2024-02-{day}", "shift": shift} for day, shift in ((21, "pagi"), (22, "malam"))]
    changed = await desk("PUT", f"/v1/rosters/{roster['id']}/assignments", plan, version=roster["version"])
    assert (await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=changed.json()["version"])).is_success
    states = [(await staff("siti", "GET", f"/v1/pickups/{one}")).json()["state"] for one in (lost, stays)]
    assert states == ["overtaken", "accepted"]
    assert (await desk("POST", f"/v1/pickups/{lost}/approve")).status_code == 409


async def test_leave_that_is_granted_meanwhile_bars_the_person(
    desk: Desk, staff: As, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "pagi"))
    asked = (await staff("siti", "POST", "/v1/pickups", seat(roster, 22, "malam"))).json()["id"]
    leave = {"staff_id": siti, "kind": "leave", "first_day": "2024-02-22", "last_day": "2024-02-22"}
    assert (await desk("POST", "/v1/absences", leave)).status_code == 201
    refused = await desk("POST", f"/v1/pickups/{asked}/approve")
    assert [one["code"] for one in refused.json()["errors"]] == ["not_available"]
    assert (await desk("POST", f"/v1/pickups/{asked}/decline")).json()["state"] == "declined"


async def test_staff_take_seats_for_themselves_alone(desk: Desk, staff: As, enter: Enter, publish: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 21, "pagi"))
    others = await staff("budi", "POST", "/v1/pickups", seat(roster, 22, "malam", staff_id=siti))
    assert (others.status_code, others.json()["type"]) == (403, "/problems/forbidden")
    assert (await staff("nobody", "POST", "/v1/pickups", seat(roster, 22, "malam"))).status_code == 403
    assert (await staff("nobody", "GET", "/v1/open-shifts?regency=99.01")).status_code == 403
    assert (await staff("budi", "GET", f"/v1/open-shifts?regency=99.01&staff={siti}")).status_code == 403
    by_telephone = await desk("POST", "/v1/pickups", seat(roster, 22, "malam", staff_id=siti))
    assert (by_telephone.status_code, by_telephone.json()["name"]) == (201, "Siti")
    path = f"/v1/pickups/{by_telephone.json()['id']}"
    assert (await staff("budi", "POST", f"{path}/cancel")).status_code == 404
    assert [one["id"] for one in (await staff("budi", "GET", "/v1/pickups")).json()["items"]] == []
    assert (await staff("siti", "POST", f"{path}/cancel")).json()["state"] == "cancelled"
    seats = (await desk("GET", f"/v1/open-shifts?regency=99.01&staff={siti}")).json()["items"]
    assert ("2024-02-22", "malam") in {(one["day"], one["shift"]) for one in seats}


async def test_a_draft_offers_nothing_and_pickups_are_deleted_after_a_year(
    kit: Kit, desk: Desk, staff: As, enter: Enter, draft: Draft, publish: Draft
) -> None:
    budi = await enter("Budi")
    drafted = await draft((budi, 21, "pagi"))
    assert await shown(staff, "budi") == set()
    assert (await staff("budi", "POST", "/v1/pickups", seat(drafted, 22, "pagi"))).status_code == 404
    assert (await desk("POST", "/v1/pickups", seat(drafted, 22, "pagi", staff_id=budi))).status_code == 409
    roster = await publish((budi, 21, "pagi"))
    asked = await staff("budi", "POST", "/v1/pickups", seat(roster, 22, "pagi"))
    assert asked.status_code == 201
    kit.clock.advance(375 * 86_400)
    await kit.runtime.sweeps.sweep()
    assert (await desk("GET", "/v1/pickups")).json()["items"] == []

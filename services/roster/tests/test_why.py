"""Why a person is on a shift: what the assignment does for the plan, and which rule bars the others."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.roster.tests.roster_histories import BEFORE, a_draft, around, on, person, published, who
from services.roster.tests.test_program import rule

from sigap_common.personal_data import Sealed
from sigap_roster.domain import Planned, Roster, Skill, as_published
from sigap_roster.domain.teams import Team
from sigap_roster.domain.why import ReasonKind, Why, why
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter
from .test_solves import away

REST = rule("rest-between-shifts", hours=11)
LEADER = rule("skill-on-shift", skill="leader", at_least=1)
DAY = date(2027, 3, 2)
NIGHT = on("budi", 2, "malam")


def asked(roster: Roster, cell: Planned = NIGHT, teams: tuple[Team, ...] = (), **told: Any) -> Why:
    people = told.pop("people", (person("budi"), person("siti")))
    return why(roster, around(*people, **told), BEFORE, cell, teams)


def kinds(found: Why) -> list[tuple[str, str | None]]:
    """The reasons, each with the rule that would be broken, or with what is shared."""
    return [(one.kind, one.breach.rule if one.breach else one.params.get("what")) for one in found.reasons]


def barred(found: Why) -> dict[str, list[str]]:
    names = {who(name): name for name in ("budi", "siti", "joko", "rina")}
    return {names[one.stand_in.staff_id]: [breach.rule for breach in one.stand_in.barred_by] for one in found.others}


def test_the_seat_would_be_open_and_the_other_could_take_it() -> None:
    found = asked(a_draft(NIGHT))
    assert kinds(found)[0] == ("needed", "seats-filled")
    assert barred(found) == {"siti": []}
    assert not found.against


def test_nobody_else_can_be_there_and_the_rule_of_each_is_named() -> None:
    people = tuple(map(person, ("budi", "siti", "joko", "rina")))
    plan = a_draft(NIGHT, on("siti", 3), on("rina", 2, "siang"))
    found = asked(plan, people=people, leave={who("joko"): {DAY}}, policies=(REST,))
    assert barred(found) == {
        "joko": ["available"],
        "siti": ["rest-between-shifts"],
        "rina": ["rest-between-shifts"],
    }
    assert ("only", None) in kinds(found)


def test_a_person_beyond_the_seats_fills_none() -> None:
    found = asked(a_draft(NIGHT, on("siti", 2, "malam")))
    assert ("needed", "seats-filled") not in kinds(found)
    assert not found.others
    assert ("only", None) not in kinds(found)


def test_the_leader_whom_the_shift_would_lack_is_needed_beside_the_seat() -> None:
    people = (person("budi", skills=(Skill(code="leader"),)), person("siti"))
    found = asked(a_draft(NIGHT), people=people, policies=(LEADER,))
    assert barred(found) == {"siti": ["skill-on-shift"]}
    both = a_draft(NIGHT, on("siti", 2, "malam"))
    assert ("needed", "skill-on-shift") in kinds(asked(both, people=people, policies=(LEADER,)))


def test_a_shift_that_the_person_wished_to_have_is_a_reason_and_an_unmet_wish_speaks_against_it() -> None:
    wished = {who("budi"): {(DAY, "malam"): 3}}
    assert ("needed", "wishes") in kinds(asked(a_draft(NIGHT), shift_wishes=wished))
    found = asked(a_draft(NIGHT), wished={who("budi"): {DAY: 1}})
    assert [one.kind for one in found.against] == ["wish_not_met"]


def test_what_the_assignment_breaks_speaks_against_it() -> None:
    found = asked(a_draft(NIGHT, on("budi", 3)), policies=(REST,))
    assert [(one.rule, one.strength) for one in found.against] == [("rest-between-shifts", "hard")]


def test_to_others_than_planners_the_share_of_nights_tells_of_no_restriction() -> None:
    known = around(person("budi"), person("siti"), person("joko", no_nights_until=Sealed("2027-12-31")))
    plan = a_draft(NIGHT, *(on("siti", day, "malam") for day in (4, 6)))
    told = {planner: why(plan, known, BEFORE, NIGHT, (), planner=planner) for planner in (True, False)}
    shares = {
        planner: [one.params["share"] for one in found.reasons if one.params.get("what") == "nights"]
        for planner, found in told.items()
    }
    assert shares == {True: [1.5], False: [1.0]}


def test_the_cycle_of_the_team_is_a_reason_on_its_days_alone() -> None:
    team = Team("Regu A", ["pagi", "malam"], date(2027, 3, 1), [who("budi")])
    (reason,) = [one for one in asked(a_draft(NIGHT), teams=(team,)).reasons if one.kind is ReasonKind.TEAM]
    assert reason.params == {"team": "Regu A"}
    of_others = replace(team, members=[who("siti")])
    tomorrow = replace(team, starts_on=DAY)
    for other in (of_others, tomorrow):
        assert ("team", None) not in kinds(asked(a_draft(NIGHT), teams=(other,)))


def test_what_is_published_is_kept_and_what_has_begun_stays() -> None:
    roster, _ = published(NIGHT)
    (reason, *_) = asked(roster).reasons
    assert (reason.kind, reason.params) == (ReasonKind.PUBLISHED, {"version": 1})
    later = why(as_published(roster), around(), BEFORE + timedelta(days=20), NIGHT, ())
    assert later.reasons[0].kind is ReasonKind.BEGUN


def test_fewer_nights_than_the_others_is_a_reason_and_more_than_the_share_is_none() -> None:
    few = a_draft(NIGHT, *(on("siti", day, "malam") for day in (4, 6, 8)))
    (nights,) = [one for one in asked(few).reasons if one.params.get("what") == "nights"]
    assert (nights.params["count"], nights.params["share"]) == (1, 2.0)
    many = a_draft(NIGHT, *(on("budi", day, "malam") for day in (4, 6, 8)))
    assert not [one for one in asked(many).reasons if one.kind is ReasonKind.SHARE]


def test_the_share_of_hours_goes_by_the_contract() -> None:
    """Of 17 hours, Budi with a half week has a share of 5.7, and of 8.5 with a whole one."""
    drafted = a_draft(on("budi", 2), on("siti", 3, "malam"))
    for hours, is_within in ((None, True), (20, False)):
        people = (person("budi", weekly_hours=hours), person("siti"))
        found = asked(drafted, on("budi", 2), people=people)
        assert ("share" in [one.kind for one in found.reasons if one.params.get("what") == "hours"]) is is_within


def test_a_restriction_is_kept_apart_from_the_rule_that_bars() -> None:
    people = (person("budi"), person("siti", no_nights_until=Sealed("2027-03-31")), person("joko"))
    found = asked(a_draft(NIGHT), people=people, leave={who("joko"): {DAY}})
    told = {one.stand_in.staff_id: one for one in found.others}
    siti, joko = told[who("siti")], told[who("joko")]
    for one in (siti, joko):
        assert [(breach.rule, breach.kind) for breach in one.stand_in.barred_by] == [("available", "not_available")]
    assert siti.restriction is not None
    assert joko.restriction is not None
    assert (siti.restriction.kind, siti.restriction.params["until"]) == ("no_nights", "2027-03-31")
    assert joko.restriction.kind == "on_leave"
    day = asked(a_draft(on("budi", 2)), on("budi", 2), people=people)
    assert [one.restriction for one in day.others] == [None, None]


# --- over HTTP


async def test_only_the_planner_reads_why_somebody_is_not_available(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti", no_nights_until="2024-12-31")
    joko = await enter("Joko")
    roster = await draft((budi, 20, "malam"), (joko, 21, "malam"))
    await away(desk, joko, "2024-02-20")
    path = f"/v1/rosters/{roster['id']}/staff/{budi}/why?day=2024-02-20&shift=malam"
    planner, supervisor = await desk("GET", path), await desk("GET", path, None, "supervisor")
    told = {one["staff_id"]: one for one in planner.json()["others"]}
    assert "2024-12-31" in told[siti]["restriction"]["id"]
    assert "leave" in told[joko]["restriction"]["en"]
    for one in supervisor.json()["others"]:
        assert one["restriction"] is None
        assert [(breach["rule"], breach["index"]) for breach in one["barred_by"]] == [("available", None)]
    for word in ("2024-12-31", "cuti", "leave", "23:00"):
        assert word not in supervisor.text


async def test_staff_ask_about_their_own_published_shifts_alone(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 20, "malam"), (siti, 20, "siang"), (siti, 20, "malam"))
    path = f"/v1/rosters/{roster['id']}/staff/{budi}/why?day=2024-02-20&shift=malam"
    mine = await desk("GET", path, None, "staff", subject="budi")
    assert mine.status_code == 200
    assert "published" in [one["kind"] for one in mine.json()["reasons"]]
    others = await desk("GET", path, None, "staff", subject="siti")
    assert others.status_code == 403
    assert "your own only" in others.json()["detail"] or "sif sendiri" in others.json()["detail"]


async def test_staff_learn_nothing_of_what_is_locked_after_the_publication(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    """The planner keeps Budi free and Siti too, in the draft that comes next."""
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 20, "malam"))
    path = f"/v1/rosters/{roster['id']}/staff/{budi}/why?day=2024-02-20&shift=malam"
    before = (await desk("GET", path, None, "staff", subject="budi")).json()
    for staff_id in (budi, siti):
        lock = {"staff_id": staff_id, "day": "2024-02-20", "shift": None}
        assert (await desk("POST", f"/v1/rosters/{roster['id']}/locks", lock)).status_code == 201
    assert (await desk("GET", path, None, "staff", subject="budi")).json() == before
    told = (await desk("GET", path, None, "supervisor")).json()
    assert [one["rule"] for one in told["against"]] == ["locked"]
    assert [one["rule"] for other in told["others"] for one in other["barred_by"]] == ["locked"]


async def test_staff_read_not_available_whatever_bars_a_colleague(
    kit: Kit, pack: Any, desk: Desk, enter: Enter, publish: Draft
) -> None:
    policies = [{"code": "rest-between-shifts", "strength": "hard", "source": "uji", "params": {"hours": 11}}]
    await kit.configure(pack("99.01", policies=policies), version=2)
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 20, "malam"), (siti, 20, "siang"))
    path = f"/v1/rosters/{roster['id']}/staff/{budi}/why?day=2024-02-20&shift=malam"
    (other,) = (await desk("GET", path, None, "staff", subject="budi")).json()["others"]
    assert [one["rule"] for one in other["barred_by"]] == ["available"]
    (other,) = (await desk("GET", path)).json()["others"]
    assert [one["rule"] for one in other["barred_by"]] == ["rest-between-shifts"]


async def test_of_a_draft_that_was_changed_both_plans_are_explained(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 20, "malam"))
    plan = [{"staff_id": siti, "day": "2024-02-20", "shift": "malam"}]
    await desk("PUT", f"/v1/rosters/{roster['id']}/assignments", plan, version=roster["version"])
    query = "day=2024-02-20&shift=malam"
    path = f"/v1/rosters/{roster['id']}/staff"
    drafted = (await desk("GET", f"{path}/{siti}/why?{query}")).json()
    assert "published" not in [one["kind"] for one in drafted["reasons"]]
    gone = await desk("GET", f"{path}/{budi}/why?{query}")
    assert [(one["parameter"], one["code"]) for one in gone.json()["errors"]] == [("shift", "not_on_shift")]
    told = (await desk("GET", f"{path}/{budi}/why?{query}&published=true")).json()
    assert "published" in [one["kind"] for one in told["reasons"]]


async def test_what_is_asked_wrongly_is_named_all_at_once(kit: Kit, desk: Desk, enter: Enter, draft: Draft) -> None:
    budi = await enter("Budi")
    roster = await draft((budi, 20, "malam"))
    path = f"/v1/rosters/{roster['id']}/staff"
    wrong = await desk("GET", f"{path}/{budi}/why?day=2024-03-20&shift=sore")
    assert [one["code"] for one in wrong.json()["errors"]] == ["not_in_plan", "shift_unknown"]
    unknown = await desk("GET", f"{path}/{roster['id']}/why?day=2024-02-20&shift=malam")
    assert unknown.status_code == 404

"""Recommendations: in which order, with which reasons, and what is missing."""

from typing import Any

from services.dispatch.tests.dispatch_histories import REGENCY, Desk, History, a_pack
from services.dispatch.tests.test_plans import POSTS

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.zones import Zone
from sigap_common.regency import Pack
from sigap_dispatch.domain.commands import Withdraw
from sigap_dispatch.domain.load import Load
from sigap_dispatch.domain.recommendation import ReasonCode, RoleRecommendation, recommend
from sigap_dispatch.schemas.recommendation import RoleOut
from sigap_testing.packs import in_force

PLAN = {"incident_type": "medical", "agencies": ["south", "north"], "at_once": 1, "role": "ambulance"}


def neighbour(code: str, lat: float, **told: Any) -> Pack:
    agency = {"code": "psc", "name": "PSC", "kind": "ambulance", "lat": lat, "lon": 102.26}
    bare = {"code": code, "name": f"Kota {code}", "time_zone": "Asia/Jakarta", "agencies": [agency]}
    return Pack.model_validate(bare | told)


def opened(*plans: dict[str, Any], **told: Any) -> History:
    history = History(a_pack(agencies=POSTS, response_plans=list(plans or [PLAN])))
    history.opens("medical", **told)
    return history


def only_role(history: History, *packs: Pack) -> RoleRecommendation:
    [found] = recommend(history.incident, history.pack, [history.pack, *packs])
    return found


def codes(found: RoleRecommendation) -> list[str]:
    return [one.agency.removeprefix(f"{REGENCY}/") for one in found.candidates]


def reasons(found: RoleRecommendation, code: str) -> dict[ReasonCode, int | None]:
    [mine] = [one for one in found.candidates if one.agency == f"{REGENCY}/{code}"]
    return {reason.code: reason.value for reason in mine.reasons}


def test_who_is_not_told_comes_first_the_plans_own_before_the_nearest_of_the_others() -> None:
    found = only_role(opened())
    assert codes(found) == ["north", "centre", "unplaced", "south"]
    assert reasons(found, "south").keys() == {ReasonCode.ON_IT, ReasonCode.IN_PLAN, ReasonCode.DISTANCE}
    assert reasons(found, "north")[ReasonCode.IN_PLAN] == 2
    assert ReasonCode.CAPABLE in reasons(found, "centre")
    assert not found.missing


def test_distances_are_straight_lines_and_unknown_ones_are_said_to_be() -> None:
    found = only_role(opened())
    assert 1_000 < (reasons(found, "centre")[ReasonCode.DISTANCE] or 0) < 1_250
    assert ReasonCode.DISTANCE_UNKNOWN in reasons(found, "unplaced")
    unplaced = only_role(opened(place=None))
    assert ReasonCode.DISTANCE_UNKNOWN in reasons(unplaced, "centre")


def test_a_place_of_another_regency_is_outside_of_the_area() -> None:
    found = only_role(opened(zone=Zone(owner="99.02")))
    assert ReasonCode.OUTSIDE_AREA in reasons(found, "centre")
    assert ReasonCode.OUTSIDE_AREA not in reasons(only_role(opened()), "centre")


def test_a_role_that_nobody_can_fill_is_missing_and_names_the_nearest_neighbour() -> None:
    history = opened({"incident_type": "medical", "agencies": ["police"]})
    near, far, retired = neighbour("99.03", -3.99), neighbour("99.04", -4.5), neighbour("99.05", -3.8, retired=True)
    police = {"code": "polres", "name": "Polres", "kind": "police", "lat": -3.99, "lon": 102.26}
    with_police = neighbour("99.06", 0, agencies=[police])
    assert not only_role(history, near).missing
    history.responds("police", Response.DECLINED)
    found = only_role(history, near, far, retired, with_police)
    assert found.missing
    assert found.neighbour
    assert found.neighbour.agency == "99.06/polres"
    assert ReasonCode.DECLINED_BEFORE in reasons(found, "police")
    words = RoleOut.of(found, REGENCY, in_force(history.pack)).missing
    assert words
    assert (" peran polisi. " in words.in_words["id"], " role police. " in words.in_words["en"]) == (True, True)
    assert only_role(history, near).neighbour is None


def test_whom_a_person_withdrew_comes_last() -> None:
    history = opened()
    history.when(Withdraw(history.forwarding("south").id, "cukup"))
    found = only_role(history)
    assert codes(found)[-1] == "south"
    assert ReasonCode.WITHDRAWN_BEFORE in reasons(found, "south")


async def test_it_is_read_by_those_who_send_help_and_by_no_other(desk: Desk) -> None:
    await desk.classified(1, kind="medical")
    path = f"/v1/incidents/{(await desk.incident())['id']}/recommendation"
    answer = await desk.ask("GET", path)
    assert answer.status_code == 200, answer.text
    [role] = answer.json()["roles"]
    assert (role["role"], role["missing"]) == ("ambulance", None)
    [candidate] = role["candidates"]
    assert candidate["available"]
    assert {language for reason in candidate["reasons"] for language in reason["in_words"]} == {"id", "en"}
    assert (await desk.ask("GET", path, None, "admin")).status_code == 403


def test_how_busy_an_agency_is_stands_beside_its_distance() -> None:
    history = opened()
    loads = {f"{REGENCY}/north": Load(2, 41), f"{REGENCY}/centre": Load(3), f"{REGENCY}/south": Load(0, 0)}
    [found] = recommend(history.incident, history.pack, [history.pack], loads)
    assert reasons(found, "north")[ReasonCode.ACKNOWLEDGED_IN] == 41
    assert ReasonCode.OVERLOADED not in reasons(found, "north")
    assert reasons(found, "centre")[ReasonCode.OVERLOADED] == 3
    assert ReasonCode.ACKNOWLEDGED_IN not in reasons(found, "centre")
    assert reasons(found, "south")[ReasonCode.ACKNOWLEDGED_IN] == 0


def test_the_nearest_of_those_left_is_marked() -> None:
    found = only_role(opened())
    nearest = [one.agency for one in found.candidates if ReasonCode.NEAREST in {r.code for r in one.reasons}]
    assert nearest == [f"{REGENCY}/centre"]


async def test_the_load_is_kept_as_agencies_answer(desk: Desk) -> None:
    """Two incidents wait for the fire brigade until it acknowledges one of them, 12 s after it was told."""
    for n in (1, 2):
        await desk.classified(n)
    fire = f"{REGENCY}/fire"

    async def load() -> Load:
        async with desk.kit.runtime.view() as view:
            found: dict[str, Load] = await view.loads.of_regency(REGENCY, desk.now)
            return found[fire]

    assert await load() == Load(2, None)
    part = await desk.part(incident=(await desk.incidents())[0])
    await part.hear(part.responded(Response.ACKNOWLEDGED, 12))
    assert await load() == Load(1, 12)
    other = await desk.part(incident=(await desk.incidents())[1])
    await other.hear(other.responded(Response.DECLINED, 20))
    assert await load() == Load(0, 12)
    desk.kit.clock.advance(25 * 3600)
    async with desk.kit.runtime.view() as view:
        assert fire not in await view.loads.of_regency(REGENCY, desk.now)


async def test_a_drill_loads_nobody(desk: Desk) -> None:
    await desk.classified(1, drill=True, with_agencies=True)
    async with desk.kit.runtime.view() as view:
        assert await view.loads.of_regency(REGENCY, desk.now) == {}

"""How long the phases of the help took, per agency and per unit, as figures of a period."""

from random import Random
from typing import Any

import pytest
from services.analytics.tests.conftest import Ask, History, Row, Tell
from sqlalchemy import text

from sigap_analytics.main import service
from sigap_common.app.migrations import upgrade
from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.incidents import Progress
from sigap_testing.kit import Kit

EN_ROUTE, ON_SCENE, DONE = Progress.EN_ROUTE, Progress.ON_SCENE, Progress.DONE
PHASES = ("processing", "turnout", "travel", "on_scene", "total")
ONE, TWO = "DAMKAR 1", "DAMKAR 2"


def a_fire(history: History, **told: Any) -> None:
    """Answered 09:59:50, forwarded 10:00:00; two units, of which the second leaves for another incident."""
    fire = history.incident("09:59:55", answered="09:59:50", **told)
    part = history.forward(fire, "10:00:00")
    history.step(fire, part, "10:01:10", EN_ROUTE, ONE)
    history.step(fire, part, "10:02:00", EN_ROUTE, TWO)
    history.step(fire, part, "10:06:40", ON_SCENE, of_units=(ONE, TWO))
    history.release(fire, part, "10:10:00", TWO)
    history.step(fire, part, "10:30:00", DONE, of_units=(ONE,))


async def medians(ask: Ask, whose: str, **asked: Any) -> dict[str, Any]:
    rows = {phase: await ask(f"{whose}_{phase}_time", **asked) for phase in PHASES}
    return {phase: [(row["group"], row["value"], row["n"]) for row in found] for phase, found in rows.items()}


@pytest.mark.parametrize("shuffled", [None, Random(3)], ids=["in order", "shuffled and twice"])
async def test_each_phase_per_agency_and_per_unit(
    history: History, tell: Tell, ask: Ask, shuffled: Random | None
) -> None:
    a_fire(history)
    await tell(history, shuffled=shuffled)
    agency, one, two = (f"99.01/damkar{end}" for end in ("", f"/{ONE}", f"/{TWO}"))
    assert await medians(ask, "agency", group="agency") == {
        "processing": [(agency, 10, 1)],
        "turnout": [(agency, 70, 1)],
        "travel": [(agency, 330, 1)],
        "on_scene": [(agency, 1400, 1)],
        "total": [(agency, 1810, 1)],
    }
    assert await medians(ask, "unit", group="unit") == {
        "processing": [(one, 10, 1), (two, 10, 1)],
        "turnout": [(one, 70, 1), (two, 120, 1)],
        "travel": [(one, 330, 1), (two, 280, 1)],
        "on_scene": [(one, 1400, 1), (two, 200, 1)],
        "total": [(one, 1810, 1), (two, 610, 1)],
    }
    [whole] = await ask("unit_turnout_time")
    assert whole["percentiles"] == {"p50": 70, "p90": 120, "p95": 120}


async def one(ask: Ask, code: str) -> Row:
    [row] = await ask(code)
    return row


async def test_a_time_that_was_given_afterwards_counts_as_it_was_given(history: History, tell: Tell, ask: Ask) -> None:
    fire = history.incident("10:00:00", answered="09:59:50")
    part = history.forward(fire, "10:00:00")
    history.step(fire, part, "10:10:00", ON_SCENE, ONE)
    history.step(fire, part, "10:02:00", EN_ROUTE, ONE, recorded_at=history.moment("11:00:00"))
    history.step(fire, part, "10:05:00", ON_SCENE, ONE, recorded_at=history.moment("11:00:00"))
    await tell(history)
    for whose in ("agency", "unit"):
        assert (await one(ask, f"{whose}_turnout_time"))["value"] == 120
        assert (await one(ask, f"{whose}_travel_time"))["value"] == 180, "the earlier of both times"


async def test_a_time_that_an_agency_gives_afterwards_proves_no_delivery(
    history: History, tell: Tell, ask: Ask
) -> None:
    fire = history.incident("10:00:00", answered="09:59:50")
    part = history.forward(fire, "10:00:00")
    said = {"agency": "99.01/damkar", "revision": 1, "channel": "api", "incident_id": fire}
    stamp = {"at": history.moment("10:00:05"), "recorded_at": history.moment("10:20:00"), "clock": "agency"}
    history.say(AgencyResponded(**stamp, **said, response=Response.ACKNOWLEDGED), part)
    await tell(history)
    kept = await one(ask, "promise_30s")
    assert (kept["numerator"], kept["denominator"]) == (0, 1)
    assert kept["percentiles"]["p50"] == 1210


async def test_a_skipped_step_leaves_its_phase_unmeasured(history: History, tell: Tell, ask: Ask) -> None:
    fire = history.incident("10:00:00", answered="09:59:50")
    part = history.forward(fire, "10:00:00")
    history.step(fire, part, "10:10:00", ON_SCENE, ONE)
    await tell(history)
    for whose in ("agency", "unit"):
        turnout, travel = await one(ask, f"{whose}_turnout_time"), await one(ask, f"{whose}_travel_time")
        assert (turnout["denominator"], turnout["value"]) == (0, None), "nobody reported that it leaves"
        assert (travel["denominator"], travel["numerator"], travel["unmeasured"]) == (1, 0, 1)


async def test_an_incident_without_a_call_counts_from_its_opening(history: History, tell: Tell, ask: Ask) -> None:
    history.forward(history.incident("10:00:00"), "10:00:30")
    await tell(history)
    assert (await one(ask, "agency_processing_time"))["value"] == 30


async def test_drills_and_backfilled_entries_are_left_out(history: History, tell: Tell, ask: Ask) -> None:
    a_fire(history, drill=True)
    paper = history.incident("10:00:00", answered="09:59:50", backfilled=True)
    part = history.forward(paper, "10:00:00", backfilled=True)
    history.step(paper, part, "10:02:00", EN_ROUTE, ONE)
    await tell(history)
    for whose in ("agency", "unit"):
        assert (await one(ask, f"{whose}_turnout_time"))["n"] == 0
        [drill] = await ask(f"{whose}_turnout_time", drill="true")
        assert drill["n"] == (1 if whose == "agency" else 2)


async def test_protected_incidents_are_one_group_of_agencies_kinds_and_units(
    history: History, tell: Tell, ask: Ask
) -> None:
    a_fire(history, protected=True)
    await tell(history)
    asked = [("agency", "agency"), ("agency", "kind"), ("unit", "agency"), ("unit", "unit")]
    for whose, group in asked:
        assert [row["group"] for row in await ask(f"{whose}_turnout_time", group=group)] == ["protected"]


async def test_an_agencys_times_are_grouped_by_kind_of_incident_too(history: History, tell: Tell, ask: Ask) -> None:
    a_fire(history)
    await tell(history)
    assert [(row["group"], row["value"]) for row in await ask("agency_total_time", group="kind")] == [("fire", 1810)]


async def test_a_part_of_a_merged_incident_begins_with_the_earliest_call(
    history: History, tell: Tell, ask: Ask
) -> None:
    first = history.incident("10:00:00", answered="09:59:50")
    second = history.incident("10:05:00", answered="10:04:00")
    history.forward(second, "10:05:00")
    history.merge(second, first, "10:06:00", "09:59:50")
    await tell(history)
    assert (await one(ask, "agency_processing_time"))["value"] == 310
    history.unmerge(second, first, "10:07:00", "10:04:00")
    await tell(history)
    assert (await one(ask, "agency_processing_time"))["value"] == 60


async def test_a_part_begins_with_the_earliest_call_through_two_mergers(history: History, tell: Tell, ask: Ask) -> None:
    earliest, between, last = (history.incident(at, answered=at) for at in ("10:00:00", "10:02:00", "10:04:00"))
    history.forward(last, "10:05:00")
    history.merge(last, between, "10:06:00", "10:02:00")
    history.merge(between, earliest, "10:07:00", "10:00:00")
    await tell(history)
    assert (await one(ask, "agency_processing_time"))["value"] == 300
    history.unmerge(between, earliest, "10:08:00", "10:00:00")
    await tell(history)
    assert (await one(ask, "agency_processing_time"))["value"] == 180


@pytest.mark.parametrize("shuffled", [None, Random(5)], ids=["in order", "shuffled and twice"])
async def test_a_unit_that_goes_on_after_a_merger_counts_once(
    history: History, tell: Tell, ask: Ask, shuffled: Random | None
) -> None:
    first, second = history.incident("10:00:00"), history.incident("10:01:00")
    here, there = history.forward(first, "10:00:00"), history.forward(second, "10:01:00")
    history.step(first, here, "10:02:00", EN_ROUTE, ONE)
    history.release(first, here, "10:03:00", ONE, how="merged")
    history.take_over(second, there, "10:03:00", ONE, first, en_route_at=history.moment("10:02:00"))
    history.step(second, there, "10:07:00", ON_SCENE, of_units=(ONE,))
    await tell(history, shuffled=shuffled)
    travel = await one(ask, "unit_travel_time")
    assert (travel["n"], travel["value"]) == (1, 300)

    history.release(second, there, "10:08:00", ONE, how="unmerged")
    history.take_over(first, here, "10:08:00", ONE, second, en_route_at=history.moment("10:02:00"))
    history.step(first, here, "10:20:00", ON_SCENE, of_units=(ONE,))
    await tell(history, shuffled=shuffled)
    travel = await one(ask, "unit_travel_time")
    assert (travel["n"], travel["value"]) == (1, 1080), "what it did for the other one is no step of this one"


BEFORE = (
    "DROP TABLE units_sent",
    *(f"ALTER TABLE forwardings DROP COLUMN {name}" for name in ("en_route_at", "on_scene_at", "done_at")),
    "ALTER TABLE incidents DROP COLUMN opened_at",
    "UPDATE alembic_version SET version_num = '0016'",
)


async def test_the_migration_takes_the_times_from_what_the_facts_were_told(
    kit: Kit, history: History, tell: Tell, ask: Ask
) -> None:
    a_fire(history)
    history.forward(history.incident("10:00:00"), "10:00:30", "polres")
    await tell(history)
    written = await medians(ask, "agency", group="agency")
    async with kit.runtime.database.write() as connection:
        for statement in BEFORE:
            await connection.execute(text(statement))
    await upgrade(service, kit.runtime.database.url)
    assert await medians(ask, "agency", group="agency") == written

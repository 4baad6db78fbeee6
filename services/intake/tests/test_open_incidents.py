"""Intake's own copy of open incidents, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from sigap_common.contracts.duplicates import IncidentMerged, IncidentUnmerged
from sigap_common.contracts.incidents import Change, IncidentClosed, IncidentReportAdded, IncidentUpdated
from sigap_common.contracts.places import Place
from sigap_common.contracts.protection import ProtectionLifted
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.contracts.reports import ReportSeparated
from sigap_common.personal_data import Sealed
from sigap_intake.domain.closed_incident import ClosedIncident
from sigap_intake.domain.open_incident import NearIncident, OpenIncident
from sigap_intake.models.incidents import incident_calls, open_incident_calls
from sigap_intake.repository import IntakeTransaction
from sigap_testing.kit import Kit

from .conftest import HERE, a_pack, incident_created

NORTH = {200: 0.0018, 900: 0.0081, 3000: 0.027, 9900: 0.089}
"""Degrees of latitude for so many metres."""


async def opened(kit: Kit, regency: str = "99.01", drill: bool = False, **told: Any) -> UUID:
    incident = uuid4()
    await kit.hear(incident_created(kit, **told), subject=str(incident), regency=regency, drill=drill)
    return incident


async def changed(kit: Kit, incident: UUID, **told: Any) -> None:
    event = IncidentUpdated(at=kit.clock(), recorded_at=kit.clock(), **told)
    await kit.hear(event, subject=str(incident), regency="99.01", sequence=2)


async def of_number(kit: Kit, caller_hash: str | None = "h1", drill: bool = False) -> list[OpenIncident]:
    async with kit.runtime.transaction() as tx:
        assert isinstance(tx, IntakeTransaction)
        return await tx.open_incidents.of_number("99.01", caller_hash, drill)


async def near(kit: Kit, metres: float = 1000, place: Place = HERE, drill: bool = False) -> list[NearIncident]:
    async with kit.runtime.transaction() as tx:
        assert isinstance(tx, IntakeTransaction)
        return await tx.open_incidents.near("99.01", place, metres, drill)


async def test_an_open_incident_is_known_by_its_number_and_its_place(kit: Kit) -> None:
    incident = await opened(kit)
    (known,) = await of_number(kit)
    assert (known.id, known.number, known.incident_type, known.priority) == (incident, "BKL-20240219-0042", "fire", 2)
    assert (known.lat, known.lon, known.opened_at) == (0.0, 100.5, kit.clock())
    assert await near(kit) == [NearIncident(known, 0.0)]


async def test_the_coordinates_lie_sealed(kit: Kit) -> None:
    await opened(kit, place=Place.of(0.123456, 100.654321))
    assert "0.123456" not in await kit.kept()


async def test_the_nearest_comes_first_and_what_is_beyond_is_not_near(kit: Kit) -> None:
    far, close, beyond = [await opened(kit, place=Place.of(NORTH[m], 100.5)) for m in (900, 200, 3000)]
    found = await near(kit, 1000)
    assert [one.incident.id for one in found] == [close, far]
    assert found[1].metres == pytest.approx(900, rel=0.01)
    assert [one.incident.id for one in await near(kit, 3100)] == [close, far, beyond]


async def test_what_is_nearly_ten_kilometres_away_is_found_in_every_direction(kit: Kit) -> None:
    degrees = NORTH[9900]
    around = [(degrees, 0), (-degrees, 0), (0, degrees), (0, -degrees), (degrees * 0.7, degrees * 0.7)]
    for north, east in around:
        await opened(kit, place=Place.of(north, 100.5 + east))
    assert len(await near(kit, 10_000)) == len(around)
    assert len(await near(kit, 50_000)) == len(around)


async def test_a_place_without_coordinates_is_near_nothing(kit: Kit) -> None:
    await opened(kit)
    await opened(kit, place=Place.of(address="Jalan Sudirman"))
    await opened(kit, place=None)
    assert await near(kit, place=Place.of(address="Jalan Sudirman")) == []
    assert len(await near(kit)) == 1


async def test_a_further_report_makes_it_known_by_that_number_too(kit: Kit) -> None:
    incident = await opened(kit)
    report = {
        "call_id": uuid4(),
        "report": 2,
        "received_at": kit.clock(),
        "at": kit.clock(),
        "recorded_at": kit.clock(),
    }
    await kit.hear(IncidentReportAdded(caller_hash="h2", **report), subject=str(incident), regency="99.01", sequence=2)
    assert [one.id for one in await of_number(kit, "h2")] == [incident]
    again = report | {"call_id": uuid4(), "report": 3}
    await kit.hear(IncidentReportAdded(caller_hash="h2", **again), subject=str(incident), regency="99.01", sequence=3)
    assert [one.id for one in await of_number(kit, "h2")] == [incident]


async def test_a_number_that_nobody_knows_has_no_incident(kit: Kit) -> None:
    await opened(kit, caller_hash=None)
    assert await of_number(kit, None) == []


async def test_it_follows_a_corrected_type_and_place_and_goes_with_its_closing(kit: Kit) -> None:
    incident = await opened(kit)
    await changed(kit, incident, incident_type="accident", priority=1, place=Place.of(NORTH[3000], 100.5))
    (known,) = await of_number(kit)
    assert (known.incident_type, known.priority) == ("accident", 1)
    assert await near(kit) == []
    assert [one.incident.id for one in await near(kit, 3100)] == [incident]
    closed = IncidentClosed(at=kit.clock(), recorded_at=kit.clock(), disposition="resolved")
    await kit.hear(closed, subject=str(incident), regency="99.01", sequence=3)
    assert (await of_number(kit), await near(kit, 10_000)) == ([], [])
    await changed(kit, incident, priority=3)
    assert await of_number(kit) == []


async def test_all_of_it_in_one_batch_leaves_nothing(kit: Kit) -> None:
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    told = (
        incident_created(kit),
        IncidentUpdated(priority=1, **stamp),
        IncidentClosed(disposition="resolved", **stamp),
    )
    await kit.hear(*told, subject=str(uuid4()), regency="99.01", at_once=True)
    assert (await of_number(kit), await near(kit)) == ([], [])


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_reopened_incident_is_found_again(kit: Kit, at_once: bool) -> None:
    created, stamp = incident_created(kit), {"at": kit.clock(), "recorded_at": kit.clock()}
    names = ("number", "incident_type", "priority", "place", "started_at", "call_id", "caller_hash")
    known = {name: getattr(created, name) for name in names}
    reopened = IncidentReopened(**stamp, **known, in_time=True, closed_at=kit.clock(), disposition="resolved")
    told = (created, IncidentClosed(disposition="resolved", **stamp), reopened)
    await kit.hear(*told, subject=str(uuid4()), regency="99.01", at_once=at_once)
    assert [one.number for one in await of_number(kit)] == [created.number]
    assert [one.incident.number for one in await near(kit)] == [created.number]


async def closed_lately(kit: Kit, caller_hash: str = "h1") -> list[ClosedIncident]:
    async with kit.runtime.transaction() as tx:
        assert isinstance(tx, IntakeTransaction)
        return await tx.lately_closed.of_number("99.01", caller_hash, kit.clock(), drill=False)


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_lately_closed_incident_is_known_by_all_its_numbers_until_it_is_open_again(
    kit: Kit, at_once: bool
) -> None:
    created, report, stamp = incident_created(kit), a_report(kit, "h2"), {"at": kit.clock(), "recorded_at": kit.clock()}
    names = ("number", "incident_type", "priority", "place", "started_at", "call_id", "caller_hash")
    known = {name: getattr(created, name) for name in names}
    closed = IncidentClosed(disposition="resolved", reopen_until=kit.clock() + timedelta(hours=1), **stamp)
    reopened = IncidentReopened(**stamp, **known, in_time=True, closed_at=kit.clock(), disposition="resolved")
    subject = str(uuid4())
    await kit.hear(created, report, closed, subject=subject, regency="99.01", at_once=at_once)
    assert [len(await closed_lately(kit, one)) for one in ("h1", "h2", "h3")] == [1, 1, 0]
    await kit.hear(reopened, subject=subject, regency="99.01", sequence=4)
    assert [len(await closed_lately(kit, one)) for one in ("h1", "h2")] == [0, 0]
    assert [len(await of_number(kit, one)) for one in ("h1", "h2")] == [1, 1]
    await kit.hear(reopened, closed, subject=subject, regency="99.01", sequence=5, at_once=at_once)
    assert [len(await closed_lately(kit, one)) for one in ("h1", "h2")] == [1, 1]
    assert await of_number(kit) == []


async def test_what_is_corrected_after_the_closing_holds_there_too(kit: Kit) -> None:
    incident = await opened(kit)
    closed = IncidentClosed(
        at=kit.clock(), recorded_at=kit.clock(), disposition="resolved", reopen_until=kit.clock() + timedelta(hours=1)
    )
    await kit.hear(closed, subject=str(incident), regency="99.01", sequence=2)
    await changed(kit, incident, incident_type="newer")
    assert [(one.incident_type, one.protected) for one in await closed_lately(kit)] == [("newer", True)]
    lifted = ProtectionLifted(at=kit.clock(), recorded_at=kit.clock(), reason=Sealed("salah"))
    await kit.hear(lifted, subject=str(incident), regency="99.01", sequence=4)
    assert [one.protected for one in await closed_lately(kit)] == [False]


async def test_its_numbers_are_forgotten_with_the_packs_time(kit: Kit) -> None:
    incident = await opened(kit)
    closed = IncidentClosed(
        at=kit.clock(), recorded_at=kit.clock(), disposition="resolved", reopen_until=kit.clock() + timedelta(hours=1)
    )
    await kit.hear(closed, subject=str(incident), regency="99.01", sequence=2)
    kit.clock.advance(3599)
    await kit.runtime.sweeps.sweep()
    assert len(await closed_lately(kit)) == 1
    kit.clock.advance(600)
    await kit.runtime.sweeps.sweep()
    assert "'h1'" not in await kit.kept()


async def test_a_type_makes_it_protected_and_another_type_does_not_lift_that(kit: Kit) -> None:
    kinds = {"kdrt": True, "fire": False}
    types = [
        {"code": code, "label": {"id": code, "en": code}, "priority": 2, "protected": protected}
        for code, protected in kinds.items()
    ]
    await kit.configure(a_pack("99.01", 100, incident_types=types), version=2)
    incident = await opened(kit)
    await changed(kit, incident, priority=1)
    assert [one.protected for one in await of_number(kit)] == [False]
    await changed(kit, incident, incident_type="kdrt")
    await changed(kit, incident, incident_type="fire")
    assert [one.protected for one in await of_number(kit)] == [True]


async def test_a_type_that_this_pack_does_not_know_yet_counts_as_protected(kit: Kit) -> None:
    incident = await opened(kit)
    await changed(kit, incident, incident_type="newer")
    assert [one.protected for one in await of_number(kit)] == [True]


async def test_drills_other_regencies_and_late_entries_are_apart(kit: Kit) -> None:
    drill = await opened(kit, drill=True)
    await opened(kit, regency="99.02")
    await opened(kit, backfilled=True)
    assert (await of_number(kit), await near(kit)) == ([], [])
    assert [one.id for one in await of_number(kit, drill=True)] == [drill]
    assert [one.incident.id for one in await near(kit, drill=True)] == [drill]


async def is_protected(kit: Kit, caller_hash: str | None, regency: str = "99.01") -> bool:
    async with kit.runtime.transaction() as tx:
        assert isinstance(tx, IntakeTransaction)
        return await tx.protected_callers.includes(regency, caller_hash)


def a_report(kit: Kit, caller_hash: str) -> IncidentReportAdded:
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    return IncidentReportAdded(call_id=uuid4(), report=2, received_at=kit.clock(), caller_hash=caller_hash, **stamp)


async def test_who_reports_a_protected_incident_is_protected_in_that_regency(kit: Kit) -> None:
    incident = await opened(kit, protected=True)
    await kit.hear(a_report(kit, "h2"), subject=str(incident), regency="99.01", sequence=2)
    await opened(kit, caller_hash="h3")
    assert [await is_protected(kit, one) for one in ("h1", "h2", "h3", None)] == [True, True, False, False]
    assert not await is_protected(kit, "h1", "99.02")


async def test_all_its_callers_are_protected_once_its_type_is(kit: Kit) -> None:
    incident = await opened(kit)
    await kit.hear(a_report(kit, "h2"), subject=str(incident), regency="99.01", sequence=2)
    assert not await is_protected(kit, "h2")
    await changed(kit, incident, incident_type="newer")
    assert [await is_protected(kit, one) for one in ("h1", "h2")] == [True, True]


async def test_protection_outlives_the_incident_also_in_one_batch(kit: Kit) -> None:
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    told = (incident_created(kit, protected=True), a_report(kit, "h2"), IncidentClosed(disposition="resolved", **stamp))
    await kit.hear(*told, subject=str(uuid4()), regency="99.01", at_once=True)
    assert [await is_protected(kit, one) for one in ("h1", "h2")] == [True, True]
    assert await of_number(kit) == []


async def test_a_late_entry_protects_its_caller_and_a_drill_does_not(kit: Kit) -> None:
    await opened(kit, protected=True, backfilled=True)
    await opened(kit, protected=True, drill=True, caller_hash="h2")
    assert [await is_protected(kit, one) for one in ("h1", "h2")] == [True, False]


async def test_protection_ends_with_the_period_of_calls_not_before_the_incident_is_closed(kit: Kit) -> None:
    await kit.configure(a_pack("99.01", 100, retention={"calls_days": 10}), version=2)
    closed, still_open = [await opened(kit, protected=True, caller_hash=one) for one in ("h1", "h2")]
    event = IncidentClosed(at=kit.clock(), recorded_at=kit.clock(), disposition="resolved")
    await kit.hear(event, subject=str(closed), regency="99.01", sequence=2)
    kit.clock.advance(timedelta(days=9).total_seconds())
    await kit.runtime.sweeps.sweep()
    assert [await is_protected(kit, one) for one in ("h1", "h2")] == [True, True]
    kit.clock.advance(timedelta(days=2).total_seconds())
    await kit.runtime.sweeps.sweep()
    assert [await is_protected(kit, one) for one in ("h1", "h2")] == [False, True]
    assert [one.id for one in await of_number(kit, "h2")] == [still_open]


async def test_what_nobody_closed_is_forgotten_with_its_numbers(kit: Kit) -> None:
    await opened(kit)
    kit.clock.advance(timedelta(days=29).total_seconds())
    newer = await opened(kit)
    kit.clock.advance(timedelta(days=2).total_seconds())
    await kit.runtime.sweeps.sweep()
    assert [one.id for one in await of_number(kit)] == [newer]
    assert (await kit.kept()).count("'h1'") == 1


async def test_the_caller_of_a_merged_incident_has_the_other_one_open(kit: Kit) -> None:
    merged, into = await opened(kit), await opened(kit, caller_hash="h2")
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    event = IncidentMerged(into=into, into_number="BKL-20240219-0041", first_report=2, **stamp)
    await kit.hear(event, subject=str(merged), regency="99.01", sequence=2)
    assert [one.id for one in await of_number(kit, "h1")] == [into]
    assert [one.incident.id for one in await near(kit)] == [into]
    again = IncidentUnmerged(
        other=into,
        other_number="BKL-20240219-0041",
        number="BKL-20240219-0042",
        incident_type="fire",
        priority=2,
        place=HERE,
        protected=False,
        started_at=kit.clock(),
        call_id=await call_of(kit, into),
        caller_hash="h1",
        **stamp,
    )
    await kit.hear(again, subject=str(merged), regency="99.01", sequence=3)
    assert [one.id for one in await of_number(kit, "h1")] == [merged]
    assert [one.id for one in await of_number(kit, "h2")] == [into]
    assert len(await near(kit)) == 2


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_merger_that_ends_in_the_same_batch_leaves_the_caller_with_its_own_incident(
    kit: Kit, at_once: bool
) -> None:
    merged, into = await opened(kit), await opened(kit, caller_hash="h2")
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    about = {"number": "BKL-20240219-0042", "incident_type": "fire", "priority": 2, "place": HERE}
    merger = IncidentMerged(into=into, into_number="BKL-20240219-0041", first_report=2, **stamp)
    unmerged = IncidentUnmerged(
        **about,
        **stamp,
        other=into,
        other_number="BKL-20240219-0041",
        protected=False,
        started_at=kit.clock(),
        call_id=await call_of(kit, merged),
        caller_hash="h1",
    )
    await kit.hear(merger, unmerged, subject=str(merged), regency="99.01", sequence=2, at_once=at_once)
    assert [one.id for one in await of_number(kit, "h1")] == [merged]


async def test_an_unmerged_incident_that_is_protected_protects_its_caller(kit: Kit) -> None:
    merged, into = await opened(kit), await opened(kit, caller_hash="h2")
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    about = {"number": "BKL-20240219-0042", "incident_type": "fire", "priority": 2, "place": HERE}
    call = await call_of(kit, merged)
    merger = IncidentMerged(into=into, into_number="BKL-20240219-0041", first_report=2, **stamp)
    unmerged = IncidentUnmerged(
        **about,
        **stamp,
        other=into,
        other_number="BKL-20240219-0041",
        protected=True,
        started_at=kit.clock(),
        call_id=call,
        caller_hash="h1",
    )
    await kit.hear(merger, unmerged, subject=str(merged), regency="99.01", sequence=2)
    assert [await is_protected(kit, one) for one in ("h1", "h2")] == [True, False]


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_is_protected_again_after_lifting_is_protected(kit: Kit, at_once: bool) -> None:
    incident, stamp = await opened(kit, protected=True), {"at": kit.clock(), "recorded_at": kit.clock()}
    lifted = ProtectionLifted(by="sari", reason=Sealed("keliru"), **stamp)
    again = IncidentUpdated(changes=(Change(field="protected", before="false", after="true"),), **stamp)
    await kit.hear(lifted, again, subject=str(incident), regency="99.01", sequence=2, at_once=at_once)
    assert await is_protected(kit, "h1")
    assert [one.protected for one in await of_number(kit)] == [True]
    await kit.hear(again, lifted, subject=str(incident), regency="99.01", sequence=4, at_once=at_once)
    assert not await is_protected(kit, "h1")
    assert [one.protected for one in await of_number(kit)] == [False]


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_report_that_gets_an_incident_of_its_own_is_known_by_that_one(kit: Kit, at_once: bool) -> None:
    first = await opened(kit)
    report = a_report(kit, "h2")
    own = uuid4()
    stamp = {"at": kit.clock(), "recorded_at": kit.clock()}
    separated = ReportSeparated(
        **stamp, call_id=report.call_id, report=2, was_unread=True, other=own, other_number="BKL-20240219-0002"
    )
    await kit.hear(report, separated, subject=str(first), regency="99.01", sequence=2, at_once=at_once)
    assert await of_number(kit, "h2") == []
    assert [one.id for one in await of_number(kit, "h1")] == [first]
    async with kit.runtime.database.read() as connection:
        calls = (await connection.execute(select(incident_calls).where(incident_calls.c.incident_id == first))).all()
    assert report.call_id not in [row.call_id for row in calls]


async def call_of(kit: Kit, incident: UUID) -> UUID:
    """The call of the caller h1 that belongs to the incident."""
    async with kit.runtime.database.read() as connection:
        c = open_incident_calls.c
        of = select(c.call_id).where(c.incident_id == incident, c.caller_hash == "h1")
        found: UUID = (await connection.execute(of)).scalar_one()
        return found

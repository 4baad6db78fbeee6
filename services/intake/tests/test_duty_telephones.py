"""Alarms that find nobody signed on go to the duty telephones."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from sigap_common.contracts.alarms import AlarmGroupChanged, AlarmRangFurther
from sigap_intake.main import service
from sigap_testing.kit import Kit, started

from .conftest import Desk, a_pack

TELEPHONES = ["+6273621112", "+628117112"]
GROUP = UUID("018dc000-0000-7000-8000-0000000000d1")


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        await kit.configure(a_pack("99.01", 100, duty_telephones=TELEPHONES), a_pack("99.02", 101))
        yield kit


async def alarm(
    kit: Kit,
    *,
    group: UUID = GROUP,
    since: datetime | None = None,
    regency: str = "99.01",
    sequence: int = 1,
    drill: bool = False,
    **told: Any,
) -> None:
    facts = {"count": 1, "severity": "critical", "kind": "no_agency", "about": f"incidents/{GROUP}", "label": "BKL-1"}
    now = kit.clock()
    event = AlarmGroupChanged(at=now, recorded_at=now, since=since or now, **{**facts, **told})
    await kit.hear(event, subject=str(group), regency=regency, sequence=sequence, drill=drill)


async def rung(kit: Kit) -> list[AlarmRangFurther]:
    return [heard.event for heard in await kit.said(AlarmRangFurther)]


async def test_an_alarm_that_finds_nobody_rings_the_duty_telephones(kit: Kit) -> None:
    await alarm(kit)
    (event,) = await rung(kit)
    assert event.telephones == tuple(TELEPHONES)
    assert (event.kind, event.severity, event.about, event.label) == (
        "no_agency",
        "critical",
        f"incidents/{GROUP}",
        "BKL-1",
    )


async def test_it_rings_again_if_something_worse_joins_the_group(kit: Kit) -> None:
    since = kit.clock()
    await alarm(kit, since=since, severity="serious", kind="acknowledgement_missed", about="incidents/1")
    await alarm(kit, since=since, sequence=2, count=2, kind="role_unmet", about="incidents/2")
    await alarm(kit, since=since, sequence=3, count=3, kind="role_unmet", about="incidents/2")
    assert [event.about for event in await rung(kit)] == ["incidents/1", "incidents/2"]


async def test_it_rings_once_each_time_that_the_alarm_begins_to_stand(kit: Kit) -> None:
    first = kit.clock()
    await alarm(kit, since=first)
    await alarm(kit, since=first, sequence=2, count=2)
    await alarm(kit, since=first, sequence=3, count=0)
    assert len(await rung(kit)) == 1
    kit.clock.advance(600)
    await alarm(kit, sequence=4)
    assert [event.since for event in await rung(kit)] == [first, first + timedelta(minutes=10)]


async def test_it_rings_nobody_if_somebody_is_signed_on(kit: Kit, desk: Desk) -> None:
    signed_on = await desk("POST", "/v1/presence", {"regency": "99.01", "state": "break"}, "dispatcher")
    assert signed_on.status_code == 200
    await alarm(kit)
    assert await rung(kit) == []
    assert (await desk("POST", "/v1/presence/sign-off", {"regency": "99.01"}, "dispatcher")).status_code == 200
    await alarm(kit, group=uuid4())
    assert len(await rung(kit)) == 1


@pytest.mark.parametrize("told", [{"drill": True}, {"kind": "waiting_long"}, {"regency": "99.02"}, {"count": 0}])
async def test_drills_waiting_calls_and_ended_groups_ring_no_telephone(kit: Kit, told: dict[str, Any]) -> None:
    await alarm(kit, **told)
    assert await rung(kit) == []


async def test_after_a_month_it_is_forgotten_that_it_rang(kit: Kit) -> None:
    since = kit.clock()
    await alarm(kit, since=since)
    kit.clock.advance(31 * 86_400)
    await kit.runtime.sweeps.sweep()
    await alarm(kit, since=since, sequence=2)
    assert len(await rung(kit)) == 2

"""Alarms that stand while nobody is signed on go to the duty telephones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from sigap_common.app.background import timers
from sigap_common.bus import BusUnavailable
from sigap_common.contracts.alarms import AlarmGroupChanged, AlarmRangFurther
from sigap_intake.domain.standing_alarm import Lookout, StandingAlarm, changed
from sigap_intake.main import service
from sigap_intake.models.alarms import rung_alarms, standing_alarms
from sigap_intake.models.presences import presences
from sigap_intake.repository.standing_alarms import AT_ONCE
from sigap_intake.use_cases.duty_telephones import look, ring_unheard
from sigap_intake.use_cases.presence import miss_beats
from sigap_testing.kit import Kit, another_process, started
from sigap_testing.statements import asked, plan_of

from .conftest import Desk, a_pack

TELEPHONES = ["+6273621112", "+628117112"]
GROUP = UUID("018dc000-0000-7000-8000-0000000000d1")
NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
ROOM = {"regency": "99.01"}


# --- the domain


def told(at: float = 0, *, count: int = 1, since: float = 0, about: str = "incidents/1") -> AlarmGroupChanged:
    """What dispatch said so many seconds after noon."""
    moment = NOON + timedelta(seconds=at)
    facts = {"severity": "critical", "kind": "no_agency", "about": about}
    return AlarmGroupChanged(at=moment, recorded_at=moment, count=count, since=NOON + timedelta(seconds=since), **facts)


def heard(
    known: StandingAlarm | None, event: AlarmGroupChanged, sequence: int, at: float | None = None
) -> StandingAlarm | None:
    """After the event, heard so many seconds after noon; None: when it was said."""
    now = event.at if at is None else NOON + timedelta(seconds=at)
    return changed(known, event, group_id=GROUP, regency="99.01", sequence=sequence, now=now)


def test_an_alarm_stands_until_its_group_is_over() -> None:
    stands = heard(None, told(), 1)
    assert stands is not None
    assert (stands.stands, stands.rings_from) == (True, NOON)
    over = heard(stands, told(5, count=0), 2)
    assert over is not None
    assert not over.stands


def test_what_is_heard_again_or_out_of_order_changes_nothing() -> None:
    """The end may be heard first."""
    over = heard(None, told(5, count=0), 2)
    assert over is not None
    assert heard(over, told(), 1) is None
    assert heard(over, told(5, count=0), 2) is None


def test_what_is_heard_late_waits_for_what_followed_it() -> None:
    late = heard(None, told(), 1, at=3600)
    assert late is not None
    assert late.rings_from == NOON + timedelta(seconds=3660)
    hardly = heard(None, told(), 1, at=60)
    assert hardly is not None
    assert hardly.rings_from == NOON + timedelta(seconds=60)


def test_so_does_an_alarm_that_dispatch_heard_late() -> None:
    """Dispatch was away while another service raised it, and perhaps cleared it."""
    late = heard(None, told(3600, since=0), 1)
    assert late is not None
    assert late.rings_from == NOON + timedelta(seconds=3660)


def test_an_alarm_that_changes_more_often_than_each_minute_rings_though_each_change_is_heard_late() -> None:
    known, late = None, 90
    for sequence in range(1, 6):
        said = 30 * sequence
        known = heard(known, told(said, count=sequence), sequence, at=said + late)
        assert known is not None
        assert known.rings_from == NOON + timedelta(seconds=30 + late + 60)
    other = heard(known, told(600, count=6, about="incidents/2"), 6, at=700)
    assert other is not None
    assert other.rings_from == NOON + timedelta(seconds=760), "it is another alarm, which may be over"
    over = heard(other, told(610, count=0, about="incidents/2"), 7, at=710)
    again = heard(over, told(620, about="incidents/2"), 8, at=720)
    assert again is not None
    assert again.rings_from == NOON + timedelta(seconds=780)


def test_something_worse_that_joins_an_alarm_of_long_ago_does_not_wait() -> None:
    known = heard(None, told(), 1)
    worse = heard(known, told(3600, since=0, about="incidents/2"), 2)
    assert known is not None
    assert worse is not None
    assert worse.rings_from == NOON + timedelta(seconds=3600)
    assert worse.ringing != known.ringing


def test_the_same_alarm_has_one_ringing_as_long_as_the_group_stands() -> None:
    first, again, anew = heard(None, told(), 1), heard(None, told(9), 2), heard(None, told(9, since=9), 3)
    assert first is not None
    assert again is not None
    assert anew is not None
    assert first.ringing == again.ringing != anew.ringing


def test_nothing_rings_in_the_first_minute_nor_in_the_first_one_after_an_outage() -> None:
    lookout = Lookout()
    assert [lookout.is_settled(second) for second in (100, 130, 159, 160, 161)] == [False, False, False, True, True]
    # A look that is half a minute late is none; one that is later than that comes after an outage.
    assert [lookout.is_settled(second) for second in (191, 222, 252, 281, 282)] == [True, False, False, False, True]


# --- the service


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        await kit.configure(a_pack("99.01", 100, duty_telephones=TELEPHONES), a_pack("99.02", 101))
        yield kit


Look = Callable[[], Awaitable[None]]


async def long_up(kit: Kit) -> Look:
    """The watch of an intake that has been up for a while: takes one look."""
    lookout = Lookout()
    await look(kit.runtime, lookout)
    for _ in range(2):
        kit.clock.advance(30)
        await look(kit.runtime, lookout)
    return partial(look, kit.runtime, lookout)


@pytest.fixture
async def watch(kit: Kit) -> Look:
    return await long_up(kit)


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
    event = AlarmGroupChanged(**{"at": now, "recorded_at": now, "since": since or now, **facts, **told})
    await kit.hear(event, subject=str(group), regency=regency, sequence=sequence, drill=drill)


async def rung(kit: Kit) -> list[AlarmRangFurther]:
    return [heard.event for heard in await kit.said(AlarmRangFurther)]


async def sign_on(desk: Desk, state: str = "available") -> None:
    assert (await desk("POST", "/v1/presence", ROOM | {"state": state}, "dispatcher")).status_code == 200


async def sign_off(desk: Desk) -> None:
    assert (await desk("POST", "/v1/presence/sign-off", ROOM, "dispatcher")).status_code == 200


async def rung_after(kit: Kit, watch: Look, *seconds: float) -> list[int]:
    """How often the telephones have rung after each of these pauses, one after the other."""
    rang = []
    for pause in seconds:
        kit.clock.advance(pause)
        await watch()
        rang.append(len(await rung(kit)))
    return rang


async def count_of(kit: Kit, table: Any) -> int:
    async with kit.runtime.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def test_an_alarm_that_finds_nobody_rings_the_duty_telephones(kit: Kit, watch: Look) -> None:
    await alarm(kit)
    await watch()
    (event,) = await rung(kit)
    assert event.telephones == tuple(TELEPHONES)
    assert (event.kind, event.severity, event.about, event.label) == (
        "no_agency",
        "critical",
        f"incidents/{GROUP}",
        "BKL-1",
    )


async def test_it_rings_if_the_last_person_signs_off_while_it_stands(kit: Kit, desk: Desk, watch: Look) -> None:
    await sign_on(desk, "break")
    await alarm(kit)
    await watch()
    assert await rung(kit) == []
    await sign_off(desk)
    assert await rung_after(kit, watch, 30, 29, 1, 1) == [0, 0, 1, 1]


async def test_it_does_not_ring_at_a_change_of_shifts(kit: Kit, desk: Desk, watch: Look) -> None:
    """The next one signs on a little after the one before has signed off."""
    await sign_on(desk)
    for number in range(3):
        await alarm(kit, group=uuid4(), about=f"incidents/{number}")
    await sign_off(desk)
    assert await rung_after(kit, watch, 0, 20) == [0, 0]
    await sign_on(desk)
    for _ in range(6):
        await alarm(kit, group=uuid4())
        assert (await desk("POST", "/v1/presence/heartbeat", ROOM, "dispatcher")).status_code == 200
        assert await rung_after(kit, watch, 20) == [0]
    await sign_off(desk)
    assert await rung_after(kit, watch, 30, 29, 1) == [0, 0, 9]


async def test_a_new_alarm_rings_at_once_if_the_room_was_empty_for_longer(kit: Kit, desk: Desk, watch: Look) -> None:
    await sign_on(desk)
    await sign_off(desk)
    assert await rung_after(kit, watch, 25, 25, 25) == [0, 0, 0]
    await alarm(kit)
    assert await rung_after(kit, watch, 0) == [1]


async def test_a_sign_off_by_a_clock_ahead_hinders_no_ringing(kit: Kit, desk: Desk, watch: Look) -> None:
    kit.clock.advance(3600)
    await sign_on(desk)
    await sign_off(desk)
    kit.clock.advance(-3600)
    await alarm(kit)
    assert await rung_after(kit, watch, 0) == [1]


async def test_it_rings_if_the_last_screen_falls_silent(kit: Kit, desk: Desk, watch: Look) -> None:
    await sign_on(desk)
    await alarm(kit)
    rang = []
    for seconds in (20, 25, 14, 1, 20):
        kit.clock.advance(seconds)
        await timers(kit.runtime, presences, miss_beats).meet_due()
        rang += await rung_after(kit, watch, 0)
    assert rang == [0, 0, 0, 1, 1], "a minute after its last heartbeat"
    assert (await desk("POST", "/v1/presence/heartbeat", ROOM, "dispatcher")).status_code == 200
    await alarm(kit, group=uuid4())
    await watch()
    assert len(await rung(kit)) == 1, "the screen is there again"


async def test_somebody_in_another_regency_hears_nothing_of_it(kit: Kit, desk: Desk, watch: Look) -> None:
    body = {"regency": "99.02", "state": "available"}
    assert (await desk("POST", "/v1/presence", body, "dispatcher", regencies=("99.02",))).status_code == 200
    await alarm(kit)
    await watch()
    assert len(await rung(kit)) == 1


async def test_after_a_start_nothing_rings_until_screens_had_a_minute_to_come_back(kit: Kit, desk: Desk) -> None:
    await alarm(kit)
    watch = partial(look, kit.runtime, Lookout())
    for _ in range(2):
        await watch()
        kit.clock.advance(29.5)
    assert await rung(kit) == []
    await sign_on(desk)
    for _ in range(4):
        kit.clock.advance(20)
        await desk("POST", "/v1/presence/heartbeat", ROOM, "dispatcher")
        await watch()
    assert await rung(kit) == []
    await sign_off(desk)
    assert await rung_after(kit, watch, 30, 30) == [0, 1]


async def test_nothing_rings_while_the_bus_is_away_nor_in_the_first_minute_after(kit: Kit, watch: Look) -> None:
    """Nobody can say that an alarm is over."""
    since = kit.clock()
    over, stands = uuid4(), uuid4()
    await kit.runtime.bus.stop()
    for group in (over, stands):
        await alarm(kit, group=group, since=since, about=f"incidents/{group}")
    noticed = []
    for _ in range(6):
        kit.clock.advance(20)
        try:
            await watch()
            noticed.append(False)
        except BusUnavailable:
            noticed.append(True)
    assert noticed == [True, False, False, False, True, False]
    await kit.runtime.bus.start()
    await alarm(kit, group=over, since=since, sequence=2, count=0, about=f"incidents/{over}")
    assert await rung_after(kit, watch, 30, 29, 1) == [0, 0, 1]
    assert [event.about for event in await rung(kit)] == [f"incidents/{stands}"]


async def test_an_alarm_that_was_over_before_intake_came_back_never_rings(kit: Kit) -> None:
    """The backlog is read slowly: between the two events the watch looks."""
    since = kit.clock()
    kit.clock.advance(7200)
    watch = await long_up(kit)
    await alarm(kit, since=since, at=since)
    kit.clock.advance(25)
    await watch()
    await alarm(kit, since=since, at=since, sequence=2, count=0)
    for _ in range(6):
        kit.clock.advance(25)
        await watch()
    assert await rung(kit) == []


async def test_an_alarm_of_long_ago_that_still_stands_rings_after_the_backlog(kit: Kit) -> None:
    since = kit.clock()
    kit.clock.advance(7200)
    watch = await long_up(kit)
    await alarm(kit, since=since, at=since)
    for _ in range(3):
        assert await rung(kit) == []
        kit.clock.advance(25)
        await watch()
    assert len(await rung(kit)) == 1


async def test_an_end_that_is_heard_before_the_beginning_holds(kit: Kit, watch: Look) -> None:
    since = kit.clock()
    await alarm(kit, since=since, sequence=2, count=0)
    await alarm(kit, since=since, sequence=1)
    await watch()
    assert await rung(kit) == []


async def test_it_rings_again_if_something_worse_joins_the_group(kit: Kit, watch: Look) -> None:
    since = kit.clock()
    await alarm(kit, since=since, severity="serious", kind="acknowledgement_missed", about="incidents/1")
    await watch()
    await alarm(kit, since=since, sequence=2, count=2, kind="role_unmet", about="incidents/2")
    await watch()
    await alarm(kit, since=since, sequence=3, count=3, kind="role_unmet", about="incidents/2")
    await watch()
    await alarm(
        kit, since=since, sequence=4, count=2, severity="serious", kind="acknowledgement_missed", about="incidents/1"
    )
    await watch()
    assert [event.about for event in await rung(kit)] == ["incidents/1", "incidents/2"]


async def test_it_rings_once_each_time_that_the_alarm_begins_to_stand(kit: Kit, watch: Look) -> None:
    first = kit.clock()
    await alarm(kit, since=first)
    await watch()
    await alarm(kit, since=first, sequence=2, count=2)
    await watch()
    await alarm(kit, since=first, sequence=3, count=0)
    await watch()
    assert len(await rung(kit)) == 1
    for _ in range(24):
        kit.clock.advance(25)
        await watch()
    second = kit.clock()
    await alarm(kit, sequence=4)
    await watch()
    assert [event.since for event in await rung(kit)] == [first, second]


async def test_two_replicas_ring_once(kit: Kit) -> None:
    """For a moment both may hold the lease."""
    async with another_process(kit, service) as other:
        await other.configure(a_pack("99.01", 100, duty_telephones=TELEPHONES))
        for _ in range(AT_ONCE):
            await alarm(kit, group=uuid4())
        await asyncio.gather(*(ring_unheard(one.runtime) for one in (kit, other) for _ in range(2)))
    assert len(await rung(kit)) == AT_ONCE


async def test_many_alarms_ring_a_few_at_a_time_and_each_of_them(kit: Kit, watch: Look) -> None:
    for _ in range(AT_ONCE + 3):
        await alarm(kit, group=uuid4())
    await watch()
    assert len(await rung(kit)) == AT_ONCE
    await watch()
    assert len({event.about for event in await rung(kit)}) == 1
    assert len(await rung(kit)) == AT_ONCE + 3


async def test_the_most_severe_alarms_ring_first_and_then_the_oldest(kit: Kit, desk: Desk, watch: Look) -> None:
    await sign_on(desk)
    said = [("minor", 1), *[("serious", number) for number in range(AT_ONCE)], ("critical", 1), ("critical", 2)]
    for severity, number in said:
        await alarm(kit, group=uuid4(), severity=severity, about=f"incidents/{number}")
        kit.clock.advance(1)
    await sign_off(desk)
    assert await rung_after(kit, watch, 15, 25, 20, 1) == [0, 0, AT_ONCE, AT_ONCE + 3]
    rang = [(event.severity, event.about) for event in await rung(kit)]
    assert rang[:3] == [("critical", "incidents/1"), ("critical", "incidents/2"), ("serious", "incidents/0")]
    assert rang[-1] == ("minor", "incidents/1")


async def test_a_regency_that_got_duty_telephones_later_rings_them(kit: Kit, watch: Look) -> None:
    await alarm(kit, regency="99.02")
    await watch()
    assert await rung(kit) == []
    await kit.configure(a_pack("99.02", 101, duty_telephones=["0736111"]), version=2)
    await watch()
    assert [event.telephones for event in await rung(kit)] == [("0736111",)]


@pytest.mark.parametrize("told", [{"drill": True}, {"kind": "waiting_long"}, {"regency": "99.02"}, {"count": 0}])
async def test_drills_waiting_calls_and_ended_groups_ring_no_telephone(
    kit: Kit, watch: Look, told: dict[str, Any]
) -> None:
    await alarm(kit, **told)
    await watch()
    assert await rung(kit) == []


async def swept_after(kit: Kit, days: int) -> tuple[int, int]:
    """How many alarms, and how many for which the telephones rang, are known after so many days."""
    kit.clock.advance(days * 86_400)
    await kit.runtime.sweeps.sweep()
    return await count_of(kit, standing_alarms), await count_of(kit, rung_alarms)


async def test_as_long_as_an_alarm_is_known_to_stand_it_is_known_that_it_rang(kit: Kit, watch: Look) -> None:
    since = kit.clock()
    await alarm(kit)
    await watch()
    assert await swept_after(kit, 20) == (1, 1)
    await alarm(kit, since=since, sequence=2, count=2)
    assert await swept_after(kit, 20) == (1, 1)
    watch = await long_up(kit)
    await watch()
    assert len(await rung(kit)) == 1
    await alarm(kit, since=since, sequence=3, count=0)
    assert await swept_after(kit, 29) == (1, 0)
    assert await swept_after(kit, 2) == (0, 0)


async def test_an_alarm_of_which_nothing_was_heard_for_a_month_is_forgotten(kit: Kit, watch: Look) -> None:
    """A process of the version before may have heard its end."""
    await alarm(kit)
    await watch()
    assert await swept_after(kit, 29) == (1, 1)
    assert await swept_after(kit, 2) == (0, 0)
    await (await long_up(kit))()
    assert len(await rung(kit)) == 1


async def test_only_alarms_that_stand_and_have_not_rung_are_looked_at(kit: Kit) -> None:
    await alarm(kit)
    await alarm(kit, group=uuid4(), about="incidents/2")
    for rings in (2, 2):
        await ring_unheard(kit.runtime)
        assert len(await rung(kit)) == rings
        with asked(kit.runtime.database) as said:
            async with kit.runtime.view() as view:
                assert await view.standing_alarms.unheard(["99.01", "99.02"]) == []
    [(sql, parameters)] = [one for one in said if "FROM standing_alarms" in one[0]]
    assert "standing_alarms_unrung" in await plan_of(kit.runtime.database, sql, parameters)


async def test_an_alarm_that_is_the_most_severe_again_is_looked_at_once(kit: Kit) -> None:
    since = kit.clock()
    for sequence, about in enumerate(("incidents/1", "incidents/2", "incidents/1"), 1):
        await alarm(kit, since=since, sequence=sequence, about=about)
        await ring_unheard(kit.runtime)
    assert len(await rung(kit)) == 2
    async with kit.runtime.view() as view:
        assert await view.standing_alarms.unheard(["99.01"]) == []

"""Deadlines that are over: each fires once, whatever dies, and none keeps the others from firing."""

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from services.dispatch.tests.dispatch_histories import REGENCY, Desk
from sqlalchemy import update

from sigap_common.app.background import timers_together
from sigap_common.contracts.incidents import AcknowledgementMissed
from sigap_common.messaging.timers import RETRY_SECONDS, Timers
from sigap_dispatch.main import service
from sigap_dispatch.models import incidents
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_testing.kit import another_process
from sigap_testing.patience import patience

FIRE_AND_POLICE = 2
"""Deadlines of one incident."""
ROOT = Path(__file__).parents[3]


async def opened(desk: Desk, number: int, priority: int = 2) -> list[UUID]:
    """Fires whose deadlines are over after 60 s; their ids."""
    ids: list[UUID] = []
    for _ in range(number):
        found = {"regency": REGENCY, "source": "observer", "incident_type": "fire", "priority": priority}
        answer = await desk.ask("POST", "/v1/incidents", found, **{"Idempotency-Key": f"{priority} {len(ids)}"})
        assert answer.status_code == 201, answer.text
        ids.append(UUID(answer.json()["id"]))
    return ids


async def missed(desk: Desk) -> list[tuple[str, UUID]]:
    """The incident and forwarding of each missed deadline, in the order in which dispatch said it."""
    said = await desk.kit.said(AcknowledgementMissed)
    return [(one.envelope.subject, one.event.forwarding_id) for one in said]


def watch(desk: Desk, at_a_time: int = 32) -> Timers[DispatchTransaction]:
    urgency = incidents.c.priority
    return timers_together(desk.kit.runtime, incidents, meet_deadlines, at_a_time=at_a_time, urgency=urgency)


async def test_after_an_hour_away_the_most_urgent_deadline_fires_first_and_each_once(desk: Desk) -> None:
    later = await opened(desk, 3, priority=3)
    urgent = await opened(desk, 2, priority=1)
    desk.kit.clock.advance(3_600)
    assert await watch(desk, at_a_time=2).meet_due()
    assert not await watch(desk).meet_due()
    told = await missed(desk)
    assert len(told) == len(set(told))
    order = list(dict.fromkeys(subject for subject, _ in told))
    assert {UUID(one) for one in order[:2]} == set(urgent)
    assert {UUID(one) for one in order[2:]} == set(later)


async def test_an_incident_that_fails_keeps_no_other_from_its_deadline(desk: Desk) -> None:
    bad, *good = await opened(desk, 4)
    async with desk.kit.runtime.database.write() as connection:
        sound = (await connection.execute(incidents.select().where(incidents.c.id == bad))).one().document
        await connection.execute(update(incidents).where(incidents.c.id == bad).values(document="{}"))
    desk.kit.clock.advance(61)
    timers = watch(desk)
    assert await timers.meet_due()
    assert {UUID(subject) for subject, _ in await missed(desk)} == set(good)
    assert not await timers.meet_due(), "it is left alone"
    async with desk.kit.runtime.database.write() as connection:
        await connection.execute(update(incidents).where(incidents.c.id == bad).values(document=sound))
    desk.kit.clock.advance(RETRY_SECONDS)
    assert await timers.meet_due()
    assert len(await missed(desk)) == 4 * FIRE_AND_POLICE


async def test_two_replicas_at_the_same_moment_fire_each_deadline_once(desk: Desk) -> None:
    await opened(desk, 6)
    desk.kit.clock.advance(61)
    async with another_process(desk.kit, service) as other:
        replica = watch(Desk(other), at_a_time=2)
        await asyncio.gather(watch(desk, at_a_time=2).meet_due(), replica.meet_due())
    told = await missed(desk)
    assert len(told) == len(set(told)) == 6 * FIRE_AND_POLICE


async def test_a_process_killed_between_deadline_and_commit_leaves_the_rest_to_the_next_one(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    await opened(desk, 8)
    desk.kit.clock.advance(61)
    folder = tmp_path / "dying"
    folder.mkdir()
    shutil.copy(tmp_path / "keys", folder)
    command = [sys.executable, "-m", "services.dispatch.tests.dying_dispatch", database_url, str(folder)]
    command.append(desk.kit.clock().isoformat())
    died = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, timeout=patience(60), check=False)
    assert died.returncode == -signal.SIGKILL
    assert len(await missed(desk)) == 3 * FIRE_AND_POLICE, "one transaction was committed"
    assert await watch(desk).meet_due()
    told = await missed(desk)
    assert len(told) == len(set(told)) == 8 * FIRE_AND_POLICE

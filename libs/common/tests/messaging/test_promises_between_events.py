"""The consumer's promises: one transaction for each event, order behind a waiting event, and exact limits of trying."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from sigap_common.bus.envelope import Envelope, Message
from sigap_common.contracts.calls import CallNoted
from sigap_common.contracts.incidents import IncidentUpdated
from sigap_common.core.ids import uuid7
from sigap_common.messaging.subscriptions import on
from sigap_common.messaging.waiting_store import delay_after, is_hopeless
from sigap_testing.kit import Kit, another_process, started
from sigap_testing.sample.doors import REGENCY, a_door, a_note, knocks
from sigap_testing.sample.main import SampleTransaction, note_on_door, service

MILLISECOND = timedelta(milliseconds=1)
QUARTER_OF_AN_HOUR = 15 * 60


def message(kit: Kit, door_id: UUID, words: str, sequence: int = 2) -> Message:
    return kit.message(a_note(kit, words), str(door_id), regency=REGENCY, sequence=sequence)


async def knocks_said(kit: Kit) -> dict[str, tuple[UUID, UUID | None]]:
    """The words of each knock that was said, with the correlation and the cause of its event."""
    heard = await kit.said(IncidentUpdated)
    said = [(one.event, one.envelope) for one in heard if isinstance(one.event, IncidentUpdated) and one.event.note]
    return {event.note.text.clear: (about.correlationid, about.causationid) for event, about in said if event.note}


async def the_waiting(kit: Kit) -> list[Any]:
    waiting = kit.runtime.tables.waiting
    async with kit.runtime.database.read() as connection:
        return list((await connection.execute(select(waiting).order_by(waiting.c.arrival))).all())


# One transaction for each event


async def test_each_event_of_one_fetch_has_its_own_cause(kit: Kit) -> None:
    brought = {words: message(kit, await a_door(kit), words) for words in ("one", "two", "three")}
    await kit.hear_again(*brought.values())
    causes = {words: (m.envelope.correlationid, m.envelope.id) for words, m in brought.items()}
    assert await knocks_said(kit) == causes


async def test_an_event_that_fails_does_not_undo_the_others_of_its_fetch(kit: Kit) -> None:
    one, broken, two = [await a_door(kit) for _ in range(3)]
    fetch = [message(kit, one, "one"), message(kit, broken, "broken"), message(kit, two, "two")]
    await kit.hear_again(*fetch)
    assert [await knocks(kit, door) for door in (one, broken, two)] == [1, 0, 1]
    assert [row.event_id for row in await the_waiting(kit)] == [fetch[1].envelope.id]


async def test_the_events_of_one_fetch_commit_one_by_one(database_url: str, tmp_path: Path) -> None:
    """Each handler looks from outside its transaction, and finds what the events before it have committed."""
    committed: list[int] = []

    async def look_and_note(tx: SampleTransaction, event: CallNoted, envelope: Envelope) -> None:
        committed.append(len(await knocks_said(started_kit)))
        await note_on_door(tx, event, envelope)

    looking = replace(service, subscriptions=(on(CallNoted, look_and_note),))
    async with started(looking, database_url, tmp_path) as started_kit:
        doors = [await a_door(started_kit) for _ in range(3)]
        await started_kit.hear_again(*(message(started_kit, door, f"knock {n}") for n, door in enumerate(doors)))
    assert committed == [0, 1, 2]


async def test_an_event_that_is_tried_again_still_has_its_own_cause(kit: Kit) -> None:
    door_id = uuid7()
    early = message(kit, door_id, "early")
    await kit.hear_again(early)
    await a_door(kit, door_id)
    kit.clock.advance(1)
    await kit.retry()
    assert await knocks_said(kit) == {"early": (early.envelope.correlationid, early.envelope.id)}


# Order behind a waiting event


async def test_later_events_wait_behind_one_that_waits_after_a_restart_too(kit: Kit) -> None:
    """The new process has only the table to know by that something waits."""
    door_id = uuid7()
    await kit.hear_again(message(kit, door_id, "first", 2))
    await a_door(kit, door_id)
    async with another_process(kit, service) as restarted:
        await restarted.hear_again(message(kit, door_id, "second", 3))
        await restarted.hear_again(message(kit, door_id, "third", 4))
        assert await knocks(kit, door_id) == 0
        kit.clock.advance(1)
        await restarted.retry()
    assert list(await knocks_said(kit)) == ["first", "second", "third"]


async def test_the_retry_worker_of_a_new_process_keeps_the_order_in_which_they_came(kit: Kit) -> None:
    """The later ones are due earlier: only their place behind the first one holds them back."""
    door_id = uuid7()
    await kit.hear_again(message(kit, door_id, "first", 2))
    for _ in range(4):
        kit.clock.advance(delay_after(5).total_seconds())
        await kit.retry()
    await kit.hear_again(message(kit, door_id, "second", 3), message(kit, door_id, "third", 4))
    first, *later = await the_waiting(kit)
    kit.clock.advance(0.1)
    assert {row.next_at <= kit.clock() for row in later} == {True}
    assert first.next_at > kit.clock()
    await a_door(kit, door_id)
    async with another_process(kit, service) as restarted:
        assert await restarted.retry() == 0
        kit.clock.advance(1)
        assert await restarted.retry() == 3
    assert list(await knocks_said(kit)) == ["first", "second", "third"]


# How often, and for how long, an event is tried


async def test_a_failure_is_tried_exactly_five_times(kit: Kit) -> None:
    await kit.hear_again(message(kit, await a_door(kit), "broken"))
    for tries in (1, 2, 3, 4):
        (row,) = await the_waiting(kit)
        assert (row.tries, row.parked_at) == (tries, None)
        kit.clock.advance(30)
        assert await kit.retry() == 1
    (row,) = await the_waiting(kit)
    assert (row.tries, row.parked_at) == (5, kit.clock())
    kit.clock.advance(3600)
    assert await kit.retry() == 0


async def test_what_is_not_there_yet_is_waited_for_to_the_millisecond_of_a_quarter_of_an_hour(kit: Kit) -> None:
    await kit.hear_again(message(kit, uuid7(), "lost"))
    kit.clock.advance(QUARTER_OF_AN_HOUR - 0.001)
    assert await kit.retry() == 1
    (row,) = await the_waiting(kit)
    assert row.parked_at is None
    kit.clock.advance(0.001)
    assert await kit.retry() == 0, "it has just been tried"
    kit.clock.advance(1)
    assert await kit.retry() == 1
    (row,) = await the_waiting(kit)
    assert row.parked_at == kit.clock()


async def test_at_a_quarter_of_an_hour_exactly_it_is_parked(kit: Kit) -> None:
    await kit.hear_again(message(kit, uuid7(), "lost"))
    kit.clock.advance(QUARTER_OF_AN_HOUR)
    assert await kit.retry() == 1
    (row,) = await the_waiting(kit)
    assert (row.tries, row.parked_at) == (2, kit.clock())


@pytest.mark.parametrize("not_yet", [False, True])
def test_the_number_of_tries_counts_for_failures_and_the_time_for_what_is_not_there_yet(not_yet: bool) -> None:
    first_at = datetime(2024, 2, 19, 3, 0, tzinfo=UTC)
    over = first_at + timedelta(minutes=15)
    assert is_hopeless(4, not_yet, first_at, over - MILLISECOND) is False
    assert is_hopeless(5, not_yet, first_at, over - MILLISECOND) is (not not_yet)
    assert is_hopeless(4, not_yet, first_at, over) is not_yet


def test_the_pauses_double_from_50_ms_to_30_s() -> None:
    pauses = [delay_after(tries) / MILLISECOND for tries in range(1, 13)]
    assert pauses == [50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]


@pytest.mark.parametrize("tries", [1, 2, 3, 4])
async def test_the_next_try_is_due_on_the_millisecond(kit: Kit, tries: int) -> None:
    await kit.hear_again(message(kit, await a_door(kit), "broken"))
    for before in range(1, tries):
        kit.clock.advance(delay_after(before).total_seconds())
        assert await kit.retry() == 1
    pause = delay_after(tries).total_seconds()
    kit.clock.advance(pause - 0.001)
    assert await kit.retry() == 0
    kit.clock.advance(0.001)
    assert await kit.retry() == 1

"""Handover at the change of shift: to a named person who accepts, and never lost in between."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from services.dispatch.tests.dispatch_histories import NOON, REGENCY, Desk, Shown, call_id

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.handovers import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverLapsed,
    HandoverOffered,
    HandoverWithdrawn,
    IncidentTaken,
)
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotAllowed
from sigap_dispatch.domain.handover import (
    Accept,
    Decline,
    Handover,
    Lapse,
    Offer,
    Withdraw,
    decide,
    evolve,
)
from sigap_dispatch.domain.taker import Taker
from sigap_dispatch.use_cases.handovers import lapse
from sigap_testing.histories import Histories, then

DODI, RANI = Taker("dodi", "Dodi"), Taker("rani", "Rani")
BEGUN = Aggregate(id=uuid4(), regency=REGENCY)
LATE = 600
"""Seconds until an offered handover raises an alarm, as the standard pack has it."""
OFFER = Offer(DODI, "rani", (call_id(1), call_id(2)), timedelta(seconds=LATE), "Dua kebakaran")


def _decide(handover: Aggregate, command: Any, now: Any) -> Any:
    return decide(handover, command, now)


@pytest.fixture
def histories() -> Histories[Handover, Any]:
    return Histories(_decide, evolve, NOON)


@pytest.fixture
def offered(histories: Histories[Handover, Any]) -> Handover:
    return histories.begun(BEGUN, decide(BEGUN, OFFER, NOON).events)


def test_it_is_accepted_once_and_a_repetition_changes_nothing(
    histories: Histories[Handover, Any], offered: Handover
) -> None:
    then(histories.when(offered, Accept(RANI), 5), HandoverAccepted)
    accepted = histories.given(offered, (5, Accept(RANI)))
    then(histories.when(accepted, Accept(RANI), 6))
    with pytest.raises(NotAllowed) as refused:
        histories.when(accepted, Accept(Taker("sari")), 6)
    assert refused.value.params["state"] == "accepted"
    assert accepted.due_at is None


def test_what_nobody_accepts_alarms_once_and_can_still_be_accepted(
    histories: Histories[Handover, Any], offered: Handover
) -> None:
    then(histories.when(offered, Lapse(), LATE - 1))
    then(histories.when(offered, Lapse(), LATE), HandoverLapsed, AlarmRaised)
    late = histories.given(offered, (LATE, Lapse()))
    then(histories.when(late, Lapse(), LATE + 60))
    then(histories.when(late, Accept(RANI), LATE + 60), HandoverAccepted, AlarmCleared)
    then(histories.when(late, Withdraw("dodi", "taken_back"), LATE + 60), HandoverWithdrawn, AlarmCleared)


def test_a_declined_one_still_alarms_and_may_be_accepted_after_all(
    histories: Histories[Handover, Any], offered: Handover
) -> None:
    declined = histories.given(offered, (5, Decline("rani", "masih banjir")))
    then(histories.when(declined, Decline("rani"), 6))
    then(histories.when(declined, Lapse(), LATE), HandoverLapsed, AlarmRaised)
    then(histories.when(declined, Accept(RANI), 30), HandoverAccepted)


@pytest.mark.parametrize("command", [Accept(RANI), Decline("rani")])
def test_a_withdrawn_one_is_over(histories: Histories[Handover, Any], offered: Handover, command: Any) -> None:
    withdrawn = histories.given(offered, (5, Withdraw("dodi", "taken_back")))
    then(histories.when(withdrawn, Withdraw("dodi", "taken_back"), 6))
    with pytest.raises(NotAllowed):
        histories.when(withdrawn, command, 6)


class Room:
    """Dispatch with three incidents, of which Dodi is responsible for the first two."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def ask(self, who: str, method: str, path: str, body: Any = None, role: str = "dispatcher") -> httpx.Response:
        bearer = self.desk.kit.bearer(role, regencies=[REGENCY], subject=who, name=who.title())
        return await self.desk.kit.client.request(method, path, json=body, headers=bearer)

    async def offer(self, **told: Any) -> Shown:
        answer = await self.ask("dodi", "POST", "/v1/handovers", {"regency": REGENCY, "to": "rani", **told})
        assert answer.status_code == 201, answer.text
        found: Shown = answer.json()
        return found

    async def step(self, who: str, handover: Shown, step: str, role: str = "dispatcher") -> httpx.Response:
        body: Shown | None = {} if step == "decline" else None
        return await self.ask(who, "POST", f"/v1/handovers/{handover['id']}/{step}", body, role)

    async def responsible(self) -> list[str | None]:
        """Of the incidents, the oldest first."""
        return [one["responsible"] for one in reversed(await self.desk.incidents())]

    async def alarms(self) -> list[str]:
        raised = [one.event.kind for one in await self.desk.kit.said(AlarmRaised)]
        cleared = [one.event.kind for one in await self.desk.kit.said(AlarmCleared)]
        for kind in cleared:
            raised.remove(kind)
        return [kind for kind in raised if kind == "handover_waiting"]


@pytest.fixture
async def room(desk: Desk) -> Room:
    for n in (1, 2, 3):
        await desk.classified(n)
        desk.kit.clock.advance(1)
    room = Room(desk)
    for one in (await desk.incidents())[1:]:
        await room.ask("dodi", "POST", f"/v1/incidents/{one['id']}/claim")
    return room


async def test_the_incidents_are_the_givers_until_somebody_accepts(room: Room) -> None:
    handover = await room.offer(note="Dua kebakaran")
    assert (handover["giver_name"], len(handover["incidents"]), handover["state"]) == ("Dodi", 2, "offered")
    assert await room.responsible() == ["dodi", "dodi", None]
    accepted = (await room.step("rani", handover, "accept")).json()
    assert (accepted["state"], accepted["accepted_by"], accepted["accepted_name"]) == ("accepted", "rani", "Rani")
    assert await room.responsible() == ["rani", "rani", None]
    taken = [one.event for one in await room.desk.kit.said(IncidentTaken)]
    assert [(one.how, one.before) for one in taken[2:]] == [("handover", "dodi")] * 2


async def test_what_was_closed_or_claimed_meanwhile_is_left_as_it_is(room: Room) -> None:
    handover = await room.offer()
    _, second, first = await room.desk.incidents()
    await room.ask("dodi", "POST", f"/v1/incidents/{first['id']}/close", {"disposition": "doused"})
    await room.ask("sari", "POST", f"/v1/incidents/{second['id']}/claim")
    assert (await room.step("rani", handover, "accept")).status_code == 200
    assert await room.responsible() == ["dodi", "sari", None]


async def test_only_the_named_person_or_a_supervisor_accepts(room: Room) -> None:
    handover = await room.offer()
    for who, step in (("sari", "accept"), ("dodi", "accept"), ("sari", "decline"), ("sari", "take-back")):
        answer = await room.step(who, handover, step)
        assert answer.status_code == 403, (who, step)
    assert (await room.step("sari", handover, "accept", "supervisor")).json()["accepted_by"] == "sari"


async def test_two_accept_at_once_and_one_has_it(room: Room) -> None:
    handover = await room.offer()
    both = await asyncio.gather(
        room.step("rani", handover, "accept"), room.step("sari", handover, "accept", "supervisor")
    )
    assert sorted(one.status_code for one in both) == [200, 409]
    [accepted] = [one.event.accepted_by for one in await room.desk.kit.said(HandoverAccepted)]
    assert await room.responsible() == [accepted, accepted, None]
    [refused] = [one.json() for one in both if one.status_code == 409]
    assert (refused["state"], refused["accepted_by"]) == ("accepted", accepted)


async def test_accepting_and_taking_back_at_once_ends_in_one_of_the_two(room: Room) -> None:
    handover = await room.offer()
    both = await asyncio.gather(room.step("rani", handover, "accept"), room.step("dodi", handover, "take-back"))
    assert sorted(one.status_code for one in both) == [200, 409]
    shown = (await room.ask("dodi", "GET", f"/v1/handovers/{handover['id']}")).json()
    owner = {"accepted": "rani", "withdrawn": "dodi"}[shown["state"]]
    assert await room.responsible() == [owner, owner, None]


async def test_a_second_offer_replaces_the_first_also_at_the_same_moment(room: Room) -> None:
    first = await room.offer()
    await asyncio.gather(room.offer(to="sari"), room.offer(to="tono"))
    listed = (await room.ask("rani", "GET", f"/v1/handovers?regency={REGENCY}")).json()["items"]
    assert sorted(one["state"] for one in listed) == ["offered", "withdrawn", "withdrawn"]
    assert {one["withdrawn_how"] for one in listed if one["state"] == "withdrawn"} == {"offered_anew"}
    assert (await room.step("rani", first, "accept")).status_code == 409
    assert len(await room.desk.kit.said(HandoverOffered)) == 3


async def test_a_person_whose_subject_looks_like_the_code_of_a_regency_is_not_called_by_its_name(room: Room) -> None:
    handover = await room.offer(to=REGENCY)
    for step in ("accept", "decline"):
        refused = await room.step("sari", handover, step)
        told = (refused.status_code, refused.json()["detail"], refused.json()["person"])
        assert told == (403, f"Serah terima ini untuk {REGENCY}.", REGENCY)


async def test_nobody_accepted_in_time_and_the_supervisor_is_told_once(room: Room) -> None:
    handover = await room.offer()
    assert (await room.step("rani", handover, "decline")).json()["state"] == "declined"
    assert [one.event.by for one in await room.desk.kit.said(HandoverDeclined)] == ["rani"]
    room.desk.kit.clock.advance(LATE + 1)
    for _ in range(2):
        async with room.desk.kit.runtime.transaction() as tx:
            await lapse(tx, UUID(handover["id"]))
    assert await room.alarms() == ["handover_waiting"]
    assert await room.responsible() == ["dodi", "dodi", None]
    assert (await room.step("sari", handover, "accept", "supervisor")).status_code == 200
    assert await room.alarms() == []


async def test_if_nothing_is_left_to_hand_over_nobody_is_alarmed(room: Room) -> None:
    handover = await room.offer()
    for one in (await room.desk.incidents())[1:]:
        await room.ask("sari", "POST", f"/v1/incidents/{one['id']}/claim")
    room.desk.kit.clock.advance(LATE + 1)
    async with room.desk.kit.runtime.transaction() as tx:
        await lapse(tx, UUID(handover["id"]))
    shown = (await room.ask("dodi", "GET", f"/v1/handovers/{handover['id']}")).json()
    assert (shown["state"], shown["withdrawn_how"]) == ("withdrawn", "nothing_left")
    assert await room.alarms() == []


async def test_what_is_left_behind_is_seen_in_one_request(room: Room) -> None:
    handover = await room.offer()
    shown = (await room.ask("dodi", "GET", f"/v1/handovers/leaving?regency={REGENCY}")).json()
    assert len(shown["incidents"]) == 2
    asked = [(one["number"][-4:], one["agency"].partition("/")[2]) for one in shown["unacknowledged"]]
    assert sorted(asked) == [(n, agency) for n in ("0001", "0002") for agency in ("ambulance", "fire", "police")]
    assert shown["offered"]["id"] == handover["id"]
    assert (await room.ask("rani", "GET", f"/v1/handovers/leaving?regency={REGENCY}")).json()["incidents"] == []


@pytest.mark.parametrize(
    ("told", "code", "pointer"),
    [
        ({"to": "dodi"}, "handover_to_oneself", "#/to"),
        ({"incidents": [str(uuid4())]}, "incident_not_yours", "#/incidents/0"),
    ],
)
async def test_an_odd_offer_is_refused(room: Room, told: Shown, code: str, pointer: str) -> None:
    answer = await room.ask("dodi", "POST", "/v1/handovers", {"regency": REGENCY, "to": "rani", **told})
    assert answer.status_code == 422
    assert [(one["code"], one["pointer"]) for one in answer.json()["errors"]] == [(code, pointer)]


async def test_who_has_nothing_hands_nothing_over(room: Room) -> None:
    answer = await room.ask("rani", "POST", "/v1/handovers", {"regency": REGENCY, "to": "sari"})
    assert [one["code"] for one in answer.json()["errors"]] == ["nothing_to_hand_over"]


async def test_names_and_words_of_a_handover_are_erased_after_their_period(room: Room) -> None:
    handover = await room.offer(note="Pak Harun menunggu")
    await room.step("rani", handover, "accept")
    kit = room.desk.kit
    kit.clock.advance(timedelta(days=365 * 20).total_seconds())
    await kit.runtime.sweeps.sweep()
    shown = (await room.ask("rani", "GET", f"/v1/handovers/{handover['id']}")).json()
    assert (shown["note"], shown["giver_name"], shown["giver"]) == (None, None, "dodi")

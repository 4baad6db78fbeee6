"""Who is in the room: what operators say of themselves, and what follows when their screens fall silent."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select

from sigap_common.app.background import timers
from sigap_common.auth import Access, Role
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.handovers import IncidentTaken
from sigap_common.contracts.incidents import (
    ForwardingContent,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
)
from sigap_common.contracts.operators import PresenceChanged, PresenceState
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotAllowed
from sigap_common.core.texts import Texts
from sigap_common.personal_data import Sealed
from sigap_intake.domain.presence import (
    STALE_AFTER,
    Beat,
    Enter,
    Leave,
    MissBeats,
    Presence,
    decide,
    evolve,
    presence_id,
)
from sigap_intake.models.incidents import unacknowledged
from sigap_intake.models.presences import presences
from sigap_intake.repository.room import AT_ONCE
from sigap_intake.use_cases.presence import miss_beats
from sigap_intake.use_cases.room import look
from sigap_intake.visibility.calls import POLICY
from sigap_intake.visibility.room import ROOM_POLICY
from sigap_testing.histories import Histories, then, then_one
from sigap_testing.kit import Kit
from sigap_testing.statements import statements

from .conftest import Arrive, Desk, incident_created

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
NOBODY = Aggregate(id=presence_id("99.01", "ani"), regency="99.01")
ROOM = {"regency": "99.01"}
history = Histories(decide, evolve, NOON)


def ani(state: PresenceState = PresenceState.AVAILABLE, at: float = 0) -> Presence:
    """Signed on at noon."""
    return history.begun(NOBODY, decide(NOBODY, entering(state), history.at(at)).events)


def entering(state: str) -> Enter:
    return Enter(by="ani", name=Sealed("Ani Lestari"), state=PresenceState(state))


# --- the domain


def test_an_operator_signs_on_with_a_state() -> None:
    signed_on = then_one(decide(NOBODY, entering("break"), NOON).events, PresenceChanged)
    assert (signed_on.operator, signed_on.state, signed_on.since) == ("ani", PresenceState.BREAK, NOON)


def test_a_state_is_kept_since_it_was_taken_up() -> None:
    then(history.when(ani(), entering("available"), 10))
    changed = history.given(ani(), (20, entering("away")))
    assert (changed.state, changed.since, changed.signed_on_at) == (PresenceState.AWAY, history.at(20), NOON)


def test_a_heartbeat_is_no_event() -> None:
    then(history.when(ani(), Beat(by="ani"), 15))


def test_a_screen_is_stale_45_s_after_its_last_heartbeat_and_that_is_said_once() -> None:
    then(history.when(ani(), MissBeats(), 44.9))
    silent = then_one(history.when(ani(), MissBeats(), 45), PresenceChanged)
    assert (silent.stale, silent.state, silent.by) == (True, PresenceState.AVAILABLE, None)
    then(history.when(history.given(ani(), (45, MissBeats())), MissBeats(), 90))


def test_a_screen_that_is_heard_again_is_no_longer_stale() -> None:
    silent = history.given(ani(), (45, MissBeats()))
    heard = then_one(history.when(silent, Beat(by="ani"), 60), PresenceChanged)
    assert (heard.stale, heard.since) == (False, NOON)
    then(history.when(silent, entering("available"), 60), PresenceChanged)


def test_a_heartbeat_set_by_a_clock_ahead_is_over_at_once() -> None:
    then(history.when(ani(at=3600), MissBeats(), 0), PresenceChanged)


def test_who_signed_off_has_to_sign_on_before_the_next_heartbeat() -> None:
    gone = history.given(ani(), (30, Leave(by="ani")))
    assert (gone.state, gone.stale_at) == (None, None)
    then(history.when(gone, Leave(by="ani"), 40))
    then(history.when(gone, MissBeats(), 90))
    for known, command in ((gone, Beat(by="ani")), (NOBODY, Beat(by="ani")), (NOBODY, Leave(by="ani"))):
        with pytest.raises(NotAllowed):
            decide(known, command, history.at(60))
    back = history.given(gone, (100, entering("available")))
    assert (back.signed_on_at, back.since) == (history.at(100), history.at(100))


# --- over HTTP


async def room(desk: Desk, *roles: str, query: str = "?regency=99.01", **who: Any) -> list[dict[str, Any]]:
    answer = await desk("GET", f"/v1/presence{query}", None, *roles, **who)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def sign_on(desk: Desk, subject: str, state: str = "available", **who: Any) -> dict[str, Any]:
    answer = await desk("POST", "/v1/presence", ROOM | {"state": state}, subject=subject, **who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def beat(desk: Desk, subject: str) -> httpx.Response:
    return await desk("POST", "/v1/presence/heartbeat", ROOM, subject=subject)


async def let_be_missed(kit: Kit, seconds: float = STALE_AFTER.total_seconds()) -> None:
    kit.clock.advance(seconds)
    await timers(kit.runtime, presences, miss_beats).meet_due()
    await look(kit.runtime)


async def test_the_room_shows_who_is_there_and_the_calls_of_each(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await sign_on(desk, "sari", name="Sari Dewi")
    await sign_on(desk, "ani", "wrap_up")
    await sign_on(desk, "gone")
    assert (await desk("POST", "/v1/presence/sign-off", ROOM, subject="gone")).json()["state"] is None
    call = await arrive()
    kit.clock.advance(5)
    assert (await desk("POST", f"/v1/calls/{call['id']}/answer", subject="sari")).status_code == 200
    found = await room(desk)
    assert [(one["operator"], one["name"], one["state"], one["calls"]) for one in found] == [
        ("ani", None, "wrap_up", []),
        ("sari", "Sari Dewi", "available", [call["id"]]),
    ]
    assert found[0]["label"] == {"id": "menyelesaikan catatan", "en": "wrapping up"}
    assert [one["name"] for one in await room(desk, "admin")] == [None, None]
    assert [one["operator"] for one in await room(desk, query="?regency=99.01&state=wrap_up")] == ["ani"]
    assert await room(desk, query="", regencies=("99.02",)) == []
    await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})
    assert [one["calls"] for one in await room(desk)] == [[], []]


async def test_each_state_has_words_in_both_languages() -> None:
    texts = Texts.load("sigap_intake")
    assert [state for state in PresenceState if f"presence_states.{state}" not in texts] == []


async def test_a_heartbeat_is_one_small_write_and_says_nothing(kit: Kit, desk: Desk) -> None:
    await sign_on(desk, "ani")
    said = len(await kit.said())
    kit.clock.advance(15)
    headers = kit.bearer("operator", subject="ani", regencies=("99.01",)) | {"Content-Type": "application/json"}
    del headers["Idempotency-Key"]
    with statements(kit.runtime.database) as asked:
        answer = await kit.client.post("/v1/presence/heartbeat", json=ROOM, headers=headers)
    assert answer.json() == {"stale_at": "2024-02-19T03:01:00Z", "next_within_s": 15}
    assert [sql.partition(" ")[0] for sql in asked] == ["UPDATE"]
    assert len(await kit.said()) == said
    assert (await room(desk))[0]["heard_at"] == "2024-02-19T03:00:15Z"


async def test_who_has_not_signed_on_is_told_to(desk: Desk) -> None:
    for path in ("heartbeat", "sign-off"):
        refused = await desk("POST", f"/v1/presence/{path}", ROOM)
        assert (refused.status_code, refused.json()["state"]) == (409, "signed_off")
    assert (await desk("POST", "/v1/presence", ROOM | {"state": "asleep"})).status_code == 422
    for path in ("", "/heartbeat", "/sign-off"):
        body = ROOM if path else ROOM | {"state": "away"}
        assert (await desk("POST", f"/v1/presence{path}", body, regencies=("99.02",))).status_code == 403
        assert (await desk("POST", f"/v1/presence{path}", body, "admin")).status_code == 403
    assert (await desk("GET", "/v1/presence", None, "cti")).status_code == 403


async def test_presence_stops_nobody_from_answering(desk: Desk, arrive: Arrive) -> None:
    await sign_on(desk, "ani", "break")
    for operator in ("ani", "never-signed-on"):
        call = await arrive()
        assert (await desk("POST", f"/v1/calls/{call['id']}/answer", subject=operator)).status_code == 200


async def test_two_screens_of_one_operator_sign_on_at_once(kit: Kit, desk: Desk) -> None:
    await asyncio.gather(*(sign_on(desk, "ani") for _ in range(10)))
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(presences))).scalar_one() == 1
    assert len(await kit.said(PresenceChanged)) == 1


async def test_events_of_a_presence_are_numbered_and_the_name_lies_sealed(kit: Kit, desk: Desk) -> None:
    await sign_on(desk, "ani", name="Ani Lestari")
    await sign_on(desk, "ani", "away", name="Ani Lestari")
    said = await kit.said(PresenceChanged)
    assert [(one.envelope.sequence, one.event.state, one.event.name.clear) for one in said] == [
        (1, "available", "Ani Lestari"),
        (2, "away", "Ani Lestari"),
    ]
    assert {one.envelope.regency for one in said} == {"99.01"}
    assert "Lestari" not in await kit.kept()


async def test_the_rooms_stream_shows_presence_and_who_has_which_call(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await sign_on(desk, "ani", name="Ani Lestari")
    call = await arrive()
    await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")
    operator, admin, stranger = (
        Access("budi", frozenset({role}), frozenset({regency}), None, kit.clock())
        for role, regency in ((Role.operator, "99.01"), (Role.admin, "99.01"), (Role.operator, "99.02"))
    )
    said, [signed_on] = await kit.said(), await kit.said(PresenceChanged)
    seen = [type(one.event).__name__ for one in said if ROOM_POLICY.event(one, operator)]
    assert seen == ["PresenceChanged", "CallAnswered"]
    assert [type(one.event).__name__ for one in said if POLICY.event(one, operator)] == ["CallReceived", "CallAnswered"]
    assert [one for one in said if ROOM_POLICY.event(one, stranger)] == []
    names = [(ROOM_POLICY.event(signed_on, access) or {})["name"] for access in (operator, admin)]
    assert names == ["Ani Lestari", None]


async def test_the_call_of_a_stale_screen_stays_answered_and_the_leader_is_told(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    for operator in ("ani", "sari"):
        await sign_on(desk, operator)
    call, other, drill = await arrive(), await arrive(), await arrive(drill=True)
    for one, operator in ((call, "ani"), (other, "sari"), (drill, "ani")):
        await desk("POST", f"/v1/calls/{one['id']}/answer", subject=operator)
    kit.clock.advance(44)
    await beat(desk, "sari")
    await let_be_missed(kit, 1)
    await look(kit.runtime)  # raised once
    raised = await kit.said(AlarmRaised)
    assert [(one.event.kind, one.event.about, one.event.label, one.envelope.drill) for one in raised] == [
        ("operator_gone", f"calls/{call['id']}", "ani", False),
        ("operator_gone", f"calls/{drill['id']}", "ani", True),
    ]
    assert [(one["operator"], one["stale"]) for one in await room(desk)] == [("ani", True), ("sari", False)]
    read = (await desk("GET", f"/v1/calls/{call['id']}")).json()
    assert (read["state"], read["answered_by"], read["operator_gone"]) == ("answered", "ani", True)
    assert (await desk("GET", "/v1/queue")).json()["items"] == []


async def test_the_alarm_ends_when_the_screen_is_heard_again(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await sign_on(desk, "ani")
    call = await arrive()
    await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")
    await let_be_missed(kit)
    assert (await beat(desk, "ani")).status_code == 200
    await look(kit.runtime)
    assert [one.event.kind for one in await kit.said(AlarmCleared)] == ["operator_gone"]
    assert [one.event.stale for one in await kit.said(PresenceChanged)] == [False, True, False]
    await let_be_missed(kit)
    assert len(await kit.said(AlarmRaised)) == 2


@pytest.mark.parametrize("how", ["end", "take-over"])
async def test_the_alarm_ends_with_the_call_or_its_new_operator(kit: Kit, desk: Desk, arrive: Arrive, how: str) -> None:
    await sign_on(desk, "ani")
    call = await arrive()
    await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")
    await let_be_missed(kit)
    body = {"ended_by": "caller"} if how == "end" else {"answered_by": "ani", "reason": "layar mati"}
    done = await desk("POST", f"/v1/calls/{call['id']}/{how}", body, subject="sari")
    assert (done.status_code, done.json()["operator_gone"]) == (200, False)
    await look(kit.runtime)
    assert len(await kit.said(AlarmRaised)) == len(await kit.said(AlarmCleared)) == 1


async def test_who_has_a_call_on_the_line_signs_off_only_by_saying_so(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await sign_on(desk, "ani")
    call = await arrive()
    await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")
    refused = await desk("POST", "/v1/presence/sign-off", ROOM, subject="ani")
    assert (refused.status_code, refused.json()["calls"]) == (409, [call["id"]])
    left = await desk("POST", "/v1/presence/sign-off", ROOM | {"leave_calls": True}, subject="ani")
    assert (left.status_code, left.json()["state"]) == (200, None)
    assert [one.event.about for one in await kit.said(AlarmRaised)] == [f"calls/{call['id']}"]
    await sign_on(desk, "ani")
    await look(kit.runtime)
    assert len(await kit.said(AlarmCleared)) == 1


async def answered_by_ani(desk: Desk, arrive: Arrive, **told: Any) -> str:
    await sign_on(desk, "budi")
    call = await arrive(**told)
    assert (await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")).status_code == 200
    return f"calls/{call['id']}"


async def looked_after(kit: Kit, seconds: float) -> list[str]:
    """The calls that are an alarm for want of an operator after some more seconds."""
    kit.clock.advance(seconds)
    await look(kit.runtime)
    over = {one.event.alarm_id for one in await kit.said(AlarmCleared)}
    raised = [one.event for one in await kit.said(AlarmRaised) if one.event.kind == "operator_gone"]
    return [event.about for event in raised if event.alarm_id not in over]


async def test_the_call_of_an_operator_who_never_signed_on_is_an_alarm_too(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    await sign_on(desk, "budi")
    call = await arrive()
    kit.clock.advance(600)  # a long wait is not the operator's
    await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")
    assert await looked_after(kit, 44) == []
    assert await looked_after(kit, 1) == [f"calls/{call['id']}"]
    assert await looked_after(kit, 60) == [f"calls/{call['id']}"]
    assert [(one.event.kind, one.event.label) for one in await kit.said(AlarmRaised)] == [("operator_gone", "ani")]
    assert (await desk("GET", f"/v1/calls/{call['id']}")).json()["operator_gone"] is True
    await sign_on(desk, "ani")
    assert await looked_after(kit, 1) == []


async def test_a_room_in_which_nobody_signs_on_misses_nobody(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    assert (await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")).status_code == 200
    assert await looked_after(kit, 600) == []
    await sign_on(desk, "budi")
    assert await looked_after(kit, 1) == [f"calls/{call['id']}"]


async def test_an_operator_who_signs_on_in_time_is_there(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await answered_by_ani(desk, arrive)
    kit.clock.advance(30)
    await sign_on(desk, "ani")
    assert await looked_after(kit, 30) == []


async def test_who_answers_after_signing_off_has_45_s_from_the_answer(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await sign_on(desk, "ani")
    await desk("POST", "/v1/presence/sign-off", ROOM, subject="ani")
    kit.clock.advance(600)
    call = await answered_by_ani(desk, arrive)
    assert await looked_after(kit, 44) == []
    assert await looked_after(kit, 1) == [call]


async def test_an_answer_that_crosses_the_sign_off_has_45_s_from_the_sign_off(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    await sign_on(desk, "ani")
    call = await answered_by_ani(desk, arrive)
    kit.clock.advance(600)
    async with kit.runtime.transaction() as tx:  # the sign-off did not see the call yet
        known = await tx.presences.of("99.01", "ani")
        tx.presences.record(decide(known, Leave(by="ani"), tx.now()), heard_at=tx.now())
    assert await looked_after(kit, 44) == []
    assert await looked_after(kit, 1) == [call]


async def test_in_another_regencys_room_nobody_is_present_here(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    here = await answered_by_ani(desk, arrive)
    await desk("POST", "/v1/presence", {"regency": "99.02", "state": "available"}, subject="ani", regencies=("99.02",))
    assert await looked_after(kit, 45) == [here]


async def test_only_calls_that_somebody_has_on_the_line_need_an_operator(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    ended = await answered_by_ani(desk, arrive)
    await desk("POST", f"/v1/{ended}/end", {"ended_by": "caller"}, subject="ani")
    await arrive()
    assert await looked_after(kit, 45) == []


async def test_more_calls_than_one_look_acts_on_are_alarms_in_turn(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    calls = [await answered_by_ani(desk, arrive) for _ in range(AT_ONCE + 1)]
    assert await looked_after(kit, 45) == calls[:AT_ONCE]
    assert sorted(await looked_after(kit, 1)) == sorted(calls)


class Forwarded:
    """An open incident that a call of ani's reported, and an agency that was told of it."""

    def __init__(self, kit: Kit, desk: Desk) -> None:
        self.kit, self.desk = kit, desk
        self.incident, self.part = uuid4(), uuid4()
        self._said = 0
        self._about = {"forwarding_id": self.part, "agency": "99.01/damkar"}

    async def hear(self, kind: type[Event], **told: Any) -> None:
        now = self.kit.clock()
        self._said += 1
        event = kind(**{"at": now, "recorded_at": now} | told)
        await self.kit.hear(event, subject=str(self.incident), regency="99.01", sequence=self._said)

    async def begins(self, arrive: Arrive) -> None:
        call = await arrive()
        await self.desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")
        await self.desk("POST", f"/v1/calls/{call['id']}/classification", {"call_class": "emergency"}, subject="ani")
        await self.desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, subject="ani")
        await self.kit.hear(
            incident_created(self.kit, call_id=UUID(call["id"])), subject=str(self.incident), regency="99.01"
        )
        self._said = 1
        await self.hear(IncidentForwarded, **self._sent(), automatic=True)

    def _sent(self) -> dict[str, Any]:
        now = self.kit.clock()
        content = ForwardingContent(
            incident_number="BKL-20240219-0042",
            incident_type="fire",
            type_label="Kebakaran",
            priority=1,
            started_at=now,
        )
        return {**self._about, "acknowledge_by": now + timedelta(seconds=60), "content": content}

    async def revised(self) -> None:
        again = {"revision": 2, "needs_acknowledgement": True, "reason": "located"}
        await self.hear(ForwardingRevised, **self._sent(), **again)

    async def acknowledged(self, revision: int) -> None:
        await self.hear(IncidentAcknowledged, **self._about, revision=revision, channel="desk")

    async def declined(self) -> None:
        await self.hear(IncidentDeclined, **self._about, revision=1, channel="desk", reason="no_unit")

    async def withdrawn(self) -> None:
        await self.hear(ForwardingWithdrawn, **self._about, revision=2, reason="by_dispatcher", stand_down=False)

    async def left_by(self, operator: str) -> list[dict[str, Any]]:
        """What a sign-off of the operator names; then the operator is signed on again."""
        await sign_on(self.desk, operator)
        answer = await self.desk("POST", "/v1/presence/sign-off", ROOM, subject=operator)
        assert answer.status_code in (200, 409), answer.text
        named: list[dict[str, Any]] = answer.json().get("unacknowledged", [])
        assert bool(named) == (answer.status_code == 409)
        return named


@pytest.fixture
async def forwarded(kit: Kit, desk: Desk, arrive: Arrive) -> Forwarded:
    begun = Forwarded(kit, desk)
    await begun.begins(arrive)
    return begun


async def test_who_signs_off_is_told_which_agencies_have_not_acknowledged(forwarded: Forwarded) -> None:
    [named] = await forwarded.left_by("ani")
    assert (named["incident_id"], named["number"]) == (str(forwarded.incident), "BKL-20240219-0042")
    assert (named["forwarding_id"], named["agency"]) == (str(forwarded.part), "99.01/damkar")
    assert datetime.fromisoformat(named["acknowledge_by"]) == forwarded.kit.clock() + timedelta(seconds=60)
    assert await forwarded.left_by("sari") == []


async def test_an_acknowledgement_counts_for_the_revision_that_it_names(forwarded: Forwarded) -> None:
    await forwarded.revised()
    await forwarded.acknowledged(1)
    assert len(await forwarded.left_by("ani")) == 1
    await forwarded.acknowledged(2)
    assert await forwarded.left_by("ani") == []
    await forwarded.revised()
    assert len(await forwarded.left_by("ani")) == 1, "a change after the answer wants another one"


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
async def test_who_declined_or_was_withdrawn_need_not_acknowledge(forwarded: Forwarded, how: str) -> None:
    await getattr(forwarded, how)()
    assert await forwarded.left_by("ani") == []


async def test_the_responsible_dispatcher_has_it_from_the_operator(forwarded: Forwarded) -> None:
    await forwarded.hear(IncidentTaken, responsible="dodi", how="claim")
    assert (await forwarded.left_by("ani"), len(await forwarded.left_by("dodi"))) == ([], 1)
    await forwarded.hear(IncidentTaken, responsible="dita", before="dodi", how="handover")
    assert (await forwarded.left_by("dodi"), len(await forwarded.left_by("dita"))) == ([], 1)


async def test_with_the_closing_nothing_is_left_of_it(forwarded: Forwarded) -> None:
    await forwarded.hear(IncidentClosed, disposition="resolved")
    assert await forwarded.left_by("ani") == []
    async with forwarded.kit.runtime.transaction() as tx:
        assert (await tx.connection.execute(select(func.count()).select_from(unacknowledged))).scalar() == 0


async def test_who_signs_off_hands_each_call_to_somebody_who_accepts(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await sign_on(desk, "ani")
    talking, unclassified, done = await arrive(), await arrive(), await arrive()
    for call in (talking, unclassified, done):
        await desk("POST", f"/v1/calls/{call['id']}/answer", subject="ani")
    await desk("POST", f"/v1/calls/{done['id']}/classification", {"call_class": "prank"}, subject="ani")
    for call in (unclassified, done):
        await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, subject="ani")
    left = (await desk("POST", "/v1/presence/sign-off", ROOM, subject="ani")).json()
    assert (left["calls"], left["not_classified"]) == ([talking["id"]], [unclassified["id"]])
    for call in (talking, unclassified):
        path = f"/v1/calls/{call['id']}"
        assert (await desk("POST", f"{path}/offer", {"to": "sari"}, subject="ani")).status_code == 200
        assert (await desk("POST", "/v1/presence/sign-off", ROOM, subject="ani")).status_code == 409
        accepted = await desk("POST", f"{path}/take-over", {"answered_by": "ani"}, subject="sari")
        assert accepted.status_code == 200
    assert (await desk("POST", "/v1/presence/sign-off", ROOM, subject="ani")).status_code == 200
    assert await kit.said(AlarmRaised) == []


async def test_who_is_long_gone_is_forgotten(kit: Kit, desk: Desk) -> None:
    for operator in ("left", "silent", "there"):
        await sign_on(desk, operator)
    await desk("POST", "/v1/presence/sign-off", ROOM, subject="left")
    await let_be_missed(kit)
    kit.clock.advance(31 * 24 * 3600)
    await sign_on(desk, "there")
    await kit.runtime.sweeps.sweep()
    async with kit.runtime.database.read() as connection:
        kept = (await connection.execute(select(presences.c.operator))).scalars().all()
    assert kept == ["there"]

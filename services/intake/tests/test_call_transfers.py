"""A call is offered to another regency, whose caller it is."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.call_transfers import CallTransferAccepted, CallTransferEnded, CallTransferOffered
from sigap_common.contracts.calls import CallClass, CallClassified, CallEnded, CallReceived, Channel
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_intake.domain import (
    AcceptCall,
    Answer,
    Call,
    Classify,
    End,
    KeepCall,
    MissTransfer,
    OfferToRegency,
    Receive,
    RefuseCall,
    decide,
    evolve,
    receive,
)
from sigap_intake.domain.call import Classification
from sigap_intake.domain.call_transfer import CallTransferState
from sigap_intake.domain.transfer_decisions import receivers_alarms
from sigap_intake.use_cases.deadlines import pass_time
from sigap_testing.histories import Histories, then, then_one
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk, a_pack

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
LIMIT = timedelta(seconds=120)
HERE, THERE = "99.01", "99.02"
TRANSFER = UUID("018dc000-0000-7000-8000-0000000000aa")
history = Histories(decide, evolve, NOON)


def a_call(*, drill: bool = False) -> Call:
    begun = Aggregate(id=UUID("018dc000-0000-7000-8000-000000000001"), regency=HERE, drill=drill)
    command = Receive(by="pbx", channel=Channel.TELEPHONE, drill=drill)
    return history.given(history.begun(begun, receive(begun, command, NOON).events), (8, Answer(by="ani")))


def offering(to: str = THERE, message: str | None = None, which: UUID = TRANSFER) -> OfferToRegency:
    said = Sealed(message) if message else None
    return OfferToRegency(by="ani", transfer_id=which, to=to, limit=LIMIT, message=said)


def offered(*, drill: bool = False) -> Call:
    """30 s after noon."""
    return history.given(a_call(drill=drill), (30, offering()))


def classified(call_class: CallClass) -> Classify:
    return Classify(by="ani", classification=Classification(call_class=call_class))


REFUSE = RefuseCall(by="rani", transfer_id=TRANSFER, reason=Sealed("bukan wilayah kami"))
KEEP = KeepCall(by="ani", transfer_id=TRANSFER)
ACCEPT = AcceptCall(by="rani", transfer_id=TRANSFER, call_id=uuid4())


# --- histories


def test_the_sender_stays_responsible_until_the_other_regency_accepts() -> None:
    event = then_one(history.when(a_call(), offering(message="di Teluk Betung"), 30), CallTransferOffered)
    assert (event.to, event.due_at, event.message) == (THERE, history.at(150), Sealed("di Teluk Betung"))
    call = offered()
    assert (call.answered_by, call.handed_on, call.due_at) == ("ani", False, history.at(150))
    then(history.when(call, offering(which=uuid4()), 31))  # the same offer, asked for twice
    accepted = history.given(call, (40, ACCEPT))
    assert (accepted.handed_on, accepted.transfer and accepted.transfer.call_id) == (True, ACCEPT.call_id)
    assert accepted.answered_by == "ani"  # whose line it still is


def test_an_offer_that_nobody_accepts_comes_back_with_an_alarm_that_stands_until_somebody_decides() -> None:
    call = offered()
    then(history.when(call, MissTransfer(), 149))
    events = history.when(call, MissTransfer(), 150)
    then(events, CallTransferEnded, AlarmRaised)
    late = history.given(call, (150, MissTransfer()))
    assert (late.came_back, late.transfer and late.transfer.state) == (True, CallTransferState.NOT_ACCEPTED)
    then(history.when(late, MissTransfer(), 200))
    then(history.when(late, KEEP, 200), CallTransferEnded, AlarmCleared)
    then(history.when(late, offering(which=uuid4()), 200), CallTransferOffered, AlarmCleared)


def test_a_refusal_comes_back_with_its_reason() -> None:
    then(history.when(offered(), REFUSE, 40), CallTransferEnded, AlarmRaised)
    refused = history.given(offered(), (40, REFUSE))
    assert refused.transfer is not None
    assert (refused.transfer.state, refused.transfer.reason) == (CallTransferState.REFUSED, REFUSE.reason)
    then(history.when(refused, REFUSE, 41))


def test_a_drill_raises_no_alarm() -> None:
    then(history.when(offered(drill=True), MissTransfer(), 150), CallTransferEnded)


def test_an_emergency_ends_the_offer_since_its_incident_is_offered_then() -> None:
    events = history.when(offered(), classified(CallClass.EMERGENCY), 40)
    then(events, CallClassified, CallTransferEnded)
    emergency = history.given(offered(), (40, classified(CallClass.EMERGENCY)))
    assert emergency.transfer is not None
    assert emergency.transfer.state is CallTransferState.EMERGENCY
    for command in (ACCEPT, offering(which=uuid4())):
        with pytest.raises(NotAllowed):
            history.when(emergency, command, 50)
    came_back = history.given(offered(), (40, REFUSE))
    then(
        history.when(came_back, classified(CallClass.EMERGENCY), 50),
        *(CallClassified, CallTransferEnded, AlarmCleared),
    )


def test_another_class_changes_nothing_about_the_offer() -> None:
    then(history.when(offered(), classified(CallClass.OUT_OF_ZONE), 40), CallClassified)


def test_a_call_that_was_handed_on_is_not_cut_off() -> None:
    handed_on = history.given(offered(), (40, ACCEPT))
    assert not then_one(history.when(handed_on, End(by="pbx", ended_by="caller"), 50), CallEnded).cut_off
    assert then_one(history.when(offered(), End(by="pbx", ended_by="caller"), 50), CallEnded).cut_off


@pytest.mark.parametrize(
    ("call", "command", "refusal"),
    [
        (a_call(), offering(HERE), Invalid),
        (offered(), offering("99.03", which=uuid4()), NotAllowed),
        (history.given(offered(), (40, ACCEPT)), offering(which=uuid4()), NotAllowed),
        (history.given(offered(), (40, ACCEPT)), KEEP, NotAllowed),
        (history.given(offered(), (40, KEEP)), ACCEPT, NotAllowed),
        (history.given(offered(), (150, MissTransfer())), ACCEPT, NotAllowed),
        (a_call(), ACCEPT, NotFound),
        (offered(), AcceptCall(by="rani", transfer_id=uuid4(), call_id=uuid4()), NotFound),
    ],
)
def test_what_contradicts_is_refused(call: Call, command: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        history.when(call, command, 160)


def test_the_receiver_has_an_alarm_as_long_as_the_offer_stands() -> None:
    offer, acceptance = history.when(a_call(), offering(), 30), history.when(offered(), ACCEPT, 40)
    [(raised_in, raised)], [(cleared_in, cleared)] = (list(receivers_alarms(offered(), e)) for e in (offer, acceptance))
    assert (raised_in, cleared_in) == (THERE, THERE)
    assert isinstance(raised, AlarmRaised)
    assert isinstance(cleared, AlarmCleared)
    assert (raised.alarm_id, raised.label, raised.about) == (cleared.alarm_id, HERE, f"call-transfers/{TRANSFER}")


# --- over HTTP

OTHERS: dict[str, Any] = {"regencies": (THERE,), "subject": "rani"}
NUMBER = "+628111222333"


async def a_call_of_a_neighbour(desk: Desk, arrive: Arrive, **told: Any) -> str:
    """A caller of the other regency: answered here, with a place and a note. Returns the call's id."""
    call = await arrive(number=NUMBER, caller_name="Budi", **told)
    path = f"/v1/calls/{call['id']}"
    for step, body in (
        ("answer", {}),
        ("caller", {"language": "jv"}),
        ("location", {"lat": 0.1, "lon": 101.2, "address": "Pasar Baru"}),
        ("notes", {"text": "asap dari atap"}),
    ):
        answer = await desk("POST", f"{path}/{step}", body, subject="ani")
        assert answer.status_code == 200, answer.text
    return str(call["id"])


async def offer(desk: Desk, call: str, to: str = THERE) -> httpx.Response:
    return await desk("POST", f"/v1/calls/{call}/transfers", {"to": to, "message": "penelepon Anda"}, subject="ani")


async def the_offer(desk: Desk, **who: Any) -> dict[str, Any]:
    answer = await desk("GET", "/v1/call-transfers", **who)
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["items"]
    return dict(found)


async def test_the_receiver_goes_on_with_what_was_said_and_never_with_the_earlier_calls(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    await arrive(number=NUMBER)  # an earlier call, of which the receiver learns nothing
    kit.clock.advance(60)
    sent = await a_call_of_a_neighbour(desk, arrive)
    kit.clock.advance(20)
    made = await offer(desk, sent)
    assert made.status_code == 201, made.text
    assert (made.json()["transfer"]["state"], made.json()["transfer"]["to"]) == ("offered", THERE)

    shown = await the_offer(desk, **OTHERS)
    assert (shown["regency"], shown["to"], shown["state"]) == (HERE, THERE, "offered")
    assert shown["message"] == "penelepon Anda"
    assert shown["on_the_line"]
    assert NUMBER not in str(shown)
    assert "asap" not in str(shown)
    assert (await desk("GET", f"/v1/calls/{sent}", **OTHERS)).status_code == 404

    accept = f"/v1/call-transfers/{shown['id']}/accept"
    accepted = await desk("POST", accept, **OTHERS)
    assert accepted.status_code == 200, accepted.text
    call = accepted.json()
    assert (call["regency"], call["state"], call["answered_by"]) == (THERE, "answered", "rani")
    assert (call["number"], call["caller_name"], call["language"]) == (NUMBER, "Budi", "jv")
    assert (call["location"]["address"], [n["text"] for n in call["notes"]]) == ("Pasar Baru", ["asap dari atap"])
    assert call["zone"]["owner"] == THERE
    assert call["history"]["count"] == 0
    assert call["transferred_from"]["regency"] == HERE
    before = (await desk("GET", f"/v1/calls/{sent}")).json()
    assert (call["received_at"], call["answered_at"]) == (before["received_at"], before["answered_at"])
    assert (before["transfer"]["state"], before["transfer"]["call_id"]) == ("accepted", call["id"])
    assert (await desk("POST", accept, **OTHERS)).json()["id"] == call["id"]  # asked twice
    received = [one.event for one in await kit.said(CallReceived) if one.event.transferred_from]
    assert [event.transferred_from and event.transferred_from.call_id for event in received] == [UUID(sent)]

    classified = await desk("POST", f"/v1/calls/{call['id']}/classification", {"call_class": "emergency"}, **OTHERS)
    assert classified.status_code == 200, classified.text
    [said] = [one.event for one in await kit.said(CallClassified)]
    assert said.call.transferred_from is not None
    assert said.call.answered_at == datetime.fromisoformat(before["answered_at"])
    assert (await desk("GET", "/v1/queue", **OTHERS)).json()["items"] == []

    ended = await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, **OTHERS)
    assert ended.status_code == 200, ended.text
    assert (await desk("POST", accept, **OTHERS)).json()["id"] == call["id"], "asked again after its end"
    assert len(await kit.said(CallTransferAccepted)) == 1


async def test_the_call_of_another_regency_is_nobody_else_s_to_decide(desk: Desk, arrive: Arrive) -> None:
    sent = await a_call_of_a_neighbour(desk, arrive)
    await offer(desk, sent)
    path = f"/v1/call-transfers/{(await the_offer(desk))['id']}"
    for step, body in (("accept", None), ("refuse", {"reason": "x"})):
        assert (await desk("POST", f"{path}/{step}", body)).status_code == 404  # the sender
    assert (await desk("POST", f"{path}/take-back", **OTHERS)).status_code == 404  # the receiver
    assert (await desk("GET", "/v1/call-transfers", regencies=("99.03",))).json()["items"] == []


async def test_refusal_and_taking_back(desk: Desk, arrive: Arrive) -> None:
    sent = await a_call_of_a_neighbour(desk, arrive)
    await offer(desk, sent)
    path = f"/v1/call-transfers/{(await the_offer(desk))['id']}"
    assert (await desk("POST", f"{path}/refuse", {"reason": "bukan kami"}, **OTHERS)).status_code == 204
    call = (await desk("GET", f"/v1/calls/{sent}")).json()
    assert (call["transfer"]["state"], call["transfer"]["reason"], call["came_back"]) == ("refused", "bukan kami", True)
    kept = await desk("POST", f"{path}/take-back")
    assert (kept.status_code, kept.json()["came_back"]) == (200, False)
    late = await desk("POST", f"{path}/accept", **OTHERS)
    assert (late.status_code, late.json()["state"]) == (409, "taken_back")


async def test_it_comes_back_by_the_watch_of_deadlines(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    sent = await a_call_of_a_neighbour(desk, arrive)
    await offer(desk, sent)
    kit.clock.advance(119)
    async with kit.runtime.transaction() as tx:
        await pass_time(tx, UUID(sent))
    assert (await the_offer(desk))["state"] == "offered"
    kit.clock.advance(2)
    async with kit.runtime.transaction() as tx:
        await pass_time(tx, UUID(sent))
    assert (await the_offer(desk))["state"] == "not_accepted"
    alarms = [(one.envelope.regency, one.event.kind) for one in await kit.said(AlarmRaised)]
    assert alarms == [(THERE, "call_offered"), (HERE, "call_returned")]
    assert [(one.envelope.regency, one.event.kind) for one in await kit.said(AlarmCleared)] == [(THERE, "call_offered")]


async def test_two_accept_and_the_sender_takes_back_at_the_same_moment(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    sent = await a_call_of_a_neighbour(desk, arrive)
    await offer(desk, sent)
    path = f"/v1/call-transfers/{(await the_offer(desk))['id']}"
    answers = await asyncio.gather(
        desk("POST", f"{path}/accept", regencies=(THERE,), subject="rani"),
        desk("POST", f"{path}/accept", regencies=(THERE,), subject="sinta"),
        desk("POST", f"{path}/take-back"),
    )
    opened = {one.json()["id"] for one in answers[:2] if one.status_code == 200}
    state = (await the_offer(desk))["state"]
    accepted = len(await kit.said(CallTransferAccepted))
    assert (state, accepted, len(opened)) in (("accepted", 1, 1), ("taken_back", 0, 0))
    assert answers[2].status_code == (409 if accepted else 200)


async def test_bad_offers_are_refused_and_change_nothing(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await kit.configure(a_pack("99.03", 102, transfer_by="telephone"))
    waiting = await arrive(number="+628111222444")
    sent = await a_call_of_a_neighbour(desk, arrive)
    for to, code in ((HERE, "transfer_to_itself"), ("98.76", "transfer_to_nobody"), ("99.03", "transfer_to_nobody")):
        refused = await offer(desk, sent, to)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code), refused.text
    never_answered = await offer(desk, waiting["id"])
    assert (never_answered.status_code, never_answered.json()["state"]) == (409, "waiting")
    assert await kit.said(CallTransferOffered) == []

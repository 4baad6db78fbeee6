"""An answered call passes from one operator to another."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from sigap_common.contracts.calls import CallTakenOver, Channel
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_intake.domain import Answer, Call, DeclineOffer, End, Offer, Receive, TakeOver, decide, evolve, receive
from sigap_testing.histories import Histories, then, then_one
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
history = Histories(decide, evolve, NOON)


def a_call() -> Call:
    begun = Aggregate(id=UUID("018dc000-0000-7000-8000-000000000001"), regency="17.71")
    return history.begun(begun, receive(begun, Receive(by="pbx", channel=Channel.TELEPHONE), NOON).events)


def answered() -> Call:
    """By Ani, 8 s after noon."""
    return history.given(a_call(), (8, Answer(by="ani")))


def taking(by: str = "sari", holder: str = "ani", reason: str | None = None, **beside: Any) -> TakeOver:
    return TakeOver(by=by, holder=holder, reason=Sealed(reason) if reason else None, **beside)


def test_within_20_s_of_the_answer_a_call_is_taken_over_without_a_reason() -> None:
    taken = then_one(history.when(answered(), taking(), 28), CallTakenOver)
    assert (taken.by, taken.before, taken.handed_over) == ("sari", "ani", False)
    call = history.given(answered(), (28, taking(operator=Sealed("Sari"))))
    assert (call.answered_by, call.operator, call.answered_at) == ("sari", Sealed("Sari"), history.at(8))


def test_after_20_s_a_reason_is_needed() -> None:
    with pytest.raises(Invalid) as refused:
        history.when(answered(), taking(), 28.001)
    assert [(fault.place, fault.kind) for fault in refused.value.errors] == [(("body", "reason"), "take_over_reason")]  # type: ignore[union-attr]
    then(history.when(answered(), taking(reason="giliran habis"), 3600), CallTakenOver)


def test_a_call_is_handed_over_to_whom_it_is_offered_without_a_reason() -> None:
    call = history.given(answered(), (3600, Offer(by="ani", to="sari")))
    assert (call.answered_by, call.offered_to) == ("ani", "sari")
    then(history.when(call, Offer(by="ani", to="sari"), 3601))
    accepted = then_one(history.when(call, taking(), 3602), CallTakenOver)
    assert (accepted.before, accepted.handed_over) == ("ani", True)
    after = history.given(call, (3602, taking()))
    assert (after.answered_by, after.offered_to) == ("sari", None)
    with pytest.raises(Invalid):
        history.when(call, taking("budi"), 3602)


def test_what_is_left_of_an_ended_call_can_be_handed_over_too() -> None:
    ended = history.given(answered(), (60, End(by="pbx", ended_by="caller")), (61, Offer(by="ani", to="sari")))
    then(history.when(ended, taking(), 90), CallTakenOver)


def test_an_offer_is_declined_by_whom_it_was_made_to_and_the_call_stays() -> None:
    call = history.given(answered(), (60, Offer(by="ani", to="sari")))
    declined = history.given(call, (61, DeclineOffer(by="sari")))
    assert (declined.answered_by, declined.offered_to) == ("ani", None)
    for by, state in (("budi", call), ("sari", declined)):
        with pytest.raises(NotAllowed) as refused:
            history.when(state, DeclineOffer(by=by), 62)
        assert refused.value.reason == "not-offered"


def test_only_who_has_the_call_offers_it_and_to_another() -> None:
    with pytest.raises(NotAllowed):
        history.when(answered(), Offer(by="sari", to="budi"), 10)
    with pytest.raises(NotAllowed):
        history.when(a_call(), Offer(by="ani", to="budi"), 5)
    with pytest.raises(Invalid):
        history.when(answered(), Offer(by="ani", to="ani"), 10)
    taken = history.given(answered(), (10, Offer(by="ani", to="sari")), (11, taking("budi", reason="dekat")))
    with pytest.raises(NotAllowed):
        history.when(taken, taking("sari"), 12)  # another was faster


def test_the_20_s_begin_again_with_each_operator() -> None:
    call = history.given(answered(), (1000, taking(reason="layar mati")))
    then(history.when(call, taking("budi", "sari"), 1020), CallTakenOver)


def test_who_has_the_call_takes_over_nothing() -> None:
    then(history.when(answered(), taking("ani", "budi"), 9))


def test_a_call_is_taken_only_from_whom_the_screen_showed() -> None:
    """Else of three who reach for it the last would have it, and the second would speak on without knowing."""
    call = history.given(answered(), (10, taking("sari")))
    with pytest.raises(NotAllowed) as refused:
        history.when(call, taking("budi", "ani"), 11)
    assert (refused.value.reason, refused.value.params["answered_by"]) == ("answered-by-another", "sari")


@pytest.mark.parametrize("seconds", [0, 5])
def test_nobody_takes_over_a_call_that_nobody_has(seconds: float) -> None:
    with pytest.raises(NotAllowed) as refused:
        history.when(a_call(), taking(), seconds)
    assert refused.value.reason == "never-answered"
    over = history.given(answered(), (60, End(by="pbx", ended_by="caller")))
    with pytest.raises(NotAllowed) as refused:
        history.when(over, taking(reason="terlambat"), 61)
    assert refused.value.reason == "over-already"


async def test_of_many_who_take_over_at_once_exactly_one_has_it(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer", subject="ani")
    asked = (desk("POST", f"{path}/take-over", {"answered_by": "ani"}, subject=f"op-{n}") for n in range(20))
    answers = await asyncio.gather(*asked)
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} == {200, 409}
    assert {answer.json()["answered_by"] for answer in answers} == {won["answered_by"]}
    assert len(await kit.said(CallTakenOver)) == 1


async def test_one_takes_over_while_the_other_ends_the_call(desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer", subject="ani")
    taken, ended = await asyncio.gather(
        desk("POST", f"{path}/take-over", {"answered_by": "ani"}, subject="sari"),
        desk("POST", f"{path}/end", {"ended_by": "operator"}, subject="ani"),
    )
    assert ended.status_code == 200
    assert taken.status_code in (200, 409)
    read = (await desk("GET", path)).json()
    assert read["state"] == "ended"
    assert read["answered_by"] == ("sari" if taken.status_code == 200 else "ani")


async def test_a_take_over_is_shown_with_name_and_reason(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer", subject="ani")
    kit.clock.advance(60)
    refused = await desk("POST", f"{path}/take-over", {"answered_by": "ani"}, subject="sari")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/reason")
    body = {"answered_by": "ani", "reason": "Layar Ani mati"}
    taken = (await desk("POST", f"{path}/take-over", body, subject="sari", name="Sari Dewi")).json()
    assert (taken["answered_by"], taken["operator"], taken["claimed_at"]) == (
        "sari",
        "Sari Dewi",
        "2024-02-19T03:01:00Z",
    )
    last = (await desk("GET", f"{path}/timeline")).json()["items"][-1]
    assert (last["type"], last["event"]["reason"]) == ("sigap.CallTakenOver.v1", "Layar Ani mati")
    assert "Layar Ani" not in (await desk("GET", f"{path}/timeline", None, "admin")).text
    again = await desk("POST", f"{path}/take-over", body, subject="sari")
    assert (again.status_code, again.json()["version"]) == (200, taken["version"])


async def test_one_accepts_an_offer_while_another_takes_the_call_over(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer", subject="ani")
    kit.clock.advance(60)
    offered = await desk("POST", f"{path}/offer", {"to": "sari"}, subject="ani")
    assert (offered.status_code, offered.json()["offered_to"]) == (200, "sari")
    body = {"answered_by": "ani", "reason": "dekat"}
    answers = await asyncio.gather(
        desk("POST", f"{path}/take-over", {"answered_by": "ani"}, subject="sari"),
        desk("POST", f"{path}/take-over", body, subject="budi"),
    )
    assert sorted(answer.status_code for answer in answers) in ([200, 409], [200, 422])
    assert len(await kit.said(CallTakenOver)) == 1
    declined = await desk("POST", f"{path}/offer/decline", None, subject="sari")
    assert declined.status_code == 409

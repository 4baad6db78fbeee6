"""Who calls: entered and corrected at any time; classes corrected with a reason; notes on abandoned calls."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from sigap_common.contracts.calls import CallClass, CallerDescribed, CallerDetails, CallNoted, CallReclassified, Channel
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_intake.domain import (
    Answer,
    Call,
    Classification,
    Classify,
    Describe,
    End,
    Receive,
    Tell,
    Told,
    WriteNote,
    decide,
    evolve,
    receive,
)
from sigap_testing.histories import Histories, then, then_one
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
SRI, BUDI, BACK = Sealed("Ibu Sri"), Sealed("Budi"), Sealed("+628111222333")
calls = Histories(decide, evolve, NOON)
given, when = calls.given, calls.when


def a_call(**told: Any) -> Call:
    begun = Aggregate(id=UUID(int=1), regency="17.71")
    return calls.begun(begun, receive(begun, Receive(by="pbx", channel=Channel.TELEPHONE, **told), NOON).events)


def described(**said: Sealed | None) -> Describe:
    return Describe(by="ani", said=said)


ANSWERED, ENDED = (5, Answer(by="ani")), (9, End(by="pbx", ended_by="caller"))


@pytest.mark.parametrize("steps", [(), (ANSWERED,), (ANSWERED, ENDED), (ENDED,)])
def test_who_calls_is_entered_of_any_call_and_the_event_has_what_was_before(steps: tuple[Any, ...]) -> None:
    call = given(a_call(caller_name=BUDI), *steps)
    event = then_one(when(call, described(caller_name=SRI, callback_number=BACK), 20), CallerDescribed)
    assert event.before == CallerDetails(caller_name=BUDI)
    assert event.after == CallerDetails(caller_name=SRI, callback_number=BACK)
    after = calls.after(call, [event])
    assert (after.caller_name, after.callback_number, after.state) == (SRI, BACK, call.state)
    assert (after.snapshot().caller_name, after.snapshot().callback_number) == (SRI, BACK)


def test_what_is_not_said_stays_and_what_is_said_again_is_no_event() -> None:
    call = given(a_call(), (3, described(caller_name=SRI, language=Sealed("jv"))))
    assert when(call, described(caller_name=SRI), 4) == []
    removed = given(call, (5, described(caller_name=None)))
    assert (removed.caller_name, removed.language) == (None, Sealed("jv"))


@pytest.mark.parametrize(("by_person", "stands"), [(SRI, SRI), (None, None)])
def test_the_exchange_does_not_change_a_name_that_a_person_entered_or_removed(
    by_person: Sealed | None, stands: Sealed | None
) -> None:
    call = given(a_call(caller_name=BUDI), (3, described(caller_name=by_person)))
    said: dict[str, Any] = {"exchange_id": Sealed("x"), "exchange_hash": "x", "caller_name": BUDI}
    later = Tell(by="pbx", told=Told.ENDED, at=None, heard_at=calls.at(9), **said)
    assert given(call, (9, later)).caller_name == stands


def test_an_abandoned_call_takes_notes_and_one_that_still_waits_does_not() -> None:
    note = WriteNote(by="ani", text=Sealed("ditelepon kembali, tidak diangkat"))
    then(when(given(a_call(), ENDED), note, 60), CallNoted)
    with pytest.raises(NotAllowed):
        when(a_call(), note, 3)


def a_class(call_class: CallClass, reason: str | None = None, **said: Any) -> Classify:
    classification = Classification(call_class=call_class, **said)
    return Classify(by="ani", classification=classification, reason=Sealed(reason) if reason else None)


def test_a_wrong_class_is_corrected_with_a_reason_alone() -> None:
    call = given(a_call(), ANSWERED, (7, a_class(CallClass.PRANK)))
    with pytest.raises(Invalid) as refused:
        when(call, a_class(CallClass.EMERGENCY), 8)
    (fault,) = refused.value.errors
    assert isinstance(fault, Fault)
    assert (fault.place, fault.kind, fault.params) == (
        ("body", "reason"),
        "reason_for_correction",
        {"before": CallClass.PRANK},
    )
    then(when(call, a_class(CallClass.EMERGENCY, "ada api"), 8), CallReclassified)


def test_a_type_or_priority_is_corrected_without_one() -> None:
    call = given(a_call(), ANSWERED, (7, a_class(CallClass.EMERGENCY, incident_type="fire")))
    then(when(call, a_class(CallClass.EMERGENCY, incident_type="flood"), 8), CallReclassified)


# --- over HTTP


async def test_the_caller_of_an_abandoned_call_is_entered_and_stays_in_its_timeline(
    desk: Desk, arrive: Arrive, kit: Kit
) -> None:
    call = await arrive(number="081234567890", caller_name="Budi")
    path = f"/v1/calls/{call['id']}"
    assert (await desk("POST", f"{path}/end", {"ended_by": "caller"})).json()["state"] == "abandoned"
    body = {"caller_name": "Ibu Sri", "callback_number": "0811-1222-333", "language": "jv"}
    told = (await desk("POST", f"{path}/caller", body)).json()
    assert (told["caller_name"], told["callback_number"], told["language"]) == ("Ibu Sri", "+628111222333", "jv")
    assert told["number"] == "+6281234567890"
    assert (await desk("POST", f"{path}/notes", {"text": "tidak diangkat"})).status_code == 200
    event = (await desk("GET", f"{path}/timeline")).json()["items"][2]["event"]
    assert (event["before"]["caller_name"], event["after"]["caller_name"]) == ("Budi", "Ibu Sri")
    unopened = (await desk("GET", path, None, "admin")).json()
    assert {unopened[name] for name in ("caller_name", "callback_number", "language", "fixes")} == {None}
    kept = await kit.kept()
    assert not [word for word in ("Ibu Sri", "628111222333", '"jv"') if word in kept]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"callback_number": "anonymous"}, "number_placeholder"),
        ({"callback_number": "besok saja"}, "number_unreadable"),
        ({"callback_number": "0811900123 / 0811900124"}, "number_several"),
        ({"language": "JV"}, "string_pattern_mismatch"),
    ],
)
async def test_what_cannot_be_used_is_refused_at_its_field(
    desk: Desk, arrive: Arrive, body: dict[str, str], code: str
) -> None:
    call = await arrive()
    refused = await desk("POST", f"/v1/calls/{call['id']}/caller", body)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["code"], error["pointer"]) == (422, code, f"#/{next(iter(body))}")


async def test_who_classifies_what_another_has_classified_learns_of_it(desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer", {})
    await desk("POST", f"{path}/classification", {"call_class": "prank"})
    refused = await desk("POST", f"{path}/classification", {"call_class": "information"}, subject="budi")
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], "panggilan iseng" in error["detail"]) == (422, "#/reason", True)
    body = {"call_class": "information", "reason": "menanyakan jam buka puskesmas"}
    assert (await desk("POST", f"{path}/classification", body, subject="budi")).status_code == 200

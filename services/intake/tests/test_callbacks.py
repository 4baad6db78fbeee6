"""Callbacks over HTTP: from dropped calls to their list, from there to a call that proved real."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from sigap_common.auth import Access, Role
from sigap_common.contracts.callbacks import CallbackOpened
from sigap_common.contracts.calls import CallAbandoned, CallClassified, CallCorrected, CallReceived, CallReclassified
from sigap_common.contracts.incidents import IncidentCreated, IncidentUpdated, Source
from sigap_common.contracts.places import Place
from sigap_common.messaging.jobs import EVERY
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_intake.domain import TelephoneEvent, Told
from sigap_intake.list_entries.callbacks import FORM
from sigap_intake.models.callbacks import callbacks
from sigap_intake.schemas.callbacks import CallbackOut
from sigap_intake.use_cases.callbacks import meet_due
from sigap_intake.use_cases.dropped_calls import FOLLOWED
from sigap_intake.use_cases.exchanges import Heard, hear
from sigap_intake.visibility.callbacks import CALLBACK_POLICY
from sigap_intake.visibility.calls import POLICY
from sigap_testing.forms import form_of
from sigap_testing.kit import Kit
from sigap_testing.messages import message_of
from sigap_testing.statements import asked, plan_of, statements

from .conftest import Arrive

Desk = Callable[..., Awaitable[Any]]

KEPT = (2, "a659c866db8dc380")
"""The form of the stored entries, and a digest of the schema that they and their parts have."""
NUMBER, OTHER = "+628111222333", "+628111222444"
HERE = {"lat": 0.1, "lon": 100.2, "uncertainty_m": 50, "address": "Pasar Lama"}
MINUTE = 60
EXPIRY = 240 * MINUTE
SETTLED_BY = ["callbacks_settled_of_number", "callbacks_settled_of_place"]
"""The indexes by which callbacks that are not open any more are found."""


async def follow(kit: Kit) -> None:
    """Intake hears what it said of calls so far, as the bus would bring it. What was heard before is passed over."""
    heard = await kit.said(*FOLLOWED)
    await kit.hear_again(*(message_of(one.event, one.envelope, kit.runtime.ring) for one in heard))


@pytest.fixture
def drop(kit: Kit, arrive: Arrive, desk: Desk) -> Callable[..., Awaitable[str]]:
    """A call arrives, and its caller hangs up before an answer. Returns its id."""

    async def dropped(number: str | None = NUMBER, **told: Any) -> str:
        call = await arrive(**told, **({"number": number} if number else {}))
        kit.clock.advance(5)
        answer = await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})
        assert answer.status_code == 200, answer.text
        await follow(kit)
        return str(call["id"])

    return dropped


@pytest.fixture
def cut_off(kit: Kit, arrive: Arrive, desk: Desk) -> Callable[..., Awaitable[str]]:
    """A call is answered by sari, and its line breaks before she knows anything."""

    async def cut(number: str = NUMBER) -> str:
        call = await arrive(number=number)
        path = f"/v1/calls/{call['id']}"
        assert (await desk("POST", f"{path}/answer", {}, subject="sari")).status_code == 200
        assert (await desk("POST", f"{path}/end", {"ended_by": "exchange"})).status_code == 200
        await follow(kit)
        return str(call["id"])

    return cut


async def listed(desk: Desk, *roles: str, **query: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await desk("GET", f"/v1/callbacks?{asked}", None, *roles)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def read(desk: Desk, one: dict[str, Any], *roles: str) -> dict[str, Any]:
    found: dict[str, Any] = (await desk("GET", f"/v1/callbacks/{one['id']}", None, *roles)).json()
    return found


def reasons(one: dict[str, Any]) -> set[str]:
    return {part["reason"] for part in one["parts"]}


# --- which calls are work, and in which order


async def test_dropped_calls_of_a_number_are_one_callback_and_the_likely_come_first(
    kit: Kit, desk: Desk, drop: Any
) -> None:
    once = await drop(OTHER)
    calls = [await drop(), await drop(number="0811-1222-333")]
    found = await listed(desk, regency="99.01")
    assert [[call["call_id"] for call in one["calls"]] for one in found] == [calls, [once]]
    first = found[0]
    assert (first["joined_by"], first["number"], first["call_count"], first["points"]) == ("number", NUMBER, 2, 20)
    assert reasons(first) == {"again"}
    assert await read(desk, first) == first
    await follow(kit)  # it is brought a second time
    assert await listed(desk) == found


async def test_calls_without_a_number_are_joined_by_place_or_stand_alone(desk: Desk, drop: Any) -> None:
    await drop(None, caller_location=HERE)
    await drop(None, caller_location=HERE | {"lat": 0.1001})
    await drop(None)
    await drop(None)
    found = await listed(desk)
    assert [(one["joined_by"], one["call_count"], one["number"]) for one in found] == [
        ("place", 2, None),
        ("nothing", 1, None),
        ("nothing", 1, None),
    ]


async def test_several_numbers_from_one_place_raise_each_other(desk: Desk, drop: Any) -> None:
    await drop(caller_location=HERE)
    await drop(OTHER, caller_location=HERE)
    for one in await listed(desk):
        assert (reasons(one), one["points"]) == ({"place_shared", "place_known"}, 35)


async def test_the_night_and_an_open_incident_nearby_are_reasons(kit: Kit, desk: Desk, drop: Any) -> None:
    kit.clock.advance(13 * 3600)  # 23:00 in Jakarta
    now = kit.clock()
    created = IncidentCreated(
        at=now,
        recorded_at=now,
        number="9901-1",
        day=now.date(),
        incident_type="fire",
        priority=1,
        place=Place.of(0.1, 100.2),
        source=Source.OBSERVER,
        call_id=None,
        answered_at=None,
        started_at=now,
    )
    await kit.hear(created, subject=str(uuid4()), regency="99.01")
    await drop(caller_location=HERE)
    await drop(OTHER)
    assert [reasons(one) for one in await listed(desk)] == [{"place_known", "night", "incident_near"}, {"night"}]


def an_incident(kit: Kit, place: Place | None, caller_hash: str | None = None) -> IncidentCreated:
    now = kit.clock()
    return IncidentCreated(
        at=now,
        recorded_at=now,
        number="9901-2",
        day=now.date(),
        incident_type="fire",
        priority=1,
        place=place,
        source=Source.OBSERVER,
        call_id=None,
        answered_at=None,
        started_at=now,
        caller_hash=caller_hash,
    )


NORTH_500_M = Place.of(0.1045, 100.2)


@pytest.mark.parametrize(("place", "raised"), [(NORTH_500_M, True), (Place.of(0.2, 100.2), False)])
async def test_an_incident_that_opens_near_a_dropped_call_raises_it(
    kit: Kit, desk: Desk, drop: Any, place: Place, raised: bool
) -> None:
    await drop(caller_location=HERE)
    await drop(OTHER)
    subject = str(uuid4())
    await kit.hear(an_incident(kit, place), subject=subject, regency="99.01")
    first, second = await listed(desk)
    assert ("incident_near" in reasons(first), "incident_near" in reasons(second)) == (raised, False)
    now = kit.clock()
    moved = IncidentUpdated(at=now, recorded_at=now, place=NORTH_500_M)
    await kit.hear(moved, subject=subject, regency="99.01", sequence=2)
    first, _ = await listed(desk)
    assert "incident_near" in reasons(first), "it moved there"


async def test_an_incident_of_its_number_raises_a_dropped_call_wherever_it_is(kit: Kit, desk: Desk, drop: Any) -> None:
    await drop()
    created = an_incident(kit, None, kit.runtime.ring.lookup(NUMBER))
    await kit.hear(created, subject=str(uuid4()), regency="99.01", drill=True)
    assert reasons((await listed(desk))[0]) == set()
    await kit.hear(created, subject=str(uuid4()), regency="99.01")
    assert reasons((await listed(desk))[0]) == {"incident_near"}


async def test_a_call_that_was_cut_off_is_first_and_its_own_operators(
    kit: Kit, desk: Desk, drop: Any, cut_off: Any
) -> None:
    await drop(OTHER, caller_location=HERE)
    await cut_off()
    first, _ = await listed(desk)
    assert (first["cut_off"], first["first_for"], first["calls"][0]["drop"]) == (True, "sari", "cut_off")
    path = f"/v1/callbacks/{first['id']}/claim"
    refused = await desk("POST", path)
    assert (refused.status_code, refused.json()["state"]) == (409, "open")
    assert (await desk("POST", path, subject="sari")).json()["claimed_by"] == "sari"


@pytest.mark.parametrize("mark", [{"backfilled": True, "received_at": "2024-02-18T03:00:00Z"}])
async def test_a_late_entry_is_no_work(kit: Kit, desk: Desk, arrive: Arrive, mark: dict[str, Any]) -> None:
    call = await arrive("supervisor", number=NUMBER, **mark)
    await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, "supervisor")
    await follow(kit)
    assert await listed(desk) == []


async def test_drills_are_apart_and_last(desk: Desk, drop: Any) -> None:
    await drop(drill=True)
    await drop(drill=True)
    await drop()
    assert [(one["drill"], one["call_count"]) for one in await listed(desk)] == [(False, 1), (True, 2)]


async def test_of_another_regency_nothing_is_seen(kit: Kit, desk: Desk, drop: Any) -> None:
    await drop()
    (one,) = await listed(desk)
    there = {"regencies": ("99.02",)}
    assert (await desk("GET", "/v1/callbacks", **there)).json()["items"] == []
    assert (await desk("GET", f"/v1/callbacks/{one['id']}", **there)).status_code == 404
    assert (await desk("POST", f"/v1/callbacks/{one['id']}/claim", **there)).status_code == 404
    assert (await desk("GET", "/v1/callbacks?regency=99.01", **there)).status_code == 403
    shown = await listed(desk, "admin")
    assert (shown[0]["number"], shown[0]["opened"]) == (None, False)


# --- what ends it by itself


async def test_a_number_that_was_answered_since_needs_no_call_back(
    kit: Kit, desk: Desk, arrive: Arrive, drop: Any
) -> None:
    await drop()
    (one,) = await listed(desk)
    kit.clock.advance(5)
    again = await arrive(number=NUMBER)
    await desk("POST", f"/v1/calls/{again['id']}/answer")
    await follow(kit)
    assert await listed(desk) == []
    ended = await read(desk, one)
    assert (ended["state"], ended["resolved_how"], ended["resolved_by_call"]) == ("resolved", "contact", again["id"])


async def test_a_drop_that_is_heard_of_after_the_answer_of_a_later_call_is_no_work(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    first = await arrive(number=NUMBER)
    await desk("POST", f"/v1/calls/{first['id']}/end", {"ended_by": "caller"})
    kit.clock.advance(5)
    again = await arrive(number=NUMBER)
    await desk("POST", f"/v1/calls/{again['id']}/answer")
    await follow(kit)
    assert await listed(desk) == []


async def test_a_cut_off_call_that_gets_its_class_needs_no_call_back(kit: Kit, desk: Desk, cut_off: Any) -> None:
    call = await cut_off()
    (one,) = await listed(desk)
    await desk("POST", f"/v1/calls/{call}/classification", {"call_class": "prank"})
    await follow(kit)
    assert await listed(desk) == []
    assert (await read(desk, one))["resolved_how"] == "classified"


async def test_expired_ones_are_gone_but_for_a_sample_that_chance_draws(
    kit: Kit, desk: Desk, drop: Any, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", 100, callbacks={"sample_share": 0.5}), version=2)
    numbers = [f"+6281112223{n:02}" for n in range(20)]
    for number in numbers:
        await drop(number)
    before = await listed(desk)
    kit.clock.advance(EXPIRY + MINUTE)
    for one in before:
        async with kit.runtime.transaction() as tx:
            await meet_due(tx, UUID(one["id"]))
    drawn = await listed(desk)
    assert 0 < len(drawn) < len(numbers)
    assert {one["state"] for one in drawn} == {"sampled"}
    kit.clock.advance(1)
    answer = await desk("POST", f"/v1/callbacks/{drawn[0]['id']}/attempts", {"outcome": "real"})
    assert (answer.json()["sampled"], answer.json()["outcome"]) == (True, "real")


async def test_the_watch_finds_what_is_due(kit: Kit, desk: Desk, drop: Any, pack: Callable[..., Pack]) -> None:
    await kit.configure(pack("99.01", 100, callbacks={"sample_share": 0}), version=2)
    await drop()
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(select(callbacks.c.due_at))).scalars().all()
    assert rows == [kit.clock() + timedelta(seconds=EXPIRY)]


# --- two at once


async def test_of_many_who_claim_at_once_exactly_one_has_it(desk: Desk, drop: Any) -> None:
    await drop()
    (one,) = await listed(desk)
    path = f"/v1/callbacks/{one['id']}/claim"
    answers = await asyncio.gather(*(desk("POST", path, subject=f"op-{n}") for n in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    winner = next(answer.json()["claimed_by"] for answer in answers if answer.status_code == 200)
    assert {a.json()["claimed_by"] for a in answers if a.status_code == 409} == {winner}
    assert [one["claimed_by"] for one in await listed(desk, claimed_by=winner)] == [winner]
    assert await listed(desk, claimed_by="nobody") == []


async def test_of_a_real_and_a_not_needed_at_once_the_real_one_is_never_lost(desk: Desk, drop: Any) -> None:
    for _ in range(4):
        await drop()
        (one,) = await listed(desk)
        path = f"/v1/callbacks/{one['id']}/attempts"
        real, needless = await asyncio.gather(
            desk("POST", path, {"outcome": "real", "incident_type": "fire"}, subject="ani"),
            desk("POST", path, {"outcome": "not_needed"}, subject="budi"),
        )
        assert (real.status_code, needless.status_code in (200, 409)) == (200, True)
        ended = await read(desk, one)
        assert (ended["outcome"], ended["opened_call"]) == ("real", real.json()["opened_call"])


async def test_a_real_one_that_is_recorded_twice_at_once_opens_one_call(kit: Kit, desk: Desk, drop: Any) -> None:
    await drop()
    (one,) = await listed(desk)
    path = f"/v1/callbacks/{one['id']}/attempts"
    answers = await asyncio.gather(*(desk("POST", path, {"outcome": "real"}, subject=f"op-{n}") for n in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["opened_call"] for answer in answers}) == 1
    assert len([heard for heard in await kit.said(CallReceived) if heard.event.callback_id]) == 1


# --- what it comes to


async def test_a_callback_that_proves_real_becomes_a_call_with_its_emergency(kit: Kit, desk: Desk, drop: Any) -> None:
    dropped = await drop(caller_location=HERE, channel="app")
    (one,) = await listed(desk)
    await desk("POST", f"/v1/callbacks/{one['id']}/claim")
    said = {"outcome": "real", "incident_type": "fire", "priority": 1, "text": "Api di dapur"}
    ended = (await desk("POST", f"/v1/callbacks/{one['id']}/attempts", said)).json()
    assert (ended["state"], ended["outcome"], ended["attempts"][0]["text"]) == ("called_back", "real", "Api di dapur")

    call = (await desk("GET", f"/v1/calls/{ended['opened_call']}")).json()
    assert (call["callback_id"], call["channel"], call["number"]) == (one["id"], "app", NUMBER)
    assert (call["call_class"], call["incident_type"], call["state"]) == ("emergency", "fire", "answered")
    assert (call["answered_at"], call["notes"][0]["text"]) == (None, "Api di dapur")
    path = f"/v1/calls/{call['id']}"
    assert (await desk("POST", f"{path}/answer", subject="budi")).status_code == 409
    for step, body in (("location", HERE), ("notes", {"text": "dua orang"}), ("end", {"ended_by": "operator"})):
        answer = await desk("POST", f"{path}/{step}", body)
        assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "ended"

    (classified,) = [heard.event for heard in await kit.said(CallClassified)]
    assert (classified.call.callback_id, classified.call.answered_at) == (UUID(one["id"]), None)
    before = (await desk("GET", f"/v1/calls/{dropped}")).json()
    assert (before["state"], before["answered_at"]) == ("abandoned", None)
    assert len(await kit.said(CallAbandoned)) == 1
    assert (await desk("GET", "/v1/queue")).json()["items"] == []
    seen = [POLICY.variant(heard, an_access(kit, Role.operator)) for heard in await kit.said(CallReceived)]
    assert [variant is None for variant in seen] == [False, True]


async def test_a_call_by_callback_passes_to_another_operator_like_any_other(desk: Desk, drop: Any) -> None:
    await drop()
    (one,) = await listed(desk)
    ended = (await desk("POST", f"/v1/callbacks/{one['id']}/attempts", {"outcome": "real"}, subject="ani")).json()
    path = f"/v1/calls/{ended['opened_call']}"
    taken = await desk("POST", f"{path}/take-over", {"answered_by": "ani"}, subject="budi")
    assert (taken.status_code, taken.json()["answered_by"]) == (200, "budi")
    assert (await desk("POST", f"{path}/offer", {"to": "ani"}, subject="budi")).status_code == 200


async def test_a_key_press_guards_the_number_whatever_class_the_call_had(
    kit: Kit, desk: Desk, arrive: Arrive, drop: Any
) -> None:
    call = await arrive(number=NUMBER)
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer")
    await desk("POST", f"{path}/classification", {"call_class": "emergency", "incident_type": "fire"})
    pressed = await desk("POST", f"{path}/silent-steps", {"step": "press_a_key", "heard": "key_press"})
    assert pressed.status_code == 200, pressed.text
    await follow(kit)
    kit.clock.advance(60)
    await drop()
    (one,) = await listed(desk)
    assert one["withheld"]


async def test_nobody_answers_three_times_and_it_is_over(kit: Kit, desk: Desk, drop: Any) -> None:
    await drop()
    (one,) = await listed(desk)
    path = f"/v1/callbacks/{one['id']}"
    for points in (-15, -30, -45):
        assert (await desk("POST", f"{path}/claim")).status_code == 200
        answer = (await desk("POST", f"{path}/attempts", {"outcome": "no_answer"})).json()
        assert (answer["points"], answer["claimed_by"]) == (points, None)
    assert (answer["state"], answer["outcome"]) == ("called_back", "no_answer")
    entries = (await desk("GET", f"{path}/timeline")).json()["items"]
    kinds = [entry["type"].split(".")[1] for entry in entries]
    assert kinds == ["CallbackOpened", *["CallbackClaimed", "CallbackAttempted"] * 3]


async def test_what_is_no_emergency_has_no_kind(desk: Desk, drop: Any) -> None:
    await drop()
    (one,) = await listed(desk)
    path = f"/v1/callbacks/{one['id']}/attempts"
    refused = await desk("POST", path, {"outcome": "not_needed", "incident_type": "fire", "priority": 1})
    assert {error["pointer"] for error in refused.json()["errors"]} == {"#/incident_type", "#/priority"}
    unknown = await desk("POST", path, {"outcome": "real", "incident_type": "fier"})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "incident_type_unknown")
    assert (await read(desk, one))["state"] == "open"


@pytest.mark.parametrize(("what", "codes"), [("reasons", 7), ("outcomes", 4)])
async def test_codes_have_words_in_both_languages(desk: Desk, what: str, codes: int) -> None:
    items = (await desk("GET", f"/v1/callbacks/{what}")).json()["items"]
    assert len(items) == codes
    assert all(item["label"]["id"] != item["label"]["en"] for item in items)


# --- numbers that may not simply be called


async def a_silent_call(kit: Kit, desk: Desk, arrive: Arrive, **said: Any) -> str:
    call = await arrive(number=NUMBER)
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer")
    await desk("POST", f"{path}/silent-steps", {"step": "greet", "heard": "hung_up"})
    classified = await desk("POST", f"{path}/classification", {"call_class": "silent", **said})
    assert classified.status_code == 200, classified.text
    await desk("POST", f"{path}/end", {"ended_by": "caller"})
    await follow(kit)
    return str(call["id"])


PROTECTED = {"call_class": "emergency", "incident_type": "domestic_violence"}


@pytest.mark.parametrize("said", [{}, PROTECTED])
async def test_a_number_with_a_silent_or_protected_call_is_not_called_without_a_note(
    kit: Kit, desk: Desk, arrive: Arrive, drop: Any, said: dict[str, Any]
) -> None:
    call = await a_silent_call(kit, desk, arrive, **said)
    kit.clock.advance(60)
    await drop(caller_location=HERE)
    (one,) = await listed(desk)
    assert (one["guarded"], one["withheld"], one["number"], one["location"]) == (True, True, None, None)
    assert await read(desk, one) == one
    assert (await read(desk, one, "supervisor"))["number"] == NUMBER
    claim = f"/v1/callbacks/{one['id']}/claim"
    refused = await desk("POST", claim)
    assert (refused.status_code, refused.json()["state"]) == (409, "open")
    (opened,) = await kit.said(CallbackOpened)
    assert CALLBACK_POLICY.event(opened, an_access(kit, Role.operator))["number"] is None  # type: ignore[index]
    assert CALLBACK_POLICY.event(opened, an_access(kit, Role.supervisor))["number"] == NUMBER  # type: ignore[index]
    timeline = (await desk("GET", f"/v1/callbacks/{one['id']}/timeline")).json()["items"]
    assert timeline[0]["event"]["number"] is None

    contact = f"/v1/calls/{call}/contact"
    assert (await desk("POST", contact, {"contact_note": "Hanya SMS"})).json()["withheld"] is False
    (one,) = await listed(desk)
    assert (one["number"], one["contact_note"], one["withheld"]) == (NUMBER, "Hanya SMS", False)
    assert (await desk("POST", claim)).status_code == 200


async def test_correcting_the_class_does_not_lift_what_guards_a_number_and_a_supervisor_does(
    kit: Kit, desk: Desk, arrive: Arrive, drop: Any
) -> None:
    call = await a_silent_call(kit, desk, arrive)
    corrected = {"call_class": "prank", "reason": "anak bermain"}
    assert (await desk("POST", f"/v1/calls/{call}/classification", corrected)).status_code == 200
    await follow(kit)
    await drop()
    (one,) = await listed(desk)
    assert one["withheld"]
    contact = f"/v1/calls/{call}/contact"
    assert (await desk("POST", contact, {"guarded": False})).status_code == 403
    assert (await desk("POST", contact, {"guarded": False}, "supervisor")).status_code == 200
    (one,) = await listed(desk)
    assert (one["guarded"], one["number"]) == (False, NUMBER)


async def lifted(kit: Kit, desk: Desk, call: str) -> None:
    kit.clock.advance(1)
    answer = await desk("POST", f"/v1/calls/{call}/contact", {"guarded": False}, "supervisor")
    assert answer.status_code == 200, answer.text
    kit.clock.advance(1)


async def is_guarded(kit: Kit, desk: Desk, call: str) -> bool:
    await follow(kit)
    found: bool = (await desk("GET", f"/v1/calls/{call}/contact", None, "supervisor")).json()["guarded"]
    return found


async def press(desk: Desk, call: str) -> None:
    pressed = await desk("POST", f"/v1/calls/{call}/silent-steps", {"step": "press_a_key", "heard": "key_press"})
    assert pressed.status_code == 200, pressed.text


async def test_what_a_supervisor_lifted_stays_lifted_until_something_new_is_known(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    call = await a_silent_call(kit, desk, arrive)
    await press(desk, call)
    assert await is_guarded(kit, desk, call)
    await lifted(kit, desk, call)
    guarded = []
    for body in ({"call_class": "wrong_number"}, {"call_class": "silent"}):
        answer = await desk("POST", f"/v1/calls/{call}/classification", {**body, "reason": "salah tekan"}, "supervisor")
        assert answer.status_code == 200, answer.text
        guarded.append(await is_guarded(kit, desk, call))
    assert guarded == [False, True], "the call was protected before, and is silent anew"


FIRE = {"call_class": "emergency", "incident_type": "fire"}
A_PRANK = {"call_class": "prank", "incident_type": "domestic_violence"}


@pytest.mark.parametrize(
    ("before", "after", "guards"),
    [
        (PROTECTED, PROTECTED | {"priority": 2}, False),
        (PROTECTED, PROTECTED | {"same_incident": str(uuid4())}, False),
        (PROTECTED, A_PRANK, False),
        (A_PRANK, A_PRANK | {"priority": 2}, False),
        (A_PRANK, PROTECTED, True),
        (FIRE, PROTECTED, True),
        ({"call_class": "emergency"}, PROTECTED, True),
        ({"call_class": "prank"}, PROTECTED, True),
    ],
)
async def test_a_correction_guards_a_lifted_number_anew_only_if_the_call_was_not_protected_before(
    kit: Kit, desk: Desk, arrive: Arrive, before: Any, after: Any, guards: bool
) -> None:
    call = (await arrive(number=NUMBER))["id"]
    classification = f"/v1/calls/{call}/classification"
    await desk("POST", f"/v1/calls/{call}/answer")
    assert (await desk("POST", classification, before)).status_code == 200
    await follow(kit)
    await lifted(kit, desk, call)
    answer = await desk("POST", classification, after | {"reason": "keliru"}, "supervisor")
    assert answer.status_code == 200, answer.text
    assert await is_guarded(kit, desk, call) is guards


async def test_a_protected_type_guards_anew_if_an_older_version_did_not_say_the_type_before(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    call = await a_silent_call(kit, desk, arrive, **FIRE)
    await lifted(kit, desk, call)
    answer = await desk("POST", f"/v1/calls/{call}/classification", PROTECTED, "supervisor")
    assert answer.status_code == 200, answer.text
    [said] = await kit.said(CallReclassified)
    older = said.event.model_copy(update={"type_before": None})
    await kit.hear_again(message_of(older, said.envelope, kit.runtime.ring))
    assert (await desk("GET", f"/v1/calls/{call}/contact", None, "supervisor")).json()["guarded"]


async def test_what_is_heard_late_does_not_undo_what_a_supervisor_lifted(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    call = await a_silent_call(kit, desk, arrive)
    await press(desk, call)  # intake's own event of it is still on its way
    await lifted(kit, desk, call)
    assert not await is_guarded(kit, desk, call)
    later = await a_silent_call(kit, desk, arrive)
    assert await is_guarded(kit, desk, later)


async def test_a_supervisor_may_call_a_guarded_number(kit: Kit, desk: Desk, arrive: Arrive, drop: Any) -> None:
    await a_silent_call(kit, desk, arrive)
    await drop()
    (one,) = await listed(desk)
    answer = await desk("POST", f"/v1/callbacks/{one['id']}/claim", None, "supervisor")
    assert (answer.status_code, answer.json()["number"]) == (200, NUMBER)


async def test_do_not_call_back_holds_for_the_number_until_it_is_taken_back(kit: Kit, desk: Desk, drop: Any) -> None:
    call = await drop()
    contact = f"/v1/calls/{call}/contact"
    assert (await desk("GET", contact)).json() == dict.fromkeys(("guarded", "declined", "withheld"), False) | {
        "contact_note": None
    }
    (one,) = await listed(desk)
    await desk("POST", f"/v1/callbacks/{one['id']}/claim")
    assert (await desk("POST", contact, {"declined": True})).json()["withheld"] is True
    (one,) = await listed(desk)
    assert (one["declined"], one["claimed_by"], one["number"]) == (True, None, None)
    claim = f"/v1/callbacks/{one['id']}/claim"
    assert (await desk("POST", claim, None, "supervisor")).status_code == 409
    await desk("POST", contact, {"declined": False})
    assert (await desk("POST", claim)).status_code == 200


async def test_a_number_of_a_protected_incident_of_dispatch_is_guarded(kit: Kit, desk: Desk, drop: Any) -> None:
    """Its own call here may have had another class."""
    call = await drop()
    now = kit.clock()
    created = IncidentCreated(
        at=now,
        recorded_at=now,
        number="9901-1",
        day=now.date(),
        incident_type="domestic_violence",
        priority=1,
        protected=True,
        source=Source.CALL,
        place=None,
        answered_at=None,
        call_id=UUID(call),
        caller_hash=kit.runtime.ring.lookup(NUMBER),
        started_at=now,
    )
    await kit.hear(created, subject=str(uuid4()), regency="99.01")
    (one,) = await listed(desk)
    assert (await desk("POST", f"/v1/callbacks/{one['id']}/claim")).status_code == 409


async def test_a_call_without_a_number_has_no_contact(desk: Desk, drop: Any) -> None:
    call = await drop(None)
    answer = await desk("POST", f"/v1/calls/{call}/contact", {"declined": True})
    assert (answer.status_code, answer.json()["state"]) == (409, "abandoned")


# --- its stream, its entries, what is erased


def an_access(kit: Kit, *roles: Role) -> Access:
    return Access("ani", frozenset(roles), frozenset({"99.01"}), None, kit.clock())


async def test_the_stream_has_callbacks_alone(kit: Kit, desk: Desk, drop: Any) -> None:
    await drop()
    seen = [CALLBACK_POLICY.event(heard, an_access(kit, Role.operator)) for heard in await kit.said()]
    shown = [one for one in seen if one is not None]
    assert [one["number"] for one in shown] == [NUMBER]
    json.dumps(shown, default=str)


async def test_a_page_of_the_list_opens_no_document(kit: Kit, desk: Desk, drop: Any) -> None:
    for number in (NUMBER, OTHER):
        await drop(number)
    with statements(kit.runtime.database) as asked:
        assert len(await listed(desk)) == 2
    assert not [sql for sql in asked if "document" in sql]


def test_what_callbacks_show_changes_together_with_the_form_of_the_entries() -> None:
    assert (FORM, form_of(CallbackOut)) == KEPT, "raise FORM in list_entries/callbacks.py, then KEPT here"


async def test_what_is_over_is_erased_with_the_calls_and_what_is_work_is_not(
    kit: Kit, desk: Desk, drop: Any, pack: Callable[..., Pack]
) -> None:
    long = {"expire_minutes": 10_080, "sample_share": 0}
    await kit.configure(pack("99.01", 100, retention={"calls_days": 2, "positions_days": 2}, callbacks=long), version=2)
    call = await drop(caller_location=HERE)
    (one,) = await listed(desk)
    await desk("POST", f"/v1/callbacks/{one['id']}/notes", {"text": "asap"})
    await desk("POST", f"/v1/calls/{call}/contact", {"contact_note": "Hanya SMS"})
    kit.clock.advance(3 * 86_400)
    await kit.runtime.sweeps.sweep()
    assert (await read(desk, one))["number"] == NUMBER
    await desk("POST", f"/v1/callbacks/{one['id']}/attempts", {"outcome": "not_needed", "text": "sudah"})
    kit.clock.advance((EVERY + timedelta(days=2)).total_seconds())
    await kit.runtime.sweeps.sweep()
    kit.clock.advance(EVERY.total_seconds())
    await kit.runtime.sweeps.sweep()
    assert "s1." not in await kit.kept()
    assert kit.runtime.ring.lookup(NUMBER) not in await kit.kept()
    ended = await read(desk, one)
    assert (ended["number"], ended["outcome"], ended["attempts"][0]["text"]) == (None, "not_needed", None)


@pytest.mark.parametrize("before", [0, 1])
async def test_a_number_that_the_exchange_tells_late_is_the_number_of_its_call(
    kit: Kit, desk: Desk, drop: Any, before: int
) -> None:
    """A call is dropped without a number; then its exchange corrects it."""
    for _ in range(before):
        await drop()
    for told, number in ((Told.RINGING, None), (Told.ENDED, None), (Told.RINGING, NUMBER)):
        event = TelephoneEvent(
            told=told, call_id=Sealed("1708.1"), at=kit.clock(), number=Sealed(number) if number else None
        )
        async with kit.runtime.transaction() as tx:
            await hear(tx, Heard(regency="99.01", by="99.01/pbx", heard_at=kit.clock(), event=event))
        await follow(kit)
    (one,) = await listed(desk)
    assert (one["number"], one["call_count"]) == (NUMBER, before + 1)


async def corrected(kit: Kit, exchange_id: str, number: str | None = None) -> None:
    """The exchange says late that the call had begun a second earlier, and perhaps who called."""
    said = len(await kit.said(CallCorrected))
    async with kit.runtime.transaction() as tx:
        call = await tx.calls.of_exchange("99.01", exchange_id)
        assert call is not None
        began = call.received_at - timedelta(seconds=1)
        told = {"number": Sealed(number)} if number else {}
        event = TelephoneEvent(told=Told.RINGING, call_id=Sealed(exchange_id), at=began, **told)
        await hear(tx, Heard(regency="99.01", by="99.01/pbx", heard_at=kit.clock(), event=event))
    assert len(await kit.said(CallCorrected)) == said + 1
    await follow(kit)


async def test_calls_that_were_joined_to_one_stay_work_if_its_number_is_told_late(
    kit: Kit, desk: Desk, drop: Any
) -> None:
    """Two calls without a number came from one place; then the exchange tells the number of the first."""
    for exchange_id in ("1708.1", "1708.2"):
        await drop(number=None, caller_location=HERE, exchange_id=exchange_id)
    for _ in range(2):
        await corrected(kit, "1708.1", NUMBER)
        found = sorted((one["joined_by"], one["call_count"]) for one in await listed(desk))
        assert found == [("number", 1), ("place", 2)]


@pytest.mark.parametrize("exchange_id", ["1708.1", "1708.2"])
@pytest.mark.parametrize("told", [{}, {"number": None, "caller_location": HERE}])
async def test_a_callback_that_is_over_is_not_opened_again_by_what_is_heard_late_of_its_calls(
    kit: Kit, desk: Desk, drop: Any, told: dict[str, Any], exchange_id: str
) -> None:
    for one in ("1708.1", "1708.2"):
        await drop(exchange_id=one, **told)
    await over(desk)
    kit.clock.advance(1)
    await corrected(kit, exchange_id)
    assert await listed(desk) == []


@pytest.mark.parametrize("exchange_id", ["1708.1", "1708.2"])
async def test_nor_does_the_call_join_the_next_callback_of_its_number(
    kit: Kit, desk: Desk, drop: Any, exchange_id: str
) -> None:
    for one in ("1708.1", "1708.2"):
        await drop(exchange_id=one)
    await over(desk)
    kit.clock.advance(1)
    next_call = await drop(exchange_id="1708.3")
    await corrected(kit, exchange_id)
    (found,) = await listed(desk)
    assert [call["call_id"] for call in found["calls"]] == [next_call]


async def test_nor_is_the_one_opened_again_that_got_the_call_since_its_number_was_told_late(
    kit: Kit, desk: Desk, drop: Any
) -> None:
    for exchange_id in ("1708.1", "1708.2"):
        await drop(number=None, caller_location=HERE, exchange_id=exchange_id)
    await drop(exchange_id="1708.3")
    await corrected(kit, "1708.1", NUMBER)
    await over(desk, joined_by="number")
    kit.clock.advance(1)
    await corrected(kit, "1708.1", NUMBER)
    assert [(one["joined_by"], one["call_count"]) for one in await listed(desk)] == [("place", 2)]


async def test_one_that_was_drawn_for_the_sample_gets_no_second_beside_it(
    kit: Kit, desk: Desk, drop: Any, pack: Callable[..., Pack]
) -> None:
    await kit.configure(pack("99.01", 100, callbacks={"sample_share": 1, "expire_minutes": 30}), version=2)
    for exchange_id in ("1708.1", "1708.2"):
        await drop(exchange_id=exchange_id)
    (one,) = await listed(desk)
    kit.clock.advance(31 * MINUTE)
    async with kit.runtime.transaction() as tx:
        await meet_due(tx, UUID(one["id"]))
    await corrected(kit, "1708.2")
    assert [(found["id"], found["state"]) for found in await listed(desk)] == [(one["id"], "sampled")]


async def over(desk: Desk, joined_by: str | None = None) -> None:
    """Somebody records that the only callback, or the only one of this kind, needs no call."""
    (one,) = [found for found in await listed(desk) if joined_by in (None, found["joined_by"])]
    answer = await desk("POST", f"/v1/callbacks/{one['id']}/attempts", {"outcome": "not_needed"})
    assert answer.status_code == 200, answer.text


async def test_a_call_that_stood_alone_joins_its_place_if_that_is_told_late(kit: Kit, desk: Desk, drop: Any) -> None:
    alone = await drop(number=None, exchange_id="1708.1")
    await drop(number=None, caller_location=HERE)
    fix = {"lat": HERE["lat"], "lon": HERE["lon"], "uncertainty_m": 50, "source": "network"}
    located = await desk("POST", f"/v1/calls/{alone}/fixes", fix)
    assert located.status_code == 200, located.text
    await corrected(kit, "1708.1")
    assert [(one["joined_by"], one["call_count"]) for one in await listed(desk)] == [("place", 2)]


async def test_callbacks_that_are_not_open_any_more_are_found_by_an_index(kit: Kit, drop: Any) -> None:
    """A number may have years of them. In the planner's own words."""
    told: list[dict[str, Any]] = [{}, *[{"number": None, "caller_location": HERE}] * 2]
    calls = [UUID(await drop(**one)) for one in told]
    with asked(kit.runtime.database) as said:
        async with kit.runtime.transaction() as tx:
            for call_id in calls:
                await tx.callbacks.that_had(await tx.calls.get(call_id, lock=False))
    plans = [
        await plan_of(kit.runtime.database, sql, parameters)
        for sql, parameters in said
        if "FROM callbacks" in sql and "last_dropped_at >=" in sql
    ]
    assert [name for plan in plans for name in SETTLED_BY if name in plan] == SETTLED_BY
    assert not [plan for plan in plans if "TEMP B-TREE" in plan]


async def test_what_somebody_has_claimed_is_found_and_what_is_recorded_is_not(kit: Kit, desk: Desk, drop: Any) -> None:
    for number in (NUMBER, OTHER):
        await drop(number)
    found = await listed(desk)
    for one in found:
        assert (await desk("POST", f"/v1/callbacks/{one['id']}/claim", subject="sari")).status_code == 200
    await desk("POST", f"/v1/callbacks/{found[0]['id']}/attempts", {"outcome": "recovered"}, subject="sari")
    async with kit.runtime.transaction() as tx:
        assert [str(one.id) for one in await tx.callbacks.claimed_by("sari")] == [found[1]["id"]]
        assert await tx.callbacks.claimed_by("budi") == []


async def test_who_signs_off_is_told_what_he_has_claimed_until_somebody_else_has_it(desk: Desk, drop: Any) -> None:
    await drop()
    [one] = await listed(desk)
    path, room = f"/v1/callbacks/{one['id']}", {"regency": "99.01"}
    for subject in ("ani", "sari"):
        signed_on = await desk("POST", "/v1/presence", room | {"state": "available"}, subject=subject)
        assert signed_on.status_code == 200, signed_on.text
    assert (await desk("POST", f"{path}/claim", subject="ani")).status_code == 200
    refused = await desk("POST", "/v1/presence/sign-off", room, subject="ani")
    assert (refused.status_code, refused.json()["callbacks"]) == (409, [one["id"]])
    assert (await desk("POST", f"{path}/release", subject="ani")).status_code == 200
    assert (await desk("POST", f"{path}/claim", subject="sari")).json()["claimed_by"] == "sari"
    assert (await desk("POST", "/v1/presence/sign-off", room, subject="ani")).status_code == 200
    assert (await desk("POST", "/v1/presence/sign-off", room, subject="sari")).status_code == 409


async def test_before_signing_off_a_callback_is_passed_to_a_named_colleague_who_accepts(desk: Desk, drop: Any) -> None:
    await drop()
    [one] = await listed(desk)
    path, room = f"/v1/callbacks/{one['id']}", {"regency": "99.01"}
    for subject in ("ani", "sari"):
        await desk("POST", "/v1/presence", room | {"state": "available"}, subject=subject)
    assert (await desk("POST", f"{path}/claim", subject="ani")).status_code == 200
    offered = await desk("POST", f"{path}/offer", {"to": "sari"}, subject="ani")
    assert (offered.status_code, offered.json()["claimed_by"], offered.json()["offered_to"]) == (200, "ani", "sari")
    assert [found["id"] for found in await listed(desk, offered_to="sari")] == [one["id"]]
    refused = await desk("POST", "/v1/presence/sign-off", room, subject="ani")
    assert (refused.status_code, refused.json()["callbacks"]) == (409, [one["id"]])
    declined = (await desk("POST", f"{path}/offer/decline", subject="sari")).json()
    assert (declined["claimed_by"], declined["offered_to"]) == ("ani", None)
    assert await listed(desk, offered_to="sari") == []
    await desk("POST", f"{path}/offer", {"to": "sari"}, subject="ani")
    accepted = (await desk("POST", f"{path}/claim", subject="sari", name="Sari Dewi")).json()
    assert (accepted["claimed_by"], accepted["operator"], accepted["offered_to"]) == ("sari", "Sari Dewi", None)
    assert (await desk("POST", "/v1/presence/sign-off", room, subject="ani")).status_code == 200
    told = (await desk("GET", f"{path}/timeline")).json()["items"]
    assert [entry["type"].split(".")[1] for entry in told][-5:] == [
        "CallbackClaimed",
        "CallbackOffered",
        "CallbackOfferDeclined",
        "CallbackOffered",
        "CallbackClaimed",
    ]
    assert "ani" in told[-1]["in_words"]["en"]


async def test_if_one_accepts_while_the_other_records_nothing_is_lost(desk: Desk, drop: Any) -> None:
    """Ani offers the callback and calls all the same, while Sari accepts it."""
    await drop()
    [one] = await listed(desk)
    path = f"/v1/callbacks/{one['id']}"
    await desk("POST", f"{path}/claim", subject="ani")
    await desk("POST", f"{path}/offer", {"to": "sari"}, subject="ani")
    accepted, recorded = await asyncio.gather(
        desk("POST", f"{path}/claim", subject="sari"),
        desk("POST", f"{path}/attempts", {"outcome": "recovered"}, subject="ani"),
    )
    assert sorted([accepted.status_code, recorded.status_code]) == [200, 409]
    after = await read(desk, one)
    if accepted.status_code == 200:
        assert (after["state"], after["claimed_by"]) == ("open", "sari")
    else:
        assert (after["state"], after["outcome"]) == ("called_back", "recovered")


# --- what is over


async def test_what_is_over_has_a_list_of_its_own_with_what_it_came_to(kit: Kit, desk: Desk, drop: Any) -> None:
    ended: dict[str, str] = {}
    for number, outcome in ((NUMBER, "not_needed"), ("+6281200000002", "real")):
        kit.clock.advance(60)
        await drop(number=number)
        (one,) = await listed(desk)
        answer = await desk("POST", f"/v1/callbacks/{one['id']}/attempts", {"outcome": outcome})
        assert answer.status_code == 200, answer.text
        ended[one["id"]] = outcome
    await drop(number="+6281200000003")
    assert len(await listed(desk)) == 1

    over = (await desk("GET", "/v1/callbacks/ended?limit=1")).json()
    further = (await desk("GET", f"/v1/callbacks/ended?limit=1&cursor={over['next']}")).json()
    found = [*over["items"], *further["items"]]
    assert [(one["id"], one["outcome"]) for one in found] == list(reversed(ended.items()))
    assert further["next"] is None
    assert (await desk("GET", "/v1/callbacks/ended?state=expired")).json()["items"] == []
    assert len((await desk("GET", "/v1/callbacks/ended?state=called_back")).json()["items"]) == 2
    assert (await desk("GET", "/v1/callbacks/ended?state=open")).status_code == 422

"""The first look at a call: one request for all that an operator should see, on both databases."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from sigap_common.contracts.incidents import IncidentClosed
from sigap_common.contracts.places import Place
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk, incident_created

NUMBER = "+6281234567890"
HERE = {"lat": 0.0, "lon": 100.5}
BESIDE = {"lat": 0.0018, "lon": 100.5}
"""200 m north of HERE."""
FAR = {"lat": 0.1, "lon": 100.5}


@pytest.fixture
def look(desk: Desk) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def first_look(call: dict[str, Any], *roles: str) -> dict[str, Any]:
        answer = await desk("GET", f"/v1/calls/{call['id']}/first-look", None, *roles)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return first_look


Look = Callable[..., Awaitable[dict[str, Any]]]


async def step(desk: Desk, call: dict[str, Any], step: str, body: dict[str, Any] | None = None) -> None:
    answer = await desk("POST", f"/v1/calls/{call['id']}/{step}", body or {})
    assert answer.status_code == 200, answer.text


async def incident(kit: Kit, **told: Any) -> UUID:
    """An incident of 99.01 at HERE, reported by NUMBER."""
    created = incident_created(kit, **{"caller_hash": kit.runtime.ring.lookup(NUMBER), **told})
    incident_id = uuid4()
    await kit.hear(created, subject=str(incident_id), regency="99.01")
    return incident_id


async def test_of_a_new_caller_there_is_nothing_but_the_call(arrive: Arrive, look: Look) -> None:
    call = await arrive(number=NUMBER)
    found = await look(call)
    assert found["call"]["id"] == call["id"]
    assert found["call"]["history"]["count"] == 0
    rest = {name: value for name, value in found.items() if name not in {"call", "triage", "contact"}}
    lists = ("earlier", "of_number", "closed_lately", "near", "on_the_line", "blocks", "referrals")
    assert found["contact"] == {"guarded": False, "declined": False, "contact_note": None, "withheld": False}
    assert rest == {"protected": False, **{name: [] for name in lists}}


async def test_what_the_number_said_before_newest_first(kit: Kit, arrive: Arrive, desk: Desk, look: Look) -> None:
    for words in ("halo", "api di pasar"):
        earlier = await arrive(number=NUMBER)
        await step(desk, earlier, "answer")
        for text in ("satu", "dua", "tiga", words):
            await step(desk, earlier, "notes", {"text": text})
        await step(desk, earlier, "classification", {"call_class": "prank"})
        await step(desk, earlier, "end", {"ended_by": "caller"})
        kit.clock.advance(60)
    await arrive(number="+6281111111112")
    found = await look(await arrive(number="0812-3456-7890"))
    assert [[note["text"] for note in one["notes"]] for one in found["earlier"]] == [
        ["dua", "tiga", "api di pasar"],
        ["dua", "tiga", "halo"],
    ]
    assert {(one["call_class"], one["state"]) for one in found["earlier"]} == {("prank", "ended")}
    assert found["call"]["history"] == {
        "count": 2,
        "by_class": {"prank": 2},
        "last_at": found["earlier"][0]["received_at"],
        "last_class": "prank",
    }


async def test_open_incidents_of_the_number_come_first_and_others_near_by_after(
    kit: Kit, arrive: Arrive, look: Look
) -> None:
    own = await incident(kit, place=None)
    beside = await incident(kit, caller_hash="another", place=Place.of(0.0018, 100.5), number="BKL-20240219-0043")
    await incident(kit, caller_hash="another", place=Place.of(0.1, 100.5))
    found = await look(await arrive(number=NUMBER, caller_location=HERE))
    assert [(one["id"], one["number"]) for one in found["of_number"]] == [(str(own), "BKL-20240219-0042")]
    assert [(one["id"], one["metres"]) for one in found["near"]] == [(str(beside), 200)]


async def close(kit: Kit, incident_id: UUID, window: timedelta | None = timedelta(hours=1), **envelope: Any) -> None:
    now = kit.clock()
    closed = IncidentClosed(at=now, recorded_at=now, disposition="resolved", reopen_until=window and now + window)
    await kit.hear(closed, subject=str(incident_id), regency="99.01", sequence=2, **envelope)


async def test_an_incident_of_the_number_that_was_closed_lately_is_proposed_to_be_reopened(
    kit: Kit, arrive: Arrive, look: Look
) -> None:
    first = await incident(kit)
    await close(kit, first)
    other = await incident(kit, caller_hash="another", number="BKL-20240219-0043")
    await close(kit, other)
    kit.clock.advance(60)
    found = await look(await arrive(number=NUMBER))
    assert found["of_number"] == []
    [proposed] = found["closed_lately"]
    assert (proposed["id"], proposed["number"], proposed["incident_type"]) == (str(first), "BKL-20240219-0042", "fire")
    assert proposed["closed_at"] < found["call"]["received_at"] < proposed["reopen_until"]
    assert (await look(await arrive()))["closed_lately"] == [], "without a number nothing is known"


async def test_of_a_protected_number_only_that_an_incident_can_be_reopened(
    kit: Kit, arrive: Arrive, desk: Desk, look: Look
) -> None:
    first = await incident(kit, protected=True)
    await close(kit, first)
    call = await arrive(number=NUMBER)
    await step(desk, call, "answer")
    [proposed] = (await look(call))["closed_lately"]
    assert (proposed["id"], proposed["protected"], proposed["number"]) == (str(first), True, None)


async def test_reopening_is_proposed_neither_after_the_packs_time_nor_for_drills_and_late_entries(
    kit: Kit, arrive: Arrive, look: Look
) -> None:
    await close(kit, await incident(kit, backfilled=True))
    await close(kit, await incident(kit), timedelta(minutes=30))
    await close(kit, await incident(kit), None)
    assert len((await look(await arrive(number=NUMBER)))["closed_lately"]) == 1
    assert (await look(await arrive(number=NUMBER, drill=True)))["closed_lately"] == []
    kit.clock.advance(1800)
    assert (await look(await arrive(number=NUMBER)))["closed_lately"] == []


async def test_an_uncertain_place_looks_farther(kit: Kit, arrive: Arrive, look: Look) -> None:
    await incident(kit, caller_hash="another", place=Place.of(0.027, 100.5))
    assert (await look(await arrive(caller_location=HERE)))["near"] == []
    (found,) = (await look(await arrive(caller_location={**HERE, "uncertainty_m": 2500})))["near"]
    assert found["metres"] == pytest.approx(3002, abs=2)


async def test_the_emergencys_place_counts_before_the_callers(kit: Kit, arrive: Arrive, desk: Desk, look: Look) -> None:
    await incident(kit, caller_hash="another")
    call = await arrive(number=NUMBER, caller_location=FAR)
    assert (await look(call))["near"] == []
    await step(desk, call, "answer")
    await step(desk, call, "location", BESIDE)
    assert [one["metres"] for one in (await look(call))["near"]] == [200]


async def test_of_a_protected_number_nothing_is_shown_but_that_an_incident_is_open(
    kit: Kit, arrive: Arrive, desk: Desk, look: Look
) -> None:
    earlier = await arrive(number=NUMBER)
    await step(desk, earlier, "answer")
    await step(desk, earlier, "notes", {"text": "suami saya"})
    protected = await incident(kit, protected=True)
    kit.clock.advance(60)
    call = await arrive(number=NUMBER, caller_location=HERE)
    await step(desk, call, "answer")
    found = await look(call)
    assert (found["protected"], found["earlier"], found["near"]) == (True, [], [])
    assert found["call"]["history"] is None
    unsaid = dict.fromkeys(("number", "incident_type", "priority", "opened_at", "metres"))
    assert found["of_number"] == [{"id": str(protected), "protected": True, **unsaid}]
    assert (await desk("GET", f"/v1/calls/{call['id']}")).json()["history"] is None


async def test_a_silent_caller_who_pressed_a_key_is_protected_before_dispatch_says_so(
    kit: Kit, arrive: Arrive, desk: Desk, look: Look
) -> None:
    await step(desk, await arrive(number=NUMBER), "answer")
    kit.clock.advance(60)
    call = await arrive(number=NUMBER)
    await step(desk, call, "answer")
    assert len((await look(call))["earlier"]) == 1
    await step(desk, call, "silent-steps", {"step": "press_a_key", "heard": "key_press"})
    found = await look(call)
    assert (found["protected"], found["earlier"], found["call"]["history"]) == (True, [], None)


async def test_a_protected_incident_and_its_callers_are_no_hint_to_others(
    kit: Kit, arrive: Arrive, desk: Desk, look: Look
) -> None:
    speaking = await arrive(number=NUMBER, caller_location=HERE)
    await step(desk, speaking, "answer")
    other = await arrive(number="+6281111111112", caller_location=HERE)
    assert len((await look(other))["on_the_line"]) == 1
    await incident(kit, protected=True)
    found = await look(other)
    assert (found["near"], found["on_the_line"]) == ([], [])


async def test_who_else_is_on_the_line_about_it(arrive: Arrive, desk: Desk, look: Look) -> None:
    near, again, far, waiting = [
        await arrive(number=number, caller_location=where)
        for number, where in (
            ("+6281111111112", BESIDE),
            (NUMBER, FAR),
            ("+6281111111113", FAR),
            ("+6281111111114", HERE),
        )
    ]
    for one in (near, again, far):
        await step(desk, one, "answer")
    await step(desk, near, "notes", {"text": "asap tebal"})
    found = (await look(await arrive(number=NUMBER, caller_location=HERE)))["on_the_line"]
    assert [(one["id"], one["because"]) for one in found] == [(again["id"], "same_number"), (near["id"], "near")]
    assert found[1]["metres"] == 200
    assert [note["text"] for note in found[1]["notes"]] == ["asap tebal"]
    await step(desk, near, "end", {"ended_by": "caller"})
    found = (await look(await arrive(number=NUMBER, caller_location=HERE)))["on_the_line"]
    assert [one["id"] for one in found] == [again["id"]]
    assert waiting["state"] == "waiting"


async def test_a_call_on_the_same_incident_is_told_wherever_it_is(arrive: Arrive, desk: Desk, look: Look) -> None:
    incident_id = str(uuid4())
    calls = [await arrive(caller_location=where) for where in (HERE, FAR)]
    for call in calls:
        await step(desk, call, "answer")
        told = {"call_class": "emergency", "same_incident": incident_id}
        await step(desk, call, "classification", told)
    (found,) = (await look(calls[0]))["on_the_line"]
    assert (found["id"], found["because"], found["same_incident"]) == (calls[1]["id"], "same_incident", incident_id)


async def test_calls_without_a_number_are_never_one_caller(arrive: Arrive, desk: Desk, look: Look) -> None:
    await step(desk, await arrive(), "answer")
    found = await look(await arrive())
    assert (found["earlier"], found["of_number"], found["on_the_line"], found["call"]["history"]) == ([], [], [], None)


async def test_drills_are_apart(kit: Kit, arrive: Arrive, desk: Desk, look: Look) -> None:
    await step(desk, await arrive(number=NUMBER, caller_location=HERE), "answer")
    await incident(kit)
    found = await look(await arrive(number=NUMBER, caller_location=HERE, drill=True))
    assert (found["earlier"], found["of_number"], found["near"], found["on_the_line"]) == ([], [], [], [])


@pytest.mark.parametrize("role", ["cti", "admin", "planner"])
async def test_only_those_who_speak_with_callers_take_it(arrive: Arrive, desk: Desk, role: str) -> None:
    call = await arrive(number=NUMBER)
    assert (await desk("GET", f"/v1/calls/{call['id']}/first-look", None, role)).status_code == 403


async def test_another_regencys_call_is_not_found(arrive: Arrive, desk: Desk) -> None:
    call = await arrive(number=NUMBER)
    answer = await desk("GET", f"/v1/calls/{call['id']}/first-look", regencies=("99.02",))
    assert answer.status_code == 404


def first_question(found: dict[str, Any]) -> str | None:
    questions = found["triage"]["questions"]
    return questions[0]["code"] if questions else None


async def test_of_an_unknown_event_the_opening_questions_are_there(arrive: Arrive, look: Look) -> None:
    triage = (await look(await arrive(number=NUMBER)))["triage"]
    assert (triage["incident_type"], triage["because"], triage["words"]) == (None, None, [])
    assert [question["code"] for question in triage["questions"]] == ["place", "callback", "what"]
    assert {answer["next"] for answer in triage["questions"][2]["answers"]} > {"fire_people", "conscious"}


async def test_the_triage_of_the_likely_type_is_whole(kit: Kit, desk: Desk, arrive: Arrive, look: Look) -> None:
    """Each answer that leads on leads to a question that is there, so that no second request is needed."""
    await incident(kit, place=None)
    call = await arrive(number=NUMBER)
    triage = (await look(call))["triage"]
    assert (triage["incident_type"], triage["because"]) == ("fire", "open_incident")
    guidance = (await desk("GET", "/v1/guidance?regency=99.01")).json()
    (fire,) = [kind for kind in guidance["incident_types"] if kind["code"] == "fire"]
    assert (triage["guidance"], triage["words"]) == (guidance["version"], fire["words"])
    assert triage["questions"][0]["code"] == fire["begins_with"]
    asked = {question["code"] for question in triage["questions"]}
    leads = {answer["next"] for question in triage["questions"] for answer in question["answers"]}
    assert leads - {None} <= asked
    assert "what" not in asked
    await step(desk, call, "answer")
    await step(desk, call, "triage", {"answers": {fire["begins_with"]: "yes"}, "guidance": triage["guidance"]})
    after = await look(call)
    assert first_question(after) == after["call"]["sop"]["next_question"]
    assert after["triage"]["because"] == "answers"


async def test_the_call_itself_counts_before_the_caller_and_the_caller_before_the_place(
    kit: Kit, desk: Desk, arrive: Arrive, look: Look
) -> None:
    """The signs come one after the other, from the weakest to the strongest."""

    async def likely() -> tuple[str, str]:
        triage = (await look(call))["triage"]
        return triage["incident_type"], triage["because"]

    beside = await arrive(number="+6281111111111", caller_location=BESIDE)
    await step(desk, beside, "answer")
    await step(desk, beside, "classification", {"call_class": "emergency", "incident_type": "wild_animal"})
    call = await arrive(number=NUMBER, caller_location=HERE)
    await step(desk, call, "answer")
    assert await likely() == ("wild_animal", "call_near")
    await incident(kit, caller_hash="another", place=Place.of(0.0018, 100.5), incident_type="flood")
    assert await likely() == ("flood", "incident_near")
    closed = await incident(kit, incident_type="traffic_accident")
    await close(kit, closed)
    assert await likely() == ("traffic_accident", "closed_lately")
    other = await arrive(number=NUMBER)
    await step(desk, other, "answer")
    await step(desk, other, "classification", {"call_class": "emergency", "incident_type": "medical"})
    assert await likely() == ("medical", "same_caller")
    await incident(kit, incident_type="fire")
    assert await likely() == ("fire", "open_incident")
    await step(desk, call, "triage", {"answers": {"what": "flood"}})
    assert await likely() == ("flood", "answers")
    await step(desk, call, "classification", {"call_class": "emergency", "incident_type": "drowning"})
    assert await likely() == ("drowning", "classified")


async def test_earlier_reports_of_a_protected_number_make_no_type_likely(
    kit: Kit, desk: Desk, arrive: Arrive, look: Look
) -> None:
    await incident(kit, incident_type="domestic_violence", protected=True)
    await incident(kit, incident_type="fire")
    call = await arrive(number=NUMBER)
    await step(desk, call, "answer")
    found = await look(call)
    assert (found["protected"], found["triage"]["incident_type"]) == (True, None)


async def test_of_a_protected_number_the_note_how_to_call_it_safely_is_shown(
    kit: Kit, desk: Desk, arrive: Arrive, look: Look
) -> None:
    await incident(kit, protected=True)
    call = await arrive(number=NUMBER)
    await step(desk, call, "answer")
    guarded = {"guarded": True, "declined": False, "contact_note": None, "withheld": True}
    assert (await look(call))["contact"] == guarded
    assert (await desk("GET", f"/v1/calls/{call['id']}/contact")).json() == guarded
    await step(desk, call, "contact", {"contact_note": "Hanya SMS"})
    found = await look(call)
    assert (found["protected"], found["call"]["history"]) == (True, None)
    assert found["contact"] == guarded | {"contact_note": "Hanya SMS", "withheld": False}


async def test_a_supervisor_lifts_what_guards_a_number_that_dispatch_protects(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    await incident(kit, protected=True)
    contact = f"/v1/calls/{(await arrive(number=NUMBER))['id']}/contact"
    noted = await desk("POST", contact, {"contact_note": "Hanya SMS"}, "supervisor")
    assert noted.json() == {"guarded": True, "declined": False, "contact_note": "Hanya SMS", "withheld": False}
    lifted = await desk("POST", contact, {"guarded": False}, "supervisor")
    assert lifted.json() == noted.json() | {"guarded": False}
    assert (await desk("GET", contact, None, "supervisor")).json() == lifted.json()


async def test_it_is_lifted_also_if_nothing_was_said_of_the_number_before(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    await incident(kit, protected=True)
    contact = f"/v1/calls/{(await arrive(number=NUMBER))['id']}/contact"
    assert (await desk("POST", contact, {"guarded": False}, "supervisor")).status_code == 200
    assert (await desk("GET", contact, None, "supervisor")).json()["guarded"] is False

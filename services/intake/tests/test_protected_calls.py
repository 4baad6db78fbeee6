"""Protected calls: from whom they are hidden, what a broken glass opens, and what lifts protection."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from services.intake.tests.conftest import Arrive, Desk, incident_created

from sigap_common.contracts.calls import CallReceived
from sigap_common.contracts.incidents import Change, IncidentReportAdded, IncidentUpdated
from sigap_common.contracts.need import Need
from sigap_common.contracts.protection import GlassBroken, ProtectionLifted
from sigap_common.personal_data import Sealed
from sigap_intake.visibility.calls import POLICY
from sigap_intake.visibility.room import ROOM_POLICY
from sigap_testing.kit import Kit

NUMBER = "+6281234567890"
KDRT = {"call_class": "emergency", "incident_type": "domestic_violence"}
OPERATOR, COLLEAGUE, SUPERVISOR = "ani", "budi", "sari"
LOCATION = {"lat": 0.0, "lon": 100.5, "address": "Gang Kenanga 7"}
PLANTED = (NUMBER, "Melati Rahasia", "Gang Kenanga 7", "tolong suami saya")

Shows = Callable[..., Awaitable[bool]]


@pytest.fixture
def shows(desk: Desk) -> Shows:
    """Whether a call is shown to a person: alone, in the list, by its timeline. All of them agree."""

    async def look(call: str, who: str, *roles: str) -> bool:
        one = (await desk("GET", f"/v1/calls/{call}", None, *roles, subject=who)).json()
        listed = (await desk("GET", "/v1/calls", None, *roles, subject=who)).json()["items"]
        [entry] = [item for item in listed if item["id"] == call]
        timeline = await desk("GET", f"/v1/calls/{call}/timeline", None, *roles, subject=who)
        by_class = (await desk("GET", "/v1/calls?call_class=emergency", None, *roles, subject=who)).json()["items"]
        assert one["hidden"] is entry["hidden"]
        assert (timeline.status_code == 403) is one["hidden"]
        if one["hidden"]:
            assert one == entry
            assert not [item for item in by_class if item["id"] == call]
        return not one["hidden"]

    return look


async def step(desk: Desk, call: str, what: str, body: Any = None, who: str = OPERATOR) -> None:
    answer = await desk("POST", f"/v1/calls/{call}/{what}", body or {}, subject=who)
    assert answer.status_code == 200, answer.text


async def told(desk: Desk, arrive: Arrive, number: str | None = NUMBER) -> str:
    """A call that was answered and in which everything planted was said; without a class."""
    call: str = (await arrive(number=number, caller_name="Melati Rahasia"))["id"]
    await step(desk, call, "answer")
    await step(desk, call, "location", LOCATION)
    await step(desk, call, "notes", {"text": "tolong suami saya"})
    return call


async def say(kit: Kit, incident: UUID, *events: Any, need: Need | None = None) -> None:
    """Dispatch says so of the incident; `need`: of a protected one, in the envelopes."""
    about: dict[str, Any] = {"regency": "99.01"} | ({"need": need.text} if need else {})
    await kit.hear(*events, subject=str(incident), **about)


def stamp(kit: Kit) -> dict[str, Any]:
    return {"at": kit.clock(), "recorded_at": kit.clock()}


async def test_a_protected_type_hides_the_call_at_once(desk: Desk, arrive: Arrive, shows: Shows) -> None:
    call = await told(desk, arrive)
    assert await shows(call, COLLEAGUE)
    await step(desk, call, "classification", KDRT)
    assert await shows(call, OPERATOR)
    assert await shows(call, SUPERVISOR, "supervisor")
    assert not await shows(call, COLLEAGUE)
    assert not await shows(call, "dodi", "dispatcher")
    assert not await shows(call, "citra", "admin")


async def test_nothing_that_was_said_is_in_any_answer_to_a_colleague(desk: Desk, arrive: Arrive) -> None:
    call = await told(desk, arrive)
    await step(desk, call, "classification", KDRT)
    asked = ("", "/timeline", "/first-look", "/drafts")
    answers = [await desk("GET", f"/v1/calls/{call}{path}", None, subject=COLLEAGUE) for path in asked]
    found = ("?number=081234567890", "?name=melati", "?call_class=emergency", "")
    answers += [await desk("GET", f"/v1/calls{query}", None, subject=COLLEAGUE) for query in found]
    answers += [await desk("GET", "/v1/queue", None, subject=COLLEAGUE)]
    said = "\n".join(answer.text for answer in answers)
    assert not [value for value in (*PLANTED, "domestic_violence") if value in said]
    assert [len(answer.json()["items"]) for answer in answers[4:8]] == [0, 0, 0, 1]


STEPS = [
    ("location", LOCATION),
    ("notes", {"text": "a"}),
    ("classification", KDRT),
    ("drafts", {"field": "note", "text": "a"}),
]


@pytest.mark.parametrize(("what", "body"), STEPS)
async def test_steps_in_a_hidden_call_are_refused(desk: Desk, arrive: Arrive, what: str, body: Any) -> None:
    call = await told(desk, arrive)
    await step(desk, call, "classification", KDRT)
    answer = await desk("POST", f"/v1/calls/{call}/{what}", body, subject=COLLEAGUE)
    assert answer.status_code == 403, answer.text


async def test_who_takes_it_over_sees_it_and_who_had_it_does_not(desk: Desk, arrive: Arrive, shows: Shows) -> None:
    call = await told(desk, arrive)
    await step(desk, call, "classification", KDRT)
    taken = {"answered_by": OPERATOR, "reason": "Ani ke rumah sakit"}
    await step(desk, call, "take-over", taken, who=COLLEAGUE)
    assert await shows(call, COLLEAGUE)
    assert not await shows(call, OPERATOR)


async def test_a_call_of_a_protected_incident_is_hidden_whatever_its_own_type(
    kit: Kit, desk: Desk, arrive: Arrive, shows: Shows
) -> None:
    first, report = await told(desk, arrive, None), await told(desk, arrive, None)
    incident = uuid4()
    await say(kit, incident, incident_created(kit, protected=True, call_id=UUID(first), caller_hash=None), need=Need())
    event = IncidentReportAdded(**stamp(kit), call_id=UUID(report), report=2, received_at=kit.clock())
    await say(kit, incident, event, need=Need())
    assert not await shows(first, COLLEAGUE)
    assert not await shows(report, COLLEAGUE)


async def test_an_incident_that_becomes_protected_hides_its_calls(
    kit: Kit, desk: Desk, arrive: Arrive, shows: Shows
) -> None:
    call = await told(desk, arrive)
    incident = uuid4()
    hashed = kit.runtime.ring.lookup(NUMBER)
    await say(kit, incident, incident_created(kit, call_id=UUID(call), caller_hash=hashed))
    assert await shows(call, COLLEAGUE)
    change = Change(field="protected", before="false", after="true")
    await say(kit, incident, IncidentUpdated(**stamp(kit), changes=(change,)), need=Need())
    assert not await shows(call, COLLEAGUE)


async def test_the_numbers_other_calls_are_hidden_and_a_waiting_one_can_be_answered(
    kit: Kit, desk: Desk, arrive: Arrive, shows: Shows
) -> None:
    earlier = await told(desk, arrive)
    hashed = kit.runtime.ring.lookup(NUMBER)
    await say(kit, uuid4(), incident_created(kit, protected=True, caller_hash=hashed), need=Need())
    assert not await shows(earlier, COLLEAGUE)
    again = (await arrive(number=NUMBER))["id"]
    [waiting] = (await desk("GET", "/v1/queue", None, subject=COLLEAGUE)).json()["items"]
    assert (waiting["id"], waiting["hidden"]) == (again, True)
    await step(desk, again, "answer", who=COLLEAGUE)
    assert await shows(again, COLLEAGUE)
    assert not await shows(earlier, COLLEAGUE)


async def test_a_glass_opens_the_calls_of_its_incident_until_it_is_over(
    kit: Kit, desk: Desk, arrive: Arrive, shows: Shows
) -> None:
    other, call = await told(desk, arrive), await told(desk, arrive)
    incident, hashed = uuid4(), kit.runtime.ring.lookup(NUMBER)
    created = incident_created(kit, protected=True, call_id=UUID(call), caller_hash=hashed)
    await say(kit, incident, created, need=Need())
    until = kit.clock() + timedelta(minutes=60)
    event = GlassBroken(**stamp(kit), by=COLLEAGUE, glass_id=uuid4(), reason=Sealed("alamat"), until=until)
    await say(kit, incident, event, need=Need())
    assert await shows(call, COLLEAGUE)
    assert not await shows(call, "dodi")
    assert not await shows(other, COLLEAGUE), "the number's other calls are not the incident's"
    kit.clock.advance(3600)
    assert not await shows(call, COLLEAGUE)


async def test_lifting_shows_the_calls_and_the_number_again(kit: Kit, desk: Desk, arrive: Arrive, shows: Shows) -> None:
    other, call = await told(desk, arrive), await told(desk, arrive)
    await step(desk, call, "classification", KDRT)
    incident, hashed = uuid4(), kit.runtime.ring.lookup(NUMBER)
    created = incident_created(kit, protected=True, call_id=UUID(call), caller_hash=hashed)
    await say(kit, incident, created, need=Need())
    await say(kit, incident, ProtectionLifted(**stamp(kit), by=SUPERVISOR, reason=Sealed("keliru")))
    assert await shows(call, COLLEAGUE)
    assert await shows(other, COLLEAGUE)
    await step(desk, call, "classification", {"call_class": "emergency", "incident_type": "fire"})
    assert await shows(call, COLLEAGUE)


async def test_the_streams_show_no_protected_number(kit: Kit, arrive: Arrive) -> None:
    hashed = kit.runtime.ring.lookup(NUMBER)
    await say(kit, uuid4(), incident_created(kit, protected=True, caller_hash=hashed), need=Need())
    await arrive(number=NUMBER)
    [received] = await kit.said(CallReceived)
    token = kit.token("operator", regencies=["99.01"], subject=COLLEAGUE)
    access = await kit.runtime.verifier.verify(token)
    need = received.envelope.need
    assert POLICY.seen_as(received, access, kit.clock(), need) == "hidden"
    assert ROOM_POLICY.seen_as(received, access, kit.clock(), need) is None

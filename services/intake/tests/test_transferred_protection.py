"""Two regencies have a call of one caller each: protection, safe contact and the work of calling back pass between."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from sigap_common.app.migrations import upgrade
from sigap_common.contracts.calls import CallReceived
from sigap_common.contracts.need import Need
from sigap_common.contracts.protection import ProtectionLifted
from sigap_common.personal_data import Sealed
from sigap_intake.main import service
from sigap_intake.use_cases.dropped_calls import FOLLOWED
from sigap_testing.kit import Kit
from sigap_testing.messages import message_of
from sigap_testing.statements import statements

from .conftest import Arrive, Desk, incident_created

HERE, THERE = "99.01", "99.02"
NUMBER = "+628111222333"
KDRT = {"call_class": "emergency", "incident_type": "domestic_violence"}
ANI, RANI = {"subject": "ani"}, {"subject": "rani", "regencies": (THERE,)}
SAID = "ibu di Gang Kenanga"
Shown = dict[str, Any]


async def follow(kit: Kit) -> None:
    """Intake hears what it said of calls so far."""
    heard = await kit.said(*FOLLOWED)
    await kit.hear_again(*(message_of(one.event, one.envelope, kit.runtime.ring) for one in heard))


async def done(desk: Desk, path: str, body: Any = None, *roles: str, **who: Any) -> Shown:
    answer = await desk("POST", path, body, *roles, **who)
    assert answer.status_code in (200, 201), answer.text
    shown: Shown = answer.json()
    return shown


async def offered(desk: Desk, arrive: Arrive, number: str | None = NUMBER) -> tuple[str, str]:
    """A call of HERE that Ani answered and offered to THERE. Returns the ids of call and offer."""
    call = (await arrive(number=number) if number else await arrive())["id"]
    await done(desk, f"/v1/calls/{call}/answer", {}, **ANI)
    offer = await done(desk, f"/v1/calls/{call}/transfers", {"to": THERE, "message": SAID}, **ANI)
    return str(call), str(offer["transfer"]["id"])


async def accepted(desk: Desk, offer: str) -> str:
    """Rani goes on with it. Returns the id of her call."""
    return str((await done(desk, f"/v1/call-transfers/{offer}/accept", **RANI))["id"])


async def is_hidden(desk: Desk, call: str, regency: str, role: str = "operator") -> bool:
    """From a colleague who has not taken it."""
    answer = await desk("GET", f"/v1/calls/{call}", None, role, subject="budi", regencies=(regency,))
    hidden: bool = answer.json()["hidden"]
    return hidden


async def incident(kit: Kit, call: str, regency: str, *, protected: bool = True) -> UUID:
    """Dispatch has opened an incident from the call."""
    about: dict[str, Any] = {"regency": regency} | ({"need": Need().text} if protected else {})
    which, hashed = uuid4(), kit.runtime.ring.lookup(NUMBER)
    event = incident_created(kit, protected=protected, call_id=UUID(call), caller_hash=hashed)
    await kit.hear(event, subject=str(which), **about)
    return which


async def lifted(kit: Kit, which: UUID, regency: str) -> None:
    now = kit.clock()
    event = ProtectionLifted(at=now, recorded_at=now, by="sari", reason=Sealed("keliru"))
    await kit.hear(event, subject=str(which), regency=regency)


@pytest.mark.parametrize("how", ["by its type", "by its incident"])
async def test_what_the_receiver_finds_protected_is_hidden_at_the_sender_too(
    kit: Kit, desk: Desk, arrive: Arrive, how: str
) -> None:
    other = (await arrive(number=NUMBER))["id"]
    sent, offer = await offered(desk, arrive)
    received = await accepted(desk, offer)
    assert not await is_hidden(desk, sent, HERE)
    if how == "by its type":
        await done(desk, f"/v1/calls/{received}/classification", KDRT, **RANI)
    which = await incident(kit, received, THERE)
    assert [await is_hidden(desk, sent, HERE), await is_hidden(desk, received, THERE)] == [True, True]
    assert await is_hidden(desk, other, HERE), "the number's other calls are hidden in both regencies"
    assert not await is_hidden(desk, sent, HERE, "supervisor")
    await lifted(kit, which, THERE)
    assert [await is_hidden(desk, one, HERE) for one in (sent, other)] == [False, False]
    assert not await is_hidden(desk, received, THERE)


async def test_the_type_alone_hides_it_at_the_sender_before_dispatch_says_so(desk: Desk, arrive: Arrive) -> None:
    sent, offer = await offered(desk, arrive)
    received = await accepted(desk, offer)
    await done(desk, f"/v1/calls/{received}/classification", KDRT, **RANI)
    assert await is_hidden(desk, sent, HERE)


async def test_protection_passes_through_a_call_that_was_handed_on_twice(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    sent, offer = await offered(desk, arrive)
    between = await accepted(desk, offer)
    again = await done(desk, f"/v1/calls/{between}/transfers", {"to": HERE}, **RANI)
    last = (await done(desk, f"/v1/call-transfers/{again['transfer']['id']}/accept", **ANI))["id"]
    await incident(kit, last, HERE)
    assert [await is_hidden(desk, one, where) for one, where in ((sent, HERE), (between, THERE), (last, HERE))] == [
        True
    ] * 3


@pytest.mark.parametrize("how", ["by its number", "by its type", "after it was accepted"])
async def test_a_call_that_became_protected_after_the_offer_is_hidden_at_the_receiver(
    kit: Kit, desk: Desk, arrive: Arrive, how: str
) -> None:
    sent, offer = await offered(desk, arrive)
    received = await accepted(desk, offer) if how == "after it was accepted" else ""
    if how == "by its type":
        await done(desk, f"/v1/calls/{sent}/classification", KDRT | {"call_class": "information"}, **ANI)
    else:
        which = await incident(kit, sent if received else str(uuid4()), HERE)
    received = received or await accepted(desk, offer)
    assert [await is_hidden(desk, sent, HERE), await is_hidden(desk, received, THERE)] == [True, True]
    if how == "by its number":
        [taken] = [one for one in await kit.said(CallReceived) if one.envelope.subject == received]
        assert taken.event.of_protected
        await lifted(kit, which, HERE)
        assert not await is_hidden(desk, received, THERE)


async def test_safe_contact_and_the_mark_of_a_child_go_on_with_the_caller(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    sent, offer = await offered(desk, arrive)
    await incident(kit, str(uuid4()), HERE)
    path = f"/v1/calls/{sent}"
    await done(desk, f"{path}/child", {"probably_child": True}, **ANI)
    await done(desk, f"{path}/contact", {"contact_note": "Hanya SMS ke kakaknya"}, **ANI)
    received = await accepted(desk, offer)
    known = (await desk("GET", f"/v1/calls/{received}/contact", **RANI)).json()
    assert (known["guarded"], known["contact_note"], known["declined"]) == (True, "Hanya SMS ke kakaknya", False)
    call = (await desk("GET", f"/v1/calls/{received}", **RANI)).json()
    assert call["sop"]["probably_child"] is True


async def test_what_the_receiver_said_later_and_its_supervisor_decided_stands(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    sent, offer = await offered(desk, arrive)
    await done(desk, f"/v1/calls/{sent}/contact", {"contact_note": "lama", "declined": True}, **ANI)
    kit.clock.advance(60)
    received = await accepted(desk, offer)
    await done(desk, f"/v1/calls/{received}/contact", {"contact_note": "baru", "declined": False}, **RANI)
    again, second = await offered(desk, arrive)
    assert again != sent
    known = await accepted(desk, second)
    contact = (await desk("GET", f"/v1/calls/{known}/contact", **RANI)).json()
    assert (contact["contact_note"], contact["declined"]) == ("baru", False)


async def test_the_steps_of_the_procedure_for_silent_calls_go_on_too(desk: Desk, arrive: Arrive) -> None:
    sent, offer = await offered(desk, arrive)
    await done(desk, f"/v1/calls/{sent}/silent-steps", {"step": "greet", "heard": "nothing"}, **ANI)
    received = await accepted(desk, offer)
    [step] = (await desk("GET", f"/v1/calls/{received}", **RANI)).json()["sop"]["silent_steps"]
    assert (step["step"], step["heard"], step["by"]) == ("greet", "nothing", "ani")


async def test_a_key_press_hides_a_silent_call_from_others_at_once(desk: Desk, arrive: Arrive) -> None:
    call = (await arrive(number=None))["id"]
    await done(desk, f"/v1/calls/{call}/answer", {}, **ANI)
    await done(desk, f"/v1/calls/{call}/silent-steps", {"step": "greet", "heard": "key_press"}, **ANI)
    assert await is_hidden(desk, call, HERE)


async def listed(desk: Desk, *roles: str, **who: Any) -> Shown:
    [found] = (await desk("GET", "/v1/call-transfers", None, *roles, **who)).json()["items"]
    shown: Shown = found
    return shown


async def test_the_list_of_offers_says_nothing_of_a_protected_call_to_whom_it_does_not_concern(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    sent, offer = await offered(desk, arrive)
    await done(desk, f"/v1/calls/{sent}/location", {"lat": 0.1, "lon": 101.2}, **ANI)
    colleague, receiver = {"subject": "budi"}, {"subject": "joko", "regencies": (THERE,)}
    assert (await listed(desk, **colleague))["cell"]
    await incident(kit, str(uuid4()), HERE)
    for who, message in ((colleague, None), (ANI, SAID), (receiver, SAID)):
        shown = await listed(desk, **who)
        assert (shown["protected"], shown["cell"], shown["message"]) == (True, None, message), who
    received = await accepted(desk, offer)
    for who, message in ((colleague, None), (ANI, SAID), (receiver, None), (RANI, SAID)):
        shown = await listed(desk, **who)
        assert (shown["message"], shown["call_id"]) == (message, received), who
    for regency in (HERE, THERE):
        assert (await listed(desk, "supervisor", regencies=(regency,), subject="sari"))["message"] == SAID


async def test_the_reason_of_a_refusal_is_hidden_too(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    _, offer = await offered(desk, arrive)
    answer = await desk("POST", f"/v1/call-transfers/{offer}/refuse", {"reason": "suaminya di sini"}, **RANI)
    assert answer.status_code == 204
    await incident(kit, str(uuid4()), HERE)
    assert (await listed(desk, subject="budi"))["reason"] is None
    assert (await listed(desk, **ANI))["reason"] == "suaminya di sini"


async def test_the_list_of_offers_costs_as_many_statements_for_many_as_for_few(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    async def cost() -> int:
        with statements(kit.runtime.database) as asked:
            assert (await desk("GET", "/v1/call-transfers", subject="budi")).status_code == 200
        return len(asked)

    await incident(kit, str(uuid4()), HERE)
    await offered(desk, arrive)
    few = await cost()
    for _ in range(3):
        await offered(desk, arrive)
    assert await cost() == few


async def work(desk: Desk, regency: str = HERE) -> list[Shown]:
    found: list[Shown] = (await desk("GET", "/v1/callbacks", regencies=(regency,))).json()["items"]
    return found


@pytest.mark.parametrize("number", [NUMBER, None])
async def test_the_sender_no_longer_calls_back_whom_the_receiver_has_taken_on(
    kit: Kit, desk: Desk, arrive: Arrive, number: str | None
) -> None:
    sent, offer = await offered(desk, arrive, number)
    await done(desk, f"/v1/calls/{sent}/end", {"ended_by": "caller"}, **ANI)
    await follow(kit)
    [callback] = await work(desk)
    await accepted(desk, offer)
    await follow(kit)
    assert await work(desk) == []
    ended = (await desk("GET", f"/v1/callbacks/{callback['id']}")).json()
    assert (ended["state"], ended["resolved_how"], ended["resolved_by_call"]) == ("resolved", "handed_on", sent)


async def test_it_is_no_work_either_if_the_hang_up_is_heard_after_the_acceptance(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    sent, offer = await offered(desk, arrive)
    await done(desk, f"/v1/calls/{sent}/end", {"ended_by": "caller"}, **ANI)
    await accepted(desk, offer)
    await follow(kit)
    assert await work(desk) == []


async def test_what_the_number_dropped_after_the_offer_stays_work(kit: Kit, desk: Desk, arrive: Arrive) -> None:
    sent, offer = await offered(desk, arrive)
    await done(desk, f"/v1/calls/{sent}/end", {"ended_by": "caller"}, **ANI)
    kit.clock.advance(5)
    later = (await arrive(number=NUMBER))["id"]
    await done(desk, f"/v1/calls/{later}/end", {"ended_by": "caller"}, **ANI)
    await follow(kit)
    await accepted(desk, offer)
    await follow(kit)
    [callback] = await work(desk)
    assert callback["state"] == "open"


async def test_offers_that_were_accepted_before_the_upgrade_pass_protection_on(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    sent, offer = await offered(desk, arrive)
    received = await accepted(desk, offer)
    await done(desk, f"/v1/calls/{received}/classification", KDRT, **RANI)
    async with kit.runtime.database.write() as connection:
        for statement in (
            f"DELETE FROM protected_calls WHERE call_id IN ('{sent}', '{UUID(sent).hex}')",
            "DROP INDEX call_transfers_received_call",
            "ALTER TABLE call_transfers DROP COLUMN received_call",
            "UPDATE alembic_version SET version_num = '0018'",
        ):
            await connection.execute(text(statement))
    assert not await is_hidden(desk, sent, HERE)
    await upgrade(service, kit.runtime.database.url, "0019")
    assert await is_hidden(desk, sent, HERE)

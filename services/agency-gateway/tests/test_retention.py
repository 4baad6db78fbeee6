"""Histories of what the gateway forgets: the delivery log's bodies and answers, and what agencies were shown."""

from datetime import timedelta

from gateway_histories import CANARY, FIRST, INCIDENT, Ask, Carry, a_pack, closed, forwarded, hear
from sqlalchemy import select

from sigap_agency_gateway.models import attempts, deliveries
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver

DAY = timedelta(days=1)
SHORT = {"deliveries_days": 3, "positions_days": 5, "calls_days": 10, "incidents_days": 20}


async def swept(kit: Kit, after: timedelta) -> None:
    kit.clock.advance(after.total_seconds())
    await kit.runtime.sweeps.sweep()


async def log_of(kit: Kit) -> tuple[bytes | None, str | None]:
    """The only delivery's body, and its attempt's excerpt."""
    async with kit.runtime.database.read() as connection:
        delivery = (await connection.execute(select(deliveries))).one()
        attempt = (await connection.execute(select(attempts))).one()
    return delivery.body, attempt.excerpt


async def test_bodies_and_answers_go_and_what_was_delivered_when_stays(
    kit: Kit, receiver: Receiver, carry: Carry, ask: Ask
) -> None:
    await kit.configure(a_pack(receiver.url, retention=SHORT), version=2)
    await hear(kit, forwarded())
    assert await carry() == 1

    await swept(kit, 3 * DAY - timedelta(milliseconds=1))
    assert (await log_of(kit))[0]
    await swept(kit, 2 * DAY)
    assert await log_of(kit) == (None, None)
    listed = (await ask("GET", "/v1/deliveries", None, "supervisor")).json()["items"]
    assert [one["state"] for one in listed] == ["delivered"]


async def test_what_an_agency_was_shown_goes_after_the_incidents_end(
    kit: Kit, receiver: Receiver, carry: Carry, ask: Ask
) -> None:
    await kit.configure(a_pack(receiver.url, retention=SHORT), version=2)
    await hear(kit, forwarded())
    await carry()
    await swept(kit, 30 * DAY)
    assert CANARY in (await ask("GET", f"/v1/forwardings/{FIRST}")).text

    await hear(kit, closed(), sequence=2)
    await swept(kit, DAY)
    found = (await ask("GET", f"/v1/forwardings/{FIRST}")).text
    assert not any(word in found for word in (CANARY, "Ani", "dapur", "Suprapto", "102.26"))
    assert "9901-20240219-0001" in found


async def test_a_held_incident_keeps_its_deliveries_and_forwardings(
    kit: Kit, receiver: Receiver, carry: Carry, ask: Ask
) -> None:
    holds = [{"subject": str(INCIDENT), "reason": "LP/B/12/II/2024"}]
    await kit.configure(a_pack(receiver.url, retention={**SHORT, "holds": holds}), version=2)
    await hear(kit, forwarded())
    await carry()
    await hear(kit, closed(), sequence=2)
    await swept(kit, 30 * DAY)
    assert (await log_of(kit))[0]
    assert CANARY in (await ask("GET", f"/v1/forwardings/{FIRST}")).text


async def test_a_revision_that_comes_again_after_all_is_over_shows_nobody(kit: Kit, receiver: Receiver) -> None:
    await kit.configure(a_pack(receiver.url, retention=SHORT), version=2)
    message = kit.message(forwarded(), str(INCIDENT), regency="99.01", source="dispatch")
    kit.clock.advance((30 * DAY).total_seconds())
    await kit.hear_again(message)
    async with kit.runtime.view() as view:
        copy = await view.forwardings.get(FIRST, lock=False)
    assert copy.content.caller_number is None
    assert copy.content.place is not None
    assert copy.content.place.coordinates is None
    assert [note.text.clear for note in copy.content.notes] == [""]

"""Deliveries in flight are shared: receivers that hang hold up neither another regency, agency nor endpoint."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import pytest
from gateway_histories import FIRST, INCIDENT, POLRES, SECRET, VARIABLE, a_pack, forwarded, hear
from hypothesis import given
from hypothesis import strategies as st

from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.domain.fair_shares import Room, Tenant
from sigap_agency_gateway.main import service
from sigap_agency_gateway.settings import GatewaySettings
from sigap_common.contracts.agencies import NotificationDelivered
from sigap_common.regency import Pack
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, started
from sigap_testing.receiver import HANGS, Receiver

ELSEWHERE = "99.02"
THEIR_VARIABLE = "SIGAP_SECRET_99_02_DAMKAR"
HANGING = 10
NOTICES = 12


def tenant(regency: int, agency: int = 1, endpoint: int = 1) -> Tenant:
    return Tenant(f"{regency:02}", f"{regency:02}/{agency}", UUID(int=regency << 32 | agency << 16 | endpoint))


TENANTS = st.builds(tenant, st.integers(1, 5), st.integers(1, 3), st.integers(1, 12))


@given(st.lists(TENANTS, max_size=400))
def test_there_is_always_room_for_one_who_has_nothing_in_flight(wanted: list[Tenant]) -> None:
    room = Room(96, 4)
    for one in wanted:
        room.take(one)
    assert room.free > 0
    assert room.take(tenant(1, 9))  # another agency of a busy regency
    assert room.take(tenant(9))  # another regency


@given(st.lists(TENANTS, max_size=400))
def test_who_is_full_is_left_out_of_the_search_and_nobody_else(wanted: list[Tenant]) -> None:
    room = Room(96, 4)
    for one in wanted:
        room.take(one)
    for one in {*wanted, tenant(9)}:
        full = (
            one.regency in room.full_regencies()
            or one.agency in room.full_agencies()
            or one.endpoint_id in room.full_endpoints()
        )
        again = Room(96, 4)
        for before in wanted:
            again.take(before)
        assert again.take(one) is not full


def test_one_regency_alone_takes_at_most_half() -> None:
    room = Room(96, 4)
    taken = [tenant(1, n % 40, n % 7) for n in range(4000) if room.take(tenant(1, n % 40, n % 7))]
    assert 40 <= len(taken) <= 48


def test_one_endpoint_alone_has_its_own_limit() -> None:
    room = Room(96, 4)
    assert [room.take(tenant(1)) for _ in range(6)] == [True] * 4 + [False] * 2


@pytest.fixture
async def patient(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kit]:
    """A gateway whose attempts do not run into their time-out while a test lasts."""
    monkeypatch.setenv(THEIR_VARIABLE, SECRET)
    settings = GatewaySettings(attempt_seconds=19, connect_seconds=19)
    async with started(service, database_url, tmp_path, settings=settings) as kit:
        yield kit


def elsewhere(url: str) -> Pack:
    hook = {"channel": "webhook", "name": "utama", "url": url, "secret_ref": THEIR_VARIABLE}
    fire = {"code": "damkar", "name": "Damkar", "kind": "fire", "endpoints": [hook]}
    return a_pack(url, code=ELSEWHERE, agencies=[fire])


async def test_hanging_receivers_of_one_regency_hold_up_nobody_else(patient: Kit) -> None:
    kit, courier = patient, Courier(patient.runtime)
    async with AsyncExitStack() as stack:
        dead = [await stack.enter_async_context(Receiver(otherwise=HANGS)) for _ in range(HANGING)]
        neighbour, other = [await stack.enter_async_context(Receiver()) for _ in range(2)]
        await kit.configure(a_regency(dead, neighbour), elsewhere(other.url))
        notices = [forwarded(UUID(int=FIRST.int + n), priority=1) for n in range(NOTICES)]
        await hear(kit, *notices)
        while await courier.round():
            pass
        await eventually(lambda: sum(len(receiver.received) for receiver in dead) == len(courier._in_flight))
        hanging = set(courier._in_flight)
        # Both come last, and are the least urgent: what is in front of them hangs.
        await hear(kit, forwarded(UUID(int=FIRST.int + 100), POLRES, priority=5))
        await kit.hear(
            forwarded(UUID(int=FIRST.int + 200), f"{ELSEWHERE}/damkar", priority=5),
            subject=str(INCIDENT),
            regency=ELSEWHERE,
            source="dispatch",
        )
        while await courier.round():
            pass
        await eventually(lambda: neighbour.received and other.received)
        assert hanging <= set(courier._in_flight), "they were delivered while all others still hang"
        for receiver in dead:
            await receiver.stop()
        await courier.landed()
    said = {heard.event.agency for heard in await kit.said(NotificationDelivered)}
    assert said == {POLRES, f"{ELSEWHERE}/damkar"}


def a_regency(dead: list[Receiver], neighbour: Receiver) -> Pack:
    """Damkar's endpoints all hang; the police's answers."""
    hooks = [
        {"channel": "webhook", "name": f"pos-{n}", "url": one.url, "secret_ref": VARIABLE} for n, one in enumerate(dead)
    ]
    police = {"channel": "webhook", "name": "utama", "url": neighbour.url, "secret_ref": VARIABLE}
    agencies = [
        {"code": "damkar", "name": "Damkar", "kind": "fire", "endpoints": hooks},
        {"code": "polres", "name": "Polres", "kind": "police", "endpoints": [police]},
    ]
    return a_pack(neighbour.url, agencies=agencies)

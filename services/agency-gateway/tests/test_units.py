"""An agency names the units that it sends; one that works for another incident is refused, or moves."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from gateway_histories import (
    DAMKAR,
    FIRST,
    INCIDENT,
    REGENCY,
    TEN,
    Ask,
    at,
    closed,
    forwarded,
    hear,
    merged,
    progress_elsewhere,
    reopened,
    withdrawn,
)
from sqlalchemy import select

from sigap_agency_gateway.models import units
from sigap_common.contracts.agencies import AgencyResponded
from sigap_common.contracts.base import Event
from sigap_common.contracts.units import UnitReleased, UnitTakenOver
from sigap_testing.kit import Kit

SECOND = UUID("018dbf52-8f10-7b3a-a3c4-0c1d2e3f4a99")
THIRD = UUID("018dbf52-8f10-7b3a-a3c4-0c1d2e3f4a9a")


async def two(kit: Kit) -> None:
    """Two forwardings to the fire brigade."""
    await hear(kit, forwarded(), forwarded(SECOND, incident_number="9901-20240219-0002"))


async def names(ask: Ask, forwarding: UUID, *units: str, step: str = "en_route", **more: Any) -> httpx.Response:
    return await ask("POST", f"/v1/forwardings/{forwarding}/progress", {"progress": step, "units": units, **more})


async def test_a_busy_unit_is_refused_with_the_incident_where_it_is(kit: Kit, ask: Ask) -> None:
    await two(kit)
    first = await names(ask, FIRST, "Damkar 1")
    assert first.json()["answers"][-1]["units"] == ["DAMKAR 1"]
    refused = await names(ask, SECOND, "damkar  1", "damkar 2")
    assert refused.status_code == 409, refused.text
    assert "9901-20240219-0001" in refused.json()["detail"]
    assert (await names(ask, SECOND, "damkar 2")).status_code == 200


async def test_a_unit_moves_if_its_agency_says_so(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    assert (await names(ask, SECOND, "Damkar 1", release=True)).status_code == 200
    said = [heard.event for heard in await kit.said(AgencyResponded)]
    assert (said[-1].units, said[-1].release) == (("DAMKAR 1",), True)
    back = await names(ask, FIRST, "Damkar 1", step="on_scene")
    assert back.status_code == 409
    assert "9901-20240219-0002" in back.json()["detail"]


async def test_a_unit_is_free_when_its_part_is_done(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    await names(ask, FIRST, step="done")
    assert (await names(ask, SECOND, "Damkar 1")).status_code == 200


async def test_a_unit_that_stands_down_is_busy_until_its_agency_confirms(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await ask("POST", f"/v1/forwardings/{FIRST}/acknowledge", {"units": ["Damkar 1"]})
    await hear(kit, withdrawn(stand_down=True), sequence=3)
    assert (await names(ask, SECOND, "Damkar 1")).status_code == 409
    await ask("POST", f"/v1/forwardings/{FIRST}/acknowledge", {})
    assert (await names(ask, SECOND, "Damkar 1")).status_code == 200


async def test_what_we_record_for_the_agency_keeps_its_unit_busy(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await hear(kit, progress_elsewhere("en_route", units=("DAMKAR 1",)), sequence=3)
    assert (await names(ask, SECOND, "Damkar 1")).status_code == 409


async def test_of_two_that_name_a_unit_at_once_one_wins(kit: Kit, ask: Ask) -> None:
    await two(kit)
    answers = await asyncio.gather(*(names(ask, one, "Damkar 1") for one in (FIRST, SECOND)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_the_same_units_named_twice_are_one_fact(kit: Kit, ask: Ask) -> None:
    await two(kit)
    for _ in range(2):
        await names(ask, FIRST, "Damkar 1")
        await ask("POST", f"/v1/forwardings/{FIRST}/acknowledge", {"units": ["Damkar 2"]})
    said = [heard.event.units for heard in await kit.said(AgencyResponded)]
    assert [units for units in said if units] == [("DAMKAR 1",), ("DAMKAR 2",)]


@pytest.mark.parametrize("wrong", [["x" * 41], [" "], ["a\nb"], ["A"] * 21, "Damkar 1"])
async def test_a_callsign_that_cannot_be_is_refused(kit: Kit, ask: Ask, wrong: Any) -> None:
    await two(kit)
    answer = await ask("POST", f"/v1/forwardings/{FIRST}/progress", {"progress": "en_route", "units": wrong})
    assert answer.status_code == 422


def number(forwarding: UUID) -> str:
    return {FIRST: "9901-20240219-0001", SECOND: "9901-20240219-0002", THIRD: "9901-20240219-0003"}[forwarding]


def taken_over(
    forwarding: UUID = SECOND, *, named_at: datetime, times: int = 1, callsign: str = "DAMKAR 1"
) -> UnitTakenOver:
    """The forwarding has the unit now, by what its agency said at `named_at`."""
    about = {"forwarding_id": forwarding, "agency": DAMKAR, "callsign": callsign, "times_taken_over": times}
    other = {"other": FIRST, "other_number": number(FIRST), "assigned_at": TEN, "named_at": named_at}
    return UnitTakenOver(at=at(600), recorded_at=at(600), **about, **other)


def released(forwarding: UUID, *, left_at: datetime | None = None, callsign: str = "DAMKAR 1") -> UnitReleased:
    about = {"forwarding_id": forwarding, "agency": DAMKAR, "callsign": callsign}
    return UnitReleased(at=left_at or at(10**6), recorded_at=at(600), how="merged", **about)


async def test_a_unit_that_went_on_with_a_merger_is_busy_there_until_that_part_is_done(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    await hear(kit, taken_over(named_at=kit.clock()), sequence=3)
    refused = await names(ask, FIRST, "Damkar 1", step="on_scene")
    assert refused.status_code == 409, refused.text
    assert number(SECOND) in refused.json()["detail"]
    assert (await names(ask, SECOND, step="done")).status_code == 200
    assert (await names(ask, FIRST, "Damkar 1", step="on_scene")).status_code == 200


async def test_a_unit_that_its_agency_sent_elsewhere_meanwhile_stays_there(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    named_at = kit.clock()
    kit.clock.advance(5)
    await hear(kit, forwarded(THIRD, incident_number=number(THIRD)), sequence=3)
    await names(ask, THIRD, "Damkar 1", release=True)
    await hear(kit, taken_over(named_at=named_at), sequence=4)
    refused = await names(ask, SECOND, "Damkar 1")
    assert refused.status_code == 409, refused.text
    assert number(THIRD) in refused.json()["detail"]


async def test_a_unit_that_left_its_part_is_free_unless_it_was_named_again_since(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    before = kit.clock()
    kit.clock.advance(5)
    await names(ask, SECOND, "Damkar 1", release=True)
    await hear(kit, released(SECOND, left_at=before), sequence=3)
    assert (await names(ask, FIRST, "Damkar 1", step="on_scene")).status_code == 409, "it was named later"
    await hear(kit, released(FIRST), sequence=4)
    assert (await names(ask, FIRST, "Damkar 1", step="on_scene")).status_code == 409, "it works for the other part"
    await hear(kit, released(SECOND), sequence=5)
    assert (await names(ask, FIRST, "Damkar 1", step="on_scene")).status_code == 200


@pytest.mark.parametrize("freed_first", [True, False])
async def test_what_was_said_of_a_unit_before_its_agency_named_it_again_frees_it_not(
    kit: Kit, ask: Ask, freed_first: bool
) -> None:
    """A dispatcher has recorded by radio that it goes to the second incident. Then the agency names it for the first
    one again, and hears of that only now.
    """
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    recorded_at = kit.clock() + timedelta(seconds=5)
    kit.clock.advance(10)
    assert (await names(ask, FIRST, "Damkar 1", step="on_scene")).status_code == 200
    went = progress_elsewhere("en_route", forwarding_id=SECOND, units=("DAMKAR 1",), at=recorded_at)
    left = released(FIRST, left_at=recorded_at)
    await hear(kit, *((left, went) if freed_first else (went, left)), sequence=3)
    refused = await names(ask, SECOND, "Damkar 1", step="on_scene")
    assert refused.status_code == 409, refused.text
    assert number(FIRST) in refused.json()["detail"]


async def test_a_naming_that_arrives_late_keeps_no_unit_busy_that_was_named_since_and_is_free(
    kit: Kit, ask: Ask
) -> None:
    await two(kit)
    await hear(kit, forwarded(THIRD, incident_number=number(THIRD)), sequence=3)
    before = kit.clock()
    kit.clock.advance(10)
    await names(ask, SECOND, "Damkar 1")
    await names(ask, SECOND, step="done")
    await hear(kit, progress_elsewhere("en_route", units=("DAMKAR 1",), at=before), sequence=4)
    assert (await names(ask, THIRD, "Damkar 1")).status_code == 200


async def test_a_unit_moves_if_its_agency_says_so_also_if_the_clock_that_recorded_where_it_is_was_ahead(
    kit: Kit, ask: Ask
) -> None:
    await two(kit)
    ahead = kit.clock() + timedelta(seconds=3)
    await hear(kit, progress_elsewhere("en_route", units=("DAMKAR 1",), at=ahead), sequence=3)
    assert (await names(ask, SECOND, "Damkar 1", release=True)).status_code == 200
    said = (await kit.said(AgencyResponded))[-1]
    assert said.event.at > ahead, "dispatch, too, takes it for the later word"
    await hear(kit, released(FIRST, left_at=said.event.at), sequence=4)
    assert (await names(ask, FIRST, "Damkar 1", step="on_scene")).status_code == 409


async def test_a_unit_that_was_named_again_goes_on_with_a_merger_by_that_naming(kit: Kit, ask: Ask) -> None:
    """When the incidents were merged, dispatch knew the first naming alone."""
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    first = kit.clock()
    kit.clock.advance(5)
    await names(ask, FIRST, "Damkar 1", step="on_scene")
    again = kit.clock()
    await hear(kit, released(FIRST), taken_over(named_at=first), taken_over(named_at=again, times=2), sequence=3)
    refused = await names(ask, FIRST, "Damkar 1", step="under_control")
    assert refused.status_code == 409, refused.text
    assert number(SECOND) in refused.json()["detail"]


@pytest.mark.parametrize("is_merged", [True, False])
async def test_a_unit_of_an_agency_that_must_turn_back_is_busy_until_it_has(
    kit: Kit, ask: Ask, is_merged: bool
) -> None:
    """The agency had declined, and comes after all when the incident is over."""
    await two(kit)
    await ask("POST", f"/v1/forwardings/{FIRST}/decline", {"reason": "no_unit"})
    kit.clock.advance(5)
    if is_merged:
        await hear(kit, merged(), sequence=3)
    assert (await names(ask, FIRST, "Damkar 1")).status_code == 200
    ends = [] if is_merged else [closed()]
    await hear(kit, *ends, withdrawn(stand_down=True, reason="closed"), sequence=4)
    third = forwarded(THIRD, incident_number=number(THIRD))
    await kit.hear(third, subject=str(uuid5(INCIDENT, "third")), regency=REGENCY, source="dispatch")
    refused = await names(ask, THIRD, "Damkar 1")
    assert refused.status_code == 409, refused.text
    assert number(FIRST) in refused.json()["detail"]
    await ask("POST", f"/v1/forwardings/{FIRST}/acknowledge", {})
    assert (await names(ask, THIRD, "Damkar 1")).status_code == 200


@pytest.mark.parametrize("named_elsewhere", [True, False])
async def test_a_unit_is_busy_again_if_the_incident_is_reopened_unless_it_was_named_elsewhere(
    kit: Kit, ask: Ask, named_elsewhere: bool
) -> None:
    await hear(kit, forwarded())
    elsewhere: dict[str, Any] = {"subject": str(uuid5(INCIDENT, "other")), "regency": REGENCY, "source": "dispatch"}
    await kit.hear(*(forwarded(part, incident_number=number(part)) for part in (SECOND, THIRD)), **elsewhere)
    await ask("POST", f"/v1/forwardings/{FIRST}/decline", {"reason": "no_unit"})
    kit.clock.advance(5)
    await names(ask, FIRST, "Damkar 1")
    await hear(kit, closed(), sequence=2)
    kit.clock.advance(5)
    if named_elsewhere:
        assert (await names(ask, SECOND, "Damkar 1")).status_code == 200
    await hear(kit, reopened(), sequence=3)
    refused = await names(ask, THIRD, "Damkar 1")
    assert refused.status_code == 409, refused.text
    assert number(SECOND if named_elsewhere else FIRST) in refused.json()["detail"]


async def test_what_an_agency_names_on_a_merged_incident_goes_where_dispatch_says(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    assert (await ask("POST", f"/v1/forwardings/{FIRST}/acknowledge", {})).status_code == 200
    elsewhere: dict[str, Any] = {"subject": str(uuid5(INCIDENT, "other")), "regency": REGENCY, "source": "dispatch"}
    others = [forwarded(part, incident_number=number(part)) for part in (SECOND, THIRD)]
    await kit.hear(*others, taken_over(named_at=kit.clock()), **elsewhere)
    await hear(kit, merged(), sequence=3)
    refused = await names(ask, FIRST, "Damkar 1")
    assert refused.status_code == 409, refused.text
    assert (await names(ask, FIRST, "Damkar 1", release=True)).status_code == 200
    refused = await names(ask, THIRD, "Damkar 1")
    assert refused.status_code == 409, "it went on for the second one"
    assert number(SECOND) in refused.json()["detail"]


# --- several mergers, whose events arrive in any order

Step = tuple[str, int, int]
"""Of an incident: its part, and how often the unit was taken over when this part takes it; 0: the unit leaves the part;
-1: the incident is merged.
"""
LEAVES, MERGED = 0, -1
ONCE: list[Step] = [("a", 1, LEAVES), ("a", 1, MERGED), ("b", 2, 1)]
TWICE: list[Step] = [*ONCE, ("b", 2, LEAVES), ("b", 2, MERGED), ("c", 3, 2)]
AND_BACK: list[Step] = [*ONCE, ("b", 2, LEAVES), ("a", 4, 2)]
AND_AGAIN: list[Step] = [*AND_BACK, ("a", 4, LEAVES), ("a", 4, MERGED), ("b", 2, 3)]
TWICE_AND_BACK: list[Step] = [*TWICE, ("c", 3, LEAVES), ("b", 5, 3)]


def orders(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """All orders that keep the steps of each incident in theirs."""
    if not steps:
        yield []
    for incident in dict.fromkeys(incident for incident, *_ in steps):
        first = next(n for n, step in enumerate(steps) if step[0] == incident)
        for after in orders([*steps[:first], *steps[first + 1 :]]):
            yield [steps[first], *after]


class Told:
    """One order of steps, with incidents, parts and a unit of its own."""

    def __init__(self, kit: Kit, ask: Ask, n: int) -> None:
        self.kit, self.ask, self.n = kit, ask, n

    def id(self, name: object) -> UUID:
        return uuid5(INCIDENT, f"{self.n} {name}")

    async def hear(self, incident: str, *events: Event) -> None:
        about: dict[str, Any] = {"regency": REGENCY, "source": "dispatch", "at_once": True}
        await self.kit.hear(*events, subject=str(self.id(incident)), **about)

    async def all(self, order: Sequence[Step]) -> UUID | None:
        """Whom the unit works for after all steps."""
        await self.hear("a", self._forwarded("a", 1))
        named = await self.ask("POST", f"/v1/forwardings/{self.id(1)}/progress", self._names())
        assert named.status_code == 200, named.text
        for incident, part, what in order:
            taken = [self._forwarded(incident, part)] if what > 0 else []
            await self.hear(incident, *taken, self._event(self.id(part), what))
        query = select(units.c.forwarding_id).where(units.c.callsign == self._unit)
        async with self.kit.runtime.database.read() as connection:
            found: UUID | None = (await connection.execute(query)).scalar_one()
        return found

    @property
    def _unit(self) -> str:
        return f"DAMKAR {self.n}"

    def _names(self) -> dict[str, object]:
        return {"progress": "en_route", "units": [self._unit]}

    def _forwarded(self, incident: str, part: int) -> Event:
        return forwarded(self.id(part), incident_number=incident)

    def _event(self, part: UUID, what: int) -> Event:
        if what == MERGED:
            return merged()
        if what == LEAVES:
            return released(part, callsign=self._unit)
        return taken_over(part, times=what, named_at=self.kit.clock(), callsign=self._unit)


@pytest.mark.parametrize(
    ("steps", "works_for"),
    [(ONCE, 2), (TWICE, 3), (AND_BACK, 4), (AND_AGAIN, 2), (TWICE_AND_BACK, 5)],
    ids=["once", "twice", "and back", "and again", "twice and back"],
)
async def test_a_unit_works_where_the_last_merger_sent_it_in_whatever_order_that_is_heard(
    kit: Kit, ask: Ask, steps: list[Step], works_for: int
) -> None:
    every = list(orders(steps))
    for n, order in enumerate(every[:: 1 + len(every) // 70]):
        told = Told(kit, ask, n)
        assert await told.all(order) == told.id(works_for), order

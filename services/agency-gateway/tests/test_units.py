"""An agency names the units that it sends; one that works for another incident is refused, or moves."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from gateway_histories import FIRST, TEN, Ask, forwarded, hear, progress_elsewhere, withdrawn

from sigap_common.contracts.agencies import AgencyResponded
from sigap_common.contracts.units import UnitTakenOver
from sigap_testing.kit import Kit

SECOND = UUID("018dbf52-8f10-7b3a-a3c4-0c1d2e3f4a99")


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


def taken_over(*, from_number: str = "9901-20240219-0001") -> UnitTakenOver:
    """The second forwarding has the unit now: the incident of the first one was merged."""
    about = {"forwarding_id": SECOND, "agency": "99.01/damkar", "callsign": "DAMKAR 1"}
    other = {"other": FIRST, "other_number": from_number}
    return UnitTakenOver(at=TEN, recorded_at=TEN, assigned_at=TEN, **about, **other)


async def test_a_unit_that_went_on_with_a_merger_is_busy_there_until_that_part_is_done(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    await hear(kit, taken_over(), sequence=3)
    refused = await names(ask, FIRST, "Damkar 1", step="on_scene")
    assert refused.status_code == 409, refused.text
    assert "9901-20240219-0002" in refused.json()["detail"]
    assert (await names(ask, SECOND, step="done")).status_code == 200
    assert (await names(ask, FIRST, "Damkar 1", step="on_scene")).status_code == 200


async def test_a_unit_that_its_agency_sent_elsewhere_meanwhile_stays_there(kit: Kit, ask: Ask) -> None:
    await two(kit)
    await names(ask, FIRST, "Damkar 1")
    await hear(kit, taken_over(from_number="9901-20240219-0777"), sequence=3)
    refused = await names(ask, SECOND, "Damkar 1")
    assert refused.status_code == 409, refused.text
    assert "9901-20240219-0001" in refused.json()["detail"]

"""Duties in the calendars of telephones, by a secret link."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select

from sigap_common.regency import Pack
from sigap_roster.models import calendar_links
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter
from .test_api import refused


async def link(desk: Desk, staff_id: str, *roles: str, **who: Any) -> str:
    answer = await desk("POST", f"/v1/staff/{staff_id}/calendar", None, *roles, **who)
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    return url.partition("://")[2].partition("/")[2]


async def fetched(kit: Kit, path: str, **headers: str) -> httpx.Response:
    return await kit.client.get(f"/{path}", headers=headers)


async def events(kit: Kit, path: str) -> dict[str, Any]:
    """The events by day of the month and shift."""
    answer = await fetched(kit, path)
    assert answer.status_code == 200, answer.text
    found: list[Any] = list(Calendar.from_ical(answer.text).walk("VEVENT"))
    return {f"{one['dtstart'].dt.day} {str(one['summary']).rpartition(': ')[2]}": one for one in found}


async def test_duties_are_on_the_city_s_clock_and_a_night_is_one_entry(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    await publish((budi, 20, "pagi"), (budi, 22, "malam"), (siti, 21, "siang"))
    path = await link(desk, budi, "staff", subject="budi")
    answer = await fetched(kit, path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Siti" not in answer.text
    assert "Budi" not in answer.text
    found = await events(kit, path)
    assert sorted(found) == ["20 Pagi", "22 Malam hari"]
    night = found["22 Malam hari"]
    assert night["dtstart"].to_ical() == b"20240222T210000"
    assert night["dtstart"].params["TZID"] == "Asia/Jakarta"
    assert night["dtend"].dt - night["dtstart"].dt == timedelta(hours=10)
    assert (night["status"], night["sequence"], str(night["location"])) == ("CONFIRMED", 0, "99.01")
    assert "BEGIN:VTIMEZONE" in answer.text


@pytest.mark.parametrize(
    ("zone", "starts"), [("Asia/Jakarta", 14), ("Asia/Makassar", 13), ("Asia/Jayapura", 12)], ids=["WIB", "WITA", "WIT"]
)
async def test_the_three_zones_of_the_country(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, pack: Callable[..., Pack], zone: str, starts: int
) -> None:
    await kit.configure(pack("99.01", zone), version=2)
    budi = await enter("Budi")
    await publish((budi, 22, "malam"))
    (night,) = (await events(kit, await link(desk, budi))).values()
    assert night["dtstart"].params["TZID"] == zone
    assert night["dtstart"].dt.astimezone(UTC) == datetime(2024, 2, 22, starts, tzinfo=UTC)


async def test_a_change_keeps_the_uid_and_what_is_withdrawn_is_cancelled(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    budi = await enter("Budi")
    roster = await publish((budi, 22, "pagi"), (budi, 23, "siang"))
    path = await link(desk, budi)
    first = await fetched(kit, path)
    before = await events(kit, path)
    assert (await fetched(kit, path, **{"If-None-Match": first.headers["etag"]})).status_code == 304
    shifts = pack("99.01").shifts.model_dump(mode="json")
    shifts["shifts"][0]["start"] = "06:30"
    shifts["handover_minutes"] = 30
    await kit.configure(pack("99.01", shifts=shifts), version=2)
    kit.clock.advance(60)
    plan = [{"staff_id": budi, "day": "2024-02-22", "shift": "pagi"}]
    changed = (await desk("PUT", f"/v1/rosters/{roster['id']}/assignments", plan, version=roster["version"])).json()
    again = await fetched(kit, path, **{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304, "a draft changes nothing"
    answer = await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=changed["version"])
    assert answer.status_code == 200, answer.text
    assert (await fetched(kit, path, **{"If-None-Match": first.headers["etag"]})).status_code == 200
    after = await events(kit, path)
    assert {name: one["uid"] for name, one in after.items()} == {name: one["uid"] for name, one in before.items()}
    moved, gone = after["22 Pagi"], after["23 Siang"]
    assert (moved["status"], moved["sequence"], moved["dtstart"].dt.hour) == ("CONFIRMED", 1, 6)
    assert (gone["status"], gone["sequence"], gone["transp"]) == ("CANCELLED", 1, "TRANSPARENT")
    assert str(gone["summary"]).startswith("Batal")
    assert moved["dtstamp"].dt > before["22 Pagi"]["dtstamp"].dt


async def test_a_calendar_without_duties_is_one(kit: Kit, desk: Desk, enter: Enter) -> None:
    assert await events(kit, await link(desk, await enter("Budi"))) == {}


async def test_old_duties_leave_the_calendar(kit: Kit, desk: Desk, enter: Enter, publish: Draft) -> None:
    budi = await enter("Budi")
    await publish((budi, 19, "pagi"), (budi, 20, "malam"))
    path = await link(desk, budi)
    kit.clock.moment = datetime(2024, 3, 21, 18, tzinfo=UTC)  # 22 March in Jakarta
    assert sorted(await events(kit, path)) == ["20 Malam hari"]


async def test_a_link_is_secret_one_at_a_time_and_ends_when_told(kit: Kit, desk: Desk, enter: Enter) -> None:
    budi = await enter("Budi")
    refused(await desk("GET", f"/v1/staff/{budi}/calendar"), 404, "not-found")
    refused(await desk("DELETE", f"/v1/staff/{budi}/calendar"), 404, "not-found")
    first = await link(desk, budi)
    second = await link(desk, budi, "staff", subject="budi")
    assert first != second
    refused(await fetched(kit, first), 404, "not-found")
    assert (await fetched(kit, second)).status_code == 200
    told = (await desk("GET", f"/v1/staff/{budi}/calendar", None, "staff", subject="budi")).json()
    assert (told["made_by"], set(told)) == ("budi", {"staff_id", "regency", "made_at", "made_by"})
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(select(calendar_links))).all()
    assert [second.rpartition("=")[2] in str(row) for row in rows] == [False], "the secret itself is not kept"
    assert (await desk("DELETE", f"/v1/staff/{budi}/calendar")).status_code == 200
    refused(await fetched(kit, second), 404, "not-found")
    refused(await fetched(kit, f"v1/calendars/duties.ics?secret={43 * 'x'}"), 404, "not-found")
    refused(await fetched(kit, "v1/calendars/duties.ics?secret=x"), 422, "invalid-request")
    refused(await fetched(kit, "v1/calendars/duties.ics"), 422, "invalid-request")


async def test_whose_calendar_it_is_and_who_may_make_it(desk: Desk, enter: Enter) -> None:
    path = f"/v1/staff/{await enter('Budi')}/calendar"
    for method in ("POST", "GET", "DELETE"):
        refused(await desk(method, path, None, "supervisor"), 403, "role-missing")
        refused(await desk(method, path, None, "staff", subject="siti"), 404, "not-found")


async def test_the_link_ends_when_the_contact_is_erased(
    kit: Kit, pack: Callable[..., Pack], desk: Desk, enter: Enter, publish: Draft
) -> None:
    await kit.configure(pack("99.01", retention={"staff_days": 30}), version=2)
    ani = await enter("Ani", contact="+628111222333")
    await publish((ani, 19, "pagi"))
    path = await link(desk, ani)
    kit.clock.moment = datetime(2024, 3, 19, 7, tzinfo=UTC)
    await kit.runtime.sweeps.sweep()
    assert (await fetched(kit, path)).status_code == 200
    kit.clock.moment += timedelta(days=2)
    await kit.runtime.sweeps.sweep()
    refused(await fetched(kit, path), 404, "not-found")


async def test_a_swapped_duty_moves_to_the_other_calendar(kit: Kit, desk: Desk, enter: Enter, publish: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    await publish((budi, 22, "pagi"))
    paths = [await link(desk, one) for one in (budi, siti)]
    (duty,) = (await desk("GET", "/v1/duties?regency=99.01&from=2024-02-22")).json()["items"]
    swap = (await desk("POST", "/v1/swaps", {"duty_id": duty["id"], "to_staff_id": siti})).json()
    await desk("POST", f"/v1/swaps/{swap['id']}/accept", {"staff_id": siti})
    await desk("POST", f"/v1/swaps/{swap['id']}/approve")
    states = [[one["status"] for one in (await events(kit, path)).values()] for path in paths]
    assert states == [["CANCELLED"], ["CONFIRMED"]]

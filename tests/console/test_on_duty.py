"""Who is on duty and who should be, on each screen of the room, in a real browser."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, Page, expect

from sigap_cli.api import Api

from .conftest import CODE, Open, ring

PRESENT, EARLY, LATE, AWAY = "Arif Hidayat", "Citra Ayu", "Eko Prasetyo", "Gita Permata"
MOST_TABS = 60


@pytest.fixture
async def duties(api: Api) -> None:
    """The shift of 24 hours that is under way has three people: one is there, one has not come, and one is on leave.
    Somebody has begun the next one already. An earlier test may have made this.
    """
    today = (datetime.now(ZoneInfo("Asia/Makassar")) - timedelta(hours=8)).date()
    tomorrow = today + timedelta(days=1)
    if (await api.get("/v1/duties", regency=CODE))["items"]:
        return
    people = {}
    for name in (PRESENT, LATE, AWAY, EARLY):
        people[name] = (await api.post("/v1/staff", {"regency": CODE, "name": name}))["id"]
    days = {PRESENT: today, LATE: today, AWAY: today, EARLY: tomorrow}
    path = f"/v1/rosters/{await _draft(api, str(today), str(tomorrow))}"
    planned = [{"staff_id": people[name], "day": str(day), "shift": "penuh"} for name, day in days.items()]
    drafted = await api.send("PUT", f"{path}/assignments", json=planned, headers={"If-Match": '"1"'})
    await api.send("POST", f"{path}/publish", headers={"If-Match": drafted.etag})
    leave = {"staff_id": people[AWAY], "kind": "leave", "first_day": str(today), "last_day": str(today)}
    await api.post("/v1/absences", leave)
    async for duty in api.pages("/v1/duties", regency=CODE, **{"from": str(today), "to": str(tomorrow)}):
        if duty["name"] in (PRESENT, EARLY):
            await api.post(f"/v1/duties/{duty['id']}/start", {"confirm": True})


async def _draft(api: Api, first_day: str, last_day: str) -> Any:
    body = {"regency": CODE, "first_day": first_day, "last_day": last_day}
    return (await api.post("/v1/rosters", body))["id"]


async def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(MOST_TABS):
        if await wanted.evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"not reached by {MOST_TABS} tabs")


@pytest.mark.parametrize("folded", ["ani", "dewi"])
async def test_the_room_sees_who_is_on_duty_and_who_is_missing(
    opened: Open, api: Api, duties: None, folded: str
) -> None:
    await ring(api)
    for theme in ("light", "dark"):
        async with opened(theme) as one:
            await one.sign_in(folded)
            panel = one.page.locator("details.on-duty")
            title, people = panel.locator("summary"), panel.get_by_role("list", name="Tugas jaga")
            await expect(title).to_contain_text("belum ada")
            await expect(people).to_be_hidden()
            await expect(title).to_be_in_viewport(ratio=1)
            await tab_to(one.page, title)
            await one.page.keyboard.press("Enter")
            await says(people)
            await expect(title).to_be_in_viewport(ratio=1)
            assert await one.violations() == []


async def test_the_leader_sees_the_same_and_an_agency_asks_for_nothing(opened: Open, api: Api, duties: None) -> None:
    async with opened() as hadi, opened() as posko:
        await hadi.sign_in("hadi")
        await says(hadi.page.get_by_role("list", name="Tugas jaga"))
        assert await hadi.violations() == []
        await posko.sign_in("pemadam")
        assert not [address for address in posko.asked if "/v1/duties" in address]


async def says(people: Locator) -> None:
    for name, words in {PRESENT: "✔", EARLY: "lebih awal", LATE: "belum mulai", AWAY: "tidak datang"}.items():
        await expect(people.get_by_role("listitem").filter(has_text=name).first).to_contain_text(words)

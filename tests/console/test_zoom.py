"""Pages at 200 %: what a browser shows of 1366x768 then is 683x384, and nothing may lie outside of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect
from tests.end_to_end.regency import emergency, incident_of

from sigap_cli.api import Api

from .browsers import Screen
from .conftest import CODE, Open, ring

ZOOMED = {"width": 683, "height": 384}


@asynccontextmanager
async def zoomed(opened: Open, who: str) -> AsyncIterator[Screen]:
    async with opened() as one:
        await one.page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
        await one.sign_in(who)
        yield one


async def nothing_is_lost(shown: Screen) -> None:
    wide, visible = await shown.page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert wide <= visible
    assert await shown.violations() == []


async def can_be_reached(shown: Screen, name: str) -> None:
    button = shown.page.get_by_role("button", name=name).first
    await button.scroll_into_view_if_needed()
    await expect(button).to_be_in_viewport()


async def test_an_operator_answers_and_writes_at_200_percent(opened: Open, api: Api) -> None:
    async with zoomed(opened, "ani") as ani:
        await ring(api)
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type("Diperbesar")
        await expect(ani.page.get_by_label("Catatan C")).to_be_in_viewport()
        await can_be_reached(ani, "Akhiri")
        await nothing_is_lost(ani)


@pytest.mark.parametrize("who", ["dewi", "pemadam", "hadi"])
async def test_each_other_desk_is_whole_at_200_percent(opened: Open, api: Api, who: str) -> None:
    incident = await incident_of(api, CODE, await emergency(api, CODE))
    async with zoomed(opened, who) as one:
        if who == "dewi":
            await one.page.get_by_text(incident["number"]).first.click()
            await expect(one.page.get_by_role("article", name=incident["number"])).to_be_visible()
        await can_be_reached(one, "Keluar")
        await nothing_is_lost(one)

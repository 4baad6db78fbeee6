"""An office PC whose clock is wrong: how long somebody waits, and what is late, is said by the server's clock."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect
from tests.end_to_end.regency import emergency, incident_of

from sigap_cli.api import Api
from sigap_testing.eventually import eventually

from .conftest import CODE, Open, ring


@pytest.mark.parametrize("wrong_by", [timedelta(minutes=25), timedelta(minutes=-25)])
async def test_waits_and_deadlines_go_by_the_servers_clock(opened: Open, api: Api, wrong_by: timedelta) -> None:
    incident = await incident_of(api, CODE, await emergency(api, CODE))
    async with opened() as ani:
        await ani.page.clock.install(time=datetime.now(UTC) + wrong_by)
        await ani.sign_in("ani")
        await ring(api)
        await expect(ani.page.get_by_role("alert").filter(has_text=re.compile(r"terlama 0:[0-5]\d"))).to_be_visible()

        async def is_right() -> bool:
            shown = await ani.page.locator("header time").inner_text()
            told = datetime.strptime(shown, "%H:%M:%S").replace(tzinfo=UTC)
            by_server = datetime.now(UTC)
            apart = (told.minute * 60 + told.second - by_server.minute * 60 - by_server.second) % 3600
            return min(apart, 3600 - apart) < 60

        await eventually(is_right)
    async with opened() as dewi:
        await dewi.page.clock.install(time=datetime.now(UTC) + wrong_by)
        await dewi.sign_in("dewi")
        row = (
            dewi.page.get_by_role("list", name="Papan penanganan")
            .get_by_role("button")
            .filter(has_text=incident["number"])
        )
        await expect(row).to_be_visible()
        await expect(row.get_by_text(re.compile("lewat"))).to_have_count(0)

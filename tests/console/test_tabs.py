"""Several tabs of one browser. By HTTP/1.1 it opens at most six connections to a host, for all of them together."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect
from tests.end_to_end.regency import emergency, incident_of

from sigap_cli.api import Api

from .browsers import Screen, tab
from .conftest import CODE, Open, ring

JOINT = "/v1/joint/stream"


def streams_of(one: Screen) -> set[str]:
    """The paths of the streams that the page has asked for."""
    paths = {urlsplit(address).path for address in one.asked}
    return {path for path in paths if path.endswith("/stream")}


@pytest.mark.timeout(240)
async def test_three_people_work_in_three_tabs_of_one_browser(opened: Open, api: Api) -> None:
    async with opened() as ani:
        hadi, dewi = [await tab(ani.context, ani.url) for _ in range(2)]
        await ani.sign_in("ani")
        await ring(api)
        await ani.take_first()
        await hadi.sign_in("hadi")
        await expect(hadi.page.get_by_role("region", name="Angka hari ini").get_by_role("listitem")).to_have_count(7)
        await dewi.sign_in("dewi")

        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type("Api di dapur")
        await ani.page.keyboard.press("Control+Enter")
        await expect(ani.page.get_by_role("article")).to_contain_text("Api di dapur")
        await ani.page.keyboard.press("Escape")
        await ring(api)
        await expect(ani.page.get_by_role("button", name="Jawab")).to_be_visible()
        incident = await incident_of(api, CODE, await emergency(api, CODE))
        await expect(dewi.page.get_by_text(incident["number"]).first).to_be_visible()
        await expect(hadi.page.get_by_text("Ani Lestari")).to_be_visible()
        for one in (ani, hadi, dewi):
            assert streams_of(one) == {JOINT}
            assert one.complaints == []


async def test_where_the_host_has_no_joint_stream_each_has_a_connection_of_its_own(opened: Open, api: Api) -> None:
    async with opened() as ani:
        await ani.page.route(f"**{JOINT}?*", lambda route: route.fulfill(status=404, json={}))
        await ani.sign_in("ani")
        await ring(api)
        await ani.take_first()
        await expect(ani.page.get_by_role("article")).to_be_visible()
        assert {"/v1/queue/stream", "/v1/presence/stream", "/v1/incidents/stream"} < streams_of(ani)

"""The console from another computer of a LAN without Internet: by plain http, at an address that is not its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import expect

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.plugin import or_missing

from .browsers import Screen, browser, screen
from .conftest import ring

NAME = "sigap.lan"
LAN = f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND"
"""The browser finds the host by its name, and nothing else."""


@asynccontextmanager
async def from_another_computer(desks: SingleHost) -> AsyncIterator[Screen]:
    address = f"http://{NAME}:{urlsplit(desks.url).port}"
    with or_missing():
        async with browser(LAN) as running, screen(running, address) as one:
            yield one


async def test_an_operator_works_from_another_computer_without_the_internet(desks: SingleHost, api: Api) -> None:
    call = await ring(api)
    async with from_another_computer(desks) as ani:
        await ani.sign_in("ani")
        assert not await ani.page.evaluate("isSecureContext")
        await expect(ani.page.get_by_role("button", name="Jawab")).to_be_visible()
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type("Api di dapur")

        async def is_drafted() -> bool:
            return [one["text"] for one in (await api.get(f"/v1/calls/{call}/drafts"))["items"]] == ["Api di dapur"]

        await eventually(is_drafted)
        await ani.page.keyboard.press("Control+Enter")
        await expect(ani.page.get_by_role("article")).to_contain_text("Api di dapur")

        async def is_written() -> bool:
            return [one["text"] for one in (await api.get(f"/v1/calls/{call}"))["notes"]] == ["Api di dapur"]

        await eventually(is_written)
        assert {urlsplit(one).hostname for one in ani.asked} == {NAME}
        assert ani.complaints == []

"""A list that cannot be read: the screen does not say that there is nothing, and says that it cannot tell."""

from collections.abc import Sequence

import pytest
from playwright.async_api import Route, expect

from sigap_cli.api import Api

from .conftest import Open, ring


async def refuse(route: Route) -> None:
    await route.fulfill(status=503, json={"type": "/problems/unavailable", "title": "Sibuk", "status": 503})


@pytest.mark.parametrize(
    ("who", "lists", "nothing"),
    [
        ("ani", ["queue", "calls"], ["Tidak ada yang menunggu.", "Anda tidak sedang menangani panggilan."]),
        ("hadi", ["alarms", "presence"], ["Tidak ada alarm.", "Tidak ada yang hadir."]),
        ("dewi", ["incidents/board"], ["Tidak ada kejadian terbuka."]),
    ],
)
async def test_an_empty_list_is_said_only_if_it_was_read(
    opened: Open, api: Api, who: str, lists: Sequence[str], nothing: Sequence[str]
) -> None:
    await ring(api)
    async with opened() as one:
        for path in lists:
            await one.page.route(f"**/v1/{path}?*", refuse)
        await one.sign_in(who)
        await expect(one.page.get_by_text("Memuat…").first).to_be_visible()
        await expect(one.page.get_by_role("alert").filter(has_text="tidak dapat dibaca sejak")).to_be_visible()
        for words in nothing:
            await expect(one.page.get_by_text(words)).to_have_count(0)
        assert await one.violations() == []
        await one.page.unroute_all()
        await expect(one.page.get_by_role("alert").filter(has_text="tidak dapat dibaca sejak")).to_have_count(0)
        await expect(one.page.get_by_text("Memuat…")).to_have_count(0)

"""Signing out with something unsent, and what others have left in the same browser."""

from playwright.async_api import Page, expect

from sigap_cli.api import Api
from sigap_testing.eventually import eventually

from .browsers import PASSWORD
from .conftest import Open, ring

WORDS = "Api di dapur"


async def keeps(page: Page, words: str = "sigap.kept.") -> bool:
    """Whether the browser's storage has these words."""
    found: bool = await page.evaluate("words => JSON.stringify({...localStorage}).includes(words)", words)
    return found


async def keeps_nothing(page: Page) -> bool:
    return not await keeps(page)


async def test_who_signs_out_is_told_what_the_server_does_not_have(opened: Open, api: Api) -> None:
    call = await ring(api)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.context.set_offline(True)
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type(WORDS)
        await eventually(lambda: keeps(ani.page))
        assert not await keeps(ani.page, WORDS)
        await ani.page.get_by_role("button", name="Keluar").click()
        dialog = ani.page.get_by_role("dialog", name="Ada ketikan yang belum terkirim")
        await expect(dialog).to_contain_text(WORDS)
        assert await ani.violations() == []
        await dialog.get_by_role("button", name="Jangan keluar dahulu").click()
        await expect(ani.page.get_by_label("Catatan C")).to_have_value(WORDS)
        await ani.context.set_offline(False)
        await ani.page.get_by_role("button", name="Keluar").click()
        await ani.page.get_by_label("Nama pengguna").wait_for()
        assert await keeps_nothing(ani.page)
    drafts = (await api.get(f"/v1/calls/{call}/drafts"))["items"]
    assert [one["text"] for one in drafts if one["field"] == "note"] == [WORDS]


async def test_who_signs_out_may_delete_it(opened: Open, api: Api) -> None:
    await ring(api)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.page.route("**/v1/calls/*/drafts", lambda route: route.abort())
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type(WORDS)
        await ani.page.get_by_role("button", name="Keluar").click()
        await ani.page.get_by_role("dialog").get_by_role("button", name="Keluar dan hapus").click()
        await ani.page.get_by_label("Nama pengguna").wait_for()
        assert await keeps_nothing(ani.page)


async def test_who_signs_out_is_told_of_steps_that_have_not_reached_the_server(opened: Open, api: Api) -> None:
    call = await ring(api)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.page.route("**/v1/calls/*/classification", lambda route: route.abort())
        await ani.page.get_by_role("article").get_by_role("button", name="Iseng").click()
        await ani.page.get_by_role("button", name="Keluar").click()
        dialog = ani.page.get_by_role("dialog", name="Ada langkah yang belum sampai di server")
        await expect(dialog).to_contain_text("belum sampai di server: 1")
        assert await ani.violations() == []
        await ani.page.unroute("**/v1/calls/*/classification")
        await dialog.get_by_role("button", name="Kirim lagi, lalu keluar").click()
        await ani.page.get_by_label("Nama pengguna").wait_for()
    assert (await api.get(f"/v1/calls/{call}"))["call_class"] == "prank"


async def test_what_one_person_typed_waits_while_another_signs_in_and_out(opened: Open, api: Api) -> None:
    call = await ring(api)
    async with opened() as one:
        await one.sign_in("ani")
        await one.take_first()
        await one.page.route("**/v1/calls/*/drafts", lambda route: route.fulfill(status=401, json={}))
        await one.page.keyboard.press("c")
        await one.page.keyboard.type(WORDS)
        await one.page.get_by_role("dialog", name="Sesi Anda berakhir").wait_for()
        await one.page.unroute("**/v1/calls/*/drafts")
        await one.page.get_by_label("Nama pengguna").fill("budi")
        await one.page.get_by_label("Kata sandi").fill(PASSWORD)
        await one.page.keyboard.press("Enter")
        await expect(one.page.get_by_role("dialog")).to_have_count(0)
        await expect(one.page.get_by_text("Budi Santoso")).to_be_visible()
        assert (await keeps(one.page), await keeps(one.page, WORDS)) == (True, False)
        await one.page.get_by_role("button", name="Keluar").click()
        await one.page.get_by_label("Nama pengguna").wait_for()
        assert await keeps(one.page)
        assert (await api.get(f"/v1/calls/{call}/drafts"))["items"] == []

        await one.sign_in("ani")
        own = one.page.get_by_role("list", name="Panggilan saya").get_by_role("button")
        await own.filter(has_text="tersambung").click()
        await expect(one.page.get_by_label("Catatan C")).to_have_value(WORDS)
        await eventually(lambda: keeps_nothing(one.page))
    [draft] = [one for one in (await api.get(f"/v1/calls/{call}/drafts"))["items"] if one["text"]]
    assert (draft["by"], draft["text"]) == ("ani", WORDS)

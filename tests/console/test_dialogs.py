"""What is typed in a dialog stays there, and goes to nobody's cost."""

from typing import Any

from playwright.async_api import Page, expect
from tests.end_to_end.regency import DOOR, agency

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .conftest import CODE, Open, ring
from .test_desks import correct, looking_at, opened_incident, part_of_door, read

TOO_LONG = "x" * 5000
"""A reason that the API refuses."""


async def reopen_after_a_correction(page: Page, api: Api, incident: dict[str, Any]) -> None:
    """Closes the dialog, and opens it again once the page shows that a colleague has made the priority 1."""
    await page.get_by_role("dialog").get_by_role("button", name="Batal").click()
    await correct(api, incident, priority=1)
    await expect(page.get_by_role("article").get_by_text("Prioritas 1, paling mendesak")).to_be_visible()
    await page.keyboard.press("p")


async def send_and_close(page: Page) -> None:
    """Sends what the dialog says, and closes the dialog before there is an answer."""
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Masih dikirim: 1")).to_be_visible()
    await page.keyboard.press("Escape")


async def test_a_dialog_that_was_closed_undoes_no_colleagues_correction(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        page = dewi.page
        await page.keyboard.press("p")
        await page.get_by_label("Alamat").fill("Jl. Baru 1")
        await reopen_after_a_correction(page, api, incident)
        await expect(page.get_by_label("Alamat")).to_have_value("Jl. Baru 1")
        await expect(page.get_by_label("Prioritas")).to_have_value("1")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        now = await read(api, incident)
        assert (now["priority"], now["place"]["address"]) == (1, "Jl. Baru 1")


async def test_what_was_typed_over_an_older_text_is_asked_about(opened: Open, api: Api) -> None:
    """Both texts are shown as soon as the dialog opens again, and the first press is refused."""
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        page = dewi.page
        await page.keyboard.press("p")
        await page.get_by_label("Prioritas").select_option("3")
        await reopen_after_a_correction(page, api, incident)
        both = page.get_by_role("dialog").locator("dl")
        await expect(both).to_contain_text("Prioritas 1, paling mendesak")
        await expect(both).to_contain_text("Prioritas 3")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("button", name="Tetap lakukan")).to_be_visible()
        assert (await read(api, incident))["priority"] == 1
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert (await read(api, incident))["priority"] == 3


async def test_a_dialog_stays_when_the_answer_to_an_earlier_one_comes(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        page = dewi.page
        await page.route("**/v1/incidents/*", lambda route: route.abort())
        await page.keyboard.press("p")
        await page.get_by_label("Prioritas").select_option("1")
        await send_and_close(page)
        await page.keyboard.press("1")
        await page.get_by_label("Berbicara dengan").fill("Pak Harun")
        await page.unroute("**/v1/incidents/*")
        await expect(page.get_by_role("article").get_by_text("Prioritas 1, paling mendesak")).to_be_attached()
        await expect(page.get_by_text("Masih dikirim")).to_have_count(0)
        await expect(page.get_by_label("Berbicara dengan")).to_have_value("Pak Harun")


async def test_what_is_refused_after_its_dialog_was_closed_is_said(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        page = dewi.page
        await page.route("**/v1/incidents/*", lambda route: route.abort())
        await page.keyboard.press("p")
        await page.get_by_label("Alamat").fill(TOO_LONG)
        await send_and_close(page)
        await page.unroute("**/v1/incidents/*")
        await expect(page.get_by_role("alert")).to_contain_text("Perbaiki")
        await page.keyboard.press("p")
        await expect(page.get_by_label("Alamat")).to_have_value(TOO_LONG)


async def test_a_wish_whose_dialog_was_closed_is_done_beside_a_colleagues_correction(opened: Open, api: Api) -> None:
    """What the person typed meanwhile in the same dialog, opened again, stays."""
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        page = dewi.page
        await page.route("**/v1/incidents/*", lambda route: route.abort())
        await page.keyboard.press("p")
        await page.get_by_label("Alamat").fill("Jl. Baru 1")
        await send_and_close(page)
        await correct(api, incident, priority=1)
        await page.keyboard.press("p")
        await page.get_by_label("Alamat").fill("Jl. Baru 2")
        await page.unroute("**/v1/incidents/*")

        async def corrected() -> bool:
            now = await read(api, incident)
            return (now["priority"], now["place"]["address"]) == (1, "Jl. Baru 1")

        await eventually(corrected)
        await expect(page.get_by_text("Masih dikirim")).to_have_count(0)
        await page.get_by_role("dialog").get_by_role("button", name="Batal").click()
        await page.keyboard.press("p")
        await expect(page.get_by_label("Alamat")).to_have_value("Jl. Baru 2")


async def test_a_report_outlives_what_changes_in_the_incident(opened: Open, api: Api, desks: SingleHost) -> None:
    """The part must be acknowledged anew while the agency types. The dialog and the named units stay."""
    incident = await opened_incident(api)
    own = await part_of_door(api, incident)
    async with agency(desks.url, CODE, DOOR) as posko_api:
        await posko_api.post(f"/v1/forwardings/{own['id']}/acknowledge", {"revision": 1})
    async with opened() as posko:
        await posko.sign_in("pemadam")
        part = posko.page.get_by_role("article", name=incident["number"])
        await part.get_by_role("button", name="TANGGA 1").click()
        await part.get_by_role("button", name="Laporan").click()
        dialog = posko.page.get_by_role("dialog")
        await dialog.get_by_label("Keterangan").fill("Sedang mengetik")
        place = {"lat": 1.28, "lon": 117.71, "uncertainty_m": 10, "address": "Tempat lain"}
        await correct(api, incident, place=place)
        await expect(part).to_have_attribute("data-waits", "true")
        await expect(dialog.get_by_label("Keterangan")).to_have_value("Sedang mengetik")
        await dialog.get_by_role("button", name="Batal").click()
        await expect(part.get_by_role("button", name="TANGGA 1", pressed=True)).to_be_visible()


async def test_a_refused_reason_stays_in_its_dialog(opened: Open, api: Api) -> None:
    call = await ring(api, number="0812-3456-7833")
    async with opened() as ani, opened() as budi:
        await ani.sign_in("ani")
        await ani.take_first()
        await budi.sign_in("budi")
        await budi.page.get_by_role("list", name="Ditangani rekan").get_by_role("button").click()
        taking = budi.page.get_by_role("dialog")
        await expect(taking).to_contain_text("+6281234567833")
        await taking.get_by_label("Alasan").fill(TOO_LONG)
        await budi.page.keyboard.press("Control+Enter")
        await expect(taking.get_by_role("alert")).to_be_visible()
        await expect(taking.get_by_label("Alasan")).to_have_value(TOO_LONG)
        await taking.get_by_label("Alasan").fill("Ani pulang")
        await budi.page.keyboard.press("Control+Enter")
        await expect(budi.page.get_by_role("article")).to_contain_text("+6281234567833")

        await budi.page.get_by_role("article").get_by_role("button", name="Iseng").click()
        await expect(budi.page.locator("article [data-chosen=true]")).to_contain_text("iseng")
        await budi.page.get_by_role("article").get_by_role("button", name="Informasi").click()
        correcting = budi.page.get_by_role("dialog")
        await correcting.get_by_label("Alasan").fill(TOO_LONG)
        await budi.page.keyboard.press("Control+Enter")
        await expect(correcting.get_by_role("alert")).to_be_visible()
        await expect(correcting.get_by_label("Alasan")).to_have_value(TOO_LONG)
        await correcting.get_by_label("Alasan").fill("Salah tekan")
        await budi.page.keyboard.press("Control+Enter")
        await expect(correcting).to_have_count(0)

        async def corrected() -> bool:
            now = await api.get(f"/v1/calls/{call}")
            return (now["answered_by"], now["call_class"]) == ("budi", "information")

        await eventually(corrected)


async def test_no_key_removes_the_form_of_a_session_that_is_over(opened: Open, api: Api) -> None:
    """Nor does a browser that closes a dialog without asking, as some do at the second wish to leave it."""
    async with opened() as ani:
        await ani.sign_in("ani")
        await ring(api)
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.route("**/drafts", lambda route: route.fulfill(status=401, json={}))
        await ani.page.keyboard.type("Tengah")
        dialog = ani.page.get_by_role("dialog", name="Sesi Anda berakhir")
        await dialog.wait_for()
        for _ in range(4):
            await ani.page.keyboard.press("Escape")
        await ani.page.evaluate("document.querySelector('dialog').close()")
        await expect(dialog).to_be_visible()
        await expect(dialog.get_by_label("Kata sandi")).to_be_editable()

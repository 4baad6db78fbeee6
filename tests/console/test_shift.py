"""What people hand to each other: incidents at the change of shift, a call, and the end of one's duty."""

from typing import Any

from playwright.async_api import Page, expect
from tests.end_to_end.regency import leader

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .browsers import add_account
from .conftest import CODE, Open, ring
from .test_desks import look_at, opened_incident, read


async def responsible(api: Api, incident: dict[str, Any]) -> str | None:
    found: str | None = (await read(api, incident))["responsible"]
    return found


async def choose(page: Page, label: str, words: str) -> None:
    await page.get_by_role("dialog").get_by_label(label).select_option(label=words)


async def test_incidents_are_handed_to_a_named_person_who_accepts(opened: Open, api: Api, desks: SingleHost) -> None:
    """By keys: one offers, the other declines with a reason, is asked again and accepts."""
    add_account(desks, "rani", "Rani Putri", "dispatcher", CODE)
    incident = await opened_incident(api)
    async with opened() as dewi, opened() as rani:
        await dewi.sign_in("dewi")
        await rani.sign_in("rani")
        await look_at(dewi.page, incident)
        await dewi.page.keyboard.press("b")
        await expect(dewi.page.get_by_role("article")).to_contain_text("Penanggung jawab: Dewi Kartika")

        for answer in ("declines", "accepts"):
            await dewi.page.keyboard.press("g")
            await expect(dewi.page.get_by_role("list", name="Kejadian yang Anda tinggalkan")).to_contain_text(
                incident["number"]
            )
            await dewi.page.keyboard.press("h")
            await choose(dewi.page, "Kepada", "Rani Putri")
            await dewi.page.get_by_label("Pesan untuk penerima").fill("Tunggu kabar PLN")
            await dewi.page.keyboard.press("Control+Enter")
            await expect(dewi.page.get_by_text("Ditawarkan kepada Rani Putri")).to_be_visible()
            assert await responsible(api, incident) == "dewi"

            await expect(rani.page.get_by_role("button", name="Serah terima")).to_contain_text("! 1")
            await rani.page.keyboard.press("g")
            await expect(rani.page.get_by_text("Dewi Kartika menyerahkan kepada Anda")).to_be_visible()
            await expect(rani.page.get_by_text("Tunggu kabar PLN")).to_be_visible()
            assert await rani.violations() == []
            if answer == "declines":
                await rani.page.get_by_role("button", name="Tolak").click()
                await rani.page.get_by_role("dialog").get_by_label("Alasan").fill("Saya juga pulang")
                await rani.page.keyboard.press("Control+Enter")
                await expect(dewi.page.get_by_text("Rani Putri menolak: Saya juga pulang")).to_be_visible()
                assert await dewi.violations() == []
                assert await responsible(api, incident) == "dewi"
            else:
                await rani.page.keyboard.press("y")
                await expect(dewi.page.get_by_text("Tidak ada kejadian yang menjadi tanggung jawab")).to_be_visible()
                assert await responsible(api, incident) == "rani"


async def test_of_a_handover_that_was_taken_back_meanwhile_the_other_reads_why(
    opened: Open, api: Api, desks: SingleHost
) -> None:
    add_account(desks, "rani", "Rani Putri", "dispatcher", CODE)
    incident = await opened_incident(api)
    async with leader(desks.url, CODE) as other, opened() as rani:
        await rani.sign_in("rani")
        await rani.page.keyboard.press("g")
        await other.post(f"/v1/incidents/{incident['id']}/claim")
        handover = await other.post("/v1/handovers", {"regency": CODE, "to": "rani"})
        await expect(rani.page.get_by_role("heading", name="menyerahkan kepada Anda")).to_be_visible()
        await rani.page.route("**/v1/incidents/stream", lambda route: route.abort())
        await rani.page.route("**/v1/handovers?*", lambda route: route.abort(), times=2)
        await other.post(f"/v1/handovers/{handover['id']}/take-back")
        await rani.page.keyboard.press("y")
        await expect(rani.page.locator("[role=alert]:not(.alarms)")).to_be_visible()


async def test_who_signs_off_leaves_no_call_behind(opened: Open, api: Api, desks: SingleHost) -> None:
    """The call is named and passed to a colleague, who accepts it; then the duty ends."""
    add_account(desks, "cici", "Cici Amelia", "operator", CODE)
    call = await ring(api, number="0812-3456-7801")
    async with opened() as cici, opened() as budi:
        await cici.sign_in("cici")
        await cici.take_first()
        await budi.sign_in("budi")
        await cici.page.get_by_role("button", name="Selesai bertugas").click()
        dialog = cici.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Selesai bertugas").click()
        await expect(dialog).to_contain_text("+6281234567801")
        assert await cici.violations() == []
        await dialog.get_by_label("Kepada siapa").select_option(label="Budi Santoso")
        await dialog.get_by_role("button", name="Tawarkan").click()
        await expect(dialog).to_contain_text("ditawarkan kepada Budi Santoso")
        await budi.page.get_by_role("list", name="Ditangani rekan").get_by_role("button").click()
        await expect(budi.page.get_by_role("dialog")).to_contain_text("Cici Amelia menawarkan panggilan ini")
        await budi.page.get_by_role("dialog").get_by_role("button", name="Ambil alih").click()
        await expect(budi.page.get_by_role("article")).to_contain_text("+6281234567801")
        assert (await api.get(f"/v1/calls/{call}"))["answered_by"] == "budi"
        await dialog.get_by_role("button", name="Coba lagi").click()
        await expect(dialog).to_have_count(0)
        await expect(cici.page.get_by_label("Keadaan saya")).to_contain_text("sudah selesai bertugas")
        there = [one["operator"] for one in (await api.get("/v1/presence", regency=CODE))["items"]]
        assert "cici" not in there
        assert "budi" in there


async def state_of(api: Api, operator: str) -> str | None:
    items = (await api.get("/v1/presence", regency=CODE))["items"]
    return next((str(one["state"]) for one in items if one["operator"] == operator), None)


async def test_a_break_outlives_another_screen_and_a_page_that_begins_anew(opened: Open, api: Api) -> None:
    async with opened() as hadi:
        page = hadi.page
        await hadi.sign_in("hadi")
        await page.get_by_role("button", name="Operator").click()
        await page.get_by_label("Keadaan saya").select_option("break")
        await eventually(lambda: _is(api, "hadi", "break"))
        for screen in ("Papan penanganan", "Pimpinan", "Operator"):
            await page.get_by_role("button", name=screen).click()
            await expect(page.get_by_role("button", name=screen, pressed=True)).to_be_visible()
        await expect(page.get_by_label("Keadaan saya")).to_have_value("break")
        await hadi.sign_in("hadi")
        await page.get_by_role("button", name="Operator").click()
        await expect(page.get_by_label("Keadaan saya")).to_have_value("break")
        assert await state_of(api, "hadi") == "break"
        await page.get_by_label("Keadaan saya").select_option("available")


async def test_a_page_that_begins_anew_says_that_its_person_is_there_also_on_the_leaders_screen(
    opened: Open, api: Api
) -> None:
    """A supervisor has a caller on the line. If nothing were heard of the page, the call would look left alone."""
    await ring(api)
    async with opened() as hadi:
        page = hadi.page
        await hadi.sign_in("hadi")
        await page.get_by_role("button", name="Operator").click()
        await hadi.take_first()
        before = await state_of(api, "hadi")
        await page.goto(f"{hadi.url}/")  # from here on the page before says nothing more
        async with page.expect_request("**/v1/presence/heartbeat"):
            await hadi.sign_in("hadi")
            await expect(page.get_by_role("button", name="Pimpinan", pressed=True)).to_be_visible()
        await expect(page.get_by_role("list", name="Hadir")).to_contain_text("Hadi Wijaya")
        assert await state_of(api, "hadi") == before


async def test_who_signs_off_at_one_screen_is_told_at_the_other(opened: Open, api: Api, desks: SingleHost) -> None:
    add_account(desks, "tuti", "Tuti Handayani", "operator", CODE)
    async with opened() as first, opened() as second:
        for one in (first, second):
            await one.sign_in("tuti")
            await expect(one.page.get_by_label("Keadaan saya")).to_have_value("available")
        await second.page.get_by_role("button", name="Selesai bertugas").click()
        await second.page.get_by_role("dialog").get_by_role("button", name="Selesai bertugas").click()
        told = first.page.get_by_role("alert").filter(has_text="selesai bertugas di layar lain")
        await expect(told).to_be_visible()
        assert await first.violations() == []
        assert await state_of(api, "tuti") is None
        await told.get_by_role("button", name="Hadir lagi").click()
        await expect(told).to_have_count(0)
        await eventually(lambda: _is(api, "tuti", "available"))


async def _is(api: Api, operator: str, state: str) -> bool:
    return await state_of(api, operator) == state


async def test_a_call_is_passed_on_by_a_key_and_comes_back_when_it_is_declined(opened: Open, api: Api) -> None:
    call = await ring(api)
    async with opened() as budi, opened() as ani:
        await budi.sign_in("budi")
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.page.keyboard.press("o")
        await choose(ani.page, "Kepada siapa", "Budi Santoso")
        await ani.page.keyboard.press("Control+Enter")
        await expect(ani.page.get_by_role("article")).to_contain_text("ditawarkan kepada Budi Santoso")
        others = budi.page.get_by_role("list", name="Ditangani rekan").get_by_role("button")
        await others.filter(has_text="ditawarkan kepada Anda").click()
        await budi.page.get_by_role("button", name="Tolak tawaran").click()
        await expect(ani.page.get_by_role("article")).not_to_contain_text("ditawarkan kepada")
        assert (await api.get(f"/v1/calls/{call}"))["answered_by"] == "ani"


async def test_who_signs_off_passes_a_callback_to_a_colleague_who_accepts(
    opened: Open, api: Api, desks: SingleHost
) -> None:
    """The colleague declines first, is asked again, and accepts."""
    add_account(desks, "cici", "Cici Amelia", "operator", CODE)
    number = "+6281234567802"
    call = await ring(api, number=number)
    await api.post(f"/v1/calls/{call}/end", {"ended_by": "caller"})
    async with opened() as cici, opened() as budi:
        await cici.sign_in("cici")
        await budi.sign_in("budi")
        own, theirs = (
            screen.page.get_by_role("list", name="Telepon balik").get_by_role("listitem").filter(has_text=number)
            for screen in (cici, budi)
        )
        await own.get_by_role("button", name="Ambil").click()
        await own.get_by_role("button", name="Serahkan ke rekan").click()
        await choose(cici.page, "Kepada siapa", "Budi Santoso")
        await cici.page.keyboard.press("Control+Enter")
        await expect(own).to_contain_text("ditawarkan kepada Budi Santoso")
        await expect(theirs).to_contain_text("Cici Amelia menawarkannya kepada Anda")
        assert await budi.violations() == []
        await theirs.get_by_role("button", name="Tolak tawaran").click()
        await expect(own).not_to_contain_text("ditawarkan kepada")

        await cici.page.get_by_role("button", name="Selesai bertugas").click()
        dialog = cici.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Selesai bertugas").click()
        left = dialog.get_by_role("group", name=f"Telepon balik yang Anda ambil: {number}")
        await left.get_by_label("Kepada siapa").select_option(label="Budi Santoso")
        await left.get_by_role("button", name="Tawarkan").click()
        await expect(left).to_contain_text("ditawarkan kepada Budi Santoso")
        assert await cici.violations() == []
        await theirs.get_by_role("button", name="Ambil").click()
        await expect(theirs.get_by_role("button", name="Terhubung")).to_be_visible()
        await dialog.get_by_role("button", name="Coba lagi").click()
        await expect(dialog).to_have_count(0)
        await theirs.get_by_role("button", name="Tidak perlu").click()
        await expect(theirs).to_have_count(0)

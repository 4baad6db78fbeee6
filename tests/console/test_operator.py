"""The operator's desk in a real browser."""

import re
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect
from tests.end_to_end.regency import emergency, incident_of

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .browsers import HOSTILE, PASSWORD
from .conftest import CODE, Open, ring

MOST_KEYS = 12
SLOW_MS = 270
"""Between two keys: two people type for 20 s so."""


class Keys:
    """Presses keys and counts those that are not text."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.pressed += 1
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)


async def test_from_the_ring_to_the_forwarded_incident_without_a_mouse(opened: Open, api: Api) -> None:
    async with opened() as ani:
        await ani.sign_in("ani")
        keys = Keys(ani.page)
        call = await ring(api, number="0812-3456-7890")
        await expect(ani.page).to_have_title(re.compile(r"\(1\) Menunggu"))
        await eventually(lambda: ani.page.evaluate("document.documentElement.dataset.sound === 'ring'"))

        await keys.press("j")
        await expect(ani.page.get_by_role("article")).to_be_visible()
        await eventually(lambda: ani.page.evaluate("document.documentElement.dataset.sound === ''"))
        await keys.press("l")
        await keys.type("masjid jamik")
        await expect(ani.page.get_by_role("option", name="Masjid Jamik")).to_be_visible()
        await keys.press("ArrowDown", "Enter")
        await expect(ani.page.get_by_text("Masjid Jamik", exact=True)).to_be_visible()
        await keys.press("1")
        gas = ani.page.get_by_role("button", name="Gas bocor")
        await expect(gas).to_be_visible()
        letter = await gas.locator("kbd").inner_text()
        await keys.press(letter.lower())
        await expect(ani.page.get_by_text("Pemadam", exact=True)).to_be_visible()
        await keys.press("c")
        await keys.type("Bau gas di dapur")
        await keys.press("Control+Enter")
        written = ani.page.get_by_role("list", name="Catatan yang sudah ditulis")
        await expect(written).to_contain_text("Bau gas di dapur")
        await expect(written).not_to_contain_text("dalam perjalanan")
        assert keys.pressed <= MOST_KEYS

        shown = await api.get(f"/v1/calls/{call}")
        assert (shown["answered_by"], shown["incident_type"], shown["location"]["lat"]) == ("ani", "gas_bocor", 1.25)
        assert [note["text"] for note in shown["notes"]] == ["Bau gas di dapur"]
        assert (await api.get("/v1/incidents", regency=CODE, call_id=call))["items"][0]["forwardings"]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(opened: Open, api: Api, theme: str) -> None:
    async with opened(theme) as ani:
        await ani.page.goto(f"{ani.url}/")
        await ani.page.get_by_label("Nama pengguna").wait_for()
        assert await ani.violations() == []
        await ani.sign_in("ani")
        assert await ani.violations() == []
        await ring(api, number="0812-3456-7891", caller_location={"lat": 1.24, "lon": 117.74, "uncertainty_m": 300})
        await ring(api)
        await ani.take_first()
        assert await ani.violations() == []
        await ani.page.keyboard.press("1")
        await ani.page.get_by_role("button", name="Gas bocor", exact=True).click()
        await expect(ani.page.get_by_text("Pemadam", exact=True)).to_be_visible()
        assert await ani.violations() == []
        await ani.page.keyboard.press("?")
        await ani.page.get_by_role("dialog").wait_for()
        assert await ani.violations() == []


async def test_a_page_is_shown_although_a_first_request_went_astray(opened: Open) -> None:
    async with opened() as ani:
        await ani.page.route("**/console/settings.json", lambda route: route.abort(), times=1)
        await ani.page.goto(f"{ani.url}/")
        await expect(ani.page.get_by_label("Nama pengguna")).to_be_visible()


async def test_the_page_is_alone_and_keeps_no_token(opened: Open, api: Api) -> None:
    async with opened() as ani:
        await ani.sign_in("ani")
        await ring(api)
        await ani.take_first()
        assert {urlsplit(address).netloc for address in ani.asked if not address.startswith("data:")} == {
            urlsplit(ani.url).netloc
        }
        assert ani.complaints == []
        answer = await ani.page.request.get(f"{ani.url}/console/")
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")
        stored = await ani.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert "eyJ" not in stored
        assert not [address for address in ani.asked if "eyJ" in address]


async def test_hostile_text_is_shown_as_text(opened: Open, api: Api) -> None:
    call = await ring(api, number="0812-3456-7892", caller_name="<b>Budi</b>")
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await api.post(f"/v1/calls/{call}/notes", {"text": HOSTILE})
        await api.post(f"/v1/calls/{call}/location", {"lat": 1.24, "lon": 117.74, "address": HOSTILE})
        await api.post(f"/v1/calls/{call}/drafts", {"field": "note", "text": HOSTILE})
        await ring(api)  # a change of the queue has the open call read again
        await expect(ani.page.get_by_text(HOSTILE).first).to_be_visible()
        assert await ani.page.get_by_text("<b>Budi</b>").count() > 0
        assert await ani.page.locator("img[src=x], article b").count() == 0
        assert ani.complaints == []


async def test_nothing_typed_is_lost_while_the_server_is_away(opened: Open, api: Api, desks: SingleHost) -> None:
    async with opened() as ani, opened() as budi:
        calls = [await ring(api), await ring(api)]
        for one, who in ((ani, "ani"), (budi, "budi")):
            await one.sign_in(who)
            await one.take_first()
            await one.page.keyboard.press("c")
        desks.processes["sigap"].pause()
        try:
            for one, who in ((ani, "ani"), (budi, "budi")):
                await one.page.keyboard.type(f"Catatan pertama {who}", delay=SLOW_MS)
                await one.page.keyboard.press("Control+Enter")
                await one.page.keyboard.type(f"Sedang diketik {who}", delay=SLOW_MS)
        finally:
            desks.processes["sigap"].kill()  # what it had not answered is gone; it is started again at once
        for one, who in ((ani, "ani"), (budi, "budi")):
            assert await one.page.get_by_label("Catatan C").input_value() == f"Sedang diketik {who}"

        async def caught_up() -> bool:
            texts = []
            for call in calls:
                notes = (await api.get(f"/v1/calls/{call}"))["notes"]
                drafts = (await api.get(f"/v1/calls/{call}/drafts"))["items"]
                texts += [note["text"] for note in notes] + [one["text"] for one in drafts if one["text"]]
            wanted = [f"Catatan pertama {who}" for who in ("ani", "budi")]
            wanted += [f"Sedang diketik {who}" for who in ("ani", "budi")]
            return sorted(texts) == sorted(wanted)

        await eventually(caught_up, 60)
        for one in (ani, budi):
            await eventually(partial(one.page.evaluate, "!JSON.stringify({...localStorage}).includes('kept')"))


async def test_a_browser_that_was_closed_goes_on_where_it_was(opened: Open, api: Api) -> None:
    await ring(api)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type("Dua orang di dalam")
        await eventually(lambda: ani.page.evaluate("!JSON.stringify({...localStorage}).includes('kept')"))
    async with opened() as again:
        await again.sign_in("ani")
        own = again.page.get_by_role("list", name="Panggilan saya").get_by_role("button")
        await own.filter(has_text="tersambung").click()
        await expect(again.page.get_by_label("Catatan C")).to_have_value("Dua orang di dalam")


async def test_two_who_answer_at_once_both_get_a_sensible_answer(opened: Open, api: Api) -> None:
    """The second reads who was first, keeps what was typed, and goes on."""
    async with opened() as ani:
        await ani.sign_in("ani")
        await ring(api)
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type("Masih diketik")
        await ani.page.keyboard.press("Escape")
        second = await ring(api)
        await expect(ani.page.get_by_role("button", name="Jawab")).to_be_visible()
        await ani.page.route("**/v1/queue/stream", lambda route: route.abort())
        await ani.page.route("**/v1/queue?*", lambda route: route.abort())
        await api.post(f"/v1/calls/{second}/answer")
        await ani.page.keyboard.press("j")
        await expect(ani.page.get_by_role("alert").filter(has_text="sudah dijawab")).to_be_visible()
        assert await ani.page.get_by_label("Catatan C").input_value() == "Masih diketik"


async def test_an_incident_that_was_closed_lately_goes_on(opened: Open, api: Api) -> None:
    """A call that opened nothing joins the reopened incident; what another opened becomes a part of it."""
    number = {"number": "0812-3456-7899"}
    first = await emergency(api, CODE, told=lambda step: number if step == "call" else {})
    incident = await incident_of(api, CODE, first)
    for is_classified in (False, True):
        await api.post(f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved"})
        call = await ring(api, **number)

        async def is_proposed(call: str = call) -> bool:
            look = await api.get(f"/v1/calls/{call}/first-look")
            return [one["id"] for one in look["closed_lately"]] == [incident["id"]]

        await eventually(is_proposed)
        async with opened() as ani:
            await ani.sign_in("ani")
            await ani.take_first()
            if is_classified:
                await ani.page.keyboard.press("1")
                await ani.page.get_by_role("button", name=re.compile("^Gas bocor")).click()
                await expect(ani.page.get_by_text("Pemadam", exact=True)).to_be_visible()
            await ani.page.get_by_role("button", name=f"{incident['number']} Gas bocor. Berlanjut?").click()
            assert await ani.violations() == []
            await ani.page.keyboard.press("Control+Enter")
            await expect(ani.page.get_by_role("dialog")).to_have_count(0)
            await expect(ani.page.get_by_role("button", name="Berlanjut?")).to_have_count(0)
            reports = 3 if is_classified else 2

            async def goes_on(reports: int = reports) -> bool:
                shown = await api.get(f"/v1/incidents/{incident['id']}")
                return bool(shown["state"] != "closed" and shown["reports"] == reports)

            await eventually(goes_on)
            await api.post(f"/v1/calls/{call}/end", {"ended_by": "caller"})


@pytest.mark.parametrize(("answer", "is_same"), [("Gabungkan", True), ("Bukan yang sama", False)])
async def test_an_operator_says_whether_the_call_is_about_a_known_event(
    opened: Open, api: Api, answer: str, is_same: bool
) -> None:
    """The agencies of the second call wait for the word. If it is the same event, the first one's are shown."""
    first = await incident_of(api, CODE, await emergency(api, CODE))
    call = await ring(api)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        place = {"lat": first["place"]["lat"], "lon": first["place"]["lon"], "uncertainty_m": 10}
        await api.post(f"/v1/calls/{call}/location", place)
        await ani.page.keyboard.press("1")
        await ani.page.get_by_role("button", name=re.compile("^Gas bocor")).click()
        question = ani.page.get_by_role("region", name=f"Mungkin sama dengan {first['number']}.")
        await expect(question).to_contain_text("Pemadam")
        assert await ani.violations() == []
        await question.get_by_role("button", name=answer).click()
        await expect(question).to_have_count(0)
        own = await incident_of(api, CODE, call)
        shown = first if is_same else own
        await expect(ani.page.get_by_role("heading", name=shown["number"])).to_be_visible()
        await expect(ani.page.get_by_role("listitem").filter(has_text="Pemadam")).to_be_visible()
        assert (await api.get(f"/v1/incidents/{own['id']}"))["merged_into"] == (first["id"] if is_same else None)
        assert (await api.get(f"/v1/calls/{call}"))["call_class"] == "emergency"


async def test_a_block_that_the_class_proposes_is_shown_at_once(opened: Open, api: Api) -> None:
    number = {"number": "0812-3456-7877"}
    first = await ring(api, **number)
    await api.post(f"/v1/calls/{first}/answer")
    await api.post(f"/v1/calls/{first}/classification", {"call_class": "prank"})
    await api.post(f"/v1/calls/{first}/end", {"ended_by": "caller"})
    await ring(api, **number)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await expect(ani.page.get_by_text("1 panggilan sebelumnya")).to_be_visible()
        await expect(ani.page.get_by_text("Pemblokiran nomor ini")).to_have_count(0)
        key = await ani.page.get_by_role("button", name="Panggilan iseng").locator("kbd").inner_text()
        await ani.page.keyboard.press(key)
        await expect(ani.page.get_by_text("Pemblokiran nomor ini diusulkan; pengawas memutuskan")).to_be_visible()
        assert await ani.violations() == []
        [block] = (await api.get("/v1/blocks", regency=CODE, state="proposed"))["items"]
    await api.post(f"/v1/blocks/{block['id']}/refusal", {"reason": "menyesal"})


async def test_two_operators_type_into_one_call(opened: Open, api: Api) -> None:
    call = await ring(api)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type("Api dari dapur")
        await api.post(f"/v1/calls/{call}/drafts", {"field": "note", "text": "Tabung gas di dalam"})
        await expect(ani.page.get_by_text("Tabung gas di dalam")).to_be_visible()
        await ani.page.keyboard.type(", dua orang")
        assert await ani.page.get_by_label("Catatan C").input_value() == "Api dari dapur, dua orang"
        assert await ani.page.evaluate("document.activeElement.tagName") == "TEXTAREA"


async def test_a_second_call_is_taken_without_losing_the_first(opened: Open, api: Api) -> None:
    async with opened() as ani:
        await ani.sign_in("ani")
        await ring(api, number="0812-0000-0001")
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.keyboard.type("Yang pertama")
        await ani.page.keyboard.press("Escape")
        await ring(api, number="0812-0000-0002")
        await expect(ani.page.get_by_role("button", name="Jawab")).to_be_visible()
        await ani.page.keyboard.press("j")
        await expect(ani.page.get_by_role("article")).to_contain_text("+6281200000002")
        await ani.page.keyboard.press("n")
        await expect(ani.page.get_by_role("article")).to_contain_text("+6281200000001")
        await expect(ani.page.get_by_label("Catatan C")).to_have_value("Yang pertama")
        await ani.page.keyboard.press("h")
        await ani.page.get_by_role("button", name="Akhiri sekarang").press("Enter")
        await expect(ani.page.get_by_role("article")).to_contain_text("berakhir")


async def test_a_session_that_ends_in_the_middle_of_a_note_loses_nothing(opened: Open, api: Api) -> None:
    async with opened() as ani:
        await ani.sign_in("ani")
        call = await ring(api)
        await ani.take_first()
        await ani.page.keyboard.press("c")
        await ani.page.route("**/drafts", lambda route: route.fulfill(status=401, json={}))
        await ani.page.keyboard.type("Tengah mengetik")
        dialog = ani.page.get_by_role("dialog", name="Sesi Anda berakhir")
        await dialog.wait_for()
        assert await ani.violations() == []
        await ani.page.unroute("**/drafts")
        await dialog.get_by_label("Kata sandi").fill(PASSWORD)
        await dialog.get_by_role("button", name="Masuk").press("Enter")
        await dialog.wait_for(state="detached")
        await expect(ani.page.get_by_label("Catatan C")).to_have_value("Tengah mengetik")

        async def caught_up() -> bool:
            drafts = (await api.get(f"/v1/calls/{call}/drafts"))["items"]
            return [draft["text"] for draft in drafts] == ["Tengah mengetik"]

        await eventually(caught_up)


async def test_a_stream_that_is_silent_says_how_old_the_screen_is_and_goes_on(
    opened: Open, api: Api, desks: SingleHost
) -> None:
    async with opened() as ani:
        await ani.page.clock.install()
        await ani.sign_in("ani")
        await ani.page.get_by_text("Tidak ada yang menunggu.").wait_for()
        host = desks.processes["sigap"]
        host.pause()
        try:
            await ani.page.clock.fast_forward(35_000)
            await expect(ani.page.get_by_role("alert").filter(has_text="Sambungan terputus")).to_be_visible()
        finally:
            host.resume()
        await expect(ani.page.get_by_role("alert").filter(has_text="Sambungan terputus")).to_have_count(0)
        await ring(api)
        await expect(ani.page.get_by_role("button", name="Jawab")).to_be_visible()


async def test_a_silent_caller_is_led_through_by_keys(opened: Open, api: Api) -> None:
    """Step after step with what was heard; only then the call may be classified as silent."""
    call = await ring(api)
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.page.keyboard.press("d")
        await ani.page.keyboard.press("d")  # a second press means nothing
        steps = ani.page.get_by_role("list", name="Penelepon diam").get_by_role("listitem")
        await expect(steps.first).to_be_visible()
        assert await ani.violations() == []
        count = await steps.count()
        for place in range(count):
            await ani.page.keyboard.press("d")
            await ani.page.keyboard.press("1")
            await expect(steps.nth(place)).to_contain_text("✔")
        await expect(ani.page.get_by_text("Semua langkah sudah dilakukan")).to_be_visible()
        assert len((await api.get(f"/v1/calls/{call}"))["sop"]["silent_steps"]) == count
        done = await api.post(f"/v1/calls/{call}/classification", {"call_class": "silent"})
        assert done["call_class"] == "silent"


async def test_who_calls_is_written_down_by_keys(opened: Open, api: Api) -> None:
    """Only what was changed is sent; a refused number is said at its field, and what was typed stays."""
    call = await ring(api, number="0812-3456-7893", caller_name="Ibu Sri")
    async with opened() as ani:
        await ani.sign_in("ani")
        await ani.take_first()
        await ani.page.keyboard.press("i")
        await ani.page.get_by_label("Nomor untuk telepon balik").fill("bukan nomor")
        await ani.page.get_by_label("Bahasa").fill("jv")
        await ani.page.keyboard.press("Control+Enter")
        dialog = ani.page.get_by_role("dialog")
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await expect(ani.page.get_by_label("Bahasa")).to_have_value("jv")
        assert await ani.violations() == []
        await ani.page.get_by_label("Nomor untuk telepon balik").fill("0812-3456-7894")
        await ani.page.keyboard.press("Control+Enter")
        await expect(dialog).to_have_count(0)
        await expect(ani.page.get_by_role("article")).to_contain_text("telepon balik ke +6281234567894")
        await ani.page.get_by_label("Kemungkinan anak-anak").click()  # the mark is there once the server has it
        await expect(ani.page.get_by_label("Kemungkinan anak-anak")).to_be_checked()
        await expect(ani.page.get_by_text("Berbicara dengan anak")).to_be_visible()
        shown = await api.get(f"/v1/calls/{call}")
        assert (shown["caller_name"], shown["language"]) == ("Ibu Sri", "jv")
        assert shown["sop"]["probably_child"] is True

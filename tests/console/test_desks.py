"""The dispatcher's board, the agency's desk and the leader's screen in a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.end_to_end.regency import DESK, DOOR, agency, emergency, incident_of

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .browsers import HOSTILE, PASSWORD, Screen
from .conftest import CODE, METER, Open, ring

TELEPHONE = {"width": 390, "height": 844}


async def opened_incident(api: Api, **more: Any) -> dict[str, Any]:
    """An open incident that two agencies were told of."""
    return await incident_of(api, CODE, await emergency(api, CODE, told=lambda step: more.get(step, {})))


async def read(api: Api, incident: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await api.get(f"/v1/incidents/{incident['id']}")
    return found


async def correct(api: Api, incident: dict[str, Any], **correction: object) -> None:
    """A colleague corrects it."""
    seen = {"If-Match": f'"{(await read(api, incident))["version"]}"'}
    await api.send("PATCH", f"/v1/incidents/{incident['id']}", json=correction, headers=seen)


async def part_of_door(api: Api, incident: dict[str, Any]) -> dict[str, Any]:
    """The forwarding of the agency whose posko signs in as `pemadam`."""
    parts = (await read(api, incident))["forwardings"]
    return next(one for one in parts if one["agency"].endswith(DOOR))


def row_of(page: Page, incident: dict[str, Any]) -> Any:
    return page.get_by_role("list", name="Papan penanganan").get_by_role("button").filter(has_text=incident["number"])


async def look_at(page: Page, incident: dict[str, Any]) -> None:
    """Opens it from the board."""
    await row_of(page, incident).click()
    await page.get_by_role("article", name=incident["number"]).wait_for()


@asynccontextmanager
async def looking_at(opened: Open, incident: dict[str, Any]) -> AsyncIterator[Screen]:
    """The dispatcher `dewi`, who has opened it."""
    async with opened() as dewi:
        await dewi.sign_in("dewi")
        await look_at(dewi.page, incident)
        yield dewi


async def test_a_dispatcher_leads_an_incident_by_keys_alone(opened: Open, api: Api) -> None:
    """From the board to the closed incident and back: an answer by telephone, a note, another priority, the end."""
    async with opened() as dewi:
        await dewi.sign_in("dewi")
        incident = await opened_incident(api)
        page = dewi.page
        await expect(row_of(page, incident)).to_be_visible()
        await page.keyboard.press("j")
        await expect(page.get_by_role("article", name=incident["number"])).to_be_visible()

        await page.keyboard.press("1")
        await page.get_by_label("Berbicara dengan").focus()
        await page.keyboard.type("Pak Harun")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        first = (await read(api, incident))["forwardings"][0]
        assert (first["state"], first["on_behalf"]) == ("acknowledged", ["acknowledged"])

        await page.keyboard.press("c")
        await expect(page.get_by_label("Catatan C")).to_be_focused()
        await page.keyboard.type("Atap runtuh")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("list", name="Catatan yang sudah ditulis")).to_contain_text("Atap runtuh")
        await page.keyboard.press("Escape")

        await page.keyboard.press("p")
        await page.get_by_label("Prioritas").select_option("1")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("article").get_by_text("Prioritas 1, paling mendesak")).to_be_visible()

        await page.keyboard.press("x")
        await page.get_by_label("Hasil penanganan").select_option("resolved")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("article").get_by_text("ditutup", exact=True)).to_be_visible()
        closed = await read(api, incident)
        assert (closed["state"], closed["disposition"], closed["priority"]) == ("closed", "resolved", 1)
        assert "Atap runtuh" in [note["text"] for note in closed["notes"]]

        await page.keyboard.press("o")
        await page.get_by_role("dialog").wait_for()
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("button", name="Tutup", exact=True)).to_be_visible()
        assert (await read(api, incident))["state"] != "closed"


async def test_keys_pressed_one_after_the_other_at_once_belong_to_what_the_first_opened(opened: Open, api: Api) -> None:
    """The focus is there before the screen is painted: a quick hand loses nothing."""
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        for key in ("1", "f", "p", "l", "x"):
            assert await focus_at_once(dewi.page, key) == "dialog", key
            await dewi.page.keyboard.press("Escape")
            await expect(dewi.page.get_by_role("dialog")).to_have_count(0)
        await dewi.page.keyboard.press("t")
        assert await focus_at_once(dewi.page, "c") == "article"


async def focus_at_once(page: Page, key: str) -> str | None:
    """In what the focus is, `dialog` or `article`, after the key and before the browser paints."""
    within: str | None = await page.evaluate(
        """async (key) => {
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
          for (let turn = 0; turn < 20; turn++) await null;
          return document.activeElement?.closest("dialog, article")?.localName ?? null;
        }""",
        key,
    )
    return within


async def test_the_map_stays_as_the_dispatcher_moved_it(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        article = dewi.page.get_by_role("article")
        scale = article.locator(".leaflet-control-scale-line")
        near = await scale.inner_text()
        for _ in range(3):
            await article.get_by_role("button", name="Perkecil").click()
        far = await scale.inner_text()
        assert far != near
        for text in ("Atap runtuh", "Dua orang di dalam"):
            await api.post(f"/v1/incidents/{incident['id']}/notes", {"text": text})
            await expect(article).to_contain_text(text)
        assert await scale.inner_text() == far


async def test_of_two_who_correct_at_once_the_second_sees_both_and_decides(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        page = dewi.page
        await page.keyboard.press("p")
        await page.get_by_label("Prioritas").select_option("3")
        await correct(api, incident, priority=1)
        await page.keyboard.press("Control+Enter")
        both = page.get_by_role("dialog").locator("dl").first
        await expect(both).to_contain_text("Prioritas 1, paling mendesak")
        await expect(both).to_contain_text("Prioritas 3")
        assert (await read(api, incident))["priority"] == 1
        await page.get_by_role("button", name="Tetap lakukan").press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert (await read(api, incident))["priority"] == 3


async def test_an_alarm_sounds_until_it_is_heard_and_stays_until_it_is_over(opened: Open, api: Api) -> None:
    async with opened() as dewi:
        await dewi.sign_in("dewi")
        call = await api.post("/v1/calls", {"regency": CODE, "channel": "telephone"})
        await api.post(f"/v1/calls/{call['id']}/answer")
        await api.post(f"/v1/calls/{call['id']}/classification", {"call_class": "emergency"})
        incident = await incident_of(api, CODE, str(call["id"]))
        alarms = dewi.page.get_by_role("list", name="Alarm")
        await expect(alarms).to_contain_text("GAWAT", timeout=60_000)
        await eventually(lambda: dewi.page.evaluate("document.documentElement.dataset.sound === 'alarm'"))
        await dewi.page.keyboard.press("m")
        await eventually(lambda: dewi.page.evaluate("document.documentElement.dataset.sound === ''"))
        await expect(alarms).to_contain_text("GAWAT")
        await alarms.get_by_role("button", name="Buka kejadian").press("Enter")
        await dewi.page.keyboard.press("f")
        await dewi.page.get_by_role("dialog").get_by_label("Instansi").select_option(f"{CODE}/{DOOR}")
        await dewi.page.keyboard.press("Control+Enter")
        await expect(alarms).to_have_count(0)
        assert [one["agency"] for one in (await read(api, incident))["forwardings"]] == [f"{CODE}/{DOOR}"]


async def test_an_agency_answers_on_a_telephone(opened: Open, api: Api) -> None:
    async with opened() as posko:
        await posko.page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
        await posko.sign_in("pemadam")
        incident = await opened_incident(api)
        part = posko.page.get_by_role("article", name=incident["number"])
        await part.get_by_label("Keterangan untuk pusat").fill("Dua unit berangkat")
        await part.get_by_role("button", name="Terima").click()
        for step in ("Berangkat", "Tiba di lokasi"):
            await part.get_by_role("button", name=step).click()
        await expect(part.get_by_role("button", name="Tolak")).to_have_count(0)
        wide = "document.documentElement.scrollWidth <= innerWidth"
        assert await posko.page.evaluate(wide)
        own = await part_of_door(api, incident)
        path = f"/v1/incidents/{incident['id']}/forwardings/{own['id']}"
        await api.post(f"{path}/withdraw", {"reason": "Api sudah padam"})
        await expect(part).to_contain_text("PERINTAH KEMBALI: Api sudah padam")
        await part.get_by_role("button", name="Konfirmasi: unit kembali").click()
        await expect(part).to_have_count(0)

        async def turned_back() -> bool:
            parts = (await read(api, incident))["forwardings"]
            return bool(next(one for one in parts if one["id"] == own["id"])["state"] == "withdrawn")

        await eventually(turned_back)


async def test_an_agency_declines_with_a_reason(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with opened() as posko:
        await posko.sign_in("pemadam")
        await posko.page.get_by_role("article", name=incident["number"]).get_by_role("button", name="Tolak").click()
        await posko.page.get_by_label("Alasan").select_option("no_unit")
        await posko.page.keyboard.press("Control+Enter")
        await expect(posko.page.get_by_role("article", name=incident["number"])).to_have_count(0)

        async def declined() -> bool:
            return bool((await part_of_door(api, incident))["decline_reason"] == "no_unit")

        await eventually(declined)
    async with looking_at(opened, incident) as dewi:
        reasons = {one["code"]: one["label"] for one in (await api.get("/v1/decline-reasons", regency=CODE))["items"]}
        await expect(dewi.page.get_by_role("article")).to_contain_text(f"Alasan: {reasons['no_unit']['id']}")


async def said(url: str, incident: dict[str, Any], which: str, **report: Any) -> None:
    """The agency reports progress by its own system."""
    async with agency(url, CODE, which) as own:

        async def found() -> dict[str, Any] | None:
            items = (await own.get("/v1/forwardings", concern="open", limit=200))["items"]
            return next((one for one in items if one["incident_id"] == incident["id"]), None)

        part = await eventually(found)
        await own.post(f"/v1/forwardings/{part['id']}/progress", report)


async def test_a_dispatcher_gives_agencies_what_they_want(opened: Open, api: Api, desks: SingleHost) -> None:
    """An answer to a question, a higher alarm level or none; the outcomes' proposal stands in the dialog of the end."""
    incident = await opened_incident(api)
    wanted = {"text": "Api besar", "question": "Listrik sudah padam?", "asks_for": {"alarm_level": 2}}
    await said(desks.url, incident, DOOR, progress="en_route", units=["Damkar 7"])
    await said(desks.url, incident, DOOR, progress="on_scene", **wanted)
    await said(desks.url, incident, DESK, progress="en_route", asks_for={"alarm_level": 3})
    async with looking_at(opened, incident) as dewi:
        page = dewi.page
        article = page.get_by_role("article", name=incident["number"])
        wishes = article.get_by_role("region", name="Permintaan instansi")
        await expect(wishes).to_contain_text("Pemadam bertanya: Listrik sudah padam?")
        agencies = article.get_by_role("region", name="Instansi", exact=True)
        await expect(agencies.get_by_role("list", name="Unit")).to_contain_text("DAMKAR 7 di lokasi")
        await expect(agencies.get_by_role("list", name="Unit")).to_contain_text("persiapan 0:")
        await expect(agencies).to_contain_text("Api besar")
        await expect(agencies.get_by_role("list", name="Hanya diberi tahu")).to_contain_text("Camat sejak")
        await expect(agencies).to_contain_text("penerusan")
        assert await dewi.violations() == []

        await page.keyboard.press("q")
        await page.keyboard.type("Sudah, oleh PLN")
        await page.keyboard.press("Control+Enter")
        await expect(wishes).not_to_contain_text("bertanya")
        await expect(article.get_by_role("list", name="Catatan yang sudah ditulis")).to_contain_text("Sudah, oleh PLN")

        await expect(wishes).to_contain_text("Meja minta tingkat alarm 3")
        await wishes.get_by_role("button", name="Naikkan").click()
        await expect(page.get_by_label("Tingkat", exact=True)).to_have_value("3")
        await expect(page.get_by_label("Alasan")).to_have_value("Diminta oleh Meja")
        await page.keyboard.press("Control+Enter")
        await expect(article).to_contain_text("tingkat alarm 3")
        await expect(wishes).to_have_count(0)
        await said(desks.url, incident, DESK, progress="en_route", text="lagi", asks_for={"alarm_level": 4})
        await wishes.get_by_role("button", name="Tidak perlu").click()
        await expect(wishes).to_have_count(0)
        assert (await read(api, incident))["alarm_level"] == 3

        await said(desks.url, incident, DOOR, progress="done", outcome="false_alarm")
        await expect(agencies).to_contain_text("laporan keliru")
        await page.keyboard.press("x")
        await expect(page.get_by_label("Hasil penanganan")).to_have_value("false_alarm")
        await page.get_by_label("Hasil penanganan").select_option("resolved")
        await page.keyboard.press("Control+Enter")
        await expect(article.get_by_text("ditutup", exact=True)).to_be_visible()
        assert (await read(api, incident))["disposition"] == "resolved"


async def test_a_capability_is_said_in_the_packs_words(opened: Open, api: Api, desks: SingleHost) -> None:
    incident = await opened_incident(api)
    await said(desks.url, incident, DESK, progress="en_route", asks_for={"capability": METER["code"]})
    await said(desks.url, incident, DOOR, progress="en_route")
    async with opened() as dewi, opened() as posko:
        await dewi.sign_in("dewi")
        await look_at(dewi.page, incident)
        wishes = dewi.page.get_by_role("region", name="Permintaan instansi")
        await expect(wishes).to_contain_text("Meja bertanya: Meminta alat ukur gas; ")
        await posko.sign_in("pemadam")
        await posko.page.get_by_role("article", name=incident["number"]).get_by_role("button", name="Laporan").click()
        choices = posko.page.get_by_label("Minta bantuan").get_by_role("option")
        await expect(choices.filter(has_text="siapa pun yang mampu: alat ukur gas")).to_have_count(1)


async def test_who_is_only_informed_is_asked_nothing(opened: Open, api: Api) -> None:
    incident = await opened_incident(api, note={"text": "Bau gas"})
    async with opened() as camat:
        await camat.page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
        await camat.sign_in("camat")
        part = camat.page.get_by_role("article", name=incident["number"])
        await expect(part).to_contain_text("untuk diketahui")
        await expect(camat.page.get_by_role("heading", name="Untuk diketahui 1")).to_be_visible()
        await expect(part.get_by_role("button")).to_have_count(0)
        await expect(part).not_to_contain_text("Bau gas")
        await expect(camat.page.get_by_role("heading", name="Berjalan 0")).to_be_visible()
        assert await camat.page.title() == "Sigap 112"
        assert not await camat.page.evaluate("document.documentElement.dataset.sound")
        assert await camat.violations() == []


async def test_an_agency_names_its_units_with_one_touch(opened: Open, api: Api) -> None:
    """The pack's units are offered with the acknowledgement and with a step. One that works elsewhere is not."""
    incident, other = await opened_incident(api), await opened_incident(api, location={"lat": 1.29})
    async with opened() as posko:
        await posko.page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
        await posko.sign_in("pemadam")
        part = posko.page.get_by_role("article", name=incident["number"])
        await part.get_by_role("button", name="POMPA 1").click()
        await expect(part.get_by_role("button", name="POMPA 1", pressed=True)).to_be_visible()
        await part.get_by_role("button", name="Terima").click()
        await expect(part).to_contain_text(": POMPA 1")
        busy = posko.page.get_by_role("article", name=other["number"]).get_by_role("button", name="POMPA 1")
        await expect(busy).to_be_disabled()
        await expect(busy).to_contain_text(incident["number"])
        await part.get_by_role("button", name="TANGGA 1").click()
        assert await posko.violations() == []
        await part.get_by_role("button", name="Berangkat").click()

        async def heard() -> bool:
            units = {one["callsign"]: one["status"] for one in (await part_of_door(api, incident))["units"]}
            return units == {"POMPA 1": "assigned", "TANGGA 1": "en_route"}

        await eventually(heard)
        assert await posko.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_an_agency_says_more_than_its_step_and_moves_a_unit_on(opened: Open, api: Api) -> None:
    """Units, words, a question and a request for help; a unit that works elsewhere is moved; how the part went."""
    incident, other = await opened_incident(api), await opened_incident(api, location={"lat": 1.29})
    async with opened() as posko:
        await posko.page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
        await posko.sign_in("pemadam")
        dialog = posko.page.get_by_role("dialog")

        async def report(about: dict[str, Any], **said: str) -> None:
            part = posko.page.get_by_role("article", name=about["number"])
            await part.get_by_role("button", name="Laporan").click()
            for label, words in said.items():
                field = dialog.get_by_label(label.replace("_", " "))
                is_list = await field.evaluate("one => one.tagName === 'SELECT'")
                await (field.select_option(words) if is_list else field.fill(words))

        async def send() -> None:
            await posko.page.keyboard.press("Control+Enter")
            await expect(dialog).to_have_count(0)

        for one in (other, incident):
            await posko.page.get_by_role("article", name=one["number"]).get_by_role("button", name="Terima").click()
        await report(other, Langkah="en_route", Unit="Damkar 1")
        await send()
        await report(incident, Langkah="on_scene", Keterangan="Dua rumah", Unit="Damkar 1, Damkar 2")
        await dialog.get_by_label("Pertanyaan untuk pusat").fill("Listrik sudah padam?")
        help_wanted = dialog.get_by_label("Minta bantuan")
        await expect(help_wanted.locator("option[value='capability/police']")).to_have_text(
            "siapa pun yang mampu: polisi"
        )
        await help_wanted.select_option("alarm_level/2")
        assert await posko.violations() == []
        await posko.page.keyboard.press("Control+Enter")
        await expect(dialog).to_contain_text(other["number"])
        await dialog.get_by_role("button", name=f"Pindahkan DAMKAR 1 dari {other['number']} ke sini").click()
        await expect(dialog).to_have_count(0)
        part = posko.page.get_by_role("article", name=incident["number"])
        await expect(part).to_contain_text("DAMKAR 1, DAMKAR 2; Dua rumah; tanya: Listrik sudah padam?")
        assert await posko.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        async def heard() -> bool:
            shown, own = await read(api, incident), await part_of_door(api, incident)
            asked = [one["text"] for one in shown["questions"]] == ["Listrik sudah padam?"]
            units = [one["callsign"] for one in own["units"]] == ["DAMKAR 1", "DAMKAR 2"]
            level = shown["proposed_alarm_level"]
            return bool(asked and units and own["text"] == "Dua rumah" and level and level["alarm_level"] == 2)

        await eventually(heard)
        await part.get_by_role("button", name="Terkendali").click()
        await report(incident, Langkah="done", Hasil="false_alarm")
        await send()
        await expect(part).to_have_count(0)

        async def ended() -> bool:
            return bool((await part_of_door(api, incident))["outcome"] == "false_alarm")

        await eventually(ended)


async def test_a_leader_starts_a_drill_and_sees_who_is_there(opened: Open, api: Api) -> None:
    async with opened() as hadi, opened() as ani:
        await hadi.sign_in("hadi")
        await ani.sign_in("ani")
        await expect(hadi.page.get_by_role("list", name="Hadir")).to_contain_text("Ani Lestari")
        figures = hadi.page.get_by_role("region", name="Angka hari ini")
        await expect(figures.get_by_role("listitem")).to_have_count(7)
        await hadi.page.keyboard.press("d")
        await expect(hadi.page.get_by_role("status").filter(has_text="berdering")).to_be_visible()
        await expect(ani.page.get_by_role("list", name="Menunggu")).to_contain_text("LATIHAN")


async def test_a_note_that_is_typed_outlives_a_session_that_is_over(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        await dewi.page.route("**/v1/incidents/*/notes", lambda route: route.fulfill(status=401, json={}))
        await dewi.page.keyboard.press("c")
        await expect(dewi.page.get_by_label("Catatan C")).to_be_focused()
        await dewi.page.keyboard.type("Atap runtuh")
        await dewi.page.keyboard.press("Control+Enter")
        await expect(dewi.page.get_by_role("dialog", name="Sesi Anda berakhir")).to_be_visible()
        await dewi.page.unroute("**/v1/incidents/*/notes")
        await dewi.page.get_by_label("Kata sandi").fill(PASSWORD)
        await dewi.page.keyboard.press("Enter")
        await expect(dewi.page.get_by_role("dialog")).to_have_count(0)
        await expect(dewi.page.get_by_label("Catatan C")).to_have_value("Atap runtuh")
        await dewi.page.get_by_label("Catatan C").press("Control+Enter")
        await expect(dewi.page.get_by_role("list", name="Catatan yang sudah ditulis")).to_contain_text("Atap runtuh")
        await eventually(lambda: dewi.page.evaluate("!JSON.stringify({...localStorage}).includes('kept')"))


async def test_hostile_text_is_shown_as_text(opened: Open, api: Api) -> None:
    more = {"location": {"address": HOSTILE}, "note": {"text": HOSTILE}, "call": {"caller_name": "<b>Budi</b>"}}
    incident = await opened_incident(api, **more)
    async with opened() as dewi, opened() as posko:
        await dewi.sign_in("dewi")
        await look_at(dewi.page, incident)
        await posko.sign_in("pemadam")
        for one in (dewi, posko):
            article = one.page.get_by_role("article", name=incident["number"])
            await expect(article.get_by_text(HOSTILE).first).to_be_visible()
            assert await one.page.locator("img[src=x], article b").count() == 0
            assert one.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(opened: Open, api: Api, theme: str) -> None:
    incident = await opened_incident(api, note={"text": "Bau gas"})
    async with opened(theme) as dewi, opened(theme) as posko, opened(theme) as hadi:
        await dewi.sign_in("dewi")
        await row_of(dewi.page, incident).wait_for()
        assert await dewi.violations() == []
        await look_at(dewi.page, incident)
        await dewi.page.get_by_role("article").wait_for()
        assert await dewi.violations() == []
        await dewi.page.keyboard.press("t")
        await expect(dewi.page.get_by_role("list", name="Riwayat").get_by_role("listitem").first).to_be_visible()
        assert await dewi.violations() == []
        await dewi.page.keyboard.press("x")
        await dewi.page.get_by_role("dialog").wait_for()
        assert await dewi.violations() == []
        await posko.page.set_viewport_size(TELEPHONE)  # type: ignore[arg-type]
        await posko.sign_in("pemadam")
        await posko.page.get_by_role("article").first.wait_for()
        assert await posko.violations() == []
        await hadi.sign_in("hadi")
        await hadi.page.get_by_role("region", name="Angka hari ini").get_by_role("listitem").first.wait_for()
        assert await hadi.violations() == []


CALLS = 20


async def has_done(api: Api, incident: dict[str, Any]) -> bool:
    return any(one["state"] == "done" for one in (await read(api, incident))["forwardings"])


async def closed_by(page: Page, api: Api, incident: dict[str, Any]) -> bool:
    """Sends the dialog, again if it shows what has changed meanwhile."""
    if await page.get_by_role("dialog").count():
        await page.keyboard.press("Control+Enter")
    return bool((await read(api, incident))["state"] == "closed")


async def test_four_people_take_calls_through_their_whole_life(opened: Open, api: Api) -> None:
    """Two operators, a dispatcher and an agency, each in a browser of their own."""
    async with opened() as ani, opened() as budi, opened() as dewi, opened() as posko:
        for one, who in ((ani, "ani"), (budi, "budi"), (dewi, "dewi"), (posko, "pemadam")):
            await one.sign_in(who)
        for turn in range(CALLS):
            desk = (ani, budi)[turn % 2]
            call = await ring(api, number=f"0812-1111-{turn:04}")
            await expect(desk.page.get_by_role("button", name="Jawab")).to_be_visible()
            await desk.page.keyboard.press("j")
            await expect(desk.page.get_by_role("article")).to_contain_text(f"+628121111{turn:04}")
            await desk.page.keyboard.press("l")
            await desk.page.keyboard.type(f"{1.21 + turn / 300:.5f}, 117.75")
            await desk.page.keyboard.press("Enter")
            await expect(desk.page.get_by_text("Titik di peta")).to_be_visible()
            await desk.page.keyboard.press("1")
            await desk.page.get_by_role("button", name="Gas bocor", exact=True).click()
            incident = await incident_of(api, CODE, call)
            await desk.page.keyboard.press("h")
            await desk.page.get_by_role("button", name="Akhiri sekarang").press("Enter")
            part = posko.page.get_by_role("article", name=incident["number"])
            await part.get_by_role("button", name="Terima").click()
            await part.get_by_role("button", name="Selesai").click()
            await expect(part).to_have_count(0)
            await eventually(partial(has_done, api, incident))  # what changes while one closes is asked about
            await look_at(dewi.page, incident)
            await expect(dewi.page.get_by_role("article", name=incident["number"])).to_be_visible()
            await dewi.page.keyboard.press("x")
            await dewi.page.get_by_label("Hasil penanganan").select_option("resolved")
            await eventually(partial(closed_by, dewi.page, api, incident), 20, every=1)
            await expect(row_of(dewi.page, incident)).to_have_count(0, timeout=20_000)
        assert [one.complaints for one in (ani, budi, dewi, posko)] == [[]] * 4


async def test_an_incident_without_a_call_is_opened_and_found_to_be_another_one(opened: Open, api: Api) -> None:
    first = await opened_incident(api)
    async with opened() as dewi:
        await dewi.sign_in("dewi")
        await expect(row_of(dewi.page, first)).to_be_visible()
        await dewi.page.keyboard.press("i")
        dialog = dewi.page.get_by_role("dialog")
        await dialog.get_by_label("Siapa yang melapor").select_option("observer")
        await dialog.get_by_label("Jenis kejadian").select_option("gas_bocor")
        await dialog.get_by_label("Lokasi").fill("Masjid Jamik")
        assert await dewi.violations() == []
        await dewi.page.keyboard.press("Control+Enter")
        article = dewi.page.get_by_role("article")
        await expect(article).to_contain_text("Masjid Jamik")
        own = (await api.get("/v1/incidents", regency=CODE, open="true"))["items"][0]
        assert (own["source"], own["call_id"], own["place"]["lat"]) == ("observer", None, 1.25)

        await article.get_by_role("button", name="Sama dengan …").click()
        await dialog.get_by_label("Kejadian lain").select_option(first["id"])
        await dialog.get_by_label("Hubungannya").select_option("merge")
        await dewi.page.keyboard.press("Control+Enter")
        await expect(
            article.get_by_role("button", name=f"Batalkan penggabungan dengan {first['number']}")
        ).to_be_visible()
        assert (await read(api, own))["merged_into"] == first["id"]

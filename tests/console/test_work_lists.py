"""Blocks, reports that are no emergency, cameras, notes of callbacks and late answers, in a real browser."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import expect
from tests.end_to_end.regency import DOOR

from sigap_cli.api import Api
from sigap_cli.tokens import Who, signed_in
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .conftest import CAMERA, CODE, Open, ring
from .test_desks import looking_at, opened_incident, read


async def played_pranks(api: Api, number: str, **told: str) -> dict[str, Any]:
    """The block that is proposed after two pranks of the number. `told`: what more is said of each call."""
    for _ in range(2):
        call = f"/v1/calls/{await ring(api, number=number, **told)}"
        await api.post(f"{call}/answer")
        await api.post(f"{call}/classification", {"call_class": "prank"})
        await api.post(f"{call}/end", {"ended_by": "caller"})

    async def proposed() -> dict[str, Any] | None:
        items = (await api.get("/v1/blocks", regency=CODE, state="proposed"))["items"]
        return next((one for one in items if one["number"] == number), None)

    return await eventually(proposed)


async def test_a_leader_blocks_a_number_reviews_it_and_ends_it(opened: Open, api: Api) -> None:
    number = "+6281234567821"
    async with opened() as hadi:
        await hadi.sign_in("hadi")
        page = hadi.page
        block = await played_pranks(api, number)
        shown = page.get_by_role("region", name="Nomor iseng").get_by_role("article", name=number)
        await expect(shown).to_contain_text("Usulan: blokir")
        await expect(shown).to_contain_text("2 panggilan iseng")
        assert await hadi.violations() == []

        await page.keyboard.press("b")
        await expect(page.get_by_role("button", name="Setujui …").first).to_be_focused()
        await shown.get_by_role("button", name="Setujui").click()
        await page.get_by_label("Berakhir").select_option("72")
        await page.get_by_label("Alasan").fill("Sudah diperingatkan")
        assert await hadi.violations() == []
        await page.keyboard.press("Control+Enter")
        await expect(shown).to_contain_text("Diblokir sampai")
        await expect(shown).to_contain_text("Sudah diperingatkan")

        await shown.get_by_role("button", name="Catat keberatan").click()
        await page.get_by_label("Yang dikatakan penelepon").fill("Anak saya yang menelepon")
        await page.keyboard.press("Control+Enter")
        await expect(shown).to_contain_text("Anak saya yang menelepon")
        await expect(shown).to_contain_text("Perlu ditinjau sekarang")

        await shown.get_by_role("button", name="Tinjau").click()
        await page.get_by_label("Alasan").fill("Tetap")
        await page.keyboard.press("Control+Enter")
        await expect(shown).to_contain_text("Ditinjau")
        await expect(shown).not_to_contain_text("Perlu ditinjau sekarang")

        await shown.get_by_role("button", name="Buka sekarang").click()
        await page.get_by_label("Alasan").fill("Orang tuanya menjamin")
        await page.keyboard.press("Control+Enter")
        await expect(shown).to_have_count(0)
    assert (await api.get(f"/v1/blocks/{block['id']}"))["state"] == "lifted"


async def test_of_two_who_decide_about_a_number_the_second_is_told_and_loses_no_word(opened: Open, api: Api) -> None:
    number = "+6281234567822"
    block = await played_pranks(api, number)
    async with opened() as hadi:
        await hadi.sign_in("hadi")
        page = hadi.page
        shown = page.get_by_role("region", name="Nomor iseng").get_by_role("article", name=number)
        await shown.get_by_role("button", name="Setujui").click()
        await page.get_by_label("Alasan").fill("Sudah diperingatkan")
        await api.post(f"/v1/blocks/{block['id']}/refusal", {"reason": "Anak kecil"})
        await expect(shown).to_have_count(0)
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("alert").filter(has_text="Seorang lain mengubahnya")).to_be_visible()
        await expect(page.get_by_label("Alasan")).to_have_value("Sudah diperingatkan")
        await page.get_by_role("button", name="Batal").click()
    assert (await api.get(f"/v1/blocks/{block['id']}"))["state"] == "refused"


async def test_a_blocked_callers_call_is_listed_answered_and_its_block_disputed(
    opened: Open, api: Api, desks: SingleHost
) -> None:
    """One call is answered while its caller hears the message, another ends with it. The leader reads both, takes the
    dossier out, and prints it.
    """
    number = "+6281234567823"
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)  # a third call within 5 minutes is not screened
    block = await played_pranks(api, number, received_at=an_hour_ago.isoformat())
    await api.post(f"/v1/blocks/{block['id']}/approval", {"reason": "Sudah diperingatkan"})
    async with exchange(desks) as trunk, opened() as ani, opened() as hadi:
        await ani.sign_in("ani")
        await hadi.sign_in("hadi")
        call = await trunk.post("/v1/calls", {"regency": CODE, "channel": "telephone", "number": number})
        assert call["state"] == "screening"
        waiting = ani.page.get_by_role("list", name="Mendengar pesan")
        await expect(waiting).to_contain_text(number)
        assert await ani.violations() == []
        await waiting.get_by_role("button").click()
        article = ani.page.get_by_role("article")
        await expect(article).to_contain_text("Nomor ini diblokir")
        await expect(waiting).to_have_count(0)
        await article.get_by_role("button", name="Catat keberatan").click()
        await ani.page.get_by_label("Yang dikatakan penelepon").fill("Dipakai anak saya")
        assert await ani.violations() == []
        await ani.page.keyboard.press("Control+Enter")
        await expect(article).to_contain_text("keberatan dicatat")
        await api.post(f"/v1/calls/{call['id']}/classification", {"call_class": "prank"})

        shown = hadi.page.get_by_role("region", name="Nomor iseng").get_by_role("article", name=number)
        await expect(shown).to_contain_text("Dipakai anak saya")
        last = await trunk.post("/v1/calls", {"regency": CODE, "channel": "telephone", "number": number})
        await trunk.post(f"/v1/calls/{last['id']}/end", {"ended_by": "caller"})
        await expect(hadi.page.get_by_role("region", name="tersaring")).to_contain_text(number)

        await shown.get_by_role("button", name="Berkas untuk polisi").click()
        await hadi.page.get_by_label("Untuk lembaga").fill("Polresta")
        await hadi.page.get_by_label("Alasan").fill("LP/B/12/XI/2026")
        assert await hadi.violations() == []
        await hadi.page.keyboard.press("Control+Enter")
        paper = hadi.page.get_by_role("article", name="Berkas nomor")
        for words in (number, "LP/B/12/XI/2026", "Polresta", "Panggilan iseng", "Pemblokiran disetujui", "keberatan"):
            await expect(paper).to_contain_text(words)
        assert await hadi.violations() == []
        await hadi.page.emulate_media(media="print")
        await expect(paper).to_be_visible()
        await expect(hadi.page.get_by_role("button", name="Cetak")).to_be_hidden()
        await hadi.page.emulate_media(media="screen")
        await hadi.page.get_by_role("button", name="Tutup").click()
        await expect(shown).to_contain_text("1 berkas")
    assert (await api.get(f"/v1/blocks/{block['id']}"))["dossiers"] == 1
    await api.post(f"/v1/blocks/{block['id']}/lifting", {"reason": "Selesai"})


def exchange(host: SingleHost) -> AbstractAsyncContextManager[Api]:
    return signed_in(host.url, Who(("cti",), (CODE,)))


async def reported(api: Api, **more: Any) -> dict[str, Any]:
    """The referral of a call that is no emergency."""
    call = await ring(api, **more)
    await api.post(f"/v1/calls/{call}/answer")
    await api.post(f"/v1/calls/{call}/notes", {"text": "Lampu jalan mati"})
    await api.post(f"/v1/calls/{call}/classification", {"call_class": "non_emergency"})
    await api.post(f"/v1/calls/{call}/end", {"ended_by": "caller"})

    async def opened() -> dict[str, Any] | None:
        items = (await api.get("/v1/referrals", regency=CODE, call_id=call))["items"]
        return items[0] if items else None

    return await eventually(opened)


async def test_a_report_is_passed_on_answered_and_closed(opened: Open, api: Api) -> None:
    async with opened() as dewi:
        await dewi.sign_in("dewi")
        page = dewi.page
        await page.keyboard.press("n")
        report = await reported(api, number="+6281234567831")
        shown = page.get_by_role("region", name="Laporan non-darurat").get_by_role("article", name=report["number"])
        await expect(shown).to_contain_text("Lampu jalan mati")
        await expect(shown).to_contain_text("Belum dijawab")
        assert await dewi.violations() == []

        await shown.get_by_role("button", name="Teruskan").click()
        await page.get_by_label("Kepada").select_option(label="Meja")
        # A colleague sends it elsewhere meanwhile: both texts are shown, and the person decides.
        await api.post(f"/v1/referrals/{report['id']}/pass-on", {"agency": f"{CODE}/{DOOR}"})
        await page.keyboard.press("Control+Enter")
        both = page.get_by_role("dialog").locator("dl").first
        await expect(both).to_contain_text("Pemadam")
        await expect(both).to_contain_text("Meja")
        assert (await api.get(f"/v1/referrals/{report['id']}"))["to"] == f"{CODE}/{DOOR}"
        await page.get_by_role("button", name="Tetap lakukan").press("Enter")
        await expect(shown).to_contain_text("Meja")

        await shown.get_by_role("button", name="Catat jawaban").click()
        await page.get_by_label("Jawaban penerima").fill("Diperbaiki hari Kamis")
        assert await dewi.violations() == []
        await page.keyboard.press("Control+Enter")
        await expect(shown).to_contain_text("Diperbaiki hari Kamis")
        await shown.get_by_role("button", name="Riwayat").click()
        await expect(shown.get_by_role("list", name="Riwayat").get_by_role("listitem")).to_have_count(4)

        await page.get_by_label("Penerima", exact=True).select_option(label="Pemadam")
        await expect(shown).to_have_count(0)
        await page.get_by_label("Penerima", exact=True).select_option(label="Meja")
        await shown.get_by_role("button", name="Tutup").click()
        await page.get_by_role("dialog").get_by_role("button", name="Tutup laporan").click()
        await expect(shown).to_have_count(0)
    assert (await api.get(f"/v1/referrals/{report['id']}"))["state"] == "closed"


async def test_an_answer_to_a_report_that_somebody_closed_meanwhile_is_not_lost(opened: Open, api: Api) -> None:
    report = await reported(api)
    async with opened() as dewi:
        await dewi.sign_in("dewi")
        page = dewi.page
        await page.keyboard.press("n")
        shown = page.get_by_role("article", name=report["number"])
        await shown.get_by_role("button", name="Catat jawaban").click()
        await page.get_by_label("Jawaban penerima").fill("Diperbaiki hari Kamis")
        await api.post(f"/v1/referrals/{report['id']}/close")
        await expect(shown).to_have_count(0)
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("alert").filter(has_text="Seorang lain mengubahnya")).to_be_visible()
        await expect(page.get_by_label("Jawaban penerima")).to_have_value("Diperbaiki hari Kamis")


async def test_the_cameras_near_an_incident_are_listed_and_on_the_map(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with looking_at(opened, incident) as dewi:
        await dewi.page.keyboard.press("v")
        camera = dewi.page.get_by_role("list", name="Kamera").get_by_role("listitem")
        await expect(camera).to_contain_text(str(CAMERA["name"]))
        await expect(camera).to_contain_text("menghadap timur laut")
        await expect(camera).to_contain_text("pasar/1")
        await expect(dewi.page.locator(".map-camera")).to_have_count(1)
        assert await dewi.violations() == []


async def test_a_note_on_a_callback_is_there_for_the_colleague_who_calls(opened: Open, api: Api) -> None:
    number = "+6281234567841"
    call = await ring(api, number=number)
    await api.post(f"/v1/calls/{call}/end", {"ended_by": "caller"})
    async with opened() as ani, opened() as budi:
        for person, username in ((ani, "ani"), (budi, "budi")):
            await person.sign_in(username)
        line = ani.page.get_by_role("list", name="Telepon balik").get_by_role("listitem").filter(has_text=number)
        await line.get_by_role("button", name="Catatan").click()
        await ani.page.get_by_role("dialog").get_by_label("Catatan").fill("Suara anak di latar belakang")
        assert await ani.violations() == []
        await ani.page.keyboard.press("Control+Enter")
        for person in (ani, budi):
            shown = person.page.get_by_role("list", name="Telepon balik").get_by_role("listitem")
            await expect(shown.filter(has_text=number)).to_contain_text("Suara anak di latar belakang")
        await line.get_by_role("button", name="Ambil").click()
        await line.get_by_role("button", name="Tidak perlu").click()
        await expect(line).to_have_count(0)


async def test_an_answer_that_is_written_down_late_has_the_time_at_which_it_was_given(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    forwarded = datetime.fromisoformat(incident["forwardings"][0]["forwarded_at"]).replace(microsecond=0)
    answered = forwarded + timedelta(seconds=1)
    async with looking_at(opened, incident) as dewi:
        await dewi.page.keyboard.press("1")
        dialog = dewi.page.get_by_role("dialog")
        await dialog.get_by_label("Berbicara dengan").fill("Pak Harun")
        at = dialog.get_by_label("Pukul berapa instansi menjawab")
        await at.fill("tadi siang")
        await dewi.page.keyboard.press("Control+Enter")
        await expect(dialog.get_by_role("alert")).to_have_count(1)
        await expect(at).to_have_value("tadi siang")
        assert await dewi.violations() == []
        await at.fill(answered.astimezone(ZoneInfo("Asia/Makassar")).strftime("%H:%M:%S"))
        await dewi.page.keyboard.press("Control+Enter")
        await expect(dialog).to_have_count(0)
    first = (await read(api, incident))["forwardings"][0]
    assert (first["state"], datetime.fromisoformat(first["acknowledged_at"])) == ("acknowledged", answered)

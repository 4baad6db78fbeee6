"""Offers and shares between two regencies, each with its own people at their own screens."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect
from tests.end_to_end.regency import leader, pack

from sigap_cli.api import Api
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_testing.cluster import SingleHost
from sigap_testing.patience import patience

from .browsers import add_account
from .conftest import CODE, NEIGHBOUR, Open, ring
from .test_desks import look_at, looking_at, opened_incident, read

HERE, THERE = f"Kota Kelima {CODE}", "Kota Tetangga"
"""The regencies as people call them."""
OVER_THERE = {"lat": 1.25, "lon": 117.85, "uncertainty_m": 50}


@pytest.fixture
async def neighbour(desks: SingleHost) -> AsyncIterator[Api]:
    """The API of the regency beside, whose people are the operator Beni and the dispatcher Citra."""
    square = [[117.8, 1.2], [117.9, 1.2], [117.9, 1.3], [117.8, 1.3], [117.8, 1.2]]
    wanted = {
        **pack(NEIGHBOUR),
        "name": THERE,
        "mutual_aid": [CODE],
        "zone": {"type": "Polygon", "coordinates": [square]},
    }
    add_account(desks, "beni", "Beni Putra", "operator", NEIGHBOUR)
    add_account(desks, "citra", "Citra Dewi", "dispatcher", NEIGHBOUR)
    async with leader(desks.url, NEIGHBOUR) as there:
        (outcome,) = await carry_out(there, await plan(there, [Source("the tests' pack", wanted)]), patience(30))
        assert outcome.ok, outcome
        yield there
        for call in (await there.get("/v1/calls", regency=NEIGHBOUR, state="answered"))["items"]:
            await there.post(f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})


async def test_a_caller_of_the_neighbour_is_offered_refused_and_offered_again(
    opened: Open, api: Api, neighbour: Api
) -> None:
    call = await ring(api, number="0812-3456-7811", caller_location=OVER_THERE)
    async with opened() as ani, opened() as beni:
        await beni.sign_in("beni")
        await ani.sign_in("ani")
        await ani.take_first()
        await expect(ani.page.get_by_role("alert").filter(has_text="BUKAN WILAYAH SENDIRI")).to_be_visible()
        callers = beni.page.get_by_role("region", name="Penelepon antarwilayah")
        for answer in ("refuses", "accepts"):
            await ani.page.get_by_role("button", name=f"Tawarkan ke {THERE}").click()
            await ani.page.get_by_label("Pesan untuk wilayah itu").fill("Asap di seberang jalan")
            await ani.page.keyboard.press("Control+Enter")
            await expect(ani.page.get_by_role("article")).to_contain_text("Panggilan tetap milik Anda")
            await expect(callers).to_contain_text("Asap di seberang jalan")
            assert await beni.violations() == []
            if answer == "refuses":
                await callers.get_by_role("button", name="Tolak").click()
                await beni.page.get_by_role("dialog").get_by_label("Alasan").fill("Di luar kota kami")
                await beni.page.keyboard.press("Control+Enter")
                await expect(ani.page.get_by_role("article")).to_contain_text("menolak: Di luar kota kami")
                await expect(beni.page.get_by_role("dialog")).to_have_count(0)
            else:
                await callers.get_by_role("button", name="Lanjutkan dengan penelepon").click()
                await expect(beni.page.get_by_role("article")).to_contain_text(f"Diteruskan dari {HERE}")
                await expect(ani.page.get_by_role("article")).to_contain_text("melanjutkan panggilan ini")
                assert await ani.violations() == []
    assert (await api.get(f"/v1/calls/{call}"))["transfer"]["state"] == "accepted"


async def test_an_incident_is_offered_and_taken_over_and_another_is_kept_after_all(
    opened: Open, api: Api, neighbour: Api
) -> None:
    incident = await opened_incident(api, location=OVER_THERE)
    async with opened() as dewi, opened() as citra:
        await dewi.sign_in("dewi")
        await look_at(dewi.page, incident)
        article = dewi.page.get_by_role("article", name=incident["number"])
        await expect(article.get_by_role("alert")).to_contain_text("BUKAN WILAYAH SENDIRI")
        offers = article.get_by_role("region", name="Wilayah lain")
        for kept in (True, False):
            await offers.get_by_role("button", name="Tawarkan ke wilayah lain").click()
            await expect(dewi.page.get_by_label("Ke wilayah", exact=True)).to_have_value(NEIGHBOUR)
            await dewi.page.get_by_label("Pesan untuk wilayah itu").fill("Api melewati batas")
            await dewi.page.keyboard.press("Control+Enter")
            await expect(offers).to_contain_text(f"Ditawarkan ke {THERE}: menunggu jawaban")
            if kept:
                await offers.get_by_role("button", name="Tetap di sini").click()
                await expect(offers).to_contain_text("ditarik kembali")
        await citra.sign_in("citra")
        await citra.page.keyboard.press("w")
        incoming = citra.page.get_by_role("region", name="Ditawarkan kepada wilayah Anda")
        await expect(incoming).to_contain_text("Api melewati batas")
        assert await citra.violations() == []
        await incoming.get_by_role("button", name="Ambil alih").click()
        await expect(citra.page.get_by_role("article")).to_contain_text(f"Diambil alih dari {HERE}")
        await expect(offers).to_contain_text(f"Ditawarkan ke {THERE}: diambil alih")
    there = (await read(api, incident))["offer"]
    assert there["state"] in {"accepted", "completed"}
    await neighbour.post(f"/v1/incidents/{there['incident_id']}/close", {"disposition": "resolved"})


async def test_an_operator_takes_over_an_incident_that_is_offered_and_refuses_another(
    opened: Open, api: Api, neighbour: Api
) -> None:
    """No dispatcher of the neighbour is there."""
    first, second = await opened_incident(api, location=OVER_THERE), await opened_incident(api, location=OVER_THERE)
    async with opened() as beni:
        await beni.sign_in("beni")
        offers = beni.page.get_by_role("region", name="Ditawarkan kepada wilayah Anda")
        await api.post(f"/v1/incidents/{first['id']}/transfers", {"to": NEIGHBOUR, "message": "Api melewati batas"})
        await expect(offers).to_contain_text("Api melewati batas")
        assert await beni.violations() == []
        await offers.get_by_role("button", name="Tolak").click()
        await beni.page.get_by_role("dialog").get_by_label("Alasan").fill("Semua unit bertugas")
        await beni.page.keyboard.press("Control+Enter")
        await expect(offers).to_have_count(0)
        assert (await read(api, first))["offer"]["reason"] == "Semua unit bertugas"

        await api.post(f"/v1/incidents/{second['id']}/transfers", {"to": NEIGHBOUR})
        await offers.get_by_role("button", name="Ambil alih").click()
        await expect(offers.get_by_role("status")).to_contain_text("dibuka untuk wilayah ini")
        there = (await read(api, second))["offer"]
        assert there["state"] in {"accepted", "completed"}
        await expect(offers.get_by_role("status")).to_contain_text(there["number"])
    await neighbour.post(f"/v1/incidents/{there['incident_id']}/close", {"disposition": "resolved"})
    await api.post(f"/v1/transfers/{(await read(api, first))['offer']['id']}/take-back")


async def test_an_incident_beyond_the_border_waits_for_a_decision_and_stays(
    opened: Open, api: Api, neighbour: Api
) -> None:
    incident = await opened_incident(api, location=OVER_THERE)
    assert (await read(api, incident))["proposed_transfer"] == NEIGHBOUR
    async with looking_at(opened, incident) as dewi:
        offers = dewi.page.get_by_role("region", name="Wilayah lain")
        await offers.get_by_role("button", name="Tetap di sini").click()
        await expect(offers.get_by_role("button", name="Tetap di sini")).to_have_count(0)
        assert await dewi.violations() == []
    assert (await read(api, incident))["proposed_transfer"] is None


async def test_an_incident_is_asked_for_and_shown_without_its_caller(opened: Open, api: Api, neighbour: Api) -> None:
    incident = await opened_incident(api, call={"number": "0812-3456-7812"})
    async with opened() as dewi, opened() as citra:
        await dewi.sign_in("dewi")
        await citra.sign_in("citra")
        await citra.page.keyboard.press("w")
        await citra.page.keyboard.press("a")
        dialog = citra.page.get_by_role("dialog")
        await dialog.get_by_label("Wilayah kejadian").select_option(label=HERE)
        await dialog.get_by_label("Nomor kejadian mereka").fill(incident["number"])
        await dialog.get_by_label("Alasan").fill("Asap terlihat dari sini")
        await citra.page.keyboard.press("Control+Enter")
        await expect(dialog).to_have_count(0)

        await dewi.page.keyboard.press("w")
        asked = dewi.page.get_by_role("region", name="Diperlihatkan antarwilayah")
        await expect(asked).to_contain_text("Asap terlihat dari sini")
        await expect(dewi.page.get_by_role("button", name="Wilayah lain")).to_contain_text("! 1")
        assert await dewi.violations() == []
        await asked.get_by_role("button", name="Setujui").click()
        await dewi.page.get_by_role("dialog").get_by_label("Yang diperlihatkan").select_option("contact_hidden")
        await dewi.page.keyboard.press("Control+Enter")

        seen = citra.page.get_by_role("region", name="Kejadian wilayah lain yang Anda lihat")
        await expect(seen).to_contain_text(incident["number"])
        await expect(seen).to_contain_text(HERE)
        await expect(seen).to_contain_text("Pemadam: ")
        await expect(seen).not_to_contain_text("+6281234567812")
        await expect(asked).to_contain_text(f"{THERE} melihat {incident['number']}")
        await asked.get_by_role("button", name="Akhiri").click()
        await dewi.page.get_by_role("dialog").get_by_role("button", name="Akhiri").click()
        await expect(seen).to_contain_text("Tidak ada.")


async def test_a_neighbours_brigade_is_called_in_by_its_name(opened: Open, api: Api, neighbour: Api) -> None:
    incident = await opened_incident(api)
    name = f"Pemadam, {THERE}"
    async with looking_at(opened, incident) as dewi:
        await dewi.page.keyboard.press("f")
        await dewi.page.get_by_role("dialog").get_by_label("Instansi").select_option(label=name)
        await dewi.page.keyboard.press("Control+Enter")
        agencies = dewi.page.get_by_role("region", name="Instansi")
        await expect(agencies.get_by_role("listitem").filter(has_text=name)).to_be_visible()
        await dewi.page.keyboard.press("t")
        await expect(dewi.page.get_by_role("list", name="Riwayat")).to_contain_text(f"Diteruskan ke {name}")
        assert await dewi.violations() == []

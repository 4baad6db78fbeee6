"""Single keys do what they say, once, wherever the focus is but in a field."""

from playwright.async_api import Page, Route, expect

from sigap_cli.api import Api
from sigap_testing.eventually import eventually

from .conftest import CODE, Open, ring
from .test_desks import opened_incident, part_of_door


async def hold(page: Page, key: str, times: int = 8) -> None:
    """Holds the key until the keyboard has repeated it so often."""
    for _ in range(times):
        await page.keyboard.down(key)
    await page.keyboard.up(key)


async def waiting(api: Api) -> int:
    return len((await api.get("/v1/calls", regency=CODE, state="waiting"))["items"])


async def test_a_held_key_acts_once(opened: Open, api: Api) -> None:
    async with opened() as hadi:
        await hadi.sign_in("hadi")
        await hadi.page.get_by_role("region", name="Angka hari ini").get_by_role("listitem").first.wait_for()
        await hold(hadi.page, "d")
        await hadi.page.get_by_role("button", name="Mulai latihan").focus()
        await hold(hadi.page, "Enter")
        await eventually(lambda: _are(api, 2))
        async with opened() as ani:
            await ani.sign_in("ani")
            await ani.page.get_by_role("button", name="Jawab").wait_for()
            await hold(ani.page, "j")
            await ani.page.get_by_role("article").wait_for()
            await hold(ani.page, "c")
            await expect(ani.page.get_by_label("Catatan C")).to_be_focused()
            await hold(ani.page, "w", 3)
            await expect(ani.page.get_by_label("Catatan C")).to_have_value("www")
        assert await waiting(api) == 1


async def test_a_second_press_of_what_is_still_being_sent_is_no_second_fact(opened: Open, api: Api) -> None:
    """The server has carried it out, and its answers are lost on the way."""

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    async with opened() as hadi:
        await hadi.sign_in("hadi")
        await hadi.page.route("**/v1/calls", lose_the_answer)
        await hadi.page.keyboard.press("d")
        await hadi.page.keyboard.press("d")
        await expect(hadi.page.get_by_text("Masih dikirim: 1")).to_be_visible()
        await hadi.page.unroute("**/v1/calls")
        await expect(hadi.page.get_by_text("Masih dikirim")).to_have_count(0)
        assert await waiting(api) == 1


async def _are(api: Api, count: int) -> bool:
    return await waiting(api) == count


async def test_keys_work_beside_a_ticked_box_and_a_list(opened: Open, api: Api) -> None:
    async with opened() as ani:
        await ani.sign_in("ani")
        await ring(api)
        await ani.take_first()
        await ani.page.get_by_label("Kemungkinan anak-anak").click()
        await ani.page.keyboard.press("c")
        await expect(ani.page.get_by_label("Catatan C")).to_be_focused()
        await ani.page.keyboard.press("Escape")
        state = ani.page.get_by_label("Keadaan saya")
        before = await state.input_value()
        await state.focus()
        await ring(api)
        await ani.page.get_by_role("button", name="Jawab").wait_for()
        await ani.page.keyboard.press("j")
        await expect(ani.page.get_by_role("button", name="Jawab")).to_have_count(0)
        await expect(ani.page.get_by_role("list", name="Panggilan saya").get_by_role("button")).to_have_count(2)
        assert await state.input_value() == before


async def test_while_types_are_open_the_ring_is_still_answered_by_its_key(opened: Open, api: Api) -> None:
    """J answers, as the banner says, and chooses no type."""
    async with opened() as ani:
        await ani.sign_in("ani")
        first = await ring(api)
        await ani.take_first()
        await ani.page.keyboard.press("1")
        types = ani.page.get_by_role("group", name="Jenis kejadian")
        await types.wait_for()
        await ring(api)
        await ani.page.get_by_role("button", name="Jawab").wait_for()
        await ani.page.keyboard.press("j")
        await expect(ani.page.get_by_role("list", name="Panggilan saya").get_by_role("button")).to_have_count(2)
        assert (await api.get(f"/v1/calls/{first}"))["call_class"] is None


async def test_the_agencys_key_sends_the_words_and_the_named_units(opened: Open, api: Api) -> None:
    incident = await opened_incident(api)
    async with opened() as posko:
        await posko.sign_in("pemadam")
        part = posko.page.get_by_role("article", name=incident["number"])
        await part.get_by_label("Keterangan untuk pusat").fill("Dua unit berangkat")
        await part.get_by_role("button", name="POMPA 1").click()
        await posko.page.keyboard.press("a")
        await expect(part.get_by_role("button", name="Berangkat")).to_be_visible()

        async def heard() -> bool:
            own = await part_of_door(api, incident)
            return own["text"] == "Dua unit berangkat" and [one["callsign"] for one in own["units"]] == ["POMPA 1"]

        await eventually(heard)

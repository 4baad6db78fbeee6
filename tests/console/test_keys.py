"""Single keys do what they say, once, wherever the focus is but in a field."""

from playwright.async_api import expect

from sigap_cli.api import Api
from sigap_testing.eventually import eventually

from .conftest import Open
from .test_desks import opened_incident, part_of_door


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

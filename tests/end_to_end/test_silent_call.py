"""A caller who cannot speak presses a key: a protected incident is on the board at once."""

from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .regency import applied, incident_of, leader

CODE = "99.69"


async def test_a_key_press_puts_a_protected_incident_on_the_board(single_host: SingleHost) -> None:
    async with leader(single_host.url, CODE) as api:
        await applied(api, CODE)
        call = (await api.post("/v1/calls", {"regency": CODE, "channel": "telephone"}))["id"]
        await api.post(f"/v1/calls/{call}/answer", {})
        await api.post(f"/v1/calls/{call}/silent-steps", {"step": "greet", "heard": "nothing"})
        await api.post(f"/v1/calls/{call}/silent-steps", {"step": "press_a_key", "heard": "key_press"})
        incident = await incident_of(api, CODE, call)
        assert (incident["incident_type"], incident["priority"], incident["protected"]) == ("silent_distress", 1, True)
        corrected = {"call_class": "emergency", "incident_type": "medical"}
        await api.post(f"/v1/calls/{call}/classification", corrected)

        async def retyped() -> bool:
            return bool((await incident_of(api, CODE, call))["incident_type"] == "medical")

        await eventually(retyped)
        assert (await incident_of(api, CODE, call))["protected"]

"""An agency without any system of its own: it looks at its desk, acknowledges, and dispatch sees both."""

from sigap_common.testing.cluster import SingleHost
from sigap_common.testing.eventually import eventually

from .regency import DESK, agency, applied, emergency, incident_of, leader, part_of

CODE = "99.73"


async def test_a_list_answer_delivers_and_an_acknowledgement_reaches_dispatch(single_host: SingleHost) -> None:
    async with leader(single_host.url, CODE) as api, agency(single_host.url, CODE, DESK) as desk:
        await applied(api, CODE)
        incident = (await incident_of(api, CODE, await emergency(api, CODE)))["id"]

        async def given() -> bool:
            return bool((await api.get("/v1/forwardings", agency=f"{CODE}/{DESK}"))["items"])

        await eventually(given)
        assert (await part_of(api, incident, DESK))["delivered_at"] is None  # a dispatcher's look is no delivery
        (forwarding,) = (await desk.get("/v1/forwardings"))["items"]

        async def delivered() -> bool:
            return (await part_of(api, incident, DESK))["delivered_by"] == "desk"

        await eventually(delivered)
        await desk.post(f"/v1/forwardings/{forwarding['id']}/acknowledge", {"text": "Berangkat"})

        async def acknowledged() -> bool:
            return (await part_of(api, incident, DESK))["state"] == "acknowledged"

        await eventually(acknowledged)
        timeline = (await api.get(f"/v1/incidents/{incident}/timeline", limit=200))["items"]
        assert "sigap.IncidentAcknowledged.v1" in [entry["type"] for entry in timeline]
        (delivery,) = (await api.get("/v1/deliveries", forwarding_id=forwarding["id"]))["items"]
        assert (delivery["state"], delivery["channel"]) == ("delivered", "desk")

"""An agency whose receiver is away reads its list and acknowledges: board, gateway and figures say that it has it."""

from datetime import UTC, datetime, timedelta

from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.parts import free_port

from .regency import DOOR, agency, applied, door, emergency, incident_of, leader, part_of

CODE = "99.76"


async def test_an_answer_is_the_delivery_everywhere(single_host: SingleHost) -> None:
    async with leader(single_host.url, CODE) as api, agency(single_host.url, CODE, DOOR) as own:
        await applied(api, CODE)
        await door(api, CODE, f"http://127.0.0.1:{free_port()}/")
        incident = (await incident_of(api, CODE, await emergency(api, CODE)))["id"]

        async def tried() -> bool:
            deliveries = (await api.get("/v1/deliveries", agency=f"{CODE}/{DOOR}"))["items"]
            return bool(deliveries and deliveries[0]["error"] == "not-connected")

        await eventually(tried)
        (forwarding,) = (await own.get("/v1/forwardings"))["items"]
        assert forwarding["delivered_at"] is None
        answered = await own.post(f"/v1/forwardings/{forwarding['id']}/acknowledge", {"revision": 1})

        async def shown() -> bool:
            return (await part_of(api, incident, DOOR))["delivered_at"] is not None

        await eventually(shown)
        part = await part_of(api, incident, DOOR)
        assert (part["delivered_at"], part["delivered_by"]) == (answered["delivered_at"], "api")
        assert part["delivered_at"] == part["acknowledged_at"]
        (delivery,) = (await api.get("/v1/deliveries", forwarding_id=forwarding["id"]))["items"]
        assert (delivery["state"], delivery["error"]) == ("cancelled", "answered")
        today = datetime.now(UTC)
        days = {"from": str((today - timedelta(days=1)).date()), "to": str((today + timedelta(days=1)).date())}

        async def kept() -> bool:
            (row,) = (await api.get("/v1/kpis/promise_30s", regency=CODE, **days))["rows"]
            return bool(row["parts"] == {"kept": 1})

        await eventually(kept)

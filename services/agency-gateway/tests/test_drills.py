"""The whole round of a drill over real HTTP: to the gateway's own door, verified, acknowledged."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from gateway_histories import FIRST, REGENCY, a_pack, carry_by, forwarded, hear, trace_id

from sigap_agency_gateway.courier import Courier
from sigap_agency_gateway.main import service
from sigap_agency_gateway.settings import GatewaySettings
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, started
from sigap_testing.parts import free_port


@pytest.fixture
async def served(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    """The gateway behind a real port, its courier in the test's hand."""
    port = free_port()
    settings = GatewaySettings(self_url=f"http://127.0.0.1:{port}")
    async with started(service, database_url, tmp_path, settings=settings) as kit:
        config = uvicorn.Config(kit.app, port=port, lifespan="off", log_config=None, ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        await eventually(lambda: server.started)
        await kit.configure(a_pack("http://127.0.0.1:1/"))
        yield kit
        server.should_exit = True
        await serving


async def test_a_drill_is_delivered_verified_and_acknowledged(served: Kit) -> None:
    await hear(served, forwarded(agency=f"{REGENCY}/drill", drill=True), drill=True)
    assert await carry_by(Courier(served.runtime)) == 1
    (answered,) = await eventually(lambda: served.said(AgencyResponded))
    (delivered,) = await served.said(NotificationDelivered)
    assert (answered.event.response, answered.event.by) == ("acknowledged", "drill-door")
    assert (answered.envelope.drill, delivered.envelope.drill) == (True, True)
    assert trace_id(answered) == trace_id(delivered)
    assert delivered.event.endpoint == "drill-door"


async def test_the_doors_token_opens_nothing_but_its_own_forwardings(served: Kit) -> None:
    await hear(served, forwarded())
    token = served.runtime.resources.issuer.issue("drill-door", ["agency"], [REGENCY], f"{REGENCY}/drill")
    bearer = {"Authorization": f"Bearer {token}"}
    answer = await served.client.post(f"/v1/forwardings/{FIRST}/acknowledge", json={}, headers=bearer)
    assert answer.status_code == 404
    assert json.loads(answer.text)["status"] == 404

"""The regency and the people of the console's tests, and a browser; skipped if there is none."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from playwright.async_api import Browser
from tests.end_to_end.regency import DOOR, KIND, agency, leader, pack

from sigap_cli.api import Api
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_testing.cluster import SingleHost
from sigap_testing.patience import patience
from sigap_testing.plugin import or_missing

from .browsers import Screen, add_account, browser, screen

CODE, NEIGHBOUR = "99.81", "99.82"
INFORMED = "camat"
"""Code of the agency that is only informed."""
LANDMARK = {"name": "Masjid Jamik", "kind": "worship", "lat": 1.25, "lon": 117.75}

METER: dict[str, Any] = {"code": "gas_meter", "label": {"id": "alat ukur gas", "en": "gas detector"}}
"""A capability of the pack's own, with its words."""

CAMERA = {
    "code": "cam-1",
    "name": "Simpang Lima",
    "lat": 1.2348,
    "lon": 117.7655,
    "direction_deg": 40,
    "stream_ref": "pasar/1",
}
"""A camera near the incidents."""


@pytest.fixture(scope="session")
def desks(single_host: SingleHost) -> SingleHost:
    """The host, with accounts of the regency."""
    add_account(single_host, "ani", "Ani Lestari", "operator", CODE)
    add_account(single_host, "budi", "Budi Santoso", "operator", CODE)
    add_account(single_host, "dewi", "Dewi Kartika", "dispatcher", CODE)
    add_account(single_host, "pemadam", "Posko Pemadam", "agency", CODE, DOOR)
    add_account(single_host, "camat", "Camat Utara", "agency", CODE, INFORMED)
    add_account(single_host, "hadi", "Hadi Wijaya", "supervisor", CODE)
    return single_host


@pytest.fixture
async def api(desks: SingleHost) -> AsyncIterator[Api]:
    """The API with a token that may do everything in the regency, after the regency's pack is applied."""
    async with leader(desks.url, CODE) as api:
        wanted = {**pack(CODE), "gazetteer": [LANDMARK], "blocking": {"pranks": 2, "within_days": 7}}
        wanted["cctv_points"] = [CAMERA]
        wanted["mutual_aid"] = [NEIGHBOUR]
        wanted["agencies"][0]["units"] = [{"callsign": "Pompa 1"}, {"callsign": "Tangga 1"}]
        wanted["agencies"][0]["capabilities"] = [METER["code"]]
        wanted["capabilities"] = [METER]
        wanted["agencies"].append({"code": INFORMED, "name": "Camat", "kind": "district"})
        wanted["agencies"].append({"code": "walikota", "name": "Wali kota", "kind": "mayor"})
        wanted["response_plans"][0]["informs"] = [INFORMED]
        for level in (2, 3, 4):
            wanted["response_plans"].append({"incident_type": KIND, "alarm_level": level, "informs": ["walikota"]})
        (outcome,) = await carry_out(api, await plan(api, [Source("the tests' pack", wanted)]), patience(30))
        assert outcome.ok, outcome
        await confirm_what_was_called_off(desks.url)
        yield api
        for state in ("waiting", "answered"):
            for call in (await api.get("/v1/calls", regency=CODE, state=state))["items"]:
                await api.post(f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})
        for incident in (await api.get("/v1/incidents", regency=CODE, open="true", limit=200))["items"]:
            if incident["state"] not in {"closed", "merged"}:
                await api.post(f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved"})


@pytest.fixture
async def chrome() -> AsyncIterator[Browser]:
    with or_missing():
        async with browser() as running:
            yield running


Open = Callable[..., AbstractAsyncContextManager[Screen]]


@pytest.fixture
def opened(chrome: Browser, desks: SingleHost) -> Open:
    """Opens one more person's page: `async with opened() as screen`."""
    return lambda theme="light": screen(chrome, desks.url, theme)


async def ring(api: Api, **more: Any) -> str:
    """A call that rings; its id."""
    call = await api.post("/v1/calls", {"regency": CODE, "channel": "telephone", **more})
    return str(call["id"])


async def confirm_what_was_called_off(url: str) -> None:
    """Parts of earlier tests, which would be answered first, and keep their units busy."""
    async with agency(url, CODE, DOOR) as own:
        for part in (await own.get("/v1/forwardings", concern="open", limit=200))["items"]:
            if part["withdrawal"] and part["needs_acknowledgement"]:
                await own.post(f"/v1/forwardings/{part['id']}/acknowledge", {"revision": part["revision"]})

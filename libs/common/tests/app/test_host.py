"""One origin: what no service answers, it answers itself."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from sigap_common.app.application import create_app
from sigap_common.app.host import OneOrigin, runtimes
from sigap_common.app.manifest import AnyService, services
from sigap_common.bus import open_bus
from sigap_common.core.settings import CommonSettings
from sigap_common.http.problems.paths import nearest
from sigap_testing.sample.main import service

KNOWN = ("/v1/doors", "/v1/doors/{door_id}", "/v1/doors/{door_id}/knock", "/v1/windows")


@asynccontextmanager
async def serving(running: Sequence[AnyService], folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    common = CommonSettings(data_dir=folder)
    bus = open_bus(common.bus_url, data_dir=folder)
    origin = OneOrigin([create_app(runtime) for runtime in runtimes(running, common, bus)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(origin), base_url="http://test") as client:
        yield client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving([service], tmp_path) as client:
        yield client


@pytest.mark.parametrize("path", ["/v1/dors", "/v1/door", "/v1/doors/7/knok"])
async def test_a_path_that_is_nobodys_names_the_nearest_and_can_be_traced(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    document = answer.json()
    assert (answer.status_code, document["type"]) == (404, "/problems/not-found")
    assert document["nearest"] in document["detail"]
    assert document["nearest"].startswith("/v1/doors")
    assert len(document["trace_id"]) == 32


async def test_a_path_that_is_close_to_none_names_none(client: httpx.AsyncClient) -> None:
    document = (await client.get("/v1/telephones")).json()
    assert "nearest" not in document
    assert len(document["trace_id"]) == 32


async def test_what_a_path_that_exists_does_not_show_names_no_other(client: httpx.AsyncClient) -> None:
    assert "nearest" not in (await client.get("/v1/doors/0192f0c1-7b7a-7c3e-9d7e-1f2a3b4c5d6e")).json()


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/v1/dors", "/v1/doors"),
        ("/v1/doors/", "/v1/doors"),
        ("/v1/doors/7/knok", "/v1/doors/{door_id}/knock"),
        ("/v1/dors/0192f0c1-7b7a-7c3e-9d7e-1f2a3b4c5d6e", "/v1/doors/{door_id}"),
        ("/v2/window", "/v1/windows"),
        ("/", None),
        ("/login", None),
        ("/v1/doors/" + "7" * 100, None),
    ],
)
def test_the_nearest_path_is_of_the_same_depth_and_any_value_fits_a_parameter(path: str, meant: str | None) -> None:
    assert nearest(path, KNOWN) == meant


ADDRESSES = re.compile(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""")


async def whole(client: httpx.AsyncClient, page: str) -> list[str]:
    """What the page asks for; all of it must be there, on this origin."""
    answer = await client.get(page)
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    asked = [first or second for first, second in ADDRESSES.findall(answer.text)]
    for address in asked:
        assert address.startswith("/docs") or address == "/openapi.json"
        assert (await client.get(address)).status_code == 200, address
    return asked


async def test_the_documentation_of_all_services_asks_nothing_of_the_internet(tmp_path: Path) -> None:
    async with serving(services(), tmp_path) as client:
        asked = await whole(client, "/docs")
    assert {address.rpartition("/")[2] for address in asked} == {
        "swagger-ui-bundle.js",
        "swagger-ui.css",
        "favicon.png",
        "openapi.json",
    }


async def test_a_service_alone_documents_itself_and_links_to_its_neighbours(tmp_path: Path) -> None:
    (intake,) = services(["intake"])
    async with serving([intake], tmp_path) as client:
        links = ADDRESSES.findall((await client.get("/docs")).text)
        assert [link for link, _ in links] == [f"/docs/services/{one.name}" for one in services()]
        assert "/docs/services/intake/openapi.json" in await whole(client, "/docs/services/intake")
        document = (await client.get("/docs/services/intake/openapi.json")).json()
        assert "/v1/calls" in document["paths"]
        assert (await client.get("/docs/services/roster")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/docs/"])
async def test_who_only_knows_the_origin_is_led_to_the_documentation(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


@pytest.mark.parametrize("name", ["nothing.js", "%2e%2e", "%2e%2e%2fcore.py", "core.py", ""])
async def test_no_other_file_is_given_out(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/docs/files/{name}")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/healthz"])
async def test_what_is_only_read_is_not_written(client: httpx.AsyncClient, path: str) -> None:
    for method in ("POST", "DELETE"):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert answer.json()["type"] == "/problems/method-not-allowed"
    assert (await client.head(path)).status_code in {200, 307}

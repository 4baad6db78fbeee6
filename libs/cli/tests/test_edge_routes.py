"""What the edge makes of a manifest."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from sigap_cli.edge_routes import Routes, nginx_locations, nginx_site, routes_of
from sigap_common.app.manifest import AnyService
from sigap_common.app.site import Site
from sigap_testing.cluster import steady_port
from sigap_testing.edges import edge, nginx
from sigap_testing.receiver import Receiver
from sigap_testing.sample.main import service

ADDRESSES = {"sample": "127.0.0.1:9"}


def matching(locations: str, path: str) -> str | None:
    """The body of the first location whose pattern fits, as nginx chooses it."""
    blocks = re.findall(r'location ~ "([^"]*)" \{(.*?)\n\}', locations, re.DOTALL)
    return next((body for pattern, body in blocks if re.search(pattern, path)), None)


def test_the_manifest_says_what_an_edge_must_know() -> None:
    assert routes_of(service) == Routes("sample", ("/v1/doors", "/v1/ops/sample"), ("/v1/doors/stream",), {})


@pytest.mark.parametrize("path", ["/v1/doors", "/v1/doors/", "/v1/doors/7/knock", "/v1/ops/sample/dead-letters"])
def test_a_path_goes_to_its_owner(path: str) -> None:
    assert "proxy_pass http://there;" in (matching(nginx_locations([service], {"sample": "there"}), path) or "")


def test_the_documentation_of_a_service_is_its_own_and_the_rest_of_it_the_firsts() -> None:
    other = service_called("other")
    locations = nginx_locations([other, service], {"other": "elsewhere", "sample": "there"})
    assert "http://there;" in (matching(locations, "/docs/services/sample/openapi.json") or "")
    for path in ("/", "/docs", "/docs/files/swagger-ui.css", "/docs/services/other"):
        assert "http://elsewhere;" in (matching(locations, path) or "")


def service_called(name: str) -> AnyService:
    return replace(service, name=name)


@pytest.mark.parametrize(
    "path",
    [
        "/docsx",
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/doors-and-windows",
        "/v1/ops/other",
        "/v2/doors",
        "/x/v1/doors",
    ],
)
def test_operations_paths_and_what_belongs_to_nobody_are_not_routed(path: str) -> None:
    assert matching(nginx_locations([service], {"sample": "there"}), path) is None


def test_a_stream_is_passed_on_as_it_comes() -> None:
    locations = nginx_locations([service], {"sample": "there"})
    assert "proxy_buffering off;" in (matching(locations, "/v1/doors/stream") or "")
    assert "proxy_buffering off;" not in (matching(locations, "/v1/doors/7/knock") or "")


@pytest.mark.skipif(nginx() is None, reason="no nginx to ask")
@pytest.mark.parametrize("resolver", [None, "127.0.0.1"])
def test_nginx_understands_it(tmp_path: Path, resolver: str | None) -> None:
    site = nginx_site([service], ADDRESSES, "127.0.0.1:9998", resolver=resolver)
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}} http {{ {site} }}")
    command = [str(nginx()), "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def large(path: str) -> AnyService:
    router = APIRouter()
    router.add_api_route(path, lambda: None, methods=["PUT"], max_body_size=8 * 1024 * 1024)
    return replace(service, routers=(router,))


def test_a_route_that_takes_more_gets_more_through() -> None:
    locations = nginx_locations([large("/v1/maps/{code}")], {"sample": "there"})
    assert "client_max_body_size 8388608;" in (matching(locations, "/v1/maps/17.71") or "")


@pytest.mark.skipif(nginx() is None, reason="no nginx to ask")
async def test_nginx_bounds_heads_and_says_itself_from_whom_a_request_comes(tmp_path: Path) -> None:
    listen, alive = f"127.0.0.1:{steady_port()}", f"127.0.0.1:{steady_port()}"
    async with Receiver() as owner, httpx.AsyncClient(base_url=f"http://{listen}", trust_env=False) as client:
        address = owner.url.removeprefix("http://").partition("/")[0]
        process = edge([service], [], {"sample": address}, listen, alive, tmp_path / "edge", tmp_path / "log")
        process.start()
        try:
            process.wait_until_up()
            await client.post("/v1/doors", headers={"X-Forwarded-For": "192.0.2.66, 192.0.2.67"})
            for path, headers in ((f"/v1/doors?q={'a' * 30_000}", {}), ("/v1/doors", {"x": "a" * 70_000})):
                refused = await client.get(path, headers=headers)
                assert (refused.status_code, refused.json()["type"]) == (431, "/problems/headers-too-large")
            assert (await client.post(f"/v1/doors?q={'a' * 16_384}")).is_success
        finally:
            process.stop()
    assert [received.headers["x-forwarded-for"] for received in owner.received] == ["127.0.0.1"] * 2


def test_a_site_gets_its_paths_and_the_entrance() -> None:
    shop = Site("shop", "/shop", lambda _: PlainTextResponse("shop"), entrance=True)
    locations = nginx_locations([service], {"sample": "sample", "shop": "shop"}, [shop])
    assert matching(locations, "/shop/window.html") == matching(locations, "/shop")
    assert "http://shop" in (matching(locations, "/") or "")
    assert "http://sample" in (matching(locations, "/docs") or "")

"""Which hosts a request may name, where redirects lead, and what protects an answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sigap_common.app.application import create_app
from sigap_common.app.host import OneOrigin, runtimes
from sigap_common.app.manifest import services
from sigap_common.bus import open_bus
from sigap_common.core.settings import CommonSettings

PUBLIC = "https://112.example.go.id"


@asynccontextmanager
async def serving(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    common = CommonSettings(**{"data_dir": folder, "public_url": PUBLIC, **settings})
    running = runtimes(services(), common, open_bus(common.bus_url, data_dir=folder))
    transport = httpx.ASGITransport(OneOrigin([create_app(runtime) for runtime in running]))
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8112") as client:
        yield client


@pytest.mark.parametrize("environment", ["demo", "production"])
async def test_a_redirect_leads_to_the_public_url_whatever_host_is_named(tmp_path: Path, environment: str) -> None:
    async with serving(tmp_path, environment=environment) as client:
        for host in ("evil.example", "112.example.go.id", "127.0.0.1:8112"):
            for more in ({}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}):
                for path in ("/v1/me/", "/v1/calls/", "/", "/docs/"):
                    answer = await client.get(path, headers={"Host": host, **more})
                    assert "evil" not in answer.text
                    location = answer.headers.get("location", "/")
                    assert location.startswith(("/", f"{PUBLIC}/")), (path, location)
                    assert answer.status_code == 307 or (environment, host) == ("production", "evil.example")


ODD = [
    "evil.example",
    "112.example.go.id.evil.example",
    "evil@112.example.go.id",
    "10.0.0.7",
    "",
    "112.example.go.id,x",
]


@pytest.mark.parametrize("host", ODD)
async def test_production_refuses_an_unknown_host_in_words(tmp_path: Path, host: str) -> None:
    async with serving(tmp_path, environment="production") as client:
        answer = await client.get("/v1/me", headers={"Host": host, "Accept-Language": "en"})
        document = answer.json()
        assert (answer.status_code, document["type"]) == (421, "/problems/misdirected")
        assert len(document["trace_id"]) == 32
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await client.get("/healthz", headers={"Host": host})).status_code == 200
        two = [("Host", "112.example.go.id"), ("Host", "evil.example")]
        assert (await client.get("/v1/me", headers=two)).status_code == 421


OWN = ["112.example.go.id", "112.EXAMPLE.go.id.", "112.example.go.id:443", "localhost", "[::1]:8112", "127.0.0.1"]
OWN += ["gateway.internal", "dispatch:8112", "also.example"]


@pytest.mark.parametrize("host", OWN)
async def test_production_knows_its_own_names(tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGAP_AGENCY_GATEWAY_SELF_URL", "http://gateway.internal:8112")
    monkeypatch.setenv("SIGAP_ALLOWED_HOSTS", "also.example, other.example")
    issuers = [{"issuer": PUBLIC, "jwks_uri": "http://dispatch:8112/v1/auth/jwks"}]
    async with serving(tmp_path, environment="production", auth_issuers=issuers) as client:
        assert (await client.get("/v1/me", headers={"Host": host})).status_code == 401


async def test_answers_are_kept_by_no_cache_guessed_by_no_browser_and_shown_in_no_frame(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        paths = ["/v1/me", "/v1/auth/jwks", "/v1/auth/token", "/v1/nothing", "/v1/calls/", "/docs", "/openapi.json"]
        for path in [*paths, "/healthz", "/docs/files/swagger-ui.css"]:
            headers = (await client.get(path)).headers
            assert headers.get_list("x-content-type-options") == ["nosniff"], path
            assert headers.get_list("x-frame-options") == ["DENY"], path
            assert headers.get_list("referrer-policy") == ["no-referrer"], path
            assert (headers.get("cache-control") == "no-store") == path.startswith("/v1/"), path
        assert "frame-ancestors 'none'" in (await client.get("/docs")).headers["content-security-policy"]

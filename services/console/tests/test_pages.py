"""The built files as they are served."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sigap_common.app.host import OneOrigin
from sigap_common.app.site import Site, sites
from sigap_common.core.settings import CommonSettings, TrustedIssuer
from sigap_console.main import PREFIX, site
from sigap_console.pages import Pages
from sigap_console.settings import page_settings


def client(common: CommonSettings, shown: Site) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(OneOrigin([], None, [shown], common))
    return httpx.AsyncClient(transport=transport, base_url=common.public_url)


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>Sigap 112</title>")
    (built / "assets" / "index-1a2b.js").write_text("console.log('a');" * 100)
    (tmp_path / "secret.txt").write_text("nobody's business")
    shown = Site("console", PREFIX, lambda common: Pages(PREFIX, built, page_settings(common)), entrance=True)
    async with client(CommonSettings(data_dir=tmp_path), shown) as http:
        yield http


def test_the_console_is_installed_as_a_site() -> None:
    assert [one.name for one in sites()] == ["console"]
    assert site.entrance


async def test_the_origins_root_leads_to_the_page(http: httpx.AsyncClient) -> None:
    answer = await http.get("/", follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/console/")
    assert "Sigap 112" in answer.text
    assert (await http.get("/console")).headers["location"] == "/console/"


async def test_nothing_that_stands_in_the_page_runs_and_nothing_comes_from_elsewhere(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/console/")).headers["content-security-policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))


async def test_a_file_with_a_hash_in_its_name_stays_and_the_page_is_asked_for_again(http: httpx.AsyncClient) -> None:
    page, script = await http.get("/console/"), await http.get("/console/assets/index-1a2b.js")
    assert page.headers["cache-control"] == "no-cache"
    assert "immutable" in script.headers["cache-control"]
    assert (script.headers["content-encoding"], script.text[:14]) == ("gzip", "console.log('a")
    again = await http.get("/console/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/console/../secret.txt", "/console/%2e%2e/secret.txt", "/console//etc/passwd"])
async def test_no_path_leaves_the_built_files(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nothing_is_written(http: httpx.AsyncClient) -> None:
    assert (await http.post("/console/", json={})).status_code == 405


async def test_files_that_are_not_built_are_missed_in_words(tmp_path: Path) -> None:
    shown = Site("console", PREFIX, lambda common: Pages(PREFIX, tmp_path / "none", page_settings(common)))
    async with client(CommonSettings(data_dir=tmp_path), shown) as http:
        answer = await http.get("/console/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


async def test_it_runs_alone_without_keys_and_databases(tmp_path: Path) -> None:
    common = CommonSettings(data_dir=tmp_path / "data", environment="production", bus_url="kafka://nowhere:9092")
    async with client(common, site) as http:
        assert (await http.get("/readyz")).json() == {"ready": True, "serves": True, "services": {}}
        assert (await http.get("/console/settings.json")).json()["demonstration"] is False
    assert not (tmp_path / "data").exists()


async def test_while_it_drains_it_serves_but_is_not_ready(tmp_path: Path) -> None:
    origin = OneOrigin([], None, [site], CommonSettings(data_dir=tmp_path))
    transport = httpx.ASGITransport(origin)
    async with httpx.AsyncClient(transport=transport, base_url=CommonSettings().public_url) as http:
        origin.drain()
        assert [(await http.get(path)).status_code for path in ("/readyz", "/readyz?for=requests")] == [503, 503]
        assert (await http.get("/console/settings.json")).is_success


async def test_prometheus_hears_that_it_is_there(tmp_path: Path) -> None:
    async with client(CommonSettings(data_dir=tmp_path), site) as http:
        assert 'sigap_site_served{service="console"} 1.0' in (await http.get("/metrics")).text.splitlines()


KEYCLOAK = TrustedIssuer(issuer="https://masuk.example.go.id/realms/sigap")


def test_the_page_learns_whether_there_is_a_form_to_sign_in() -> None:
    assert page_settings(CommonSettings()) == {"form": True, "providers": [], "elsewhere": [], "demonstration": True}
    told = page_settings(CommonSettings(auth_issuers=(KEYCLOAK,)))
    assert (told["form"], told["providers"], told["elsewhere"]) == (False, [], [KEYCLOAK.issuer])


async def test_the_page_may_ask_a_provider_at_which_it_signs_people_in(tmp_path: Path) -> None:
    registered = KEYCLOAK.model_copy(update={"console_client_id": "sigap-console"})
    async with client(CommonSettings(data_dir=tmp_path, auth_issuers=(registered,)), site) as http:
        answer = await http.get("/console/settings.json")
    told, rules = answer.json(), answer.headers["content-security-policy"].split("; ")
    assert told["providers"] == [{"issuer": KEYCLOAK.issuer, "client_id": "sigap-console", "scope": "openid profile"}]
    assert (told["form"], told["elsewhere"]) == (False, [])
    assert {
        "connect-src 'self' https://masuk.example.go.id",
        "form-action 'self' https://masuk.example.go.id",
        "script-src 'self'",
    } <= set(rules)


async def test_without_a_provider_the_page_asks_its_own_origin_alone(tmp_path: Path) -> None:
    async with client(CommonSettings(data_dir=tmp_path, auth_issuers=(KEYCLOAK,)), site) as http:
        rules = (await http.get("/console/settings.json")).headers["content-security-policy"].split("; ")
    assert {"connect-src 'self'", "form-action 'none'"} <= set(rules)

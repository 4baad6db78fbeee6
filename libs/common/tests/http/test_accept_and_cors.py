"""What a client says that it takes, and what a browser lets a page of another origin see."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sigap_common.core.settings import CommonSettings
from sigap_common.http.problems.accept import LONGEST, accepts
from sigap_testing.kit import Kit, started
from sigap_testing.sample.main import service

ORIGIN = "https://meja.example.go.id"
JSON, EVENTS = "application/json", "text/event-stream"


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    common = CommonSettings(data_dir=tmp_path, cors_origins=(ORIGIN,))
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'own.sqlite3'}", tmp_path, common=common) as kit:
        yield kit


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("*/*", True),
        ("*", True),
        ("application/*", True),
        ("application/json; charset=utf-8", True),
        ("APPLICATION/JSON", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/csv;q=0.9, application/json;q=0.1", True),
        ("", True),
        (" , ;q=1", True),
        ("application/json;q=high", True),
        ("x" * LONGEST + ", application/json", True),
        ("text/csv", False),
        ("text/*", False),
        ("application/xml", False),
        ("application/json;q=0", False),
        ("*/*, application/json;q=0.0", False),
        ("application/*;q=0, text/html", False),
    ],
)
def test_the_narrowest_range_decides(header: str, taken: bool) -> None:
    assert accepts(header, JSON) is taken


async def test_what_is_not_taken_is_refused_in_words_and_changes_nothing(kit: Kit) -> None:
    headers = kit.bearer("operator") | {"Accept": "text/csv", "Accept-Language": "en"}
    refused = await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (406, "/problems/not-acceptable")
    assert (refused.headers["content-type"], refused.json()["served"]) == ("application/problem+json", JSON)
    assert JSON in refused.json()["detail"]
    assert await kit.said() == []
    taken = await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=headers | {"Accept": JSON})
    assert taken.status_code == 201


async def test_a_stream_is_refused_to_who_takes_json_only(kit: Kit) -> None:
    path, bearer = "/v1/doors/stream", kit.bearer("operator")
    refused = await kit.client.get(path, headers=bearer | {"Accept": JSON})
    assert (refused.status_code, refused.json()["served"]) == (406, EVENTS)
    ticket = (await kit.client.post("/v1/doors/stream-tickets", headers=bearer)).json()["ticket"]
    for _ in range(2):  # and the ticket is not used up
        refused = await kit.client.get(f"{path}?ticket={ticket}", headers={"Accept": JSON})
        assert refused.status_code == 406


async def test_probes_and_metrics_are_answered_whatever_they_take(kit: Kit) -> None:
    for path in ("/healthz", "/metrics"):
        assert (await kit.client.get(path, headers={"Accept": "application/openmetrics-text"})).status_code == 200


async def test_a_page_of_a_known_origin_reads_what_a_frontend_needs(kit: Kit) -> None:
    headers = kit.bearer("operator") | {"Origin": ORIGIN}
    await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=headers)
    again = await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=headers)
    assert (again.headers["access-control-allow-origin"], again.headers["idempotent-replay"]) == (ORIGIN, "true")
    shown = {name.strip().lower() for name in again.headers["access-control-expose-headers"].split(",")}
    assert shown == {"etag", "location", "retry-after", "idempotent-replay"}
    refused = await kit.client.post("/v1/doors", json={}, headers={"Origin": ORIGIN})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)


async def test_a_browser_may_ask_first_and_other_origins_are_told_nothing(kit: Kit) -> None:
    wanted = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,if-match"}
    asked = await kit.client.options("/v1/doors", headers={"Origin": ORIGIN, **wanted})
    assert (asked.status_code, "PATCH" in asked.headers["access-control-allow-methods"]) == (200, True)
    assert "if-match" in asked.headers["access-control-allow-headers"].lower()
    stranger = await kit.client.get("/v1/doors", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in stranger.headers

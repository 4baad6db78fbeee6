"""One request is one transaction, and a request sent twice has one effect."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from sigap_testing.kit import Kit, started
from sigap_testing.sample.main import doors, service


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        yield kit


async def count_doors(kit: Kit) -> int:
    async with kit.runtime.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(doors))).scalar_one()


async def test_what_is_answered_with_201_is_stored_with_its_event(kit: Kit) -> None:
    answer = await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))
    assert answer.status_code == 201, answer.text
    (said,) = await kit.said()
    assert said.envelope.subject == answer.json()["id"]
    assert said.envelope.sequence == 1


async def test_a_refused_command_leaves_nothing_behind(kit: Kit) -> None:
    door = (await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))).json()
    path = f"/v1/doors/{door['id']}/knock"
    await kit.client.post(path, json={"words": "hello"}, headers=kit.bearer("operator"))
    refused = await kit.client.post(path, json={"words": "again"}, headers=kit.bearer("operator"))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    assert len(await kit.said()) == 2


async def test_two_hundred_equal_posts_make_one_door_and_get_equal_answers(kit: Kit) -> None:
    headers = kit.bearer("operator")
    answers = await asyncio.gather(
        *(kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=headers) for _ in range(200))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert await count_doors(kit) == 1


async def test_an_equal_request_gets_the_first_answer_even_where_it_would_now_be_refused(kit: Kit) -> None:
    door = (await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))).json()
    path, headers = f"/v1/doors/{door['id']}/knock", kit.bearer("operator")
    first = await kit.client.post(path, json={"words": "again"}, headers=headers)
    second = await kit.client.post(path, json={"words": "again"}, headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content


async def test_a_key_used_for_another_body_is_refused(kit: Kit) -> None:
    headers = kit.bearer("operator")
    await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=headers)
    other = await kit.client.post("/v1/doors", json={"regency": "18.72"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await count_doors(kit) == 1


async def test_what_creates_demands_a_key(kit: Kit) -> None:
    headers = {"Authorization": kit.bearer("operator")["Authorization"]}
    missing = await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=headers)
    assert (missing.status_code, missing.json()["type"]) == (400, "/problems/idempotency-key-missing")


async def test_a_body_that_is_not_called_json_is_refused_as_such(kit: Kit) -> None:
    headers = kit.bearer("operator") | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await kit.client.post("/v1/doors", content='{"regency": "17.71"}', headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert "application/json" in answer.json()["detail"]
    assert await count_doors(kit) == 0


async def test_a_key_belongs_to_one_subject(kit: Kit) -> None:
    mine, yours = kit.bearer("operator"), kit.bearer("operator", subject="another")
    yours["Idempotency-Key"] = mine["Idempotency-Key"]
    first = await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=mine)
    second = await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=yours)
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize("path", ["/v1/doors/not-a-uuid/knock", f"/v1/doors/{UUID(int=9)}/knock", "/v1/nothing"])
async def test_what_is_not_there_is_a_problem_document(kit: Kit, path: str) -> None:
    answer = await kit.client.post(path, json={"words": "x"}, headers=kit.bearer("operator"))
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_the_knocker_s_words_lie_sealed_in_the_database(kit: Kit, database_url: str) -> None:
    door = (await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))).json()
    headers = kit.bearer("operator")
    await kit.client.post(f"/v1/doors/{door['id']}/knock", json={"words": "canary-081234"}, headers=headers)
    async with kit.runtime.database.read() as connection:
        for table in service.metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                assert "canary-081234" not in repr(row)

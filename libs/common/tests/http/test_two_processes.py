"""An answer under an Idempotency-Key is the same in every process of a service."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sigap_testing.kit import Kit, another_process
from sigap_testing.sample.doors import count_doors
from sigap_testing.sample.main import service

BODY = {"regency": "17.71"}


@pytest.fixture
async def other(kit: Kit) -> AsyncIterator[Kit]:
    """Another process of the same service. It knows only what lies in the database."""
    async with another_process(kit, service) as other:
        yield other


async def test_the_answer_that_another_process_stored_first_is_given(kit: Kit, other: Kit) -> None:
    headers = kit.bearer("operator")
    first = await other.client.post("/v1/doors", json=BODY, headers=headers)
    second = await kit.client.post("/v1/doors", json=BODY, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["idempotent-replay"] == "true"
    assert (await count_doors(kit), len(await kit.said())) == (1, 1)


async def test_of_equal_requests_to_two_processes_at_once_all_get_one_answer(kit: Kit, other: Kit) -> None:
    headers = kit.bearer("operator")
    asked = [
        process.client.post("/v1/doors", json=BODY, headers=headers) for _ in range(10) for process in (kit, other)
    ]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (await count_doors(kit), len(await kit.said())) == (1, 1)


async def test_the_answer_of_another_process_is_given_even_if_the_request_is_refused_now(kit: Kit, other: Kit) -> None:
    """The door has been knocked on, by this very request: a second knock with these words is a conflict."""
    door = (await kit.client.post("/v1/doors", json=BODY, headers=kit.bearer("operator"))).json()
    path, headers = f"/v1/doors/{door['id']}/knock", kit.bearer("operator")
    first = await other.client.post(path, json={"words": "again"}, headers=headers)
    second = await kit.client.post(path, json={"words": "again"}, headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content


async def test_a_key_that_another_process_took_for_another_body_is_refused(kit: Kit, other: Kit) -> None:
    headers = kit.bearer("operator")
    await other.client.post("/v1/doors", json=BODY, headers=headers)
    refused = await kit.client.post("/v1/doors", json={"regency": "18.72"}, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await count_doors(kit) == 1

"""One request is one transaction, and a request sent twice has one effect."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends
from fastapi.exceptions import FastAPIError

from sigap_common.http.route import UseCaseRoute, transaction
from sigap_testing.kit import Kit
from sigap_testing.sample.doors import count_doors
from sigap_testing.sample.main import SampleTransaction


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


async def test_the_knocker_s_words_lie_sealed_in_the_database(kit: Kit) -> None:
    door = (await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))).json()
    headers = kit.bearer("operator")
    await kit.client.post(f"/v1/doors/{door['id']}/knock", json={"words": "canary-081234"}, headers=headers)
    kept = await kit.kept()
    assert door["id"] in kept
    assert "canary-081234" not in kept


# --- who may see a kept answer


async def ask_again(
    kit: Kit,
    kept: dict[str, str],
    path: str,
    body: dict[str, str],
    *roles: str,
    regencies: Sequence[str] = ("*",),
    subject: str = "tester",
) -> int:
    """The same request under the same key with another token; only its success is shown."""
    again = kit.bearer(*roles, regencies=regencies, subject=subject) | {"Idempotency-Key": kept["Idempotency-Key"]}
    answer = await kit.client.post(path, json=body, headers=again)
    if not answer.is_success:
        assert "idempotent-replay" not in answer.headers
        assert set(answer.json()) & {"id", "knocks"} == set()
    return answer.status_code


async def test_a_kept_answer_is_given_only_to_a_token_that_still_reaches_as_far(kit: Kit) -> None:
    headers, body = kit.bearer("operator", "supervisor", regencies=["17.71", "18.72"]), {"regency": "17.71"}
    await kit.client.post("/v1/doors", json=body, headers=headers)
    seen = {
        "all of it": await ask_again(kit, headers, "/v1/doors", body, "operator", "supervisor", regencies=["17.71"]),
        "more": await ask_again(kit, headers, "/v1/doors", body, "operator", "supervisor", "admin", regencies=["*"]),
        "no role": await ask_again(kit, headers, "/v1/doors", body, "supervisor", regencies=["17.71"]),
        "one role": await ask_again(kit, headers, "/v1/doors", body, "operator", regencies=["17.71"]),
        "no regency": await ask_again(kit, headers, "/v1/doors", body, "operator", "supervisor", regencies=["18.72"]),
    }
    assert seen == {"all of it": 201, "more": 201, "no role": 403, "one role": 403, "no regency": 403}
    assert await count_doors(kit) == 1


async def test_a_refusal_is_not_answered_from_what_a_wider_token_did(kit: Kit) -> None:
    """The door is knocked on twice with words that are refused the second time: the refusal stays one."""
    door = (await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))).json()
    path, body, headers = f"/v1/doors/{door['id']}/knock", {"words": "again"}, kit.bearer("operator", "supervisor")
    assert (await kit.client.post(path, json=body, headers=headers)).status_code == 200
    assert await ask_again(kit, headers, path, body, "operator", "supervisor") == 200
    assert await ask_again(kit, headers, path, body, "operator") == 409
    assert await ask_again(kit, headers, path, body, "operator", subject="another") == 409


async def test_equal_requests_at_once_are_each_held_to_their_own_token(kit: Kit) -> None:
    wide = kit.bearer("operator", regencies=["17.71"])
    narrow = kit.bearer("operator", regencies=["18.72"]) | {"Idempotency-Key": wide["Idempotency-Key"]}
    answers = await asyncio.gather(
        *(kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=h) for h in (wide, narrow, wide, narrow))
    )
    assert [a.status_code for a in answers] == [201, 403, 201, 403]


async def test_a_key_belongs_to_method_path_and_query(kit: Kit) -> None:
    door = (await kit.client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))).json()
    headers = kit.bearer("operator")
    for path in ("/v1/doors", "/v1/doors/stream-tickets"):
        answer = await kit.client.post(path, json={"regency": "17.71"}, headers=headers)
        assert answer.is_success
        assert answer.json() != door
    rows = await kit.kept()
    assert "'POST /v1/doors'" in rows
    assert "'POST /v1/doors/stream-tickets'" in rows


def test_only_a_handler_itself_asks_for_a_transaction() -> None:
    async def depends(tx: Annotated[SampleTransaction, transaction]) -> object:
        return tx

    async def handler(of: Annotated[object, Depends(depends)]) -> None: ...

    async def generator(tx: Annotated[SampleTransaction, transaction]) -> AsyncIterator[int]:
        yield 1

    router = APIRouter(route_class=UseCaseRoute)
    for wrong, refusal in ((handler, FastAPIError), (generator, TypeError)):
        with pytest.raises(refusal):
            router.get("/v1/wrong", response_model=None)(wrong)

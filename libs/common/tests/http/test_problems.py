"""Problem documents: whatever goes wrong, in the reader's language, without our insides."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException, Query
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sigap_common.auth import Role
from sigap_common.core.errors import (
    Conflict,
    Fault,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    Invalid,
    KeptAnswerForbidden,
    NotAllowed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Problem,
    RegencyForbidden,
    RoleMissing,
    TooManyRequests,
    Unavailable,
    declared,
    faults,
)
from sigap_common.core.texts import Texts
from sigap_common.http.guards import guarded_by
from sigap_common.http.problems import install, problems
from sigap_common.http.types import Latitude, LongText, PageCursor, PersonalLine, RegencyCode, ShortText, Utc, Whole
from sigap_common.observability.tracing import FASTAPI_TELEMETRY, TraceMiddleware
from sigap_common.personal_data import Sealed

ENGLISH = {"Accept-Language": "en"}
CALL = "0192f0c1-7b7a-7c3e-9d7e-1f2a3b4c5d6e"


class Kind(StrEnum):
    fire = "fire"
    flood = "flood"


class Caller(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: PersonalLine
    age: Whole | None = None


class Report(BaseModel):
    id: UUID
    caller: Caller
    kind: Kind
    mode: Literal["quick", "full"] = "quick"
    at: Utc
    latitude: Latitude = 0
    title: ShortText
    text: LongText
    regency: RegencyCode
    tags: list[ShortText] = Field(default=[], max_length=2)


class Spoken(StrEnum):
    quote = "it's"
    comma = "a, b or c"


class Chosen(BaseModel):
    kind: Kind = Kind.fire
    one: Literal["only"] = "only"
    tall: Literal["or", 2, None] = None
    spoken: Spoken = Spoken.quote


class DatabaseAway(Exception):
    pass


MOMENT = datetime(2024, 2, 19, 7, 5, tzinfo=UTC)
RAISED: dict[str, Exception] = {
    "not-found": NotFound(),
    "forbidden": Forbidden(),
    "regency-forbidden": RegencyForbidden("17.71"),
    "role-missing": RoleMissing([Role.supervisor]),
    "conflict": Conflict(answered_by="Siti"),
    "not-allowed-in-state": NotAllowed(state="closed"),
    "idempotency-key-missing": IdempotencyKeyMissing(),
    "kept-answer-forbidden": KeptAnswerForbidden(),
    "idempotency-key-reused": IdempotencyKeyReused(),
    "idempotency-in-progress": IdempotencyInProgress(),
    "precondition-failed": PreconditionFailed(),
    "precondition-required": PreconditionRequired(),
    "too-many-requests": TooManyRequests(retry_after=30),
    "temporarily-unavailable": Unavailable(retry_after=5),
    "away": DatabaseAway("postgresql://secret"),
    "internal-error": RuntimeError("number +628123456789"),
    "teapot": HTTPException(418, "English words"),
    "refused-parse": HTTPException(400, "There was an error"),
    "sealed": Conflict(number=Sealed("+628123456789")),
    "ready-made": Invalid(errors=[{"pointer": "#/a", "detail": "ready"}, Fault(("body", "b"), "missing", {})]),
    "uncovered": Invalid(errors=[Fault(("body", "c"), "pack.shifts_gap", {"start": MOMENT, "end": MOMENT})]),
    "reason": NotAllowed("no-such-reason", state="closed"),
}


def make_app() -> FastAPI:
    app = FastAPI(max_body_size=1000, telemetry=FASTAPI_TELEMETRY)
    router = APIRouter(prefix="/v1")
    changed: list[str] = []
    app.state.changed = changed

    @router.post("/reports")
    async def report(body: Report) -> dict[str, str]:
        return {"at": body.at.isoformat(), "number": body.caller.number.clear}

    @router.post("/choices")
    async def choices(body: Chosen) -> None: ...

    @router.get("/reports")
    async def reports(since: Utc, limit: Annotated[Whole, Query(le=200)] = 50, cursor: PageCursor = "a") -> str:
        return since.isoformat()

    @router.get("/reports/{report_id}")
    async def one(report_id: UUID) -> str:
        return str(report_id)

    @router.get("/raise/{name}", responses=problems(404, 409))
    async def fail(name: str) -> None:
        raise RAISED[name]

    @router.post("/touch", dependencies=[Depends(guarded_by("open"))])
    async def touch() -> None:
        changed.append("touched")

    @router.put("/free", max_body_size=2000)
    async def free(body: Annotated[dict[str, Any], Body()]) -> None: ...

    app.include_router(router)
    install(app, unavailable=[DatabaseAway])
    app.add_middleware(TraceMiddleware)
    return app


@pytest.fixture(autouse=True)
def _strict() -> Iterator[None]:
    before, Texts.strict = Texts.strict, True
    yield
    Texts.strict = before


@pytest.fixture
def app() -> FastAPI:
    return make_app()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


def document(response: Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == response.status_code
    assert found["type"].startswith("/problems/")
    assert len(found["trace_id"]) == 32
    assert found["title"]
    assert found["detail"]
    return found


@pytest.mark.parametrize("name", [name for name in RAISED if name in declared()])
async def test_every_problem_speaks_both_languages(client: AsyncClient, name: str) -> None:
    ours = document(await client.get(f"/v1/raise/{name}"))
    english = await client.get(f"/v1/raise/{name}", headers=ENGLISH)
    theirs = document(english)
    assert ours["type"] == theirs["type"] == f"/problems/{name}"
    assert ours["status"] == declared()[name].status
    assert ours["title"] != theirs["title"]
    assert ours["detail"] != theirs["detail"]
    assert english.headers["content-language"] == "en"


def test_every_declared_problem_has_its_texts() -> None:
    for slug, kind in declared().items():
        texts = Texts.load(kind.package)
        assert f"problems.{slug}.title" in texts, slug
        assert f"problems.{slug}.detail" in texts, slug


def test_a_slug_means_one_thing_and_members_of_the_standard_are_reserved() -> None:
    with pytest.raises(ValueError, match="twice"):
        type("Again", (Problem,), {"slug": "not-found", "status": 410})
    with pytest.raises(ValueError, match="reserved"):
        Conflict(detail="x")


async def test_the_state_and_other_particulars_are_members(client: AsyncClient) -> None:
    assert document(await client.get("/v1/raise/not-allowed-in-state"))["state"] == "closed"
    assert document(await client.get("/v1/raise/conflict"))["answered_by"] == "Siti"
    assert document(await client.get("/v1/raise/sealed"))["number"] == "***"
    waiting = await client.get("/v1/raise/too-many-requests")
    assert (waiting.headers["retry-after"], document(waiting)["retry_after"]) == ("30", 30)
    assert "30 detik" in document(waiting)["detail"]
    away = await client.get("/v1/raise/away")
    assert (away.status_code, away.headers["retry-after"]) == (503, "1")
    assert "secret" not in away.text


async def test_an_unexpected_error_tells_nothing_but_where_to_ask(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = await client.get("/v1/raise/internal-error")
    found = document(response)
    assert found["status"] == 500
    assert found["trace_id"] in found["detail"]
    assert "8123456789" not in response.text
    (record,) = [record for record in caplog.records if record.name == "sigap.problems"]
    assert record.getMessage() == "unexpected error: GET /v1/raise/{name}"
    assert record.exc_info


async def test_what_the_framework_raises_is_a_document_too(client: AsyncClient) -> None:
    assert document(await client.get("/nowhere"))["type"] == "/problems/not-found"
    wrong_method = await client.delete("/v1/touch")
    assert document(wrong_method)["type"] == "/problems/method-not-allowed"
    assert wrong_method.headers["allow"] == "POST"
    teapot = await client.get("/v1/raise/teapot")
    assert document(teapot)["type"] == "/problems/other"
    assert "English" not in teapot.text
    assert document(await client.get("/v1/raise/refused-parse"))["type"] == "/problems/bad-request"


async def test_a_reason_without_a_text_fails_a_test_but_not_an_answer(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/v1/raise/reason")).status_code == 500
    monkeypatch.setattr(Texts, "strict", False)
    assert "closed" in document(await client.get("/v1/raise/reason"))["detail"]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"{", "malformed-json"),
        (b'{"a": 1,}', "malformed-json"),
        (b"\xff{", "bad-request"),
        (b"\xff\xfe", "malformed-json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too-large"),
        (b"[" * 900, "malformed-json"),
        (b"null", "invalid-request"),
        (b"[]", "invalid-request"),
        (b'"text"', "invalid-request"),
        (b"", "invalid-request"),
    ],
)
async def test_a_body_that_is_no_object_of_json(client: AsyncClient, body: bytes, slug: str) -> None:
    found = document(await client.post("/v1/reports", content=body, headers=JSON))
    assert found["type"] == f"/problems/{slug}"


def valid() -> dict[str, Any]:
    return {
        "id": CALL,
        "caller": {"number": "0812", "age": 7},
        "kind": "fire",
        "at": "2024-02-19T14:05:00+07:00",
        "title": "Kebakaran",
        "text": "Rumah\nterbakar",
        "regency": "17.71",
    }


async def test_a_valid_report_arrives_in_utc(client: AsyncClient) -> None:
    response = await client.post("/v1/reports", json=valid())
    assert response.json() == {"at": "2024-02-19T07:05:00+00:00", "number": "0812"}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"id": "x"}, "#/id", "uuid_parsing"),
        ({"id": 5}, "#/id", "uuid_type"),
        ({"caller": None}, "#/caller", "model_attributes_type"),
        ({"caller": {}}, "#/caller/number", "missing"),
        ({"caller": {"number": "1", "a/b~é": 1}}, "#/caller/a~1b~0%C3%A9", "extra_forbidden"),
        ({"caller": {"number": "1", "\ud800": 1}}, "#/caller", "string_unicode"),
        ({"caller": {"number": "\ud800"}}, "#/caller/number", "string_unicode"),
        ({"caller": {"number": "1\x002"}}, "#/caller/number", "text_with_nul"),
        ({"caller": {"number": "1" * 201}}, "#/caller/number", "string_too_long"),
        ({"caller": {"number": "1", "age": 10**30}}, "#/caller/age", "less_than_equal"),
        ({"caller": {"number": "1", "age": -1}}, "#/caller/age", "greater_than_equal"),
        ({"caller": {"number": "1", "age": 1.5}}, "#/caller/age", "int_from_float"),
        ({"caller": {"number": "1", "age": "x"}}, "#/caller/age", "int_parsing"),
        ({"kind": "war"}, "#/kind", "enum"),
        ({"mode": "slow"}, "#/mode", "literal_error"),
        ({"at": "2024-02-19T14:05:00"}, "#/at", "timezone_aware"),
        ({"at": 1708326300}, "#/at", "datetime_type"),
        ({"at": "1708326300"}, "#/at", "datetime_type"),
        ({"at": "yesterday"}, "#/at", "datetime_from_date_parsing"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "#/at", "time_out_of_range"),
        ({"latitude": float("nan")}, "#/latitude", "finite_number"),
        ({"latitude": 91}, "#/latitude", "less_than_equal"),
        ({"title": "two\nlines"}, "#/title", "text_with_control_characters"),
        ({"title": ""}, "#/title", "string_too_short"),
        ({"text": "  \n "}, "#/text", "text_blank"),
        ({"text": 5}, "#/text", "string_type"),
        ({"regency": "1771"}, "#/regency", "string_pattern_mismatch"),
        ({"tags": ["a", "b", "c"]}, "#/tags", "too_long"),
        ({"tags": ["a", ""]}, "#/tags/1", "string_too_short"),
        ({"tags": "a"}, "#/tags", "list_type"),
    ],
)
async def test_every_wrong_field_is_named_and_told_what_would_be_right(
    client: AsyncClient, change: dict[str, Any], pointer: str, code: str
) -> None:
    body = json.dumps(valid() | change)
    ours = document(await client.post("/v1/reports", content=body, headers=JSON))
    theirs = document(await client.post("/v1/reports", content=body, headers=JSON | ENGLISH))
    assert ours["type"] == "/problems/invalid-request"
    ((error,), (english,)) = (ours["errors"], theirs["errors"])
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert error["detail"] != english["detail"]
    other = Texts.load("sigap_common").get("validation.other", "id")
    assert error["detail"] != other


@pytest.mark.parametrize(
    ("name", "listed"),
    [("kind", "fire, flood"), ("one", "only"), ("tall", "or, 2, null"), ("spoken", "it's, a, b or c")],
)
async def test_choices_are_listed_in_the_language_of_the_answer(client: AsyncClient, name: str, listed: str) -> None:
    for headers, begins in (({}, "Harus salah satu "), (ENGLISH, "Must be one of these ")):
        (error,) = document(await client.post("/v1/choices", json={name: "other"}, headers=headers))["errors"]
        assert error["pointer"] == f"#/{name}"
        assert error["detail"].startswith(begins)
        assert error["detail"].endswith(f": {listed}.")


async def test_a_format_is_told_by_its_name_and_not_by_its_expression(client: AsyncClient) -> None:
    wrong = valid() | {"regency": "1771"}
    for headers, told in (({}, "kode wilayah, misalnya 17.71"), (ENGLISH, "a regency's code, such as 17.71")):
        (error,) = document(await client.post("/v1/reports", json=wrong, headers=headers))["errors"]
        assert told in error["detail"]
        assert "[0-9]" not in error["detail"]
        assert error["code"] == "string_pattern_mismatch"


def test_a_format_of_a_plugin_is_told_without_its_expression() -> None:
    (fault,) = faults([{"loc": ("pin",), "type": "string_pattern_mismatch", "ctx": {"pattern": "^[0-9]+$"}}])
    told = Texts.load("sigap_common").get(f"validation.{fault.kind}", "en", **fault.params)
    assert told == "Must be a text of the form that this field's documentation names."


async def test_a_role_that_is_missing_is_told_in_words_and_named_by_its_code(client: AsyncClient) -> None:
    found = document(await client.get("/v1/raise/role-missing"))
    assert found["detail"].endswith("penyelia (supervisor).")
    assert found["roles"] == ["supervisor"]


async def test_a_time_without_a_regency_is_told_in_utc(client: AsyncClient) -> None:
    (error,) = document(await client.get("/v1/raise/uncovered"))["errors"]
    assert error["detail"].endswith("19 Februari 2024 pukul 07:05:00 UTC.")
    assert error["start"] == "2024-02-19T07:05:00Z"


@pytest.mark.parametrize(
    ("path", "where", "name", "code"),
    [
        ("/v1/reports", "query", "since", "missing"),
        ("/v1/reports?since=x", "query", "since", "datetime_from_date_parsing"),
        ("/v1/reports?since=2024-02-19T00:00:00Z&limit=201", "query", "limit", "less_than_equal"),
        ("/v1/reports?since=2024-02-19T00:00:00Z&cursor=%00", "query", "cursor", "string_pattern_mismatch"),
        ("/v1/reports/x", "path", "report_id", "uuid_parsing"),
    ],
)
async def test_a_wrong_parameter_is_named_by_its_place(
    client: AsyncClient, path: str, where: str, name: str, code: str
) -> None:
    (error,) = document(await client.get(path))["errors"]
    assert (error["in"], error["parameter"], error["code"]) == (where, name, code)


async def test_a_plus_sign_that_was_not_encoded_is_understood(client: AsyncClient) -> None:
    response = await client.get("/v1/reports?since=2024-02-19T07:00:00+07:00")
    assert response.json() == "2024-02-19T00:00:00+00:00"


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


async def test_an_oversized_body_is_refused_before_anything_happens(app: FastAPI, client: AsyncClient) -> None:
    for response in (
        await client.post("/v1/reports", content=b"x" * 1001),
        await client.post("/v1/reports", content=chunks(2000)),
        await client.post("/v1/touch", content=b"x" * 1001),
        await client.put("/v1/free", content=b"x" * 2001),
    ):
        assert document(response)["type"] == "/problems/too-large"
    assert app.state.changed == []
    assert (await client.put("/v1/free", json={"a": "x" * 1500})).status_code == 200
    assert (await client.post("/v1/touch")).status_code == 200


async def test_errors_of_a_document_checked_elsewhere_are_reported_the_same_way(client: AsyncClient) -> None:
    with pytest.raises(ValidationError) as failed:
        Caller.model_validate({"age": "x"})
    problem = Invalid.of(failed.value, ("body", "agencies", 3))
    assert [fault.place for fault in problem.errors if isinstance(fault, Fault)] == [
        ("body", "agencies", 3, "number"),
        ("body", "agencies", 3, "age"),
    ]
    errors = document(await client.get("/v1/raise/ready-made"))["errors"]
    assert errors[0] == {"pointer": "#/a", "detail": "ready"}
    assert errors[1]["pointer"] == "#/b"


def test_openapi_names_one_schema_for_all_problems(app: FastAPI) -> None:
    schema = app.openapi()
    responses = schema["paths"]["/v1/raise/{name}"]["get"]["responses"]
    assert {"400", "401", "403", "404", "409", "413", "422", "503"} <= responses.keys()
    assert responses["409"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert "not-allowed-in-state" in responses["409"]["description"]
    assert "422" in schema["paths"]["/v1/reports"]["post"]["responses"]
    assert "HTTPValidationError" not in json.dumps(schema)

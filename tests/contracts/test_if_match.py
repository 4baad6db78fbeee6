"""Where `If-Match` is demanded: the code, the OpenAPI and docs/frontends.md say the same."""

import re
from pathlib import Path
from typing import Any

import pytest

from sigap_common.app.manifest import AnyService, services
from sigap_common.http.etags import demanding_routes
from sigap_testing.kit import started
from sigap_testing.operations import Operation, apps, operations

FRONTENDS = (Path(__file__).parents[2] / "docs" / "frontends.md").read_text()
IF_NEW = "PUT /v1/regencies/{code}"
"""Demands it only of a regency that is there already."""


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def headers(operation: Operation) -> dict[str, tuple[Any, bool]]:
    return {name: (schema, required) for name, schema, required in operation.parameters("header")}


DEMANDING = {named(one) for one in operations() if headers(one).get("If-Match", (None, False))[1]}


def test_the_openapi_says_that_it_is_required_where_the_code_demands_it() -> None:
    in_code = {f"{method.upper()} {path}" for app in apps() for path, method in demanding_routes(app)}
    assert in_code == DEMANDING
    assert {"POST /v1/rosters/{roster_id}/import", "POST /v1/rosters/{roster_id}/publish"} <= DEMANDING
    refusing = {named(one) for one in operations() if "428" in one.spec["responses"]}
    assert refusing == DEMANDING | {IF_NEW}


def test_a_required_header_is_a_text_and_never_null() -> None:
    schemas = [headers(one)["If-Match"][0] for one in operations() if named(one) in DEMANDING]
    assert {schema.get("type") for schema in schemas} == {"string"}


def test_what_changes_an_object_with_a_tag_whole_or_in_part_demands_it() -> None:
    """A new PUT or PATCH that forgets it would let one person write over another's change."""
    changing = {named(one) for one in operations() if one.method in ("PUT", "PATCH")}
    assert changing == {one for one in DEMANDING | {IF_NEW} if not one.startswith("POST")}


def test_the_page_for_frontends_names_them_all() -> None:
    [section] = re.findall(r"\*\*ETag and If-Match\.\*\*.*?(?=All other operations)", FRONTENDS, re.DOTALL)
    told = {without_names(one) for one in re.findall(r"`([A-Z]+ /v1/\S+)`", section)}
    demanding = {without_names(one) for one in DEMANDING | {IF_NEW}}
    assert told == demanding, "docs/frontends.md, ETag and If-Match"


def without_names(operation: str) -> str:
    """`PUT /v1/staff/{}` for `PUT /v1/staff/{staff_id}`."""
    return re.sub("{[a-z_]+}", "{}", operation)


@pytest.mark.parametrize("service", services(), ids=lambda service: str(service.name))
async def test_without_the_header_each_of_them_is_428(service: AnyService, tmp_path: Path) -> None:
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'own.sqlite3'}", tmp_path) as kit:
        for operation in operations():
            if operation.service == service.name and named(operation) in DEMANDING:
                bearer = kit.bearer(*map(str, sorted(operation.roles or ())), regencies=["*"])
                answer = await kit.client.request(operation.method, path_of(operation), **sent(operation, bearer))
                assert (answer.status_code, answer.json()["type"]) == (428, "/problems/precondition-required")


def path_of(operation: Operation) -> str:
    return re.sub("{[a-z_]+}", "01a203a7-6ec0-7000-8000-000000000001", operation.path)


def sent(operation: Operation, bearer: dict[str, str]) -> dict[str, Any]:
    """A body that is understood, so that nothing else is wrong with the request."""
    content = operation.spec.get("requestBody", {}).get("content", {})
    if "text/csv" in content:
        return {"content": content["text/csv"]["example"], "headers": bearer | {"Content-Type": "text/csv"}}
    return {"json": operation.example(), "headers": bearer}

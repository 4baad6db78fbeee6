"""What the merged OpenAPI promises to whoever generates a client from it."""

from collections import Counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sigap_common.http.problems import MEDIA_TYPE
from sigap_testing.operations import EVENTS, JSON, NoExample, Operation, api, operations

each_operation = pytest.mark.parametrize("operation", operations(), ids=str)
DOCUMENT = "urn:openapi"


def complaints(schema: Any, example: Any) -> list[str]:
    """Why the example is none of the schema."""
    resource = DRAFT202012.create_resource(api().document)
    registry: Registry[Any] = Registry().with_resource(DOCUMENT, resource)
    validator = Draft202012Validator(_absolute(schema), registry=registry)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(example)]


def _absolute(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: f"{DOCUMENT}{v}" if k == "$ref" else _absolute(v) for k, v in node.items()}
    return [_absolute(item) for item in node] if isinstance(node, list) else node


def example_of(content: Any) -> Any:
    try:
        return api().example(content)
    except NoExample as no_example:
        lacking = str(no_example)
    pytest.fail(f"{lacking} has no example: the class needs `model_config = like(examples.…)`", pytrace=False)


def test_operation_ids_are_unique() -> None:
    ids = Counter(operation.id for operation in operations())
    assert [id for id, count in ids.items() if count > 1] == []


@each_operation
def test_a_body_has_an_example_that_is_one(operation: Operation) -> None:
    for kind, content in operation.spec.get("requestBody", {}).get("content", {}).items():
        example = example_of(content)
        if kind == JSON:
            assert complaints(content["schema"], example) == []


@each_operation
def test_an_answer_has_an_example_that_is_one(operation: Operation) -> None:
    answers = {status: answer for status, answer in operation.spec["responses"].items() if status.startswith("2")}
    assert answers
    for answer in answers.values():
        for kind, content in answer.get("content", {}).items():
            if kind != EVENTS:
                assert complaints(content["schema"], example_of(content)) == []


@each_operation
def test_problems_are_documented(operation: Operation) -> None:
    responses = operation.spec["responses"]
    problems = {status for status, answer in responses.items() if MEDIA_TYPE in answer.get("content", {})}
    assert {status for status in responses if status >= "400"} == problems
    wanted = {"400", "401", "403", "413", "422", "503"}
    if list(operation.parameters("path")) and not {"200", "201"} <= responses.keys():
        wanted.add("404")  # what it names may not be there, unless naming it makes it
    assert wanted <= problems
    assert operation.spec.get("summary")


@pytest.mark.parametrize("operation", [o for o in operations() if o.creates], ids=str)
def test_what_creates_says_that_it_wants_a_key(operation: Operation) -> None:
    assert ("Idempotency-Key", True) in [(name, needed) for name, _, needed in operation.parameters("header")]

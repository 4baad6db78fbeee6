"""Every text, list and mapping that a request can bring has a bound, and the OpenAPI shows it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sigap_common.regency.validation import pack_schema
from sigap_testing.operations import Operation, operations

BOUNDED_FORMATS = ("uuid", "date")
"""Formats of a fixed length."""
BODIES = [operation for operation in operations() if operation.body is not None]
WITHOUT_SCHEMA = ("put_regency", "knock_on_drill_door")
"""A pack has a schema of its own, and a drill is signed by us."""
FREE = re.compile(r"/(options|params)(/|$)")
"""What a channel or a policy wants to know is its own matter; the size of the whole body is the bound."""


def unbounded(schema: Mapping[str, Any], definitions: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """The places of texts, lists and mappings without a bound."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for number, option in enumerate([*schema.get("anyOf", ()), *schema.get("oneOf", ())]):
        yield from unbounded(option, definitions, f"{place}({number})")
    kind = schema.get("type")
    if kind == "string" and not _is_bounded_text(schema):
        yield place
    if kind == "array" and not FREE.search(place):
        if "maxItems" not in schema:
            yield f"{place} (list)"
        yield from unbounded(schema.get("items", {}), definitions, f"{place}/0")
    for name, part in schema.get("properties", {}).items():
        yield from unbounded(part, definitions, f"{place}/{name}")
    more = schema.get("additionalProperties")
    if kind == "object" and isinstance(more, Mapping) and "maxProperties" not in schema and not FREE.search(place):
        yield f"{place} (mapping)"


def _is_bounded_text(schema: Mapping[str, Any]) -> bool:
    closed = "enum" in schema or "const" in schema or schema.get("format") in BOUNDED_FORMATS
    return closed or "maxLength" in schema


@pytest.mark.parametrize("operation", [one for one in BODIES if one.id not in WITHOUT_SCHEMA], ids=str)
def test_every_text_of_a_body_has_a_bound(operation: Operation) -> None:
    assert operation.body is not None
    found = list(unbounded(operation.body, operation.api.document["components"]["schemas"]))
    assert found == [], "without max_length; sigap_common/http/types.py has types of texts that have one"


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_every_parameter_has_a_bound(operation: Operation) -> None:
    schemas = operation.api.document["components"]["schemas"]
    for where in ("query", "path", "header"):
        for name, schema, _ in operation.parameters(where):
            assert list(unbounded(schema, schemas, name)) == []


def test_every_text_of_a_pack_has_a_bound() -> None:
    schema = pack_schema()
    for name, part in schema["properties"].items():
        if name != "zone":
            found = unbounded(part, schema["$defs"], f"/{name}")
            assert [place for place in found if not place.endswith("(mapping)")] == []

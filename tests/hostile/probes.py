"""Requests that are wrong in one thing, made from what the OpenAPI says of an operation."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from sigap_testing.operations import Operation

from .world import HOME, Things, World, at_home, names_in

WRONG = "~"
"""No id, code, number, time, cursor or choice."""
CLOSED = ("pattern", "format", "enum", "const")
FIGURE = "answered_within_15s"
PLAN = b"staff_number,day,shift\nOP-07,2099-03-01,malam\n"
DAYS = {"from": "2027-03-01", "to": "2027-03-02"}
SHIFT = {"day": "2099-03-01", "shift": "malam"}
PLACE = {"lat": "-3.79", "lon": "102.26"}


def path_of(operation: Operation, ids: Mapping[str, str]) -> str:
    """Its path with the ids; a code that is no id is that of the regency, or of a figure."""
    code = HOME if operation.path.startswith("/v1/regencies") else FIGURE
    named = {"code": code, "adapter": "generic", **ids}
    return operation.path.format(**{name: named[name] for name in names_in(operation.path)})


def query_of(operation: Operation, **wanted: str) -> str:
    """With all that is required, and what is wanted."""
    known = {
        "regency": HOME,
        "exchange": f"{HOME}/pbx",
        "q": "pasar",
        "secret": "nobody-s" + 35 * "x",
        "text": "-3.79,102.26",
    }
    known |= DAYS | PLACE | SHIFT
    required = {name: known[name] for name, _, needed in operation.parameters("query") if needed}
    pairs = {**required, **wanted}
    return "?" + "&".join(f"{name}={value}" for name, value in pairs.items()) if pairs else ""


def headers_of(operation: Operation) -> dict[str, str]:
    names = {name.lower() for name, _, _ in operation.parameters("header")}
    headers = {"If-Match": '"1"'} if "if-match" in names and operation.path != "/v1/regencies/{code}" else {}
    content = operation.spec.get("requestBody", {}).get("content", {})
    return headers | ({"Content-Type": "text/csv"} if "text/csv" in content else {})


def sent(operation: Operation, world: World, token: str | None, things: Things, **changed: Any) -> httpx.Response:
    """The operation's example, sent by the token; `changed`: body, ids, query or headers instead."""
    ids = things.ids | changed.get("ids", {})
    headers = headers_of(operation) | changed.get("headers", {})
    body = changed["body"] if "body" in changed else _body(operation)
    query = changed.get("query", query_of(operation))
    return world.send(operation.method, path_of(operation, ids) + query, token, body, **headers)


def _body(operation: Operation) -> Any:
    if operation.body is not None:
        return at_home(operation)
    return PLAN if "text/csv" in headers_of(operation).values() else None


def wrong_bodies(operation: Operation) -> Iterator[tuple[str, Any]]:
    """What is wrong, as a JSON pointer (`#`: all of it), and the body that has it."""
    schema, example = operation.body, at_home(operation)
    assert schema is not None
    if schema.get("type") == "array":
        yield "#", {}
        yield "#/0", [WRONG]
        return
    yield "#", [WRONG]
    yield "#", 7
    required = schema.get("required", ())
    forgiving = schema.get("x-optional-fields-are-never-refused", False)  # what intake does instead, its tests say
    for name, part in schema.get("properties", {}).items():
        if forgiving and name not in required:
            continue
        yield f"#/{name}", {**example, name: {WRONG: []} if _takes_no_object(operation, part) else WRONG}
    if schema.get("additionalProperties") is False:
        yield "#/surprise", {**example, "surprise": 1}
    for name in required:
        yield f"#/{name}", {key: value for key, value in example.items() if key != name}


def _takes_no_object(operation: Operation, part: Mapping[str, Any]) -> bool:
    options = [operation.api.resolved(option) for option in part.get("anyOf", (part,))]
    return all(option.get("type") != "object" for option in map(operation.api.resolved, options))


def wrong_parameters(operation: Operation) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name and place of a parameter that says nonsense, and what to change for it."""
    for name, schema, _ in operation.parameters("query"):
        if _is_closed(operation, schema):
            yield name, "query", {"query": query_of(operation, **{name: WRONG})}
    for name, schema, _ in operation.parameters("path"):
        if _is_closed(operation, schema) and name != "code":
            yield name, "path", {"ids": {name: WRONG}}


def _is_closed(operation: Operation, schema: Mapping[str, Any]) -> bool:
    """Whether it refuses some texts."""
    schema = operation.api.resolved(schema)
    if "anyOf" in schema:
        return all(_is_closed(operation, option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return _is_closed(operation, schema["items"])
    return schema.get("type") != "string" or any(key in schema for key in CLOSED)


def names_a_regency(operation: Operation) -> str | None:
    """Where: query, body or path."""
    if any(name == "regency" for name, _, _ in operation.parameters("query")):
        return "query"
    if operation.path.startswith("/v1/regencies/{code}"):
        return "path"
    body = operation.body or {}
    return "body" if "regency" in body.get("properties", {}) else None

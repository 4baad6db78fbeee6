"""One OpenAPI document of all services. If services have different schemas of the same name, each gets its service's
name.

FastAPI leaves nulls out of its documents, also out of our examples. They are added again here.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI

from sigap_common.http.etags import HEADER as IF_MATCH
from sigap_common.http.etags import demanding_routes
from sigap_common.http.idempotency import HEADER, LONGEST_KEY

REF = "#/components/schemas/"
KEY = {
    "name": HEADER,
    "in": "header",
    "description": "Any text; repeats of the request with it, within 24 hours, have one effect and one answer",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "examples": ["8e03978e-40d5-43dd-bc93"]},
}


def document_examples(app: FastAPI) -> None:
    """Adds the missing nulls to the examples of the app's OpenAPI."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document.get("components", {}).get("schemas", {})
        for schema in schemas.values():
            if "example" in schema:
                schema["example"] = _with_nulls(schema["example"], schema, schemas)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _with_nulls(example: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """The example, with null for each required field that is missing and may be null."""
    schema = schemas[schema["$ref"].removeprefix(REF)] if "$ref" in schema else schema
    if isinstance(example, list):
        return [_with_nulls(item, schema.get("items", {}), schemas) for item in example]
    if not isinstance(example, dict):
        return example
    for option in schema.get("anyOf", ()):
        example = _with_nulls(example, option, schemas)
    parts = schema.get("properties", {})
    other = schema.get("additionalProperties")
    whole = {name: None for name in schema.get("required", ()) if name not in example and _may_be_null(parts[name])}
    for name, value in example.items():
        part = parts.get(name, other)
        whole[name] = _with_nulls(value, part, schemas) if isinstance(part, dict) else value
    return whole


def _may_be_null(schema: dict[str, Any]) -> bool:
    return any(option.get("type") == "null" for option in schema.get("anyOf", (schema,)))


def document_idempotency(app: FastAPI) -> None:
    """Documents `Idempotency-Key` at each POST that needs a token. If it creates something, the key is required."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for operations in document["paths"].values():
            operation = operations.get("post", {})
            parameters = operation.setdefault("parameters", []) if operation.get("security") else []
            if all(parameter["name"] != HEADER for parameter in parameters):
                parameters.append(KEY | {"required": "201" in operation.get("responses", {})})
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def document_if_match(app: FastAPI) -> None:
    """Documents `If-Match` as required at the operations that demand it. FastAPI documents it as optional, because it
    answers a missing required header with 422, and this one is answered with 428.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for path, method in demanding_routes(app):
            for parameter in document["paths"][path][method]["parameters"]:
                if parameter["name"] == IF_MATCH:
                    parameter["required"] = True
                    parameter["schema"] = _not_null(parameter["schema"])
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    shown: list[dict[str, Any]] = [one for one in schema.get("anyOf", (schema,)) if one.get("type") != "null"]
    return shown[0]


def merged_openapi(apps: Sequence[FastAPI]) -> dict[str, Any]:
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Sigap 112",
            "version": "1",
            "description": "All services of an installation, one origin.",
        },
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for app in apps:
        _add(merged, app.openapi(), app.state.edge.service)
    return merged


def _add(merged: dict[str, Any], document: dict[str, Any], service: str) -> None:
    schemas = merged["components"]["schemas"]
    components = document.get("components", {})
    renamed = {
        name: f"{name}_{service.replace('-', '_')}"
        for name, schema in components.get("schemas", {}).items()
        if name in schemas and schemas[name] != schema
    }
    document = _with_renamed_refs(document, renamed)
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        # Generators name their classes by the title.
        schemas[renamed.get(name, name)] = schema | ({"title": renamed[name]} if name in renamed else {})
    merged["components"]["securitySchemes"] |= components.get("securitySchemes", {})
    merged["paths"] |= document.get("paths", {})


def _with_renamed_refs(node: Any, renamed: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: _ref(value, renamed) if key == "$ref" else _with_renamed_refs(value, renamed)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_with_renamed_refs(item, renamed) for item in node]
    return node


def _ref(ref: str, renamed: dict[str, str]) -> str:
    name = ref.removeprefix(REF)
    return REF + renamed[name] if name in renamed else ref

"""One OpenAPI document of all services: the same schema under the same name is one, a different one gets its service's."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI

REF = "#/components/schemas/"


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
        _add(merged, app.openapi(), app.state.runtime.service.name)
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
        schemas[renamed.get(name, name)] = schema
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

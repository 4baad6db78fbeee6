"""The OpenAPI of problem documents: one schema, and the statuses that every operation can answer with."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from sigap_common.core.errors import declared
from sigap_common.core.limits import MOST_FAULTS

MEDIA_TYPE = "application/problem+json"
SCHEMA = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Stable: /problems/<slug>"},
        "title": {"type": "string", "description": "In the language of Accept-Language"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In the language of Accept-Language"},
        "trace_id": {"type": "string", "description": "Names the request in the logs"},
        "error_count": {"type": "integer", "description": "How many faults there are, named in `errors` or not"},
        "errors": {
            "type": "array",
            "maxItems": MOST_FAULTS,
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body, as a URI fragment",
                    },
                    "parameter": {"type": "string"},
                    "in": {"type": "string", "enum": ["query", "path", "header", "cookie"]},
                    "row": {"type": "integer", "description": "Of an uploaded table; its header is row 1"},
                    "column": {"type": "string", "description": "Of an uploaded table"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "additionalProperties": {
                    "type": "string",
                    "format": "date-time",
                    "description": "A time in UTC, which the detail shows on the regency's clock",
                },
            },
        },
    },
    "example": {
        "type": "/problems/not-found",
        "title": "Tidak ditemukan",
        "status": 404,
        "detail": "Alamat atau objek ini tidak ada, atau berada di luar kewenangan Anda.",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    },
}

_COMMON = (400, 401, 403, 406, 413, 415, 422, 503)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation: these statuses beside those that every operation can answer with."""
    return {status: _response(status) for status in sorted({*_COMMON, *statuses})}


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}


def document_problems(app: FastAPI, packages: Collection[str]) -> None:
    """Adds the problem documents to the app's OpenAPI. `packages` are those whose problem types its operations answer
    with.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for operations in document["paths"].values():
            for operation in operations.values():
                _describe(operation, packages)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for replaced in ("HTTPValidationError", "ValidationError"):
            schemas.pop(replaced, None)
        schemas["Problem"] = SCHEMA
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _describe(operation: dict[str, Any], packages: Collection[str]) -> None:
    """Every operation can answer with the common problems; FastAPI's own idea of a 422 is never sent."""
    responses = operation.setdefault("responses", {})
    for status in _COMMON:
        if MEDIA_TYPE not in responses.get(str(status), {}).get("content", {}):
            responses[str(status)] = _response(status)
    for status, response in responses.items():
        if MEDIA_TYPE in response.get("content", {}):
            response["description"] = _description(int(status), packages)


def _description(status: int, packages: Collection[str]) -> str:
    kinds = [kind for kind in declared().values() if kind.status == status and kind.package in packages]
    slugs = sorted(kind.slug for kind in kinds if kind.slug != "other")
    return f"{HTTPStatus(status).phrase}: {', '.join(slugs)}"

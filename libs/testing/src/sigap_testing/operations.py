"""Every operation of the installed services as the merged OpenAPI tells it, and examples made of its schemas.

What walks over these covers an operation that is written tomorrow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI

from sigap_common.app.application import create_app
from sigap_common.app.host import runtimes
from sigap_common.app.manifest import services
from sigap_common.auth import Role
from sigap_common.bus import open_bus
from sigap_common.core.settings import CommonSettings
from sigap_common.http.guards import Allowed, guarded_routes
from sigap_common.http.openapi import REF, merged_openapi

JSON = "application/json"
EVENTS = "text/event-stream"


class NoExample(Exception):
    """Neither the schema nor its parts have one. It names the class and the field that lack it."""


@dataclass(frozen=True)
class Operation:
    """`roles`: those its guard lets in, empty for any token; None: it is guarded otherwise."""

    service: str
    method: str
    path: str
    spec: Mapping[str, Any]
    roles: frozenset[Role] | None
    api: "Api"

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def id(self) -> str:
        return str(self.spec["operationId"])

    @property
    def creates(self) -> bool:
        return "201" in self.spec["responses"] and self.method == "POST"

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def body(self) -> Mapping[str, Any] | None:
        """The schema of its JSON body."""
        content = self.spec.get("requestBody", {}).get("content", {})
        return self.api.resolved(content[JSON]["schema"]) if JSON in content else None

    def parameters(self, where: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
        """Name, schema, and whether it is required, of those in path, query or header."""
        for parameter in self.spec.get("parameters", ()):
            if parameter["in"] == where:
                yield parameter["name"], self.api.resolved(parameter["schema"]), parameter["required"]

    def example(self) -> Any:
        """A body that is understood, or None. Raises NoExample."""
        content = self.spec.get("requestBody", {}).get("content", {})
        return self.api.example(content[JSON]) if JSON in content else None


class Api:
    """A merged OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].removeprefix(REF)]
        return schema

    def example(self, node: Mapping[str, Any]) -> Any:
        """The example of a media type or schema: its own, else composed of those of its parts. Raises NoExample."""
        for own in (node, self.resolved(node)):
            if "example" in own:
                return own["example"]
            if own.get("examples"):
                return _first(own["examples"])
            if "default" in own or "const" in own:
                return own.get("default", own.get("const"))
        if "schema" in node:
            return self.example(node["schema"])
        return self._composed(self.resolved(node))

    def _composed(self, schema: Mapping[str, Any]) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self._any_of(options)
        if schema.get("type") == "null":
            return None
        if schema.get("type") == "array":
            return [self.example(schema["items"])]
        if schema.get("type") == "object" and schema.get("properties"):
            return self._object(schema)
        raise NoExample(schema.get("title", str(schema)))

    def _object(self, schema: Mapping[str, Any]) -> Any:
        found = {}
        for name, part in schema["properties"].items():
            try:
                found[name] = self.example(part)
            except NoExample as lacking:
                raise NoExample(f"{schema.get('title')}.{name} ({lacking})") from None
        return found

    def _any_of(self, options: Sequence[Mapping[str, Any]]) -> Any:
        for option in options:
            try:
                return self.example(option)
            except NoExample:
                continue
        raise NoExample(str(options))


def _first(examples: Any) -> Any:
    """OpenAPI knows lists of examples (of a schema) and mappings of named ones (of a media type)."""
    if isinstance(examples, Mapping):
        return next(iter(examples.values()))["value"]
    return examples[0]


@cache
def apps() -> tuple[FastAPI, ...]:
    """The services' apps, for looking at: nothing of them is started."""
    with TemporaryDirectory() as folder:
        common = CommonSettings(data_dir=Path(folder))
        bus = open_bus("embedded://", data_dir=common.data_dir)
        return tuple(create_app(runtime) for runtime in runtimes(services(), common, bus))


@cache
def api() -> Api:
    return Api(merged_openapi(apps()))


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, by service and path."""
    document = api()
    found = []
    for app in apps():
        for path, methods, guards in guarded_routes(app):
            allowed = [guard.roles for guard in guards if isinstance(guard, Allowed)]
            roles = frozenset.intersection(*allowed) if allowed else None
            for method in methods:
                spec = document.document["paths"][path][method.lower()]
                found.append(Operation(app.state.runtime.service.name, method, path, spec, roles, document))
    return tuple(sorted(found, key=str))

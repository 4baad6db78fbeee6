"""Refuses query parameters that an operation does not have, since with a misspelt filter a list would show everything;
and values that are no text, since what stands in their place would be searched for.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import parse_qsl

from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.types import Scope

from sigap_common.core.errors import Fault, Invalid
from sigap_common.core.formats import is_storable
from sigap_common.core.limits import MOST_FAULTS


class _Field(Protocol):
    @property
    def alias(self) -> str: ...
    @property
    def field_info(self) -> object: ...


class _Depending(Protocol):
    @property
    def query_params(self) -> Sequence[_Field]: ...
    @property
    def dependencies(self) -> "Sequence[_Depending]": ...


def refuse_unknown_parameters(scope: Scope) -> None:
    """Raises Invalid (422) with each parameter that the operation does not have, and the names of those it has; or with
    each one whose value is no text.

    A guard calls this for requests that it lets in. Routes that are not in the OpenAPI, such as health checks, accept
    any parameter.
    """
    if not scope.get("query_string"):
        return
    route = scope.get("route")
    if not getattr(route, "include_in_schema", False):
        return
    known = _known(route)
    unknown = [name for name in QueryParams(scope["query_string"]) if name not in known]
    if unknown:
        told = {"known": known}
        named = [Fault(("query", name), "parameter_unknown", told) for name in unknown[:MOST_FAULTS]]
        raise Invalid(errors=named, unnamed=len(unknown) - len(named))
    if odd := _without_text(scope["query_string"]):
        raise Invalid(errors=[Fault(("query", name), "string_unicode", {}) for name in odd[:MOST_FAULTS]])


def _without_text(query: bytes) -> list[str]:
    """The parameters whose values are not UTF-8. Starlette would read them with U+FFFD for what it cannot decode. NUL
    is left to the parameter's own type.
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")
    return [name for name, value in pairs if not is_storable(value.replace("\x00", ""))]


def _known(route: object) -> list[str]:
    """The names of an operation's query parameters, in order; `route` is FastAPI's route or route context."""
    dependant: _Depending | None = getattr(route, "dependant", None)
    return [] if dependant is None else list(dict.fromkeys(_names(dependant)))


def _names(dependant: _Depending) -> Iterator[str]:
    for field in dependant.query_params:
        model = getattr(field.field_info, "annotation", None)
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (part.alias or name for name, part in model.model_fields.items())
        else:
            yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)

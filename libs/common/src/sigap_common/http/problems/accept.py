"""A request that accepts none of what an operation answers is refused (RFC 9110, 12.5.1), and changes nothing."""

from starlette.types import Scope

from sigap_common.core.errors import NotAcceptable

LONGEST = 1000
"""Characters of an Accept; a longer one is not read, and the operation answers with what it has."""
JSON, ANYTHING = "application/json", "*/*"


def refuse_unacceptable(scope: Scope) -> None:
    """Raises NotAcceptable (406). A guard calls this for whom it lets in. Without the header everything is accepted.

    A refusal is a problem document whatever the header says. What is not in the OpenAPI, such as health checks, is
    served to everybody.
    """
    given = b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")
    route = scope.get("route")
    if not given or given == ANYTHING or not getattr(route, "include_in_schema", False):
        return
    served = _served(route)
    if not accepts(given, served):
        raise NotAcceptable(served)


def accepts(header: str, served: str) -> bool:
    """Whether an Accept takes a media type. Of the ranges that cover it the narrowest decides, by its q; other
    parameters, such as a charset, are not looked at.
    """
    weights: dict[str, float] = {}
    for one in header.lower().split(",") if len(header) <= LONGEST else ():
        name, *parameters = [part.strip() for part in one.split(";")]
        if name:
            name = ANYTHING if name == "*" else name
            weights[name] = max(weights.get(name, 0.0), _weight(parameters))
    ranges = (served, f"{served.partition('/')[0]}/*", ANYTHING)
    return next((weights[name] > 0 for name in ranges if name in weights), not weights)


def _weight(parameters: list[str]) -> float:
    """The q among them; 1 if there is none, or none that is a number."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 1.0
    return 1.0


def _served(route: object) -> str:
    """The media type that a route answers with when all goes well."""
    kind = getattr(route, "response_class", None)
    kind = getattr(kind, "value", kind)  # FastAPI wraps a default
    return getattr(kind, "media_type", None) or JSON

"""Refuses a request whose Accept covers no media type of the operation (RFC 9110, 12.5.1). It changes nothing."""

from starlette.types import Scope

from sigap_common.core.errors import NotAcceptable

LONGEST = 1000
"""The most characters of an Accept. A longer header is ignored."""
JSON, ANYTHING = "application/json", "*/*"


def refuse_unacceptable(scope: Scope) -> None:
    """Checks the header Accept. Raises NotAcceptable (406). A guard calls this for requests that it lets in. A request
    without the header is accepted.

    A refusal is a problem document, whatever the header says. Routes that are not in the OpenAPI, such as health
    checks, do not look at the header.
    """
    given = b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")
    route = scope.get("route")
    if not given or given == ANYTHING or not getattr(route, "include_in_schema", False):
        return
    served = _served(route)
    if not accepts(given, served):
        raise NotAcceptable(served)


def accepts(header: str, served: str) -> bool:
    """Whether an Accept covers a media type. The narrowest range that covers it decides, by its q. Other parameters,
    such as a charset, are ignored.
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
    """The value of the parameter q; 1 if there is none, or if it is not a number."""
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

"""ETag and If-Match (RFC 9110, 8.8.3 and 13.1.1) for objects that two people may edit. The tag is the version.

A handler that changes an object has a parameter `IfMatch` (428 without the header), and calls its `check` while the
object is locked; its `responses=` are `problems(..., *IF_MATCH)`. A handler that also creates the object has
`IfMatchIfAny`, and calls `require` if the object exists. Answers that show the object have the header `etag(version)`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from re import compile as regex
from typing import Annotated

from fastapi import Depends, FastAPI, Header
from fastapi.routing import iter_route_contexts

from sigap_common.core.errors import BadRequest, PreconditionFailed, PreconditionRequired
from sigap_common.http.guards import calls_of

IF_MATCH = (412, 428)
"""The statuses that an operation with `IfMatch` or `IfMatchIfAny` answers beside its others."""
DESCRIPTION = "The ETag that was read last"
ANY = "*"
_QUOTED = regex(r'"[^"]*"')


def tag(version: int | str) -> str:
    return f'"{version}"'


def etag(version: int) -> dict[str, str]:
    """The header of an answer that shows this version."""
    return {"ETag": tag(version)}


def is_known(if_none_match: str | None, version: int | str) -> bool:
    """Whether the client has this version already, by its header If-None-Match."""
    known = (if_none_match or "").split(",")
    return any(one.strip().removeprefix("W/") in (tag(version), ANY) for one in known)


@dataclass(frozen=True, slots=True)
class Expected:
    """The version that the client read last. `tags` is None if the client did not send the header."""

    tags: frozenset[str] | None = None

    @property
    def told(self) -> bool:
        return self.tags is not None

    def require(self, reason: str | None = None) -> "Expected":
        """Returns itself. Raises PreconditionRequired (428) if the client did not send the header."""
        if not self.told:
            raise PreconditionRequired(reason)
        return self

    def check(self, version: int, **shown: object) -> None:
        """Checks the object's version. Raises PreconditionFailed (412), with the present tag, if somebody has changed
        the object since. `shown`: what else the answer says of the object.
        """
        if self.tags is not None and ANY not in self.tags and f'"{version}"' not in self.tags:
            raise PreconditionFailed(headers=etag(version), **shown)


HEADER = "If-Match"
_Header = Annotated[str | None, Header(alias=HEADER, max_length=1000, description=DESCRIPTION)]


def expected(if_match: str | None) -> Expected:
    """The header If-Match, parsed. Raises BadRequest (400)."""
    if if_match is None:
        return Expected()
    # An edge that compresses an answer makes its tag weak (W/). The version is still the same.
    tags = frozenset(tag.strip().removeprefix("W/") for tag in if_match.split(","))
    if not all(tag == ANY or _QUOTED.fullmatch(tag) for tag in tags):
        raise BadRequest("if-match")  # 412 would say that somebody changed it, for ever
    return Expected(tags)


def _told(if_match: _Header = None) -> Expected:
    return expected(if_match)


def _demanded(if_match: _Header = None) -> Expected:
    return expected(if_match).require()


IfMatch = Annotated[Expected, Depends(_demanded)]
IfMatchIfAny = Annotated[Expected, Depends(_told)]


def demanding_routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Path and method, in small letters, of each operation that is refused without the header."""
    for route in iter_route_contexts(app.routes):
        if _demanded in calls_of(route):
            yield from ((route.path or "", method.lower()) for method in route.methods or ())

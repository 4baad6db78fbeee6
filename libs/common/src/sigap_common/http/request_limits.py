"""What of a request is refused for its size before anything reads it: the query string, the content type, and a JSON
body of very many values.
"""

import asyncio
from contextlib import suppress

from pydantic_core import from_json
from starlette.requests import Request
from starlette.types import Scope

from sigap_common.core.errors import Fault, Invalid, UnsupportedMediaType

LONGEST_QUERY = 16 * 1024
"""Bytes. Reading one of 64 kB takes 60 ms."""
LONGEST_CONTENT_TYPE = 1000
"""Bytes. Looking for the parameters of one of 64 kB takes 130 ms."""
MOST_VALUES = 200_000
"""Values in a JSON body, for each MiB that the route lets in. The largest that we have a use for has 20,000."""
LARGE = 64 * 1024
"""Bytes of a body; reading a larger one takes milliseconds."""
_MIB = 1024 * 1024


def refuse_long_parts(scope: Scope) -> None:
    """Raises Invalid (422) for a query string, UnsupportedMediaType (415) for a content type, that is too long."""
    if len(scope.get("query_string") or b"") > LONGEST_QUERY:
        raise Invalid(errors=[Fault(("query",), "query_too_long", {"most": LONGEST_QUERY})])
    if any(name == b"content-type" and len(value) > LONGEST_CONTENT_TYPE for name, value in scope["headers"]):
        raise UnsupportedMediaType


async def read_json(request: Request) -> None:
    """Reads a large JSON body ahead, so that other requests get their turn between reading it and checking it.

    Raises Invalid (422) for one with more values than any operation has a use for. What is no JSON is refused later.
    """
    body = await request.body()
    if len(body) <= LARGE:
        return
    limit = request.scope.get("starlette.max_body_size") or _MIB
    most = MOST_VALUES * max(1, limit // _MIB)
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > most:
        raise Invalid(errors=[Fault(("body",), "too_many_values", {"most": most})])
    # Starlette keeps what it has read under this name. pydantic's reader is three times as fast as Python's own; what
    # it does not take, such as half a surrogate pair, is left to that one.
    with suppress(ValueError, RecursionError):
        request._json = from_json(body)
    await asyncio.sleep(0)

"""Limits that are checked before anything parses a request: the length of the query string and of the content type, and
the number of values in a JSON body.
"""

import asyncio
from contextlib import suppress
from json import JSONDecodeError
from typing import Any

from pydantic_core import from_json
from starlette.requests import Request
from starlette.types import Scope

from sigap_common.core.errors import (
    Fault,
    Invalid,
    MalformedJson,
    UnsupportedMediaType,
)
from sigap_common.core.large_json import LARGE, read_large
from sigap_common.core.memory import LargeBodies
from sigap_common.core.workers import BODIES

LONGEST_QUERY = 16 * 1024
"""Bytes. Reading one of 64 kB takes 60 ms."""
LONGEST_CONTENT_TYPE = 1000
"""Bytes. Looking for the parameters of one of 64 kB takes 130 ms."""
MOST_VALUES = 50_000
"""Values in a JSON body, for each MiB that the route accepts. The largest useful body has 20,000; a pack with a zone of
100,000 corners has 300,000 in 8 MiB.
"""
AHEAD = 64 * 1024
"""Bytes. A body that is larger is read ahead, because reading it takes milliseconds."""
_MIB = 1024 * 1024
_large_bodies = LargeBodies()


def refuse_long_parts(scope: Scope) -> None:
    """Raises Invalid (422) for a query string, UnsupportedMediaType (415) for a content type, that is too long."""
    if len(scope.get("query_string") or b"") > LONGEST_QUERY:
        raise Invalid(errors=[Fault(("query",), "query_too_long", {"most": LONGEST_QUERY})])
    if any(name == b"content-type" and len(value) > LONGEST_CONTENT_TYPE for name, value in scope["headers"]):
        raise UnsupportedMediaType


async def read_json(request: Request) -> None:
    """Reads a large JSON body ahead, so that other requests get their turn between reading it and checking it.

    The route's guards let the request in before. Raises Invalid (422) for a body with more values than any operation
    has a use for; for one that takes long to read also MalformedJson (400), Unavailable (503).
    """
    body = await request.body()
    if len(body) <= AHEAD:
        return
    _large_bodies.read(len(body))
    limit = request.scope.get("starlette.max_body_size") or _MIB
    most = MOST_VALUES * max(1, limit // _MIB)
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > most:
        raise Invalid(errors=[Fault(("body",), "too_many_values", {"most": most})])
    if len(body) > LARGE:
        request._json = await _read_apart(body)
        return
    # Starlette keeps what it has read under this name. pydantic's reader is three times as fast as Python's own; what
    # it does not take, such as half a surrogate pair, is left to that one.
    with suppress(ValueError, RecursionError):
        request._json = from_json(body)
    await asyncio.sleep(0)


async def _read_apart(body: bytes) -> Any:
    try:
        return await BODIES.run(read_large, body)
    except JSONDecodeError as error:
        raise MalformedJson(position=error.pos) from None
    except (ValueError, RecursionError):
        raise MalformedJson(position=0) from None

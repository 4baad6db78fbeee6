"""The ETag of an answer's bytes, and If-None-Match (RFC 9110, 13.1.2)."""

from collections.abc import Mapping
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.responses import Response


def content_tag(body: bytes) -> dict[str, str]:
    """The header."""
    return {"ETag": f'"{sha256(body).hexdigest()[:32]}"'}


def not_modified(asked: Headers, headers: Mapping[str, str]) -> Response | None:
    """The answer 304 with these headers, if the client has this ETag already."""
    known = asked.get("if-none-match", "").split(",")
    if headers["ETag"] in (tag.strip().removeprefix("W/") for tag in known):
        return Response(status_code=304, headers=dict(headers))
    return None

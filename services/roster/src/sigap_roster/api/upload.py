"""Reads an uploaded duty plan: the request's body, or a file in a form."""

from typing import Annotated, Any

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from sigap_common.core.errors import BadRequest, UnsupportedMediaType
from sigap_common.core.workers import BODIES
from sigap_roster import examples
from sigap_roster.plan_file import Line, read

UTF_8 = ("utf-8", "utf8", "us-ascii")
DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "CSV in UTF-8 with a header and the columns staff_id, staff_number or name; day; shift",
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": examples.PLAN_FILE},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                },
                "example": {"file": examples.PLAN_FILE},
            },
        },
    }
}


async def _lines(request: Request) -> list[Line]:
    """The lines of the file. They are read before the transaction is opened, because an upload may take long."""
    content_type = _media_type(request.headers.get("content-type"))
    if content_type == "text/csv":
        return await BODIES.run(read, await request.body())
    if content_type == "multipart/form-data":
        return await BODIES.run(read, await _file(request))
    raise UnsupportedMediaType("plan-file-media-type")


async def _file(request: Request) -> bytes:
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            for part in form.values():
                if isinstance(part, UploadFile):
                    _media_type(part.content_type)
                    return await part.read()
    except HTTPException as error:
        if error.status_code == BadRequest.status:
            raise BadRequest("plan-file-form") from None
        raise
    raise BadRequest("plan-file-form")


def _media_type(header: str | None) -> str:
    """The media type without its parameters. Raises UnsupportedMediaType if it declares another encoding than UTF-8."""
    kind, options = parse_options_header(header or "")
    if options.get(b"charset", b"utf-8").decode("latin-1").lower() not in UTF_8:
        raise UnsupportedMediaType("plan-file-charset")
    return kind.decode("latin-1").lower()


PlanFile = Annotated[list[Line], Depends(_lines)]

"""Reads an uploaded CSV file: the request's body, or a file in a form."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from sigap_common.core.errors import BadRequest, UnsupportedMediaType
from sigap_common.core.workers import BODIES
from sigap_roster.files.absences import ABSENCES
from sigap_roster.files.lines import Form, ReadFile
from sigap_roster.files.plan import PLAN
from sigap_roster.files.staff import STAFF

UTF_8 = ("utf-8", "utf8", "us-ascii")


def documented(columns: str, example: str) -> dict[str, Any]:
    """The OpenAPI of a body that is a CSV file with these columns."""
    form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    return {
        "requestBody": {
            "required": True,
            "description": f"CSV in UTF-8 with a header and the columns {columns}",
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": example},
                "multipart/form-data": {"schema": form, "example": {"file": example}},
            },
        }
    }


def _file_of(form: Form) -> Callable[[Request], Awaitable[ReadFile]]:
    """A dependency that gives a file of this form. It is read before the transaction is opened, because an
    upload may take long.
    """

    async def file(request: Request) -> ReadFile:
        content_type = _media_type(request.headers.get("content-type"))
        if content_type == "text/csv":
            return await BODIES.run(form.read_file, await request.body())
        if content_type == "multipart/form-data":
            return await BODIES.run(form.read_file, await _file(request))
        raise UnsupportedMediaType("plan-file-media-type")

    return file


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


PlanFile = Annotated[ReadFile, Depends(_file_of(PLAN))]
StaffFile = Annotated[ReadFile, Depends(_file_of(STAFF))]
AbsenceFile = Annotated[ReadFile, Depends(_file_of(ABSENCES))]

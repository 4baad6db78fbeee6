"""`/v1/hours`: hours, overtime, nights, weekends and holidays of some days, with the fair share of each person."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from sigap_common.core.texts import language
from sigap_common.core.workers import PLANS
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_roster import examples
from sigap_roster.api.parameters import Leader, View
from sigap_roster.files.hours import as_csv, as_workbook
from sigap_roster.schemas.hours import HoursList, Period
from sigap_roster.schemas.shared import Day
from sigap_roster.use_cases import hours

router = APIRouter(prefix="/v1/hours", tags=["hours"], route_class=UseCaseRoute)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CsvFile(Response):
    media_type = "text/csv"


class Workbook(Response):
    media_type = XLSX


def _period(
    regency: Annotated[RegencyCode, Query()],
    first: Annotated[Day, Query(alias="from", description="A duty counts on the day on which it starts")],
    last: Annotated[Day, Query(alias="to", description="Included; at most 366 days")],
) -> Period:
    return Period(regency, first, last)


Asked = Annotated[Period, Depends(_period)]


@router.get("", summary="Hours, overtime, nights and fair shares of everybody", responses=problems(403, 404))
async def list_hours(view: View, access: Leader, period: Asked) -> HoursList:
    """By the published plans. The year's shares say who should have more or fewer in the next plan."""
    return await hours.hours_of(view, access, period)


def _file(media_type: str, example: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string"} if media_type == "text/csv" else {"type": "string", "format": "binary"}
    content = {media_type: {"schema": schema, "example": example}}
    return {200: {"content": content, "description": "The file"}, **problems(403, 404)}


@router.get(
    "/csv",
    summary="Hours as a CSV file",
    response_class=CsvFile,
    responses=_file("text/csv", examples.HOURS_FILE),
)
async def hours_as_csv(view: View, access: Leader, period: Asked) -> Response:
    """UTF-8, commas, decimal points; the head has codes. A text that a spreadsheet could take for a formula begins with
    an apostrophe.
    """
    file = await PLANS.run(as_csv, await hours.hours_of(view, access, period))
    return CsvFile(file, headers=_named(period, "csv"))


@router.get(
    "/xlsx",
    summary="Hours as a workbook (XLSX)",
    response_class=Workbook,
    responses=_file(XLSX, "(a workbook)"),
)
async def hours_as_workbook(view: View, access: Leader, period: Asked, request: Request) -> Response:
    """The head is in the language of Accept-Language."""
    found = await hours.hours_of(view, access, period)
    spoken = language(request.headers.get("accept-language"))
    file = await PLANS.run(as_workbook, found, spoken)
    return Workbook(file, headers={**_named(period, "xlsx"), "Content-Language": spoken, "Vary": "Accept-Language"})


def _named(period: Period, kind: str) -> dict[str, str]:
    name = f"jam-{period.regency}-{period.first_day}-{period.last_day}.{kind}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}

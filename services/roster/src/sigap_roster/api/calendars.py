"""`/v1/staff/{id}/calendar` and `/v1/calendars`: duties in the calendars of telephones."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from sigap_common.core.formats import FORMATS
from sigap_common.core.texts import language
from sigap_common.core.workers import PLANS
from sigap_common.http.content_tags import content_tag, not_modified
from sigap_common.http.guards import guarded_by
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.shared import Turns
from sigap_roster import examples
from sigap_roster.api.parameters import Reader, Tx, View
from sigap_roster.files.calendar import as_calendar
from sigap_roster.schemas.calendars import CalendarLinkOut, NewCalendarLink
from sigap_roster.use_cases import calendars

router = APIRouter(prefix="/v1", tags=["calendars"], route_class=UseCaseRoute)
FEED = "/v1/calendars/duties.ics"
Secret = Annotated[str, Query(pattern=FORMATS["calendar_link"], max_length=100, description="Of the link")]
"""What has another form is refused before the database is asked."""
_turns = Turns()
"""Strangers may try secrets without pause: then all readers of calendars wait a little (ADR 0013)."""


class CalendarFile(Response):
    media_type = "text/calendar"


@router.post(
    "/staff/{staff_id}/calendar",
    status_code=201,
    summary="Make the link of a person's calendar; an earlier one ends",
    responses=problems(403, 404),
)
async def make_calendar(staff_id: UUID, tx: Tx, access: Reader, request: Request) -> NewCalendarLink:
    """Staff make their own, planners anybody's. The address is told this once."""
    row, secret = await calendars.make_link(tx, access, staff_id)
    url = f"{str(request.base_url).rstrip('/')}{FEED}?{urlencode({'secret': secret})}"
    return NewCalendarLink(**CalendarLinkOut.model_validate(row, from_attributes=True).model_dump(), url=url)


@router.get(
    "/staff/{staff_id}/calendar", summary="Whether a person's calendar has a link", responses=problems(403, 404)
)
async def read_calendar(staff_id: UUID, view: View, access: Reader) -> CalendarLinkOut:
    """404: it has none."""
    return CalendarLinkOut.model_validate(await calendars.read_link(view, access, staff_id), from_attributes=True)


@router.delete(
    "/staff/{staff_id}/calendar", summary="End the link of a person's calendar", responses=problems(403, 404)
)
async def revoke_calendar(staff_id: UUID, tx: Tx, access: Reader) -> CalendarLinkOut:
    """From then on its address answers 404."""
    return CalendarLinkOut.model_validate(await calendars.revoke_link(tx, access, staff_id), from_attributes=True)


async def _turn() -> None:
    await _turns.take()


@router.get(
    "/calendars/duties.ics",
    summary="A person's duties as a calendar, by its secret link",
    response_class=CalendarFile,
    dependencies=[Depends(guarded_by("link")), Depends(_turn)],
    responses={
        200: {"content": {"text/calendar": {"schema": {"type": "string"}, "example": examples.CALENDAR}}},
        304: {"description": "The calendar is as the client has it (If-None-Match)"},
        **problems(404, 503),
    },
)
async def read_duties_as_calendar(view: View, request: Request, secret: Secret) -> Response:
    """Duties of the last 31 days and those to come; withdrawn ones as cancelled. Nobody else is named."""
    entries, pack = await calendars.duties_behind(view, secret)
    spoken = language(request.headers.get("accept-language"))
    body = await PLANS.run(as_calendar, entries, pack, spoken)
    headers = {**content_tag(body), "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    headers["Content-Disposition"] = 'inline; filename="jaga-112.ics"'
    return not_modified(request.headers, headers) or CalendarFile(body, headers=headers)

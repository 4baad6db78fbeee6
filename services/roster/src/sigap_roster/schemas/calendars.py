"""The HTTP schemas of calendar links."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_roster import examples


class CalendarLinkOut(BaseModel):
    """That a person's calendar has a link. Its secret is told once, when it is made."""

    model_config = like(examples.CALENDAR_LINK)

    staff_id: UUID
    regency: str
    made_at: datetime
    made_by: str


class NewCalendarLink(CalendarLinkOut):
    model_config = like(examples.NEW_CALENDAR_LINK)

    url: str = Field(
        description="Secret: everybody who has it sees the person's duties. Give it to the person's calendar alone"
    )

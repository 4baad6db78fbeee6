"""The event that dispatch publishes about a report that gets an incident of its own. Subject: the incident's id."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event


class ReportSeparated(Event):
    """A report was about something else: its call has an incident of its own now, linked to this one."""

    topic: ClassVar[str] = topics.INCIDENTS
    call_id: UUID
    report: int = Field(ge=2, description="The n-th report, which it was")
    was_unread: bool = Field(description="Nobody had read it")
    other: UUID = Field(description="The incident that the call has now")
    other_number: str

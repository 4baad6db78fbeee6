"""The HTTP schemas of a roster's publications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.listing import Page
from sigap_common.http.schemas import like
from sigap_roster import examples
from sigap_roster.domain import StaffMember
from sigap_roster.schemas.rosters import AcceptedOut, ChangedOut, changed_out
from sigap_roster.use_cases.publications import Publication


class PublicationOut(BaseModel):
    model_config = like(examples.PUBLICATION)

    publication: int = Field(description="Which one it is, from 1; `published_version` of the roster is the latest")
    at: datetime
    by: str | None = Field(description="The subject of the token that published it, or of whose swap or pickup it was")
    assignments: int = Field(description="How many it has")
    accepted: list[AcceptedOut] = Field(description="Hard rules that it breaks, with the planner's reasons")
    added: list[ChangedOut] = Field(description="What the publication before does not have, by day and shift")
    removed: list[ChangedOut]

    @classmethod
    def of(cls, one: Publication, people: Mapping[UUID, StaffMember]) -> Self:
        event = one.event
        accepted = [AcceptedOut(rule=each.rule, count=each.count, reason=each.reason.clear) for each in event.accepted]
        return cls(
            publication=event.version,
            at=event.at,
            by=event.by,
            assignments=len(event.assignments),
            accepted=accepted,
            added=changed_out(one.added, people),
            removed=changed_out(one.removed, people),
        )


class PublicationList(BaseModel):
    items: list[PublicationOut]
    next: str | None

    @classmethod
    def of(cls, page: Page[Publication], people: Mapping[UUID, StaffMember]) -> Self:
        return cls(items=[PublicationOut.of(one, people) for one in page.items], next=page.next)

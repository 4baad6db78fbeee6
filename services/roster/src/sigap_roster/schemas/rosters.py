"""The HTTP schemas of rosters."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code, PersonalText, RegencyCode, Rows
from sigap_common.personal_data import Sealed
from sigap_roster import examples
from sigap_roster.domain import Planned, Roster, RosterState, StaffMember, differences
from sigap_roster.domain.roster import MOST_ASSIGNMENTS
from sigap_roster.schemas.shared import Day, name_of


class DraftRoster(Body):
    model_config = like(examples.DRAFT_ROSTER)

    regency: RegencyCode
    first_day: Day
    last_day: Day = Field(description="Included; at most 366 days")


class PlannedIn(Body):
    model_config = like(examples.PLANNED)

    staff_id: UUID
    day: Day = Field(description="The one on which the shift starts")
    shift: Code

    def planned(self) -> Planned:
        return Planned(staff_id=self.staff_id, day=self.day, shift=self.shift)


Plan = Annotated[list[PlannedIn], Rows(MOST_ASSIGNMENTS)]


class PlannedOut(BaseModel):
    staff_id: UUID
    day: date
    shift: str


class RosterSummary(BaseModel):
    model_config = like(examples.ROSTER_SUMMARY)

    id: UUID
    regency: str
    version: int = Field(description="The ETag's number: grows with each change")
    state: RosterState
    first_day: date
    last_day: date
    changed: bool = Field(description="Whether the plan differs from the published one, or was never published")
    published_version: int = Field(description="How often it was published")
    published_at: datetime | None


class AcceptedRule(Body):
    """A hard rule that the plan breaks, and why it is published nevertheless."""

    rule: Code
    reason: PersonalText


class PublishRoster(Body):
    model_config = like(examples.PUBLISH_ROSTER)

    accepted: Annotated[list[AcceptedRule], Rows(100)] = Field(
        default_factory=list, description="Hard rules that are broken with a reason, each once"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        rules = [one.rule for one in self.accepted]
        if len(set(rules)) < len(rules):
            raise PydanticCustomError("rule_twice", "A rule is named twice")
        return self

    def reasons(self) -> dict[str, Sealed]:
        return {one.rule: one.reason for one in self.accepted}


class AcceptedOut(BaseModel):
    rule: str
    count: int = Field(description="How often the published plan breaks it")
    reason: str


class ChangedOut(PlannedOut):
    name: str | None = Field(description="null: the person is not among the staff any more")


def changed_out(some: Sequence[Planned], people: Mapping[UUID, StaffMember]) -> list[ChangedOut]:
    return [ChangedOut(**one.model_dump(), name=name_of(one.staff_id, people)) for one in some]


class ChangesOut(BaseModel):
    """What a draft changes in the published plan."""

    model_config = like(examples.CHANGES)

    published_version: int = Field(description="0: it was never published, and all is added")
    added: list[ChangedOut] = Field(description="By day and shift")
    removed: list[ChangedOut]

    @classmethod
    def of(cls, roster: Roster, people: Mapping[UUID, StaffMember]) -> Self:
        added, removed = (changed_out(some, people) for some in differences(roster))
        return cls(published_version=roster.published_version, added=added, removed=removed)


class RosterOut(RosterSummary):
    model_config = like(examples.ROSTER)

    published_by: str | None
    accepted: list[AcceptedOut] = Field(
        description="Hard rules that the published plan breaks, with the planner's reasons; none for role staff alone"
    )
    assignments: list[PlannedOut] = Field(
        description="The present draft; a token with only the role staff sees the published assignments"
    )

    @classmethod
    def seen(cls, roster: Roster, *, as_published: bool) -> Self:
        shown = roster.published if as_published else roster.planned
        told = {name: getattr(roster, name) for name in RosterSummary.model_fields}
        accepted = [
            AcceptedOut(rule=one.rule, count=one.count, reason=one.reason.clear)
            for one in (() if as_published else roster.accepted)
        ]
        assignments = [PlannedOut.model_validate(one, from_attributes=True) for one in shown]
        return cls(**told, published_by=roster.published_by, accepted=accepted, assignments=assignments)


class RosterList(BaseModel):
    items: list[RosterSummary]
    next: str | None

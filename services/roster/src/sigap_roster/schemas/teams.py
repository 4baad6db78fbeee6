"""The HTTP schemas of teams."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code, RegencyCode, ShortText
from sigap_roster import examples
from sigap_roster.domain.teams import Team
from sigap_roster.schemas.shared import Day


class TeamEntry(Body):
    model_config = like(examples.TEAM_ENTRY)

    name: ShortText
    cycle: Annotated[list[Code | None], Field(min_length=1, max_length=100)] = Field(
        description="The shift of each day, over again; null: a free day"
    )
    starts_on: Day = Field(description="A day on which the cycle begins")
    members: Annotated[list[UUID], Field(max_length=200)] = Field(
        default_factory=list, description="Staff of the regency who are in no other team"
    )

    def team(self) -> Team:
        return Team(self.name, self.cycle, self.starts_on, self.members)


class MakeTeam(TeamEntry):
    model_config = like(examples.MAKE_TEAM)

    regency: RegencyCode


class TeamOut(BaseModel):
    model_config = like(examples.TEAM)

    id: UUID
    regency: str
    version: int
    name: str
    cycle: list[str | None]
    starts_on: date
    members: list[UUID]


class TeamList(BaseModel):
    items: list[TeamOut]
    next: str | None


class Rotate(Body):
    model_config = like(examples.ROTATE)

    teams: Annotated[list[UUID], Field(max_length=100)] = Field(
        default_factory=list, description="Which teams; empty: all of the regency"
    )

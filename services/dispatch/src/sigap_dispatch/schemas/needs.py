"""The HTTP schemas of roles in an incident, of waivers and of stand-downs."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code, PersonalText
from sigap_dispatch import examples
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.needs import NeedState, needs
from sigap_dispatch.schemas.words import ROLE_LABEL
from sigap_dispatch.timeline_words import Names


class NeedOut(BaseModel):
    """A role for which agencies were told or are proposed."""

    role: str = Field(description="What role an agency has in the incident, such as fire or ambulance")
    role_label: dict[str, str] | None = Field(default=None, description=ROLE_LABEL)
    state: NeedState
    failed: list[str] = Field(description="The agencies that declined or did not acknowledge, the latest failure last")
    surplus: list[str] = Field(
        description="Agencies told in place of one that comes after all: withdraw one of the two if both are not needed"
    )
    waived_at: datetime | None = None
    waived_by: str | None = Field(default=None, description="Who waived it; the timeline has the reason")

    @classmethod
    def all_of(cls, incident: Incident, names: Names) -> list[Self]:
        waivers = {one.role: {"waived_at": one.at, "waived_by": one.by} for one in incident.waivers}
        return [
            cls(
                role=need.role,
                role_label=names.role(need.role),
                state=need.state,
                failed=[f.agency for f in need.failed],
                surplus=list(need.surplus),
                **waivers.get(need.role, {}),
            )
            for need in needs(incident)
        ]


class WaiveARole(Body):
    model_config = like(examples.WAIVER)

    role: Code
    reason: PersonalText = Field(description="Why the incident does not need it")


class NamedRole(Body):
    model_config = like(examples.ROLE)

    role: Code


class NoteStandingDown(Body):
    model_config = like(examples.STAND_DOWN)

    reason: PersonalText = Field(description="How you know that the unit turns back, or why it does not matter")

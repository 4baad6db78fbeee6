"""The HTTP schemas of handovers, and of what a dispatcher leaves behind."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.types import PersonalText, RegencyCode, ShortText
from sigap_dispatch import examples
from sigap_dispatch.domain.handover import MOST_INCIDENTS, Handover, HandoverState
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.words import AGENCY_NAME


class OfferHandover(Body):
    model_config = like(examples.OFFER_HANDOVER)

    regency: RegencyCode
    to: ShortText = Field(description="The subject of the token of the person who is to accept")
    incidents: Annotated[list[UUID], Field(min_length=1, max_length=MOST_INCIDENTS)] | None = Field(
        default=None, description="Null: all open ones that you are responsible for, at most 500"
    )
    note: PersonalText | None = None


class DeclineHandover(Body):
    model_config = like(examples.DECLINE_HANDOVER)

    reason: PersonalText | None = None


class HandoverOut(BaseModel):
    model_config = like(examples.HANDOVER)

    id: UUID
    regency: str
    version: int
    state: HandoverState
    giver: str
    giver_name: str | None
    to: str
    incidents: list[UUID]
    note: str | None
    offered_at: datetime
    answer_by: datetime = Field(description="If nobody has accepted by then, the alarm `handover_waiting` is raised")
    lapsed_at: datetime | None = Field(description="When that time was over; it can still be accepted")
    accepted_by: str | None
    accepted_name: str | None
    decline_reason: str | None
    withdrawn_how: str | None = Field(description="taken_back, offered_anew or nothing_left")
    ended_at: datetime | None

    @classmethod
    def of(cls, handover: Handover) -> Self:
        shown = {name: getattr(handover, name) for name in cls.model_fields}
        sealed = ("giver_name", "note", "accepted_name", "decline_reason")
        return cls(**shown | {name: in_clear(shown[name]) for name in sealed})


class HandoverList(BaseModel):
    items: list[HandoverOut]
    next: str | None


class UnacknowledgedOut(BaseModel):
    """An agency that must still acknowledge, or confirm that it stands down."""

    incident_id: UUID
    number: str
    forwarding_id: UUID
    agency: str
    name: str | None = Field(description=AGENCY_NAME)
    acknowledge_by: datetime | None


class OpenProposalOut(BaseModel):
    """An agency that is proposed, to be told or withdrawn."""

    incident_id: UUID
    number: str
    agency: str
    name: str | None = Field(description=AGENCY_NAME)
    withdraw: bool = Field(description="true: it is proposed to withdraw the agency; false: to tell it")


class LeavingOut(BaseModel):
    """What a dispatcher who signs off leaves behind."""

    model_config = like(examples.LEAVING)

    incidents: list[IncidentOut] = Field(description="Open ones that you are responsible for, at most 200")
    unacknowledged: list[UnacknowledgedOut]
    proposals: list[OpenProposalOut]
    offered: HandoverOut | None = Field(description="Your handover that nobody has accepted yet")

    @classmethod
    def of(cls, incidents: list[IncidentOut], offered: Handover | None) -> Self:
        return cls(
            incidents=incidents,
            unacknowledged=[
                UnacknowledgedOut(
                    incident_id=one.id,
                    number=one.number,
                    forwarding_id=part.id,
                    agency=part.agency,
                    name=part.name,
                    acknowledge_by=part.acknowledge_by,
                )
                for one in incidents
                for part in one.forwardings
                if part.needs_acknowledgement
            ],
            proposals=[proposal for one in incidents for proposal in _proposals(one)],
            offered=HandoverOut.of(offered) if offered else None,
        )


def _proposals(incident: IncidentOut) -> list[OpenProposalOut]:
    names = {part.agency: part.name for part in incident.forwardings}
    told = [(one.agency, one.name, False) for one in incident.proposals]
    withdrawn = [(agency, names.get(agency), True) for agency in incident.proposed_withdrawals]
    return [
        OpenProposalOut(incident_id=incident.id, number=incident.number, agency=agency, name=name, withdraw=withdraw)
        for agency, name, withdraw in (*told, *withdrawn)
    ]

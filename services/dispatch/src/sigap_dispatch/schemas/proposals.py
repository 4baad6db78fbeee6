"""The HTTP schemas of proposals."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from sigap_common.contracts.proposals import ProposalReason
from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.types import AgencyPath
from sigap_dispatch import examples
from sigap_dispatch.domain.state.asked import Proposal
from sigap_dispatch.schemas.words import AGENCY_NAME, ROLE_LABEL
from sigap_dispatch.timeline_words import Names

_TEXTS = Texts.load("sigap_dispatch")


class ProposalOut(BaseModel):
    """An agency that a rule would tell but may not tell by itself."""

    agency: str
    name: str | None = Field(default=None, description=AGENCY_NAME)
    role: str | None = Field(description="What it is wanted for, such as fire or ambulance")
    role_label: dict[str, str] | None = Field(default=None, description=ROLE_LABEL)
    alarm_level: int
    reason: ProposalReason = Field(description="Why it is only proposed")
    since: datetime
    instead_of: str | None = Field(default=None, description="The agency that failed, for the reason next_agency")
    asked_by: str | None = Field(default=None, description="The agency that asks for it, for the reason asked_for")
    text: str | None = Field(default=None, description="The words of the agency that asks")
    in_words: dict[str, str] = Field(description="The reason by language: id, en")

    @classmethod
    def of(cls, proposal: Proposal, names: Names, *, opened: bool = True) -> Self:
        words = {spoken: _TEXTS.get(f"proposals.{proposal.reason}", spoken) for spoken in LANGUAGES}
        text = in_clear(proposal.text) if opened else None
        named = {"name": names.agency(proposal.agency), "role_label": names.role(proposal.role)}
        return cls(**proposal.model_dump(exclude={"text"}), **named, text=text, in_words=words)


class ProposedAgency(Body):
    """Names the agency of a proposal."""

    model_config = like(examples.ADD_AGENCY)

    agency: AgencyPath

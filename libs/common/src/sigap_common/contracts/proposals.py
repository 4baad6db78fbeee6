"""Events that dispatch publishes about proposed forwardings. Subject: the incident's id.

A rule proposes an agency if it may not tell the agency by itself. A person takes or dismisses the proposal.
"""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class ProposalReason(StrEnum):
    """Why an agency is only proposed."""

    BY_PLAN = "by_plan"
    """The response plan does not forward to it automatically."""
    WITHDRAWN_BEFORE = "withdrawn_before"
    """A person withdrew the agency from this incident."""
    DECLINED_BEFORE = "declined_before"
    """The agency declined this incident."""
    DISMISSED_BEFORE = "dismissed_before"
    """A person dismissed an earlier proposal of the agency."""
    NEXT_AGENCY = "next_agency"
    """The agency that was told for this role declined or did not acknowledge, and this one comes next."""
    ASKED_FOR = "asked_for"
    """An agency on the incident asks for it."""
    REOPENED = "reopened"
    """The agency's part ended when the incident was closed, and the incident was reopened."""


class ForwardingProposed(Event):
    """An agency is proposed to the dispatcher."""

    topic: ClassVar[str] = topics.INCIDENTS
    agency: str = Field(description="`<regency>/<code>`")
    role: str | None = Field(default=None, description="What the plan wants of it, such as fire or ambulance")
    alarm_level: int = 1
    reason: ProposalReason
    instead_of: str | None = Field(default=None, description="The agency that failed, for the reason next_agency")
    asked_by: str | None = Field(default=None, description="The agency that asks for it, for the reason asked_for")
    text: Sealed | None = Field(default=None, description="The words of the agency that asks")


class ProposalEnded(Event):
    """A proposal ended without a forwarding. A proposal that was taken ends with IncidentForwarded."""

    topic: ClassVar[str] = topics.INCIDENTS
    agency: str
    how: Literal["dismissed", "lapsed"] = Field(
        description="dismissed: by a person; lapsed: nothing wants the agency any more, it comes after all, the"
        " incident is closed, or the one whose agency asks for it was taken out of it again"
    )

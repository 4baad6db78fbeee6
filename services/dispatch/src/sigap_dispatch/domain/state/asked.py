"""Proposals, alarm levels and questions that nobody has decided yet, and roles that are not needed."""

from datetime import datetime
from uuid import UUID

from sigap_common.contracts.base import Contract
from sigap_common.contracts.proposals import ProposalReason
from sigap_common.personal_data import Sealed


class Proposal(Contract):
    """An agency that a rule would tell but may not tell by itself. A person takes or dismisses it."""

    agency: str
    role: str | None
    alarm_level: int
    reason: ProposalReason
    since: datetime
    instead_of: str | None = None
    """The agency that failed, for the reason next_agency."""
    asked_by: str | None = None
    """The agency that asks for it, for the reason asked_for."""
    text: Sealed | None = None
    """The words of the agency that asks."""


class ProposedLevel(Contract):
    """A higher alarm level that an agency on the incident asks for."""

    alarm_level: int
    agency: str
    since: datetime
    text: Sealed | None = None
    """The agency's words."""


class Question(Contract):
    """A question of an agency to the dispatcher."""

    id: UUID
    forwarding_id: UUID
    agency: str
    at: datetime
    text: Sealed
    answered_at: datetime | None = None
    answered_by: str | None = None
    note: int | None = None
    """The number of the note that has the answer."""


class Waiver(Contract):
    """A role that a person said is not needed. The reason is in the timeline."""

    role: str
    at: datetime
    by: str | None

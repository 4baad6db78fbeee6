"""Incidents that may be, or are, the same event."""

from datetime import datetime
from uuid import UUID

from sigap_common.contracts.base import Contract
from sigap_common.contracts.duplicates import DuplicateReason
from sigap_dispatch.domain.state.asked import Proposal, ProposedLevel


class CarriedFailure(Contract):
    """An agency that declined a merged incident, where nobody filled its role: this incident needs the role now."""

    other: UUID
    """The merged incident."""
    agency: str
    role: str
    at: datetime


class Suggestion(Contract):
    """Another open incident that may be the same event. Nobody has decided yet."""

    other: UUID
    number: str
    score: float
    reasons: tuple[DuplicateReason, ...]
    waiting: tuple[str, ...]
    """The agencies on the other one to which this incident is not forwarded until somebody decides, or `wait_until`."""
    wait_until: datetime | None
    since: datetime


class Merger(Contract):
    """Into which incident this one was merged."""

    into: UUID
    number: str
    first_report: int
    """The number that its first report has on the other incident."""
    agencies: tuple[str, ...]
    """The agencies that worked on it until then."""
    moved: tuple[str, ...]
    """Those of them to which the other one was forwarded by the merger."""
    asked_for: tuple[Proposal, ...] = ()
    """The proposals that agencies had asked for and nobody had decided on."""
    proposed_level: ProposedLevel | None = None
    """The alarm level that an agency had asked for and nobody had decided on."""

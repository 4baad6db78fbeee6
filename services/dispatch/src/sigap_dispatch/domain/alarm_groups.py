"""Alarms as people see them: the alarms of one agency are one group, any other alarm is a group by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

HOLD = timedelta(minutes=2)
"""An alarm that comes back so soon after it was cleared is the same trouble: `since` stays, so that no screen sounds
again.
"""
_GROUPS = UUID("2b1f4a52-6b9c-4c53-8f0e-1d3f5a7c9e11")


class Severity(StrEnum):
    CRITICAL = "critical"
    SERIOUS = "serious"
    MINOR = "minor"

    @property
    def rank(self) -> int:
        """0 is the most severe."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of alarm. `acts`: the requests that deal with it, below the path of what it is about."""

    severity: Severity
    acts: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "no_agency": Kind(Severity.CRITICAL, ("POST /forwardings", "POST /proposals/take")),
    "role_unmet": Kind(Severity.CRITICAL, ("POST /proposals/take", "POST /forwardings", "POST /waivers")),
    "nobody_left": Kind(Severity.CRITICAL, ("POST /forwardings", "POST /waivers")),
    "acknowledgement_missed": Kind(Severity.SERIOUS, ("POST /forwardings/{forwarding_id}/answers",)),
    "stand_down_unconfirmed": Kind(
        Severity.SERIOUS,
        ("POST /forwardings/{forwarding_id}/answers", "POST /forwardings/{forwarding_id}/note-stand-down"),
    ),
    "glass_broken": Kind(Severity.SERIOUS, ("POST /break-glass/seen",)),
    "transfer_offered": Kind(Severity.CRITICAL, ("POST /accept", "POST /refuse")),
    "transfer_returned": Kind(Severity.SERIOUS, ("POST /transfers", "POST /forwardings")),
    "share_asked": Kind(Severity.SERIOUS, ("POST /agree", "POST /refuse")),
    "handover_waiting": Kind(Severity.SERIOUS, ("POST /accept", "POST /take-back")),
    "waiting_long": Kind(Severity.CRITICAL, ("POST /answer",)),
    "partner_waiting": Kind(Severity.CRITICAL, ("POST /answer",)),
    "call_offered": Kind(Severity.CRITICAL, ("POST /accept", "POST /refuse")),
    "call_returned": Kind(Severity.SERIOUS, ("POST /transfers", "POST /classification")),
    "operator_gone": Kind(Severity.CRITICAL, ("POST /take-over", "POST /end")),
    "endpoint_disabled": Kind(Severity.SERIOUS, ("PUT ",)),
    "block_review_due": Kind(Severity.MINOR, ("POST /review", "POST /extension", "POST /lifting")),
    "not_classified": Kind(Severity.MINOR, ("POST /classification",)),
}
_OF_A_PLUGIN = Kind(Severity.SERIOUS, ())


def kind_of_alarm(kind: str) -> Kind:
    """What is known of a kind of alarm; an unknown one is serious."""
    return KINDS.get(kind, _OF_A_PLUGIN)


INCIDENTS = "incidents/"


def incident_of(about: str) -> UUID | None:
    """The incident that an alarm is about; None if it is about something else."""
    return UUID(about.removeprefix(INCIDENTS)) if about.startswith(INCIDENTS) else None


def group_of(alarm_id: UUID, regency: str, agency: str | None, *, drill: bool) -> UUID:
    """The group of an alarm."""
    return uuid5(_GROUPS, f"{regency} {agency} {drill}") if agency else alarm_id


def since_after(before: datetime, cleared_at: datetime | None, raised_at: datetime) -> datetime:
    """From when a group stands that an alarm joins. `before`: from when it stood; `cleared_at`: until when, None: it
    still stands.
    """
    return raised_at if cleared_at is not None and raised_at - cleared_at >= HOLD else before

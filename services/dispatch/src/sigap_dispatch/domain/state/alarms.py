"""The alarms of an incident."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from sigap_common.contracts.base import Contract

NO_AGENCY_AFTER = timedelta(seconds=30)
"""If no agency has been told for so long, an alarm is raised."""


class AlarmKind(StrEnum):
    NO_AGENCY = "no_agency"
    ACKNOWLEDGEMENT_MISSED = "acknowledgement_missed"
    GLASS_BROKEN = "glass_broken"
    ROLE_UNMET = "role_unmet"
    NOBODY_LEFT = "nobody_left"
    STAND_DOWN_UNCONFIRMED = "stand_down_unconfirmed"
    TRANSFER_RETURNED = "transfer_returned"


class Alarm(Contract):
    id: UUID
    kind: AlarmKind
    agency: str | None = None


def alarm_id(subject: UUID, kind: AlarmKind, role: str | None = None) -> UUID:
    """The id of an alarm. It is always the same for one kind of alarm of one incident, role or forwarding."""
    return uuid5(subject, f"{kind.value} {role}" if role else kind.value)

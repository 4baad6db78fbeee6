"""The visibility policy of dispatch: which tokens see which incidents, alarms and regencies."""

from typing import Any

from sqlalchemy import Column, Table

from sigap_common.auth import Access, Role
from sigap_common.contracts.alarms import AlarmGroupChanged
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""The roles that speak with callers or send help. Only they see personal data."""
READERS = (*SPEAKERS, Role.admin)


class DispatchPolicy(Policy):
    """Incidents, alarms and packs of the token's regencies."""

    def regency(self, table: Table) -> Column[Any]:
        """In tables of regencies the column is `code`, the key."""
        return table.c.code if "code" in table.c else table.c.regency

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """Agencies get nothing from this stream: they see their own forwardings at the gateway."""
        grouped = isinstance(heard.event, AlarmGroupChanged)
        return super().variant(heard, access) if access.may(*READERS) and not grouped else None


class AlarmPolicy(Policy):
    """The groups of alarms of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        return super().variant(heard, access) if isinstance(heard.event, AlarmGroupChanged) else None


POLICY = DispatchPolicy(opened_to=SPEAKERS)
ALARM_POLICY = AlarmPolicy(opened_to=SPEAKERS)

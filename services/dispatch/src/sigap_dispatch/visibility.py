"""Who sees what of incidents, alarms and regencies."""

from typing import Any

from sqlalchemy import Column, Table

from sigap_common.auth import Access, Role
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""Who speaks with callers or sends help; to them alone personal data is opened."""
READERS = (*SPEAKERS, Role.admin)


class DispatchPolicy(Policy):
    """Incidents, alarms and packs of the token's regencies."""

    def regency(self, table: Table) -> Column[Any]:
        """Tables of regencies are about a regency themselves: there its code is the key."""
        return table.c.code if "code" in table.c else table.c.regency

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """An agency sees its own forwardings at the gateway, and nothing here."""
        return super().variant(heard, access) if access.may(*READERS) else None


POLICY = DispatchPolicy(opened_to=SPEAKERS)

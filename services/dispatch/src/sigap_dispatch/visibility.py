"""The visibility policy of dispatch: which tokens see which incidents, alarms and regencies."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, or_, true

from sigap_common.auth import Access, Role
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant, regencies_of

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
        return super().variant(heard, access) if access.may(*READERS) else None


POLICY = DispatchPolicy(opened_to=SPEAKERS)


class TransferPolicy(DispatchPolicy):
    """Offers to other regencies: both regencies see them."""

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        regencies = regencies_of(access)
        if regencies is None:
            return true()
        known = sorted(regencies)
        return or_(table.c.regency.in_(known), table.c.to_regency.in_(known))


TRANSFER_POLICY = TransferPolicy(opened_to=SPEAKERS)

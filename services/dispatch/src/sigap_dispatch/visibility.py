"""The visibility policy of dispatch: which tokens see which incidents, alarms and regencies."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table

from sigap_common.auth import Access, Role
from sigap_common.contracts.alarms import AlarmGroupChanged
from sigap_common.contracts.audit import AuditDigestPublished
from sigap_common.contracts.need import Need
from sigap_common.core.aggregate import Aggregate
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant, of_either
from sigap_dispatch.domain.need import need_of
from sigap_dispatch.domain.state.incident import Incident

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""The roles that speak with callers or send help. Only they see personal data."""
READERS = (*SPEAKERS, Role.admin)


class DispatchPolicy(Policy):
    """Incidents, alarms and packs of the token's regencies."""

    def regency(self, table: Table) -> Column[Any]:
        """In tables of regencies the column is `code`, the key."""
        return table.c.code if "code" in table.c else table.c.regency

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """Agencies get nothing from this stream: they see their own forwardings at the gateway. A digest is no
        incident's, so nobody gets it here. Groups of alarms have a stream of their own.
        """
        if isinstance(heard.event, AuditDigestPublished | AlarmGroupChanged):
            return None
        return super().variant(heard, access) if access.may(*READERS) else None

    def need_of(self, one: Aggregate) -> Need | None:
        """Handovers and referrals are nobody's secret: they name no protected incident."""
        return need_of(one) if isinstance(one, Incident) else None

    def hides(self, incident: Incident, access: Access, now: datetime) -> bool:
        """Whether the incident is protected and the token's owner has no need to know of it."""
        need = need_of(incident)
        return need is not None and not self.needs(need, access, now)


class AlarmPolicy(Policy):
    """The groups of alarms of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        return super().variant(heard, access) if isinstance(heard.event, AlarmGroupChanged) else None


POLICY = DispatchPolicy(opened_to=SPEAKERS)
ALARM_POLICY = AlarmPolicy(opened_to=SPEAKERS)


PROTECTED_REFERRAL_POLICY = DispatchPolicy(opened_to=(Role.supervisor,))
"""The timeline of a protected referral: it has what its caller said before the call was protected."""


class TransferPolicy(DispatchPolicy):
    """Offers to other regencies: both regencies see them."""

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        return of_either(access, table)


TRANSFER_POLICY = TransferPolicy(opened_to=SPEAKERS)

SHARE_POLICY = TransferPolicy(opened_to=SPEAKERS)
"""Both regencies see a share and the request for it."""


class ReceivedPolicy(DispatchPolicy):
    """What other regencies share with the token's regencies."""

    def regency(self, table: Table) -> Column[Any]:
        return table.c.to_regency

    def hides(self, incident: Incident, access: Access, now: datetime) -> bool:  # noqa: ARG002  no need ends here
        """At the other regency only a supervisor sees a protected incident: nobody else there works on it."""
        return incident.protected and not access.may(Role.supervisor)


RECEIVED_POLICY = ReceivedPolicy(opened_to=SPEAKERS)

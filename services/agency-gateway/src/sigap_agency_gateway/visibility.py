"""The visibility policy of the gateway: which tokens see which forwardings, deliveries and endpoints."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, false, or_

from sigap_agency_gateway import models
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_common.auth import ENDPOINT_KEEPERS, Access, Role
from sigap_common.contracts.agencies import AboutForwarding
from sigap_common.contracts.need import Need
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

WORKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""The roles that work on a regency's incidents. They, and the agency itself, see personal data."""
READERS = (Role.agency, *WORKERS)
INSPECTORS = (*READERS, Role.admin)
"""The roles that see deliveries. Only the receiver's answer in them can hold personal data."""
KEEPERS = ENDPOINT_KEEPERS
"""The roles that manage endpoints. They also see the answers of receivers."""


def is_agency(access: Access, agency: str) -> bool:
    own = access.may(Role.agency) and access.agency == agency
    return own and access.covers(agency.partition("/")[0])


_SEEN_BY = {
    models.forwardings: WORKERS,
    models.deliveries: (*WORKERS, Role.admin),
    models.endpoints: KEEPERS,
}
"""The roles of the centre that see the rows of a table in their regencies. An agency always sees its own rows."""


class GatewayPolicy(Policy):
    """Forwardings, deliveries and endpoints: those of the token's agency, and for some roles of their regencies."""

    def opens(self, access: Access) -> bool:
        """All tokens that may see a forwarding may see its personal data."""
        return access.may(*READERS)

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        own = table.c.agency == access.agency if access.agency and is_agency(access, access.agency) else false()
        if not access.may(*_SEEN_BY[table]):
            return and_(own)
        covered = self.covered(access, table)
        if table is models.forwardings and not access.may(Role.supervisor):
            covered = and_(covered, table.c.protected == false())
        return or_(own, covered)

    def sees(self, access: Access, one: Forwarding) -> bool:
        seen = self._sees(access, one.regency, one.agency)
        return seen and (not one.content.protected or self._needs(access, one.agency))

    def need_of(self, one: Forwarding) -> Need | None:
        """Who at the centre sees the forwarding of a protected incident: supervisors. Others who need it see it in its
        incident, at dispatch.
        """
        return Need() if one.content.protected else None

    def seen_as(
        self,
        heard: ReceivedEvent,
        access: Access,
        now: datetime,  # noqa: ARG002  no need ends here
        need: str | None,
    ) -> Variant | None:
        """The agency itself is shown the events of its forwardings, protected or not."""
        variant = self.variant(heard, access)
        if variant is None or need is None or self._needs(access, heard.event.agency):
            return variant
        return None

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The stream shows events about the forwardings that the token may see."""
        if not isinstance(heard.event, AboutForwarding):
            return None
        return Variant.OPENED if self._sees(access, heard.envelope.regency, heard.event.agency) else None

    def _needs(self, access: Access, agency: str) -> bool:
        return access.may(Role.supervisor) or is_agency(access, agency)

    def _sees(self, access: Access, regency: str, agency: str) -> bool:
        works = access.may(*_SEEN_BY[models.forwardings]) and access.covers(regency)
        return works or is_agency(access, agency)


POLICY = GatewayPolicy()

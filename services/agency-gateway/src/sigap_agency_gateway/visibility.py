"""Who sees what of forwardings, their deliveries and the endpoints."""

from sqlalchemy import ColumnElement, Table, and_, false, or_

from sigap_agency_gateway import models
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_common.auth import ENDPOINT_KEEPERS, Access, Role
from sigap_common.contracts.agencies import AboutForwarding
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

WORKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""Who works the incidents of a regency; to them and to the agency itself personal data is opened."""
READERS = (Role.agency, *WORKERS)
INSPECTORS = (*READERS, Role.admin)
"""Who sees deliveries, which hold no personal data but what a receiver answered."""
KEEPERS = ENDPOINT_KEEPERS
"""Who keeps the endpoints, and is shown what receivers answered."""


def is_agency(access: Access, agency: str) -> bool:
    own = access.may(Role.agency) and access.agency == agency
    return own and access.covers(agency.partition("/")[0])


_SEEN_BY = {
    models.forwardings: WORKERS,
    models.deliveries: (*WORKERS, Role.admin),
    models.endpoints: KEEPERS,
}
"""Who of us sees the rows of a table in their regencies; to the agency itself its own are always shown."""


class GatewayPolicy(Policy):
    """Forwardings, deliveries and endpoints: those of the token's agency, and for some roles of their regencies."""

    def opens(self, access: Access) -> bool:
        """What a token sees of forwardings at all, it sees in clear: it works them, or is the agency."""
        return access.may(*READERS)

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        own = table.c.agency == access.agency if access.agency and is_agency(access, access.agency) else false()
        return or_(own, self.covered(access, table)) if access.may(*_SEEN_BY[table]) else and_(own)

    def sees(self, access: Access, one: Forwarding) -> bool:
        return self._sees(access, one.regency, one.agency)

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The forwardings' stream shows what is about one of the forwardings that the token sees."""
        if not isinstance(heard.event, AboutForwarding):
            return None
        return Variant.OPENED if self._sees(access, heard.envelope.regency, heard.event.agency) else None

    def _sees(self, access: Access, regency: str, agency: str) -> bool:
        works = access.may(*_SEEN_BY[models.forwardings]) and access.covers(regency)
        return works or is_agency(access, agency)


POLICY = GatewayPolicy()

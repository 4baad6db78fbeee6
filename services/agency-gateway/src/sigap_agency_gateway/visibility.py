"""Who sees what of a forwarding and its deliveries: one rule, as SQL for lists and as a function for the stream."""

from typing import Any

from sqlalchemy import ColumnElement, Table, and_, false, or_, true

from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_common.auth import ENDPOINT_KEEPERS, Access, Role
from sigap_common.contracts.agencies import AboutForwarding
from sigap_common.contracts.event_view import event_view
from sigap_common.messaging.received import ReceivedEvent

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


def may_see(access: Access, forwarding: Forwarding) -> bool:
    works = access.may(*WORKERS) and access.covers(forwarding.regency)
    return works or is_agency(access, forwarding.agency)


def within(access: Access, table: Table, *roles: Role) -> ColumnElement[bool]:
    """The rows of the token's agency, and for `roles` those of its regencies."""
    own = table.c.agency == access.agency if access.agency and is_agency(access, access.agency) else false()
    return or_(own, _covered(access, table)) if access.may(*roles) else and_(own)


def _covered(access: Access, table: Table) -> ColumnElement[bool]:
    return true() if access.everywhere else table.c.regency.in_(sorted(access.regencies))


def on_forwardings_screen(heard: ReceivedEvent, access: Access) -> dict[str, Any] | None:
    """What of an event the token may see on the forwardings' stream; None: nothing of it."""
    if not isinstance(heard.event, AboutForwarding):
        return None
    works = access.may(*WORKERS) and access.covers(heard.envelope.regency)
    if not works and not is_agency(access, heard.event.agency):
        return None
    return event_view(heard.event, opened=True)

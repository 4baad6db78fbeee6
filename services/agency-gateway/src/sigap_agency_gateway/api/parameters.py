"""What handlers ask for: a transaction, a view, who asks, and which page."""

from typing import Annotated

from fastapi import Depends, Query

from sigap_agency_gateway.repository import GatewayService, GatewayTransaction
from sigap_agency_gateway.visibility import INSPECTORS, KEEPERS, READERS
from sigap_common.app.running import running
from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view
from sigap_common.http.types import AgencyPath, PageCursor, PageSize, RegencyCode
from sigap_common.regency.in_force import PacksInForce

Tx = Annotated[GatewayTransaction, transaction]
View = Annotated[GatewayTransaction, view]
Running = Annotated[GatewayService, Depends(running)]

Agency = Annotated[Access, Depends(allowed(Role.agency))]
"""Who answers; what is said on an agency's behalf is recorded at dispatch."""
Reader = Annotated[Access, Depends(allowed(*READERS))]
Inspector = Annotated[Access, Depends(allowed(*INSPECTORS))]
Keeper = Annotated[Access, Depends(allowed(*KEEPERS))]

OfRegency = Annotated[RegencyCode | None, Query(alias="regency", description="None: all that the token covers")]
OfAgency = Annotated[AgencyPath | None, Query(alias="agency", description="None: all that the token covers")]
Cursor = Annotated[PageCursor | None, Query(description="The `next` of the page before")]
Limit = Annotated[PageSize, Query()]


def within_token(packs: PacksInForce, access: Access, regency: str | None, agency: str | None) -> dict[str, str | None]:
    """The two filters of a list. Raises RegencyForbidden (403) for a regency outside of the token, NotFound for one
    that is not configured.
    """
    for named in (regency, agency.partition("/")[0] if agency else None):
        if named is not None:
            access.require(named)
            packs.get(named)
    return {"regency": regency, "agency": agency}

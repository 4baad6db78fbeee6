"""Types of the handlers' parameters: a transaction, a view, and the Access of the token."""

from typing import Annotated

from fastapi import Depends

from sigap_agency_gateway.repository import GatewayService, GatewayTransaction
from sigap_agency_gateway.visibility import INSPECTORS, KEEPERS, READERS
from sigap_common.app.running import running
from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view

Tx = Annotated[GatewayTransaction, transaction]
View = Annotated[GatewayTransaction, view]
Running = Annotated[GatewayService, Depends(running)]

Agency = Annotated[Access, Depends(allowed(Role.agency))]
"""The agency that answers. Answers on behalf of an agency are recorded at dispatch."""
Reader = Annotated[Access, Depends(allowed(*READERS))]
Inspector = Annotated[Access, Depends(allowed(*INSPECTORS))]
Keeper = Annotated[Access, Depends(allowed(*KEEPERS))]

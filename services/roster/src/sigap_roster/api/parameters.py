"""Types of the handlers' parameters: a transaction, a view, and the Access of the token."""

from typing import Annotated

from fastapi import Depends

from sigap_common.app.running import running
from sigap_common.auth import Access
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view
from sigap_roster.repository import RosterService, RosterTransaction
from sigap_roster.visibility import LEADERS, PLANNERS, READERS, ROOM

Tx = Annotated[RosterTransaction, transaction]
View = Annotated[RosterTransaction, view]

Running = Annotated[RosterService, Depends(running)]

Planner = Annotated[Access, Depends(allowed(*PLANNERS))]
Leader = Annotated[Access, Depends(allowed(*LEADERS))]
Reader = Annotated[Access, Depends(allowed(*READERS))]
InRoom = Annotated[Access, Depends(allowed(*READERS, *ROOM))]

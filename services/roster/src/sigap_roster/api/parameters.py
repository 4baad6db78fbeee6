"""What handlers ask for: a transaction, a view, who asks, and which page."""

from typing import Annotated

from fastapi import Depends, Query

from sigap_common.auth import Access
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view
from sigap_common.http.types import PageCursor, PageSize, RegencyCode
from sigap_roster.repository import RosterTransaction
from sigap_roster.visibility import PLANNERS, READERS

Tx = Annotated[RosterTransaction, transaction]
View = Annotated[RosterTransaction, view]

Planner = Annotated[Access, Depends(allowed(*PLANNERS))]
Reader = Annotated[Access, Depends(allowed(*READERS))]

Regency = Annotated[RegencyCode | None, Query(description="None: all that the token covers")]
Cursor = Annotated[PageCursor | None, Query(description="The `next` of the page before")]
Limit = Annotated[PageSize, Query()]

"""What handlers ask for: a transaction, a view, who asks, and which page."""

from typing import Annotated

from fastapi import Depends, Query

from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view
from sigap_common.http.types import PageCursor, PageSize, RegencyCode
from sigap_intake.repository import IntakeTransaction
from sigap_intake.visibility import READERS, SPEAKERS

Tx = Annotated[IntakeTransaction, transaction]
View = Annotated[IntakeTransaction, view]

Caller = Annotated[Access, Depends(allowed(*READERS, Role.cti))]
"""Who brings calls and ends them: people, and exchanges."""
Speaker = Annotated[Access, Depends(allowed(*SPEAKERS))]
Reader = Annotated[Access, Depends(allowed(*READERS))]
Anybody = Annotated[Access, Depends(allowed())]

Regency = Annotated[RegencyCode | None, Query(description="None: all that the token covers")]
Cursor = Annotated[PageCursor | None, Query(description="The `next` of the page before")]
Limit = Annotated[PageSize, Query()]

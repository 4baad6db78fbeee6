"""Types of the handlers' parameters: a transaction, a view, and the Access of the token."""

from typing import Annotated

from fastapi import Depends, Header, Path, Query

from sigap_common.app.running import running
from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view
from sigap_common.http.types import RegencyCode
from sigap_dispatch.repository import DispatchService, DispatchTransaction
from sigap_dispatch.visibility import READERS, SPEAKERS

Tx = Annotated[DispatchTransaction, transaction]
View = Annotated[DispatchTransaction, view]
Running = Annotated[DispatchService, Depends(running)]

Reader = Annotated[Access, Depends(allowed(*READERS))]
Speaker = Annotated[Access, Depends(allowed(*SPEAKERS))]
"""A person who speaks with callers and agencies."""
Dispatcher = Annotated[Access, Depends(allowed(Role.dispatcher, Role.supervisor))]
"""A person who decides about incidents."""
LateSpeaker = Annotated[Access, Depends(allowed(*SPEAKERS, Role.admin))]
"""The same, and admins, who make late entries: the use case lets them do it to backfilled incidents alone."""
LateDispatcher = Annotated[Access, Depends(allowed(Role.dispatcher, Role.supervisor, Role.admin))]
Supervisor = Annotated[Access, Depends(allowed(Role.supervisor))]
Admin = Annotated[Access, Depends(allowed(Role.admin))]
PACK_READERS = (*READERS, Role.planner, Role.analyst)
PackReader = Annotated[Access, Depends(allowed(*PACK_READERS))]
RegencyReader = Annotated[Access, Depends(allowed(*PACK_READERS, Role.agency))]
"""Agencies read the regency's name and clock too, never its pack."""
Anybody = Annotated[Access, Depends(allowed())]

OneRegency = Annotated[RegencyCode, Query(description="The regency whose list is read")]
IfNoneMatch = Annotated[str | None, Header(description="`*`: only if the regency is new", max_length=100)]
Code = Annotated[RegencyCode, Path(alias="code")]
"""The regency's code in the path. Name the handler's argument `regency`: then the token must cover that regency."""

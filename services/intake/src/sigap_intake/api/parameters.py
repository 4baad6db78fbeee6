"""What handlers ask for: a transaction, a view, and who asks."""

from typing import Annotated

from fastapi import Depends

from sigap_common.app.running import running
from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view
from sigap_intake.repository import IntakeService, IntakeTransaction
from sigap_intake.visibility import READERS, SPEAKERS

Tx = Annotated[IntakeTransaction, transaction]
View = Annotated[IntakeTransaction, view]
Running = Annotated[IntakeService, Depends(running)]

Caller = Annotated[Access, Depends(allowed(*READERS, Role.cti))]
"""Who brings calls and ends them: people, and exchanges."""
Speaker = Annotated[Access, Depends(allowed(*SPEAKERS))]
Reader = Annotated[Access, Depends(allowed(*READERS))]
Anybody = Annotated[Access, Depends(allowed())]

"""The parameters of intake's handlers: a transaction, a view (reads only), and the access of the token."""

from typing import Annotated

from fastapi import Depends

from sigap_common.app.running import running
from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.route import transaction, view
from sigap_intake.repository import IntakeService, IntakeTransaction
from sigap_intake.visibility.calls import READERS, SPEAKERS

Tx = Annotated[IntakeTransaction, transaction]
View = Annotated[IntakeTransaction, view]
Running = Annotated[IntakeService, Depends(running)]

Caller = Annotated[Access, Depends(allowed(*READERS, Role.cti))]
"""People and exchanges that report calls and their ends."""
Speaker = Annotated[Access, Depends(allowed(*SPEAKERS))]
Reader = Annotated[Access, Depends(allowed(*READERS))]
Anybody = Annotated[Access, Depends(allowed())]

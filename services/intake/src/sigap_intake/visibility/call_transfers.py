"""Who sees what of offers of calls to other regencies."""

from sqlalchemy import ColumnElement, Table

from sigap_common.auth import Access
from sigap_common.messaging.visibility import of_either
from sigap_intake.visibility.calls import SPEAKERS, IntakePolicy


class CallTransferPolicy(IntakePolicy):
    """Offers of calls to other regencies: both regencies see them."""

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        return of_either(access, table)


CALL_TRANSFER_POLICY = CallTransferPolicy(opened_to=SPEAKERS)

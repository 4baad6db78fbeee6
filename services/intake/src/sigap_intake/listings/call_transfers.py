"""The list of offers of calls to other regencies."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from sqlalchemy import ColumnElement, or_

from sigap_common.http.listing import Listing
from sigap_common.http.paging import Keyset
from sigap_common.http.types import RegencyCode
from sigap_intake.domain.call_transfer import CallTransferState
from sigap_intake.models.calls import call_transfers
from sigap_intake.visibility.call_transfers import CALL_TRANSFER_POLICY


@dataclass(frozen=True, kw_only=True)
class CallTransferFilters:
    regency: Annotated[RegencyCode | None, Query(description="As sender or receiver; none: all of the token")] = None
    state: CallTransferState | None = None


def _of_either(regency: str) -> ColumnElement[bool]:
    return or_(call_transfers.c.regency == regency, call_transfers.c.to_regency == regency)


CALL_TRANSFERS = Listing(
    call_transfers,
    order=Keyset(call_transfers.c.offered_at, call_transfers.c.id, newest_first=True),
    policy=CALL_TRANSFER_POLICY,
    filters=CallTransferFilters,
    where={"regency": _of_either},
)

"""Dispatch's lists, with their orders and filters."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, or_, select

from sigap_common.contracts.incidents import IncidentState
from sigap_common.http.listing import Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_common.http.types import Code
from sigap_common.messaging.list_entries import LIST_ENTRY
from sigap_dispatch.domain.state import OfferState
from sigap_dispatch.models import alarm_groups, configurations, incident_calls, incidents, packs, transfers
from sigap_dispatch.visibility import POLICY, TRANSFER_POLICY


@dataclass(frozen=True, kw_only=True)
class IncidentFilters:
    regency: Regency = None
    state: IncidentState | None = None
    is_open: Annotated[
        bool | None,
        Query(
            alias="open",
            description="true: only those that are open, or closed while a unit may still be out; false: only others; "
            "left out: all",
        ),
    ] = None
    incident_type: Annotated[Code | None, Query(description="A code of `/v1/incident-types`")] = None
    drill: Annotated[bool | None, Query(description="true: only drills; false: no drills; left out: both")] = None
    call_id: Annotated[UUID | None, Query(description="Only incidents to which this call belongs")] = None


@dataclass(frozen=True, kw_only=True)
class AlarmFilters:
    regency: Regency = None


@dataclass(frozen=True, kw_only=True)
class TransferFilters:
    regency: Regency = None
    state: OfferState | None = None


def _of_either(regency: str) -> ColumnElement[bool]:
    return or_(transfers.c.regency == regency, transfers.c.to_regency == regency)


def _of_call(call_id: UUID) -> ColumnElement[bool]:
    return incidents.c.id.in_(select(incident_calls.c.incident_id).where(incident_calls.c.call_id == call_id))


_SHOWN = ("id", "version", "created_at", *LIST_ENTRY, "protected", "regency", "state", "drill")
"""The columns that are read of a row, without its document."""
INCIDENTS = Listing(
    incidents,
    order=Keyset(incidents.c.created_at, incidents.c.id, newest_first=True),
    policy=POLICY,
    filters=IncidentFilters,
    where={"call_id": _of_call},
    source=select(*(incidents.c[name] for name in _SHOWN)),
)
ALARMS = Listing(
    alarm_groups,
    order=Keyset(alarm_groups.c.rank, alarm_groups.c.since, alarm_groups.c.id),
    policy=POLICY,
    filters=AlarmFilters,
    always=(alarm_groups.c.cleared_at.is_(None),),
)
REGENCIES = Listing(configurations, order=Keyset(configurations.c.code), policy=POLICY)
PACK_VERSIONS = Listing(
    packs,
    order=Keyset(packs.c.version, newest_first=True),
    policy=POLICY,
    source=select(packs.c.version, packs.c.configured_at, packs.c.configured_by),
)
TRANSFERS = Listing(
    transfers,
    order=Keyset(transfers.c.offered_at, transfers.c.id, newest_first=True),
    policy=TRANSFER_POLICY,
    filters=TransferFilters,
    where={"regency": _of_either},
)

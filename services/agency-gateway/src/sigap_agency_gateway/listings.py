"""The gateway's lists, with their orders and filters."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select

from sigap_agency_gateway.domain.delivery import DeliveryState
from sigap_agency_gateway.domain.forwarding import Concern, State
from sigap_agency_gateway.models import deliveries, endpoints, forwardings
from sigap_agency_gateway.visibility import POLICY
from sigap_common.http.listing import Agency, Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_common.messaging.list_entries import LIST_ENTRY


@dataclass(frozen=True, kw_only=True)
class ForwardingFilters:
    agency: Agency = None
    regency: Regency = None
    state: Annotated[tuple[State, ...], Query(description="Left out: all", max_length=9)] = ()
    concern: Annotated[
        Concern | None,
        Query(
            description="`open`: the agency is at work or must still acknowledge, or is informed of what goes on; "
            "left out: all"
        ),
    ] = None
    information: Annotated[
        bool | None, Query(description="`true`: only what the agency is informed of; `false`: without it")
    ] = None


@dataclass(frozen=True, kw_only=True)
class DeliveryFilters:
    forwarding_id: UUID | None = None
    endpoint: UUID | None = None
    agency: Agency = None
    regency: Regency = None
    state: DeliveryState | None = None


@dataclass(frozen=True, kw_only=True)
class EndpointFilters:
    agency: Agency = None
    regency: Regency = None


FORWARDINGS = Listing(
    forwardings,
    order=Keyset(forwardings.c.id, newest_first=True),
    policy=POLICY,
    filters=ForwardingFilters,
    # The columns that a list reads: not the document, which would have to be opened.
    source=select(*(forwardings.c[name] for name in ("id", "version", *LIST_ENTRY))),
)
DELIVERIES = Listing(
    deliveries,
    order=Keyset(deliveries.c.id, newest_first=True),
    policy=POLICY,
    filters=DeliveryFilters,
    where={"endpoint": lambda endpoint_id: deliveries.c.endpoint_id == endpoint_id},
)
ENDPOINTS = Listing(endpoints, order=Keyset(endpoints.c.id), policy=POLICY, filters=EndpointFilters)

"""Dispatch's lists, with their orders and filters."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, exists, literal_column, not_, or_, select, true

from sigap_common.auth import Access
from sigap_common.contracts.incidents import IncidentState
from sigap_common.core.errors import Forbidden
from sigap_common.http.listing import Condition, Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_common.http.types import AgencyPath, Code, RegencyCode, ShortText
from sigap_common.messaging.list_entries import LIST_ENTRY
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain.handover import HandoverState
from sigap_dispatch.domain.referral import ReferralState
from sigap_dispatch.domain.share import ShareState
from sigap_dispatch.domain.state.offers import OfferState
from sigap_dispatch.incident_terms import having_all, of_caller, of_name, of_place
from sigap_dispatch.models import (
    alarm_groups,
    configurations,
    forwardings,
    handovers,
    incident_calls,
    incidents,
    packs,
    referrals,
    shares,
    transfers,
)
from sigap_dispatch.repository.numbers import counter_of
from sigap_dispatch.visibility import POLICY, RECEIVED_POLICY, SHARE_POLICY, TRANSFER_POLICY


@dataclass(frozen=True, kw_only=True)
class Searched:
    """How an incident is searched for. A caller or a place never finds a protected incident."""

    number: Annotated[
        ShortText | None, Query(description="The whole number, or the counter at its end: `42` or `0042`")
    ] = None
    place: Annotated[ShortText | None, Query(description="Words of the address, in any order, all of them")] = None
    caller_number: Annotated[
        ShortText | None, Query(description="The number of a caller who reported it, in E.164 or as dialled here")
    ] = None
    caller_name: Annotated[ShortText | None, Query(description="Words of the caller's name, all of them")] = None


@dataclass(frozen=True, kw_only=True)
class IncidentFilters(Searched):
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
class BoardFilters(Searched):
    regency: Regency = None
    state: IncidentState | None = None
    incident_type: Annotated[Code | None, Query(description="A code of `/v1/incident-types`")] = None
    priority: Annotated[int | None, Query(ge=1, le=5)] = None
    agency: Annotated[AgencyPath | None, Query(description="Only incidents that this agency was told of")] = None
    alarm: Annotated[bool | None, Query(description="true: only with a standing alarm; false: only without")] = None
    mine: Annotated[bool, Query(description="Only those that you are responsible for")] = False
    drill: Annotated[bool | None, Query(description="true: only drills; false: no drills; left out: both")] = None


@dataclass(frozen=True, kw_only=True)
class AlarmFilters:
    regency: Regency = None


@dataclass(frozen=True, kw_only=True)
class HandoverFilters:
    regency: Regency = None
    state: HandoverState | None = None
    giver: Annotated[ShortText | None, Query(description="The subject of the giver's token")] = None
    receiver: Annotated[ShortText | None, Query(description="The subject that it is offered to")] = None


@dataclass(frozen=True, kw_only=True)
class ReferralFilters:
    regency: Regency = None
    state: ReferralState | None = None
    is_open: Annotated[
        bool | None, Query(alias="open", description="true: only those not closed; false: only closed; left out: both")
    ] = None
    receiver: Annotated[AgencyPath | None, Query(description="The agency to which it goes")] = None
    call_id: Annotated[UUID | None, Query(description="The call of which it is")] = None
    number: Annotated[ShortText | None, Query(description="The number of the referral")] = None
    drill: Annotated[bool | None, Query(description="true: only drills; false: no drills; left out: both")] = None


@dataclass(frozen=True, kw_only=True)
class TransferFilters:
    regency: Regency = None
    state: OfferState | None = None


def _of_either(regency: str) -> ColumnElement[bool]:
    return or_(transfers.c.regency == regency, transfers.c.to_regency == regency)


def _of_call(call_id: UUID) -> ColumnElement[bool]:
    return incidents.c.id.in_(select(incident_calls.c.incident_id).where(incident_calls.c.call_id == call_id))


def _told(agency: str) -> ColumnElement[bool]:
    return exists().where(forwardings.c.incident_id == incidents.c.id, forwardings.c.agency == agency)


def _with_alarm(wanted: bool) -> ColumnElement[bool]:
    return incidents.c.standing_alarms > 0 if wanted else incidents.c.standing_alarms == 0


def _of_number(number: str) -> ColumnElement[bool]:
    counter = counter_of(number)
    if number.isdecimal() and counter is not None:
        return incidents.c.counter == counter
    return incidents.c.number == number.strip().upper()


def _said_elsewhere(_: object) -> ColumnElement[bool]:
    return true()


_SEARCHED: dict[str, Condition] = {
    "number": _of_number,
    # These ask for the key ring or the token: `searched` says them.
    **dict.fromkeys(("place", "caller_number", "caller_name", "mine"), _said_elsewhere),
}
_SHOWN = ("id", "version", "created_at", *LIST_ENTRY, "protected", "regency", "state", "drill", "attention")
"""The columns that are read of a row, without its document."""
INCIDENTS = Listing(
    incidents,
    order=Keyset(incidents.c.created_at, incidents.c.id, newest_first=True),
    policy=POLICY,
    filters=IncidentFilters,
    where={"call_id": _of_call, **_SEARCHED},
    source=select(*(incidents.c[name] for name in _SHOWN)),
)
ON_BOARD = Listing(
    incidents,
    order=Keyset(incidents.c.attention, incidents.c.id),
    policy=POLICY,
    filters=BoardFilters,
    where={"agency": _told, "alarm": _with_alarm, **_SEARCHED},
    source=select(*(incidents.c[name] for name in _SHOWN)),
    always=(incidents.c.attention.is_not(None),),
)


async def searched(tx: Transaction[Any], access: Access, filters: Searched) -> list[ColumnElement[bool]]:
    """The conditions that need the key ring or the token. Raises Forbidden if callers or places are searched for, and
    the token may not see them: what it finds would tell.
    """
    asked = (
        (filters.place, of_place),
        (filters.caller_number, of_caller),
        (filters.caller_name, of_name),
    )
    wanted: list[ColumnElement[bool]] = []
    if isinstance(filters, BoardFilters) and filters.mine:
        wanted.append(incidents.c.responsible == access.subject)
    for text, terms_of in asked:
        if text is None:
            continue
        if not POLICY.opens(access):
            raise Forbidden("search-needs-personal-data")
        wanted += await having_all(tx.connection, terms_of(tx.ring, text))
    return wanted


ALARMS = Listing(
    alarm_groups,
    order=Keyset(alarm_groups.c.rank, alarm_groups.c.since, alarm_groups.c.id),
    policy=POLICY,
    filters=AlarmFilters,
    always=(alarm_groups.c.cleared_at.is_(None),),
)
HANDOVERS = Listing(
    handovers,
    order=Keyset(handovers.c.offered_at, handovers.c.id, newest_first=True),
    policy=POLICY,
    filters=HandoverFilters,
)
_IS_OPEN_REFERRAL = referrals.c.state != literal_column("'closed'")
REFERRALS = Listing(
    referrals,
    order=Keyset(referrals.c.opened_at, referrals.c.id, newest_first=True),
    policy=POLICY,
    filters=ReferralFilters,
    where={
        "number": lambda number: referrals.c.number == number.strip().upper(),
        "is_open": lambda wanted: _IS_OPEN_REFERRAL if wanted else not_(_IS_OPEN_REFERRAL),
    },
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


@dataclass(frozen=True, kw_only=True)
class ShareFilters:
    regency: Regency = None
    state: ShareState | None = None
    drill: Annotated[bool | None, Query(description="true: only drills; false: no drills; left out: both")] = None


@dataclass(frozen=True, kw_only=True)
class SharedFilters:
    regency: Annotated[
        RegencyCode | None, Query(description="With which regency they are shared. None: all that the token covers")
    ] = None
    drill: Annotated[bool | None, Query(description="true: only drills; false: no drills; left out: both")] = None


def _share_of_either(regency: str) -> ColumnElement[bool]:
    return or_(shares.c.regency == regency, shares.c.to_regency == regency)


_NEWEST_SHARE = Keyset(shares.c.began_at, shares.c.id, newest_first=True)
SHARES = Listing(
    shares, order=_NEWEST_SHARE, policy=SHARE_POLICY, filters=ShareFilters, where={"regency": _share_of_either}
)
SHARED = Listing(
    shares,
    order=_NEWEST_SHARE,
    policy=RECEIVED_POLICY,
    filters=SharedFilters,
    where={"regency": lambda regency: shares.c.to_regency == regency},
    always=(shares.c.state == literal_column("'shared'"),),
)

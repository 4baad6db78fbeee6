"""The queue, and the list of calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field
from sqlalchemy import ColumnElement, Row, Table, and_, false, literal_column, not_, select, true

from sigap_common.auth import Access
from sigap_common.contracts.calls import CallClass
from sigap_common.core.errors import Fault, Invalid
from sigap_common.core.formats import FORMATS
from sigap_common.http.listing import Condition, Listing, Page, PageAsked, Regency
from sigap_common.http.paging import Keyset
from sigap_common.http.types import ShortText, Utc
from sigap_common.messaging.list_entries import LIST_ENTRY
from sigap_common.messaging.visibility import regencies_of
from sigap_intake.domain import CallState, caller_numbers
from sigap_intake.domain.references import ids_of
from sigap_intake.models.calls import calls
from sigap_intake.repository import IntakeTransaction
from sigap_intake.repository.caller_terms import with_name, with_number
from sigap_intake.repository.incident_numbers import of_incident
from sigap_intake.repository.protected_calls import IS_PROTECTED, is_hidden
from sigap_intake.visibility.calls import POLICY, IntakePolicy

Reference = Annotated[str, Field(pattern=FORMATS["call_reference"], max_length=9, examples=["2NQ7-K4XD"])]


@dataclass(frozen=True, kw_only=True)
class CallFilters:
    regency: Regency = None
    state: CallState | None = None
    call_class: CallClass | None = None
    drill: Annotated[bool | None, Query(description="Only drills, or none; none: both")] = None
    reference: Annotated[Reference | None, Query(description="The `reference` of the call")] = None
    incident: Annotated[ShortText | None, Query(description="The number of an incident that the call reported")] = None
    number: Annotated[
        ShortText | None, Query(description="The caller's number or the call-back number, in any notation")
    ] = None
    name: Annotated[ShortText | None, Query(description="Words of the caller's name, in any order, all of them")] = None
    received_from: Annotated[Utc | None, Query(description="Received at this moment or later")] = None
    received_before: Annotated[Utc | None, Query(description="Received before this moment")] = None
    answered_by: Annotated[ShortText | None, Query(description="The subject of the operator's token")] = None
    mine: Annotated[bool, Query(description="Only those that the token's owner answered")] = False
    unclassified: Annotated[bool | None, Query(description="Only those answered and not classified, or none")] = None


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    regency: Regency = None


_OF_HIDDEN = ("regency", "state", "answered_by", "operator_gone")
_READ = ("id", "version", "drill", "received_at", "queue_at", *LIST_ENTRY, *_OF_HIDDEN)
_ROWS = select(*(calls.c[name] for name in _READ), IS_PROTECTED.label("protected"))
"""The columns that a list reads: not the document, which would have to be opened."""
# A bound value would keep both databases from using the partial index.
_IS_WAITING = calls.c.state == literal_column(f"'{CallState.WAITING.value}'")
_WAS_ANSWERED = calls.c.state.in_(
    [literal_column(f"'{state.value}'") for state in (CallState.ANSWERED, CallState.ENDED)]
)
_IS_UNCLASSIFIED = and_(calls.c.call_class.is_(None), _WAS_ANSWERED)


# SQLite takes it for granted that few calls are of one regency, and would read all of them in the list's order.
_REGENCY_UNINDEXED = calls.c.regency.concat("")


class _FewPolicy(IntakePolicy):
    def regency(self, table: Table) -> ColumnElement[str]:  # noqa: ARG002
        return _REGENCY_UNINDEXED


def _by_reference(reference: str) -> ColumnElement[bool]:
    try:
        return calls.c.id.between(*ids_of(reference))
    except ValueError:
        raise Invalid(errors=[Fault(("query", "reference"), "reference_unknown", {})]) from None


def _said_elsewhere(_: object) -> ColumnElement[bool]:
    return true()


_BY_RECEIPT = Keyset(calls.c.received_at, calls.c.id, newest_first=True)
_HOW: dict[str, Condition] = {
    "reference": _by_reference,
    "incident": of_incident,
    "received_from": lambda moment: calls.c.received_at >= moment,
    "received_before": lambda moment: calls.c.received_at < moment,
    "unclassified": lambda wanted: _IS_UNCLASSIFIED if wanted else not_(_IS_UNCLASSIFIED),
    # These ask for the key ring or the token: `_searched` says them.
    **dict.fromkeys(("number", "name", "mine"), _said_elsewhere),
}
_CALLS = Listing(calls, order=_BY_RECEIPT, policy=POLICY, filters=CallFilters, where=_HOW, source=_ROWS)
_FEW = Listing(
    calls,
    order=_BY_RECEIPT,
    policy=_FewPolicy(opened_to=POLICY.opened_to),
    filters=CallFilters,
    where={**_HOW, "regency": lambda code: code == _REGENCY_UNINDEXED},
    source=_ROWS,
)
"""The same list, if what is asked for leaves few calls of all."""


QUEUE = Listing(
    calls,
    order=Keyset(calls.c.drill, calls.c.queue_at, calls.c.id),
    policy=POLICY,
    filters=QueueFilters,
    source=_ROWS,
    always=(_IS_WAITING, calls.c.backfilled == false()),
)
REVEALING = ("call_class", "incident", "number", "name")
"""The filters whose match says something of a call that its hidden entry does not."""


async def calls_page(view: IntakeTransaction, access: Access, filters: CallFilters, asked: PageAsked) -> Page[Row[Any]]:
    """The calls that the token may see and that the filters want, newest first. Raises what Listing.page raises, and
    Invalid for a reference or a number that none can be read of.
    """
    leaves_few = (filters.reference, filters.incident, filters.number, filters.name)
    listing = _CALLS if leaves_few == (None,) * len(leaves_few) else _FEW
    return await listing.page(view, access, filters, asked, *_searched(view, access, filters))


def _searched(view: IntakeTransaction, access: Access, filters: CallFilters) -> Iterator[ColumnElement[bool]]:
    """The conditions that need the key ring or the token."""
    if any(getattr(filters, name) is not None for name in REVEALING):
        yield not_(is_hidden(access, view.now()))
    if filters.mine:
        yield calls.c.answered_by == access.subject
    if filters.name is not None:
        yield from with_name(view.ring, filters.name)
    if filters.number is not None:
        e164 = caller_numbers.read(filters.number).e164
        if e164 is None:
            raise Invalid(errors=[Fault(("query", "number"), caller_numbers.UNREADABLE, {})])
        yield with_number(view.ring, e164, _regencies(view, access, filters.regency))


def _regencies(view: IntakeTransaction, access: Access, regency: str | None) -> frozenset[str]:
    """Those whose calls are looked at: the index of numbers begins with the regency."""
    if regency is not None:
        return frozenset({regency})
    covered = regencies_of(access)
    return frozenset(pack.code for pack in view.packs.all()) if covered is None else covered

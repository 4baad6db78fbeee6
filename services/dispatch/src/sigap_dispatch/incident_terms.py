"""The keyed hashes by which an incident is found: written where the incident is recorded.

A protected incident has none: nobody finds it by its caller or place, only by its number.
"""

from collections.abc import Iterator, Sequence
from re import compile as regex
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, false, func, literal, select

from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded, IncidentUpdated
from sigap_common.contracts.places import Place
from sigap_common.database import CompiledStatement, Connection, insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import KeyRing, Sealed
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.search_words import words
from sigap_dispatch.models import incident_terms as t
from sigap_dispatch.models import incidents

_KEEP = CompiledStatement(insert_if_new(t), ["term", "incident_id"])
_FORGET = CompiledStatement(delete(t).where(t.c.incident_id == bindparam("this_incident")), by="this_incident")
_NOT_DIALLED = regex(r"[^0-9]")
_COUNTRY = "62"
COMMON = 500
"""A term that so many incidents have is not looked up first."""


def keep_terms(tx: Transaction[Any], incident: Incident, events: Sequence[Event]) -> None:
    """Writes the terms that the events bring. Terms of an earlier place stay: somebody may still ask for it."""
    if incident.protected:
        if any(isinstance(event, IncidentUpdated) and event.changes for event in events):
            tx.later(_FORGET, [{"this_incident": incident.id}])
        return
    terms = dict.fromkeys(term for event in events for term in _terms_of(tx.ring, event))
    if terms:
        tx.later(_KEEP, [{"term": term, "incident_id": incident.id} for term in terms])


async def having_all(connection: Connection, terms: Sequence[str]) -> list[ColumnElement[bool]]:
    """The condition that an incident has all of the terms. No term at all finds nothing.

    If a term is rare, its incidents are looked up and the others tested on them. If all are common, the list is walked
    in its own order, and its page is full soon.
    """
    if not terms:
        return [false()]
    counts = (await connection.execute(select(*(_how_often(term) for term in terms)))).one()
    rarest = min(range(len(terms)), key=counts.__getitem__)
    conditions = [_has(term) for n, term in enumerate(terms) if n != rarest]
    if counts[rarest] >= COMMON:
        return [*conditions, _has(terms[rarest])]
    found = await connection.execute(select(t.c.incident_id).where(t.c.term == terms[rarest]))
    return [*conditions, incidents.c.id.in_(found.scalars().all())]


def of_place(ring: KeyRing, text: str) -> Sequence[str]:
    """The terms of the words of an address."""
    return _of_words(ring, "place", text)


def of_name(ring: KeyRing, name: str) -> Sequence[str]:
    """The terms of the words of a caller's name."""
    return _of_words(ring, "name", name)


def of_caller(ring: KeyRing, number: str) -> Sequence[str]:
    """The term of a caller's number, which is written in E.164, or as it is dialled in Indonesia."""
    digits = _NOT_DIALLED.sub("", number)
    if digits.startswith("0") and not number.lstrip().startswith("+"):
        digits = _COUNTRY + digits.lstrip("0").removeprefix(_COUNTRY)
    return [ring.lookup(f"+{digits}")]


def _has(term: str) -> ColumnElement[bool]:
    return exists().where(t.c.term == term, t.c.incident_id == incidents.c.id)


def _how_often(term: str) -> Any:
    some = select(literal(1)).where(t.c.term == term).limit(COMMON).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _terms_of(ring: KeyRing, event: Event) -> Iterator[str]:
    if isinstance(event, IncidentCreated | IncidentReportAdded):
        if event.caller_hash:
            yield event.caller_hash
        yield from _of_place(ring, event.place)
        yield from _of_sealed(ring, "name", event.caller_name)
    if isinstance(event, IncidentUpdated):
        yield from _of_place(ring, event.place)


def _of_place(ring: KeyRing, place: Place | None) -> Sequence[str]:
    return _of_sealed(ring, "place", place.address if place else None)


def _of_sealed(ring: KeyRing, kind: str, text: Sealed | None) -> Sequence[str]:
    return _of_words(ring, kind, text.clear) if text and not text.opaque else ()


def _of_words(ring: KeyRing, kind: str, text: str) -> Sequence[str]:
    return [ring.lookup(f"incident-{kind}/{word}") for word in words(text)]

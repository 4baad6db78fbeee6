"""The keyed hashes by which an incident is found: written where the incident is recorded.

A protected incident has none: nobody finds it by its caller or place, only by its number.
"""

from collections.abc import Iterator, Sequence
from re import compile as regex
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select

from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded, IncidentUpdated
from sigap_common.contracts.places import Place
from sigap_common.database import CompiledStatement, insert_if_new
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


def keep_terms(tx: Transaction[Any], incident: Incident, events: Sequence[Event]) -> None:
    """Writes the terms that the events bring. Terms of an earlier place stay: somebody may still ask for it."""
    if incident.protected:
        if any(isinstance(event, IncidentUpdated) and event.changes for event in events):
            tx.later(_FORGET, [{"this_incident": incident.id}])
        return
    terms = dict.fromkeys(term for event in events for term in _terms_of(tx.ring, event))
    if terms:
        tx.later(_KEEP, [{"term": term, "incident_id": incident.id} for term in terms])


def with_place(ring: KeyRing, text: str) -> list[ColumnElement[bool]]:
    """Incidents whose address has all the words of this text, in any order."""
    return _having(_of_words(ring, "place", text))


def with_name(ring: KeyRing, name: str) -> list[ColumnElement[bool]]:
    """Incidents whose caller's name has all the words of this one."""
    return _having(_of_words(ring, "name", name))


def with_caller(ring: KeyRing, number: str) -> list[ColumnElement[bool]]:
    """Incidents that this number reported. It is written in E.164, or as it is dialled in Indonesia."""
    digits = _NOT_DIALLED.sub("", number)
    if digits.startswith("0") and not number.lstrip().startswith("+"):
        digits = _COUNTRY + digits.lstrip("0").removeprefix(_COUNTRY)
    return _having([ring.lookup(f"+{digits}")])


def _having(terms: Sequence[str]) -> list[ColumnElement[bool]]:
    """All of the terms. A text without a word finds nothing."""
    return [incidents.c.id.in_(select(t.c.incident_id).where(t.c.term == term)) for term in terms or [""]]


def _terms_of(ring: KeyRing, event: Event) -> Iterator[str]:
    if isinstance(event, IncidentCreated | IncidentReportAdded):
        if event.caller_hash:
            yield event.caller_hash
        yield from _of_place(ring, event.place)
    if isinstance(event, IncidentCreated):
        yield from _of_sealed(ring, "name", event.caller_name)
    if isinstance(event, IncidentUpdated):
        yield from _of_place(ring, event.place)


def _of_place(ring: KeyRing, place: Place | None) -> Sequence[str]:
    return _of_sealed(ring, "place", place.address if place else None)


def _of_sealed(ring: KeyRing, kind: str, text: Sealed | None) -> Sequence[str]:
    return _of_words(ring, kind, text.clear) if text and not text.opaque else ()


def _of_words(ring: KeyRing, kind: str, text: str) -> Sequence[str]:
    return [ring.lookup(f"incident-{kind}/{word}") for word in words(text)]

"""The keyed hashes by which a call is found by its caller: written where the call is recorded."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, literal, select, union_all

from sigap_common.core.aggregate import Aggregate
from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import KeyRing
from sigap_intake.domain import Call
from sigap_intake.domain.caller_names import words
from sigap_intake.models.calls import caller_terms, calls

_FORGET = CompiledStatement(
    delete(caller_terms).where(caller_terms.c.call_id == bindparam("this_call")), by="this_call"
)
_KEEP = CompiledStatement(insert(caller_terms), ["term", "call_id"])


def keep_terms(tx: Transaction[Any], before: Aggregate, call: Call) -> None:
    """Writes the call's terms if its caller is another than before. A call of which no name is known costs nothing."""
    had = (before.caller_name, before.callback_number) if isinstance(before, Call) else (None, None)
    has = (call.caller_name, call.callback_number)
    if had == has:
        return
    if had != (None, None):
        tx.later(_FORGET, [{"this_call": call.id}])
    if terms := _terms_of(tx.ring, call):
        tx.later(_KEEP, [{"term": term, "call_id": call.id} for term in terms])


def with_number(ring: KeyRing, e164: str, regencies: frozenset[str]) -> ColumnElement[bool]:
    """Calls from this number, and those whose caller can be called back at it."""
    hashed = ring.lookup(e164)
    from_it = select(calls.c.id).where(calls.c.regency.in_(sorted(regencies)), calls.c.caller_hash == hashed)
    back = select(caller_terms.c.call_id).where(caller_terms.c.term == literal(_of_number(ring, e164)))
    return calls.c.id.in_(union_all(from_it, back))


def with_name(ring: KeyRing, name: str) -> list[ColumnElement[bool]]:
    """Calls whose caller's name has all the words of this one. A name without a word finds nothing."""
    hashed = [_of_word(ring, word) for word in words(name)] or [""]
    return [calls.c.id.in_(select(caller_terms.c.call_id).where(caller_terms.c.term == term)) for term in hashed]


def _terms_of(ring: KeyRing, call: Call) -> list[str]:
    name = call.caller_name.clear if call.caller_name else ""
    terms = [_of_word(ring, word) for word in words(name)]
    if call.callback_number and call.callback_number.clear:
        terms.append(_of_number(ring, call.callback_number.clear))
    return terms


def _of_word(ring: KeyRing, word: str) -> str:
    return ring.lookup(f"caller-name/{word}")


def _of_number(ring: KeyRing, e164: str) -> str:
    return ring.lookup(f"callback/{e164}")

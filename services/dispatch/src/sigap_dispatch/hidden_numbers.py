"""The numbers of incidents that became protected after a timeline had named them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sigap_common.auth import Access
from sigap_common.http.listing import Page
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.protection import hidden_numbers
from sigap_dispatch.timeline_words import HIDDEN_NUMBER, WORDS

_NUMBERS = ("other_number", "into_number", "possibly_same_as")
Entry = dict[str, Any]


async def without_hidden_numbers(
    view: DispatchTransaction, access: Access, regency: str, found: Page[Entry]
) -> Page[Entry]:
    """The entries of a timeline without the numbers of other incidents that are hidden from the token, and without the
    reasons of a suggestion of one: they say where it is.
    """
    named = {number for entry in found.items for number in _named(entry["event"])}
    hidden = await hidden_numbers(view, access, named)
    if not hidden:
        return found

    def shown(entry: Entry) -> Entry:
        if hidden.isdisjoint(_named(entry["event"])):
            return entry
        event = _without(entry["event"], hidden, None)
        words = WORDS.of(entry["type"], _without(entry["event"], hidden, HIDDEN_NUMBER), regency, view.packs)
        return entry | {"event": event, "in_words": words}

    return found.map(shown)


def _named(event: Mapping[str, Any]) -> Iterator[str]:
    for part in (event, event.get("content") or {}):
        yield from (part[name] for name in _NUMBERS if part.get(name))


def _without(event: Mapping[str, Any], hidden: frozenset[str], instead: str | None) -> Entry:
    changed: Entry = {name: instead for name in _NUMBERS if event.get(name) in hidden}
    if changed and "reasons" in event:
        changed["reasons"] = []
    if event.get("content"):
        changed["content"] = _without(event["content"], hidden, instead)
    return {**event, **changed}

"""The entries of the list of forwardings, which are stored when a forwarding is recorded."""

from collections.abc import Sequence
from typing import Any

from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_agency_gateway.notice import NoticeCaller, Words, english_label
from sigap_agency_gateway.schemas.forwardings import ForwardingOut
from sigap_common.http.agency_reports import help_in_words
from sigap_common.messaging.list_entries import ListEntries, Shown
from sigap_common.regency.in_force import PacksInForce

FORM = 6
"""The version of the stored entries. Raise it if ForwardingOut shows other fields or other values."""


class ListedForwarding(ForwardingOut):
    """A forwarding in the form that its row stores for the list."""

    at_desk: bool
    """Whether a revision waits at the desk, so that the list delivers it to its agency. Answers do not show this field.
    """


def _shown(forwarding: Forwarding) -> Shown:
    """The entry of a forwarding. It has no texts of the pack, because the pack may change; `add_labels` adds them."""
    whole = ForwardingOut.of(forwarding, None)
    closed = _closed(whole, forwarding)
    plain = ListedForwarding(**dict(whole) | closed, at_desk=forwarding.at_desk)
    return Shown(plain, {name: getattr(whole, name) for name in closed})


def _closed(whole: ForwardingOut, forwarding: Forwarding) -> dict[str, Any]:
    """The fields that hold personal data, with the personal data removed."""
    withdrawal, reason = whole.withdrawal, forwarding.withdrawal and forwarding.withdrawal.reason
    return {
        "incident": whole.incident.model_copy(update=_NOBODY),
        "withdrawal": withdrawal and withdrawal.model_copy(update={"reason": reason}),
        "answers": [answer.model_copy(update={"text": None, "question": None}) for answer in whole.answers],
    }


_NOBODY: dict[str, Any] = {
    "place": None,
    "previous_place": None,
    "caller": NoticeCaller(number=None, name=None),
    "notes": [],
}
ENTRIES = ListEntries(FORM, _shown)


def add_labels(entries: Sequence[dict[str, Any]], packs: PacksInForce) -> None:
    """Adds the English name of each entry's incident type, if the pack in force has one, and the words of the help that
    was asked for.
    """
    for entry in entries:
        kind, pack = entry["incident"]["type"], packs.find(entry["regency"])
        english = english_label(kind["code"], pack)
        if english is not None:
            kind["label"]["en"] = Words(entry["drill"]).mark(english)
        for asked in filter(None, (answer["asks_for"] for answer in entry["answers"])):
            asked.update(help_in_words(asked["agency"], asked["capability"], pack))

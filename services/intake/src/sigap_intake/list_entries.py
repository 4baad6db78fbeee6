"""The queue and the list of calls: what they show of each call, written where the call is recorded."""

from sigap_common.messaging.list_entries import ListEntries, Shown
from sigap_intake.domain import Call
from sigap_intake.schemas import CallOut, personal_of

FORM = 3
"""Raise it with every change of what CallOut shows."""


def _shown(call: Call) -> Shown:
    """Without what is asked for a single call: the caller's history."""
    return Shown(CallOut.of(call, opened=False), personal_of(call) | {"opened": True})


ENTRIES = ListEntries(FORM, _shown)

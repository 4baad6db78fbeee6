"""The queue and the list of calls: what they show of each call, written where the call is recorded."""

from sigap_common.messaging.list_entries import ListEntries
from sigap_intake.domain import Call
from sigap_intake.schemas import CallOut

FORM = 2
"""Raise it with every change of what CallOut shows."""


def _shown(call: Call, opened: bool) -> CallOut:
    """Without what is asked for a single call: the caller's history and zone."""
    return CallOut.of(call, opened=opened)


ENTRIES = ListEntries(FORM, _shown)

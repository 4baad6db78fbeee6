"""The list entry of a call, which the queue and the list of calls show. It is written when the call is recorded."""

from typing import Any

from sigap_common.messaging.list_entries import ListEntries, Shown
from sigap_intake.domain import Call
from sigap_intake.schemas.calls import CallOut, personal_of
from sigap_intake.schemas.protected_calls import HiddenCallOut

FORM = 6
"""Raise it with every change of what CallOut shows."""


def _shown(call: Call) -> Shown:
    """The entry of a call, without the caller's history, which only a single call shows."""
    return Shown(CallOut.of(call, opened=False), personal_of(call) | {"opened": True})


ENTRIES = ListEntries(FORM, _shown)


def hidden_entry(row: Any) -> dict[str, Any]:
    """The entry of a protected call for those from whom it is hidden."""
    return HiddenCallOut.of(row).model_dump(mode="json")

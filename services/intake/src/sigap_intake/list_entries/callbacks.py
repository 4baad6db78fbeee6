"""The list of callbacks: what it shows of each, written where the callback is recorded."""

from sigap_common.messaging.list_entries import ListEntries, Shown
from sigap_intake.domain.callback import Callback
from sigap_intake.schemas.callbacks import CallbackOut, personal_of

FORM = 2
"""Raise it with every change of what CallbackOut shows."""


def _shown(callback: Callback) -> Shown:
    """A withheld number is not even shown to supervisors here: they read the single callback."""
    personal = personal_of(callback, with_number=not callback.withheld) | {"opened": True}
    return Shown(CallbackOut.of(callback, opened=False, with_number=False), personal)


ENTRIES = ListEntries(FORM, _shown)

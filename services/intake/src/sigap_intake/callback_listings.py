"""The list of what is to be called back."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from sqlalchemy import select

from sigap_common.http.listing import Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_common.http.types import ShortText
from sigap_common.messaging.list_entries import LIST_ENTRY
from sigap_intake.callback_models import callbacks
from sigap_intake.callback_visibility import CALLBACK_POLICY


@dataclass(frozen=True, kw_only=True)
class CallbackFilters:
    regency: Regency = None
    claimed_by: Annotated[ShortText | None, Query(description="Whom it is claimed by: the subject of a token")] = None
    drill: Annotated[bool | None, Query(description="Only drills, or none; none: both")] = None


_ROWS = select(*(callbacks.c[name] for name in ("id", "version", "position", "last_dropped_at", *LIST_ENTRY)))
CALLBACKS = Listing(
    callbacks,
    order=Keyset(callbacks.c.position, callbacks.c.last_dropped_at, callbacks.c.id, newest_first=True),
    policy=CALLBACK_POLICY,
    filters=CallbackFilters,
    source=_ROWS,
    always=(callbacks.c.position.is_not(None),),
)

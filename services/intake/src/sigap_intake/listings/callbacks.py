"""The lists of what is to be called back, and of what is over."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query
from sqlalchemy import select

from sigap_common.http.listing import Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_common.http.types import ShortText
from sigap_common.messaging.list_entries import LIST_ENTRY
from sigap_intake.domain.callback import CallbackState
from sigap_intake.models.callbacks import callbacks
from sigap_intake.visibility.callbacks import CALLBACK_POLICY


@dataclass(frozen=True, kw_only=True)
class CallbackFilters:
    regency: Regency = None
    claimed_by: Annotated[ShortText | None, Query(description="Whom it is claimed by: the subject of a token")] = None
    offered_to: Annotated[ShortText | None, Query(description="Whom it is offered to: the subject of a token")] = None
    drill: Annotated[bool | None, Query(description="Only drills, or none; none: both")] = None


EndedState = Literal[CallbackState.CALLED_BACK, CallbackState.RESOLVED, CallbackState.EXPIRED]


@dataclass(frozen=True, kw_only=True)
class EndedFilters:
    regency: Regency = None
    state: Annotated[EndedState | None, Query(description="How it ended; none: all")] = None
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
ENDED_CALLBACKS = Listing(
    callbacks,
    order=Keyset(callbacks.c.last_dropped_at, callbacks.c.id, newest_first=True),
    policy=CALLBACK_POLICY,
    filters=EndedFilters,
    source=_ROWS,
    always=(callbacks.c.position.is_(None),),
)

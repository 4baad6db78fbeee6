"""Who is to call back: a callback is claimed, given back, and offered to a colleague."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sigap_common.contracts import Event
from sigap_common.contracts.callbacks import (
    CallbackClaimed,
    CallbackOfferDeclined,
    CallbackOffered,
    CallbackReleased,
)
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import CallbackPolicy
from sigap_intake.domain.callback import Callback
from sigap_intake.domain.commands import DeclineOffer, Offer
from sigap_intake.domain.offers import is_new_offer, require_offer


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOn:
    """`leads`: a supervisor."""

    by: str
    policy: CallbackPolicy
    operator: Sealed | None = None
    leads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    by: str
    leads: bool = False


def take_on(callback: Callback, command: TakeOn, now: datetime) -> Iterator[Event]:
    refuse_over(callback)
    if callback.claim is not None and callback.claim.by == command.by:
        return
    is_offered = callback.offered_to == command.by
    if not is_offered:
        refuse_claimed(callback)
    _refuse_unsafe(callback, leads=command.leads)
    if not is_offered and not command.leads:
        _refuse_before_its_own(callback, command.by, now)
    lapses = now + timedelta(minutes=command.policy.claim_minutes)
    before = callback.claim.by if callback.claim else None
    yield CallbackClaimed(**stamp(now, command.by), operator=command.operator, until=lapses, before=before)


def offer(callback: Callback, command: Offer, now: datetime) -> Iterator[Event]:
    refuse_over(callback)
    require_claim(callback, command.by)
    if is_new_offer(callback.offered_to, by=command.by, to=command.to):
        yield CallbackOffered(**stamp(now, command.by), to=command.to)


def decline_offer(callback: Callback, command: DeclineOffer, now: datetime) -> Iterator[Event]:
    require_offer(callback.offered_to, command.by, callback.state)
    yield CallbackOfferDeclined(**stamp(now, command.by))


def give_back(callback: Callback, command: GiveBack, now: datetime) -> Iterator[Event]:
    refuse_over(callback)
    if callback.claim is None:
        return
    if callback.claim.by != command.by and not command.leads:
        refuse_claimed(callback)
    yield CallbackReleased(**stamp(now, command.by), reason="person")


def refuse_over(callback: Callback) -> None:
    if not callback.is_work:
        raise NotAllowed("callback-over", state=callback.state)


def refuse_claimed(callback: Callback) -> None:
    if (claim := callback.claim) is not None:
        operator = claim.operator.clear if claim.operator and not claim.operator.erased else claim.by
        told = {"claimed_by": claim.by, "operator": operator, "claimed_at": claim.at}
        raise NotAllowed("callback-claimed", state=callback.state, **told)


def require_claim(callback: Callback, by: str) -> None:
    """Raises NotAllowed if the person has not claimed it."""
    if callback.claim is None:
        raise NotAllowed("callback-not-claimed", state=callback.state)
    if callback.claim.by != by:
        refuse_claimed(callback)


def _refuse_before_its_own(callback: Callback, by: str, now: datetime) -> None:
    """A cut-off call is first its own operator's."""
    until = callback.first_until
    if callback.first_for not in (None, by) and until and now < until:
        raise NotAllowed("callback-offered-first", state=callback.state, until=until, regency=callback.regency)


def _refuse_unsafe(callback: Callback, *, leads: bool) -> None:
    if callback.declined:
        raise NotAllowed("callback-declined", state=callback.state)
    if callback.withheld and not leads:
        raise NotAllowed("callback-needs-safe-contact", state=callback.state)


def stamp(now: datetime, by: str | None = None) -> dict[str, Any]:
    return {"at": now, "recorded_at": now, "by": by}

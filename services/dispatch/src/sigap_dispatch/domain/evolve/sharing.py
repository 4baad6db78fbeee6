"""Applies the events of shares to the incident. It keeps the newest share with each other regency."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.shares import ShareAsked, ShareEnded, ShareGiven
from sigap_dispatch.domain.share import Share, ShareState
from sigap_dispatch.domain.state.incident import Incident


def _asked(incident: Incident, event: ShareAsked) -> Incident:
    return _with(
        incident,
        Share(
            id=event.share_id,
            to=event.to,
            state=ShareState.ASKED,
            profile=event.profile,
            until=event.until,
            set_at=event.recorded_at,
            began_at=event.at,
            asked=True,
            request=event.reason,
        ),
    )


def _given(incident: Incident, event: ShareGiven) -> Incident:
    before = next((one for one in incident.shares if one.id == event.share_id), None)
    return _with(
        incident,
        Share(
            id=event.share_id,
            to=event.to,
            state=ShareState.SHARED,
            profile=event.profile,
            until=event.until,
            set_at=event.recorded_at,
            began_at=before.began_at if before else event.at,
            asked=before is not None,
            of_protected=incident.protected,
            request=before.request if before else None,
            message=event.message,
            came_with=event.came_with,
        ),
    )


def without_merged(before: Incident, after: Incident) -> tuple[Share, ...]:
    """The shares after a merger. They do not show the notes that came with it."""
    numbers = {note.number for note in after.notes}
    new = tuple(note.number for note in after.notes if note.number > before.note_count)
    return tuple(
        share.model_copy(update={"without": (*(one for one in share.without if one in numbers), *new)})
        if share.state is ShareState.SHARED
        else share
        for share in before.shares
    )


def _ended(incident: Incident, event: ShareEnded) -> Incident:
    ended = {"state": ShareState(event.outcome), "reason": event.reason}
    shares = (one.model_copy(update=ended) if one.id == event.share_id else one for one in incident.shares)
    return incident.model_copy(update={"shares": tuple(shares)})


def _with(incident: Incident, share: Share) -> Incident:
    others = (one for one in incident.shares if one.to != share.to)
    return incident.model_copy(update={"shares": (*others, share)})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    ShareAsked: _asked,
    ShareGiven: _given,
    ShareEnded: _ended,
}

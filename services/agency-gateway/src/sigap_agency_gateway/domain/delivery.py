"""A delivery is the work of bringing one revision to one endpoint. Here are its states and the times of
its attempts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

RETRY_SECONDS = (1, 2, 5, 10, 30)
LAST_RETRY_SECONDS = 60
"""Seconds. The first attempt is made at once, the next after 1, 2, 5, 10 and 30 s, then one each minute."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """The kinds of notices."""

    FORWARDING = "forwarding"
    """A revision of the forwarding."""
    WITHDRAWAL = "withdrawal"


class Overtaken(StrEnum):
    """Why a delivery was cancelled before it arrived."""

    ANSWERED = "answered"
    """The agency has answered, so it has this revision by another way."""
    WITHDRAWN = "withdrawn"
    CHANNEL_CHANGED = "channel-changed"
    """The endpoint has another channel now. Revisions without an answer are sent by that channel."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an attempt. `status`: the channel's own number, such as the HTTP status. `error`: a code such as
    timeout; None: the notice arrived.
    """

    error: str | None = None
    status: int | None = None
    excerpt: bytes = b""
    """The beginning of the receiver's answer, at most 1 kB."""
    retry_after: timedelta | None = None
    gone: bool = False
    """The receiver wants no more notices (HTTP 410), so the endpoint is disabled."""

    @property
    def arrived(self) -> bool:
        return self.error is None


def retry_delay(attempts: int, retry_after: timedelta | None = None) -> timedelta:
    """The pause between the end of the last of `attempts` attempts and the next one.

    A receiver's Retry-After is honoured within the schedule: it may lengthen a pause to the longest one.
    """
    planned = RETRY_SECONDS[attempts - 1] if attempts <= len(RETRY_SECONDS) else LAST_RETRY_SECONDS
    asked = retry_after.total_seconds() if retry_after else 0.0
    return timedelta(seconds=max(planned, min(asked, LAST_RETRY_SECONDS)))


LONGEST_DELAY = timedelta(seconds=LAST_RETRY_SECONDS)
"""No attempt is due further ahead than this."""


def is_late(acknowledge_by: datetime | None, now: datetime) -> bool:
    return acknowledge_by is not None and now > acknowledge_by


def message_id(forwarding_id: UUID, revision: int, kind: str) -> str:
    """The `webhook-id`. All attempts at all endpoints of one forwarding and revision have the same id."""
    ending = "_withdrawn" if kind == Kind.WITHDRAWAL else ""
    return f"msg_{forwarding_id.hex}_{revision}{ending}"

"""Identifiers. Their source is passed as a value, so that a test can set it."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils import compat

Ids = Callable[[], UUID]
"""Gives an identifier never given before."""


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562). Such ids sort in the order in which they were made, to the millisecond."""
    return compat.uuid7()


def moment_of(made: UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)

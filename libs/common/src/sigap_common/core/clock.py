"""The clock as a value, so that a test can set it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment, aware, in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def after(known: datetime | None, now: datetime) -> datetime:
    """`now`, or the instant after `known`: who answers a word says theirs later, whatever two hosts' clocks say."""
    return now if known is None else max(now, known + timedelta(microseconds=1))

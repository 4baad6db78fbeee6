"""Waiting for a condition with a deadline, instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast, overload

from sigap_testing.patience import patience

T = TypeVar("T")


@overload
async def eventually(condition: Callable[[], Awaitable[T | None]], within: float = 10.0, every: float = 0.02) -> T: ...


@overload
async def eventually(condition: Callable[[], T | None], within: float = 10.0, every: float = 0.02) -> T: ...


async def eventually(
    condition: Callable[[], T | Awaitable[T | None] | None], within: float = 10.0, every: float = 0.02
) -> T:
    """The first truthy value of `condition`, asked every `every` seconds.

    Raises AssertionError after `within` seconds, stretched by `patience`. The error shows the last value or exception.
    """
    deadline = time.monotonic() + patience(within)
    while True:
        error: Exception | None = None
        value: T | None = None
        try:
            outcome = condition()
            value = cast(T | None, await outcome if inspect.isawaitable(outcome) else outcome)
            if value:
                return value
        except Exception as raised:
            error = raised
        if time.monotonic() >= deadline:
            last = repr(error) if error else repr(value)
            raise AssertionError(f"not true within {within:g} s; last: {last}") from error
        await asyncio.sleep(every)

"""Runs a measurement of a service in this process on a database of each kind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import structlog

from sigap_testing.parts import NotHere
from sigap_testing.postgres import find_postgres, fresh_database

Measurement = Callable[[str, str], Awaitable[None]]
"""Gets the URL of an empty database (of SQLite none: the measurement makes its own file), and the kind's name."""


def on_each_database(*measurements: Measurement) -> None:
    """All of them on SQLite, then all on PostgreSQL if it is there."""
    # A line for each request would be most of what is printed.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(_on_sqlite(measurements))
    asyncio.run(_on_postgres(measurements))


async def _on_sqlite(measurements: tuple[Measurement, ...]) -> None:
    for measured in measurements:
        await measured("", "SQLite")


async def _on_postgres(measurements: tuple[Measurement, ...]) -> None:
    try:
        server = find_postgres()
    except NotHere as reason:
        print(f"no PostgreSQL: {reason}")
        return
    await asyncio.to_thread(server.start)
    try:
        for measured in measurements:
            async with fresh_database(server.url) as url:
                await measured(url, "PostgreSQL")
    finally:
        await asyncio.to_thread(server.remove)

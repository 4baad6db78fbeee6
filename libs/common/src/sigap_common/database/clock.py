"""The database's time: the one clock that all replicas of a service share.

On PostgreSQL every moment that a service stores or compares comes from the database's clock. A host whose own clock
is wrong then stores right moments and disturbs nobody. SQLite has one host, so there the host's clock decides.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import text

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN, Clock, Elapsed, elapsed_seconds, system_clock
from sigap_common.database.engine import Connection, Database

MEASURE_SECONDS = 10.0
SAMPLES = 3
_NOW = text("SELECT clock_timestamp()")

ReadTime = Callable[[Connection], Awaitable[datetime]]

log = logging.getLogger(__name__)


async def database_time(connection: Connection) -> datetime:
    """The database's present moment; on SQLite the host's. Raises Unavailable."""
    if connection.dialect.name == "sqlite":
        return system_clock()
    moment: datetime = await connection.scalar(_NOW)
    return moment


class DatabaseClock:
    """A Clock that follows PostgreSQL's: its last measured moment plus the seconds that have passed since.

    The host's own clock is asked only before the first measurement. The passing of time is measured by a clock that
    never goes back, so nothing changes when somebody sets the host's clock.
    """

    def __init__(
        self,
        read_time: ReadTime = database_time,
        *,
        system: Clock = system_clock,
        elapsed: Elapsed = elapsed_seconds,
    ) -> None:
        self._read_time, self._system, self._elapsed = read_time, system, elapsed
        self._known: tuple[datetime, float] | None = None
        self._says_apart = False

    def __call__(self) -> datetime:
        return self._system() if self._known is None else self._at(self._elapsed())

    def _at(self, elapsed: float) -> datetime:
        assert self._known is not None
        moment, at = self._known
        return moment + timedelta(seconds=elapsed - at)

    @property
    def host_is_ahead(self) -> timedelta:
        """How far the host's own clock is ahead of the database's, by the last measurement; negative: behind."""
        return timedelta() if self._known is None else self._system() - self()

    @property
    def host_is_apart(self) -> bool:
        return abs(self.host_is_ahead) > CLOCKS_AGREE_WITHIN

    async def measure(self, database: Database) -> None:
        """Reads the database's time. Raises Unavailable."""
        async with database.read() as connection:
            error, moment, at = min([await self._sample(connection) for _ in range(SAMPLES)])
        # A short round trip measures well. A worse measurement that agrees with the known time does not replace it.
        if self._known is None or abs((self._at(at) - moment).total_seconds()) > error:
            self._known = (moment, at)
        self._tell()

    async def _sample(self, connection: Connection) -> tuple[float, datetime, float]:
        """The greatest possible error in seconds, the database's moment, and the elapsed seconds at that moment."""
        before = self._elapsed()
        moment = await self._read_time(connection)
        after = self._elapsed()
        return (after - before) / 2, moment, (before + after) / 2

    def _tell(self) -> None:
        if self.host_is_apart and not self._says_apart:
            seconds = round(self.host_is_ahead.total_seconds(), 1)
            log.warning("this host's clock is apart from the database's", extra={"ahead_seconds": seconds})
        self._says_apart = self.host_is_apart

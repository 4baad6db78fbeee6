"""A clock that a test sets."""

from datetime import UTC, datetime, timedelta

from sigap_common.database import Connection


class SetClock:
    """Stands still until it is told to go on. `elapsed` goes on with it, and never back."""

    def __init__(self, start: datetime = datetime(2024, 2, 19, 3, 0, tzinfo=UTC)) -> None:
        self.moment = start
        self._elapsed = 0.0

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self._elapsed += seconds

    def put_back(self, seconds: float) -> None:
        """Somebody sets the wall clock; no time passes by that."""
        self.moment -= timedelta(seconds=seconds)

    def elapsed(self) -> float:
        """Seconds since the start, whatever the wall clock was set to."""
        return self._elapsed

    async def as_database(self, _: Connection) -> datetime:
        """This clock as a database's: see `database_clock.ReadTime`."""
        return self.moment

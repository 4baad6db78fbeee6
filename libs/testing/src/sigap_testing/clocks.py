"""A clock that a test sets."""

from datetime import UTC, datetime, timedelta

from sigap_common.database import Connection


class SetClock:
    """A clock that changes only by `advance` and `put_back`. `elapsed` advances with it, and never goes back."""

    def __init__(self, start: datetime = datetime(2024, 2, 19, 3, 0, tzinfo=UTC)) -> None:
        self.moment = start
        self._elapsed = 0.0

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self._elapsed += seconds

    def put_back(self, seconds: float) -> None:
        """Sets the wall clock back. `elapsed` does not change."""
        self.moment -= timedelta(seconds=seconds)

    def elapsed(self) -> float:
        """Seconds since the start, independent of the wall clock."""
        return self._elapsed

    async def as_database(self, _: Connection) -> datetime:
        """This clock as the database's time, see `ReadTime` in sigap_common.database.clock."""
        return self.moment

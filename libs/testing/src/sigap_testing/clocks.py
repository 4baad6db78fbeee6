"""A clock that a test sets."""

from datetime import UTC, datetime, timedelta


class SetClock:
    """Stands still until it is told to go on."""

    def __init__(self, start: datetime = datetime(2024, 2, 19, 3, 0, tzinfo=UTC)) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

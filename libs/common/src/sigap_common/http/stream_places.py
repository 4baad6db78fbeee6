"""The limits of open live streams in a process: of all, and of one person."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sigap_common.core.errors import TooManyRequests

RETRY_AFTER_SECONDS = (5, 15)
"""A random time in this range, so that refused clients do not all come again at the same moment."""


class StreamPlaces:
    """The places of one process, for the streams of all its services.

    A person is the subject of a token. So a stolen ticket or token uses up only that person's places.
    """

    def __init__(self, in_all: int, per_person: int) -> None:
        self._in_all, self._per_person = in_all, per_person
        self._taken: Counter[str] = Counter()
        self._total = 0

    def check(self, subject: str) -> None:
        """Raises TooManyRequests (429) if there is no place for one more stream of this person."""
        if self._taken[subject] >= self._per_person:
            self._refuse("streams-of-person", self._per_person)
        if self._total >= self._in_all:
            self._refuse("streams-in-all", self._in_all)

    @contextmanager
    def taken(self, subject: str) -> Iterator[None]:
        """A place, for as long as a stream is open. Raises TooManyRequests (429)."""
        self.check(subject)
        self._taken[subject] += 1
        self._total += 1
        try:
            yield
        finally:
            self._total -= 1
            self._taken[subject] -= 1
            if not self._taken[subject]:
                del self._taken[subject]

    def _refuse(self, reason: str, most: int) -> None:
        seconds = random.randint(*RETRY_AFTER_SECONDS)  # noqa: S311
        raise TooManyRequests(reason, retry_after=seconds, most=most)

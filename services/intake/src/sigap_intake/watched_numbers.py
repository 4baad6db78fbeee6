"""The numbers that a call is compared with when it arrives: blocked ones, and those whose score lowers their calls.

They lie in the memory of each process, so that no other caller costs a statement. A process learns its own changes at
once and those of others within REFRESH_SECONDS. What it does not know yet errs on the caller's side: a new block
screens nobody until then. A block that it still believes in is asked of the database before anybody hears the message.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

REFRESH_SECONDS = 5.0
RECENT = timedelta(minutes=1)
"""Before the newest known change: a transaction that began before it may have been committed after it."""

log = logging.getLogger(__name__)

Number = tuple[str, str]
"""A regency, and the keyed hash of a number."""


@dataclass(frozen=True, slots=True)
class Score:
    value: float
    at: datetime
    lowers_until: datetime


class WatchedNumbers:
    """The blocked numbers and the scores that a process knows."""

    def __init__(self) -> None:
        self._blocks: Mapping[Number, UUID] = {}
        self._scores: dict[Number, Score] = {}
        self.newest: datetime | None = None
        """When the newest known score was computed; None: none is known."""

    def block_of(self, regency: str, caller_hash: str) -> UUID | None:
        """The id of a block that may be active."""
        return self._blocks.get((regency, caller_hash))

    def score_of(self, regency: str, caller_hash: str, now: datetime) -> Score | None:
        """The last known score, if it lowers calls now."""
        known = self._scores.get((regency, caller_hash))
        return known if known and now < known.lowers_until else None

    def keep_blocks(self, blocks: Mapping[Number, UUID]) -> None:
        """All active blocks, instead of those known before."""
        self._blocks = blocks

    def keep_block(self, number: Number, block_id: UUID | None) -> None:
        """None: the number is no longer blocked."""
        others = {known: other for known, other in self._blocks.items() if known != number}
        self._blocks = others if block_id is None else {**others, number: block_id}

    def keep_score(self, number: Number, score: Score | None, computed_at: datetime) -> None:
        """None: it no longer lowers calls."""
        self.newest = max(self.newest or computed_at, computed_at)
        if score is None:
            self._scores.pop(number, None)
        else:
            self._scores[number] = score

    def forget_over(self, now: datetime) -> None:
        over = [number for number, score in self._scores.items() if score.lowers_until <= now]
        for number in over:
            del self._scores[number]


async def pause() -> None:
    await asyncio.sleep(REFRESH_SECONDS)

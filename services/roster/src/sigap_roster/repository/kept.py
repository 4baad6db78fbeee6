"""Aggregates that also change without an event."""

from typing import TypeVar

from sigap_common.core.aggregate import Aggregate
from sigap_common.messaging.aggregates import Aggregates

A = TypeVar("A", bound=Aggregate)


class Kept(Aggregates[A]):
    """Aggregates that can also change without an event: drafts, and duties of a roster."""

    def keep(self, before: Aggregate, after: A) -> A:
        """Saves the changed aggregate without an event. Does nothing if it has not changed."""
        if before == after:
            return after
        after = after.model_copy(update={"version": before.version + 1})
        self.save(before, after)
        return after

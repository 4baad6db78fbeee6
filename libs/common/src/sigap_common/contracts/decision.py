"""A decision: the events of one aggregate, and the aggregate after them."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from sigap_common.contracts.base import Event
from sigap_common.core.aggregate import Aggregate

A = TypeVar("A", bound=Aggregate)


class NoBranch(TypeError):
    """An `evolve` has no branch for the event: it would be recorded and change nothing."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"no branch for {type(event).__name__}")


class Decision(Generic[A]):
    """Events of one aggregate, and the aggregate after them.

    `emit` applies each event once, to the aggregate as the events before it left it. `Aggregates.record` stores `after`
    and the events; it applies nothing again.
    """

    def __init__(
        self, before: Aggregate, evolve: Callable[[Aggregate, Event], A], events: Iterable[Event] = ()
    ) -> None:
        """`before`: a bare Aggregate, if the first event begins it. `evolve` is that of its domain."""
        self.before = self.after = before
        self.events: list[Event] = []
        self._evolve = evolve
        for event in events:
            self.emit(event)

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.after = self._evolve(self.after, event)

"""One way to write a test of a domain: given a history, when a command comes, then these events follow.

    calls = Histories(decide, evolve, NOON)
    call = calls.given(a_call(), (8, Answer(by="ani")))
    then(calls.when(call, End(by="exchange", ended_by="caller"), 20), CallEnded)

The numbers are seconds after the start of the history.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Generic, TypeVar

from sigap_common.contracts.base import Event
from sigap_common.contracts.decision import Decision
from sigap_common.core.aggregate import Aggregate

A = TypeVar("A", bound=Aggregate)
C = TypeVar("C")

Moment = float | datetime
"""Seconds after the start of the history, or a moment itself."""


class Histories(Generic[A, C]):
    """The histories of one kind of aggregate. `decide` and `evolve` are those of its domain."""

    def __init__(
        self,
        decide: Callable[[A, C, datetime], Decision[A]],
        evolve: Callable[[Aggregate, Event], A],
        start: datetime,
    ) -> None:
        self._decide, self._evolve, self._start = decide, evolve, start

    def at(self, moment: Moment) -> datetime:
        """The moment so many seconds after the start, to the microsecond."""
        return moment if isinstance(moment, datetime) else self._start + timedelta(seconds=moment)

    def begun(self, bare: Aggregate, events: Sequence[Event]) -> A:
        """The aggregate after its first events. There must be at least one event."""
        first, *later = events
        return self.after(self._evolve(bare, first), later)

    def after(self, state: A, events: Sequence[Event]) -> A:
        """The state after the events."""
        return reduce(self._evolve, events, state)

    def given(self, state: A, *steps: tuple[Moment, C]) -> A:
        """The state after the commands, each decided at its own moment."""
        for moment, command in steps:
            state = self.after(state, self.when(state, command, moment))
        return state

    def when(self, state: A, command: C, moment: Moment) -> list[Event]:
        """The events of the command. Raises what the domain raises."""
        return self._decide(state, command, self.at(moment)).events


def then(events: Sequence[Event], *expected: Event | type[Event]) -> None:
    """Asserts that exactly these events follow, in this order. A class stands for any event of exactly that class."""
    kinds = [type(event) if isinstance(want, type) else event for event, want in zip(events, expected, strict=False)]
    assert [*kinds, *events[len(expected) :]] == list(expected)

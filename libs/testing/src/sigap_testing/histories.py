"""One way to write a test of a domain: given a history, when a command comes, then these events follow.

    calls = Histories(decide, evolve, NOON)
    call = calls.given(a_call(), (8, Answer(by="ani")))
    then(calls.when(call, End(by="exchange", ended_by="caller"), 20), CallEnded)

The numbers are seconds after the start of the history. An event that another service publishes is a step, too:
`given(forwarding, revised(2), (30, ACKNOWLEDGE))`.
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
E = TypeVar("E", bound=Event)

Moment = float | datetime
"""Seconds after the start of the history, or a moment itself."""


class Histories(Generic[A, C]):
    """The histories of one kind of aggregate. `decide` and `evolve` are those of its domain."""

    def __init__(
        self,
        decide: Callable[[A, C, datetime], Decision[A]],
        evolve: Callable[[Aggregate, Event], A],
        start: datetime,
        hear: Callable[[Event, A], A] | None = None,
    ) -> None:
        """`hear`: what follows from an event of another service, if the domain follows any."""
        self._decide, self._evolve, self._start, self._hear = decide, evolve, start, hear

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

    def given(self, state: A, *steps: tuple[Moment, C] | Event) -> A:
        """The state after the steps: commands, each decided at its own moment, and events of other services."""
        for step in steps:
            if isinstance(step, Event):
                assert self._hear is not None, "these histories follow no events of other services"
                state = self._hear(step, state)
            else:
                moment, command = step
                state = self.after(state, self.when(state, command, moment))
        return state

    def when(self, state: A, command: C, moment: Moment) -> list[Event]:
        """The events of the command. Raises what the domain raises."""
        return self._decide(state, command, self.at(moment)).events


def then(events: Sequence[Event], *expected: Event | type[Event]) -> None:
    """Asserts that exactly these events follow, in this order. A class stands for any event of exactly that class."""
    kinds = [type(event) if isinstance(want, type) else event for event, want in zip(events, expected, strict=False)]
    assert [*kinds, *events[len(expected) :]] == list(expected)


def then_one(events: Sequence[Event], kind: type[E]) -> E:
    """Asserts that one event follows, of this class, and returns it."""
    then(events, kind)
    return next(event for event in events if isinstance(event, kind))

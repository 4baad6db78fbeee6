"""One decision as it unfolds: each event is decided on what follows from those before it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.base import Event
from sigap_common.core.aggregate import Aggregate
from sigap_common.regency import Pack
from sigap_dispatch.domain.evolve import evolve
from sigap_dispatch.domain.state import Incident


@dataclass(frozen=True, slots=True)
class Moment:
    """What a decision may know beside the incident."""

    now: datetime
    pack: Pack
    """The regency's pack in force."""
    new_id: Callable[[], UUID]
    by: str | None = None
    """The subject of the token that asks; none: the system."""


class Decision:
    def __init__(self, before: Aggregate, moment: Moment) -> None:
        self._after = before
        self.moment = moment
        self.events: list[Event] = []

    @property
    def incident(self) -> Incident:
        assert isinstance(self._after, Incident)
        return self._after

    @property
    def subject(self) -> Aggregate:
        """The incident, or what is about to become one."""
        return self._after

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self._after = evolve(self._after, event)

    def stamp(self, at: datetime | None = None, by: str | None = None) -> dict[str, Any]:
        """What every event says of its time; `at`: when it happened, if that was not now."""
        return {"at": at or self.moment.now, "recorded_at": self.moment.now, "by": by or self.moment.by}

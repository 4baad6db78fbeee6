"""A decision about an incident. Each further event is decided on the state that the events before it left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.decision import Decision
from sigap_common.contracts.incidents import IncidentStatusChanged
from sigap_common.core.aggregate import Aggregate
from sigap_common.regency import Pack
from sigap_dispatch.domain.evolve import evolve
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.taker import Taker


def _no_names(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Moment:
    """The values that a decision needs besides the incident."""

    now: datetime
    pack: Pack
    """The regency's pack in force."""
    new_id: Callable[[], UUID]
    by: str | None = None
    """The subject of the request's token; None: the system decides."""
    takes: Taker | None = None
    """The dispatcher who gives this order, and becomes responsible for the incident if nobody is."""
    agency_names: Callable[[str], str | None] = _no_names
    """Returns the name of an agency for people of the regency, also of another regency's; None: no pack has it."""

    def name_of(self, agency: str) -> str:
        """The Indonesian name of an agency; its code if no pack has it any more."""
        return self.agency_names(agency) or agency


class IncidentDecision(Decision[Incident]):
    """A decision about an incident. `incident` is its state after the events so far."""

    def __init__(self, before: Aggregate, moment: Moment) -> None:
        super().__init__(before, evolve)
        self.moment = moment

    @property
    def incident(self) -> Incident:
        assert isinstance(self.after, Incident)
        return self.after

    def emit_with_state(self, event: IncidentStatusChanged) -> None:
        """Emits the event with the state that the incident has after it; `evolve` does not read the event's own."""
        self.emit(event)
        self.events[-1] = event.model_copy(update={"state": self.incident.state})

    def stamp(self, at: datetime | None = None, by: str | None = None) -> dict[str, Any]:
        """The fields of time and author that every event has. `at`: when it happened, if not now."""
        return {"at": at or self.moment.now, "recorded_at": self.moment.now, "by": by or self.moment.by}

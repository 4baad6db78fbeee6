"""How a report that gets an incident of its own changes the one that it leaves."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.reports import ReportSeparated
from sigap_dispatch.domain.evolve.duplicates import settled
from sigap_dispatch.domain.state.incident import Incident


def _separated(incident: Incident, event: ReportSeparated) -> Incident:
    """The other incident is linked, so it is suggested no longer."""
    left = incident.reports - 1
    return settled(incident, event.other, event.other_number).model_copy(
        update={
            "reports": left,
            "last_report": incident.next_report - 1,
            "unread_reports": max(0, min(incident.unread_reports - int(event.was_unread), left - 1)),
            "doubted_calls": tuple(call for call in incident.doubted_calls if call != event.call_id),
            "links": tuple(dict.fromkeys((*incident.links, event.other))),
        }
    )


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {ReportSeparated: _separated}

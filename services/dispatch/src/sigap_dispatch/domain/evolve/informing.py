"""`evolve` for those who are only informed."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.informing import IncidentInformed, InformationEnded
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.informed import Information


def _informed(incident: Incident, event: IncidentInformed) -> Incident:
    known = incident.information(event.agency)
    since = known.since if known else event.at
    told = Information(id=event.information_id, agency=event.agency, revision=event.revision, since=since)
    others = tuple(one for one in incident.informed if one.agency != event.agency)
    return incident.model_copy(update={"informed": (*others, told)})


def _ended(incident: Incident, event: InformationEnded) -> Incident:
    new = {"revision": event.revision, "ended_at": event.at, "reason": event.reason}
    return incident.model_copy(
        update={
            "informed": tuple(
                one.model_copy(update=new) if one.agency == event.agency else one for one in incident.informed
            )
        }
    )


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    IncidentInformed: _informed,
    InformationEnded: _ended,
}

"""Late entries: when something happened that is recorded afterwards."""

from datetime import datetime
from typing import Any

from sigap_common.contracts.given_times import counted, time_faults
from sigap_common.core.errors import Fault, Invalid
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.state.incident import Incident


def stamp_of(decision: IncidentDecision, at: datetime | None, earliest: datetime) -> dict[str, Any]:
    """The fields of time and author of an order, which happened `at`; None: now. `earliest`: when that happened which
    the order answers. Raises Invalid for a time that the order cannot have.
    """
    backfilled = decision.incident.backfilled
    if at is None:
        return decision.stamp()
    if faults := list(time_faults(at, earliest, decision.moment.now, backfilled=backfilled)):
        raise Invalid(errors=faults)
    return decision.stamp(counted(at, decision.moment.now)) | {"clock": "paper" if backfilled else "sigap"}


def require_backfilled(incident: Incident, notify: bool | None) -> None:
    """Refuses to tell nobody of an incident that goes on. Raises Invalid."""
    if notify is False and not incident.backfilled:
        raise Invalid(errors=[Fault(("body", "notify"), "only_backfilled", {})])

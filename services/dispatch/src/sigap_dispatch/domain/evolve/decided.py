"""How the values that a person decided are remembered."""

from sigap_common.contracts.incidents import IncidentCreated, IncidentUpdated
from sigap_dispatch.domain.state.incident import Decided


def decided_after(before: Decided, event: IncidentCreated | IncidentUpdated) -> Decided:
    """When a person last decided each value, after the event."""
    if not event.by_hand:
        return before
    return before.model_copy(update=dict.fromkeys(event.by_hand, event.decided_at or event.at))

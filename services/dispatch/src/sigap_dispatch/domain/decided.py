"""What a person decided: a rule never changes it, and of two persons' words the later one holds.

Only the type's own priority, a place that no person gave, and doubt that follows from the calls come from rules.
"""

from datetime import datetime

from sigap_common.contracts.incidents import ByHand
from sigap_common.regency import Pack
from sigap_dispatch.domain.plans import own_priority
from sigap_dispatch.domain.state.incident import Incident


def may_set(incident: Incident, value: ByHand, at: datetime | None) -> bool:
    """Whether this value of the incident may be set by a person who decided at `at`; None: by a rule.

    A word may arrive late: if a dispatcher has corrected the place meanwhile, what an operator said before does not
    move the incident back.
    """
    decided: datetime | None = getattr(incident.decided, value)
    return decided is None or (at is not None and at >= decided)


def proposed_priority(incident: Incident, pack: Pack) -> int | None:
    """The priority of the incident's type, if a person decided another one."""
    if incident.decided.priority is None or incident.incident_type is None:
        return None
    own = own_priority(incident.incident_type, pack)
    return own if own != incident.priority else None

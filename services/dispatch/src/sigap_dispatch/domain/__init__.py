"""The pure domain of incidents, without clock, database or framework.

`decide` turns a command into events, or refuses it. `evolve` applies an event to an incident.
"""

from sigap_dispatch.domain.decide import decide
from sigap_dispatch.domain.decision import Moment
from sigap_dispatch.domain.evolve import evolve
from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident

__all__ = ["Forwarding", "Incident", "Moment", "decide", "evolve"]

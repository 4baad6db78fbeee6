"""What an incident is and what may happen to it: pure, without clock, database or framework.

`decide` says what happens and refuses what can't, `evolve` says what follows from it.
"""

from sigap_dispatch.domain.decide import decide
from sigap_dispatch.domain.decision import Moment
from sigap_dispatch.domain.evolve import evolve
from sigap_dispatch.domain.state import Forwarding, Incident

__all__ = ["Forwarding", "Incident", "Moment", "decide", "evolve"]

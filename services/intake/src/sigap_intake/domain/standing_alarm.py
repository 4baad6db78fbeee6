"""An alarm as it stands now, for the duty telephones: they ring for it if nobody is signed on in its regency, or was
within the last minute.

Nothing rings by what may be over already. A change that is heard late first waits for what followed it, and intake
itself waits after its own start for screens to come back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sigap_common.contracts.alarms import AlarmGroupChanged

SEVERITIES = ("critical", "serious", "minor")
"""As dispatch names them, the most severe first. A name that a later version gives counts as the first."""
SETTLES_IN = timedelta(seconds=60)
"""After a start or an outage: so long screens have to come back, and events that wait to be read. A screen has missed
its heartbeats after 45 s.
"""
RELIEVED_WITHIN = timedelta(seconds=60)
"""At a change of shifts: so long the room may be empty. It counts from the last that was heard of anybody there."""
LONGEST_GAP = timedelta(seconds=30)
"""If intake looked at nothing for longer, screens could not say that they are there: it was an outage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingAlarm:
    """A group of alarms after its newest change: its most severe alarm, and whether it still stands."""

    group_id: UUID
    regency: str
    sequence: int
    stands: bool
    severity: str
    kind: str
    about: str
    label: str | None
    since: datetime
    rings_from: datetime
    """From this moment it may ring."""
    ringing: UUID
    """The id of the ringing for it: the same for the same most severe alarm, as long as the group stands."""


def changed(
    known: StandingAlarm | None,
    event: AlarmGroupChanged,
    *,
    group_id: UUID,
    regency: str,
    sequence: int,
    now: datetime,
) -> StandingAlarm | None:
    """The alarm after the event; None if a newer change is known. `known`: what was known of the group. However many
    changes are heard late, the alarm waits once.
    """
    if known is not None and known.sequence >= sequence:
        return None
    began_here = known is not None and known.since == event.since
    came_late = now - (event.at if began_here else event.since) > SETTLES_IN
    told = {name: getattr(event, name) for name in ("severity", "kind", "about", "label", "since")}
    after = StandingAlarm(
        group_id=group_id,
        regency=regency,
        sequence=sequence,
        stands=event.count > 0,
        rings_from=now + SETTLES_IN if came_late else now,
        ringing=uuid5(group_id, f"{event.since.isoformat()} {event.kind} {event.about}"),
        **told,
    )
    if known is not None and known.stands and known.ringing == after.ringing:
        return replace(after, rings_from=min(known.rings_from, after.rings_from))
    return after


class Lookout:
    """For how long a process has looked without a gap. Moments are seconds by a clock that never goes back."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._last = 0.0

    def is_settled(self, elapsed: float) -> bool:
        """Notes a look at this moment. Returns whether looks have followed each other for SETTLES_IN."""
        if self._since is None or elapsed - self._last > LONGEST_GAP.total_seconds():
            self._since = elapsed
        self._last = elapsed
        return elapsed - self._since >= SETTLES_IN.total_seconds()

    def start_again(self) -> None:
        """Forgets the looks so far, because they could not be relied on."""
        self._since = None

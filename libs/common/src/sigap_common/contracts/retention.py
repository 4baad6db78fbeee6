"""Which personal values of calls, incidents and forwardings are kept for which of a pack's periods."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sigap_common.regency import Retention

_CALLER = frozenset({"caller_number", "caller_name", "caller_hash", "number"})
_POSITION = frozenset({"coordinates"})
_CONTACT = frozenset({"contact", "number", "number_hash"})


@dataclass(frozen=True, slots=True)
class Period:
    """Personal fields that are kept for the same period. `name` is the pack's key without `_days`."""

    name: str
    days: Callable[[Retention], int]
    holds: Callable[[str], bool]
    """Whether a field's name is one of them."""

    def ends(self, since: datetime, retention: Retention) -> datetime:
        """The moment from which on the values are erased."""
        return since + timedelta(days=self.days(retention))


CALL_PERIODS = (
    Period("calls", lambda kept: kept.calls_days, lambda name: name not in _POSITION),
    Period("positions", lambda kept: kept.positions_days, _POSITION.__contains__),
)
CHILD_PERIODS = (
    Period("calls", lambda kept: min(kept.calls_days, kept.children_days), lambda name: name not in _POSITION),
    Period("positions", lambda kept: min(kept.positions_days, kept.children_days), _POSITION.__contains__),
)
"""Of calls whose caller is probably a child."""
INCIDENT_PERIODS = (
    Period("calls", lambda kept: kept.calls_days, _CALLER.__contains__),
    Period("positions", lambda kept: kept.positions_days, _POSITION.__contains__),
    Period("incidents", lambda kept: kept.incidents_days, lambda name: name not in _CALLER | _POSITION),
)
STAFF_PERIODS = (Period("staff", lambda kept: kept.staff_days, _CONTACT.__contains__),)


def periods_of(event_type: str) -> tuple[Period, ...]:
    """By the CloudEvents `type`: events of calls hold a caller's data, all others what incidents hold."""
    return CALL_PERIODS if event_type.startswith("sigap.Call") else INCIDENT_PERIODS


def over(periods: tuple[Period, ...], since: datetime, retention: Retention, now: datetime) -> tuple[Period, ...]:
    """Those periods that have ended."""
    return tuple(period for period in periods if period.ends(since, retention) <= now)


def holds_any(text: str, retention: Retention) -> bool:
    """Whether the pack holds a call or an incident that a stored document names, as its own or as another's id."""
    return any(str(hold.subject) in text for hold in retention.holds)

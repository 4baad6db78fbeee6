"""Groups the personal fields of calls, incidents, forwardings and staff by the period of the pack that erases them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sigap_common.regency import Retention

_CALLER = frozenset({"caller_number", "caller_name", "caller_hash", "caller_language", "callback_number", "number"})
_POSITION = frozenset({"coordinates"})
_CONTACT = frozenset({"contact", "number", "number_hash"})


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the pack, and the personal fields that it erases. `name` is the pack's key without `_days`."""

    name: str
    days: Callable[[Retention], int]
    holds: Callable[[str], bool]
    """Whether the field with this name is erased by this period."""

    def ends(self, since: datetime, retention: Retention) -> datetime:
        """The end of the period. From then on the values may be erased."""
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
    """The periods for the fields of an event, by its CloudEvents `type`. An event of a call or a block has those
    of calls, any other event those of incidents.
    """
    return CALL_PERIODS if event_type.startswith(("sigap.Call", "sigap.Block")) else INCIDENT_PERIODS


def over(periods: tuple[Period, ...], since: datetime, retention: Retention, now: datetime) -> tuple[Period, ...]:
    """The periods that have ended."""
    return tuple(period for period in periods if period.ends(since, retention) <= now)


def holds_any(text: str, retention: Retention) -> bool:
    """Whether a legal hold of the pack covers a stored document: the document is, or names, a held call or incident."""
    return any(str(hold.subject) in text for hold in retention.holds)

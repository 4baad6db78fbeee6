"""What people bring along from the year before a plan: nights, weekend days and holidays above or below their share."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from sigap_roster.domain.checks import Circumstances, Taken
from sigap_roster.domain.hours import facts_of_duties, shares_of_duties
from sigap_roster.domain.rules.of_persons import part_of_full_week
from sigap_roster.domain.rules.shares import COUNTED

YEAR = timedelta(days=365)
MOST_CARRIED = 2.0
"""By so many nights, weekend days or holidays at most one plan makes up for the year before. More would leave somebody
without any nights, or with too many at once.
"""


def carried(around: Circumstances, now: datetime) -> Mapping[str, Mapping[UUID, float]]:
    """By what is counted and by person: how many more than the equal share the person had in the year before, as far as
    one plan makes up for it; with a minus, how many fewer.

    Each month counts for those who had a duty in it: somebody who was away, or not there yet, owes nothing for it.
    People of a full week are compared with each other. Part time brings nothing along: it has fewer of each every
    month, and would owe for ever.
    """
    found: dict[str, defaultdict[UUID, float]] = {what: defaultdict(float) for what in COUNTED}
    months: defaultdict[date, list[Taken]] = defaultdict(list)
    for one in around.year_before:
        if one.staff_id in around.people:
            months[one.day.replace(day=1)].append(one)
    for first_day, own in months.items():
        last_day = (first_day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        facts = facts_of_duties(first_day, last_day, own, around, now)
        whole = [one for one in map(around.people.__getitem__, facts.of_person) if part_of_full_week(facts, one) == 1]
        for what, of in shares_of_duties(facts, whole, first_day, last_day).items():
            for staff_id, told in of.items():
                if told.share is not None:
                    found[what][staff_id] += told.count - told.share
    return {what: {staff_id: _bounded(more) for staff_id, more in of.items()} for what, of in found.items()}


def _bounded(more: float) -> float:
    return max(-MOST_CARRIED, min(MOST_CARRIED, more))

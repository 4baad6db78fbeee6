"""The use case of counting hours."""

from datetime import timedelta

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid
from sigap_common.core.workers import PLANS
from sigap_roster.domain.hours import Worked, days_needed, hours
from sigap_roster.repository import RosterTransaction
from sigap_roster.schemas.hours import HoursList, Period
from sigap_roster.use_cases.circumstances import by_the_pack
from sigap_roster.visibility import PLANNERS

MOST_DAYS = 366


async def hours_of(view: RosterTransaction, access: Access, period: Period) -> HoursList:
    """The hours of the regency's staff. To others than planners, the shares tell of no restrictions. Raises
    RegencyForbidden, NotFound, Invalid.
    """
    view.require_known(access, period.regency)
    if period.last_day < period.first_day:
        raise Invalid(errors=[Fault(("query", "to"), "before_from", {})])
    if period.last_day - period.first_day >= timedelta(days=MOST_DAYS):
        raise Invalid(errors=[Fault(("query", "to"), "hours_too_long", {"most": MOST_DAYS})])
    people = await view.staff.of_regency(period.regency)
    around = by_the_pack(view.packs.get(period.regency), people)
    if not access.may(*PLANNERS):
        around = around.without_restrictions()
    worked = Worked(
        await view.duties.taken(period.regency, *days_needed(period.first_day, period.last_day)),
        await view.duties.attended(period.regency, period.first_day, period.last_day),
    )
    found = await PLANS.run(hours, period.first_day, period.last_day, worked, around, view.now())
    return period.listed(found)

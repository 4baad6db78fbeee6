"""Checks of response plans: unknown codes, alarm levels with gaps, keys without effect, plans that never apply."""

from collections.abc import Iterator, Set
from datetime import date
from itertools import chain

from sigap_common.regency.draft import Draft
from sigap_common.regency.findings import PackError, duplicates
from sigap_common.regency.parts.plans import ResponsePlan

Errors = Iterator[PackError]
_OF_HELP = {"at_once", "next", "automatic", "acknowledge_within_s", "role"}
"""The keys of a plan that say how its agencies are told to help."""


def check_plans(draft: Draft, types: Set[str]) -> Errors:
    """The errors of response plans. `types`: the codes of the known incident types."""
    agencies = {code for _, code in draft.codes("agencies")}
    capabilities = set(chain.from_iterable(agency.capabilities for _, agency in draft.items("agencies")))
    holidays = {holiday.date for _, holiday in draft.items("holidays")}
    plans: list[tuple[str, ResponsePlan]] = list(draft.items("response_plans"))
    for place, plan in plans:
        if plan.incident_type not in types:
            yield PackError(f"{place}/incident_type", "pack.type_unknown", {"code": plan.incident_type})
        yield from _agencies(place, plan, agencies)
        if plan.capability and plan.capability not in capabilities:
            yield PackError(f"{place}/capability", "pack.capability_unknown", {"code": plan.capability})
        yield from _informs(place, plan)
        yield from _at_once(place, plan)
        yield from _when(f"{place}/when", plan, holidays)
    yield from _levels(plans)


def _agencies(place: str, plan: ResponsePlan, known: Set[str]) -> Errors:
    if plan.agencies and plan.capability:
        yield PackError(f"{place}/capability", "pack.agencies_or_capability")
    elif not plan.wants_help and not plan.informs:
        yield PackError(f"{place}/agencies", "pack.plan_wants_nobody")
    for key, codes in (("agencies", plan.agencies), ("informs", plan.informs)):
        places = [(f"{place}/{key}/{index}", code) for index, code in enumerate(codes)]
        yield from duplicates(places)
        for where, code in places:
            if code not in known:
                yield PackError(where, "pack.agency_unknown", {"code": code})


def _informs(place: str, plan: ResponsePlan) -> Errors:
    """Who is told to help is not only informed; and if a plan only informs, the keys about help would do nothing."""
    for index, code in enumerate(plan.informs):
        if code in plan.agencies:
            yield PackError(f"{place}/informs/{index}", "pack.informed_and_told", {"code": code})
    if plan.informs and not plan.wants_help:
        for key in sorted(plan.model_fields_set & _OF_HELP):
            yield PackError(f"{place}/{key}", "pack.only_informs", {"named": key})


def _at_once(place: str, plan: ResponsePlan) -> Errors:
    if plan.at_once is None and plan.next == "automatic" and plan.wants_help:
        yield PackError(f"{place}/next", "pack.next_without_at_once")
    if plan.at_once is not None and plan.agencies and plan.at_once > len(plan.agencies):
        yield PackError(f"{place}/at_once", "pack.at_once_above", {"count": len(plan.agencies)})


def _when(place: str, plan: ResponsePlan, holidays: Set[date]) -> Errors:
    when = plan.when
    if (when.start is None) != (when.end is None):
        yield PackError(place, "pack.start_and_end")
    elif when.start is not None and when.start == when.end:
        yield PackError(f"{place}/end", "pack.ends_where_it_starts", {"start": when.start})
    yield from duplicates((f"{place}/weekdays/{index}", day) for index, day in enumerate(when.weekdays))
    yield from duplicates((f"{place}/dates/{index}", str(day)) for index, day in enumerate(when.dates))
    yield from duplicates((f"{place}/cells/{index}", cell) for index, cell in enumerate(when.cells))
    days = when.dates or (holidays if when.holidays == "only" else None)
    if days is not None and not any(when.has_day(day, holidays) for day in days):
        yield PackError(place, "pack.plan_never_applies")


def _levels(plans: list[tuple[str, ResponsePlan]]) -> Errors:
    """An error for the first plan of each incident type that is above a level without a plan."""
    reached: dict[str, set[int]] = {}
    for _, plan in plans:
        reached.setdefault(plan.incident_type, set()).add(plan.alarm_level)
    for place, plan in plans:
        missing = set(range(1, plan.alarm_level)) - reached[plan.incident_type]
        if missing:
            reached[plan.incident_type] |= missing
            yield PackError(
                f"{place}/alarm_level", "pack.level_missing", {"level": min(missing), "code": plan.incident_type}
            )

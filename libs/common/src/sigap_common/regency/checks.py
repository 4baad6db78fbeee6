"""Checks of a pack that concern several parts, such as codes that refer to each other."""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, get_args
from urllib.parse import urlsplit

import yaml

from sigap_common.core.formats import FORMATS
from sigap_common.regency.draft import Draft
from sigap_common.regency.findings import PackError, duplicates, pointer
from sigap_common.regency.guidance_checks import check_guidance
from sigap_common.regency.help import named_codes
from sigap_common.regency.model import Pack, standard_types
from sigap_common.regency.parts.agencies import Endpoint
from sigap_common.regency.parts.blocking import LONGEST_BLOCK_HOURS, SHORTEST_BLOCK_HOURS
from sigap_common.regency.parts.incident_types import IncidentType
from sigap_common.regency.parts.rosters import Demand, Employment, RosterPolicy, Season, Shift, ShiftPattern
from sigap_common.regency.plan_checks import check_plans
from sigap_common.regency.secrecy import secret_in_url, secret_places
from sigap_common.regency.zone_checks import check_zone

Errors = Iterator[PackError]


def _coded() -> tuple[str, ...]:
    """The keys of a pack that are lists of entries with a code of their own. Policies for rosters and seasons may share
    one.
    """
    entries = {key: get_args(field.annotation)[:1] for key, field in Pack.model_fields.items()}
    return tuple(
        key
        for key, entry in entries.items()
        if entry and "code" in getattr(entry[0], "model_fields", ()) and entry[0] not in (RosterPolicy, Season)
    )


_CODED = _coded()
DRILL_AGENCY = "drill"
_REFERENCE_NEEDED = "pack.secret_reference"


def check(draft: Draft) -> Errors:
    """All errors of a pack that concern several parts."""
    for one_check in _CHECKS:
        yield from one_check(draft)


def _duplicate_codes(draft: Draft) -> Errors:
    for field in _CODED:
        yield from duplicates(draft.codes(field))
    for place, agency in draft.items("agencies"):
        names = enumerate(agency.endpoints)
        yield from duplicates((f"{place}/endpoints/{index}/name", one.name) for index, one in names)
        units = enumerate(agency.units)
        yield from duplicates((f"{place}/units/{index}/callsign", one.callsign) for index, one in units)
    yield from duplicates((f"{place}/date", str(item.date)) for place, item in draft.items("holidays"))


def _reserved_codes(draft: Draft) -> Errors:
    """No agency of a pack may have the code of the built-in drill agency, because tokens of the drill door may answer
    for that code.
    """
    for place, code in draft.codes("agencies"):
        if code == DRILL_AGENCY:
            yield PackError(place, "pack.agency_reserved", {"code": code})


def _known_types(draft: Draft) -> set[str]:
    own = {code for _, code in draft.codes("incident_types")}
    return own | {kind.code for kind in standard_types()} if draft.value("standard_types") else own


def _plans(draft: Draft) -> Errors:
    yield from check_plans(draft, _known_types(draft))


def _unknown_type(place: str, code: str) -> PackError:
    return PackError(place, "pack.type_unknown", {"code": code})


def _parents(draft: Draft) -> Errors:
    known = _known_types(draft)
    own = {place.removesuffix("/code") for place, _ in draft.codes("incident_types")}
    kinds: list[tuple[str, IncidentType]] = [(at, kind) for at, kind in draft.items("incident_types") if at in own]
    standard = standard_types() if draft.value("standard_types") else ()
    parents = {kind.code: kind.parent for kind in (*standard, *(kind for _, kind in kinds))}
    for place, kind in kinds:
        if kind.parent and kind.parent not in known:
            yield _unknown_type(f"{place}/parent", kind.parent)
        elif _leads_back(kind.code, parents):
            yield PackError(f"{place}/parent", "pack.parent_leads_back", {"parent": kind.parent, "code": kind.code})


def _leads_back(code: str, parents: Mapping[str, str | None]) -> bool:
    step, seen = parents.get(code), set[str]()
    while step and step not in seen:
        if step == code:
            return True
        seen.add(step)
        step = parents.get(step)
    return False


def _guidance(draft: Draft) -> Errors:
    yield from check_guidance(draft, _known_types(draft))


def _endpoints(draft: Draft) -> Errors:
    for place, agency in draft.items("agencies"):
        for index, endpoint in enumerate(agency.endpoints):
            yield from _endpoint(f"{place}/endpoints/{index}", endpoint)


def _endpoint(place: str, endpoint: Endpoint) -> Errors:
    if endpoint.secret_ref is not None and not _is_reference(endpoint.secret_ref):
        yield PackError(f"{place}/secret_ref", _REFERENCE_NEEDED)
    for where in secret_places(endpoint.options, f"{place}/options"):
        yield PackError(where, _REFERENCE_NEEDED)
    if endpoint.url is not None:
        yield from _url(f"{place}/url", endpoint.url)


def _is_reference(text: str) -> bool:
    variable, name = text.removeprefix("SIGAP_SECRET_"), text.removeprefix("file:")
    if variable != text:
        return variable != "" and variable.replace("_", "").isalnum() and variable.isascii()
    safe = name.replace("-", "").replace("_", "").replace(".", "")
    return name != text and safe.isalnum() and safe.isascii() and not name.startswith(".")


def _url(place: str, url: str) -> Errors:
    try:
        parts = urlsplit(url)
        usable = bool(parts.scheme and (parts.hostname or parts.path)) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        yield PackError(place, "url_parsing")
    elif secret_in_url(url):
        yield PackError(place, "pack.secret_in_url")


def _shifts(draft: Draft) -> Errors:
    pattern: ShiftPattern | None = draft.value("shifts")
    shifts: list[tuple[str, Shift]] = [*draft.inside("shifts", "shifts")]
    yield from duplicates((f"{place}/code", one.code) for place, one in shifts)
    for place, one in shifts:
        yield from _minimum(place, one)
        if one.break_minutes >= one.length_minutes:
            told = {"code": one.code, "minutes": one.length_minutes}
            yield PackError(f"{place}/break_minutes", "pack.break_too_long", told)
    if pattern is not None and shifts:  # what is unreadable may lie between two shifts
        ordered = sorted(shifts, key=lambda entry: entry[1].start_minute)
        for (_, before), (place, after) in pairwise([*ordered, ordered[0]]):
            yield from _joint(place, before, after, len(ordered) == 1, pattern.handover_minutes)


def _minimum(place: str, one: Shift | Demand) -> Errors:
    if one.minimum is not None and one.minimum > one.seats:
        yield PackError(f"{place}/minimum", "pack.minimum_above_seats", {"seats": one.seats})


def _demand(draft: Draft) -> Errors:
    pattern: ShiftPattern | None = draft.value("shifts")
    codes = {shift.code for shift in pattern.shifts} if pattern else None  # unreadable: any may be meant
    holidays = {holiday.date for _, holiday in draft.items("holidays")}
    for place, one in draft.inside("shifts", "demand"):
        yield from _minimum(place, one)
        for number, code in enumerate(one.shifts):
            if codes is not None and code not in codes:
                yield PackError(f"{place}/shifts/{number}", "pack.shift_unknown", {"code": code})
        yield from duplicates((f"{place}/shifts/{number}", code) for number, code in enumerate(one.shifts))
        yield from duplicates((f"{place}/weekdays/{number}", day) for number, day in enumerate(one.weekdays))
        yield from duplicates((f"{place}/dates/{number}", str(day)) for number, day in enumerate(one.dates))
        days = one.dates or (holidays if one.holidays == "only" else None)
        if days is not None and not any(one.has_day(day, holidays) for day in days):
            yield PackError(place, "pack.demand_never_applies")


def _joint(place: str, before: Shift, after: Shift, alone: bool, handover: int) -> Errors:
    between = (after.start_minute - before.start_minute) % 1440 or (1440 if alone else 0)
    gap = between - before.length_minutes
    if gap > 0:
        yield PackError(f"{place}/start", "pack.shifts_gap", {"start": before.end, "end": after.start})
    elif -gap > handover:
        yield PackError(f"{place}/start", "pack.shifts_overlap", {"code": before.code, "end": before.end})


@cache
def roster_policies() -> Mapping[str, Mapping[str, Any]]:
    """The rules for rosters that packs may name: by code, what each is about and its params."""
    text = files("sigap_common.regency").joinpath("roster_policies.yaml").read_text("utf-8")
    known: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return known


_PARAM_TYPES: dict[str, tuple[type, ...]] = {
    "number": (int, float),
    "list": (list, tuple),
    "clock": (str,),
    "employment": (str,),
    "agency": (str,),
    "skill": (str,),
    "season": (str,),
}
_MOST_IN_A_POLICY = 10_000
"""More than the hours of a roster of 366 days."""
_PARAM_WANTED = {"number": "float_type", "list": "list_type"}
"""The complaint if a value has another type. For the types that are not named here: `string_type`."""


ABOUT = ("employment", "agency", "agencies", "skill", "with_skill", "after", "shifts", "season")
"""The values of a policy that say for whom or what it holds. Several policies may have one code if these differ."""


def _policies(draft: Draft) -> Errors:
    first: dict[str, str] = {}
    for place, policy in draft.items("policies"):
        same = repr((policy.code, [policy.params.get(name) for name in ABOUT]))
        if same in first:
            yield PackError(f"{place}/code", "pack.used_before", {"code": policy.code, "at": first[same]})
        first.setdefault(same, f"{place}/code")
        known = roster_policies().get(policy.code)
        if known is None:
            yield PackError(f"{place}/code", "pack.policy_unknown", {"code": policy.code})
        else:
            yield from _params(place, policy, known["params"])
            needed = [name for name in known["params"] if name not in known.get("optional", ())]
            if policy.strength != "off" and (missing := [name for name in needed if name not in policy.params]):
                yield PackError(f"{place}/params", "pack.param_missing", {"missing": missing})


def _params(place: str, policy: RosterPolicy, known: Mapping[str, str]) -> Errors:
    for name, value in policy.params.items():
        where = f"{place}/params" + pointer(name)
        if name not in known:
            yield PackError(where, "pack.param_unknown", {"known": list(known)})
        elif isinstance(value, bool) or not isinstance(value, _PARAM_TYPES[known[name]]):
            yield PackError(where, _PARAM_WANTED.get(known[name], "string_type"))
        elif isinstance(value, int | float) and not 0 <= value <= _MOST_IN_A_POLICY:
            yield PackError(where, "pack.param_number", {"most": _MOST_IN_A_POLICY})
        elif known[name] == "clock" and not re.fullmatch(FORMATS["clock_time"], str(value)):
            yield PackError(where, "pack.param_clock")
        elif known[name] == "employment" and value not in list(Employment):
            yield PackError(where, "pack.param_employment", {"known": list(Employment)})
        elif known[name] == "skill" and not re.fullmatch(FORMATS["code_in_pack"], str(value)):
            yield PackError(where, "pack.param_skill")


def _policy_codes(draft: Draft) -> Errors:
    pattern: ShiftPattern | None = draft.value("shifts")
    shifts = {shift.code for shift in pattern.shifts} if pattern else None  # unreadable: any may be meant
    agencies, seasons = ({code for _, code in draft.codes(field)} for field in ("agencies", "seasons"))
    refers: Mapping[str, tuple[Set[str] | None, str]] = {
        "day_shifts": (shifts, "pack.shift_unknown"),
        "night_shifts": (shifts, "pack.shift_unknown"),
        "shifts": (shifts, "pack.shift_unknown"),
        "after": (shifts, "pack.shift_unknown"),
        "agencies": (agencies, "pack.agency_unknown"),
    }
    refers_to_one = {"agency": (agencies, "pack.agency_unknown"), "season": (seasons, "pack.season_unknown")}
    for place, policy in draft.items("policies"):
        for name, (known, complaint) in refers.items():
            values = policy.params.get(name)
            for index, code in enumerate(values if isinstance(values, list | tuple) else ()):
                if known is not None and code not in known:
                    yield PackError(f"{place}/params/{name}/{index}", complaint, {"code": code})
        for name, (known, complaint) in refers_to_one.items():
            code = policy.params.get(name)
            if isinstance(code, str) and code not in known:
                yield PackError(f"{place}/params/{name}", complaint, {"code": code})


def _seasons(draft: Draft) -> Errors:
    """A season comes again each year; two of one code never share a day."""
    ends: dict[str, tuple[datetime.date, str]] = {}
    for place, season in sorted(draft.items("seasons"), key=lambda told: told[1].first_day):
        if season.last_day < season.first_day:
            yield PackError(f"{place}/last_day", "pack.below", {"other": "first_day"})
        before = ends.get(season.code)
        if before and season.first_day <= before[0]:
            yield PackError(f"{place}/first_day", "pack.season_overlaps", {"code": season.code, "at": before[1]})
        if before is None or season.last_day > before[0]:
            ends[season.code] = season.last_day, place


def _levels(draft: Draft) -> Errors:
    levels, closing = draft.value("service_levels"), draft.value("closing")
    if levels and levels.answer_latest_s < levels.answer_within_s:
        yield PackError("/service_levels/answer_latest_s", "pack.below", {"other": "answer_within_s"})
    if levels and levels.answer_latest_share < levels.answer_share:
        yield PackError("/service_levels/answer_latest_share", "pack.below", {"other": "answer_share"})
    if closing and closing.when_all_ended == "automatic" and closing.disposition is None:
        yield PackError("/closing/disposition", "pack.disposition_needed")
    total, points = draft.value("cctv_total"), draft.value("cctv_points")
    if total is not None and points is not None and total < len(points):
        yield PackError("/cctv_total", "pack.cctv_below_list", {"count": len(points)})
    for year in draft.value("population") or ():
        if not 1900 <= year <= 2200:
            yield PackError(f"/population/{year}", "pack.year")


def _capabilities(draft: Draft) -> Errors:
    """Words for a code that nothing in the pack has are usually a spelling mistake."""
    agencies, plans = draft.value("agencies"), draft.value("response_plans")
    if agencies is None or plans is None:
        return
    known = named_codes(agencies, plans)
    for place, code in draft.codes("capabilities"):
        if code not in known:
            yield PackError(place, "pack.capability_unnamed", {"code": code})


def _zone(draft: Draft) -> Errors:
    zone = draft.value("zone")
    if zone is not None:
        yield from check_zone(zone, draft.value("time_zone"))


def _blocking(draft: Draft) -> Errors:
    """A longer or shorter block in a pack of an older version counts as one within the limits."""
    blocking = draft.value("blocking")
    if blocking is not None and not SHORTEST_BLOCK_HOURS <= blocking.hours <= LONGEST_BLOCK_HOURS:
        limits = {"least": SHORTEST_BLOCK_HOURS, "most": LONGEST_BLOCK_HOURS}
        yield PackError("/blocking/hours", "pack.block_hours", limits)


def _queue(draft: Draft) -> Errors:
    queue, code = draft.value("queue"), draft.value("code")
    if queue and queue.ring_duty_telephone_after_s < queue.ring_all_after_s:
        yield PackError("/queue/ring_duty_telephone_after_s", "pack.below", {"other": "ring_all_after_s"})
    if queue and queue.ring_partner_after_s < queue.ring_duty_telephone_after_s:
        yield PackError("/queue/ring_partner_after_s", "pack.below", {"other": "ring_duty_telephone_after_s"})
    yield from _others(code, "/queue/partners", queue.partners if queue else ())


def _mutual_aid(draft: Draft) -> Errors:
    yield from _others(draft.value("code"), "/mutual_aid", draft.value("mutual_aid") or ())


def _others(code: str | None, pointer: str, named: Sequence[str]) -> Errors:
    """The faults of a list of other regencies."""
    yield from duplicates((f"{pointer}/{index}", one) for index, one in enumerate(named))
    if code in named:
        yield PackError(f"{pointer}/{named.index(code)}", "pack.partner_itself")


def _complaints(draft: Draft) -> Errors:
    complaints = draft.value("complaints")
    codes = {code for _, code in draft.codes("agencies")}
    if complaints and complaints.agency and draft.value("agencies") is not None and complaints.agency not in codes:
        yield PackError("/complaints/agency", "pack.agency_unknown", {"code": complaints.agency})


_CHECKS: tuple[Callable[[Draft], Errors], ...] = (
    _zone,
    _duplicate_codes,
    _reserved_codes,
    _parents,
    _plans,
    _capabilities,
    _guidance,
    _endpoints,
    _shifts,
    _demand,
    _policies,
    _policy_codes,
    _seasons,
    _levels,
    _blocking,
    _mutual_aid,
    _queue,
    _complaints,
)

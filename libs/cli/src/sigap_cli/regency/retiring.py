"""Finds what a new pack would retire: the entries of the pack in force that the new pack does not have."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sigap_common.regency.checks import ABOUT

MOST_NAMED = 8
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of a pack: the names of one and of several entries, their key, and the name of an entry."""

    one: str
    several: str
    key: Callable[[Any], object]
    name: Callable[[Any], str]


def _code(entry: Entry) -> object:
    return entry["code"]


def _name(entry: Entry) -> str:
    return str(entry["name"])


def _label(entry: Entry) -> str:
    return str(entry["label"]["id"])


def _plan_key(plan: Entry) -> object:
    plain = (plan.get(key) for key in ("incident_type", "min_priority", "capability"))
    return *plain, plan.get("alarm_level", 1), repr(plan.get("when"))


def _plan_name(plan: Entry) -> str:
    asked = plan.get("agencies") or [plan[key] for key in ("capability",) if plan.get(key)] or plan.get("informs", ())
    return f"{plan['incident_type']} to {', '.join(asked)}"


def _policy_key(policy: Entry) -> object:
    about = policy.get("params", {})
    return policy["code"], repr([about.get(name) for name in ABOUT])


LISTS: Mapping[str, Listed] = {
    "agencies": Listed("agency", "agencies", _code, _name),
    "response_plans": Listed("response plan", "response plans", _plan_key, _plan_name),
    "incident_types": Listed("kind of incident", "kinds of incident", _code, _label),
    "dispositions": Listed("disposition", "dispositions", _code, _label),
    "decline_reasons": Listed("reason to decline", "reasons to decline", _code, _label),
    "capabilities": Listed("entry of words for capabilities", "entries of words for capabilities", _code, _label),
    "triage": Listed("triage question", "triage questions", _code, _label),
    "instructions": Listed(
        "instruction", "instructions", lambda one: one["incident_type"], lambda o: o["incident_type"]
    ),
    "policies": Listed("policy for rosters", "policies for rosters", _policy_key, lambda one: str(one["code"])),
    "holidays": Listed("holiday", "holidays", lambda one: one["date"], lambda one: f"{one['date']} {one['name']}"),
    "seasons": Listed(
        "season",
        "seasons",
        lambda one: (one["code"], one["first_day"]),
        lambda one: f"{one['first_day']} {one['name']}",
    ),
    "cctv_points": Listed("camera", "cameras", _code, _name),
    "gazetteer": Listed("named place", "named places", lambda one: (one["name"], one["kind"]), _name),
    "duty_telephones": Listed("duty telephone", "duty telephones", str, str),
    "transfer_telephones": Listed("telephone for transfers", "telephones for transfers", str, str),
    "outside_telephones": Listed("telephone of outside places", "telephones of outside places", str, str),
    "mutual_aid": Listed("regency of mutual aid", "regencies of mutual aid", str, str),
    "silent_call": Listed(
        "step of the procedure for silent calls",
        "steps of the procedure for silent calls",
        lambda one: one.get("code") or one["id"],
        lambda one: str(one["id"]),
    ),
    "child_words": Listed(
        "word for callers who are children",
        "words for callers who are children",
        lambda one: one.get("code") or one["id"],
        lambda one: str(one["id"]),
    ),
}
"""The keys of a pack that are lists."""
PARTS: Mapping[str, str] = {
    "zone": "the zone",
    "blocking": "the rule by which prank callers are blocked",
    "service_levels": "the service levels (the standard ones hold again)",
    "retention": "the retention periods (the standard ones hold again)",
    "closing": "the rule by which incidents close",
    "reopen_window_minutes": "the time within which reopening is proposed (the standard one holds again)",
    "transfer_limit_s": "the time after which a transfer comes back (the standard one holds again)",
    "transfer_by": "the way in which calls are offered to other regencies (the standard one holds again)",
    "population": "the population",
    "cctv_total": "the number of cameras",
    "silent_type": "the kind of incident of silent callers (the standard one holds again)",
    "class_keys": "the keys of the classes (the standard ones hold again)",
    "callbacks": "the rules for calling back (the standard ones hold again)",
    "queue": "the rules of the queue (the standard ones hold again)",
    "complaints": "where non-emergency reports go (the complaints desk gets them)",
}
"""The other keys, by what is said if a pack has them no more. A test holds both against the model."""
SHIFT = Listed("shift", "shifts", _code, _name)
DEMAND = Listed("other number of seats", "other numbers of seats", _name, _name)
UNIT = Listed("unit", "units", lambda one: one["callsign"], lambda one: str(one["callsign"]))
ENDPOINT = Listed("endpoint", "endpoints", lambda one: one["name"], _name)


def retired(before: Entry, after: Entry) -> list[str]:
    """A phrase for each part of `before`, the pack in force, that `after`, a valid pack, does not have.

    Both are without keys that have their default, as the services show a pack.
    """
    return [
        *_gone(LISTS["agencies"], before.get("agencies", ()), after.get("agencies", ())),
        *_endpoints(before, after),
        *_plans(before, after),
        *(
            phrase
            for section, listed in LISTS.items()
            if section not in ("agencies", "response_plans")
            for phrase in _gone(listed, before.get(section, ()), after.get(section, ()))
        ),
        *_gone(SHIFT, _shifts(before, "shifts"), _shifts(after, "shifts")),
        *_gone(DEMAND, _shifts(before, "demand"), _shifts(after, "demand")),
        *(phrase for part, phrase in PARTS.items() if before.get(part) and not after.get(part)),
        *(
            ["the regency itself: nothing new begins there"]
            if after.get("retired") and not before.get("retired")
            else []
        ),
    ]


def _shifts(pack: Entry, name: str) -> Sequence[Entry]:
    found: Sequence[Entry] = pack.get("shifts", {}).get(name, ())
    return found


def _gone(listed: Listed, before: Sequence[Any], after: Sequence[Any], of: str = "") -> Iterator[str]:
    kept = {listed.key(entry) for entry in after}
    if gone := [listed.name(entry) for entry in before if listed.key(entry) not in kept]:
        more = f" and {len(gone) - MOST_NAMED} more" if len(gone) > MOST_NAMED else ""
        what = listed.one if len(gone) == 1 else listed.several
        yield f"{len(gone)} {what}{of}: {', '.join(gone[:MOST_NAMED])}{more}"


def _endpoints(before: Entry, after: Entry) -> Iterator[str]:
    """The endpoints and the units that agencies which stay would lose."""
    kept = {agency["code"]: agency for agency in after.get("agencies", ())}
    for agency in before.get("agencies", ()):
        if stays := kept.get(agency["code"]):
            endpoints = agency.get("endpoints", ()), stays.get("endpoints", ())
            yield from _gone(ENDPOINT, *endpoints, of=f" of {agency['name']}")
            units = agency.get("units", ()), stays.get("units", ())
            yield from _gone(UNIT, *units, of=f" of {agency['name']}")


def _plans(before: Entry, after: Entry) -> Iterator[str]:
    """The removed plans, and the agencies that a remaining plan no longer tells. Several plans may have one key."""
    plans = before.get("response_plans", ()), after.get("response_plans", ())
    yield from _gone(LISTS["response_plans"], *plans)
    for key, part in (("agencies", "in"), ("informs", "informed by")):
        told: dict[object, set[str]] = {}
        for plan in plans[1]:
            told.setdefault(_plan_key(plan), set()).update(plan.get(key, ()))
        for plan in plans[0]:
            if (still := told.get(_plan_key(plan))) is not None and (gone := sorted(set(plan.get(key, ())) - still)):
                yield f"{', '.join(gone)} {part} the response plan for {plan['incident_type']}"

"""Computes the columns of a fact's row, which figures are queried from.

Day and hour of a fact are those of its start, in the time zone that the regency had when the fact was made.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sigap_analytics.domain.facts import Fact, Kind
from sigap_common.contracts.incidents import ON_BEHALF_CHANNELS


class Outcome(StrEnum):
    """The outcome of a call that has no class. For a call with a class, the class is the outcome."""

    SCREENED = "screened"
    ABANDONED = "abandoned"
    WAITING = "waiting"
    NOT_CLASSIFIED = "not_classified"


UNANSWERED = frozenset({Outcome.SCREENED, Outcome.ABANDONED, Outcome.WAITING})

Columns = dict[str, Any]


def columns(kind: Kind, fact: Fact) -> Columns:
    return _COLUMNS[kind](fact)


def outcome(fact: Fact) -> str:
    """The outcome of a call. Each call has exactly one, so the parts add up to all calls. A class, or an end, proves
    that the call was answered.
    """
    if (call_class := fact.text("call_class")) is not None:
        return call_class
    if "answered_at" in fact.told or "ended_at" in fact.told:
        return Outcome.NOT_CLASSIFIED
    if "screened_at" in fact.told:
        return Outcome.SCREENED
    return Outcome.ABANDONED if "abandoned_at" in fact.told else Outcome.WAITING


def _call(fact: Fact) -> Columns:
    became = outcome(fact)
    return {
        **_started(fact, fact.moment("received_at")),
        "channel": fact.text("channel"),
        "outcome": became,
        "backfilled": bool(fact.value("backfilled")),
        "waited_ms": fact.number("abandoned_ms" if became == Outcome.ABANDONED else "waited_ms"),
        "block_rule": fact.text("block_rule"),
    }


def _incident(fact: Fact) -> Columns:
    """The day of an incident is that of its number. The start of a backfilled incident is the time when it happened."""
    backfilled = bool(fact.value("backfilled"))
    started = _started(fact, fact.moment("began_at" if backfilled else "created_at"))
    if (day := fact.text("day")) is not None:
        started["day"] = date.fromisoformat(day)
    return {
        **started,
        "kind": fact.text("kind"),
        "protected": bool(fact.value("protected")),
        "backfilled": backfilled,
        "answered_at": fact.moment("promised_from") if fact.value("from_call") else None,
        "corrected_at": fact.moment("corrected_at"),
        "opened_at": fact.moment("created_at"),
        "merged_into": _id(fact, "merged_into"),
        "by_transfer": bool(fact.value("by_transfer")),
    }


def _forwarding(fact: Fact) -> Columns:
    forwarded_at, outcome = fact.moment("forwarded_at"), _came_to(fact)
    return {
        **_started(fact, forwarded_at),
        "incident_id": _id(fact, "incident"),
        "agency": fact.text("agency"),
        "alarm_level": fact.number("alarm_level"),
        "protected": bool(fact.value("protected")),
        "backfilled": bool(fact.value("backfilled")),
        "outcome": outcome,
        "on_behalf": fact.text(f"{outcome}_by") in ON_BEHALF_CHANNELS,
        "missed": "missed_at" in fact.told,
        "forwarded_at": forwarded_at,
        "withdrawn_at": fact.moment("withdrawn_at"),
        "acknowledged_ms": between(forwarded_at, fact.moment("acknowledged_at")),
        "en_route_at": fact.moment("en_route_at"),
        "on_scene_at": fact.moment("on_scene_at"),
        "done_at": fact.moment("done_at"),
    }


def _unit_sent(fact: Fact) -> Columns:
    return {
        "forwarding_id": _id(fact, "forwarding"),
        "callsign": fact.text("callsign"),
        "en_route_at": fact.moment("en_route_at"),
        "on_scene_at": fact.moment("on_scene_at"),
        "released_at": fact.moment("released_at"),
        "went_on": bool(fact.value("went_on")),
    }


def _came_to(fact: Fact) -> str:
    """The outcome of a forwarding. An acknowledgement counts before all other answers. A withdrawal that a reopening
    undid has no time.
    """
    return next((name for name in ("acknowledged", "declined", "withdrawn") if fact.value(f"{name}_at")), "open")


def _delivery(fact: Fact) -> Columns:
    delivered_at = fact.moment("delivered_at")
    return {
        **_started(fact, delivered_at),
        "forwarding_id": _id(fact, "forwarding"),
        "channel": fact.text("channel"),
        "delivered_at": delivered_at,
    }


def _duty(fact: Fact) -> Columns:
    starts_at = fact.moment("starts_at")
    return {
        **_started(fact, starts_at),
        "roster_id": _id(fact, "roster"),
        "published": fact.number("published"),
        "starts_at": starts_at,
    }


def _attendance(fact: Fact) -> Columns:
    return {**_started(fact, fact.moment("planned_at")), "started_at": fact.moment("started_at")}


def _roster(fact: Fact) -> Columns:
    return {"published": fact.number("published")}


def _callback(fact: Fact) -> Columns:
    return {
        **_started(fact, fact.moment("opened_at")),
        "outcome": fact.text("outcome") or "open",
        "cut_off": bool(fact.value("cut_off")),
        "sampled": bool(fact.value("sampled")),
    }


def _referral(fact: Fact) -> Columns:
    outcome = fact.text("closed") or ("answered" if fact.value("answered") else "open")
    return {**_started(fact, fact.moment("received_at")), "outcome": outcome}


def _transferred_call(fact: Fact) -> Columns:
    outcome = fact.text("call_class") or Outcome.NOT_CLASSIFIED
    return {**_started(fact, fact.moment("received_at")), "outcome": outcome}


def between(start: datetime | None, end: datetime | None) -> int | None:
    """The time from start to end in whole milliseconds, rounded down. It is negative if the clocks disagree."""
    if start is None or end is None:
        return None
    return (end - start) // timedelta(milliseconds=1)


def _started(fact: Fact, moment: datetime | None) -> Columns:
    """The day and hour of the start. Both are None until an event gives the start."""
    if moment is None:
        return {"day": None, "hour": None}
    local = moment.astimezone(_zone(fact.zone))
    return {"day": local.date(), "hour": local.hour}


def _id(fact: Fact, name: str) -> UUID | None:
    text = fact.text(name)
    return UUID(text) if text else None


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


_COLUMNS: dict[Kind, Callable[[Fact], Columns]] = {
    Kind.CALL: _call,
    Kind.INCIDENT: _incident,
    Kind.FORWARDING: _forwarding,
    Kind.DELIVERY: _delivery,
    Kind.DUTY: _duty,
    Kind.ATTENDANCE: _attendance,
    Kind.ROSTER: _roster,
    Kind.CALLBACK: _callback,
    Kind.REFERRAL: _referral,
    Kind.TRANSFERRED_CALL: _transferred_call,
    Kind.UNIT_SENT: _unit_sent,
}

"""The calendar of one person's duties (iCalendar, RFC 5545). It names nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from icalendar.prop import vText

from sigap_common.core.texts import Language, Texts
from sigap_common.regency import Pack
from sigap_roster.domain import Duty, DutyState

_TEXTS = Texts.load("sigap_roster")
_ASK_AGAIN = "PT1H"


@dataclass(frozen=True, slots=True)
class Entry:
    """A duty, and when its roster was last published."""

    duty: Duty
    published_at: datetime


def as_calendar(entries: Sequence[Entry], pack: Pack, spoken: Language) -> bytes:
    """The calendar's bytes; the same duties give the same bytes. Times are on the regency's clock, with its zone.

    A duty keeps its UID in all versions of its roster, and its SEQUENCE grows with each change. One that a later
    version withdrew is there as cancelled, so that a telephone removes it.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Sigap 112//roster//ID")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _TEXTS.get("calendar.name", spoken, regency=pack.name))
    calendar.add("x-wr-timezone", pack.time_zone)
    calendar["refresh-interval"] = vText(_ASK_AGAIN, params={"VALUE": "DURATION"})
    calendar["x-published-ttl"] = vText(_ASK_AGAIN)
    for entry in entries:
        calendar.add_component(_event(entry, pack, spoken))
    if entries:
        calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry, pack: Pack, spoken: Language) -> Event:
    duty, zone = entry.duty, ZoneInfo(pack.time_zone)
    name = next((shift.name for shift in pack.shifts.shifts if shift.code == duty.shift), duty.shift)
    cancelled = duty.state is DutyState.WITHDRAWN
    event = Event()
    event.add("uid", f"{duty.id}@sigap112")
    event.add("dtstamp", entry.published_at)
    event.add("last-modified", entry.published_at)
    event.add("sequence", duty.version - 1)
    event.add("summary", _TEXTS.get("calendar.cancelled" if cancelled else "calendar.duty", spoken, shift=name))
    event.add("location", pack.name)
    event.add("dtstart", duty.starts_at.astimezone(zone))
    event.add("dtend", duty.ends_at.astimezone(zone))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    return event

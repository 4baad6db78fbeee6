"""Reads the shifts that people still have when they are made inactive."""

from collections.abc import Set
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sigap_roster.domain.leaving import StillPlanned, still_planned
from sigap_roster.repository import RosterTransaction


async def shifts_of_those_who_left(tx: RosterTransaction, regency: str, people: Set[UUID]) -> list[StillPlanned]:
    """The shifts to come that these people have in published plans and in drafts, by roster."""
    if not people:
        return []
    pack, now = tx.packs.get(regency), tx.now()
    found = await tx.rosters.of_days(regency, now.date() - timedelta(days=1), date.max)
    zone = ZoneInfo(pack.time_zone)
    return [one for roster in found for one in still_planned(roster, people, pack.shifts, zone, now)]

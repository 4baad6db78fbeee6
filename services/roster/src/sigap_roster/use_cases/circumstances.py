"""Reads what a plan is checked against."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sigap_common.regency import Pack
from sigap_roster.domain import (
    AbsenceKind,
    Circumstances,
    Roster,
    StaffMember,
    days_off,
    days_wished_free,
    shift_wishes,
)
from sigap_roster.domain.carried import YEAR
from sigap_roster.domain.locks import Lock
from sigap_roster.repository import RosterTransaction
from sigap_roster.repository.duties import BINDS_AFTER, BINDS_BEFORE
from sigap_roster.repository.locks import lock_of


async def circumstances(
    tx: RosterTransaction,
    roster: Roster,
    people: Mapping[UUID, StaffMember],
    *,
    everybody: bool = False,
    locks: Collection[Lock] | None = None,
    numbers: bool = False,
) -> Circumstances:
    """What the plan is checked against. `everybody`: also the duties of those whom it does not name. `locks`: None:
    those of the roster. For staff, who are told nothing of a draft, there are none. `numbers`: whether texts have the
    staff numbers of people, which only leaders read.
    """
    named = {planned.staff_id for planned in roster.planned} | (people.keys() if everybody else set())
    days = (roster.first_day - BINDS_AFTER, roster.last_day + BINDS_BEFORE)
    absences = await tx.absences.between(roster.regency, *days)
    return replace(
        by_the_pack(tx.packs.get(roster.regency), people),
        elsewhere=await tx.duties.elsewhere(roster, named),
        leave=days_off(absences, AbsenceKind.LEAVE, *days),
        wished=days_wished_free(absences, *days),
        shift_wishes=shift_wishes(absences, *days),
        locks=frozenset(await locks_of(tx, roster) if locks is None else locks),
        numbers=numbers,
    )


async def with_history(tx: RosterTransaction, roster: Roster, around: Circumstances) -> Circumstances:
    """The same with the published duties of the year before, which fair shares make up for."""
    first_day, last_day = roster.first_day - YEAR, roster.first_day - timedelta(days=1)
    return replace(around, year_before=await tx.duties.taken(roster.regency, first_day, last_day))


async def with_same_days(tx: RosterTransaction, roster: Roster, around: Circumstances) -> Circumstances:
    """The same with the days of other published rosters: only who checks or publishes the whole plan asks for them."""
    return replace(around, same_days=await tx.rosters.same_days(roster))


async def locks_of(tx: RosterTransaction, roster: Roster) -> list[Lock]:
    return [lock_of(row) for row in await tx.locks.of_roster(roster.id)]


def by_the_pack(pack: Pack, people: Mapping[UUID, StaffMember]) -> Circumstances:
    """The shifts, rules, holidays and seasons of the pack, without anybody's duties elsewhere and absences."""
    return Circumstances(
        pack.shifts,
        ZoneInfo(pack.time_zone),
        people,
        policies=pack.policies,
        holidays={holiday.date: holiday.name for holiday in pack.holidays},
        seasons=pack.seasons,
    )

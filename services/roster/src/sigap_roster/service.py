"""The use cases of staff, rosters and duties. Each loads, decides and records in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sigap_common.auth import Access
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Conflict, Fault, Forbidden, Invalid, RoleMissing
from sigap_common.core.texts import Language
from sigap_common.core.workers import PLANS
from sigap_common.http.etags import Expected
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_roster.domain import (
    AbsenceKind,
    Breach,
    Circumstances,
    Command,
    DutyState,
    Planned,
    Publish,
    Roster,
    StaffMember,
    as_published,
    breaches,
    check,
    days_off,
    days_wished_free,
    decide_duty,
    decide_roster,
    draft,
    findings,
    followed,
    plan,
    shift_wishes,
)
from sigap_roster.domain.carried import YEAR
from sigap_roster.domain.leaving import StillPlanned
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.month_plan import month_plans
from sigap_roster.domain.open_shifts import open_seats
from sigap_roster.domain.rules.of_persons import planned_overtime
from sigap_roster.domain.rules.work import facts_of
from sigap_roster.files.lines import Line, Refused
from sigap_roster.files.plan import fault_of, plain, resolve
from sigap_roster.files.plan_page import PlanPage
from sigap_roster.leaving import shifts_of_those_who_left
from sigap_roster.models import LockRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.repository.duties import BINDS_AFTER, BINDS_BEFORE, NamedDuty
from sigap_roster.visibility import LEADERS, sees_drafts


async def create_staff(tx: RosterTransaction, access: Access, regency: str, told: Mapping[str, Any]) -> StaffMember:
    """Adds a person to the staff. `told`: the fields of a StaffMember. Raises Conflict if somebody else has the subject
    or the number.
    """
    tx.require_known(access, regency)
    tx.packs.in_service(regency)
    begun = Aggregate(id=tx.new_id(), regency=regency)
    member = StaffMember(id=begun.id, regency=regency, **told, number_hash=number_hash(tx, told["number"]))
    return await _keep_member(tx, begun, member)


async def replace_staff(
    tx: RosterTransaction, access: Access, staff_id: UUID, expected: Expected, told: Mapping[str, Any]
) -> tuple[StaffMember, list[StillPlanned]]:
    """Replaces all fields of a person's entry. Returns also the shifts that a person who is not active still has.
    Raises the same errors as `create_staff`, and PreconditionFailed.
    """
    before = await tx.staff.visible(staff_id, access)
    expected.check(before.version)
    changed = {**told, "number_hash": number_hash(tx, told["number"])}
    member = await _keep_member(tx, before, before.model_copy(update=changed))
    return member, await shifts_of_those_who_left(tx, member.regency, set() if member.active else {member.id})


async def draft_roster(tx: RosterTransaction, access: Access, regency: str, first_day: date, last_day: date) -> Roster:
    tx.require_known(access, regency)
    tx.packs.in_service(regency)
    begun = Aggregate(id=tx.new_id(), regency=regency)
    return tx.rosters.keep(begun, draft(begun, first_day, last_day))


async def plan_roster(
    tx: RosterTransaction, access: Access, roster_id: UUID, expected: Expected, planned: Sequence[Planned]
) -> Roster:
    """Replaces the draft's assignments. Only publishing checks them. Raises PreconditionFailed."""
    roster = await tx.rosters.visible(roster_id, access)
    expected.check(roster.version)
    return tx.rosters.keep(roster, plan(roster, tuple(planned)))


async def import_plan(
    tx: RosterTransaction, access: Access, roster_id: UUID, expected: Expected, lines: Sequence[Line]
) -> Roster:
    """Replaces the draft's assignments by those of a duty plan, if all of them could be published. Raises
    PreconditionFailed, Refused.
    """
    roster = await tx.rosters.visible(roster_id, access)
    expected.check(roster.version)
    people = await tx.staff.of_regency(roster.regency)
    pattern = tx.packs.get(roster.regency).shifts
    understood, faults = resolve(lines, people, pattern)
    planned = plan(roster, tuple(wanted for _, wanted in understood))
    found = findings(planned, await circumstances(tx, planned, people, numbers=True), tx.now())
    faults += [fault_of(finding, understood[finding.index][0]) for finding in found]
    if faults:
        raise Refused(faults)
    return tx.rosters.keep(roster, planned)


async def check_roster(view: RosterTransaction, access: Access, roster_id: UUID) -> tuple[list[Breach], float]:
    """The faults that prevent the plan's publication, and its breaches of the regency's rules; and the planned hours of
    overtime. Raises NotFound.
    """
    roster = await view.rosters.visible(roster_id, access, lock=False)
    people = await view.staff.of_regency(roster.regency)
    around = await _with_same_days(view, roster, await circumstances(view, roster, people, numbers=True))
    return await PLANS.run(_checked, roster, around, view.now())


def _checked(roster: Roster, around: Circumstances, now: datetime) -> tuple[list[Breach], float]:
    return check(roster, around, now), planned_overtime(facts_of(roster, around, now))


async def changes_of_draft(
    view: RosterTransaction, access: Access, roster_id: UUID
) -> tuple[Roster, Mapping[UUID, StaffMember]]:
    """The roster, and the staff whom its draft or its published plan names. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    named = {one.staff_id for one in roster.planned} | {one.staff_id for one in roster.published}
    return roster, await view.staff.some(named)


async def plan_page(view: RosterTransaction, access: Access, roster_id: UUID, spoken: Language) -> str:
    """The month plan as a page: of the draft for leaders, of the published plan for staff. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    leader = sees_drafts(access)
    shown = roster if leader else as_published(roster)
    people = await view.staff.of_regency(roster.regency)
    around = await circumstances(view, shown, people)
    months = await PLANS.run(month_plans, shown, around, view.now())
    page = PlanPage(
        roster=roster,
        pack=view.packs.get(roster.regency),
        months=months,
        spoken=spoken,
        numbers=leader,
        made_at=view.now(),
        is_draft=leader and roster.changed,
    )
    return await PLANS.run(page.html)


async def publish_roster(
    tx: RosterTransaction, access: Access, roster_id: UUID, expected: Expected, reasons: Mapping[str, Sealed]
) -> Roster:
    """Publishes a roster and updates the duties that follow from it. `reasons`: for each broken hard rule, the reason.

    Raises PreconditionFailed, Invalid.
    """
    roster = await tx.rosters.visible(roster_id, access)
    expected.check(roster.version)
    await tx.rosters.lock_publishing(roster.regency)
    named = {planned.staff_id for planned in roster.planned}
    locks = await locks_of(tx, roster)
    people = await tx.staff.locked(roster.regency, named | {lock.staff_id for lock in locks})
    around = await circumstances(tx, roster, people, locks=locks, numbers=True)
    around = await _with_same_days(tx, roster, around)
    found = await PLANS.run(breaches, roster, around, tx.now())
    command = Publish(by=access.subject, around=around, breaches=found, reasons=reasons)
    decision = decide_roster(roster, command, tx.now())
    roster = tx.rosters.record(decision)
    if decision.events:
        await follow_publication(tx, roster, around)
    return roster


async def follow_publication(tx: RosterTransaction, roster: Roster, around: Circumstances) -> None:
    """Updates the duties that follow from the plan, and ends what staff asked for of duties and seats that are gone."""
    known = await tx.duties.of_roster(roster.id)
    changed = followed(roster, known)
    await tx.duties.keep_all(known, changed)
    await tx.swaps.overtake([duty.id for duty in changed if duty.state is DutyState.WITHDRAWN])
    if roster.published_version > 1:  # before the first publication nobody could ask for a seat
        await tx.pickups.overtake(roster.id, open_seats(roster, around, tx.now()).keys())


async def attend(tx: RosterTransaction, access: Access, duty_id: UUID, command: Command) -> NamedDuty:
    """Starts or ends a duty. Staff may do so only for their own duties and for now. Raises Forbidden, RoleMissing."""
    duty = await tx.duties.visible(duty_id, access)
    person = await tx.staff.get(duty.staff_id, lock=False)
    if not access.may(*LEADERS):
        if person.subject != access.subject:
            raise Forbidden("duty-of-another")
        if command.at is not None:
            raise RoleMissing(LEADERS)
    duty = tx.duties.record(decide_duty(duty, command, tx.now()))
    on_leave = days_off(
        await tx.absences.between(duty.regency, duty.day, duty.day), AbsenceKind.LEAVE, duty.day, duty.day
    )
    return NamedDuty(duty, person.name, person.active and duty.staff_id not in on_leave)


async def _keep_member(tx: RosterTransaction, before: Aggregate, member: StaffMember) -> StaffMember:
    _check_agency(tx, before, member)
    if other := await tx.staff.same_as(member):
        same_token = member.subject is not None and other.subject == member.subject
        reason = "staff-subject-taken" if same_token else "staff-number-taken"
        raise Conflict(reason, staff_id=other.id, who=other.name_and_number)
    return tx.staff.keep(before, member)


def _check_agency(tx: RosterTransaction, before: Aggregate, member: StaffMember) -> None:
    """Checks a person's agency. Raises Invalid if the pack does not have it. A person may keep an agency that the pack
    retired.
    """
    if member.agency is None or (isinstance(before, StaffMember) and before.agency == member.agency):
        return
    if not has_agency(tx, member.regency, member.agency):
        raise Invalid(errors=[Fault(("body", "agency"), "agency_unknown", {})])


def has_agency(tx: RosterTransaction, regency: str, path: str) -> bool:
    """Whether the path names an agency of the regency's pack."""
    of, _, code = path.partition("/")
    return of == regency and tx.packs.get(regency).agency(code) is not None


def number_hash(tx: RosterTransaction, number: Sealed | None) -> str | None:
    """The keyed hash by which a person is found from the staff number; None without one."""
    return tx.ring.lookup(f"staff/{plain(number.clear)}") if number else None


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


async def _with_same_days(tx: RosterTransaction, roster: Roster, around: Circumstances) -> Circumstances:
    """The same with the days of other published rosters: only who checks or publishes the whole plan asks for them."""
    return replace(around, same_days=await tx.rosters.same_days(roster))


async def locks_of(tx: RosterTransaction, roster: Roster) -> list[Lock]:
    return [lock_of(row) for row in await tx.locks.of_roster(roster.id)]


def lock_of(row: LockRow) -> Lock:
    return Lock(row.staff_id, row.day, row.shift)


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

"""The use cases of rosters: they are drafted, planned, checked, printed and published."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.texts import Language
from sigap_common.core.workers import PLANS
from sigap_common.http.etags import Expected
from sigap_common.personal_data import Sealed
from sigap_roster.domain import (
    Breach,
    Circumstances,
    DutyState,
    Planned,
    Publish,
    Roster,
    StaffMember,
    as_published,
    breaches,
    check,
    decide_roster,
    draft,
    findings,
    followed,
    plan,
)
from sigap_roster.domain.month_plan import month_plans
from sigap_roster.domain.open_shifts import open_seats
from sigap_roster.domain.publishing import still_accepted
from sigap_roster.domain.rules.of_persons import planned_overtime
from sigap_roster.domain.rules.work import facts_of
from sigap_roster.files.lines import Line, Refused
from sigap_roster.files.plan import fault_of, resolve
from sigap_roster.files.plan_page import PlanPage
from sigap_roster.repository import RosterTransaction
from sigap_roster.use_cases.circumstances import circumstances, locks_of, with_same_days
from sigap_roster.visibility import sees_drafts


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
    understood, faults = resolve(lines, people, pattern, (roster.first_day, roster.last_day))
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
    around = await with_same_days(view, roster, await circumstances(view, roster, people, numbers=True))
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
    """Publishes a roster and updates the duties that follow from it. `reasons`: for each broken hard rule, the reason;
    none is asked for again if the published plan broke the rule as much.

    Raises PreconditionFailed, Invalid.
    """
    roster = await tx.rosters.visible(roster_id, access)
    expected.check(roster.version)
    await tx.rosters.lock_publishing(roster.regency)
    named = {planned.staff_id for planned in roster.planned}
    locks = await locks_of(tx, roster)
    people = await tx.staff.locked(roster.regency, named | {lock.staff_id for lock in locks})
    around = await circumstances(tx, roster, people, locks=locks, numbers=True)
    around = await with_same_days(tx, roster, around)
    found = await PLANS.run(breaches, roster, around, tx.now())
    known = await _known_reasons(tx, roster, found)
    command = Publish(by=access.subject, around=around, breaches=found, reasons={**known, **reasons})
    decision = decide_roster(roster, command, tx.now())
    roster = tx.rosters.record(decision)
    if decision.events:
        await follow_publication(tx, roster, around)
    return roster


async def _known_reasons(tx: RosterTransaction, roster: Roster, found: Sequence[Breach]) -> Mapping[str, Sealed]:
    """The reasons that the published plan has and that hold for the draft too. `found`: what the draft breaks."""
    if not roster.accepted:
        return {}
    told = as_published(roster)
    people = await tx.staff.some({planned.staff_id for planned in told.planned})
    around = await with_same_days(tx, told, await circumstances(tx, told, people, numbers=True))
    return still_accepted(roster, await PLANS.run(breaches, told, around, tx.now()), found)


async def follow_publication(tx: RosterTransaction, roster: Roster, around: Circumstances) -> None:
    """Updates the duties that follow from the plan, and ends what staff asked for of duties and seats that are gone."""
    known = await tx.duties.of_roster(roster.id)
    changed = followed(roster, known)
    await tx.duties.keep_all(known, changed)
    await tx.swaps.overtake([duty.id for duty in changed if duty.state is DutyState.WITHDRAWN])
    if roster.published_version > 1:  # before the first publication nobody could ask for a seat
        await tx.pickups.overtake(roster.id, open_seats(roster, around, tx.now()).keys())

"""Incidents that may be one event: suggestions, and what a person decides about them.

A suggestion never merges anything. While nobody has decided, agencies that are on a likely duplicate already are not
told by the response plan; all others are. After `WAIT` they are told too, with the number of the possible duplicate.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sigap_common.contracts.duplicates import (
    DuplicateHidden,
    DuplicateRejected,
    DuplicateSuggested,
    DuplicateWaitEnded,
    IncidentAbsorbed,
    IncidentLinked,
    IncidentMerged,
    IncidentReleased,
    IncidentUnmerged,
    ReportRead,
)
from sigap_common.contracts.incidents import IncidentUpdated
from sigap_common.contracts.places import Place
from sigap_common.core.clock import is_over
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.regency.geometry import Point
from sigap_dispatch.domain.carrying import (
    failed_on,
    give_back,
    let_units_go,
    let_units_go_back,
    open_again,
    questions_of,
    take_late_units,
    take_over,
    take_units_back,
    take_units_over,
)
from sigap_dispatch.domain.commands import Amend, Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import ENDINGS, forward_again, is_at_work, is_on_it, revise
from sigap_dispatch.domain.glasses import glass_of, see_through
from sigap_dispatch.domain.matching import PARAMETERS, Scene, matches, road_in, words_of
from sigap_dispatch.domain.plans import Wanted, wanted, within
from sigap_dispatch.domain.proposals import follow_plan, propose, why_only_proposed
from sigap_dispatch.domain.refusals import require_open
from sigap_dispatch.domain.sharing import follow_merger, leave_merger
from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.mergers import Merger
from sigap_dispatch.domain.units import busy
from sigap_dispatch.domain.updates import PROTECTION, amend

_OPENED_AGAIN = ("number", "incident_type", "priority", "place", "protected", "started_at", "call_id", "caller_hash")
"""What IncidentUnmerged says of the incident, for services that keep open ones alone."""
WAIT = timedelta(seconds=9)
"""How long agencies wait for a person's decision. Deadlines are looked for every second, so it is 10 s at most."""


@dataclass(frozen=True, slots=True)
class CompareAgain(Command):
    """The incident has another place or type now: `around` are the open incidents near it."""

    around: Sequence[Scene]


@dataclass(frozen=True, slots=True)
class RejectDuplicate(Command):
    """A person says that the incident and `other` are not the same event."""

    other: Incident


@dataclass(frozen=True, slots=True)
class Link(Command):
    """A person says that the incident and `other` belong together, but are not the same event."""

    other: Incident


@dataclass(frozen=True, slots=True)
class Merge(Command):
    """A person says that the incident is the same event as `into`, which is worked on from now on."""

    into: Incident


@dataclass(frozen=True, slots=True)
class Absorb(Command):
    """`merged` was merged into the incident. `merged` and the incident are as they were before, and `began_at` and
    `answered_at` are the earliest of all incidents that are one event now.
    """

    merged: Incident
    began_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unmerge(Command):
    """A person says that the incident was merged by mistake. `into` is the other one as it was before; None: there is
    none.
    """

    into: Incident | None


@dataclass(frozen=True, slots=True)
class Release(Command):
    """`unmerged` was taken out of the incident again. `unmerged` is as it was before."""

    unmerged: Incident
    began_at: datetime
    answered_at: datetime | None
    unread: int | None = None
    """How many of its reports nobody had read; None: if no report has left."""
    notes: frozenset[int] = frozenset()
    """The numbers of the notes that came with it, and of what its calls have said since."""


@dataclass(frozen=True, slots=True)
class CarryOver(Command):
    """An agency has asked something on `merged`, which was merged into the incident, named units for it, or comes after
    all although it had declined: a fact.
    """

    merged: Incident
    part: UUID | None = None
    """The forwarding of the merged incident that the agency answered."""
    units: tuple[str, ...] = ()
    """The units that it named."""
    comes_after_all: bool = False
    """Whether the agency had declined this part until then, and comes after all."""


@dataclass(frozen=True, slots=True)
class HideDuplicate(Command):
    """The incident `other` is protected now, so it is suggested no longer: a fact."""

    other: UUID


@dataclass(frozen=True, slots=True)
class ReadReports(Command):
    """A person has read so many of the reports. `number`: that of the last of them; None: if no report has left."""

    up_to: int
    number: int | None = None


def scene_of(incident: Incident) -> Scene:
    """What is compared of an incident."""
    texts = [note.text.clear for note in incident.notes if not note.text.opaque]
    address = incident.place.address if incident.place else None
    addresses = [address.clear] if address and not address.opaque else []
    return Scene(
        id=incident.id,
        number=incident.number,
        incident_type=incident.incident_type,
        point=point_of(incident.place),
        reported_at=incident.reported_at or incident.started_at,
        caller_hash=incident.caller_hash,
        words=words_of([*texts, *addresses]),
        road=road_in([*addresses, *texts]),
        agencies=frozenset(f.agency for f in incident.forwardings if f.stands),
        settled=_settled(incident),
    )


def point_of(place: Place | None) -> Point | None:
    known = place.point if place else None
    return Point(*known, place.uncertainty_m) if known and place else None


def is_compared(incident: Incident) -> bool:
    """Whether duplicates of the incident are looked for. A late entry is over, and a protected incident is neither
    suggested nor gets suggestions: they would show it to people whom it does not concern.
    """
    return not (incident.backfilled or incident.protected or incident.closed_at)


def suggest(decision: IncidentDecision, around: Sequence[Scene], *, wait: bool) -> None:
    """Suggests the likeliest of the open incidents around. `wait`: the incident is new, so agencies on a likely one
    wait for an answer.
    """
    incident = decision.incident
    if not around or not is_compared(incident):
        return
    known = _settled(incident) | {incident.id}
    candidates = [one for one in around if one.id not in known and incident.id not in one.settled]
    told = (one for one in wanted(incident, decision.moment.pack) if one.automatic)
    planned = {one.agency for one in told} if wait else set[str]()
    for match in matches(scene_of(incident), candidates, decision.moment.pack):
        waiting = planned & match.scene.agencies if match.score >= PARAMETERS.likely else set[str]()
        decision.emit(
            DuplicateSuggested(
                **decision.stamp(),
                other=match.scene.id,
                other_number=match.scene.number,
                score=round(match.score, 3),
                reasons=match.reasons,
                waiting=tuple(sorted(waiting)),
                wait_until=decision.moment.now + WAIT if waiting else None,
            )
        )


def _settled(incident: Incident) -> frozenset[UUID]:
    """The incidents that are not suggested (again)."""
    suggested = (one.other for one in incident.suggestions)
    opened_from = (incident.linked_to,) if incident.linked_to else ()
    return frozenset((*incident.rejected, *incident.links, *opened_from, *suggested))


def compare_again(decision: IncidentDecision, command: CompareAgain) -> None:
    suggest(decision, command.around, wait=False)


def end_wait(decision: IncidentDecision) -> None:
    """Tells the agencies that waited, if the time for a decision is over."""
    now = decision.moment.now
    waited = [one for one in decision.incident.suggestions if one.wait_until]
    if not any(one.wait_until and is_over(one.wait_until, one.since, now) for one in waited):
        return
    likeliest = max(waited, key=lambda one: one.score)
    decision.emit(DuplicateWaitEnded(**decision.stamp(), other_number=likeliest.number))
    _tell_the_rest(decision)


def reject_duplicate(decision: IncidentDecision, command: RejectDuplicate) -> None:
    """Raises NotAllowed if the incident is closed. A repeat changes nothing."""
    if command.other.id in decision.incident.rejected:
        return
    require_open(decision.incident)
    before = decision.incident
    decision.emit(DuplicateRejected(**_about(decision, command.other)))
    go_on(decision, before)


def hide_duplicate(decision: IncidentDecision, command: HideDuplicate) -> None:
    """Ends the suggestion of an incident that is protected now. Agencies that waited for an answer are told at once. A
    repetition changes nothing.
    """
    before = decision.incident
    if any(one.other == command.other for one in before.suggestions):
        decision.emit(DuplicateHidden(**decision.stamp(), other=command.other))
        go_on(decision, before)


def link(decision: IncidentDecision, command: Link) -> None:
    """Links the incidents; a repeat changes nothing. Raises NotAllowed if one is merged, Invalid if they cannot belong
    together. Closed ones may be linked: an event may follow from one that is over.
    """
    other, before = command.other, decision.incident
    require_alike(before, other)
    for one in (before, other):
        if one.merger:
            require_open(one)
    if other.id in before.links:
        return
    decision.emit(IncidentLinked(**_about(decision, other)))
    if not before.closed_at:
        go_on(decision, before)


def merge(decision: IncidentDecision, command: Merge) -> None:
    """Ends the incident as merged; its alarms end with it, and its units go on for the other one. If that one is
    protected, so is this one from now on, and stays so if the merger ends: only a supervisor lifts protection. A repeat
    changes nothing.

    Raises NotAllowed if one of them is closed or merged into another, Invalid if they cannot be one event.
    """
    before, into = decision.incident, command.into
    require_alike(before, into)
    if before.merger and before.merger.into == into.id:
        return
    require_open(before)
    require_target(into)
    at_work = [f.agency for f in before.open_forwardings()]
    if into.protected and not before.protected:
        decision.emit(IncidentUpdated(**decision.stamp(), changes=(PROTECTION,)))
    let_units_go(decision)
    decision.emit(
        IncidentMerged(
            **decision.stamp(),
            into=into.id,
            into_number=into.number,
            first_report=into.next_report,
            agencies=tuple(dict.fromkeys(at_work)),
            moved=tuple(dict.fromkeys(f.agency for f in _missing(before, into))),
        )
    )


def absorb(decision: IncidentDecision, command: Absorb) -> None:
    """Takes over what the other one knew, its units and those whom it informs, and forwards to its agencies that are
    not at work here.
    """
    other, before = command.merged, decision.incident
    moved = _missing(other, before)
    see_through(decision, glass_of(other, decision.moment))
    decision.emit(
        IncidentAbsorbed(
            **_about(decision, other),
            reports=other.reports,
            began_at=command.began_at,
            answered_at=command.answered_at,
            notes=other.notes,
            people=other.people,
            last_report=other.next_report - 1,
            informed=tuple(one.agency for one in other.informed if one.ended_at is None),
            failed=failed_on(other),
            on_their_way=tuple(one.agency for one in other.open_forwardings() if one.comes),
        )
    )
    if other.protected and not before.protected:
        decision.emit(IncidentUpdated(**decision.stamp(), changes=(PROTECTION,)))
    place = other.place if before.place is None else None
    kind = other.incident_type if before.incident_type is None else None
    said = Amend(kind, other.priority if kind else None, place, other.zone)
    amend(decision, "reported_again", said, None, tell_anyway=True)
    _move(decision, moved)
    take_units_over(decision, other)
    follow_merger(decision, other)
    take_over(decision, other)
    go_on(decision, before)


def carry_over(decision: IncidentDecision, command: CarryOver) -> None:
    """Takes over what an agency said too late on the merged incident. If it comes after all, this incident is forwarded
    to it, whatever was decided here. A repetition changes nothing.
    """
    take_over(decision, command.merged)
    part = command.merged.forwarding(command.part) if command.part else None
    if part is None:
        return
    if command.comes_after_all and part.goes_on_merged and decision.incident.closed_at is None:
        forward_again(decision, [part])
    take_late_units(decision, command.merged, part, command.units)


def unmerge(decision: IncidentDecision, command: Unmerge) -> None:
    """Works on the incident again: its agencies are told anew, and its units come back. Raises NotAllowed if it is not
    merged.
    """
    before = decision.incident
    merger = before.merger
    if merger is None:
        raise NotAllowed("incident-not-merged", state=before.state)
    known = {name: getattr(before, name) for name in _OPENED_AGAIN}
    decision.emit(IncidentUnmerged(**decision.stamp(), **known, other=merger.into, other_number=merger.number))
    forward_again(decision, [part for part in before.forwardings if _goes_on_after(part, before)])
    _tell_the_rest(decision)
    if command.into:
        take_units_back(decision, command.into)
        open_again(decision, merger, command.into)


def release(decision: IncidentDecision, command: Release) -> None:
    """Gives the reports, notes and units back. Agencies that came by the merger are proposed for withdrawal: no rule
    turns them back. Raises NotAllowed if the incident is itself merged into another.
    """
    other, merger = command.unmerged, command.unmerged.merger
    assert merger is not None
    if decision.incident.merger:
        require_open(decision.incident)
    came = {f.agency for f in decision.incident.open_forwardings() if _came_by(f, other, merger)}
    last_unread = merger.first_report + other.reports - 1
    unread = max(0, last_unread - max(merger.first_report - 1, decision.incident.read_report))
    decision.emit(
        IncidentReleased(
            **_about(decision, other),
            reports=other.reports,
            began_at=command.began_at,
            answered_at=command.answered_at,
            unread=unread if command.unread is None else command.unread,
            notes=tuple(note.number for note in decision.incident.notes if note.number in command.notes),
            proposed_withdrawals=tuple(sorted(came)),
            questions=questions_of(other, decision.incident),
        )
    )
    let_units_go_back(decision, other)
    leave_merger(decision, other)
    give_back(decision, merger)
    if not decision.incident.closed_at:
        revise(decision, "reported_again", list(decision.incident.open_forwardings()))


def is_of_merged(other: Incident, report: int) -> bool:
    """Whether the report with this number, on the incident that the other one was merged into, is of the other one."""
    merger = other.merger
    return merger is not None and merger.first_report <= report < merger.first_report + other.next_report - 1


def read_reports(decision: IncidentDecision, command: ReadReports) -> None:
    """Marks the reports as read; a repeat changes nothing. Raises Invalid for more reports than there ever were: a
    screen cannot have shown them. One that shows a report that has left since is right all the same.
    """
    incident = decision.incident
    last = incident.next_report - 1
    if command.up_to > last:
        raise Invalid(errors=[Fault(("body", "up_to"), "report_unknown", {"last": incident.reports})])
    unread = incident.reports - min(command.up_to, incident.reports)
    if unread < incident.unread_reports:
        up_to = last - unread if command.number is None else command.number
        decision.emit(ReportRead(**decision.stamp(), up_to=max(up_to, incident.read_report), unread=unread))


def require_alike(one: Incident, other: Incident) -> None:
    """Raises Invalid, with all faults, if two incidents can neither be linked nor merged."""
    faults = {
        "merge_with_itself": one.id == other.id,
        "merge_other_regency": one.regency != other.regency,
        "merge_drill_with_real": one.drill != other.drill,
    }
    if wrong := [Fault(("body", "other"), kind, {}) for kind, holds in faults.items() if holds]:
        raise Invalid(errors=wrong)


def require_target(into: Incident) -> None:
    """Raises NotAllowed if nothing can be merged into the incident, because it is over. The refusal names that one."""
    if into.merger:
        raise NotAllowed("other-merged", state=into.state, number=into.number, other=into.merger.number)
    if into.closed_at:
        raise NotAllowed("other-closed", state=into.state, number=into.number)


def _about(decision: IncidentDecision, other: Incident) -> dict[str, Any]:
    return decision.stamp() | {"other": other.id, "other_number": other.number}


def go_on(decision: IncidentDecision, before: Incident) -> None:
    """Tells the agencies that waited for this decision. Those that were told of a possible duplicate learn that it is
    settled. If the incident is closed, nobody is told: nobody is wanted any more.
    """
    if decision.incident.closed_at:
        return
    if before.possibly_same_as and not decision.incident.possibly_same_as:
        revise(decision, "noted", list(decision.incident.open_forwardings()))
    if before.waiting - decision.incident.waiting:
        _tell_the_rest(decision)


def _tell_the_rest(decision: IncidentDecision) -> None:
    """Follows the plan, which is as it was: what a person dismissed is not proposed again."""
    follow_plan(decision, wanted(decision.incident, decision.moment.pack))


def _goes_on_after(part: Forwarding, merged: Incident) -> bool:
    """Whether the agency has the incident again if its merger ends. One that declined since has not, and one that had
    declined, and comes after all, has, also if it was asked to turn back because the other one was over.
    """
    if part.withdrawn_at is None or merged.closed_at is None:
        return False
    if part.goes_on_merged:
        return part.withdrawn_at == merged.closed_at
    comes = not part.declined and not part.finished and merged.newest_forwarding(part.agency) == part
    return comes and part.withdrawal_reason in ENDINGS and part.withdrawn_at > merged.closed_at


def _came_by(part: Forwarding, other: Incident, merger: Merger) -> bool:
    """Whether the agency came by the merger of the other one: at once, or since, after it had declined that one."""
    late = {one.agency for one in other.forwardings if _goes_on_after(one, other)} - set(merger.agencies)
    since = other.closed_at is not None and part.forwarded_at >= other.closed_at
    return part.agency in merger.moved or (since and part.agency in late)


def _missing(other: Incident, on: Incident) -> list[Forwarding]:
    """The forwardings of the other incident whose agencies are not at work on this one, perhaps because their part of
    it is done.
    """
    return [f for f in other.open_forwardings() if not is_at_work(on, f.agency)]


def _move(decision: IncidentDecision, forwardings: Sequence[Forwarding]) -> None:
    """Tells the agencies of a merged incident. One that a person decided against here, or that declined here, is only
    proposed, unless it comes for the merged one, its unit is out, or a person had told it.
    """
    for one in forwardings:
        limit = within(decision.incident, one.agency, decision.moment.pack)
        reason = why_only_proposed(decision.incident, Wanted(one.agency, one.alarm_level, limit, one.role))
        if reason and one.automatic and not one.comes and not busy(one):
            if not is_on_it(decision.incident, one.agency):
                propose(decision, Wanted(one.agency, one.alarm_level, limit, one.role), reason)
        else:
            forward_again(decision, [one])


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    CompareAgain: compare_again,
    RejectDuplicate: reject_duplicate,
    Link: link,
    Merge: merge,
    Absorb: absorb,
    Unmerge: unmerge,
    CarryOver: carry_over,
    Release: release,
    ReadReports: read_reports,
    HideDuplicate: hide_duplicate,
}

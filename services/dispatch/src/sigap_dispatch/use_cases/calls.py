"""Handlers of intake's events about calls. They are recorded in incidents, and never refused."""

from datetime import datetime
from uuid import UUID

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.calls import (
    CallClass,
    CallClassified,
    CallerDescribed,
    CallLocated,
    CallNoted,
    CallReclassified,
    Note,
)
from sigap_common.core.aggregate import Aggregate
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import (
    AddReport,
    Command,
    CorrectCall,
    DescribeCaller,
    DoubtCall,
    LocateFromCall,
    NoteFromCall,
    OpenFromCall,
)
from sigap_dispatch.domain.referral import Tell
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.incident_calls import Belonging
from sigap_dispatch.use_cases import referrals
from sigap_dispatch.use_cases.comparing import around_call, compare_again, of_further_report, working_incident

Classification = CallClassified | CallReclassified


async def open_or_join(tx: DispatchTransaction, event: CallClassified, envelope: Envelope) -> None:
    """Opens exactly one incident for each call that is classified as an emergency, unless it names an open one. A
    non-emergency report opens a referral.
    """
    if event.call_class == CallClass.EMERGENCY:
        await _lead(tx, event, envelope)
    elif event.call_class == CallClass.NON_EMERGENCY:
        await referrals.follow_class(tx, event, envelope)


async def correct_class(tx: DispatchTransaction, event: CallReclassified, envelope: Envelope) -> None:
    call_id = UUID(envelope.subject)
    await referrals.follow_class(tx, event, envelope)
    belongings = await tx.incident_calls.of(call_id)
    if event.call_class != CallClass.EMERGENCY:
        for one in belongings:
            await _decide(tx, one, DoubtCall(call_id, event.at), event.by)
        return
    own = next((one for one in belongings if one.leads), None)
    if own is None or await _was_cancelled(tx, own, event, call_id):
        await _lead_again(tx, event, envelope, own)
        return
    for one in belongings:
        leads = one.leads and one.report == 1
        command = CorrectCall(call_id, event.incident_type, event.priority, leads, event.at)
        await _decide(tx, one, command, event.by)
    if event.same_incident and all(one.incident_id != event.same_incident for one in belongings):
        await _report(tx, event, envelope, leads=False)


async def add_note(tx: DispatchTransaction, event: CallNoted, envelope: Envelope) -> None:
    """Adds a note to the call's incidents, or to its referral. A call without a class has neither yet; the event of its
    classification contains the notes.
    """
    call_id, note = UUID(envelope.subject), Note(at=event.at, by=event.by, text=event.text)
    belongings = await tx.incident_calls.of(call_id)
    for one in belongings:
        await _decide(tx, one, NoteFromCall(note, one.report), event.by)
    if not belongings:
        await referrals.tell(tx, call_id, Tell(note=note), event.by)


async def describe_caller(tx: DispatchTransaction, event: CallerDescribed, envelope: Envelope) -> None:
    """Brings a caller who was entered or corrected after the classification to the call's incidents."""
    for one in await tx.incident_calls.of(UUID(envelope.subject)):
        leads = one.leads and one.report == 1
        await _decide(tx, one, DescribeCaller(event.after, leads, one.report, event.at, event.by), event.by)


async def move(tx: DispatchTransaction, event: CallLocated, envelope: Envelope) -> None:
    call_id = UUID(envelope.subject)
    belongings = await tx.incident_calls.of(call_id)
    for one in belongings:
        leads = one.leads and one.report == 1
        command = LocateFromCall(event.place, event.zone, leads, one.report, event.at, event.by)
        await _decide(tx, one, command, event.by)
    if not belongings:
        await referrals.tell(tx, call_id, Tell(place=event.place), event.by)


async def _decide(tx: DispatchTransaction, belonging: Belonging, command: Command, by: str | None) -> None:
    """Records the command in the call's incident. If that was merged into another, which is worked on instead, it is
    recorded there too, as what a further report says.
    """
    incident = await tx.incidents.get(belonging.incident_id)
    before = tx.incidents.record(decide(incident, command, tx.moment(incident.regency, by)))
    if before.merger:
        working = await working_incident(tx, before)
        further = of_further_report(command, before.merger.first_report + belonging.report - 1)
        tx.incidents.record(decide(working, further, tx.moment(incident.regency, by)))
    elif isinstance(command, LocateFromCall | CorrectCall):
        await compare_again(tx, incident, before)


async def _was_cancelled(tx: DispatchTransaction, own: Belonging, event: CallReclassified, call_id: UUID) -> bool:
    """Whether the call's class before was not an emergency, and its incident has been closed since. Then a new incident
    is needed; not if the call was believed again by this correction, and the incident closed after that.
    """
    if event.before == CallClass.EMERGENCY:
        return False
    incident = await tx.incidents.get(own.incident_id)
    closed_at = (await working_incident(tx, incident)).closed_at
    if closed_at is None:
        return False
    return call_id in incident.doubted_calls or closed_at <= event.at


async def _lead_again(
    tx: DispatchTransaction, event: CallReclassified, envelope: Envelope, own: Belonging | None
) -> None:
    if own:
        await tx.incident_calls.lead_elsewhere(UUID(envelope.subject))
    await _lead(tx, event, envelope, linked_to=own.incident_id if own else None)


async def _lead(
    tx: DispatchTransaction, event: Classification, envelope: Envelope, linked_to: UUID | None = None
) -> None:
    """Adds the call to the incident that it names, if that is open. Otherwise it opens a new incident, linked to the
    named one.
    """
    named = event.same_incident
    if named and await _report(tx, event, envelope, leads=True):
        return
    until = None
    if named and not await _is_of_another_kind(tx, named, envelope):
        linked_to, until = named, await _reopen_until(tx, named, envelope)
    await _open(tx, event, envelope, linked_to, until)


async def _reopen_until(tx: DispatchTransaction, named: UUID, envelope: Envelope) -> datetime | None:
    """Until when the named incident, which is closed, can be reopened in one step; None if it cannot."""
    closed = await tx.incidents.find(named, lock=False)
    if closed is None or closed.closed_at is None or closed.merger or not _matches(closed, envelope):
        return None
    until = closed.reopen_until
    return until if until and tx.now() < until else None


async def _report(tx: DispatchTransaction, event: Classification, envelope: Envelope, *, leads: bool) -> bool:
    """Adds the call as a report to the incident that it names. Returns False if that incident is closed, or differs in
    regency or in being a drill.
    """
    assert event.same_incident
    call_id, named = UUID(envelope.subject), await tx.incidents.find(event.same_incident)
    incident = await working_incident(tx, named) if named else None
    if incident is None or incident.closed_at or not _matches(incident, envelope):
        return False
    if await tx.incident_calls.add(call_id, incident.id, incident.next_report, leads=leads):
        command = AddReport(call_id, event.call, event.incident_type, event.priority, event.at, event.by)
        tx.incidents.record(decide(incident, command, tx.moment(incident.regency)))
    return True


async def _open(
    tx: DispatchTransaction,
    event: Classification,
    envelope: Envelope,
    linked_to: UUID | None,
    linked_reopen_until: datetime | None = None,
) -> None:
    """Opens an incident. The call is added to `incident_calls` first, so that a second transaction finds it there and
    does nothing.
    """
    moment, call_id, incident_id = tx.moment(envelope.regency), UUID(envelope.subject), tx.new_id()
    if not await tx.incident_calls.add(call_id, incident_id, report=1, leads=True):
        return
    start = event.call.received_at if event.call.backfilled else moment.now
    day = moment.pack.local_day(start)
    numbered = await tx.numbers.next(envelope.regency, moment.pack.prefix, day, drill=envelope.drill)
    corrected = isinstance(event, CallReclassified) and event.before != CallClass.EMERGENCY
    command = OpenFromCall(
        numbered,
        call_id,
        event.call,
        event.incident_type,
        event.priority,
        event.at,
        corrected_at=event.at if corrected else None,
        linked_to=linked_to,
        linked_reopen_until=linked_reopen_until,
        by=event.by,
        around=await around_call(tx, envelope, event),
    )
    begun = Aggregate(id=incident_id, regency=envelope.regency, drill=envelope.drill)
    tx.incidents.record(decide(begun, command, moment))


async def _is_of_another_kind(tx: DispatchTransaction, named: UUID, envelope: Envelope) -> bool:
    """Whether one is a drill and the other is real. Such incidents are never linked, even if the call says so."""
    incident = await tx.incidents.find(named, lock=False)
    return incident is not None and incident.drill != envelope.drill


def _matches(incident: Incident, envelope: Envelope) -> bool:
    return incident.regency == envelope.regency and incident.drill == envelope.drill

"""Sharing an incident with another regency: asked, agreed to or refused, for a limited time, with a redaction profile.

The incident's own regency decides. What the other one then sees is in `redaction`. A share ends at `until` by the
clock, whether or not a timer has recorded it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.shares import (
    RedactionProfile,
    ShareAsked,
    ShareChanged,
    ShareEnded,
    ShareGiven,
    ShareOutcome,
)
from sigap_common.core.errors import Fault, Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.refusals import require_open
from sigap_dispatch.domain.share import Share, ShareState
from sigap_dispatch.domain.state.incident import Incident

SHARE_ASKED = "share_asked"
"""The alarm of the incident's regency: another one asks to see an incident."""
LONGEST = timedelta(days=7)
"""For so long an incident is shared at most; after that it is shared anew."""
_HOUR = timedelta(hours=1)
_NARROWED = {RedactionProfile.NONE: RedactionProfile.CONTACT_HIDDEN}


@dataclass(frozen=True, slots=True)
class ShareIncident(Command):
    """The incident's regency shares it, without having been asked. `known`: whether the regency `to` works here."""

    to: str
    profile: RedactionProfile
    until: datetime
    message: str | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class AskForShare(Command):
    """The regency `to` asks to see the incident. `faults_of_share` has been asked before."""

    to: str
    profile: RedactionProfile
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AgreeToShare(Command):
    """The incident's regency agrees. `profile` and `until`: None if they are as asked for."""

    share_id: UUID
    profile: RedactionProfile | None = None
    until: datetime | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RefuseShare(Command):
    share_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class EndShare(Command):
    """Either regency ends the share, or the request for it."""

    share_id: UUID
    reason: str | None = None


def share_incident(decision: IncidentDecision, command: ShareIncident) -> None:
    """Raises Invalid for the incident's own regency, one that does not work here, or a time that is over or too far
    ahead; NotAllowed for a backfilled or merged incident and if a share with this regency goes on.
    """
    _refuse_merged(decision)
    owner, now = decision.incident.regency, decision.moment.now
    if faults := faults_of_share(command.to, owner, "to", command.until, now, known=command.known):
        raise Invalid(errors=faults)
    _require_none(decision, command.to)
    _give(decision, decision.moment.new_id(), command)


def ask_for_share(decision: IncidentDecision, command: AskForShare) -> None:
    """Raises NotAllowed for a backfilled incident and if a share with this regency goes on."""
    _require_none(decision, command.to)
    asked = {"to": command.to, "profile": command.profile, "until": command.until, "reason": Sealed(command.reason)}
    decision.emit(ShareAsked(**decision.stamp(), share_id=decision.moment.new_id(), **asked))


def agree_to_share(decision: IncidentDecision, command: AgreeToShare) -> None:
    """Raises NotFound for a share that is not the newest with its regency, NotAllowed if it has ended or the incident
    was merged, Invalid like `share_incident`.
    """
    share = require_share(decision.incident, command.share_id)
    if share.shows(decision.moment.now):
        return
    _require_going_on(share, decision.moment.now)
    _refuse_merged(decision)
    until = command.until or share.until
    if fault := _time_fault(until, decision.moment.now):
        raise Invalid(errors=[fault])
    _give(decision, share.id, ShareIncident(share.to, command.profile or share.profile, until, command.message))


def refuse_share(decision: IncidentDecision, command: RefuseShare) -> None:
    """Raises NotFound like `agree_to_share`, NotAllowed if it has ended or the incident is shared already."""
    share = require_share(decision.incident, command.share_id)
    if share.state is ShareState.REFUSED:
        return
    _require_going_on(share, decision.moment.now)
    if share.state is ShareState.SHARED:
        raise NotAllowed("share-goes-on", state=share.state, to=share.to)
    _end(decision, share, "refused", command.reason)


def end_share(decision: IncidentDecision, command: EndShare) -> None:
    """From now on the other regency sees nothing. Raises NotFound like `agree_to_share`, NotAllowed if it has ended
    otherwise.
    """
    share = require_share(decision.incident, command.share_id)
    if share.state is ShareState.WITHDRAWN:
        return
    _require_going_on(share, decision.moment.now)
    _end(decision, share, "withdrawn", command.reason)


def end_over(decision: IncidentDecision) -> None:
    """Records the end of the shares and requests whose time is over."""
    for share in decision.incident.shares:
        if share.is_over(decision.moment.now):
            _end(decision, share, "expired")


def end_of_protected(decision: IncidentDecision) -> None:
    """Ends what was shared before the incident became protected: nobody agreed to share a protected one."""
    if decision.incident.protected:
        for share in decision.incident.shares:
            if share.state is ShareState.SHARED and not share.of_protected:
                _end(decision, share, "protected")


def follow_merger(decision: IncidentDecision, merged: Incident) -> None:
    """Shares the incident with those with whom the merged one is shared, for as long: it is the same event. Nobody
    agreed to show this one's caller and notes, so they are hidden. A share of its own stays as it is.
    """
    now, has = decision.moment.now, {share.to for share in decision.incident.shares if share.goes_on}
    if decision.incident.protected or merged.protected or decision.incident.backfilled:
        return
    for share in merged.shares:
        if share.shows(now) and share.to not in has:
            told = ShareIncident(share.to, _NARROWED.get(share.profile, share.profile), share.until)
            _give(decision, decision.moment.new_id(), told, came_with=merged.id)


def leave_merger(decision: IncidentDecision, unmerged: Incident) -> None:
    """Ends the shares that came with an incident that is taken out again: that one is shared itself."""
    for share in decision.incident.shares:
        if share.goes_on and share.came_with == unmerged.id:
            _end(decision, share, "withdrawn")


def faults_of_share(to: str, owner: str, named: str, until: datetime, now: datetime, *, known: bool) -> list[Fault]:
    """The faults of a new share. `named`: the field of the request that names the other regency. `known`: whether that
    regency works here.
    """
    faults = []
    if to == owner:
        faults.append(Fault(("body", named), "share_with_itself", {}))
    elif not known:
        faults.append(Fault(("body", named), "share_with_nobody", {}))
    if fault := _time_fault(until, now):
        faults.append(fault)
    return faults


def require_share(incident: Incident, share_id: UUID) -> Share:
    """The share. Raises NotFound if a later one with the same regency took its place."""
    for share in incident.shares:
        if share.id == share_id:
            return share
    raise NotFound


def owners_alarms(before: Sequence[Share], events: Iterable[Event]) -> Iterator[AlarmRaised | AlarmCleared]:
    """The alarms by which the incident's regency hears of a request. They name only the regency that asks. `before`:
    the shares before the events.
    """
    asked = {share.id for share in before if share.state is ShareState.ASKED}
    for event in events:
        if isinstance(event, ShareAsked):
            about = _ask_alarm(event.share_id)
            yield AlarmRaised(at=event.at, recorded_at=event.recorded_at, label=event.to, **about)
        elif isinstance(event, ShareGiven | ShareEnded) and event.share_id in asked:
            yield AlarmCleared(at=event.at, recorded_at=event.recorded_at, **_ask_alarm(event.share_id))


def alarms_of_request(request: Share, stamp: Mapping[str, Any]) -> Iterator[AlarmRaised | AlarmCleared]:
    """The alarm `share_asked` for a request for an incident that does not exist: raised while the request goes on, then
    cleared. The regency that asks must not be left without an answer.
    """
    about = _ask_alarm(request.id)
    if request.goes_on:
        yield AlarmRaised(**stamp, label=request.to, **about)
    else:
        yield AlarmCleared(**stamp, **about)


def request_for_nothing(command: AskForShare, share_id: UUID, now: datetime) -> Share:
    """A request for an incident that does not exist. Who asks must not learn that: a person of the asked regency
    answers, or its time passes.
    """
    asked = {"to": command.to, "profile": command.profile, "until": command.until}
    since = {"set_at": now, "began_at": now}
    return Share(id=share_id, state=ShareState.ASKED, asked=True, request=Sealed(command.reason), **asked, **since)


def ended_request(request: Share, outcome: ShareState, reason: str | None, now: datetime) -> Share:
    """The request after a refusal or a withdrawal; a repeat changes nothing. Raises NotAllowed if it has ended."""
    if request.state is outcome:
        return request
    _require_going_on(request, now)
    return request.model_copy(update={"state": outcome, "reason": Sealed(reason) if reason else None})


def receivers_news(
    before: Sequence[Share], after: Sequence[Share], stamp: Mapping[str, Any], now: datetime
) -> Iterator[tuple[Share, ShareChanged]]:
    """The events that tell other regencies of a change of the incident: a share shows something else, has begun, or has
    ended. `stamp`: the fields of time and author.
    """
    known = {share.id: share.state for share in before}
    for share in after:
        shows = share.shows(now)
        if shows or known.get(share.id) is not share.state:
            yield share, ShareChanged(**stamp, ended=not share.goes_on)


def _ask_alarm(share_id: UUID) -> dict[str, Any]:
    return {"alarm_id": uuid5(share_id, SHARE_ASKED), "kind": SHARE_ASKED, "about": f"shares/{share_id}"}


def _refuse_merged(decision: IncidentDecision) -> None:
    """The refusal names the incident that is worked on instead, which may be shared."""
    if decision.incident.merger:
        require_open(decision.incident)


def _require_none(decision: IncidentDecision, to: str) -> None:
    incident = decision.incident
    if incident.backfilled:
        raise NotAllowed("share-of-backfilled", state=incident.state)
    end_over(decision)
    for share in decision.incident.shares:
        if share.to == to and share.goes_on:
            raise NotAllowed("share-goes-on", state=share.state, to=to)


def _time_fault(until: datetime, now: datetime) -> Fault | None:
    if timedelta() < until - now <= LONGEST:
        return None
    return Fault(("body", "until"), "deadline_outside", {"hours": LONGEST // _HOUR})


def _require_going_on(share: Share, now: datetime) -> None:
    over = share.is_over(now)
    if over or not share.goes_on:
        raise NotAllowed("share-ended", state=ShareState.EXPIRED if over else share.state)


def _give(decision: IncidentDecision, share_id: UUID, told: ShareIncident, *, came_with: UUID | None = None) -> None:
    decision.emit(
        ShareGiven(
            **decision.stamp(),
            share_id=share_id,
            to=told.to,
            profile=told.profile,
            until=told.until,
            message=Sealed(told.message) if told.message else None,
            came_with=came_with,
        )
    )


def _end(decision: IncidentDecision, share: Share, outcome: ShareOutcome, reason: str | None = None) -> None:
    why = Sealed(reason) if reason else None
    decision.emit(ShareEnded(**decision.stamp(), share_id=share.id, to=share.to, outcome=outcome, reason=why))


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    ShareIncident: share_incident,
    AskForShare: ask_for_share,
    AgreeToShare: agree_to_share,
    RefuseShare: refuse_share,
    EndShare: end_share,
}

"""Informing: the plans of the alarm levels reached name recipients who are only told, such as a camat.

Those whom a merged incident informed are told of the incident that goes on, as long as the merger lasts.

Nothing is asked of them. An information is no forwarding: it has no deadline, raises no alarm, and is no agency told.
"""

from collections.abc import Iterator, Sequence

from sigap_common.contracts.incidents import CANCELLED, ForwardingContent, IncidentState, RevisionReason
from sigap_common.contracts.informing import IncidentInformed, InformationEnded, InformationEnding
from sigap_common.core.aggregate import Aggregate
from sigap_dispatch.domain.content import hidden_content, informing_content
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.plans import Informed, informed
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.informed import Information
from sigap_dispatch.domain.updates import same_place

_FOLLOWED = ("incident_type", "priority", "place", "alarm_level", "protected", "closed_at", "carried")
"""If one of these values changes, the plans may inform others. A new version of the pack alone informs nobody."""
_ENDS = ("closed", "cancelled", "merged")
"""The endings that a reopening takes back."""


def settle(decision: IncidentDecision, before: Aggregate) -> None:
    """Runs after every decision: ends what is over, tells of changes, and informs those whom the plans newly name."""
    known, after = before if isinstance(before, Incident) else None, decision.incident
    is_over = after.protected or after.closed_at is not None
    named = _named(decision) if not is_over and _may_differ(known, after) else None
    _end(decision, named)
    if is_over:
        return
    if known and (reason := _change(known, after)):
        for one in _told(decision.incident):
            _tell(decision, one, after.alarm_level, reason)
    _follow(decision, named or [])


def _named(decision: IncidentDecision) -> list[Informed]:
    """Those whom the plans inform, and those who came with merged incidents."""
    incident, pack = decision.incident, decision.moment.pack
    planned = informed(incident, pack)
    there = {f"{pack.code}/{agency.code}" for agency in pack.agencies} - _agencies(planned)
    came = dict.fromkeys(one.agency for one in incident.carried if one.agency in there)
    return [*planned, *(Informed(agency, incident.alarm_level) for agency in came)]


def _agencies(named: Sequence[Informed]) -> set[str]:
    return {one.agency for one in named}


def _end(decision: IncidentDecision, named: Sequence[Informed] | None) -> None:
    """Ends what the incident's end, its protection, a forwarding or the changed plan ends. `named`: whom the plans
    inform, and who came with merged incidents; None: that has not changed.
    """
    after, wanted = decision.incident, None if named is None else _agencies(named)
    for one in _told(after):
        if reason := _ending(after, one, wanted):
            hidden = reason == "protected"
            decision.emit(
                InformationEnded(
                    **decision.stamp(),
                    information_id=one.id,
                    agency=one.agency,
                    revision=one.revision + 1,
                    reason=reason,
                    content=hidden_content(after) if hidden else _content(decision),
                )
            )


def _ending(incident: Incident, one: Information, wanted: set[str] | None) -> InformationEnding | None:
    """Why the information ends now; None: it goes on. `wanted`: see `_end`."""
    if incident.protected:
        return "protected"
    if incident.closed_at:
        merged = incident.state is IncidentState.MERGED
        return "merged" if merged else "cancelled" if incident.disposition == CANCELLED else "closed"
    if _is_forwarded(incident, one.agency):
        return "forwarded"
    return "not_wanted" if wanted is not None and one.agency not in wanted else None


def _follow(decision: IncidentDecision, named: Sequence[Informed]) -> None:
    """Informs those who are named and who are not informed yet, or no longer."""
    for to in named:
        one = decision.incident.information(to.agency)
        if _is_forwarded(decision.incident, to.agency) or (one and one.ended_at is None):
            continue
        if one is None:
            one = Information(id=decision.moment.new_id(), agency=to.agency, revision=0, since=decision.moment.now)
            _tell(decision, one, to.alarm_level, None)
        else:
            _tell(decision, one, to.alarm_level, "reopened" if one.reason in _ENDS else None)


def _tell(decision: IncidentDecision, one: Information, alarm_level: int, reason: RevisionReason | None) -> None:
    decision.emit(
        IncidentInformed(
            **decision.stamp(),
            information_id=one.id,
            agency=one.agency,
            revision=one.revision + 1,
            alarm_level=alarm_level,
            reason=reason,
            content=_content(decision),
        )
    )


def _content(decision: IncidentDecision) -> ForwardingContent:
    return informing_content(decision.incident, decision.moment.pack)


def _told(incident: Incident) -> Iterator[Information]:
    return (one for one in incident.informed if one.ended_at is None)


def _is_forwarded(incident: Incident, agency: str) -> bool:
    """Whether the agency has, or had, the incident as one that helps: then it knows, or a person called it off."""
    return any(forwarding.agency == agency for forwarding in incident.forwardings)


def _may_differ(known: Incident | None, after: Incident) -> bool:
    return known is None or any(getattr(known, name) != getattr(after, name) for name in _FOLLOWED)


def _change(known: Incident, after: Incident) -> RevisionReason | None:
    """The most important change of what they are shown."""
    if known.incident_type != after.incident_type:
        return "retyped"
    if after.place and (known.place is None or not same_place(known.place, after.place)):
        return "located"
    if known.priority != after.priority:
        return "reprioritised"
    return "doubted" if known.doubted != after.doubted else None

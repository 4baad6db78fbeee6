"""Forwardings: forwarding an incident to agencies, revising and withdrawing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sigap_common.contracts.incidents import (
    ASKED_AGAIN,
    CANCELLED,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentForwarded,
    RevisionReason,
)
from sigap_common.contracts.places import Place
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.content import content_for
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.plans import Wanted, listed, within
from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.units import busy

CLOSED = "closed"
"""The reason of a withdrawal that follows from the closing of the incident."""
ENDINGS = (CLOSED, CANCELLED)
"""The reasons of withdrawals that follow from the end of the incident."""


def forward(
    decision: IncidentDecision,
    to: Wanted,
    *,
    automatic: bool,
    stamp: dict[str, Any] | None = None,
    notify: bool = True,
    instead_of: str | None = None,
    on_its_way: bool = False,
) -> None:
    """Forwards the incident to one agency. A backfilled incident is over, so its forwarding has no deadline. If the
    agency declined an earlier forwarding, that one is withdrawn, so that a late acknowledgement belongs to the new one.

    `stamp`: the fields of time and author, if not those of now. `notify`: whether the agency is told. `on_its_way`:
    whether it has said for a merged incident that it comes.
    """
    for declined in [f for f in decision.incident.forwardings if f.agency == to.agency and f.declined]:
        if not declined.withdrawn_at:
            withdraw(decision, declined, ASKED_AGAIN)
    acknowledge_by = None if decision.incident.backfilled else decision.moment.now + to.within
    decision.emit(
        IncidentForwarded(
            **(stamp or decision.stamp()),
            forwarding_id=decision.moment.new_id(),
            agency=to.agency,
            acknowledge_by=acknowledge_by,
            alarm_level=to.alarm_level,
            automatic=automatic,
            role=to.role,
            content=content_for(decision.incident, decision.moment.pack, to.agency),
            notify=notify,
            instead_of=instead_of,
            on_its_way=on_its_way,
        )
    )


def forward_again(decision: IncidentDecision, parts: Sequence[Forwarding]) -> None:
    """Forwards the incident to the agencies of these parts, of this incident or of a merged one, that are not at work
    on it.
    """
    for one in parts:
        if not is_at_work(decision.incident, one.agency):
            limit = within(decision.incident, one.agency, decision.moment.pack)
            to = Wanted(one.agency, one.alarm_level, limit, one.role)
            forward(decision, to, automatic=one.automatic, on_its_way=one.comes)


def revise(
    decision: IncidentDecision,
    reason: RevisionReason,
    agencies: Sequence[Forwarding],
    *,
    needs: bool = False,
    old: Place | None = None,
) -> None:
    """Sends a new revision to the `agencies`. `needs`: they must acknowledge again. `old`: the place
    before the change.
    """
    for forwarding in agencies:
        previous = (forwarding.previous_place or old) if needs else forwarding.previous_place
        decision.emit(
            ForwardingRevised(
                **decision.stamp(),
                forwarding_id=forwarding.id,
                agency=forwarding.agency,
                revision=forwarding.revision + 1,
                acknowledge_by=_deadline(decision, forwarding, needs=needs),
                needs_acknowledgement=needs,
                reason=reason,
                content=content_for(decision.incident, decision.moment.pack, forwarding.agency, previous),
            )
        )


def withdraw(
    decision: IncidentDecision,
    forwarding: Forwarding,
    reason: str,
    text: Sealed | None = None,
    stamp: dict[str, Any] | None = None,
) -> None:
    """Withdraws a forwarding. The agency is told, so the withdrawal has a revision of its own. If the agency had
    acknowledged, or comes since a merged incident, it must confirm; not of a backfilled incident, for which nobody is
    out.

    `stamp`: the fields of time and author, if not those of now.
    """
    is_out = forwarding.acknowledged_at is not None or forwarding.comes or bool(busy(forwarding))
    decision.emit(
        ForwardingWithdrawn(
            **(stamp or decision.stamp()),
            forwarding_id=forwarding.id,
            agency=forwarding.agency,
            revision=forwarding.revision + 1,
            reason=reason,
            text=text,
            stand_down=is_out and not decision.incident.backfilled,
            confirm_within_s=decision.moment.pack.service_levels.stand_down_within_s,
        )
    )


def is_on_it(incident: Incident, agency: str) -> bool:
    """Whether the agency has an open or finished forwarding of the incident."""
    return any(f.agency == agency and f.stands for f in incident.forwardings)


def is_at_work(incident: Incident, agency: str) -> bool:
    """Whether the agency has an open forwarding of the incident."""
    return any(f.agency == agency for f in incident.open_forwardings())


def no_longer_wanted(incident: Incident, decision: IncidentDecision) -> tuple[str, ...]:
    """The agencies to which the plan has forwarded the incident, but to which it would not forward it now."""
    named = listed(incident, decision.moment.pack)
    return tuple(f.agency for f in incident.open_forwardings() if f.automatic and f.agency not in named)


def _deadline(decision: IncidentDecision, forwarding: Forwarding, *, needs: bool) -> datetime | None:
    """The deadline after a correction. An agency that has not answered at all gets no additional time."""
    if decision.incident.backfilled or (forwarding.acknowledge_by is None and not needs):
        return None
    if not needs:
        return None if forwarding.acknowledged else forwarding.acknowledge_by
    in_full = decision.moment.now + _within(decision, forwarding)
    return min(forwarding.due_at, in_full) if forwarding.due_at else in_full


def _within(decision: IncidentDecision, forwarding: Forwarding) -> timedelta:
    return within(decision.incident, forwarding.agency, decision.moment.pack)

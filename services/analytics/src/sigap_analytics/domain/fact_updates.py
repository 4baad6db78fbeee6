"""The updates of facts that each event gives. None has personal data: no caller, operator, text or coordinates."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sigap_analytics.domain.facts import FactUpdate, Kind, Value
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, Response
from sigap_common.contracts.base import Event
from sigap_common.contracts.callbacks import (
    CallbackAttempted,
    CallbackCallAdded,
    CallbackExpired,
    CallbackOpened,
    CallbackResolved,
    Drop,
)
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClassified,
    CallCorrected,
    CallEnded,
    CallReceived,
    CallReclassified,
    CallScreened,
)
from sigap_common.contracts.duplicates import (
    Absorbed,
    IncidentAbsorbed,
    IncidentMerged,
    IncidentReleased,
    IncidentUnmerged,
)
from sigap_common.contracts.incidents import (
    AcknowledgementMissed,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentCreated,
    IncidentDeclined,
    IncidentForwarded,
    IncidentStatusChanged,
    IncidentUpdated,
    Progress,
)
from sigap_common.contracts.places import Place
from sigap_common.contracts.protection import ProtectionLifted
from sigap_common.contracts.referrals import ReferralAnswered, ReferralClosed, ReferralOpened, ReferralReopened
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.contracts.rosters import DutyEnded, DutyStarted, RosterPublished
from sigap_common.contracts.units import UnitReleased, UnitTakenOver

PROVES = frozenset({Response.ACKNOWLEDGED, Response.DECLINED})
"""The first answers of an agency. Progress always follows an acknowledgement."""
PROTECTED = "protected"
"""The `field` of a Change by which an incident becomes protected."""

_STEP_OF_UNIT = {
    Progress.EN_ROUTE: "en_route_at",
    Progress.ON_SCENE: "on_scene_at",
    Progress.UNDER_CONTROL: "on_scene_at",
}

FactUpdates = Iterator[FactUpdate]


def fact_updates(event: Event, envelope: Envelope) -> FactUpdates:
    """The updates that an event gives; none for an event that no fact depends on."""
    says = _SAYS.get(type(event))
    return says(event, envelope) if says else iter(())


def _received(event: CallReceived, about: Envelope) -> FactUpdates:
    """A callback that proved real is no call of the funnel: its dropped call is. Nor is a call that another regency
    handed over: it is in the funnel of that one.
    """
    if event.callback_id is not None:
        return
    if event.transferred_from is not None:
        yield _of_subject(Kind.TRANSFERRED_CALL, about, {"received_at": _iso(event.at)})
        return
    said: dict[str, Value] = {
        "received_at": _iso(event.at),
        "channel": event.channel.value,
        "backfilled": event.backfilled,
    }
    if event.block_rule is not None:
        said["block_rule"] = event.block_rule
    yield _of_subject(Kind.CALL, about, said)


def _answered(event: CallAnswered, about: Envelope) -> FactUpdates:
    said = {"answered_at": _iso(event.at), "waited_ms": event.waited_ms, "received_at": _iso(event.received_at)}
    yield _of_subject(Kind.CALL, about, said)


def _abandoned(event: CallAbandoned, about: Envelope) -> FactUpdates:
    said = {
        "abandoned_at": _iso(event.at),
        "abandoned_ms": event.waited_ms,
        "received_at": _iso(event.received_at),
    }
    yield _of_subject(Kind.CALL, about, said)


def _screened(event: CallScreened, about: Envelope) -> FactUpdates:
    said = {"screened_at": _iso(event.at), "received_at": _iso(event.received_at)}
    yield _of_subject(Kind.CALL, about, said)


def _classified(event: CallClassified | CallReclassified, about: Envelope) -> FactUpdates:
    call = event.call
    if call.callback_id is not None:
        return
    if call.transferred_from is not None:
        known = {"call_class": event.call_class.value, "received_at": _iso(call.received_at)}
        yield _of_subject(Kind.TRANSFERRED_CALL, about, known)
        return
    said = {
        "call_class": event.call_class.value,
        "received_at": _iso(call.received_at),
        "channel": call.channel.value,
        "backfilled": call.backfilled,
    }
    yield _of_subject(Kind.CALL, about, said)


def _ended(event: CallEnded, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.CALL, about, {"ended_at": _iso(event.at), "cut_off": event.cut_off})


def _corrected(event: CallCorrected, about: Envelope) -> FactUpdates:
    """The update from a correction. Late values of the exchange must replace earlier ones. For most times the value
    with the lowest number counts, so these values get a number below those of all other events.
    """
    first = {"received_at": event.received_at, "answered_at": event.answered_at}
    said: dict[str, Value] = {name: _iso(moment) for name, moment in first.items() if moment}
    if event.answered_at and event.waited_ms is not None:
        said["waited_ms"] = event.waited_ms
    if event.answered_at and event.ended_at:
        said["ended_at"] = _iso(event.ended_at)
    yield FactUpdate(Kind.CALL, UUID(about.subject), about.regency, about.drill, -about.sequence, said)
    if event.ended_at and not event.answered_at and event.waited_ms is not None:
        yield _of_subject(Kind.CALL, about, {"abandoned_ms": event.waited_ms})


def _created(event: IncidentCreated, about: Envelope) -> FactUpdates:
    said = {
        "day": event.day.isoformat(),
        "created_at": _iso(event.at),
        "began_at": _iso(event.started_at),
        "kind": event.incident_type,
        "priority": event.priority,
        "cell": _cell(event.place),
        "source": event.source.value,
        "from_call": event.call_id is not None,
        "promised_from": _iso(event.answered_at),
        "corrected_at": _iso(event.corrected_at),
        "protected": event.protected,
        "backfilled": event.backfilled,
        "by_transfer": event.received_from is not None,
    }
    yield _of_subject(Kind.INCIDENT, about, said)


def _updated(event: IncidentUpdated, about: Envelope) -> FactUpdates:
    said: dict[str, Value] = {
        "kind": event.incident_type,
        "priority": event.priority,
        "cell": _cell(event.place),
        "doubted": event.doubted,
    }
    changed = {name: value for name, value in said.items() if value is not None}
    for change in event.changes:
        if change.field == PROTECTED:
            changed["protected"] = change.after == "true"
    if changed:
        yield _of_subject(Kind.INCIDENT, about, changed)


def _lifted(_: ProtectionLifted, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.INCIDENT, about, {"protected": False})


def _closed(event: IncidentClosed, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.INCIDENT, about, {"closed_at": _iso(event.at), "disposition": event.disposition})


def _merged(event: IncidentMerged, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.INCIDENT, about, {"merged_into": str(event.into)})


def _unmerged(_: IncidentUnmerged, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.INCIDENT, about, {"merged_into": None})


def _merger_changed(event: Absorbed, about: Envelope) -> FactUpdates:
    """An incident that others were merged into counts from the earliest call of all of them."""
    said = {"began_at": _iso(event.began_at), "promised_from": _iso(event.answered_at)}
    yield _of_subject(Kind.INCIDENT, about, said)


def _reopened(_: IncidentReopened, about: Envelope) -> FactUpdates:
    """A reopened incident is open again: only its last closing counts."""
    yield _of_subject(Kind.INCIDENT, about, {"closed_at": None, "disposition": None})


def _revised(event: ForwardingRevised, about: Envelope) -> FactUpdates:
    """An agency that got its part back by a reopening is withdrawn no longer."""
    if event.reason == "reopened":
        yield _of_forwarding(event, about, {"withdrawn_at": None})


def _forwarded(event: IncidentForwarded, about: Envelope) -> FactUpdates:
    said = {
        "forwarded_at": _iso(event.at),
        "alarm_level": event.alarm_level,
        "automatic": event.automatic,
        "backfilled": event.content.backfilled,
        "protected": event.content.protected,
    }
    yield _of_forwarding(event, about, said)


def _withdrawn(event: ForwardingWithdrawn, about: Envelope) -> FactUpdates:
    yield _of_forwarding(event, about, {"withdrawn_at": _iso(event.at)})


def _acknowledged(event: IncidentAcknowledged, about: Envelope) -> FactUpdates:
    yield _of_forwarding(event, about, {"acknowledged_at": _iso(event.at), "acknowledged_by": event.channel})
    yield from _told_by_telephone(event, about)
    yield from (_of_unit(event, about, callsign, {}) for callsign in event.units)


def _declined(event: IncidentDeclined, about: Envelope) -> FactUpdates:
    yield _of_forwarding(event, about, {"declined_at": _iso(event.at), "declined_by": event.channel})
    yield from _told_by_telephone(event, about)


def _progressed(event: IncidentStatusChanged, about: Envelope) -> FactUpdates:
    if event.forwarding_id is None or event.agency is None or event.progress is None:
        return
    yield _of_forwarding(event, about, {f"{event.progress.value}_at": _iso(event.at)})
    field = _STEP_OF_UNIT.get(event.progress)
    step = {field: _iso(event.at)} if field else {}
    yield from (_of_unit(event, about, callsign, step) for callsign in event.of_units or event.units)


def _released(event: UnitReleased, about: Envelope) -> FactUpdates:
    """A unit that goes on for another incident, or back, by a merger counts there."""
    by_merger = event.how in ("merged", "unmerged")
    yield _of_unit(event, about, event.callsign, {"went_on": True} if by_merger else {"released_at": _iso(event.at)})


def _taken_over(event: UnitTakenOver, about: Envelope) -> FactUpdates:
    steps = {"en_route_at": event.en_route_at, "on_scene_at": event.on_scene_at}
    known = {field: _iso(at) for field, at in steps.items() if at}
    yield _of_unit(event, about, event.callsign, {"went_on": False, **known})


def _missed(event: AcknowledgementMissed, about: Envelope) -> FactUpdates:
    yield _of_forwarding(event, about, {"missed_at": _iso(event.at)})


def _delivered(event: NotificationDelivered, about: Envelope) -> FactUpdates:
    yield _delivery(event, about, UUID(about.subject))


def _responded(event: AgencyResponded, about: Envelope) -> FactUpdates:
    """The updates from an agency's answer. It proves that the agency has the forwarding, even if no
    delivery arrived.
    """
    if event.response in PROVES:
        yield _delivery(event, about, UUID(about.subject), event.proves_at)


def _told_by_telephone(event: IncidentAcknowledged | IncidentDeclined, about: Envelope) -> FactUpdates:
    """An answer recorded from a telephone call is also a delivery."""
    if event.by_telephone:
        yield _delivery(event, about, event.forwarding_id)


def _published(event: RosterPublished, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.ROSTER, about, {"published": about.sequence})
    for duty in event.assignments:
        said: dict[str, Value] = {
            "roster": about.subject,
            "published": about.sequence,
            "shift": duty.shift,
            "starts_at": _iso(duty.starts_at),
            "ends_at": _iso(duty.ends_at),
        }
        yield FactUpdate(Kind.DUTY, duty.duty_id, about.regency, about.drill, about.sequence, said)


def _duty_started(event: DutyStarted, about: Envelope) -> FactUpdates:
    said = {"planned_at": _iso(event.planned_at), "started_at": _iso(event.at)}
    yield _of_subject(Kind.ATTENDANCE, about, said)


def _duty_ended(event: DutyEnded, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.ATTENDANCE, about, {"ended_at": _iso(event.at)})


def _callback_opened(event: CallbackOpened, about: Envelope) -> FactUpdates:
    said = {"opened_at": _iso(event.at), "cut_off": event.call.drop is Drop.CUT_OFF}
    yield _of_subject(Kind.CALLBACK, about, said)


def _callback_call_added(event: CallbackCallAdded, about: Envelope) -> FactUpdates:
    if event.call.drop is Drop.CUT_OFF:
        yield _of_subject(Kind.CALLBACK, about, {"cut_off": True})


def _callback_attempted(event: CallbackAttempted, about: Envelope) -> FactUpdates:
    if event.ends:
        yield _of_subject(Kind.CALLBACK, about, {"outcome": event.outcome.value})


def _callback_resolved(event: CallbackResolved, about: Envelope) -> FactUpdates:
    outcome = "joined" if event.how == "joined" else "resolved"
    yield _of_subject(Kind.CALLBACK, about, {"outcome": outcome})


def _callback_expired(event: CallbackExpired, about: Envelope) -> FactUpdates:
    drawn = {"sampled": True} if event.call_by else {}
    yield _of_subject(Kind.CALLBACK, about, {"outcome": "expired", **drawn})


def _referral_opened(event: ReferralOpened, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.REFERRAL, about, {"received_at": _iso(event.received_at)})


def _referral_answered(_: ReferralAnswered, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.REFERRAL, about, {"answered": True})


def _referral_closed(event: ReferralClosed, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.REFERRAL, about, {"closed": event.how})


def _referral_reopened(_: ReferralReopened, about: Envelope) -> FactUpdates:
    yield _of_subject(Kind.REFERRAL, about, {"closed": None})


def _of_subject(kind: Kind, about: Envelope, said: dict[str, Any]) -> FactUpdate:
    return FactUpdate(kind, UUID(about.subject), about.regency, about.drill, about.sequence, said)


def _of_forwarding(event: Any, about: Envelope, said: dict[str, Any]) -> FactUpdate:
    """The update of a forwarding from an event of dispatch. Its sequence is that of the incident."""
    known = {"incident": about.subject, "agency": event.agency}
    return FactUpdate(Kind.FORWARDING, event.forwarding_id, about.regency, about.drill, about.sequence, known | said)


def _of_unit(event: Any, about: Envelope, callsign: str, said: dict[str, Any]) -> FactUpdate:
    """The update of one unit's work for one forwarding. A unit that left and came back counts by its first time."""
    known = {"forwarding": str(event.forwarding_id), "agency": event.agency, "callsign": callsign}
    fact_id = uuid5(event.forwarding_id, callsign)
    return FactUpdate(Kind.UNIT_SENT, fact_id, about.regency, about.drill, about.sequence, known | said)


def _delivery(event: Any, about: Envelope, forwarding: UUID, at: datetime | None = None) -> FactUpdate:
    """`at`: when the agency had it, if that is not the time of the event."""
    said: dict[str, Value] = {
        "forwarding": str(forwarding),
        "agency": event.agency,
        "channel": event.channel,
        "delivered_at": _iso(at or event.at),
    }
    return FactUpdate(Kind.DELIVERY, about.id, about.regency, about.drill, about.sequence, said)


def _cell(place: Place | None) -> str | None:
    return place.cell if place else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


_SAYS: dict[type[Event], Callable[[Any, Envelope], FactUpdates]] = {
    CallReceived: _received,
    CallAnswered: _answered,
    CallAbandoned: _abandoned,
    CallClassified: _classified,
    CallReclassified: _classified,
    CallEnded: _ended,
    CallCorrected: _corrected,
    CallScreened: _screened,
    IncidentCreated: _created,
    IncidentUpdated: _updated,
    ProtectionLifted: _lifted,
    IncidentClosed: _closed,
    IncidentReopened: _reopened,
    ForwardingRevised: _revised,
    IncidentForwarded: _forwarded,
    ForwardingWithdrawn: _withdrawn,
    IncidentAcknowledged: _acknowledged,
    IncidentDeclined: _declined,
    IncidentStatusChanged: _progressed,
    UnitReleased: _released,
    UnitTakenOver: _taken_over,
    AcknowledgementMissed: _missed,
    NotificationDelivered: _delivered,
    AgencyResponded: _responded,
    RosterPublished: _published,
    DutyStarted: _duty_started,
    DutyEnded: _duty_ended,
    CallbackOpened: _callback_opened,
    CallbackCallAdded: _callback_call_added,
    CallbackAttempted: _callback_attempted,
    CallbackResolved: _callback_resolved,
    CallbackExpired: _callback_expired,
    ReferralOpened: _referral_opened,
    ReferralAnswered: _referral_answered,
    ReferralClosed: _referral_closed,
    ReferralReopened: _referral_reopened,
    IncidentMerged: _merged,
    IncidentUnmerged: _unmerged,
    IncidentAbsorbed: _merger_changed,
    IncidentReleased: _merger_changed,
}
HEARD = tuple(_SAYS)
"""The events that facts follow from."""

"""Opening an incident."""

from typing import Any

from sigap_common.contracts.calls import Note
from sigap_common.contracts.incidents import IncidentCreated, Source
from sigap_common.contracts.need import with_person
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import owner_of
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack, require_incident_type
from sigap_dispatch.domain.commands import OpenDirectly, OpenFromCall
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.duplicates import suggest
from sigap_dispatch.domain.glasses import glass_of, see_through
from sigap_dispatch.domain.plans import own_priority
from sigap_dispatch.domain.proposals import follow_plan
from sigap_dispatch.domain.state.incident import Incident


def open_from_call(decision: IncidentDecision, command: OpenFromCall) -> None:
    """Opens an incident from an emergency call, even without place, known type or plan.

    A backfilled incident is created at the call's own time, any other one now.
    """
    call, kind, pack = command.call, command.incident_type, decision.moment.pack
    decision.emit(
        IncidentCreated(
            **decision.stamp(command.at if call.backfilled else None),
            number=command.numbered.number,
            day=command.numbered.day,
            incident_type=kind,
            priority=command.priority or own_priority(kind, pack),
            place=call.place,
            zone_owner=owner_of(call.zone),
            zone=call.zone,
            source=Source.CALL,
            call_id=command.call_id,
            started_at=call.received_at,
            answered_at=call.answered_at,
            corrected_at=command.corrected_at,
            linked_to=command.linked_to,
            linked_reopen_until=command.linked_reopen_until,
            protected=pack.is_protected(kind) or call.protected,
            backfilled=call.backfilled,
            notify=call.notify,
            with_agencies=call.with_agencies,
            caller_number=call.number,
            caller_name=call.caller_name,
            caller_hash=call.caller_hash,
            callback_number=call.callback_number,
            caller_language=call.language,
            notes=call.notes,
            operators=with_person((), (call.answered_by, command.by)),
            decided_at=command.at,
            **decided_values(kind, command.priority, call.place, pack),
        )
    )
    suggest(decision, command.around, wait=True)
    follow_plan(decision)


def open_directly(decision: IncidentDecision, command: OpenDirectly) -> None:
    """Opens an incident without a call, or a further incident of a call. Raises Invalid if the regency does not have
    the incident type.
    """
    kind, pack, now, first = command.incident_type, decision.moment.pack, decision.moment.now, command.first
    require_incident_type(kind, [pack])
    note = Note(at=now, by=decision.moment.by, text=Sealed(command.note)) if command.note else None
    glass = glass_of(first, decision.moment) if first else None
    decision.emit(
        IncidentCreated(
            **decision.stamp(),
            **(_of_the_call(first) if first else {"started_at": now, "answered_at": None}),
            number=command.numbered.number,
            day=command.numbered.day,
            incident_type=kind,
            priority=command.priority or own_priority(kind, pack),
            place=command.place,
            zone_owner=owner_of(command.zone),
            zone=command.zone,
            source=command.source,
            call_id=command.call_id,
            protected=pack.is_protected(kind) or bool(first and first.protected),
            through_glass=glass is not None,
            notes=(note,) if note else (),
            **decided_values(kind, command.priority, command.place, pack),
        )
    )
    see_through(decision, glass)
    suggest(decision, command.around, wait=True)
    follow_plan(decision)


def decided_values(kind: str | None, priority: int | None, place: Place | None, pack: Pack) -> dict[str, Any]:
    """The fields that say what a person decided: whoever classifies a call or opens an incident."""
    given = {"incident_type": kind, "priority": priority, "place": place}
    own = own_priority(kind, pack) if kind and priority else priority
    return {
        "by_hand": tuple(name for name, value in given.items() if value is not None),
        "proposed_priority": own if own != priority else None,
    }


def _of_the_call(first: Incident) -> dict[str, Any]:
    """The fields that a further incident has in common with its call's first incident."""
    shared = ("started_at", "answered_at", "backfilled", "notify", "with_agencies")
    caller = ("caller_number", "caller_name", "caller_hash", "callback_number", "caller_language")
    return {name: getattr(first, name) for name in (*shared, *caller)} | {"linked_to": first.id}

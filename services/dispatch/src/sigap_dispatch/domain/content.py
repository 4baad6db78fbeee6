"""The content of an incident that an agency may see. Only this module decides that."""

from sigap_common.contracts.calls import CallerDetails, Note
from sigap_common.contracts.incidents import ForwardingContent
from sigap_common.contracts.places import Place
from sigap_common.core.texts import Texts
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_dispatch.domain.plans import UNKNOWN_PRIORITY
from sigap_dispatch.domain.state.incident import Incident

_TEXTS = Texts.load("sigap_dispatch")
PERSONAL = ("caller_number", "caller_name", "callback_number", "caller_language")
"""The fields of an incident, and of its content, that say who calls."""
_EXERCISE = "LATIHAN"
"""The first word of every text of a drill, so that nobody takes it for real."""


def content_for(incident: Incident, pack: Pack, agency: str, previous_place: Place | None = None) -> ForwardingContent:
    """The content that is sent to an agency. Every redaction is done here.

    An agency of another regency, which helps, gets all that it needs at the scene, but not who calls: the incident's
    own centre speaks with the caller.
    """
    told = _content_for(incident, pack, previous_place)
    if may_know_caller(incident, agency):
        return told
    notes = tuple(note for note in told.notes if not note.of_caller)
    return told.model_copy(update={**dict.fromkeys(PERSONAL), "notes": notes})


def may_know_caller(incident: Incident, agency: str) -> bool:
    """Whether the agency is told who calls: one of the incident's own regency is."""
    return agency.partition("/")[0] == incident.regency


def _content_for(incident: Incident, pack: Pack, previous_place: Place | None) -> ForwardingContent:
    return ForwardingContent(
        incident_number=incident.number,
        incident_type=incident.incident_type,
        type_label=_marked(type_in_indonesian(incident.incident_type, pack), incident.drill),
        priority=incident.priority,
        place=incident.place,
        previous_place=previous_place,
        zone_owner=incident.zone_owner,
        caller_number=incident.caller_number,
        caller_name=incident.caller_name,
        notes=_drill_notes(incident.notes) if incident.drill else incident.notes,
        reports=incident.reports,
        possibly_same_as=incident.possibly_same_as,
        doubted=incident.doubted,
        protected=incident.protected,
        drill=incident.drill,
        backfilled=incident.backfilled,
        started_at=incident.started_at,
        callback_number=incident.callback_number,
        caller_language=incident.caller_language,
    )


def informing_content(incident: Incident, pack: Pack) -> ForwardingContent:
    """The content for those who are only informed: neither the caller nor any note."""
    return ForwardingContent(
        incident_number=incident.number,
        incident_type=incident.incident_type,
        type_label=_marked(type_in_indonesian(incident.incident_type, pack), incident.drill),
        priority=incident.priority,
        place=incident.place,
        zone_owner=incident.zone_owner,
        reports=incident.reports,
        doubted=incident.doubted,
        drill=incident.drill,
        backfilled=incident.backfilled,
        started_at=incident.started_at,
    )


def hidden_content(incident: Incident) -> ForwardingContent:
    """The content of a protected incident for those who were informed before: its number alone."""
    return ForwardingContent(
        incident_number=incident.number,
        incident_type=None,
        type_label=_marked(_TEXTS.get("content.type_hidden", "id"), incident.drill),
        priority=UNKNOWN_PRIORITY,
        protected=True,
        drill=incident.drill,
        backfilled=incident.backfilled,
        started_at=incident.started_at,
    )


def type_in_indonesian(incident_type: str | None, pack: Pack) -> str:
    """The type's Indonesian name; its code if the pack does not have the type."""
    if incident_type is None:
        return _TEXTS.get("content.type_unknown", "id")
    kind = pack.incident_type(incident_type)
    return kind.label.id if kind else incident_type


def place_of_report(report: int, place: Place) -> Sealed:
    """The text of a note with the place that a report gave. Such a place does not change the incident's place, but
    agencies can read it.
    """
    told = [place.address.clear] if place.address else []
    told += [f"({place.coordinates.clear})"] if place.coordinates else []
    return Sealed(_TEXTS.get("content.report_place", "id", report=report, place=" ".join(told)))


def caller_of_report(report: int, caller: CallerDetails) -> Sealed | None:
    """The text of a note on who made a further report; None if nothing is known of the caller."""
    told = (caller.caller_name, caller.callback_number)
    known = [value.clear for value in told if value and value.clear]
    return Sealed(_TEXTS.get("content.report_caller", "id", report=report, caller=", ".join(known))) if known else None


def _drill_notes(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    return tuple(note.model_copy(update={"text": Sealed(_marked(note.text.clear, True))}) for note in notes)


def _marked(text: str, drill: bool) -> str:
    return f"{_EXERCISE} {text}" if drill and not text.startswith(_EXERCISE) else text

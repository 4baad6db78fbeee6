"""Events as people are shown them: in timelines and live streams, their personal data opened or left out."""

from typing import Any

from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.registry import event_types
from sigap_common.personal_data import SealContext, Sealed

_TYPES = {type_name(event): event for event in event_types()}


def event_view(event: Event, *, opened: bool) -> dict[str, Any]:
    """The event's fields as JSON; personal data in clear text if `opened`, else null."""
    fields: dict[str, Any] = _shown(event.model_dump(), opened)
    return fields


def read_event(type_: str, data: str, seal: SealContext) -> Event:
    """An event as the timeline keeps it. Raises KeyError for a type that no contract declares."""
    return _TYPES[type_].model_validate_json(data, context={"seal": seal})


def _shown(value: Any, opened: bool) -> Any:
    if isinstance(value, Sealed):
        return value.clear if opened and not (value.opaque or value.erased) else None
    if isinstance(value, dict):
        return {name: _shown(inner, opened) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner, opened) for inner in value]
    return value

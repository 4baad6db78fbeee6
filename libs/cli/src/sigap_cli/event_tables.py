"""The events as a page (Markdown): topics, each event's meaning, who publishes and who reads it."""

from collections.abc import Sequence

from sigap_cli.asyncapi_document import DESCRIPTION, events_of, readers, summary
from sigap_common.app.manifest import AnyService
from sigap_common.contracts.base import Event
from sigap_common.contracts.registry import event_types
from sigap_common.contracts.topics import CATALOGUE, Topic

HEAD = """\
# Events

Made by `make docs` from the contracts (`libs/common/src/sigap_common/contracts/`) and the services' subscriptions; do
not edit. The same events with every field are in [asyncapi.yaml](asyncapi.yaml) (AsyncAPI 3.0).

"""


def markdown(services: Sequence[AnyService]) -> str:
    """The page for these services."""
    events = list(event_types())
    sections = [_section(topic, events_of(topic, events), services) for topic in CATALOGUE]
    return HEAD + DESCRIPTION + "\n\n" + "\n\n".join(sections) + "\n"


def _section(topic: Topic, events: Sequence[type[Event]], services: Sequence[AnyService]) -> str:
    kept = "the newest of each key stays" if topic.compacted else "kept 90 days"
    lines = [
        f"## {topic.name}",
        "",
        f"{topic.about}. Written by {topic.writer or 'every service'}, keyed by {topic.key}, {kept}.",
        "",
        "| event | says | fields | read by |",
        "|---|---|---|---|",
        *(_row(event, services) for event in events),
    ]
    return "\n".join(lines)


def _row(event: type[Event], services: Sequence[AnyService]) -> str:
    own = [name for name in event.model_fields if name not in Event.model_fields]
    fields = ", ".join(f"`{name}`" for name in own)
    return f"| {event.__name__} | {summary(event)} | {fields} | {', '.join(readers(services, event)) or '-'} |"

"""The events as an AsyncAPI 3.0 document, made from the contracts and the services' manifests."""

import inspect
import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from sigap_common.app.manifest import AnyService
from sigap_common.app.packs import PACK_EVENTS
from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.registry import event_types
from sigap_common.contracts.topics import CATALOGUE, Topic

SCHEMAS = "#/components/schemas/{model}"
DESCRIPTION = """\
CloudEvents 1.0 on Apache Kafka, binary mode: the envelope is in the headers, the payload is JSON. The key is the
aggregate's id, so what happened to one aggregate is in order; between topics there is no order. Delivery is
at-least-once: `ce_id` stays the same on every repeat. Changes are additive: ignore what you do not know.
Strings of format `sealed` are personal data, encrypted (AES-GCM) and of no use without the key ring."""

_HEADERS = {
    "ce_specversion": "CloudEvents version: 1.0",
    "ce_id": "UUIDv7 of the event, the same on every repeat",
    "ce_source": "The service that published it",
    "ce_type": "Name and version, such as sigap.CallReceived.v1",
    "ce_subject": "The aggregate's id",
    "ce_time": "When it was recorded, RFC 3339 in UTC",
    "ce_regency": "The regency's code",
    "ce_sequence": "The event's number in its aggregate's order, from 1",
    "ce_correlationid": "The id that all events of one cause share",
    "ce_drill": "true: an exercise",
    "content-type": "application/json",
}
_OPTIONAL_HEADERS = {
    "ce_causationid": "The event that led to this one",
    "ce_traceparent": "Trace context (W3C)",
    "ce_partitionkey": "The record's key",
    "ce_order": "The text by which a list sorts the aggregate after this event; absent: no list sorts it, or it left",
}


def asyncapi(services: Sequence[AnyService]) -> dict[str, Any]:
    """The document for an installation of these services."""
    events = list(event_types())
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Sigap 112: events", "version": "1", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {_channel_id(topic): _channel(topic, events) for topic in CATALOGUE},
        "operations": _operations(services, events),
        "components": {
            "messages": {event.__name__: _message(event) for event in events},
            "schemas": {"CloudEventHeaders": _headers(), **_schemas(events)},
        },
    }


def events_of(topic: Topic, events: Iterable[type[Event]]) -> list[type[Event]]:
    """The events on a topic: its own, and on a service's topic also those that any service may publish."""
    return [event for event in events if event.topic == topic.name or (event.topic is None and _own(topic))]


def readers(services: Sequence[AnyService], event: type[Event]) -> list[str]:
    """The services that subscribe to an event. The common library reads packs in every service."""
    if event in PACK_EVENTS:
        return [service.name for service in services]
    return [s.name for s in services if any(event in subscribed.events for subscribed in s.subscriptions)]


def summary(event: type[Event]) -> str:
    """The first paragraph of the event's docstring; empty if it has none of its own."""
    own = event.__dict__.get("__doc__")
    return " ".join(inspect.cleandoc(own).partition("\n\n")[0].split()) if own else ""


def _own(topic: Topic) -> bool:
    """Whether the topic belongs to one service. Alarms go to such topics."""
    return topic.writer is not None and not topic.compacted


def _channel_id(topic: Topic) -> str:
    return topic.name.rpartition(".")[2]


def _channel(topic: Topic, events: Iterable[type[Event]]) -> dict[str, Any]:
    policy = ["compact"] if topic.compacted else ["delete"]
    return {
        "address": topic.name,
        "description": f"{topic.about}. Written by {topic.writer or 'every service'}; keyed by {topic.key}.",
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in events_of(topic, events)
        },
        "bindings": {"kafka": {"topic": topic.name, "topicConfiguration": {"cleanup.policy": policy}}},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": type_name(event),
        "title": event.__name__,
        **({"summary": summary(event)} if summary(event) else {}),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": SCHEMAS.format(model=event.__name__)},
        "bindings": {"kafka": {"key": {"type": "string"}}},
    }


def _headers() -> dict[str, Any]:
    every = _HEADERS | _OPTIONAL_HEADERS
    return {
        "type": "object",
        "required": list(_HEADERS),
        "properties": {name: {"type": "string", "description": text} for name, text in every.items()},
    }


def _schemas(events: Sequence[type[Event]]) -> dict[str, Any]:
    _, document = models_json_schema([(event, "validation") for event in events], ref_template=SCHEMAS)
    text = json.dumps(document["$defs"])
    for name in document["$defs"]:
        text = text.replace(name, _short(name))
    return dict(sorted(json.loads(text).items()))


def _short(name: str) -> str:
    """Pydantic writes the module before a name that two models have; contracts keep theirs."""
    module, _, short = name.rpartition("__")
    return short if not module or "__contracts__" in module else f"Pack{short}"


def _operations(services: Sequence[AnyService], events: Sequence[type[Event]]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for topic in CATALOGUE:
        carried = events_of(topic, events)
        writers = [s.name for s in services if topic.writer in (None, s.name)]
        for service in writers:
            operations |= _operation(service, "send", topic, carried)
        for reader in services:
            heard = [event for event in carried if reader.name in readers(services, event)]
            operations |= _operation(reader.name, "receive", topic, heard) if heard else {}
    return operations


def _operation(service: str, action: str, topic: Topic, events: Sequence[type[Event]]) -> dict[str, Any]:
    channel = _channel_id(topic)
    return {
        f"{service}-{action}s-{channel}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel}"},
            "title": f"{service} {'publishes to' if action == 'send' else 'reads'} {topic.name}",
            "messages": [{"$ref": f"#/channels/{channel}/messages/{event.__name__}"} for event in events],
        }
    }

"""The documents that are made from the code say what the code does, and lie in docs/ as they are now."""

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from sigap_cli.asyncapi import Form, rendered
from sigap_cli.asyncapi_document import summary
from sigap_common.app.manifest import services
from sigap_common.contracts.base import type_name
from sigap_common.contracts.registry import event_types
from sigap_common.contracts.topics import CATALOGUE
from sigap_testing.cluster import SingleHost
from sigap_testing.patience import patience

from .conftest import Sigap

Document = dict[str, Any]
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def asyncapi() -> Document:
    document: Document = json.loads(rendered(Form.JSON))
    return document


@pytest.mark.parametrize(("name", "form"), [("asyncapi.yaml", Form.YAML), ("events.md", Form.MARKDOWN)])
def test_the_documents_of_the_events_are_as_the_code_is(name: str, form: Form) -> None:
    assert (DOCS / name).read_text("utf-8") == rendered(form), "`make docs` makes them anew"


def test_every_event_is_a_message_of_its_topic(asyncapi: Document) -> None:
    carried = {channel["address"]: set(channel["messages"]) for channel in asyncapi["channels"].values()}
    for event in event_types():
        if event.topic:
            assert event.__name__ in carried[event.topic]
        assert asyncapi["components"]["messages"][event.__name__]["name"] == type_name(event)


def test_who_writes_a_topic_is_what_the_manifests_say() -> None:
    writers = {topic: service.name for service in services() for topic in (service.topic, *service.publishes)}
    said = {topic.name: topic.writer for topic in CATALOGUE if topic.writer}
    assert said.items() <= writers.items()


def test_personal_data_is_marked_as_sealed(asyncapi: Document) -> None:
    number = asyncapi["components"]["schemas"]["CallReceived"]["properties"]["number"]
    assert {"type": "string", "format": "sealed"} in number["anyOf"]


def test_each_payload_is_a_json_schema_whose_references_all_lead_somewhere(
    asyncapi: Document,
) -> None:
    schemas = asyncapi["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    refs = set(_refs(asyncapi))
    assert {ref.rpartition("/")[2] for ref in refs if ref.startswith("#/components/schemas/")} <= schemas.keys()


def _refs(node: object) -> list[str]:
    if isinstance(node, dict):
        return [*([node["$ref"]] if "$ref" in node else []), *(ref for value in node.values() for ref in _refs(value))]
    return [ref for value in node for ref in _refs(value)] if isinstance(node, list) else []


def test_the_command_prints_yaml_that_is_the_json(sigap: Sigap) -> None:
    assert yaml.safe_load(sigap("asyncapi")[1]) == json.loads(sigap("asyncapi", "--format", "json")[1])


def test_the_openapi_made_in_place_is_what_the_host_answers(sigap: Sigap, host: SingleHost) -> None:
    assert json.loads(sigap("openapi")[1]) == httpx.get(f"{host.url}/openapi.json", timeout=patience(30)).json()


def test_of_one_service_it_has_that_service_s_paths_alone(sigap: Sigap) -> None:
    paths = json.loads(sigap("openapi", "--service", "intake")[1])["paths"]
    assert "/v1/calls" in paths
    assert "/v1/incidents" not in paths


def test_every_event_says_what_it_means() -> None:
    assert [event.__name__ for event in event_types() if not summary(event)] == []

"""An event, once published, is changed by addition only."""

import copy
from typing import Any

import pytest

from sigap_cli.contract_snapshots import FOLDER, breaches, schema_of, snapshot_of, written
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import CallClassified, CallReceived
from sigap_common.contracts.registry import event_types

EVENTS = sorted(event_types(), key=lambda event: event.__name__)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_an_event_still_is_what_its_snapshot_says(event: type[Event]) -> None:
    before = snapshot_of(event)
    assert before is not None, "a new event: `make schemas` writes its snapshot"
    assert breaches(before, schema_of(event)) == []
    assert (FOLDER / f"{event.__name__}.json").read_text("utf-8") == written(event), "`make schemas` writes it anew"


def test_no_published_event_is_gone() -> None:
    """One that is new is told of by the test above."""
    assert {path.stem for path in FOLDER.glob("*.json")} - {event.__name__ for event in EVENTS} == set()


def changed(event: type[Event], *path: str, **values: Any) -> dict[str, Any]:
    schema = copy.deepcopy(schema_of(event))
    part = schema
    for step in path:
        part = part[step]
    part.update(values)
    return schema


def test_a_field_that_vanishes_is_a_breach() -> None:
    now = schema_of(CallReceived)
    before = changed(CallReceived, "properties", gone={"type": "string"})
    assert breaches(before, now) == ["/gone vanished"]


def test_a_field_newly_demanded_is_a_breach_and_one_that_may_be_absent_is_none() -> None:
    before = schema_of(CallReceived)
    extended = changed(CallReceived, "properties", added={"type": "string"})
    assert breaches(before, extended) == []
    extended["required"] = [*extended["required"], "added"]
    assert breaches(before, extended) == ["/added is newly demanded: what lies on the bus has it not"]


def test_a_type_that_changes_deep_inside_is_a_breach() -> None:
    before = schema_of(CallClassified)
    now = changed(CallClassified, "$defs", "CallSnapshot", "properties", "backfilled", type="integer")
    assert breaches(before, now) == ["/call/backfilled: type was 'boolean', is 'integer'"]


def test_a_value_that_is_no_longer_said_is_a_breach_and_a_new_one_is_none() -> None:
    before = schema_of(CallReceived)
    channels = before["$defs"]["Channel"]["enum"]
    assert breaches(before, changed(CallReceived, "$defs", "Channel", enum=[*channels, "drone"])) == []
    assert breaches(before, changed(CallReceived, "$defs", "Channel", enum=channels[1:])) == [
        f"/channel: no longer says {channels[0]}"
    ]


def test_a_value_that_can_no_longer_be_absent_is_a_breach() -> None:
    now = changed(CallReceived, "properties", exchange_id={"type": "string", "title": "Exchange Id"})
    assert breaches(schema_of(CallReceived), now)

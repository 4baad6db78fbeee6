"""Nobody without need reads anything of a protected incident or its call, by any path, and nothing lies in clear."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from tests.hostile.world import HOME, World

from sigap_common.auth import Role

from .planted import HIDDEN, NOTE, QUERIES, ids_of, planted
from .walk import Read, found, walk
from .webhooks import Webhooks

KIND = "domestic_violence"
OF_WHAT_HAPPENED = ("/v1/incidents", "/v1/calls", "/v1/queue", "/v1/alarms", "/v1/forwardings", "/v1/presence")
"""Below these a type is told of what happened; elsewhere it is a word of a list that everybody may read."""
NOBODY: Mapping[str, Sequence[Role]] = {
    "operator and dispatcher": [Role.operator, Role.dispatcher],
    "admin": [Role.admin],
    "analyst, planner and staff": [Role.analyst, Role.planner, Role.staff],
    "another agency": [Role.agency],
}


@pytest.fixture(scope="module")
def there(world: World, webhooks: Webhooks) -> dict[str, list[str]]:
    """A protected incident that an agency has: without one it would wait for a dispatcher, and each would see it."""
    webhooks.give(f"{HOME}/damkar", f"{HOME}/bpbd")
    call, incident = planted(world, kind=KIND)
    path = f"/v1/incidents/{incident}/forwardings"
    answer = world.send("POST", path, world.token(), {"agency": f"{HOME}/damkar"})
    assert answer.is_success, answer.text
    return ids_of(world, call, incident)


@pytest.fixture(scope="module")
def hidden(world: World, there: dict[str, list[str]]) -> dict[str, Collection[str]]:
    """The planted values, and the incident's number."""
    incident = there["incident_id"][-1]
    shown = world.send("GET", f"/v1/incidents/{incident}", world.token()).json()
    return {**HIDDEN, "incident's number": (shown["number"],)}


def types_told(read: Sequence[Read]) -> list[str]:
    happened = [one for one in read if any(path in one.where for path in OF_WHAT_HAPPENED)]
    return found([one for one in happened if "incident_type=" not in one.where], {"type": (KIND,)})


@pytest.mark.parametrize("who", NOBODY)
def test_without_need_nothing_is_read(
    world: World, there: dict[str, list[str]], hidden: dict[str, Collection[str]], who: str
) -> None:
    token = world.token(NOBODY[who], [HOME], agency=f"{HOME}/bpbd")
    read = walk(world.http, token, there, QUERIES)
    assert found(read, hidden) == []
    assert types_told(read) == []


def test_a_supervisor_and_its_agency_read_what_they_need(
    world: World, there: dict[str, list[str]], hidden: dict[str, Collection[str]]
) -> None:
    for role in (Role.supervisor, Role.agency):
        read = walk(world.http, world.token([role], [HOME]), there, QUERIES)
        assert [name for name, forms in hidden.items() if not found(read, {name: forms})] == [], role


def test_webhooks_of_other_agencies_carry_nothing(
    world: World, hidden: dict[str, Collection[str]], webhooks: Webhooks
) -> None:
    """The other agency is told of another incident; its own agency of all that is hidden from others."""
    own = webhooks.wait_for(f"{HOME}/damkar", NOTE)
    assert [name for name, forms in hidden.items() if not found(own, {name: forms})] == []
    webhooks.tell(HOME)
    assert found(webhooks.wait_for(f"{HOME}/bpbd"), hidden) == []


def test_in_what_is_stored_sent_and_logged_no_personal_value_lies_in_clear(
    world: World, there: dict[str, list[str]]
) -> None:
    """Tables, timelines, the bus's log, outboxes and the processes' logs."""
    assert there
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert any(path.suffix.startswith(".sqlite") for path in files), files
    clear = [
        f"{name} in {path.name}"
        for path in files
        for name, forms in HIDDEN.items()
        if any(form.encode() in path.read_bytes().lower() for form in forms)
    ]
    assert clear == []

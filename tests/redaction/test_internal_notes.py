"""What the centre notes for itself reaches no agency: not its lists, not its stream, not its webhook."""

import asyncio
from collections.abc import Callable

import pytest
from tests.hostile.world import FOREIGN, HOME, World

from sigap_common.auth import Role
from sigap_testing.eventually import eventually
from sigap_testing.receiver import Receiver

from .planted import QUERIES, ids_of, planted
from .walk import found, walk

INTERNAL = {"internal note": ("jangkrik bernyanyi 8842",)}
FOR_AGENCIES = {"note for agencies": ("jembatan gantung 8842",)}
AGENCY = f"{HOME}/damkar"


def note(world: World, incident: str, words: str, *, internal: bool) -> None:
    path, body = f"/v1/incidents/{incident}/notes", {"text": words, "internal": internal}
    answer = world.send("POST", path, world.token(), body)
    assert answer.is_success, answer.text


def has_got(hook: Receiver, words: str) -> Callable[[], bool]:
    return lambda: any(words.encode() in one.body for one in hook.received)


@pytest.fixture(scope="module")
def there(world: World) -> dict[str, list[str]]:
    """An incident with an internal note, and after it one for agencies, whose revision carries all that they get."""
    call, incident = planted(world)
    note(world, incident, INTERNAL["internal note"][0], internal=True)
    note(world, incident, FOR_AGENCIES["note for agencies"][0], internal=False)
    return ids_of(world, call, incident)


def test_an_agency_reads_the_notes_that_are_for_it_alone(world: World, there: dict[str, list[str]]) -> None:
    read = walk(world.http, world.token([Role.agency], [HOME], agency=AGENCY), there, QUERIES)
    assert found(read, INTERNAL) == []
    assert found(read, FOR_AGENCIES)


@pytest.mark.parametrize(
    ("roles", "regency"), [([Role.analyst, Role.planner, Role.staff], HOME), ([Role.dispatcher], FOREIGN)]
)
def test_nobody_else_outside_of_the_centre_reads_any(
    world: World, there: dict[str, list[str]], roles: list[Role], regency: str
) -> None:
    read = walk(world.http, world.token(roles, [regency], agency=f"{regency}/damkar"), there, QUERIES)
    assert found(read, {**INTERNAL, **FOR_AGENCIES}) == []


def test_the_centre_reads_both(world: World, there: dict[str, list[str]]) -> None:
    read = walk(world.http, world.token([Role.dispatcher], [HOME]), there, QUERIES)
    assert found(read, INTERNAL)
    assert found(read, FOR_AGENCIES)


async def test_a_webhook_gets_no_internal_note(world: World) -> None:
    async with Receiver() as hook:
        endpoint = {"agency": AGENCY, "name": "pos-catatan", "channel": "webhook", "url": hook.url}
        made = world.send("POST", "/v1/endpoints", world.token(), endpoint)
        assert made.is_success, made.text
        _, incident = await asyncio.to_thread(planted, world)  # it has an event loop of its own
        note(world, incident, "jangkrik bernyanyi 8843", internal=True)
        note(world, incident, "jembatan gantung 8843", internal=False)
        await eventually(has_got(hook, "jembatan gantung 8843"))
        assert not has_got(hook, "bernyanyi")()
        tag = {"If-Match": "*"}
        world.send("DELETE", f"/v1/endpoints/{made.json()['id']}", world.token(), **tag)

"""Whoever works for another regency reads nothing of an incident that is not shared with it, by any path."""

import pytest
from tests.hostile.world import FOREIGN, HOME, World

from .planted import HIDDEN, NOTE, OF_CALLS_ALONE, QUERIES, ids_of, planted
from .walk import found, walk
from .webhooks import Webhooks

PERSONAL_LISTS = ("/v1/calls", "/v1/incidents", "/v1/queue/stream", "/v1/incidents/stream", "/v1/forwardings")


@pytest.fixture(scope="module")
def there(world: World, webhooks: Webhooks) -> dict[str, list[str]]:
    webhooks.give(f"{HOME}/damkar", f"{FOREIGN}/damkar")
    return ids_of(world, *planted(world))


def test_another_regency_reads_nothing(world: World, there: dict[str, list[str]]) -> None:
    token = world.token(regencies=[FOREIGN], agency=f"{FOREIGN}/damkar", subject="tetangga")
    read = walk(world.http, token, there, QUERIES)
    assert found([one for one in read if one.status != 403], {**HIDDEN, **OF_CALLS_ALONE}) == []


def test_the_walk_finds_what_may_be_read(world: World, there: dict[str, list[str]]) -> None:
    """The search itself: every hidden value, in lists, single objects and streams."""
    read = walk(world.http, world.token(regencies=[HOME]), there, QUERIES)
    for name, forms in {**HIDDEN, **OF_CALLS_ALONE}.items():
        places = found(read, {name: forms})
        assert places, f"{name} is nowhere"
    text = " ".join(found(read, HIDDEN))
    assert [path for path in PERSONAL_LISTS if f"{path}?" not in text and f"{path} " not in f"{text} "] == []


def test_webhooks_of_another_regency_carry_nothing(
    world: World, there: dict[str, list[str]], webhooks: Webhooks
) -> None:
    """Its agency is told of an incident of its own; the incident's agency of all that is hidden from others."""
    assert there
    own = webhooks.wait_for(f"{HOME}/damkar", NOTE)
    assert [name for name, forms in HIDDEN.items() if not found(own, {name: forms})] == []
    assert found(own, OF_CALLS_ALONE) == []
    webhooks.tell(FOREIGN)
    assert found(webhooks.wait_for(f"{FOREIGN}/damkar"), HIDDEN) == []

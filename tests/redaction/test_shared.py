"""A neighbour with a share reads what its profile shows and no more, by any path; after the end it reads nothing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from tests.hostile.world import NEIGHBOUR, World

from sigap_common.contracts.shares import RedactionProfile

from .planted import HIDDEN, QUERIES, ids_of, planted
from .walk import Read, found, walk
from .webhooks import Webhooks

SHOWN: dict[RedactionProfile, Collection[str]] = {
    RedactionProfile.NONE: HIDDEN.keys(),
    RedactionProfile.CONTACT_HIDDEN: ("address", "coordinates"),
    RedactionProfile.BLOCK_LEVEL: (),
    RedactionProfile.CITY_ONLY: (),
}


@pytest.fixture(scope="module")
def there(world: World, webhooks: Webhooks) -> dict[str, list[str]]:
    webhooks.give(f"{NEIGHBOUR}/damkar")
    return ids_of(world, *planted(world))


@contextmanager
def shared(world: World, there: dict[str, list[str]], profile: RedactionProfile) -> Iterator[dict[str, list[str]]]:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    path = f"/v1/incidents/{there['incident_id'][-1]}/shares"
    answer = world.send("POST", path, world.token(), {"to": NEIGHBOUR, "profile": profile, "until": until})
    assert answer.is_success, answer.text
    share: str = answer.json()["id"]
    yield there | {"share_id": [*there["share_id"], share]}
    ended = world.send("POST", f"/v1/shares/{share}/end", world.token(), {})
    assert ended.is_success, ended.text


def read_by_neighbour(world: World, ids: dict[str, list[str]]) -> list[Read]:
    token = world.token(regencies=[NEIGHBOUR], agency=f"{NEIGHBOUR}/damkar", subject="tetangga")
    return [one for one in walk(world.http, token, ids, QUERIES) if one.status != 403]


@pytest.mark.parametrize("profile", RedactionProfile)
def test_a_neighbour_reads_what_the_profile_shows(
    world: World, there: dict[str, list[str]], profile: RedactionProfile
) -> None:
    with shared(world, there, profile) as ids:
        read = read_by_neighbour(world, ids)
    for name, forms in HIDDEN.items():
        places = found(read, {name: forms})
        assert bool(places) == (name in SHOWN[profile]), places or f"{name} is nowhere"
        assert [place for place in places if "/v1/share" not in place] == []


def test_after_the_end_nothing_is_read(world: World, there: dict[str, list[str]], webhooks: Webhooks) -> None:
    """Not in the messages either that the streams sent before and still have."""
    with shared(world, there, RedactionProfile.NONE) as ids:
        pass
    webhooks.tell(NEIGHBOUR)
    read = [*read_by_neighbour(world, ids), *webhooks.wait_for(f"{NEIGHBOUR}/damkar")]
    assert found(read, HIDDEN) == []

"""When an agency first had it: the earliest of its deliveries and its answers, in whatever order they are heard."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sigap_common.contracts.agencies import AgencyResponded, NotificationDelivered, Response

BY_TELEPHONE = {"spoke_to": "Pak Budi", "channel": "telephone"}


def stamp(desk: Any, at: datetime, forwarding: dict[str, Any]) -> dict[str, Any]:
    of = desk.only_incident["id"]
    return {"at": at, "recorded_at": at, "incident_id": of, "agency": forwarding["agency"]}


def delivered(desk: Any, seconds: float, channel: str = "webhook", revision: int = 1) -> NotificationDelivered:
    about = stamp(desk, desk.now + timedelta(seconds=seconds), desk.fire)
    return NotificationDelivered(**about, revision=revision, endpoint=channel, channel=channel, attempts=1)


def responded(desk: Any, seconds: float, response: str, revision: int = 1) -> AgencyResponded:
    about = stamp(desk, desk.now + timedelta(seconds=seconds), desk.fire)
    return AgencyResponded(**about, revision=revision, response=Response(response), channel="api")


@pytest.fixture
async def told(desk: Any) -> Any:
    """The desk, with an incident of which the fire brigade was told."""
    await desk.classified(1)
    desk.only_incident = await desk.incident()
    desk.fire = desk.only_incident["forwardings"][0]
    return desk


async def shown(desk: Any) -> tuple[str, str]:
    part = (await desk.incident())["forwardings"][0]
    return part["delivered_at"], part["delivered_by"]


@pytest.mark.parametrize("answer_first", [False, True])
@pytest.mark.parametrize(
    ("delivery", "answer", "expected"),
    [
        ((20, "webhook"), (10, "acknowledged"), ("2024-02-19T03:00:10Z", "api")),
        ((20, "webhook"), (10, "declined"), ("2024-02-19T03:00:10Z", "api")),
        ((20, "webhook"), (10, "en_route"), ("2024-02-19T03:00:10Z", "api")),
        ((3, "webhook"), (10, "acknowledged"), ("2024-02-19T03:00:03Z", "webhook")),
        ((10, "desk"), (10, "acknowledged"), ("2024-02-19T03:00:10Z", "desk")),
    ],
)
async def test_whichever_was_first_counts_whichever_is_heard_first(
    told: Any, delivery: Any, answer: Any, expected: tuple[str, str], answer_first: bool
) -> None:
    said = [delivered(told, *delivery), responded(told, *answer)]
    heard = said[::-1] if answer_first else said
    await told.kit.hear(*heard, subject=told.fire["id"], regency="99.01")
    assert await shown(told) == expected


@pytest.mark.parametrize(("channel", "moment"), [("telephone", "2024-02-19T03:00:15Z"), ("radio", None)])
@pytest.mark.parametrize("answer", [{"response": "acknowledged"}, {"response": "declined", "reason": "no_unit"}])
async def test_of_what_we_took_down_on_its_behalf_the_telephone_counts(
    told: Any, answer: dict[str, str], channel: str, moment: str | None
) -> None:
    path = f"/v1/incidents/{told.only_incident['id']}/forwardings/{told.fire['id']}/answers"
    told.kit.clock.advance(15)
    recorded = await told.ask("POST", path, BY_TELEPHONE | answer | {"channel": channel})
    assert recorded.status_code == 200, recorded.text
    assert await shown(told) == (moment, channel if moment else None)


async def test_an_answer_that_was_given_before_and_heard_after_one_by_telephone_counts(told: Any) -> None:
    own = responded(told, 10, "acknowledged")
    path = f"/v1/incidents/{told.only_incident['id']}/forwardings/{told.fire['id']}/answers"
    told.kit.clock.advance(15)
    await told.ask("POST", path, BY_TELEPHONE | {"response": "acknowledged"})
    await told.kit.hear(own, subject=told.fire["id"], regency="99.01")
    assert await shown(told) == ("2024-02-19T03:00:10Z", "api")


async def test_an_answer_shows_the_newest_revision_that_came(told: Any) -> None:
    said = (delivered(told, 5, revision=1), responded(told, 10, "acknowledged", revision=2))
    await told.kit.hear(*said, subject=told.fire["id"], regency="99.01")
    assert (await told.incident())["forwardings"][0]["delivered_revision"] == 2

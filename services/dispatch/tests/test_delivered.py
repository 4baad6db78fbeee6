"""When an agency first had it: the earliest of its deliveries and its answers, in whatever order they are heard."""

import pytest
from services.dispatch.tests.dispatch_histories import Desk, Part

from sigap_common.contracts.agencies import Response

BY_TELEPHONE = {"spoke_to": "Pak Budi", "channel": "telephone"}


@pytest.fixture
async def fire(desk: Desk) -> Part:
    """The fire brigade's part in an incident that it was told of."""
    await desk.classified(1)
    return await desk.part("fire")


async def shown(part: Part) -> tuple[str, str]:
    found = await part.shown()
    return found["delivered_at"], found["delivered_by"]


async def take_down(part: Part, answer: dict[str, str]) -> None:
    """One of us takes the answer down."""
    path = f"/v1/incidents/{part.incident_id}/forwardings/{part.id}/answers"
    recorded = await part.desk.ask("POST", path, BY_TELEPHONE | answer)
    assert recorded.status_code == 200, recorded.text


@pytest.mark.parametrize("answer_first", [False, True])
@pytest.mark.parametrize(
    ("delivery", "answer", "expected"),
    [
        ((20, "webhook"), (10, Response.ACKNOWLEDGED), ("2024-02-19T03:00:10Z", "api")),
        ((20, "webhook"), (10, Response.DECLINED), ("2024-02-19T03:00:10Z", "api")),
        ((20, "webhook"), (10, Response.EN_ROUTE), ("2024-02-19T03:00:10Z", "api")),
        ((3, "webhook"), (10, Response.ACKNOWLEDGED), ("2024-02-19T03:00:03Z", "webhook")),
        ((10, "desk"), (10, Response.ACKNOWLEDGED), ("2024-02-19T03:00:10Z", "desk")),
    ],
)
async def test_whichever_was_first_counts_whichever_is_heard_first(
    fire: Part,
    delivery: tuple[float, str],
    answer: tuple[float, Response],
    expected: tuple[str, str],
    answer_first: bool,
) -> None:
    (delivered_after, channel), (answered_after, response) = delivery, answer
    said = [fire.delivered(delivered_after, channel), fire.responded(response, answered_after)]
    await fire.hear(*(reversed(said) if answer_first else said))
    assert await shown(fire) == expected


@pytest.mark.parametrize(("channel", "moment"), [("telephone", "2024-02-19T03:00:15Z"), ("radio", None)])
@pytest.mark.parametrize("answer", [{"response": "acknowledged"}, {"response": "declined", "reason": "no_unit"}])
async def test_of_what_we_took_down_on_its_behalf_the_telephone_counts(
    fire: Part, answer: dict[str, str], channel: str, moment: str | None
) -> None:
    fire.desk.kit.clock.advance(15)
    await take_down(fire, answer | {"channel": channel})
    assert await shown(fire) == (moment, channel if moment else None)


async def test_an_answer_that_was_given_before_and_heard_after_one_by_telephone_counts(fire: Part) -> None:
    own = fire.responded(Response.ACKNOWLEDGED, 10)
    fire.desk.kit.clock.advance(15)
    await take_down(fire, {"response": "acknowledged"})
    await fire.hear(own)
    assert await shown(fire) == ("2024-02-19T03:00:10Z", "api")


async def test_an_answer_shows_the_newest_revision_that_came(fire: Part) -> None:
    await fire.hear(fire.delivered(5), fire.responded(Response.ACKNOWLEDGED, 10, revision=2))
    assert (await fire.shown())["delivered_revision"] == 2

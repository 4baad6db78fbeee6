"""What an agency answers while its own endpoint is away: it has it, and what it has is tried no more."""

import json
from uuid import UUID

import pytest
from gateway_histories import (
    DAMKAR,
    FIRST,
    POLRES,
    SECOND,
    Ask,
    Carry,
    Json,
    acknowledged_elsewhere,
    at,
    declined_elsewhere,
    forwarded,
    hear,
    progress_elsewhere,
    revised,
    withdrawn,
)

from sigap_common.contracts.agencies import (
    AgencyResponded,
    AnsweredElsewhere,
    NotificationDelivered,
    NotificationFailed,
)
from sigap_common.contracts.base import Event
from sigap_testing.kit import Kit
from sigap_testing.receiver import Received, Receiver, Reply

PATH = f"/v1/forwardings/{FIRST}"
DAY = 24 * 3600


@pytest.fixture
def away(receiver: Receiver) -> Receiver:
    """The receiver, which refuses all it gets."""
    receiver.otherwise = Reply(503)
    return receiver


async def deliveries(ask: Ask, forwarding_id: UUID = FIRST) -> list[tuple[int, str, str | None]]:
    listed = (await ask("GET", f"/v1/deliveries?forwarding_id={forwarding_id}", None, "supervisor")).json()["items"]
    return [(d["revision"], d["state"], d["error"]) for d in reversed(listed)]


def told(receiver: Receiver) -> list[tuple[str, int]]:
    return [(notice["event"], notice["revision"]) for notice in (json.loads(got.body) for got in receiver.received)]


@pytest.mark.parametrize(
    ("path", "body"),
    [("acknowledge", {}), ("decline", {"reason": "no_unit"}), ("progress", {"progress": "en_route"})],
)
async def test_what_the_agency_answers_itself_is_tried_no_more_and_nothing_has_failed(
    kit: Kit, carry: Carry, away: Receiver, ask: Ask, path: str, body: Json
) -> None:
    await hear(kit, forwarded())
    await carry()
    kit.clock.advance(10)
    answered = await ask("POST", f"{PATH}/{path}", body)
    assert (answered.status_code, answered.json()["delivered_at"]) == (200, "2024-02-19T03:00:10Z")
    assert await deliveries(ask) == [(1, "cancelled", "answered")]
    for _ in range(2):
        kit.clock.advance(DAY)
        assert await carry() == 0
    assert len(away.received) == 1
    assert await kit.said(NotificationFailed, NotificationDelivered) == []


@pytest.mark.parametrize(
    "answer",
    [
        acknowledged_elsewhere(),
        declined_elsewhere(),
        progress_elsewhere("en_route", channel="telephone", at=at(15), recorded_at=at(16)),
    ],
)
async def test_nor_what_was_answered_by_telephone(
    kit: Kit, carry: Carry, away: Receiver, ask: Ask, answer: Event
) -> None:
    await hear(kit, forwarded())
    await carry()
    await hear(kit, answer, sequence=2)
    assert await deliveries(ask) == [(1, "cancelled", "answered")]
    assert (await ask("GET", PATH)).json()["delivered_at"] == "2024-02-19T03:00:15Z"
    kit.clock.advance(DAY)
    assert await carry() == 0
    assert await kit.said(NotificationFailed) == []


async def test_a_list_that_the_agency_reads_is_no_delivery_of_what_its_endpoint_waits_for(
    kit: Kit, carry: Carry, away: Receiver, ask: Ask
) -> None:
    await hear(kit, forwarded())
    await carry()
    (listed,) = (await ask("GET", "/v1/forwardings")).json()["items"]
    assert listed["delivered_at"] is None
    kit.clock.advance(1)
    assert await carry() == 1


async def test_a_newer_revision_than_the_one_acknowledged_is_still_delivered(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    receiver.will(503)
    await hear(kit, forwarded(), revised(2), revised(3))
    await carry()
    await ask("POST", f"{PATH}/acknowledge", {"revision": 2})
    assert await deliveries(ask) == [(1, "cancelled", "answered"), (2, "cancelled", "answered"), (3, "pending", None)]
    assert await carry() == 1  # at once: what it stood behind is over
    assert told(receiver) == [("forwarded", 1), ("revised", 3)]


@pytest.mark.parametrize(
    ("path", "body"),
    [("acknowledge", {}), ("decline", {"reason": "no_unit"}), ("progress", {"progress": "on_scene"})],
)
async def test_a_changed_place_that_never_reached_the_agency_is_still_delivered(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask, path: str, body: Json
) -> None:
    await hear(kit, forwarded())
    await carry()
    await ask("POST", f"{PATH}/progress", {"progress": "en_route"})
    receiver.will(503)
    await hear(kit, revised(2), sequence=2)
    await carry()
    answered = await ask("POST", f"{PATH}/{path}", body)
    assert (answered.status_code, answered.json()["needs_acknowledgement"]) == (200, path == "progress")
    kit.clock.advance(10)
    assert await carry() == 1
    assert told(receiver) == [("forwarded", 1), ("revised", 2), ("revised", 2)]


async def test_a_stand_down_reaches_who_answered_before_anything_was_sent(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    await hear(kit, forwarded())
    await ask("POST", f"{PATH}/acknowledge", {})
    await hear(kit, withdrawn(2, stand_down=True), sequence=2)
    await carry()
    assert told(receiver) == [("withdrawn", 2)]


async def test_an_endpoint_that_is_gone_is_disabled_though_the_agency_has_answered(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    async def acknowledge(_: Received) -> None:
        await ask("POST", f"{PATH}/acknowledge", {})

    receiver.on_received = acknowledge
    receiver.will(410)
    await hear(kit, forwarded())
    await carry()
    listed = (await ask("GET", f"/v1/endpoints?agency={DAMKAR}", None, "admin")).json()["items"]
    assert "disabled" in {endpoint["state"] for endpoint in listed}


async def test_so_is_one_that_comes_after_the_acknowledgement_by_telephone(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    receiver.will(503)
    await hear(kit, forwarded())
    await carry()
    await hear(kit, acknowledged_elsewhere(), revised(2), sequence=2)
    await carry()
    assert told(receiver) == [("forwarded", 1), ("revised", 2)]
    assert await deliveries(ask) == [(1, "cancelled", "answered"), (2, "delivered", None)]


async def test_an_acknowledgement_of_a_note_that_asks_for_none_ends_its_attempts(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    await hear(kit, forwarded())
    await carry()
    await ask("POST", f"{PATH}/acknowledge", {})
    receiver.otherwise = Reply(503)
    await hear(kit, revised(2, needs=False), sequence=2)
    await carry()
    await ask("POST", f"{PATH}/acknowledge", {"revision": 2})
    assert await deliveries(ask) == [(1, "delivered", None), (2, "cancelled", "answered")]
    assert len(await kit.said(AgencyResponded)) == 1


async def test_one_under_way_that_arrives_after_the_answer_is_delivered(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    async def acknowledge(_: Received) -> None:
        kit.clock.advance(5)
        await ask("POST", f"{PATH}/acknowledge", {})
        kit.clock.advance(5)

    receiver.on_received = acknowledge
    await hear(kit, forwarded())
    await carry()
    assert await deliveries(ask) == [(1, "delivered", None)]
    (said,) = await kit.said(NotificationDelivered)
    assert said.event.at.isoformat() == "2024-02-19T03:00:10+00:00"
    assert (await ask("GET", PATH)).json()["delivered_at"] == "2024-02-19T03:00:05Z"


async def test_one_under_way_that_fails_after_the_answer_is_logged_and_not_repeated(
    kit: Kit, carry: Carry, away: Receiver, ask: Ask
) -> None:
    async def acknowledge(_: Received) -> None:
        await ask("POST", f"{PATH}/acknowledge", {})

    away.on_received = acknowledge
    await hear(kit, forwarded())
    await carry()
    assert await deliveries(ask) == [(1, "cancelled", "answered")]
    (delivery,) = (await ask("GET", "/v1/deliveries")).json()["items"]
    assert [a["status"] for a in (await ask("GET", f"/v1/deliveries/{delivery['id']}")).json()["log"]] == [503]
    kit.clock.advance(DAY)
    assert await carry() == 0


async def test_the_desk_still_shows_and_delivers_what_was_answered_by_telephone(
    kit: Kit, carry: Carry, ask: Ask
) -> None:
    by_telephone = acknowledged_elsewhere(forwarding_id=SECOND, agency=POLRES)
    await hear(kit, forwarded(SECOND, POLRES), by_telephone)
    kit.clock.advance(3600)
    await carry()
    assert await kit.said(NotificationFailed) == []
    assert await deliveries(ask, SECOND) == [(1, "pending", None)]
    (listed,) = (await ask("GET", "/v1/forwardings", None, "agency", agency=POLRES)).json()["items"]
    assert listed["delivered_at"] == "2024-02-19T03:00:15Z"
    assert await deliveries(ask, SECOND) == [(1, "delivered", None)]


async def test_the_list_and_the_notice_of_a_withdrawal_show_the_same_revision(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    await hear(kit, forwarded())
    await carry()
    await hear(kit, withdrawn(2), sequence=2)
    await carry()
    assert told(receiver) == [("forwarded", 1), ("withdrawn", 2)]
    assert (await ask("GET", PATH)).json()["revision"] == 2


@pytest.mark.parametrize(
    ("path", "body", "left"),
    [
        ("acknowledge", {"revision": 1}, (2, "pending", "status")),
        ("progress", {"progress": "en_route"}, (2, "pending", "status")),
        ("acknowledge", {"revision": 2}, (2, "cancelled", "answered")),
        ("acknowledge", {}, (2, "cancelled", "answered")),
        ("progress", {"progress": "done"}, (2, "cancelled", "answered")),
    ],
)
async def test_a_withdrawal_is_told_until_the_stand_down_is_confirmed(
    kit: Kit, carry: Carry, away: Receiver, ask: Ask, path: str, body: Json, left: tuple[int, str, str]
) -> None:
    away.will(200)
    await hear(kit, forwarded())
    await carry()
    await ask("POST", f"{PATH}/acknowledge", {"revision": 1})
    await hear(kit, withdrawn(2, stand_down=True), sequence=2)
    await carry()
    answered = await ask("POST", f"{PATH}/{path}", body)
    assert (answered.status_code, answered.json()["needs_acknowledgement"]) == (200, left[1] == "pending")
    assert await deliveries(ask) == [(1, "delivered", None), left]


async def test_who_acknowledged_while_it_was_withdrawn_is_asked_to_stand_down(
    kit: Kit, carry: Carry, receiver: Receiver, ask: Ask
) -> None:
    """Dispatch had not heard of it yet, so its event asks for none."""
    await hear(kit, forwarded())
    await carry()
    await ask("POST", f"{PATH}/acknowledge", {})
    await hear(kit, withdrawn(2, stand_down=False), sequence=2)
    await carry()
    notice = json.loads(receiver.received[-1].body)
    assert (notice["event"], notice["stand_down"], notice["needs_acknowledgement"]) == ("withdrawn", True, True)
    shown = (await ask("GET", PATH)).json()
    assert (shown["withdrawal"]["stand_down"], shown["needs_acknowledgement"]) == (True, True)
    confirmed = (await ask("POST", f"{PATH}/acknowledge", {"revision": 2})).json()
    assert confirmed["needs_acknowledgement"] is False


async def test_what_was_taken_down_for_the_agency_is_news_for_its_screen(kit: Kit, carry: Carry, ask: Ask) -> None:
    await hear(kit, forwarded())
    before = (await ask("GET", PATH)).json()["version"]
    await hear(kit, acknowledged_elsewhere(), sequence=2)
    (told,) = await kit.said(AnsweredElsewhere)
    assert (told.event.response, told.event.channel, told.envelope.subject) == ("acknowledged", "telephone", str(FIRST))
    assert (await ask("GET", PATH)).json()["version"] > before


async def test_why_a_withdrawn_one_ended_is_shown_too(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(), withdrawn(2))
    assert await deliveries(ask) == [(1, "cancelled", "withdrawn")]


async def test_a_revision_that_there_is_not_is_refused_with_the_newest(
    kit: Kit, carry: Carry, away: Receiver, ask: Ask
) -> None:
    await hear(kit, forwarded())
    await carry()
    for language, detail in (
        ("id", "Revisi ini belum ada; yang terbaru adalah 1."),
        ("en", "There is no such revision yet; the newest is 1."),
    ):
        refused = await ask("POST", f"{PATH}/acknowledge", {"revision": 9}, headers={"Accept-Language": language})
        (error,) = refused.json()["errors"]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, "#/revision", "revision_unknown")
        assert error["detail"] == detail
    assert await kit.said(AgencyResponded) == []
    assert await deliveries(ask) == [(1, "pending", "status")]


async def test_another_text_of_the_same_acknowledgement_is_kept_and_shown(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    for text in ("siap", "dua unit", "siap"):
        answered = await ask("POST", f"{PATH}/acknowledge", {"revision": 1, "text": text})
    assert [answer["text"] for answer in answered.json()["answers"]] == ["siap", "dua unit"]
    assert answered.json()["agency"] == DAMKAR

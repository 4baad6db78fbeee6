"""What roster hears."""

from collections.abc import Callable
from uuid import uuid4

from sigap_common.contracts import topics
from sigap_common.contracts.regencies import RegencyApplied
from sigap_common.contracts.rosters import RosterPublished
from sigap_common.regency import Pack
from sigap_roster.events import SUBSCRIPTIONS
from sigap_testing.kit import Kit

from .conftest import Desk, Draft, Enter


def test_presence_sets_no_duty() -> None:
    """What one does now is intake's matter, what one is rostered for is ours."""
    heard = {event.topic for subscribed in SUBSCRIPTIONS for event in subscribed.events}
    assert topics.CALLS not in heard


async def test_a_regency_that_nobody_wrote_code_for_is_rostered(
    kit: Kit, desk: Desk, pack: Callable[..., Pack]
) -> None:
    body = {"regency": "99.03", "first_day": "2024-02-19", "last_day": "2024-02-25"}
    nation = {"regencies": ("*",)}
    assert (await desk("POST", "/v1/rosters", body, **nation)).status_code == 404
    await kit.configure(pack("99.03", "Asia/Makassar"))
    assert (await desk("POST", "/v1/rosters", body, **nation)).status_code == 201
    assert [heard.event.service for heard in await kit.said(RegencyApplied)] == ["roster"] * 3


async def test_a_new_shift_pattern_moves_what_has_not_begun_when_it_is_published_again(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft, pack: Callable[..., Pack]
) -> None:
    budi = await enter("Budi")
    roster = await publish((budi, 19, "pagi"), (budi, 22, "pagi"))
    shifts = [
        {"code": "pagi", "name": "Pagi", "start": "08:00", "end": "20:00"},
        {"code": "malam", "name": "Malam", "start": "20:00", "end": "08:00"},
    ]
    await kit.configure(pack("99.01", shifts={"shifts": shifts}), version=2)
    answer = await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=roster["version"])
    assert answer.json()["published_version"] == 2
    begun, moved = (await desk("GET", f"/v1/duties?staff={budi}")).json()["items"]
    assert (begun["starts_at"], begun["ends_at"]) == ("2024-02-19T00:00:00Z", "2024-02-19T07:00:00Z")
    assert (moved["starts_at"], moved["ends_at"]) == ("2024-02-22T01:00:00Z", "2024-02-22T13:00:00Z")
    said = [heard.event for heard in await kit.said(RosterPublished)]
    assert [one.duty_id for one in said[0].assignments] == [one.duty_id for one in said[1].assignments]


async def test_a_roster_said_to_nobody_is_nobodys_to_read(desk: Desk, draft: Draft) -> None:
    roster = await draft((str(uuid4()), 20, "pagi"))
    assert (await desk("GET", f"/v1/rosters/{roster['id']}", None, "staff")).status_code == 404

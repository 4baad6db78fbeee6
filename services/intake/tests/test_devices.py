"""Calls without a number: by its IMEI a telephone is one caller, and by nothing else."""

from typing import Any

import pytest

from sigap_common.messaging.jobs import EVERY
from sigap_intake.domain.devices import CHECK_DIGIT, PLACEHOLDER, UNREADABLE, Device, check_digit, read
from sigap_intake.use_cases.dropped_calls import FOLLOWED
from sigap_testing.kit import Kit
from sigap_testing.messages import message_of

from .conftest import Arrive, Desk

IMEI, OTHER = "352099001761481", "490154203237518"
NUMBER = "+628111222333"
HERE, BESIDE = {"lat": 0.1, "lon": 100.2}, {"lat": 0.2, "lon": 100.4}
RULE = {"pranks": 2, "within_days": 7}


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (IMEI, Device(IMEI)),
        ("35-209900-176148-1", Device(IMEI)),
        ("IMEI: 35 209900 176148 1", Device(IMEI)),
        ("urn:gsma:imei:35209900-176148-0", Device(IMEI)),
        ("<urn:gsma:imei:35209900-176148-0;vers=0>", Device(IMEI)),
        ("35-209900-176148-2", Device(None, CHECK_DIGIT)),
        ("352099001761418", Device(None, CHECK_DIGIT)),
        ("35209900176148", Device(None, UNREADABLE)),
        ("3520990017614812", Device(None, UNREADABLE)),
        ("urn:gsma:imei:3520990-176148-0", Device(None, UNREADABLE)),
        ("\u0663" * 15, Device(None, UNREADABLE)),
        ("tanpa", Device(None, UNREADABLE)),
        ("000000000000000", Device(None, PLACEHOLDER)),
        ("004999010640000", Device(None, PLACEHOLDER)),
        ("123456789012347", Device(None, PLACEHOLDER)),
        ("urn:gsma:imei:00000000-000000-0", Device(None, PLACEHOLDER)),
    ],
)
def test_a_telephone_is_read_in_any_usual_notation_and_never_guessed(written: str, wanted: Device) -> None:
    assert read(written) == wanted


def test_one_wrong_digit_or_two_that_changed_places_are_found() -> None:
    """All of the first kind; of the second all but 0 and 9, as Luhn's formula does."""
    body = IMEI[:-1]
    for place in range(14):
        for digit in set("0123456789") - {body[place]}:
            assert check_digit(body[:place] + digit + body[place + 1 :]) != IMEI[-1]
    for place in range(13):
        first, second = body[place], body[place + 1]
        swapped = body[:place] + second + first + body[place + 2 :]
        assert (check_digit(swapped) != IMEI[-1]) == (first != second and {first, second} != {"0", "9"})


@pytest.fixture
def ring(kit: Kit, arrive: Arrive) -> Arrive:
    """A call, a minute after the one before."""

    async def later(*roles: str, **told: Any) -> dict[str, Any]:
        kit.clock.advance(60)
        return await arrive(*roles, **told)

    return later


async def test_calls_without_a_number_are_one_callers_only_if_the_imei_says_so(ring: Arrive) -> None:
    first = await ring(imei=IMEI)
    assert (first["imei"], first["number"], first["history"]["count"]) == (IMEI, None, 0)
    assert (await ring(imei="35-209900-176148-1"))["history"]["count"] == 1
    assert (await ring(imei=OTHER))["history"]["count"] == 0
    assert (await ring())["history"] is None


async def test_a_known_number_counts_and_the_imei_does_not(ring: Arrive) -> None:
    """A telephone is lent and sold; a number's calls stay the number's."""
    await ring(imei=IMEI)
    called = await ring(number=NUMBER, imei=IMEI)
    assert (called["imei"], called["history"]["count"]) == (IMEI, 0)
    assert (await ring(number=NUMBER))["history"]["count"] == 1
    assert (await ring(imei=IMEI))["history"]["count"] == 1
    assert (await ring(number="anonymous", imei=IMEI))["history"]["count"] == 2
    assert (await ring(number="tanpa kartu", imei=IMEI))["history"] is None


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ("35-209900-176148-2", CHECK_DIGIT),
        ("000000000000000", PLACEHOLDER),
        ("tidak ada", UNREADABLE),
        ({"no": 1}, "string_type"),
        ([IMEI], "string_type"),
        ("\x00\ud800", None),
        ("9" * 100_000, UNREADABLE),
    ],
)
async def test_an_odd_imei_never_costs_the_call_and_is_kept_as_a_complaint(
    desk: Desk, arrive: Arrive, odd: Any, code: str | None
) -> None:
    call = await arrive(imei=odd)
    read_again = (await desk("GET", f"/v1/calls/{call['id']}")).json()
    assert (read_again["imei"], read_again["history"]) == (None, None)
    told = [(one["pointer"], one["code"]) for one in read_again["complaints"]]
    assert told == ([("#/imei", code)] if code else []), "of signs that cannot be kept no text is left"


async def test_an_imei_lies_sealed_and_is_shown_to_those_who_speak_with_callers(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    call = await arrive(imei=IMEI)
    assert IMEI not in await kit.kept()
    for path in (f"/v1/calls/{call['id']}", f"/v1/calls/{call['id']}/timeline", "/v1/calls"):
        assert IMEI in (await desk("GET", path)).text, path
        assert IMEI not in (await desk("GET", path, None, "admin")).text, path


async def test_pranks_of_a_telephone_lower_its_next_call_and_block_nobody(
    kit: Kit, desk: Desk, arrive: Arrive, pack: Any
) -> None:
    """An exchange blocks numbers, not telephones."""
    await kit.configure(pack("99.01", 100, blocking=RULE), version=2)
    for _ in range(3):
        call = await arrive(imei=IMEI)
        path = f"/v1/calls/{call['id']}"
        await desk("POST", f"{path}/answer", {})
        assert (await desk("POST", f"{path}/classification", {"call_class": "prank"})).status_code == 200
    assert (await arrive(imei=IMEI))["lowered_by_seconds"] > 0
    assert (await arrive(imei=OTHER))["lowered_by_seconds"] == 0
    assert (await arrive())["lowered_by_seconds"] == 0
    assert (await desk("GET", "/v1/blocks", None, "supervisor")).json()["items"] == []


async def hang_up(kit: Kit, desk: Desk, call: dict[str, Any]) -> None:
    kit.clock.advance(5)
    assert (await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"})).status_code == 200
    heard = await kit.said(*FOLLOWED)
    await kit.hear_again(*(message_of(one.event, one.envelope, kit.runtime.ring) for one in heard))


async def test_dropped_calls_of_a_telephone_are_one_callback_wherever_it_is(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    for told in ({"imei": IMEI}, {}, {"imei": OTHER}, {}):
        await hang_up(kit, desk, await arrive(caller_location=HERE, **told))
    await hang_up(kit, desk, await arrive(caller_location=BESIDE, imei=IMEI))
    found = (await desk("GET", "/v1/callbacks")).json()["items"]
    assert sorted((one["joined_by"], one["call_count"]) for one in found) == [
        ("device", 1),
        ("device", 2),
        ("place", 2),
    ]
    answered = await arrive(imei=IMEI)
    await desk("POST", f"/v1/calls/{answered['id']}/answer", {})
    heard = await kit.said(*FOLLOWED)
    await kit.hear_again(*(message_of(one.event, one.envelope, kit.runtime.ring) for one in heard))
    left = (await desk("GET", "/v1/callbacks")).json()["items"]
    assert sorted((one["joined_by"], one["call_count"]) for one in left) == [("device", 1), ("place", 2)]


async def test_another_call_of_the_same_telephone_that_goes_on_is_told(desk: Desk, arrive: Arrive) -> None:
    other = await arrive(imei=IMEI)
    await desk("POST", f"/v1/calls/{other['id']}/answer", {}, subject="sari")
    call = await arrive(imei=IMEI)
    look = (await desk("GET", f"/v1/calls/{call['id']}/first-look")).json()
    assert [(one["id"], one["because"]) for one in look["on_the_line"]] == [(other["id"], "same_device")]


async def test_an_imei_is_forgotten_with_the_call(kit: Kit, desk: Desk, arrive: Arrive, pack: Any) -> None:
    await kit.configure(pack("99.01", 100, retention={"calls_days": 2, "positions_days": 2}), version=2)
    call = await arrive(imei=IMEI)
    caller = kit.runtime.ring.lookup(f"imei/{IMEI}")
    assert caller in await kit.kept()
    kit.clock.advance(2 * 86_400 + EVERY.total_seconds())
    await kit.runtime.sweeps.sweep()
    assert (await desk("GET", f"/v1/calls/{call['id']}")).json()["imei"] is None
    kept = await kit.kept()
    assert "s1." not in kept
    assert caller not in kept

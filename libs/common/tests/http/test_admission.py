"""What goes first when there is too much to do."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter

from sigap_common.core.errors import Unavailable
from sigap_common.http.admission import (
    LIMITS,
    RETRY_AFTER_SECONDS,
    WINDOW_SECONDS,
    Admission,
    Urgency,
    urgency,
    urgency_of,
)
from sigap_testing.kit import Kit, started
from sigap_testing.sample.main import service


@pytest.fixture
def refused() -> Counter:
    return Counter("refused", "Refused", ["urgency"], registry=CollectorRegistry())


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'sample.sqlite3'}", tmp_path) as kit:
        yield kit


def is_refused(admission: Admission, urgency: Urgency) -> bool:
    try:
        with admission.admitted(urgency):
            return False
    except Unavailable:
        return True


@contextmanager
def in_flight(admission: Admission, count: int) -> Iterator[None]:
    with ExitStack() as requests:
        for _ in range(count):
            requests.enter_context(admission.admitted(Urgency.CALLS))
        yield


@pytest.mark.parametrize(
    ("count", "kept_out"),
    [
        (LIMITS[Urgency.OVERVIEW].in_flight - 1, []),
        (LIMITS[Urgency.OVERVIEW].in_flight, [Urgency.OVERVIEW]),
        (LIMITS[Urgency.HELP].in_flight, [Urgency.OVERVIEW, Urgency.HELP]),
        (LIMITS[Urgency.CALLS].in_flight, [Urgency.OVERVIEW, Urgency.HELP, Urgency.CALLS]),
    ],
)
async def test_the_less_urgent_is_refused_first_as_requests_pile_up(
    count: int, kept_out: list[Urgency], refused: Counter
) -> None:
    admission = Admission(refused)
    with in_flight(admission, count):
        assert [urgency for urgency in Urgency if is_refused(admission, urgency)] == kept_out
    assert not any(is_refused(admission, urgency) for urgency in Urgency), "room again"


async def hold_up(admission: Admission, seconds: float, times: int) -> None:
    """The loop is held up again and again, as by too many requests."""
    for _ in range(times):
        is_refused(admission, Urgency.CALLS)  # begins to measure
        time.sleep(seconds)
        await asyncio.sleep(0)


async def test_a_loop_that_is_late_all_the_time_refuses_lists_and_takes_calls(refused: Counter) -> None:
    admission = Admission(refused)
    late = LIMITS[Urgency.OVERVIEW].delay_seconds * 1.5
    await hold_up(admission, 0, 1)
    await hold_up(admission, late, 1 + int(WINDOW_SECONDS / late))
    assert is_refused(admission, Urgency.OVERVIEW)
    assert not is_refused(admission, Urgency.CALLS)


async def test_one_long_piece_of_work_is_no_crowd(refused: Counter) -> None:
    admission = Admission(refused)
    await hold_up(admission, 0, 2)
    await hold_up(admission, LIMITS[Urgency.HELP].delay_seconds * 1.5, 1)
    await hold_up(admission, WINDOW_SECONDS / 3, 2)
    assert not is_refused(admission, Urgency.HELP)


async def test_a_refusal_says_when_to_come_again_and_is_counted(refused: Counter) -> None:
    admission = Admission(refused)
    with in_flight(admission, LIMITS[Urgency.OVERVIEW].in_flight), pytest.raises(Unavailable) as raised:  # noqa: SIM117
        with admission.admitted(Urgency.OVERVIEW):
            pass
    assert raised.value.headers["Retry-After"] == str(RETRY_AFTER_SECONDS[Urgency.OVERVIEW])
    assert refused.labels("overview")._value.get() == 1


async def test_over_http_it_is_a_problem_in_words_and_the_rest_goes_on(kit: Kit) -> None:
    headers = kit.bearer("operator") | {"Accept-Language": "id"}
    with in_flight(kit.app.state.edge.admission, LIMITS[Urgency.OVERVIEW].in_flight):
        answer = await kit.client.get("/v1/ops/sample/dead-letters", headers=kit.bearer("admin") | headers)
        assert answer.status_code == 503
        assert answer.json()["detail"].startswith("Sistem sedang sangat sibuk")
        written = await kit.client.post(
            "/v1/ops/sample/dead-letters/0190f5a2-7b1c-7cc0-a1b2-c3d4e5f60718/discard", headers=kit.bearer("admin")
        )
        assert written.status_code == 404, "a command is served"
    again = await kit.client.get("/v1/ops/sample/dead-letters", headers=kit.bearer("admin"))
    assert again.status_code == 200


def test_lists_can_wait_and_one_thing_cannot() -> None:
    async def handler() -> None: ...

    assert urgency_of(handler, {"GET"}, "/v1/incidents") is Urgency.OVERVIEW
    assert urgency_of(handler, {"GET"}, "/v1/incidents/{incident_id}") is Urgency.HELP
    assert urgency_of(handler, {"POST"}, "/v1/incidents") is Urgency.HELP
    assert urgency_of(urgency(Urgency.CALLS)(handler), {"POST"}, "/v1/calls") is Urgency.CALLS

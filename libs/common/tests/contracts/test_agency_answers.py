"""What an agency's words come to, in whatever order they are heard."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import counting, last_at, standing
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import IncidentAcknowledged, IncidentStatusChanged

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
YES, NO, EN_ROUTE, ON_SCENE, DONE = (
    Response.ACKNOWLEDGED,
    Response.DECLINED,
    Response.EN_ROUTE,
    Response.ON_SCENE,
    Response.DONE,
)


@dataclass(frozen=True)
class OutboxEvent:
    response: Response
    at: datetime


def said(*responses: Response) -> list[OutboxEvent]:
    """One a second, in this order."""
    return [OutboxEvent(response, NOON + timedelta(seconds=n)) for n, response in enumerate(responses)]


@pytest.mark.parametrize(
    ("responses", "comes_to"),
    [
        ([], None),
        ([YES], YES),
        ([NO], NO),
        ([YES, NO], NO),
        ([NO, YES], YES),
        ([YES, NO, YES], YES),
        ([YES, EN_ROUTE, NO], NO),
        ([YES, EN_ROUTE, NO, YES], YES),  # it turned back: its unit is not on the way any more
        ([EN_ROUTE, ON_SCENE, NO], ON_SCENE),
        ([NO, ON_SCENE], ON_SCENE),
        ([YES, DONE, ON_SCENE], DONE),
        ([NO, YES, EN_ROUTE], EN_ROUTE),
    ],
)
def test_in_whatever_order_they_are_heard_they_come_to_the_same(
    responses: list[Response], comes_to: Response | None
) -> None:
    assert {standing(heard) for heard in permutations(said(*responses))} == {comes_to}


def test_what_it_turned_back_from_does_not_count_and_what_it_attended_does() -> None:
    assert counting(said(YES, EN_ROUTE, NO)) == frozenset()
    assert counting(said(YES, EN_ROUTE, NO, YES)) == {YES}
    assert counting(said(YES, ON_SCENE, NO)) == {ON_SCENE}


def test_the_last_word_of_all_and_of_a_kind() -> None:
    words = said(NO, YES, NO, EN_ROUTE)
    assert last_at(words) == NOON + timedelta(seconds=3)
    assert last_at(words, NO) == NOON + timedelta(seconds=2)
    assert last_at([]) is None
    assert last_at(words, DONE) is None


@pytest.mark.parametrize("kind", [IncidentAcknowledged, IncidentStatusChanged])
@pytest.mark.parametrize("name", ["overtaken", "late"])
def test_an_overtaken_answer_is_known_under_its_older_name_too(kind: type[Event], name: str) -> None:
    """An event that lies in a log since the release before, and one that such a reader reads."""
    said: dict[str, Any] = {
        "at": NOON,
        "recorded_at": NOON,
        "forwarding_id": UUID(int=1),
        "agency": "99.01/fire",
        "revision": 1,
    }
    said |= {"channel": "api", "state": "done"}
    told = json.loads(kind.model_validate({**said, name: True}).model_dump_json())
    assert (told["overtaken"], told["late"]) == (True, True)
    told = json.loads(kind.model_validate(said).model_dump_json())
    assert (told["overtaken"], told["late"]) == (False, False)

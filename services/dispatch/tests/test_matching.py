"""How likely two open incidents are one event."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest
from services.dispatch.tests.dispatch_histories import INCIDENT_ID, NOON, a_pack

from sigap_common.regency.geometry import METRES_A_DEGREE, Point
from sigap_dispatch.domain.matching import PARAMETERS, Match, Scene, matches, road_in, shared_area, words_of

PACK = a_pack()
SAME_PLACE = Point(-3.79, 102.26, 50.0)


def scene(n: int = 1, metres: float = 0, minutes: float = 0, kind: str | None = "fire", **told: Any) -> Scene:
    """An incident so far north of the market, reported so long after noon."""
    point = Point(SAME_PLACE.lat + metres / METRES_A_DEGREE, SAME_PLACE.lon, 50.0)
    one = Scene(uuid5(INCIDENT_ID, str(n)), f"CTH-{n}", kind, point, NOON + timedelta(minutes=minutes))
    return replace(one, **told)


def best(new: Scene, *around: Scene) -> Match | None:
    return next(iter(matches(new, around, PACK)), None)


def score(new: Scene, *around: Scene) -> float:
    found = best(new, *around)
    return found.score if found else 0.0


def test_the_same_kind_near_and_soon_is_likely_with_its_reasons() -> None:
    found = best(scene(2, metres=20, minutes=3), scene())
    assert found is not None
    assert found.score > PARAMETERS.likely
    assert [(reason.code, reason.value) for reason in found.reasons] == [
        ("near", 20),
        ("soon", 180),
        ("same_kind", None),
    ]


@pytest.mark.parametrize(
    ("nearer", "further"),
    [
        (scene(2, metres=60, minutes=5), scene(2, metres=90, minutes=5)),
        (scene(2, metres=85, minutes=5), scene(2, metres=85, minutes=25)),
        (scene(2, metres=85, minutes=5), scene(2, metres=85, minutes=5, kind="fire_small")),
        (scene(2, metres=40, minutes=5, kind="other"), scene(2, metres=40, minutes=5, kind="medical")),
    ],
)
def test_distance_time_and_kind_each_lower_the_score(nearer: Scene, further: Scene) -> None:
    assert score(nearer, scene()) > score(further, scene())


def test_beyond_the_uncertainty_of_both_positions_nothing_is_suggested() -> None:
    assert best(scene(2, metres=130), scene()) is None
    vague = replace(scene(2, metres=130), point=Point(*_of(scene(2, metres=130)), 150.0))
    assert best(vague, scene()) is not None


def _of(one: Scene) -> tuple[float, float]:
    assert one.point is not None
    return one.point.lat, one.point.lon


def test_an_event_of_another_category_needs_more_than_place_and_time() -> None:
    new = scene(2, metres=70, minutes=8, kind="medical", caller_hash="h1")
    assert best(new, scene(kind="traffic_accident")) is None
    assert best(new, scene(kind="traffic_accident", caller_hash="h1")) is not None


def test_where_much_happens_near_and_soon_proves_less() -> None:
    crowd = [scene(n, metres=600, minutes=-5) for n in range(10, 400)]
    assert score(scene(2, metres=70, minutes=8), scene(), *crowd) < score(scene(2, metres=70, minutes=8), scene())


def test_the_caller_finds_an_incident_without_coordinates() -> None:
    placeless = scene(point=None, caller_hash="h1")
    assert best(scene(2, minutes=4), placeless) is None
    found = best(scene(2, minutes=4, caller_hash="h1"), placeless)
    assert found is not None
    assert "same_caller" in {reason.code for reason in found.reasons}


def test_two_unknown_numbers_are_never_one_caller() -> None:
    assert best(scene(2, point=None), scene(point=None)) is None


def test_words_and_road_raise_the_score() -> None:
    said: dict[str, Any] = {
        "words": words_of(["truk tangki terguling"]),
        "road": road_in(["Jl. Suprapto, depan masjid"]),
    }
    plain = score(scene(2, metres=88, minutes=8), scene())
    assert score(scene(2, metres=88, minutes=8, **said), scene(**said)) > plain
    assert score(scene(2, metres=88, minutes=8, **said), scene()) == plain


def test_no_more_than_three_are_suggested_the_likeliest_first() -> None:
    found = matches(scene(9, minutes=2), [scene(n, metres=10 * n) for n in range(1, 6)], PACK)
    assert len(found) == 3
    assert [match.scene.number for match in found] == ["CTH-1", "CTH-2", "CTH-3"]


@pytest.mark.parametrize(
    ("text", "road"),
    [
        ("Jl. Suprapto, depan Masjid Jamik", "suprapto"),
        ("di jalan Ahmad Yani arah pasar", "ahmad yani"),
        ("Gang Melati", "melati"),
        ("jalan", None),
        ("depan pasar", None),
    ],
)
def test_the_road_is_found_by_its_word(text: str, road: str | None) -> None:
    assert road_in([text]) == road


def test_words_that_half_of_all_notes_have_do_not_count() -> None:
    assert words_of(["Tolong, ada truk di jalan dekat pasar"]) == {"truk", "pasar"}


def test_circles_share_all_some_or_nothing_of_their_area() -> None:
    assert shared_area(10, 20, 5) == pytest.approx(314.159, abs=0.01)
    assert shared_area(10, 10, 20) == 0
    assert shared_area(10, 10, 10) == pytest.approx(122.837, abs=0.01)

"""Tests wait longer on a slower machine, and never less long."""

import pytest

from sigap_testing import patience as module
from sigap_testing.patience import MOST, PIECE_SECONDS, factor, patience, stretched


@pytest.mark.parametrize(
    ("measured", "expected"),
    [(PIECE_SECONDS, 1), (PIECE_SECONDS / 4, 1), (PIECE_SECONDS * 3, 3), (PIECE_SECONDS * 1000, MOST)],
)
def test_a_machine_three_times_slower_is_given_three_times_as_long(measured: float, expected: float) -> None:
    assert stretched(measured) == pytest.approx(expected)


def test_the_machine_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = factor()
    monkeypatch.setattr(module, "_timed", lambda: pytest.fail("measured again"))
    assert patience(10) == 10 * known >= 10


@pytest.mark.timeout(50)
def test_the_time_out_of_a_test_is_stretched_too(request: pytest.FixtureRequest) -> None:
    mark = request.node.get_closest_marker("timeout")
    assert mark is not None
    assert mark.args[0] == pytest.approx(patience(50))

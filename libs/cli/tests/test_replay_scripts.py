"""What simulated operators do is decided before they begin, and is the same in every run."""

from collections import Counter
from datetime import UTC, datetime

from sigap_cli.replay.mapping import Columns, ReplayMap, TypeRule
from sigap_cli.replay.rows import Row
from sigap_cli.replay.scripts import OTHER_CLASSES, Script, generated, in_order, of_rows

HOW = ReplayMap(
    columns=Columns(at="at", title="title"), time_zone="Asia/Jakarta", types=(TypeRule(prefix="", type="fire"),)
)


def row(number: int, lat: float | None = -3.8, lon: float | None = 102.3, address: str | None = None) -> Row:
    return Row(
        id=f"replay-x-{number}",
        number=number,
        at=datetime(2016, 1, 15, 17, number, tzinfo=UTC),
        title="Fire: X",
        incident_type="fire",
        lat=lat,
        lon=lon,
        address=address,
        caller_number=None,
        caller_name=None,
    )


def scripts(count: int = 3) -> list[Script]:
    rows = [row(number) for number in range(1, count + 1)]
    return of_rows(rows, HOW, "99.01", [0.0] * count)


def test_a_row_is_received_answered_located_classified_and_ended_at_its_own_time() -> None:
    (script,) = scripts(1)
    assert script.receive == {
        "regency": "99.01",
        "channel": "telephone",
        "exchange_id": "replay-x-1",
        "received_at": "2016-01-15T17:01:00+00:00",
        "backfilled": True,
        "notify": True,
    }
    assert [step.what for step in script.steps] == ["answer", "location", "classification", "end"]
    times = [step.body["at"] for step in script.steps]
    assert times == sorted(times)
    assert times[0] > script.receive["received_at"]


def test_a_row_without_a_place_is_not_located() -> None:
    (script,) = of_rows([row(1, lat=None, lon=None)], HOW, "99.01", [0.0])
    assert [step.what for step in script.steps] == ["answer", "classification", "end"]


def test_a_row_at_0_0_has_no_position() -> None:
    for lat, lon, known in ((0.0, 0.0, None), (-0.0, 0.0, None), (0.0, 109.3, 109.3)):
        (script,) = of_rows([row(1, lat=lat, lon=lon, address="Jl. Nol")], HOW, "99.01", [0.0])
        (location,) = [step.body for step in script.steps if step.what == "location"]
        assert (location.get("lon"), location["address"]) == (known, "Jl. Nol")


def test_generated_calls_are_of_every_other_class_and_not_backfilled() -> None:
    calls = generated(70, 1, "99.01", scripts(), "digest")
    classes = Counter(next(s.body["call_class"] for s in call.steps if s.what == "classification") for call in calls)
    assert classes == dict.fromkeys(OTHER_CLASSES, 10)
    assert not any("backfilled" in call.receive or "received_at" in call.receive for call in calls)
    assert not any("at" in step.body for call in calls for step in call.steps)


def test_the_same_seed_makes_the_same_calls_and_another_makes_others() -> None:
    first, again, other = (generated(20, seed, "99.01", scripts(), "digest") for seed in (1, 1, 2))
    assert [(c.id, c.receive, c.place) for c in first] == [(c.id, c.receive, c.place) for c in again]
    assert not {c.id for c in first} & {c.id for c in other}


def test_generated_calls_are_mixed_in_between_the_rows() -> None:
    rows = scripts(50)
    mixed = in_order(rows, generated(50, 1, "99.01", rows, "digest"))
    assert [script.id for script in mixed if script.row] == [script.id for script in rows]
    assert len({script.row > 0 for script in mixed[:20]}) == 2


def test_a_request_s_key_stays_in_every_run_and_changes_with_its_content() -> None:
    (one,), (again,) = scripts(1), scripts(1)
    assert one.key("answer", {}) == again.key("answer", {})
    assert one.key("answer", {}) != one.key("answer", {"at": "x"})
    assert one.key("answer", {}) != one.key("end", {})

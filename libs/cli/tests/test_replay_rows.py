"""A table of historic calls is read whole, or refused with every error."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sigap_cli.errors import Failed
from sigap_cli.replay.mapping import ReplayMap, load_map
from sigap_cli.replay.pace import due_times
from sigap_cli.replay.rows import read_rows

MAP = """
columns: {lat: lat, lon: lng, title: title, at: timestamp, address: [address, township]}
time_zone: America/New_York
types:
  - {prefix: "EMS: ", type: medical}
  - {prefix: "EMS: FALL", type: fall}
  - {exact: "EMS: FALL VICTIM", type: fall_victim}
"""
HEAD = "lat,lng,title,timestamp,township,address\n"


@pytest.fixture
def how(tmp_path: Path) -> ReplayMap:
    path = tmp_path / "map.yaml"
    path.write_text(MAP)
    return load_map(path)


def table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "calls.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n")
    return path


def test_a_row_becomes_a_call_in_universal_time(tmp_path: Path, how: ReplayMap) -> None:
    path = table(tmp_path, "40.1,-75.4,EMS: ABDOMINAL PAINS,2016-01-15 12:01,UPPER MERION,DEKALB PIKE")
    (row,) = read_rows(path, how)
    assert row.at == datetime(2016, 1, 15, 17, 1, tzinfo=UTC)
    assert (row.lat, row.lon, row.address) == (40.1, -75.4, "DEKALB PIKE, UPPER MERION")
    assert row.incident_type == "medical"


def test_summer_time_is_the_zone_s_own(tmp_path: Path, how: ReplayMap) -> None:
    (row,) = read_rows(table(tmp_path, "40,-75,EMS: X,2016-07-15 12:00,,"), how)
    assert row.at.hour == 16


def test_a_whole_title_goes_before_beginnings_and_the_longest_of_those_first(how: ReplayMap) -> None:
    titles = ["EMS: FALL VICTIM", "EMS: FALLEN", "EMS: BURN", "Fire: BURN"]
    assert [how.type_of(title) for title in titles] == ["fall_victim", "fall", "medical", None]


def test_rows_are_named_by_file_and_number_in_every_run(tmp_path: Path, how: ReplayMap) -> None:
    rows = ["40,-75,EMS: A,2016-01-15 12:05,,", "40,-75,EMS: B,2016-01-15 12:01,,"]
    first, again = read_rows(table(tmp_path, *rows), how), read_rows(table(tmp_path, *rows), how)
    assert [row.number for row in first] == [2, 1]
    assert [row.id for row in first] == [row.id for row in again]
    other = read_rows(table(tmp_path, *rows, rows[0]), how)
    assert not {row.id for row in other} & {row.id for row in first}


def test_every_wrong_row_is_named_before_anything_begins(tmp_path: Path, how: ReplayMap) -> None:
    path = table(
        tmp_path, "40,-75,Fire: A,2016-01-15 12:05,,", "x,-75,EMS: B,2016-01-15 12:01,,", "40,-75,EMS: C,noon,,"
    )
    with pytest.raises(Failed) as refused:
        read_rows(path, how)
    lines = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == ["  row 1", "  row 2", "  row 3"]


def test_a_column_that_is_not_there_is_named(tmp_path: Path, how: ReplayMap) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("title,timestamp\nEMS: A,2016-01-15 12:00\n")
    with pytest.raises(Failed, match="no column lat, lng, address, township"):
        read_rows(path, how)


def test_a_wrong_map_is_refused_with_the_places(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("columns: {title: t}\ntime_zone: Mars/Phobos\ntypes: [{type: fire}]\nextra: 1\n")
    with pytest.raises(Failed) as refused:
        load_map(path)
    for place in ("/columns/at", "/time_zone", "/types/0", "/extra"):
        assert place in str(refused.value)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2016-01-15T{clock}+00:00")


def test_time_runs_faster_and_long_gaps_are_skipped() -> None:
    moments = [at("12:00"), at("12:01"), at("12:11"), at("14:00"), at("14:02")]
    assert due_times(moments, 60) == [0, 1, 11, 11, 13]
    assert due_times(moments, None) == [0] * 5
    assert due_times([], 60) == []

"""A table of historic calls is read whole, or refused with every error."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sigap_cli.errors import Failed
from sigap_cli.replay.mapping import ReplayMap, TypeRule, load_map
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


ONE, TWO = "40,-75,EMS: A,2016-01-15 12:05,,Jl. Ma'ruf", "40,-75,EMS: B,2016-01-15 12:01,,"


def ids(path: Path, how: ReplayMap) -> dict[str, datetime]:
    return {row.id: row.at for row in read_rows(path, how)}


def test_a_row_is_the_same_call_in_whatever_file_it_stands(tmp_path: Path, how: ReplayMap) -> None:
    first = ids(table(tmp_path, ONE, TWO), how)
    assert [row.number for row in read_rows(table(tmp_path, ONE, TWO), how)] == [2, 1]
    grown = ids(table(tmp_path, "40,-75,EMS: C,2016-01-16 00:00,,", TWO, ONE), how)
    assert first.keys() < grown.keys()
    path = tmp_path / "saved.csv"
    rows = (HEAD + f"{ONE}\n{TWO}\n").replace("'", "\u2019").replace("12:05", "12:05:00").replace(",", ";")
    path.write_bytes(b"\xef\xbb\xbf" + rows.replace("\n", "\r\n").encode())
    assert ids(path, how).keys() == first.keys()


def test_equal_rows_of_a_file_are_calls_of_their_own(tmp_path: Path, how: ReplayMap) -> None:
    thrice = ids(table(tmp_path, ONE, ONE, TWO, ONE), how)
    assert len(thrice) == 4
    assert ids(table(tmp_path, ONE, ONE), how).keys() < thrice.keys()


def test_a_number_of_the_log_s_own_says_which_call_it_is(tmp_path: Path, how: ReplayMap) -> None:
    own = how.model_copy(update={"columns": how.columns.model_copy(update={"id": "township"})})
    (before,) = read_rows(table(tmp_path, "40,-75,EMS: A,2016-01-15 12:05,F7,"), own)
    (mended,) = read_rows(table(tmp_path, "40.5,-75,EMS: A,2016-01-15 12:06,F7,"), own)
    assert before.id == mended.id
    with pytest.raises(Failed, match="row 2: the id 'F7' stands in row 1 too"):
        read_rows(table(tmp_path, *["40,-75,EMS: A,2016-01-15 12:05,F7,"] * 2), own)


def faults(path: Path, how: ReplayMap) -> list[str]:
    with pytest.raises(Failed) as refused:
        read_rows(path, how)
    return [line.strip() for line in str(refused.value).splitlines()[1:]]


def test_every_wrong_cell_is_named_before_anything_begins(tmp_path: Path, how: ReplayMap) -> None:
    wrong = ["40,-75,Fire: A,2016-01-15 12:05,,", "x,-75,EMS: B,15/01/2016 12:01,,", "40,-75,EMS: C,,,"]
    assert faults(table(tmp_path, *wrong), how) == [
        "row 1: no kind of incident for the title 'Fire: A' (column title, line 2)",
        "row 2: '15/01/2016 12:01' is no time such as 2024-01-31 23:59 (ISO 8601); time_format in the map tells "
        "another way (column timestamp, line 3)",
        "row 2: 'x' is no number of degrees, such as -3.79 (column lat, line 3)",
        "row 3: the time is missing (column timestamp, line 4)",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("102.26,-3.79,EMS: A,2016-01-15 12:05,,", "lat (latitude) 102.26 is not between"),
        ("102.26,-3.79,EMS: A,2016-01-15 12:05,,", "swapped"),
        ("-3.79,430000,EMS: A,2016-01-15 12:05,,", "lon (longitude) 430000.0 is not between"),
        ("NaN,102,EMS: A,2016-01-15 12:05,,", "'NaN' is no number of degrees"),
        ("-3.79,inf,EMS: A,2016-01-15 12:05,,", "'inf' is no number of degrees"),
        ("1_0,102,EMS: A,2016-01-15 12:05,,", "'1_0' is no number of degrees"),
        ("-3.79,,EMS: A,2016-01-15 12:05,,", "go together"),
        ("-3.79,102,EMS: A,0001-01-01 00:00,,", "the year of '0001-01-01 00:00'"),
        ("-3.79,102,EMS: A,9999-12-31 23:59,,", "the year of '9999-12-31 23:59'"),
        ("-3.79,102,EMS: A,2199-12-31 23:59,,", "lies in the future"),
        ("-3.79,102,EMS: A,2016-01-15 12:05,,Jl. A, RT 3", "The row has 7 cells, the head has 6."),
        (f"-3.79,102,EMS: A,2016-01-15 12:05,,{'x' * 4001}", "longer than 4000"),
    ],
)
def test_what_the_api_would_refuse_half_way_is_found_in_the_table(
    tmp_path: Path, how: ReplayMap, row: str, said: str
) -> None:
    (fault,) = faults(table(tmp_path, TWO, row), how)
    assert fault.startswith("row 2: ")
    assert said in fault


def test_of_very_many_faults_fifty_are_named_and_all_are_counted(tmp_path: Path, how: ReplayMap) -> None:
    found = faults(table(tmp_path, *["x,-75,EMS: B,noon,,"] * 60), how)
    assert len(found) == 51
    assert found[-1] == "and 70 more, 120 in all"


def test_cells_are_taken_as_spreadsheets_write_them(tmp_path: Path, how: ReplayMap) -> None:
    path = tmp_path / "calls.csv"
    cells = ['-3,79;102,26;EMS: A;2016-01-15 12:05;\x85T\u2028X;"Jl. Satu', 'RT 3"', "0;0.0;EMS: A;2016-01-15 12:06"]
    path.write_text("sep=;\n" + HEAD.replace(",", ";") + "\n".join(cells) + "\n\n;;;;;\n", "utf-8")
    full, short = read_rows(path, how)
    assert (full.lat, full.lon, full.address) == (-3.79, 102.26, "Jl. Satu RT 3, T X")
    assert (short.number, short.lat, short.lon, short.address) == (2, None, None, None)


def test_titles_are_known_by_any_apostrophe(how: ReplayMap) -> None:
    rule = TypeRule(prefix="Jum'at - ", type="fire")
    assert how.model_copy(update={"types": (rule,)}).type_of("Jum\u2019at \u2013 pasar") == "fire"


@pytest.mark.parametrize(("file", "said"), [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp1252", "Windows-1252")])
def test_another_encoding_is_named(tmp_path: Path, how: ReplayMap, file: str, said: str) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes((HEAD + "40,-75,EMS: Caf\u00e9,2016-01-15 12:05,,\n").encode(file))
    with pytest.raises(Failed, match=f"(?s)calls.csv cannot be read.*line [12].*{said}"):
        read_rows(path, how)


def test_a_number_that_a_spreadsheet_rounded_is_refused(tmp_path: Path, how: ReplayMap) -> None:
    own = how.model_copy(update={"columns": how.columns.model_copy(update={"number": "township"})})
    (fault,) = faults(table(tmp_path, "40,-75,EMS: A,2016-01-15 12:05,8.1290001E+11,"), own)
    assert "'8.1290001E+11' is a number that a spreadsheet rounded" in fault


def clocks(tmp_path: Path, how: ReplayMap, *times: str) -> list[str]:
    """The moments of rows in the order of the file, in the night when clocks in New York go back."""
    rows = [f"40,-75,EMS: {n},2025-11-02 {time},," for n, time in enumerate(times)]
    found = sorted(read_rows(table(tmp_path, *rows), how), key=lambda row: row.number)
    return [f"{row.at:%H:%M}" for row in found]


def test_the_hour_that_comes_twice_is_read_in_the_order_of_the_log(tmp_path: Path, how: ReplayMap) -> None:
    assert clocks(tmp_path, how, "00:59", "01:55", "01:05", "02:00") == ["04:59", "05:55", "06:05", "07:00"]
    assert clocks(tmp_path, how, "02:00", "01:05", "01:55", "00:59") == ["07:00", "06:05", "05:55", "04:59"]
    assert clocks(tmp_path, how, "01:55", "01:05", "01:30") == ["05:55", "06:05", "06:30"]
    assert clocks(tmp_path, how, "01:05", "01:55") == ["05:05", "05:55"]


def test_the_hour_that_clocks_leave_out_is_no_error(tmp_path: Path, how: ReplayMap) -> None:
    rows = [f"40,-75,EMS: A,2025-03-09 {time},," for time in ("01:59", "02:30", "03:00")]
    assert len(read_rows(table(tmp_path, *rows), how)) == 3


def test_a_column_that_is_not_there_is_named(tmp_path: Path, how: ReplayMap) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("title,timestamp\nEMS: A,2016-01-15 12:00\n")
    with pytest.raises(Failed, match=r"no column lat, lng, address, township\. It has: title, timestamp"):
        read_rows(path, how)


@pytest.mark.parametrize("text", ["[" * 100_000, "a: &x [1]\nb: *x", "\x00", "columns: [", "columns: {}\ncolumns: {}"])
def test_a_map_that_is_none_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text)
    with pytest.raises(Failed, match=r"map\.yaml"):
        load_map(path)


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
